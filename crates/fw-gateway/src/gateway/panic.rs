//! What the client sees of a defect in the gateway.

use std::any::Any;

use bytes::Bytes;
use fw_wire::{ApiError, ErrorShape};
use http::Response;
use http_body_util::Full;

/// The panic's message goes to the log only: it may hold parts of the request.
pub(super) fn panic_reply(panic: Box<dyn Any + Send>) -> Response<Full<Bytes>> {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    tracing::error!(panic = message, "a request panicked; this is a defect");
    ApiError::internal("The gateway failed on this request. Its log says more.")
        .to_response(ErrorShape::OpenAi)
        .map(Full::new)
}
