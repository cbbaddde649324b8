//! A Messages request becomes a chat request.

use bytes::Bytes;
use fw_params::ParamsChanges;
use fw_wire::ApiError;

/// A converted request.
#[derive(Debug)]
pub struct ChatRequest {
    body: Bytes,
    stream: bool,
    model: Option<String>,
}

impl ChatRequest {
    /// The body.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body, taken out.
    #[must_use]
    pub fn into_body(self) -> Bytes {
        self.body
    }

    /// Whether the client asked for a stream.
    #[must_use]
    pub const fn is_stream(&self) -> bool {
        self.stream
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }
}

/// Not there yet.
///
/// # Errors
///
/// Always.
pub fn chat_request(body: &Bytes, _changes: &mut ParamsChanges) -> Result<ChatRequest, ApiError> {
    let _ = ChatRequest {
        body: body.clone(),
        stream: false,
        model: None,
    };
    Err(ApiError::invalid_request("not there yet"))
}
