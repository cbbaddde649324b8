//! The errors of upstreams, in the seven shapes that occur, made into one.
//!
//! The shapes were collected from the Fireworks API documentation and from bodies quoted in public
//! reports: (1) `{"error":{message,param,code,type},"request_id"}`; (2) the same with `object`, from
//! validation; (3) `{"error":"…","message":"…"}`; (4) `{"error":"…"}` or
//! `{"fault":{"faultstring"}}`; (5) `{"detail":"…"}` or `{"detail":[{loc,msg,type}]}`; (6) Anthropic's
//! `{"type":"error","error":{type,message}}`; (7) HTML, plain text or nothing, from proxies.

use std::borrow::Cow;

use http::StatusCode;

use super::ApiError;
use crate::document::{Kind, Value};

/// Longer bodies are no error messages.
const MAX_BODY: usize = 4 * 1024 * 1024;
/// Messages are cut here. Validation errors that quote the input can be as long as the input.
const MAX_MESSAGE: usize = 8 * 1024;
/// Plain text from a proxy is cut here.
const MAX_PLAIN: usize = 300;
/// Codes, types, fields and ids are cut here.
const MAX_LABEL: usize = 200;
/// How many parts of a list of validation errors are told.
const MAX_PARTS: usize = 16;

impl ApiError {
    /// Reads the error body of an upstream, whatever its shape. HTML and the plain text that proxies
    /// answer 5xx with never get through; neither does anything that looks like an API key.
    ///
    /// The status is kept. Header facts such as `Retry-After` are added by the caller
    /// ([`ApiError::retry_after_header`]).
    ///
    /// ```
    /// use fw_wire::ApiError;
    /// use http::StatusCode;
    ///
    /// let body = br#"{"detail":[{"loc":["body","input"],"msg":"Field required","type":"missing"}]}"#;
    /// let error = ApiError::from_upstream(StatusCode::UNPROCESSABLE_ENTITY, None, body);
    /// assert_eq!(error.message(), "Field required, field: 'input'");
    /// assert_eq!(error.error_param(), Some("input"));
    /// ```
    #[must_use]
    pub fn from_upstream(status: StatusCode, content_type: Option<&str>, body: &[u8]) -> Self {
        let body = body.trim_ascii();
        if !body.is_empty()
            && body.len() <= MAX_BODY
            && let Ok(value) = Value::parse(body)
            && let Some(error) = from_json(status, value)
        {
            return error;
        }
        from_text(status, content_type, body)
    }

    /// Recognises an error among the events of a stream that started well: `{"error":{…}}`,
    /// `{"error":"…"}`, and the events of type `error` of Messages and Responses.
    ///
    /// There is no status in a stream; it is taken from what the error says, else it is 502.
    #[must_use]
    pub fn from_event(event: Value<'_>) -> Option<Self> {
        let error = event.get("error").filter(|error| !error.is_null());
        let is_error = event.get("type").is_some_and(|kind| kind.is_str("error"));
        let described = match error {
            // A Responses object has `"error":null`, or an object in a failed one.
            Some(error) if matches!(error.kind(), Kind::Object | Kind::String) => error,
            _ if is_error => event,
            _ => return None,
        };
        let status = stated_status(described).unwrap_or(StatusCode::BAD_GATEWAY);
        from_json(status, event)
    }
}

fn from_json(status: StatusCode, body: Value<'_>) -> Option<ApiError> {
    let mut facts = Facts::default();
    match body.kind() {
        Kind::String => facts.message = text(body),
        Kind::Object => {
            if let Some(error) = body.get("error") {
                match error.kind() {
                    Kind::Object => facts.read(error),
                    Kind::String => facts.message = text(error),
                    _ => {}
                }
            }
            if let Some(fault) = body.get("fault") {
                facts.message = facts.message.or(fault.get("faultstring").and_then(text));
            }
            if let Some(detail) = body.get("detail") {
                facts.read_detail(detail);
            }
            // Beside a string under `error`, the message is the better text.
            let message = body.get("message").and_then(text);
            facts.message = match body.get("error").map(Value::kind) {
                Some(Kind::Object) => facts.message.or(message),
                _ => message.or(facts.message),
            };
            if body.get("error").is_none_or(|error| !error.is_object()) {
                facts.code = facts.code.or(body.get("code").and_then(label));
                facts.param = facts.param.or(body.get("param").and_then(label));
            }
            facts.request_id = body.get("request_id").and_then(label);
        }
        _ => return None,
    }
    facts.message = facts.message.filter(|message| !is_html(message));
    if facts.message.is_none() && facts.code.is_none() {
        return None;
    }
    Some(facts.into_error(status))
}

/// What a body says about the error.
#[derive(Default)]
struct Facts {
    message: Option<String>,
    kind: Option<String>,
    code: Option<String>,
    param: Option<String>,
    request_id: Option<String>,
}

impl Facts {
    fn read(&mut self, error: Value<'_>) {
        self.message = error.get("message").and_then(text);
        self.kind = error.get("type").and_then(label);
        self.code = error.get("code").and_then(label);
        self.param = error.get("param").and_then(label);
    }

    /// FastAPI's `detail`: a string, or a list of what is wrong where.
    fn read_detail(&mut self, detail: Value<'_>) {
        match detail.kind() {
            Kind::String => self.message = self.message.take().or(text(detail)),
            Kind::Object => self.read(detail),
            Kind::Array => {
                let mut parts = Vec::new();
                for element in detail.elements().take(MAX_PARTS) {
                    let problem = element.value();
                    let Some(message) = problem.get("msg").and_then(text).or(text(problem)) else {
                        continue;
                    };
                    let field = problem
                        .get("loc")
                        .map(location)
                        .filter(|loc| !loc.is_empty());
                    if let Some(field) = field {
                        parts.push(format!("{message}, field: '{field}'"));
                        self.param.get_or_insert(field);
                    } else {
                        parts.push(message);
                    }
                }
                if !parts.is_empty() {
                    self.message = Some(parts.join("; "));
                }
            }
            _ => {}
        }
    }

    fn into_error(self, status: StatusCode) -> ApiError {
        let message = self.message.unwrap_or_else(|| answered(status));
        let mut error = ApiError::new(status, hide_keys(&cut(&message, MAX_MESSAGE)));
        // "error" says nothing; Fireworks' gateway has it as the type of everything.
        if let Some(kind) = self.kind.filter(|kind| kind != "error") {
            error = error.kind(kind);
        }
        error.code = self.code.map(Cow::Owned);
        error.param = self.param;
        error.request_id = self.request_id;
        error
    }
}

/// A proxy answered, not the model's server.
fn from_text(status: StatusCode, content_type: Option<&str>, body: &[u8]) -> ApiError {
    let html = content_type.is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    let plain = core::str::from_utf8(body)
        .ok()
        .filter(|text| !html && !text.is_empty() && status.is_client_error())
        .filter(|text| text.len() <= MAX_BODY && !is_html(text) && !text.starts_with(['{', '[']))
        .and_then(|text| text.lines().next())
        .map(|line| line.chars().filter(|c| !c.is_control()).collect::<String>());
    match plain {
        Some(line) => ApiError::new(status, hide_keys(&cut(&line, MAX_PLAIN))),
        None => ApiError::new(status, answered(status)),
    }
}

fn answered(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("The upstream answered {} {reason}.", status.as_u16()),
        None => format!("The upstream answered {}.", status.as_u16()),
    }
}

fn is_html(text: &str) -> bool {
    let start: String = text.trim_start().chars().take(512).collect();
    let start = start.to_ascii_lowercase();
    start.starts_with('<') || start.contains("<html") || start.contains("<!doctype")
}

/// The status that an error in a stream stands for.
fn stated_status(error: Value<'_>) -> Option<StatusCode> {
    let code = error.get("code");
    let number = code.or(error.get("status")).and_then(Value::as_u64);
    if let Some(number @ 400..=599) = number {
        return StatusCode::from_u16(number as u16).ok();
    }
    let kind = error
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let code = code.and_then(Value::as_str).unwrap_or_default();
    let known = |name: &str| {
        Some(match name {
            "invalid_request_error" | "invalid_prompt" | "policy_violation" => 400,
            // What Responses says of images that it was sent.
            "invalid_image"
            | "invalid_image_format"
            | "invalid_base64_image"
            | "invalid_image_url"
            | "invalid_image_mode"
            | "image_too_large"
            | "image_too_small"
            | "image_parse_error"
            | "image_content_policy_violation"
            | "image_file_too_large"
            | "unsupported_image_media_type"
            | "empty_image_file"
            | "failed_to_download_image"
            | "image_file_not_found" => 400,
            "authentication_error" | "invalid_api_key" | "UNAUTHORIZED" => 401,
            "billing_error" | "insufficient_quota" => 402,
            "permission_error" | "FORBIDDEN" => 403,
            "not_found_error" | "model_not_found" | "NOT_FOUND" => 404,
            "request_too_large" => 413,
            "rate_limit_error" | "rate_limit_exceeded" => 429,
            "api_error" | "server_error" | "internal_error" => 500,
            "overloaded_error" | "unavailable" => 503,
            "timeout_error" | "timeout" => 504,
            _ => return None,
        })
    };
    known(&kind)
        .or_else(|| known(&code))
        .and_then(|status| StatusCode::from_u16(status).ok())
}

fn text(value: Value<'_>) -> Option<String> {
    value
        .as_str()
        .filter(|text| !text.trim().is_empty())
        .map(Cow::into_owned)
}

/// A short text; some servers send codes as numbers.
fn label(value: Value<'_>) -> Option<String> {
    match value.kind() {
        Kind::String => text(value).map(|text| cut(&text, MAX_LABEL)),
        Kind::Number => Some(cut(value.raw(), MAX_LABEL)),
        _ => None,
    }
}

/// `["body","messages",0,"content"]` as `messages[0].content`.
fn location(loc: Value<'_>) -> String {
    let mut path = String::new();
    for (place, element) in loc.elements().take(32).enumerate() {
        let part = element.value();
        if part.kind() == Kind::Number {
            path.push_str(&format!("[{}]", cut(part.raw(), 20)));
        } else if let Some(name) = part.as_str() {
            if place == 0 && matches!(name.as_ref(), "body" | "query" | "path" | "header") {
                continue;
            }
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&cut(&name, MAX_LABEL));
        }
    }
    path
}

fn cut(text: &str, max: usize) -> String {
    if text.len() <= max {
        return text.to_owned();
    }
    let mut end = max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", text.get(..end).unwrap_or_default())
}

/// Masks words that look like API keys: some servers repeat the key they refuse.
fn hide_keys(text: &str) -> String {
    const PREFIXES: [&str; 4] = ["fw_", "fpk_", "sk-", "Bearer "];
    let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '*');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let found = PREFIXES
            .iter()
            .filter_map(|prefix| Some((rest.find(prefix)?, prefix.len())))
            .min_by_key(|&(at, _)| at);
        let Some((at, length)) = found else {
            out.push_str(rest);
            return out;
        };
        let (before, word) = rest.split_at(at);
        let after_prefix = word.get(length..).unwrap_or_default();
        let key = after_prefix
            .find(|c| !is_key(c))
            .unwrap_or(after_prefix.len());
        let in_word = before
            .chars()
            .next_back()
            .is_some_and(char::is_alphanumeric);
        out.push_str(before);
        out.push_str(word.get(..length).unwrap_or_default());
        if key >= 6 && !in_word {
            out.push_str("[hidden]");
        } else {
            out.push_str(after_prefix.get(..key).unwrap_or_default());
        }
        rest = after_prefix.get(key..).unwrap_or_default();
    }
}
