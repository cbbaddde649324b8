//! Targets that do as a script says, under a paused clock.
#![allow(dead_code)]

use std::{
    collections::VecDeque,
    convert::Infallible,
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use fw_routing::{Router, RouterBody, Target};
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use tokio::time::Sleep;
use tower_service::Service;

pub(crate) const CHAT: &str = "/v1/chat/completions";
pub(crate) const PLAIN: &str = r#"{"choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"#;
pub(crate) const ROLE: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\n";
pub(crate) const WORD: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n";
pub(crate) const STOP: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
pub(crate) const DONE: &str = "data: [DONE]\n\n";
pub(crate) const ERROR: &str =
    "data: {\"error\":{\"message\":\"no\",\"type\":\"overloaded_error\"}}\n\n";

/// A piece of a reply's body.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Piece {
    Text(&'static str),
    Wait(Duration),
    Break(io::ErrorKind),
    Hang,
}

/// What a target does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Reply(u16, &'static [(&'static str, &'static str)], Vec<Piece>),
    After(Duration, Box<Act>),
    Refuse(io::ErrorKind),
    Hang,
}

impl Act {
    /// A whole plain reply.
    pub(crate) fn plain() -> Self {
        Self::Reply(
            200,
            &[("content-type", "application/json")],
            vec![Piece::Text(PLAIN)],
        )
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::said(status, &[], r#"{"error":{"message":"no"}}"#)
    }

    pub(crate) fn said(
        status: u16,
        headers: &'static [(&'static str, &'static str)],
        body: &'static str,
    ) -> Self {
        Self::Reply(status, headers, vec![Piece::Text(body)])
    }

    pub(crate) fn stream(pieces: impl IntoIterator<Item = Piece>) -> Self {
        let pieces = pieces.into_iter().collect();
        Self::Reply(200, &[("content-type", "text/event-stream")], pieces)
    }

    /// A whole stream.
    pub(crate) fn talk() -> Self {
        Self::stream([ROLE, WORD, STOP, DONE].map(Piece::Text))
    }

    pub(crate) fn after(self, delay: Duration) -> Self {
        Self::After(delay, Box::new(self))
    }
}

pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A target: what it does, in order, the last over and over; and what it saw.
#[derive(Clone)]
pub(crate) struct Scripted {
    acts: Arc<Mutex<VecDeque<Act>>>,
    seen: Arc<Mutex<Vec<(http::request::Parts, Bytes)>>>,
    in_flight: Arc<AtomicUsize>,
}

impl Scripted {
    pub(crate) fn new(acts: impl IntoIterator<Item = Act>) -> Self {
        Self {
            acts: Arc::new(Mutex::new(acts.into_iter().collect())),
            seen: Arc::default(),
            in_flight: Arc::default(),
        }
    }

    pub(crate) fn always(act: Act) -> Self {
        Self::new([act])
    }

    /// How many requests it got.
    pub(crate) fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// The body of a request it got.
    pub(crate) fn body(&self, index: usize) -> String {
        String::from_utf8(self.seen.lock().unwrap()[index].1.to_vec()).unwrap()
    }

    pub(crate) fn headers(&self, index: usize) -> HeaderMap {
        self.seen.lock().unwrap()[index].0.headers.clone()
    }

    /// Requests that are with it: not answered to the end, not dropped.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::SeqCst)
    }

    pub(crate) fn target(&self, id: &str) -> Target<Self> {
        Target::new(id, self.clone())
    }
}

struct InFlight(Arc<AtomicUsize>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Service<Request<Full<Bytes>>> for Scripted {
    type Response = Response<Pieces>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Pieces>, io::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        let mut acts = self.acts.lock().unwrap();
        let act = if acts.len() > 1 {
            acts.pop_front()
        } else {
            acts.front().cloned()
        };
        self.in_flight.fetch_add(1, Ordering::SeqCst);
        let guard = InFlight(self.in_flight.clone());
        let seen = self.seen.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            seen.lock().unwrap().push((parts, body));
            perform(act.expect("the script has an act"), guard).await
        })
    }
}

async fn perform(mut act: Act, guard: InFlight) -> Result<Response<Pieces>, io::Error> {
    loop {
        act = match act {
            Act::After(delay, act) => {
                tokio::time::sleep(delay).await;
                *act
            }
            Act::Hang => std::future::pending().await,
            Act::Refuse(kind) => return Err(kind.into()),
            Act::Reply(status, headers, pieces) => {
                let mut response = Response::new(Pieces {
                    pieces: pieces.into(),
                    wait: None,
                    _guard: guard,
                });
                *response.status_mut() = StatusCode::from_u16(status).unwrap();
                for (name, value) in headers {
                    response.headers_mut().insert(*name, value.parse().unwrap());
                }
                return Ok(response);
            }
        };
    }
}

/// A body in pieces.
pub(crate) struct Pieces {
    pieces: VecDeque<Piece>,
    wait: Option<Pin<Box<Sleep>>>,
    _guard: InFlight,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        loop {
            if let Some(wait) = &mut self.wait {
                ready!(wait.as_mut().poll(cx));
                self.wait = None;
            }
            match self.pieces.front().copied() {
                None => return Poll::Ready(None),
                Some(Piece::Hang) => return Poll::Pending,
                Some(Piece::Wait(delay)) => {
                    self.wait = Some(Box::pin(tokio::time::sleep(delay)));
                    self.pieces.pop_front();
                }
                Some(Piece::Text(text)) => {
                    self.pieces.pop_front();
                    let data = Bytes::from_static(text.as_bytes());
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
                Some(Piece::Break(kind)) => {
                    self.pieces.clear();
                    return Poll::Ready(Some(Err(kind.into())));
                }
            }
        }
    }
}

/// What a client gets.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) attempts: String,
    pub(crate) body: String,
}

impl Got {
    pub(crate) fn target(&self) -> &str {
        self.headers
            .get("x-fw-target")
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn count(&self) -> &str {
        self.header("x-fw-attempts").unwrap()
    }
}

pub(crate) fn chat(stream: bool) -> Request<Full<Bytes>> {
    post(
        CHAT,
        &format!(r#"{{"model":"m","messages":[],"stream":{stream}}}"#),
    )
}

pub(crate) fn post(path: &str, body: &str) -> Request<Full<Bytes>> {
    Request::post(path)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_LENGTH, body.len())
        .body(Full::from(body.to_owned()))
        .unwrap()
}

/// Sends a request, and waits for the head of its reply.
pub(crate) async fn head(
    router: &Router<Scripted>,
    request: Request<Full<Bytes>>,
) -> Response<RouterBody<Pieces>> {
    let result: Result<_, Infallible> = router.clone().call(request).await;
    result.unwrap()
}

/// Sends a request, and waits for its whole reply.
pub(crate) async fn send(router: &Router<Scripted>, request: Request<Full<Bytes>>) -> Got {
    let (head, body) = head(router, request).await.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let attempts: &fw_routing::Attempts = head.extensions.get().unwrap();
    Got {
        status: head.status.as_u16(),
        attempts: attempts.to_string(),
        headers: head.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

pub(crate) async fn talk(router: &Router<Scripted>) -> Got {
    send(router, chat(true)).await
}

pub(crate) async fn ask(router: &Router<Scripted>) -> Got {
    send(router, chat(false)).await
}

/// Nothing is in flight any more.
pub(crate) fn assert_idle(router: &Router<Scripted>) {
    for target in router.status() {
        assert_eq!(target.in_flight, 0, "{}", target.id);
    }
}
