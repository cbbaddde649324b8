//! What clients get, and what is made of the errors of upstreams.

use super::*;
use crate::document::Value;

const SHAPES: [ErrorShape; 3] = [
    ErrorShape::OpenAi,
    ErrorShape::Responses,
    ErrorShape::Anthropic,
];

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

fn upstream(status: u16, body: &str) -> ApiError {
    ApiError::from_upstream(StatusCode::from_u16(status).unwrap(), None, body.as_bytes())
}

// === rendering ===

#[test]
fn each_shape_has_its_body() {
    let error = ApiError::model_not_found("fireworks/\"x\"").request_id("req_1");
    assert_eq!(
        error.to_json(ErrorShape::OpenAi),
        r#"{"error":{"message":"The model 'fireworks/\"x\"' does not exist.","type":"invalid_request_error","code":"model_not_found","param":"model"}}"#
    );
    assert_eq!(
        error.to_json(ErrorShape::Responses),
        error.to_json(ErrorShape::OpenAi)
    );
    assert_eq!(
        error.to_json(ErrorShape::Anthropic),
        r#"{"type":"error","error":{"type":"not_found_error","message":"The model 'fireworks/\"x\"' does not exist.","code":"model_not_found","param":"model","details":{"error_code":"model_not_found"}},"request_id":"req_1"}"#
    );
    let bare = ApiError::new(StatusCode::BAD_REQUEST, "no");
    assert_eq!(
        bare.to_json(ErrorShape::OpenAi),
        r#"{"error":{"message":"no","type":"invalid_request_error","code":null,"param":null}}"#
    );
    assert_eq!(
        bare.to_json(ErrorShape::Anthropic),
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"no"}}"#
    );
}

#[test]
fn each_endpoint_has_its_shape() {
    let shapes = Endpoint::ALL.map(ErrorShape::for_endpoint);
    let (open, own) = (ErrorShape::OpenAi, ErrorShape::Responses);
    assert_eq!(shapes, [open, open, open, own, ErrorShape::Anthropic]);
}

#[test]
fn in_a_stream_it_is_one_event_of_the_dialect() {
    let error = ApiError::upstream("broke\noff");
    let openai = error.to_sse_event(ErrorShape::OpenAi);
    assert_eq!(
        openai,
        "data: {\"error\":{\"message\":\"broke\\noff\",\"type\":\"api_error\",\"code\":\"upstream_error\",\"param\":null}}\n\n"
    );
    let anthropic = error.to_sse_event(ErrorShape::Anthropic);
    assert_eq!(
        anthropic,
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"broke\\noff\",\"code\":\"upstream_error\",\"details\":{\"error_code\":\"upstream_error\"}}}\n\n"
    );
    let numbered = error.to_sse_event_numbered(ErrorShape::Responses, 5);
    let text = std::str::from_utf8(&numbered).unwrap();
    let data = json(text.strip_prefix("event: error\ndata: ").unwrap());
    assert_eq!(data["type"], "error");
    assert_eq!(data["message"], "broke\noff");
    assert_eq!(data["code"], "upstream_error");
    assert_eq!(data["error"]["type"], "api_error");
    assert_eq!(data["sequence_number"], 5);
    for shape in SHAPES {
        let event = error.to_sse_event(shape);
        assert!(event.ends_with(b"\n\n"));
        assert_eq!(memchr::memmem::find_iter(&event, b"\n\n").count(), 1);
        assert_eq!(memchr::memmem::find_iter(&event, b"data: ").count(), 1);
    }
}

#[test]
fn a_response_has_the_headers_that_are_known() {
    let busy = ApiError::rate_limited("slow down", Duration::from_millis(1500)).should_retry(true);
    let response = busy.to_response(ErrorShape::OpenAi);
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["retry-after"], "2");
    assert_eq!(response.headers()["x-should-retry"], "true");
    assert_eq!(response.body(), &busy.to_json(ErrorShape::OpenAi));

    let plain = ApiError::invalid_request("no").to_response(ErrorShape::Anthropic);
    for absent in ["retry-after", "x-should-retry", "allow"] {
        assert!(!plain.headers().contains_key(absent));
    }
    let methods = ApiError::method_not_allowed(&Method::GET, &[Method::POST, Method::DELETE]);
    let response = methods.to_response(ErrorShape::OpenAi);
    assert_eq!(
        (
            response.status().as_u16(),
            &response.headers()["allow"] == "POST, DELETE"
        ),
        (405, true)
    );
}

#[test]
fn a_policy_denial_names_the_policy_in_every_shape_and_is_not_retried() {
    let denied = ApiError::invalid_request("blocked")
        .kind("policy_violation")
        .code("input_blocked")
        .policy("pii");
    for shape in SHAPES {
        let body = json(&denied.to_json(shape));
        assert_eq!(body["error"]["policy"], "pii");
        assert_eq!(body["error"]["code"], "input_blocked");
        assert_eq!(
            denied.to_response(shape).headers()["x-should-retry"],
            "false"
        );
    }
    assert_eq!(
        json(&denied.to_json(ErrorShape::OpenAi))["error"]["type"],
        "policy_violation"
    );
    let anthropic = json(&denied.to_json(ErrorShape::Anthropic));
    assert_eq!(anthropic["error"]["type"], "invalid_request_error");
    assert_eq!(
        anthropic["error"]["details"]["error_code"], anthropic["error"]["code"],
        "where Anthropic's SDKs look for it"
    );
}

#[test]
fn the_type_follows_from_the_status() {
    let table = [
        (400, "invalid_request_error", "invalid_request_error"),
        (401, "authentication_error", "authentication_error"),
        (402, "billing_error", "billing_error"),
        (403, "permission_error", "permission_error"),
        (404, "invalid_request_error", "not_found_error"),
        (408, "timeout_error", "timeout_error"),
        (412, "billing_error", "billing_error"),
        (413, "invalid_request_error", "request_too_large"),
        (422, "invalid_request_error", "invalid_request_error"),
        (429, "rate_limit_error", "rate_limit_error"),
        (500, "api_error", "api_error"),
        (502, "api_error", "api_error"),
        (503, "overloaded_error", "overloaded_error"),
        (504, "timeout_error", "timeout_error"),
        (529, "overloaded_error", "overloaded_error"),
    ];
    for (status, openai, anthropic) in table {
        let error = ApiError::new(StatusCode::from_u16(status).unwrap(), "x");
        assert_eq!(
            json(&error.to_json(ErrorShape::OpenAi))["error"]["type"],
            openai,
            "{status}"
        );
        let body = json(&error.to_json(ErrorShape::Anthropic));
        assert_eq!(body["error"]["type"], anthropic, "{status}");
    }
}

#[test]
fn bad_json_is_a_400_with_its_place_and_a_long_body_a_413() {
    let error: ApiError = crate::Document::parse("{\"a\":}").unwrap_err().into();
    assert_eq!(
        (error.status().as_u16(), error.error_code()),
        (400, Some("invalid_json"))
    );
    assert!(error.message().contains("line 1, column 6 (byte 5)"));
    let limits = crate::Limits {
        max_bytes: 1,
        ..Default::default()
    };
    let error: ApiError = crate::Document::parse_with("[]", limits)
        .unwrap_err()
        .into();
    assert_eq!(error.status(), 413);
}

// === upstream shapes ===

#[test]
fn e1_the_gateway_layer() {
    let error = upstream(
        404,
        r#"{"error":{"message":"Model not found, inaccessible, and/or not deployed","param":"model","code":"NOT_FOUND","type":"error"},"request_id":"req-7"}"#,
    );
    assert_eq!(error.status(), 404);
    assert_eq!(
        error.message(),
        "Model not found, inaccessible, and/or not deployed"
    );
    assert_eq!(error.error_code(), Some("NOT_FOUND"));
    assert_eq!(error.error_param(), Some("model"));
    assert_eq!(error.error_type(), "invalid_request_error");
    assert_eq!(error.upstream_request_id(), Some("req-7"));
}

#[test]
fn e2_validation() {
    let error = upstream(
        400,
        r#"{"error":{"object":"error","type":"invalid_request_error","code":"invalid_request_error","message":"2 request validation errors: A, field: 'x'; B, field: 'y'"}}"#,
    );
    assert_eq!(
        error.message(),
        "2 request validation errors: A, field: 'x'; B, field: 'y'"
    );
    assert_eq!(error.error_type(), "invalid_request_error");
    assert_eq!(error.error_param(), None);
}

#[test]
fn e3_and_e4_error_as_a_string() {
    let error = upstream(
        429,
        r#"{"error":"Too Many Requests","message":"You have exceeded your usage limits."}"#,
    );
    assert_eq!(error.message(), "You have exceeded your usage limits.");
    assert_eq!(error.error_type(), "rate_limit_error");
    let error = upstream(403, r#"{"error":"unauthorized"}"#);
    assert_eq!(
        (error.message(), error.error_type()),
        ("unauthorized", "permission_error")
    );
    let error = upstream(
        401,
        r#"{"fault":{"faultstring":"Invalid ApiKey","detail":{}}}"#,
    );
    assert_eq!(
        (error.message(), error.error_type()),
        ("Invalid ApiKey", "authentication_error")
    );
    let error = upstream(400, r#"{"message":"only this","code":7}"#);
    assert_eq!(
        (error.message(), error.error_code()),
        ("only this", Some("7"))
    );
    assert_eq!(
        upstream(400, r#""just a string""#).message(),
        "just a string"
    );
}

#[test]
fn e5_fastapi_details() {
    assert_eq!(
        upstream(404, r#"{"detail":"Not Found"}"#).message(),
        "Not Found"
    );
    let error = upstream(
        422,
        r#"{"detail":[{"loc":["body","messages",0,"content"],"msg":"Field required","type":"missing"},{"loc":["body"],"msg":"Too short"},"odd"]}"#,
    );
    assert_eq!(
        error.message(),
        "Field required, field: 'messages[0].content'; Too short; odd"
    );
    assert_eq!(error.error_param(), Some("messages[0].content"));
    assert_eq!(
        upstream(422, r#"{"detail":[]}"#).message(),
        "The upstream answered 422 Unprocessable Entity."
    );
}

#[test]
fn e6_anthropic() {
    let error = upstream(
        529,
        r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_x"}"#,
    );
    assert_eq!(
        (error.message(), error.error_type()),
        ("Overloaded", "overloaded_error")
    );
    assert_eq!(error.upstream_request_id(), Some("req_x"));
}

#[test]
fn e7_proxies_never_get_through() {
    let html = "<!DOCTYPE html><html><head><title>502</title></head><body>cloudflare ray 1.2.3.4</body></html>";
    let generic = "The upstream answered 502 Bad Gateway.";
    assert_eq!(upstream(502, html).message(), generic);
    assert_eq!(upstream(502, &format!("  \n{html}")).message(), generic);
    assert_eq!(upstream(502, "").message(), generic);
    assert_eq!(
        upstream(502, "upstream connect error 10.0.0.1:443").message(),
        generic
    );
    assert_eq!(upstream(502, "{\"truncated").message(), generic);
    assert_eq!(upstream(502, "[]").message(), generic);
    assert_eq!(upstream(502, "{}").message(), generic);
    let quoted = format!(
        r#"{{"error":{{"message":{}}}}}"#,
        serde_json::to_string(html).unwrap()
    );
    assert_eq!(upstream(502, &quoted).message(), generic);
    let html_type = ApiError::from_upstream(
        StatusCode::NOT_FOUND,
        Some("text/HTML; charset=utf-8"),
        b"not found at host x",
    );
    assert_eq!(html_type.message(), "The upstream answered 404 Not Found.");
    assert_eq!(upstream(520, "").message(), "The upstream answered 520.");
    // Plain text of a client error says what is wrong.
    assert_eq!(
        upstream(404, "404 page not found\nmore").message(),
        "404 page not found"
    );
    let binary = ApiError::from_upstream(StatusCode::BAD_REQUEST, None, b"\xff\xfe\x00");
    assert_eq!(binary.message(), "The upstream answered 400 Bad Request.");
}

#[test]
fn long_bodies_and_messages_are_cut() {
    let long = "é".repeat(10_000);
    let error = upstream(
        400,
        &format!(r#"{{"error":{{"message":"{long}","code":"{long}"}}}}"#),
    );
    assert!(error.message().len() < 9_000 && error.message().ends_with('…'));
    assert!(error.error_code().unwrap().len() < 300);
    let many = r#"{"msg":"x","loc":["body","y"]},"#.repeat(1000);
    let error = upstream(422, &format!(r#"{{"detail":[{many}{{}}]}}"#));
    assert!(error.message().len() < 1000);
    let huge = "x".repeat(1 << 20);
    assert!(upstream(400, &huge).message().len() < 400);
}

#[test]
fn keys_that_an_upstream_repeats_are_masked() {
    let error = upstream(
        401,
        r#"{"error":{"message":"Incorrect API key: fw_3ZabcDEF123456 (Bearer sk-proj-abc***xyz), see sk-docs."}}"#,
    );
    assert_eq!(
        error.message(),
        "Incorrect API key: fw_[hidden] (Bearer [hidden]), see sk-docs."
    );
    // Words that only contain such a prefix are left alone.
    let error = upstream(400, r#"{"error":"disk-usage-is-high and risk-assessment"}"#);
    assert_eq!(error.message(), "disk-usage-is-high and risk-assessment");
}

#[test]
fn nothing_of_the_message_is_in_debug() {
    let error = upstream(400, r#"{"error":{"message":"value: 'my prompt'"}}"#);
    assert!(!format!("{error:?}").contains("prompt"));
}

// === errors in streams ===

#[test]
fn an_error_event_is_recognised_and_anything_else_is_not() {
    let event = |text: &str| ApiError::from_event(Value::parse(text.as_bytes()).unwrap());
    let table = [
        (
            r#"{"error":{"message":"m","type":"rate_limit_error"}}"#,
            429,
        ),
        (r#"{"error":{"message":"m","code":503}}"#, 503),
        (
            r#"{"error":{"message":"m","code":"NOT_FOUND","type":"error"}}"#,
            404,
        ),
        (r#"{"error":{"message":"m"}}"#, 502),
        (r#"{"error":"m"}"#, 502),
        (
            r#"{"type":"error","error":{"type":"overloaded_error","message":"m"}}"#,
            503,
        ),
        (
            r#"{"type":"error","code":"server_error","message":"m","param":null}"#,
            500,
        ),
    ];
    for (text, status) in table {
        let error = event(text).unwrap();
        assert_eq!(
            (error.status().as_u16(), error.message()),
            (status, "m"),
            "{text}"
        );
    }
    for text in [
        r#"{"choices":[]}"#,
        r#"{"error":null,"choices":[]}"#,
        r#"{"type":"response.created","response":{"error":null}}"#,
        r#"{"type":"ping"}"#,
        r#"[]"#,
        r#""error""#,
    ] {
        assert!(event(text).is_none(), "{text}");
    }
}
