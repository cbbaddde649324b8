//! A chat request becomes a Messages request.

use bytes::Bytes;
use fw_params::ParamsChanges;
use fw_wire::ApiError;

/// Not there yet.
///
/// # Errors
///
/// Always.
pub fn messages_request(_body: &Bytes, _changes: &mut ParamsChanges) -> Result<Bytes, ApiError> {
    Err(ApiError::invalid_request("not there yet"))
}
