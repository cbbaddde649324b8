//! Log probabilities and token ids: they spell the same text a second time.

use std::ops::Range;

use fw_wire::{Element, Elements, Endpoint, Kind, Members, Value};
use memchr::memmem;

/// A member that spells text in tokens.
#[derive(Debug)]
pub(crate) struct Spelling {
    pub(crate) kind: SpellingKind,
    /// Where its value is.
    pub(crate) at: Range<usize>,
    /// Where the text is that it spells: a choice, or what else has text beside it.
    pub(crate) scope: Range<usize>,
    is_array: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SpellingKind {
    /// `logprobs`, `completion_logprobs`
    Logprobs,
    /// `token_ids`, `completion_token_ids`
    Ids,
    /// `prompt_token_ids`
    PromptIds,
}

// === impl SpellingKind ===

impl SpellingKind {
    fn of(key: &str) -> Option<Self> {
        Some(match key {
            "logprobs" | "completion_logprobs" => Self::Logprobs,
            "token_ids" | "completion_token_ids" => Self::Ids,
            "prompt_token_ids" => Self::PromptIds,
            _ => return None,
        })
    }
}

// === impl Spelling ===

impl Spelling {
    /// What takes its place when the text it spells has changed. Clients that got a list get a list.
    pub(crate) const fn nothing(&self) -> &'static str {
        match self.kind {
            SpellingKind::Logprobs if self.is_array => "[]",
            _ => "null",
        }
    }
}

/// All members of a body that spell text in tokens.
pub(crate) fn spellings(endpoint: Endpoint, root: Value<'_>) -> Vec<Spelling> {
    let mut found = Vec::new();
    if !may_have_any(root) {
        return found;
    }
    let body = root.span().range();
    // One entry for each container that the walk is in, so it is bounded by the nesting.
    let mut open = vec![Level::of(root, None)];
    while let Some(level) = open.last_mut() {
        let (value, key) = match &mut level.children {
            Children::Elements(elements) => match elements.next() {
                Some(element) => (element.value(), None),
                None => {
                    open.pop();
                    continue;
                }
            },
            Children::Members(members) => match members.next() {
                Some(member) => (member.value(), Some(member.key())),
                None => {
                    open.pop();
                    continue;
                }
            },
        };
        if !matches!(value.kind(), Kind::Object | Kind::Array) {
            continue;
        }
        let kind = key.as_deref().and_then(SpellingKind::of);
        // In Responses each part of a message has its own.
        let in_part = endpoint == Endpoint::Responses && kind == Some(SpellingKind::Logprobs);
        if let Some(kind) = kind {
            let around = in_part.then(|| level.at.clone());
            let scope = level.choice.clone().or(around);
            found.push(Spelling {
                kind,
                at: value.span().range(),
                scope: scope.unwrap_or_else(|| body.clone()),
                is_array: value.is_array(),
            });
            continue;
        }
        let choice = match &level.choice {
            None if level.is_choices => Some(value.span().range()),
            choice => choice.clone(),
        };
        let is_choices = choice.is_none() && key.as_deref() == Some("choices");
        let mut next = Level::of(value, choice);
        next.is_choices = is_choices;
        open.push(next);
    }
    found
}

/// Whether the names are there at all. With escapes they may be spelt in other ways.
fn may_have_any(root: Value<'_>) -> bool {
    let json = root.raw().as_bytes();
    ["logprobs\"", "token_ids\"", "\\u"]
        .iter()
        .any(|name| memmem::find(json, name.as_bytes()).is_some())
}

/// A container that the walk is in.
struct Level<'a> {
    children: Children<'a>,
    at: Range<usize>,
    /// The choice that it is in.
    choice: Option<Range<usize>>,
    /// It is the list of choices.
    is_choices: bool,
}

enum Children<'a> {
    Elements(Elements<'a>),
    Members(Members<'a>),
}

impl<'a> Level<'a> {
    fn of(value: Value<'a>, choice: Option<Range<usize>>) -> Self {
        Self {
            children: if value.is_array() {
                Children::Elements(value.elements())
            } else {
                Children::Members(value.members())
            },
            at: value.span().range(),
            choice,
            is_choices: false,
        }
    }
}

/// The texts that the tokens of log probabilities make: those that were chosen, one after the other, by
/// their names and by their bytes.
pub(crate) fn chosen(logprobs: Value<'_>) -> Vec<String> {
    let mut texts = Vec::new();
    if logprobs.is_array() {
        add_list(logprobs, &mut texts);
    }
    for member in logprobs.members() {
        if ["content", "refusal", "tokens"]
            .iter()
            .any(|key| member.key_is(key))
        {
            add_list(member.value(), &mut texts);
        }
    }
    texts
}

fn add_list(list: Value<'_>, texts: &mut Vec<String>) {
    let (mut names, mut bytes) = (String::new(), Vec::new());
    for token in list.elements().map(|element| element.value()) {
        names.extend(token.as_str());
        for member in token.members() {
            if member.key_is("token") {
                names.extend(member.value().as_str());
            } else if member.key_is("bytes") {
                bytes.extend(member.value().elements().filter_map(byte));
            }
        }
    }
    // A token may end within a character, and then only the bytes together spell it.
    if !bytes.is_empty() && bytes != names.as_bytes() {
        texts.push(String::from_utf8_lossy(&bytes).into_owned());
    }
    if !names.is_empty() {
        texts.push(names);
    }
}

fn byte(element: Element<'_>) -> Option<u8> {
    element.value().as_u64()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Value<'_> {
        Value::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn chosen_tokens_are_joined_in_each_shape() {
        for (json, expected) in [
            (
                r#"{"content":[{"token":"a"},{"token":"b"}],"refusal":null}"#,
                vec!["ab"],
            ),
            (
                r#"{"tokens":["a","b"],"top_logprobs":[{"x":-1}]}"#,
                vec!["ab"],
            ),
            (
                r#"[{"token":"a","top_logprobs":[{"token":"x"}]},{"token":"b"}]"#,
                vec!["ab"],
            ),
            (
                r#"{"content":[{"token":"?","bytes":[195]},{"token":"?","bytes":[188]}]}"#,
                vec!["ü", "??"],
            ),
            (r#"{"content":[{"token":"a","bytes":[97]}]}"#, vec!["a"]),
        ] {
            assert_eq!(chosen(parse(json)), expected, "{json}");
        }
    }

    #[test]
    fn what_spells_the_text_of_a_choice_belongs_to_the_choice() {
        let json = r#"{"choices":[{"logprobs":{"content":[]},"token_ids":[1]},
            {"raw_output":{"completion_logprobs":{},"completion_token_ids":[2]}}],"prompt_token_ids":[3]}"#;
        let mut found: Vec<_> = spellings(Endpoint::ChatCompletions, parse(json))
            .into_iter()
            .map(|spelling| {
                (
                    spelling.kind,
                    &json[spelling.at],
                    &json[spelling.scope] == json,
                )
            })
            .collect();
        found.sort_by_key(|(_, text, _)| text.to_string());
        assert_eq!(
            found,
            [
                (SpellingKind::Ids, "[1]", false),
                (SpellingKind::Ids, "[2]", false),
                (SpellingKind::PromptIds, "[3]", true),
                (SpellingKind::Logprobs, "{\"content\":[]}", false),
                (SpellingKind::Logprobs, "{}", false),
            ]
        );
    }
}
