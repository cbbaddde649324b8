//! Refusals: replies that are errors.

use http::{HeaderName, HeaderValue, Response, StatusCode, header};

use crate::body::SimBody;
use crate::faults::BodyShape;
use crate::json::object;

/// OpenAI's error object.
fn openai_body(status: StatusCode, message: &str, param: Option<&str>) -> Vec<u8> {
    let (kind, code) = match status.as_u16() {
        401 => ("invalid_request_error", Some("invalid_api_key")),
        403 => ("permission_error", None),
        404 if param == Some("model") => ("invalid_request_error", Some("model_not_found")),
        429 => ("requests", Some("rate_limit_exceeded")),
        status if status >= 500 => ("server_error", None),
        _ => ("invalid_request_error", None),
    };
    object! {
        "error" => object! { "message" => message, "type" => kind, "param" => param, "code" => code },
    }
    .to_bytes()
}

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

    /// An error of OpenAI's API, of the kind that its status says.
    pub(crate) fn openai(status: StatusCode, message: &str, param: Option<&str>) -> Self {
        let body = openai_body(status, message, param);
        let mut refusal = Self::json(status, body);
        refusal.message = message.to_owned();
        refusal
    }

    /// The same error as OpenAI's API words it. Shapes that are not of the gateway or the model server stay
    /// as they are.
    pub(crate) fn into_openai(mut self) -> Self {
        if matches!(self.shape, BodyShape::E1 | BodyShape::E2) {
            self.body = openai_body(self.status, &self.message, None);
        }
        self
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
