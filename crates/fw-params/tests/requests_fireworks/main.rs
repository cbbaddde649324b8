//! The conversion table for Fireworks, row by row: what the client sends, the exact bytes that go
//! upstream, and what is reported.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod endpoints;
mod generation;
mod messages;
mod model;

use fw_params::{Fireworks, ParamsLayer};
use fw_wire::Endpoint::{self, ChatCompletions, Completions};

/// `input` becomes `output`, with these changes; and converting that again changes nothing.
#[track_caller]
fn becomes_with(layer: &ParamsLayer, endpoint: Endpoint, input: &str, output: &str, changes: &str) {
    let request = layer
        .convert_request(endpoint, input.to_owned())
        .expect(input);
    assert_eq!(std::str::from_utf8(request.body()).unwrap(), output);
    assert_eq!(request.changes().to_string(), changes);
    let again = layer
        .convert_request(endpoint, request.body().clone())
        .expect(output);
    assert_eq!(
        std::str::from_utf8(again.body()).unwrap(),
        output,
        "converted twice"
    );
    assert!(
        again.changes().is_empty(),
        "converted twice: {}",
        again.changes()
    );
}

#[track_caller]
fn becomes(endpoint: Endpoint, input: &str, output: &str, changes: &str) {
    becomes_with(
        &ParamsLayer::new(Fireworks),
        endpoint,
        input,
        output,
        changes,
    );
}

/// One field of a chat request, and of a text completion.
#[track_caller]
fn field(input: &str, output: &str, changes: &str) {
    for (endpoint, rest) in [
        (
            ChatCompletions,
            r#""messages":[{"role":"user","content":"Hi"}]"#,
        ),
        (Completions, r#""prompt":"Hi""#),
    ] {
        let body = |field: &str| {
            let comma = if field.is_empty() { "" } else { "," };
            format!(r#"{{"model":"accounts/a/models/b",{rest}{comma}{field}}}"#)
        };
        becomes(endpoint, &body(input), &body(output), changes);
    }
}

#[track_caller]
fn chat_field(input: &str, output: &str, changes: &str) {
    let body = |field: &str| format!(r#"{{"model":"accounts/a/models/b","messages":[]{field}}}"#);
    becomes(ChatCompletions, &body(input), &body(output), changes);
}

/// The messages of a chat request.
#[track_caller]
fn messages(input: &str, output: &str, changes: &str) {
    let body = |messages: &str| format!(r#"{{"model":"m#d","messages":[{messages}]}}"#);
    becomes(ChatCompletions, &body(input), &body(output), changes);
}

/// The request is refused with this status, code and parameter.
#[track_caller]
fn refused(
    layer: &ParamsLayer,
    endpoint: Endpoint,
    input: &str,
    status: u16,
    code: Option<&str>,
    param: Option<&str>,
) -> String {
    let error = layer
        .convert_request(endpoint, input.to_owned())
        .unwrap_err();
    assert_eq!(error.status().as_u16(), status, "{error}");
    assert_eq!(error.error_code(), code, "{error}");
    assert_eq!(error.error_param(), param, "{error}");
    error.message().to_owned()
}
