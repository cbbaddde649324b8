//! An upstream that is answered by hand, for tests that decide when.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::{MODEL, within};

type ReplyBody = BoxBody<Bytes, io::Error>;

/// An upstream whose requests wait until the test answers them.
#[derive(Debug)]
pub struct ByHand {
    address: SocketAddr,
    arrived: Arc<AtomicU64>,
    requests: mpsc::UnboundedReceiver<Asked>,
    task: JoinHandle<()>,
}

/// A request that waits for its answer. A drop without one breaks the connection off.
#[derive(Debug)]
pub struct Asked {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    answer: oneshot::Sender<Response<ReplyBody>>,
}

/// A reply that is being streamed. A drop without [`Stream::end`] breaks it off.
#[derive(Debug)]
pub struct Stream {
    frames: mpsc::UnboundedSender<Result<Frame<Bytes>, io::Error>>,
    ended: bool,
}

/// The body of a [`Stream`].
struct Frames(mpsc::UnboundedReceiver<Result<Frame<Bytes>, io::Error>>);

// === impl ByHand ===

impl ByHand {
    /// Starts to listen.
    ///
    /// # Panics
    ///
    /// When no port can be bound.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let arrived = Arc::new(AtomicU64::new(0));
        let (sender, requests) = mpsc::unbounded_channel();
        let task = tokio::spawn(accept(listener, sender, Arc::clone(&arrived)));
        Self {
            address,
            arrived,
            requests,
            task,
        }
    }

    /// The base URL that a configuration names.
    pub fn base_url(&self) -> String {
        format!("http://{}/inference/v1", self.address)
    }

    /// How many requests came so far, answered or not.
    pub fn arrived(&self) -> u64 {
        self.arrived.load(Ordering::SeqCst)
    }

    /// The next request.
    ///
    /// # Panics
    ///
    /// When none comes.
    pub async fn next(&mut self) -> Asked {
        within("a request upstream", self.requests.recv())
            .await
            .expect("a request")
    }

    /// The next request, if it is here.
    pub fn try_next(&mut self) -> Option<Asked> {
        self.requests.try_recv().ok()
    }
}

impl Drop for ByHand {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(
    listener: TcpListener,
    sender: mpsc::UnboundedSender<Asked>,
    arrived: Arc<AtomicU64>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let (sender, arrived) = (sender.clone(), Arc::clone(&arrived));
        let service = service_fn(move |request: Request<Incoming>| {
            let (sender, arrived) = (sender.clone(), Arc::clone(&arrived));
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
                let (answer, answered) = oneshot::channel();
                arrived.fetch_add(1, Ordering::SeqCst);
                let _ = sender.send(Asked {
                    headers: parts.headers,
                    body,
                    answer,
                });
                // An error of the service closes the connection without an answer.
                answered.await.map_err(io::Error::other)
            }
        });
        tokio::spawn(
            hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service),
        );
    }
}

// === impl Asked ===

impl Asked {
    /// Answers with a whole chat completion.
    pub fn answer(self, text: &str) {
        let body = json!({ "id": "by-hand", "object": "chat.completion", "created": 1, "model": MODEL,
            "choices": [{ "index": 0, "finish_reason": "stop",
                "message": { "role": "assistant", "content": text } }],
            "usage": { "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 } });
        self.reply(200, &[], &body);
    }

    /// Answers with this status, these headers and this JSON.
    pub fn reply(self, status: u16, headers: &[(&str, &str)], body: &Value) {
        let mut response = Response::builder()
            .status(status)
            .header("content-type", "application/json");
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        let body = Full::new(Bytes::from(body.to_string()))
            .map_err(|never: Infallible| match never {})
            .boxed();
        // Whoever asked may be gone.
        let _ = self.answer.send(response.body(body).expect("a response"));
    }

    /// Answers with an error of that status.
    pub fn refuse(self, status: u16) {
        let body = json!({ "error": { "message": "No.", "type": "error" } });
        self.reply(status, &[], &body);
    }

    /// Answers with the head of a stream.
    pub fn stream(self) -> Stream {
        let (frames, receiver) = mpsc::unbounded_channel();
        let response = Response::builder().header("content-type", "text/event-stream");
        let _ = self
            .answer
            .send(response.body(Frames(receiver).boxed()).expect("a response"));
        Stream {
            frames,
            ended: false,
        }
    }

    /// Waits until whoever asked has gone away.
    ///
    /// # Panics
    ///
    /// When they stay.
    pub async fn abandoned(mut self) {
        within("the request to be cancelled", self.answer.closed()).await;
    }
}

// === impl Stream ===

impl Stream {
    /// Sends the event that opens a chat stream and has no content.
    pub fn role(&self) {
        self.delta(&json!({ "role": "assistant", "content": "" }), None);
    }

    /// Sends text.
    pub fn text(&self, text: &str) {
        self.delta(&json!({ "content": text }), None);
    }

    /// Sends the finish reason and `[DONE]`, and ends the stream.
    pub fn end(mut self) {
        self.delta(&json!({}), Some("stop"));
        self.send("data: [DONE]\n\n");
        self.ended = true;
    }

    /// Sends bytes.
    pub fn send(&self, bytes: &str) {
        let _ = self
            .frames
            .send(Ok(Frame::data(Bytes::copy_from_slice(bytes.as_bytes()))));
    }

    /// Whether whoever asked has gone away.
    pub fn is_abandoned(&self) -> bool {
        self.frames.is_closed()
    }

    /// Waits until whoever asked has gone away.
    ///
    /// # Panics
    ///
    /// When they stay.
    pub async fn abandoned(self) {
        within("the stream to be cancelled", self.frames.closed()).await;
    }

    fn delta(&self, delta: &Value, finish: Option<&str>) {
        let chunk = json!({ "id": "by-hand", "object": "chat.completion.chunk", "created": 1,
            "model": MODEL, "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] });
        self.send(&format!("data: {chunk}\n\n"));
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if !self.ended {
            let _ = self.frames.send(Err(io::Error::other("broken off")));
        }
    }
}

// === impl Frames ===

impl Body for Frames {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_recv(cx)
    }
}
