//! The rules that say where text is: one small graph per endpoint and direction.
//!
//! What no rule names is text: a string that a server adds tomorrow is seen before anybody knows its
//! name. So rules are needed for what is *not* text, and to tell kinds of text apart.

use super::field::{Role, TextEncoding, TextKind};
use super::names::Names;

/// What is text in a value at some place, and which rules hold for what is inside it.
///
/// A rule says something for each kind of value, so that "a string or an array of parts" is one rule.
pub(super) struct Rule {
    /// A string here is text.
    pub(super) text: Option<(TextKind, TextEncoding)>,
    /// A string here is a URL: text in replies only, and not if it holds its data itself.
    pub(super) link: bool,
    /// A number here is text of this kind.
    pub(super) number: Option<TextKind>,
    /// An array of numbers here is the bytes of a text of this kind.
    pub(super) bytes: Option<TextKind>,
    /// The keys of an object here are text of this kind.
    pub(super) keys: Option<TextKind>,
    /// The rules of an object's members.
    pub(super) members: &'static [(&'static str, &'static Rule)],
    /// The rule whose members count as well, unless named here.
    pub(super) base: Option<&'static Rule>,
    /// Which names say of a member that is not named here what it is.
    pub(super) names: Names,
    /// The rule of the members that are not named.
    pub(super) others: Option<&'static Rule>,
    /// The rule of an array's elements.
    pub(super) elements: Option<&'static Rule>,
    /// Who speaks inside.
    pub(super) role: Speaker,
    /// The object's `type` may say that its text is reasoning, or who speaks.
    pub(super) typed: bool,
    /// The rule of an object whose every `type` is one of these. This looks through the object for
    /// its types, so a rule that has it must not be reached again from within.
    pub(super) of_type: Option<(&'static [&'static str], &'static Rule)>,
}

/// How the role is known inside a value.
#[derive(Clone, Copy)]
pub(super) enum Speaker {
    /// As outside.
    Inherited,
    /// The object's member `role` says it, if there is one.
    Named,
    /// Always this one.
    Is(Role),
}

impl Rule {
    /// Nothing is text, at any depth.
    pub(super) const NOTHING: Rule = Rule {
        text: None,
        link: false,
        number: None,
        bytes: None,
        keys: None,
        members: &[],
        base: None,
        names: Names::None,
        others: None,
        elements: None,
        role: Speaker::Inherited,
        typed: false,
        of_type: None,
    };

    /// The rule of the member `key`.
    pub(super) fn member(&self, key: &str) -> Option<&'static Rule> {
        if let Some(&(_, rule)) = self.members.iter().find(|(name, _)| *name == key) {
            return Some(rule);
        }
        self.base
            .and_then(|base| base.member(key))
            .or_else(|| self.names.rule(key))
            .or(self.others)
    }

    /// A string, and nothing else.
    const fn string(kind: TextKind) -> Rule {
        Rule {
            text: Some((kind, TextEncoding::Plain)),
            ..Rule::NOTHING
        }
    }

    /// Text of this kind: a string, or whatever strings there are at any depth, unless their names
    /// say that they are none. `own` is the rule itself.
    pub(super) const fn text(kind: TextKind, own: &'static Rule) -> Rule {
        Rule {
            names: Names::Few,
            ..Rule::strings(kind, own)
        }
    }

    /// An object of the API with these members, and others that nobody knows; or such objects in an
    /// array; or, where servers are lenient, a string instead of one. `own` is the rule itself.
    pub(super) const fn object(
        own: &'static Rule,
        members: &'static [(&'static str, &'static Rule)],
    ) -> Rule {
        Rule {
            members,
            names: Names::All,
            others: Some(&UNKNOWN),
            elements: Some(own),
            ..Rule::string(TextKind::Content)
        }
    }

    /// Free-form JSON, where keys, strings and numbers are all text of this kind. `own` is the rule
    /// itself.
    pub(super) const fn leaves(kind: TextKind, own: &'static Rule) -> Rule {
        Rule {
            number: Some(kind),
            keys: Some(kind),
            ..Rule::strings(kind, own)
        }
    }

    /// JSON whose strings are all text of this kind, but not its keys and numbers.
    pub(super) const fn strings(kind: TextKind, own: &'static Rule) -> Rule {
        Rule {
            others: Some(own),
            elements: Some(own),
            ..Rule::string(kind)
        }
    }
}

// === rules that several endpoints share ===

/// Whatever nobody knows.
pub(super) static UNKNOWN: Rule = Rule::text(TextKind::Content, &UNKNOWN);

/// A string that is no text: an identifier, a word from a list, base64. Only a string can be one.
pub(super) static LABEL: Rule = Rule {
    text: None,
    ..Rule::text(TextKind::Content, &UNKNOWN)
};

/// A URL, or an object about one.
pub(super) static LINK: Rule = Rule {
    link: true,
    ..Rule::object(&LINK, &[("detail", &LABEL)])
};

/// Any JSON value.
pub(super) static ANY_JSON: Rule = Rule::leaves(TextKind::ToolArguments, &ANY_JSON);

/// Arguments of a tool call: JSON in a string. Fireworks also takes them as an object.
pub(super) static ARGUMENTS: Rule = Rule {
    text: Some((TextKind::ToolArguments, TextEncoding::JsonInString)),
    ..Rule::leaves(TextKind::ToolArguments, &ANY_JSON)
};

/// What every request has: tools and schemas; and settings, which are no text, because they say who
/// asks or how, and a server that finds them changed refuses the request or does another thing.
pub(super) static SETTINGS: Rule = Rule {
    members: &[
        ("user", &LABEL),
        ("safety_identifier", &LABEL),
        ("prompt_cache_key", &LABEL),
        ("prompt_cache_isolation_key", &LABEL),
        ("metadata", &Rule::NOTHING),
        ("stop", &Rule::NOTHING),
        ("stop_sequences", &Rule::NOTHING),
        ("tool_choice", &CHOSEN),
        ("function_call", &CHOSEN),
        ("conversation", &CHOSEN),
        ("container", &CHOSEN),
        ("tools", &TOOL),
        ("functions", &TOOL),
        ("mcp_servers", &TOOL),
        ("reasoning", &OPTIONS),
        ("reasoning_effort", &LABEL),
        ("encoding_format", &LABEL),
        ("include", &Rule::NOTHING),
        ("modalities", &Rule::NOTHING),
        ("grammar", &LABEL),
        ("guided_grammar", &LABEL),
        ("guided_regex", &LABEL),
        ("guided_json", &SCHEMA),
        ("response_format", &SCHEMA),
        ("images", &LINK),
    ],
    ..Rule::object(&SETTINGS, &[])
};

/// An object of options.
pub(super) static OPTIONS: Rule = Rule::object(&OPTIONS, &[]);

/// A choice, by name; or an object that says which.
pub(super) static CHOSEN: Rule = Rule {
    text: None,
    others: Some(&OPTIONS),
    ..Rule::object(&UNKNOWN, &[])
};

/// Tool definitions of chat (nested under `function`), of Responses (flat) and of Messages
/// (`input_schema`); and the servers that tools are on.
pub(super) static TOOL: Rule = Rule {
    members: &[
        ("parameters", &SCHEMA),
        ("input_schema", &SCHEMA),
        ("output_schema", &SCHEMA),
        ("input_examples", &EXAMPLES),
        // What the provider needs to get in there.
        ("authorization", &LABEL),
        ("authorization_token", &LABEL),
        ("headers", &Rule::NOTHING),
        // Names of tools, and ids.
        ("allowed_tools", &Rule::NOTHING),
        ("vector_store_ids", &Rule::NOTHING),
        ("file_ids", &Rule::NOTHING),
        ("container", &CHOSEN),
        // The grammar of a custom tool.
        ("definition", &GRAMMAR),
    ],
    names: Names::All,
    ..Rule::text(TextKind::Description, &TOOL)
};

/// A string is a grammar, which is no text.
static GRAMMAR: Rule = Rule {
    text: None,
    base: Some(&TOOL),
    ..Rule::text(TextKind::Description, &TOOL)
};

static EXAMPLES: Rule = Rule::strings(TextKind::Description, &EXAMPLES);

/// A JSON schema: all its strings at every depth, but those that say what a value must look like.
pub(super) static SCHEMA: Rule = Rule {
    members: &[
        ("enum", &EXAMPLES),
        ("const", &EXAMPLES),
        ("default", &EXAMPLES),
        ("examples", &EXAMPLES),
        ("example", &EXAMPLES),
        ("type", &KEYWORD),
        ("name", &KEYWORD),
        ("format", &KEYWORD),
        ("pattern", &KEYWORD),
        ("required", &KEYWORD),
        ("effort", &KEYWORD),
        ("verbosity", &KEYWORD),
        ("grammar", &KEYWORD),
        ("syntax", &KEYWORD),
        ("$ref", &KEYWORD),
        ("$id", &KEYWORD),
        ("$schema", &KEYWORD),
        ("$anchor", &KEYWORD),
    ],
    ..Rule::strings(TextKind::Description, &SCHEMA)
};

/// A word or a list of words; an object is the schema of a property with that name.
static KEYWORD: Rule = Rule {
    elements: Some(&KEYWORD),
    base: Some(&SCHEMA),
    ..Rule::NOTHING
};

/// Fireworks' `raw_output`: whatever it holds as strings, and log probabilities.
pub(super) static RAW_OUTPUT: Rule = Rule {
    members: &[("completion_logprobs", &LOGPROBS)],
    ..Rule::strings(TextKind::RawOutput, &RAW_STRINGS)
};

static RAW_STRINGS: Rule = Rule::strings(TextKind::RawOutput, &RAW_STRINGS);

/// Log probabilities in both shapes: lists of token objects (`content`, `refusal`), and parallel
/// arrays where the alternatives are maps from token to number.
pub(super) static LOGPROBS: Rule = Rule {
    members: &[("top_logprobs", &TOKEN_MAPS)],
    ..Rule::strings(TextKind::Token, &TOKEN)
};

/// A token, or an object about one, or a list of either.
static TOKEN: Rule = Rule {
    members: &[("bytes", &TOKEN_BYTES), ("top_logprobs", &ALTERNATIVES)],
    ..Rule::strings(TextKind::Token, &TOKEN)
};

static TOKEN_BYTES: Rule = Rule {
    bytes: Some(TextKind::Token),
    ..Rule::strings(TextKind::Token, &TOKEN)
};

/// A list of tokens, or a map from token to number.
static ALTERNATIVES: Rule = Rule {
    keys: Some(TextKind::Token),
    ..Rule::strings(TextKind::Token, &TOKEN)
};

/// A list of such maps.
static TOKEN_MAPS: Rule = Rule {
    elements: Some(&TOKEN_MAPS),
    keys: Some(TextKind::Token),
    ..Rule::strings(TextKind::Token, &TOKEN)
};

/// Titles, quotes and links of sources, in the annotations and citations of either vendor.
pub(super) static CITATION: Rule = Rule {
    members: &[("url", &CITED_LINK)],
    ..Rule::text(TextKind::Citation, &CITATION)
};

static CITED_LINK: Rule = Rule {
    link: true,
    ..Rule::text(TextKind::Citation, &CITATION)
};

/// Sound, whose data is base64.
pub(super) static AUDIO: Rule = Rule::object(&AUDIO, &[("data", &LABEL)]);
