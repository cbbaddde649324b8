//! Policies and services for tests.
#![allow(dead_code)]

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll};

use bytes::Bytes;
use fw_policy::{Denial, Exchange, Policy, PolicyRequestBody, Texts, Verdict};
use fw_stream::{BoxError, Channel, Edits, Scan, TextFilter, Window};
use http::{Request, Response, header};
use http_body::{Body, Frame};
use http_body_util::Full;
use tower_service::Service;

/// What must not get through: two halves of letters that stand nowhere else.
pub(crate) const CANARY: &str = "zqxjkvwy";

/// Replaces a word by a marker, wherever it is.
#[derive(Clone, Copy)]
pub(crate) struct Replace(pub(crate) &'static str, pub(crate) &'static str);

impl Replace {
    pub(crate) const CANARY: Self = Self(CANARY, "[X]");
}

/// The same for whole texts and for streams: a beginning of the word at the end waits.
impl TextFilter for Replace {
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
        let (text, word) = (window.text(), self.0);
        let mut at = window.start();
        while let Some(found) = text[at..].find(word) {
            at += found + word.len();
            edits.replace(at - word.len()..at, self.1);
        }
        if window.is_end() {
            return Scan::Settled(text.len());
        }
        let rest = &text[at..];
        let held = (1..word.len())
            .rev()
            .find(|&len| rest.ends_with(&word[..len]))
            .unwrap_or(0);
        Scan::Settled(text.len() - held)
    }
}

impl Replace {
    fn run(&self, texts: &mut Texts, exchange: &Exchange) -> Verdict {
        let mut count = 0;
        for text in texts {
            let found = text.as_str().matches(self.0).count();
            if found > 0 && text.filter(&mut self.clone()).unwrap() {
                count += found;
            }
        }
        if count == 0 {
            return Verdict::Allow;
        }
        exchange
            .findings()
            .add("WORD", u32::try_from(count).unwrap());
        Verdict::Redact
    }
}

impl Policy for Replace {
    fn kind(&self) -> &str {
        "replace"
    }

    fn request(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
        self.run(texts, exchange)
    }

    fn response(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
        self.run(texts, exchange)
    }

    fn filter(&self, _: &Channel, _: &Exchange) -> Option<Box<dyn TextFilter>> {
        Some(Box::new(*self))
    }
}

/// Blocks, or escalates, where a word is.
#[derive(Clone, Copy)]
pub(crate) struct Forbid {
    pub(crate) word: &'static str,
    pub(crate) escalate: bool,
}

impl Forbid {
    pub(crate) const fn word(word: &'static str) -> Self {
        Self {
            word,
            escalate: false,
        }
    }

    fn run(&self, texts: &Texts, exchange: &Exchange) -> Verdict {
        if !texts.iter().any(|text| text.as_str().contains(self.word)) {
            return Verdict::Allow;
        }
        exchange.findings().add("FORBIDDEN", 1);
        let denial = Denial::new("That word is forbidden.");
        if self.escalate {
            Verdict::Escalate(denial)
        } else {
            Verdict::Block(denial)
        }
    }
}

impl TextFilter for Forbid {
    fn scan(&mut self, window: &Window<'_>, _: &mut Edits) -> Scan {
        match window.text().contains(self.word) {
            false => Scan::Settled(window.text().len()),
            true if self.escalate => Denial::new("That word is forbidden.").into_escalation(),
            true => Denial::new("That word is forbidden.").into_stop(),
        }
    }
}

impl Policy for Forbid {
    fn kind(&self) -> &str {
        "forbid"
    }

    fn request(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
        self.run(texts, exchange)
    }

    fn response(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
        self.run(texts, exchange)
    }

    fn filter(&self, _: &Channel, _: &Exchange) -> Option<Box<dyn TextFilter>> {
        Some(Box::new(*self))
    }
}

/// Another policy, for requests only.
pub(crate) struct RequestsOnly<P>(pub(crate) P);

impl<P: Policy> Policy for RequestsOnly<P> {
    fn kind(&self) -> &str {
        self.0.kind()
    }

    fn request(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
        self.0.request(texts, exchange)
    }

    fn has_response(&self) -> bool {
        false
    }

    fn response(&self, _: &mut Texts, _: &mut Exchange) -> Verdict {
        Verdict::Allow
    }

    fn filter(&self, _: &Channel, _: &Exchange) -> Option<Box<dyn TextFilter>> {
        None
    }
}

/// A provider that gives one reply, and remembers what it was sent.
#[derive(Clone)]
pub(crate) struct Provider {
    content_type: &'static str,
    reply: Bytes,
    sent: Arc<Mutex<Vec<Bytes>>>,
}

impl Provider {
    pub(crate) fn json(reply: impl Into<Bytes>) -> Self {
        Self {
            content_type: "application/json",
            reply: reply.into(),
            sent: Arc::default(),
        }
    }

    pub(crate) fn events(reply: impl Into<Bytes>) -> Self {
        Self {
            content_type: "text/event-stream",
            ..Self::json(reply)
        }
    }

    pub(crate) fn sent(&self) -> Vec<Bytes> {
        self.sent.lock().unwrap().clone()
    }
}

impl<B> Service<Request<PolicyRequestBody<B>>> for Provider {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<PolicyRequestBody<B>>) -> Self::Future {
        self.sent
            .lock()
            .unwrap()
            .extend(request.body().as_bytes().cloned());
        let response = Response::builder().header(header::CONTENT_TYPE, self.content_type);
        ready(Ok(response.body(Full::new(self.reply.clone())).unwrap()))
    }
}

/// A body of these frames. `None` is a pause: the body is pending once.
#[derive(Debug)]
pub(crate) struct Script {
    steps: VecDeque<Option<Result<Bytes, BoxError>>>,
    /// Dropped with the body.
    _alive: Option<Arc<()>>,
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Option<&'static str>>) -> Self {
        let frame = |text: &'static str| Ok(Bytes::from_static(text.as_bytes()));
        Self {
            steps: steps.into_iter().map(|step| step.map(frame)).collect(),
            _alive: None,
        }
    }

    pub(crate) fn bytes(bytes: &'static [u8]) -> Self {
        let mut script = Self::new([]);
        script.steps.push_back(Some(Ok(Bytes::from_static(bytes))));
        script
    }

    pub(crate) fn then_fails(mut self, error: impl Into<BoxError>) -> Self {
        self.steps.push_back(Some(Err(error.into())));
        self
    }

    /// Gives a handle by which to see that the body is there.
    pub(crate) fn watched(mut self) -> (Self, Weak<()>) {
        let alive = Arc::new(());
        let weak = Arc::downgrade(&alive);
        self._alive = Some(alive);
        (self, weak)
    }
}

impl Body for Script {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.steps.pop_front() {
            None => Poll::Ready(None),
            Some(Some(step)) => Poll::Ready(Some(step.map(Frame::data))),
            Some(None) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}
