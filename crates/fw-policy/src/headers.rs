//! What headers say about a body, and what they have to say about another one.

use fw_stream::is_event_stream;
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// Headers that hold for the bytes that came and not for others: digests (RFC 9530, and the older
/// forms), validators and ranges (RFC 9110 sections 8.8 and 14).
const OF_THE_BYTES: [HeaderName; 6] = [
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("repr-digest"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("content-md5"),
    header::ETAG,
    header::ACCEPT_RANGES,
];

/// Whether a reply is a stream: by its type, or by what was asked for if it has none.
pub(crate) fn is_stream(headers: &HeaderMap, asked: bool) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .map_or(asked, |kind| is_event_stream(kind.as_bytes()))
}

/// The body is whole now, with this length.
pub(crate) fn set_length(headers: &mut HeaderMap, length: usize) {
    headers.remove(header::TRANSFER_ENCODING);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
}

/// The bytes may be others now.
pub(crate) fn forget_bytes(headers: &mut HeaderMap) {
    for name in &OF_THE_BYTES {
        headers.remove(name);
    }
}
