//! Which texts of a request are asked about.

use bytes::Bytes;
use fw_policy::{Text, Texts};
use fw_wire::{ApiError, Endpoint, Role, TextKind};

/// What there is to be asked about in the body of a request.
pub(crate) fn texts(
    body: &Bytes,
    endpoint: Endpoint,
    max_body_bytes: usize,
) -> Result<Vec<String>, Box<ApiError>> {
    let texts = Texts::of_request(endpoint, body.clone(), max_body_bytes)?;
    let asked = texts.iter().filter(|text| is_asked(text));
    Ok(asked.map(|text| text.as_str().to_owned()).collect())
}

/// Whether somebody from outside says it.
fn is_asked(text: &Text) -> bool {
    match text.kind() {
        TextKind::ToolResult | TextKind::Document | TextKind::Citation | TextKind::Input => true,
        TextKind::Content | TextKind::Prompt | TextKind::Suffix => !matches!(
            text.role(),
            Some(Role::Assistant | Role::System | Role::Developer)
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(endpoint: Endpoint, body: &str) -> Result<Vec<String>, Option<String>> {
        texts(&Bytes::copy_from_slice(body.as_bytes()), endpoint, 1 << 20)
            .map_err(|error| error.error_code().map(str::to_owned))
    }

    #[test]
    fn what_comes_from_outside_is_asked_about() {
        let body = r#"{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"u\n"},
            {"role":"assistant","content":"a","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"c","content":"t"},{"role":"user","content":[{"type":"text","text":"v"}]}]}"#;
        assert_eq!(
            asked(Endpoint::ChatCompletions, body).unwrap(),
            ["u\n", "t", "v"]
        );
        let body = r#"{"prompt":["p","q"]}"#;
        assert_eq!(asked(Endpoint::Completions, body).unwrap(), ["p", "q"]);
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_code() {
        assert_eq!(
            asked(Endpoint::Responses, "{"),
            Err(Some("invalid_json".to_owned()))
        );
        for body in [r#"{"prompt":[1,2]}"#, r#"{"prompt":[[1],[2]]}"#] {
            let expected = Err(Some("unreadable_prompt".to_owned()));
            assert_eq!(asked(Endpoint::Completions, body), expected, "{body}");
        }
    }
}
