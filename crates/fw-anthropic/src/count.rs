//! An estimate of input tokens.

use bytes::Bytes;
use fw_wire::ApiError;

/// Not there yet.
///
/// # Errors
///
/// Always.
pub fn count_tokens(_body: &Bytes) -> Result<u64, ApiError> {
    Err(ApiError::invalid_request("not there yet"))
}
