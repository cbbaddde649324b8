//! Which texts of a request are asked about.

use bytes::Bytes;
use fw_policy::{Text, Texts};
use fw_wire::{
    ApiError, Direction, Document, DocumentError, Endpoint, Kind, Limits, Role, TextKind, Value,
};

/// What there is to be asked about in the body of a request.
pub(crate) fn texts(
    body: &Bytes,
    endpoint: Endpoint,
    max_body_bytes: usize,
) -> Result<Vec<String>, Box<ApiError>> {
    let limits = Limits {
        max_bytes: max_body_bytes,
        ..Limits::default()
    };
    let document =
        Document::parse_with(body.clone(), limits).map_err(|error| Box::new(no_json(&error)))?;
    if let Some(field) = token_ids(endpoint, document.root()) {
        let message =
            format!("'{field}' holds token ids, which cannot be checked here; send it as text.");
        let error = ApiError::invalid_request(message);
        return Err(Box::new(error.code("unreadable_prompt").param(field)));
    }
    let texts = Texts::parse(endpoint, Direction::Request, body.clone())
        .map_err(|error| Box::new(no_json(&error)))?;
    let asked = texts.iter().filter(|text| is_asked(text));
    Ok(asked.map(|text| text.as_str().to_owned()).collect())
}

fn no_json(error: &DocumentError) -> ApiError {
    let message = format!("The request body could not be read: {error}.");
    ApiError::invalid_request(message).code("invalid_json")
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

/// The field whose text comes as token ids: a number, or numbers in an array, or arrays of them.
fn token_ids(endpoint: Endpoint, root: Value<'_>) -> Option<&'static str> {
    let field = match endpoint {
        Endpoint::Completions => "prompt",
        Endpoint::Embeddings => "input",
        _ => return None,
    };
    let is_number = |value: Value<'_>| value.kind() == Kind::Number;
    let mut values = root
        .members()
        .filter(|member| member.key_is(field))
        .map(|member| member.value());
    values
        .any(|value| {
            is_number(value)
                || value.elements().any(|element| {
                    let element = element.value();
                    is_number(element) || element.elements().any(|inner| is_number(inner.value()))
                })
        })
        .then_some(field)
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
