//! Log probabilities and token ids: they spell the same text a second time.

use std::ops::Range;

use fw_wire::{Element, Endpoint, Kind, Member, Value};

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
    let body = root.span().range();
    // Values to go into, each with its choice, if it is in one. Their number is bounded by the nesting
    // and the siblings that the body has.
    let mut open = vec![(root, None::<Range<usize>>)];
    while let Some((value, choice)) = open.pop() {
        for element in value.elements().map(|element| element.value()) {
            if is_container(element) {
                open.push((element, choice.clone()));
            }
        }
        for member in value.members() {
            let inner = member.value();
            let scope = match (kind_of(member), &choice) {
                (None, _) => None,
                (Some(kind), Some(choice)) => Some((kind, choice.clone())),
                // In Responses each part of a message has its own.
                (Some(SpellingKind::Logprobs), None) if endpoint == Endpoint::Responses => {
                    Some((SpellingKind::Logprobs, value.span().range()))
                }
                (Some(kind), None) => Some((kind, body.clone())),
            };
            if let Some((kind, scope)) = scope {
                if is_container(inner) {
                    found.push(Spelling {
                        kind,
                        at: inner.span().range(),
                        scope,
                        is_array: inner.is_array(),
                    });
                }
            } else if choice.is_none() && inner.is_array() && member.key_is("choices") {
                let choices = inner.elements().map(|element| element.value());
                open.extend(choices.map(|choice| (choice, Some(choice.span().range()))));
            } else if is_container(inner) {
                open.push((inner, choice.clone()));
            }
        }
    }
    found
}

fn is_container(value: Value<'_>) -> bool {
    matches!(value.kind(), Kind::Object | Kind::Array)
}

fn kind_of(member: Member<'_>) -> Option<SpellingKind> {
    let key = member.key();
    Some(match key.as_ref() {
        "logprobs" | "completion_logprobs" => SpellingKind::Logprobs,
        "token_ids" | "completion_token_ids" => SpellingKind::Ids,
        "prompt_token_ids" => SpellingKind::PromptIds,
        _ => return None,
    })
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
