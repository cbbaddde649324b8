//! A chat reply becomes a message.

use bytes::Bytes;
use fw_wire::ApiError;

/// Not there yet.
///
/// # Errors
///
/// Always.
pub fn message(_reply: &Bytes) -> Result<Bytes, ApiError> {
    Err(ApiError::upstream("not there yet"))
}
