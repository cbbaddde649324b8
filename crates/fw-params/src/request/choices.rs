//! How many choices a reply will have: chat and text completions.

use fw_wire::{Kind, Value};

/// `n` choices for each prompt. An array of numbers is one prompt, given as tokens.
pub(crate) fn expected(root: Value<'_>) -> usize {
    let [n, prompt] = root.get_many(["n", "prompt"]);
    let each = n
        .and_then(Value::as_u64)
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(1);
    let prompts = prompt.map_or(1, |prompt| {
        let texts = prompt
            .elements()
            .filter(|element| element.value().kind() != Kind::Number);
        texts.count().max(1)
    });
    each.max(1).saturating_mul(prompts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n_choices_for_each_prompt() {
        for (body, choices) in [
            (r#"{}"#, 1),
            (r#"{"n":null}"#, 1),
            (r#"{"n":0}"#, 1),
            (r#"{"n":3}"#, 3),
            (r#"{"prompt":"a"}"#, 1),
            (r#"{"prompt":["a","b"],"n":2}"#, 4),
            (r#"{"prompt":[1,2,3]}"#, 1),
            (r#"{"prompt":[[1,2],[3]]}"#, 2),
            (r#"{"prompt":[]}"#, 1),
        ] {
            assert_eq!(
                expected(Value::parse(body.as_bytes()).unwrap()),
                choices,
                "{body}"
            );
        }
    }
}
