//! The rules that say where text is: one small graph per endpoint and direction.

use super::field::{Role, TextEncoding, TextKind};

/// What is text in a value at some place, and which rules hold for what is inside it.
///
/// A rule says something for each kind of value, so that "a string or an array of parts" is one rule.
pub(super) struct Rule {
    /// A string here is text.
    pub(super) text: Option<(TextKind, TextEncoding)>,
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
    /// The rule of the members that are not named.
    pub(super) others: Option<&'static Rule>,
    /// The rule of an array's elements.
    pub(super) elements: Option<&'static Rule>,
    /// Who speaks inside.
    pub(super) role: Speaker,
    /// The object's `type` may say that its text is reasoning, or who speaks.
    pub(super) typed: bool,
    /// An object counts only if its `type` is one of these.
    pub(super) only_types: &'static [&'static str],
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
    /// Nothing is text.
    pub(super) const NOTHING: Rule = Rule {
        text: None,
        number: None,
        bytes: None,
        keys: None,
        members: &[],
        base: None,
        others: None,
        elements: None,
        role: Speaker::Inherited,
        typed: false,
        only_types: &[],
    };

    /// The rule of the member `key`.
    pub(super) fn member(&self, key: &str) -> Option<&'static Rule> {
        let named = self.members.iter().find(|(name, _)| *name == key);
        match (named, self.base) {
            (Some(&(_, rule)), _) => Some(rule),
            (None, Some(base)) => base.member(key).or(self.others),
            (None, None) => self.others,
        }
    }

    /// A string.
    pub(super) const fn text(kind: TextKind) -> Rule {
        Rule {
            text: Some((kind, TextEncoding::Plain)),
            ..Rule::NOTHING
        }
    }

    /// An object with these members.
    pub(super) const fn object(members: &'static [(&'static str, &'static Rule)]) -> Rule {
        Rule {
            members,
            ..Rule::NOTHING
        }
    }

    /// An array of such elements.
    pub(super) const fn array(elements: &'static Rule) -> Rule {
        Rule {
            elements: Some(elements),
            ..Rule::NOTHING
        }
    }

    /// A string, or an array of such elements.
    pub(super) const fn text_or_array(kind: TextKind, elements: &'static Rule) -> Rule {
        Rule {
            elements: Some(elements),
            ..Rule::text(kind)
        }
    }

    /// Free-form JSON, where keys, strings and numbers are all text of this kind. `own` is the rule
    /// itself.
    pub(super) const fn leaves(kind: TextKind, own: &'static Rule) -> Rule {
        Rule {
            number: Some(kind),
            keys: Some(kind),
            others: Some(own),
            elements: Some(own),
            ..Rule::text(kind)
        }
    }

    /// JSON whose strings are all text of this kind, but not its keys and numbers.
    pub(super) const fn strings(kind: TextKind, own: &'static Rule) -> Rule {
        Rule {
            others: Some(own),
            elements: Some(own),
            ..Rule::text(kind)
        }
    }
}

// === rules that several endpoints share ===

/// Any JSON value.
pub(super) static ANY_JSON: Rule = Rule::leaves(TextKind::ToolArguments, &ANY_JSON);

/// Arguments of a tool call: JSON in a string. Fireworks also takes them as an object.
pub(super) static ARGUMENTS: Rule = Rule {
    text: Some((TextKind::ToolArguments, TextEncoding::JsonInString)),
    ..Rule::leaves(TextKind::ToolArguments, &ANY_JSON)
};

/// A JSON schema: its descriptions and titles, at every depth.
pub(super) static SCHEMA: Rule = Rule {
    members: SCHEMA_MEMBERS,
    others: Some(&SCHEMA),
    elements: Some(&SCHEMA),
    ..Rule::NOTHING
};

static SCHEMA_MEMBERS: &[(&str, &Rule)] = &[
    ("description", &DESCRIPTION_OR_PROPERTY),
    ("title", &DESCRIPTION_OR_PROPERTY),
];

/// A string is a description; an object is the schema of a property with that name.
static DESCRIPTION_OR_PROPERTY: Rule = Rule {
    base: Some(&SCHEMA),
    others: Some(&SCHEMA),
    ..Rule::text(TextKind::Description)
};

pub(super) static DESCRIPTION: Rule = Rule::text(TextKind::Description);

/// Fireworks' `raw_output`: whatever it holds as strings, and log probabilities.
pub(super) static RAW_OUTPUT: Rule = Rule {
    members: &[("completion_logprobs", &LOGPROBS)],
    ..Rule::strings(TextKind::RawOutput, &RAW_STRINGS)
};

static RAW_STRINGS: Rule = Rule::strings(TextKind::RawOutput, &RAW_STRINGS);

/// Log probabilities in both shapes: lists of token objects (`content`, `refusal`), and parallel
/// arrays where the alternatives are maps from token to number.
pub(super) static LOGPROBS: Rule = Rule {
    elements: Some(&TOKEN),
    ..Rule::object(&[
        ("content", &TOKENS),
        ("refusal", &TOKENS),
        ("tokens", &TOKENS),
        ("top_logprobs", &TOKEN_MAPS),
    ])
};

static TOKENS: Rule = Rule::array(&TOKEN);

/// A token, or an object about one.
static TOKEN: Rule = Rule {
    members: &[
        ("token", &TOKEN_TEXT),
        ("bytes", &TOKEN_BYTES),
        ("top_logprobs", &TOKENS),
    ],
    ..Rule::text(TextKind::Token)
};

static TOKEN_TEXT: Rule = Rule::text(TextKind::Token);

static TOKEN_BYTES: Rule = Rule {
    bytes: Some(TextKind::Token),
    ..Rule::NOTHING
};

static TOKEN_MAPS: Rule = Rule::array(&Rule {
    keys: Some(TextKind::Token),
    ..Rule::NOTHING
});

/// Titles and quotes of sources, in the annotations and citations of either vendor.
pub(super) static CITATION: Rule = Rule {
    elements: Some(&CITATION),
    ..Rule::object(&[
        ("title", &CITED),
        ("document_title", &CITED),
        ("cited_text", &CITED),
        ("quote", &CITED),
        ("text", &CITED),
        ("url_citation", &CITATION),
    ])
};

static CITED: Rule = Rule::text(TextKind::Citation);
