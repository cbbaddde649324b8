//! Refusals: replies that are errors.

use http::{HeaderName, HeaderValue, Response, StatusCode, header};

use crate::body::SimBody;
use crate::faults::BodyShape;

/// An error reply before it is turned into HTTP.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    content_type: &'static str,
    body: Vec<u8>,
    shape: BodyShape,
    message: String,
}

// === impl Refusal ===

impl Refusal {
    pub(crate) fn shaped(
        status: StatusCode,
        shape: BodyShape,
        message: &str,
        code: Option<&str>,
        param: Option<&str>,
        request_id: &str,
    ) -> Self {
        let (content_type, body) = shape.render(status, message, code, param, request_id);
        Self {
            status,
            headers: Vec::new(),
            content_type,
            body,
            shape,
            message: message.to_owned(),
        }
    }

    /// An error of the gateway layer (E1).
    pub(crate) fn gateway(
        status: StatusCode,
        code: &str,
        param: Option<&str>,
        message: &str,
        request_id: &str,
    ) -> Self {
        Self::shaped(
            status,
            BodyShape::E1,
            message,
            Some(code),
            param,
            request_id,
        )
    }

    /// An error of the model server (E2).
    pub(crate) fn invalid(message: &str) -> Self {
        Self::shaped(
            StatusCode::BAD_REQUEST,
            BodyShape::E2,
            message,
            None,
            None,
            "",
        )
    }

    /// A JSON body of any other shape.
    pub(crate) fn json(status: StatusCode, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content_type: "application/json",
            body,
            shape: BodyShape::E5,
            message: String::new(),
        }
    }

    /// The same error as the Messages endpoint words it (E6). Shapes that are not of the gateway or
    /// the model server stay as they are.
    pub(crate) fn into_anthropic(self, request_id: &str) -> Self {
        if !matches!(self.shape, BodyShape::E1 | BodyShape::E2) {
            return self;
        }
        let headers = self.headers;
        let shape = BodyShape::E6;
        Self {
            headers,
            ..Self::shaped(self.status, shape, &self.message, None, None, request_id)
        }
    }

    /// The message, as worded.
    #[cfg(test)]
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn into_response(self) -> Response<SimBody> {
        let mut response = Response::new(SimBody::full(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(self.content_type),
        );
        for (name, value) in self.headers {
            headers.insert(name, value);
        }
        response
    }
}
