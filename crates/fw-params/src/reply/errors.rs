//! Error replies, in whatever shape the provider or a proxy before it wrote them.

use bytes::Bytes;
use fw_wire::{ApiError, ErrorShape, Value};
use http::StatusCode;

/// An error's body in the shape of the client's dialect: the same bytes if they have it already.
pub(crate) fn convert(
    status: StatusCode,
    content_type: Option<&str>,
    body: Bytes,
    shape: ErrorShape,
) -> Bytes {
    if let Ok(root) = Value::parse(&body)
        && has_shape(root, shape)
    {
        return body;
    }
    ApiError::from_upstream(status, content_type, &body)
        .to_json(shape)
        .into()
}

/// Whether clients of this shape find everything where they look for it.
pub(crate) fn has_shape(root: Value<'_>, shape: ErrorShape) -> bool {
    let Some(error) = root.get("error") else {
        return false;
    };
    let is_text = |key: &str| error.get(key).is_some_and(Value::is_string);
    let is_there = |key: &str| error.get(key).is_some();
    match shape {
        ErrorShape::Anthropic => {
            root.get("type").is_some_and(|kind| kind.is_str("error"))
                && is_text("type")
                && is_text("message")
        }
        // `object` marks the shape of the model server's validation.
        _ => {
            is_text("message")
                && is_text("type")
                && is_there("code")
                && is_there("param")
                && !is_there("object")
        }
    }
}

/// The status that an error inside a stream stands for: its own if it says one, else 502.
pub(crate) fn in_band_status(error: Value<'_>) -> StatusCode {
    let number = |key: &str| error.get(key).and_then(|value| value.as_u64());
    number("code")
        .or_else(|| number("status"))
        .and_then(|code| u16::try_from(code).ok())
        .filter(|code| (400..600).contains(code))
        .and_then(|code| StatusCode::from_u16(code).ok())
        .unwrap_or(StatusCode::BAD_GATEWAY)
}
