//! A provider that answers as it is told to, and remembers what it was sent.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use fw_responses::{ResponseStore, ResponsesBody, ResponsesLayer, ResponsesRequestBody};
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use tower::{Layer, ServiceExt, service_fn};

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A body that gives these frames, one by one.
#[derive(Debug, Default)]
pub(crate) struct Script {
    frames: VecDeque<Result<Bytes, BoxError>>,
    /// After the frames: hang instead of ending.
    hangs: bool,
}

impl Script {
    pub(crate) fn of(text: impl Into<Bytes>) -> Self {
        Self {
            frames: [Ok(text.into())].into(),
            hangs: false,
        }
    }

    pub(crate) fn then(mut self, error: impl Into<BoxError>) -> Self {
        self.frames.push_back(Err(error.into()));
        self
    }

    pub(crate) fn hangs(mut self) -> Self {
        self.hangs = true;
        self
    }
}

impl Body for Script {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.frames.pop_front() {
            Some(frame) => Poll::Ready(Some(frame.map(Frame::data))),
            None if self.hangs => Poll::Pending,
            None => Poll::Ready(None),
        }
    }
}

/// What the provider was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Sent {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A client, the layer, and a provider behind it.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) layer: ResponsesLayer,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(ResponsesLayer::new(ResponseStore::in_memory().unwrap()))
    }

    pub(crate) fn with(layer: ResponsesLayer) -> Self {
        Self {
            layer,
            sent: Arc::default(),
        }
    }

    /// Sends one request; the provider, if it is asked, answers with `reply`.
    pub(crate) async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        reply: Response<Script>,
    ) -> Response<ResponsesBody<Script>> {
        let reply = Arc::new(Mutex::new(Some(reply)));
        let sent = Arc::clone(&self.sent);
        let provider = service_fn(move |request: Request<ResponsesRequestBody<Full<Bytes>>>| {
            let (sent, reply) = (Arc::clone(&sent), reply.lock().unwrap().take().unwrap());
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                sent.lock().unwrap().push(Sent {
                    method: parts.method,
                    path: parts.uri.to_string(),
                    headers: parts.headers,
                    body: String::from_utf8(body.to_vec()).unwrap(),
                });
                Ok::<_, std::convert::Infallible>(reply)
            }
        });
        self.layer.layer(provider).oneshot(request).await.unwrap()
    }

    /// Creates a response for `key`, with this reply of the provider.
    pub(crate) async fn create(
        &self,
        key: &str,
        body: &str,
        reply: Response<Script>,
    ) -> (u16, Value) {
        let request = post("/v1/responses", key, body);
        read(self.exchange(request, reply).await).await
    }

    /// Asks for what is kept. The provider would answer with a 404 of its own.
    pub(crate) async fn ask(&self, method: Method, key: &str, path: &str) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .body(Full::default())
            .unwrap();
        let mut reply = json(r#"{"from":"the provider"}"#);
        *reply.status_mut() = StatusCode::NOT_FOUND;
        read(self.exchange(request, reply).await).await
    }

    /// What the provider was sent last.
    pub(crate) fn last(&self) -> Sent {
        self.sent.lock().unwrap().last().cloned().unwrap()
    }

    /// How often the provider was asked.
    pub(crate) fn asked(&self) -> usize {
        self.sent.lock().unwrap().len()
    }
}

pub(crate) fn post(path: &str, key: &str, body: &str) -> Request<Full<Bytes>> {
    Request::post(path)
        .header(header::AUTHORIZATION, format!("Bearer {key}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_LENGTH, body.len())
        .body(Full::from(body.to_owned()))
        .unwrap()
}

/// A plain reply of chat completions that says this.
pub(crate) fn says(text: &str) -> Response<Script> {
    let text = Value::from(text);
    json(&format!(
        r#"{{"id":"c","object":"chat.completion","created":1,"model":"glm-5p3","choices":[{{"index":0,"message":{{"role":"assistant","content":{text}}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}}}"#
    ))
}

pub(crate) fn json(body: &str) -> Response<Script> {
    Response::builder()
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_LENGTH, body.len())
        .body(Script::of(body.to_owned()))
        .unwrap()
}

pub(crate) fn sse(script: Script) -> Response<Script> {
    let response = Response::builder().header(header::CONTENT_TYPE, "text/event-stream");
    response.body(script).unwrap()
}

/// Chunks that say this, without an end.
pub(crate) fn chunks(texts: &[&str]) -> String {
    let chunk = |text: &&str| {
        let text = Value::from(*text);
        format!(
            "data: {{\"id\":\"c\",\"model\":\"glm-5p3\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{text}}}}}]}}\n\n"
        )
    };
    texts.iter().map(chunk).collect()
}

pub(crate) const END: &str = "data: {\"id\":\"c\",\"model\":\"glm-5p3\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

pub(crate) async fn read(response: Response<ResponsesBody<Script>>) -> (u16, Value) {
    let status = response.status().as_u16();
    let body = text(response).await;
    (status, serde_json::from_str(&body).unwrap())
}

pub(crate) async fn text(response: Response<ResponsesBody<Script>>) -> String {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

/// The events of a stream: type and data, checked against each other.
pub(crate) fn events(stream: &str) -> Vec<Value> {
    let events = stream.split("\n\n").filter(|event| !event.is_empty());
    let event = |event: &str| {
        let (name, data) = event.split_once('\n').unwrap();
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(name.strip_prefix("event: ").unwrap(), data["type"]);
        data
    };
    events.map(event).collect()
}
