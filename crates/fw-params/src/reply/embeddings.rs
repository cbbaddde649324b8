//! Replies of `POST /v1/embeddings`: vectors in the form that was asked for.
//!
//! OpenAI's SDKs ask for `base64` by default: little-endian 32-bit floats, in base64 (RFC 4648
//! section 4). A provider may answer with plain numbers all the same, and the Node SDK then reads
//! no numbers at all.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use fw_wire::{Document, Value};

use crate::changes::{ChangeKind, ParamsChanges};

/// A form of vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Float,
    Base64,
}

// === impl Encoding ===

impl Encoding {
    pub(crate) fn of(value: Value<'_>) -> Option<Self> {
        if value.is_str("base64") {
            Some(Self::Base64)
        } else if value.is_str("float") {
            Some(Self::Float)
        } else {
            None
        }
    }
}

pub(crate) fn convert(body: Bytes, wanted: Encoding, changes: &mut ParamsChanges) -> Bytes {
    let Ok(mut document) = Document::parse(body.clone()) else {
        return body;
    };
    let source = document.clone();
    for item in source
        .root()
        .get("data")
        .into_iter()
        .flat_map(Value::elements)
    {
        let Some(vector) = item.value().get("embedding") else {
            continue;
        };
        let json = match wanted {
            Encoding::Base64 if vector.is_array() => to_base64(vector),
            Encoding::Float if vector.is_string() => to_floats(vector),
            _ => continue,
        };
        if let Some(json) = json
            && document.replace(vector.span(), json).is_ok()
        {
            changes.record(ChangeKind::Set, "reply.data[].embedding");
        }
    }
    document.finish()
}

/// Numbers as a JSON string of base64; `None` if something is not a number.
fn to_base64(vector: Value<'_>) -> Option<String> {
    let mut bytes = Vec::with_capacity(vector.raw().len() / 2);
    for number in vector.elements() {
        // Parsed as 32 bits at once: by way of 64 it could be rounded twice.
        let number: f32 = number.value().raw().parse().ok()?;
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    let mut json = String::with_capacity(bytes.len() * 4 / 3 + 6);
    json.push('"');
    STANDARD.encode_string(&bytes, &mut json);
    json.push('"');
    Some(json)
}

/// Base64 as a JSON array; `None` if it is not base64 of whole, finite floats.
fn to_floats(vector: Value<'_>) -> Option<String> {
    let bytes = STANDARD.decode(vector.as_str()?.as_bytes()).ok()?;
    let (floats, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    let mut json = String::with_capacity(floats.len() * 14 + 2);
    json.push('[');
    for (i, float) in floats.iter().enumerate() {
        let float = f32::from_le_bytes(*float);
        if !float.is_finite() {
            return None;
        }
        if i > 0 {
            json.push(',');
        }
        // The shortest decimal that reads back as the same float.
        json.push_str(&float.to_string());
    }
    json.push(']');
    Some(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(body: &'static str, wanted: Encoding) -> String {
        let body = convert(
            Bytes::from_static(body.as_bytes()),
            wanted,
            &mut Default::default(),
        );
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[test]
    fn vectors_change_form_and_nothing_else_does() {
        let floats = r#"{"data": [ {"index":0,"embedding":[0.1,-2,1e-7]} ],"x":1}"#;
        let base64 = r#"{"data": [ {"index":0,"embedding":"zczMPQAAAMCVv9Yz"} ],"x":1}"#;
        let back = r#"{"data": [ {"index":0,"embedding":[0.1,-2,0.0000001]} ],"x":1}"#;
        assert_eq!(converted(floats, Encoding::Base64), base64);
        assert_eq!(converted(base64, Encoding::Float), back);
        assert_eq!(converted(floats, Encoding::Float), floats);
        assert_eq!(converted(base64, Encoding::Base64), base64);
    }

    #[test]
    fn what_is_no_vector_is_left_alone() {
        for body in [
            r#"{"data":[{"embedding":[1,null]}]}"#,
            r#"{"data":[{"embedding":{"a":1}}]}"#,
            r#"{"data":[{}],"object":"list"}"#,
            "not json",
        ] {
            assert_eq!(converted(body, Encoding::Base64), body);
        }
        for body in [
            r#"{"data":[{"embedding":"AAAA"}]}"#,
            r#"{"data":[{"embedding":"!!!"}]}"#,
            // A NaN cannot be said in JSON.
            r#"{"data":[{"embedding":"AADAfw=="}]}"#,
        ] {
            assert_eq!(converted(body, Encoding::Float), body);
        }
    }
}
