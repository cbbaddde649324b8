//! What an error of a target means: to the router, and to the client.

use std::error::Error;

use fw_provider::{Deadline, ErrorKind, ProviderError};
use fw_routing::{AttemptError, Fault, FaultKind};
use fw_wire::ApiError;

/// Whose fault an error is.
pub(super) fn classify(error: &(dyn Error + 'static)) -> Fault {
    let Some(error) = find::<ProviderError>(error) else {
        return Fault::of_error(error);
    };
    Fault::new(match error.kind() {
        ErrorKind::Connect | ErrorKind::Tls | ErrorKind::Timeout(Deadline::Connect) => {
            FaultKind::Connect
        }
        ErrorKind::Timeout(_) => FaultKind::Timeout,
        ErrorKind::Reset => FaultKind::Reset,
        ErrorKind::RequestBody | ErrorKind::InvalidRequest => FaultKind::Client,
        ErrorKind::Unavailable => FaultKind::Account,
        // The reply was not HTTP; and whatever `fw-provider` learns later.
        _ => FaultKind::ServerError,
    })
}

/// What the client is told of an error, of an attempt or of a stream that broke.
pub(crate) fn describe(error: &(dyn Error + 'static)) -> ApiError {
    if let Some(error) = find::<ProviderError>(error) {
        return error.to_api_error();
    }
    if let Some(error) = find::<AttemptError>(error) {
        return error.to_api_error();
    }
    ApiError::upstream("The provider's stream broke off before its end.")
}

/// The first error of this type among the causes.
fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}
