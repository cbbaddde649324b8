//! A client that knows nothing of these crates: JSON out, text in.

use http::{Request, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::{Value, json};

/// A whole reply.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    #[allow(dead_code, reason = "not every test looks at headers")]
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
}

/// The smallest chat request.
pub(crate) fn prompt(stream: bool) -> Value {
    json!({
        "model": "accounts/fireworks/models/glm-5p3",
        "messages": [{"role": "user", "content": "Say hello."}],
        "stream": stream,
    })
}

/// Posts a chat request as an OpenAI SDK would.
pub(crate) async fn chat(url: &str, headers: &[(&str, &str)], body: Value) -> Reply {
    let mut request = Request::post(format!("{url}/v1/chat/completions"))
        .header(CONTENT_TYPE, "application/json")
        .header("authorization", "Bearer of-the-client");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request
        .body(Full::<bytes::Bytes>::from(body.to_string()))
        .unwrap();
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request).await.unwrap();
    let (head, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Reply {
        status: head.status.as_u16(),
        headers: head.headers,
        text: String::from_utf8(bytes.to_vec()).unwrap(),
    }
}
