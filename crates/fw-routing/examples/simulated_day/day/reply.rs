//! The body of a target's reply: events as they come over the day's clock.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::time::{Sleep, sleep};

use super::fleet::{Seat, Till};

/// In how many events the text comes.
const EVENTS: u32 = 4;

const ROLE: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\n";
pub(crate) const TEXT: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"and so on \"}}]}\n\n";
const FINISH: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":";
const DONE: &str = "data: [DONE]\n\n";

/// What a stream will do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Script {
    /// After the head; never if it stays silent.
    pub(crate) first_token: Option<Duration>,
    /// From the first token to the last.
    pub(crate) writing: Duration,
    pub(crate) prompt_tokens: f64,
    pub(crate) completion_tokens: f64,
    /// Breaks off half-way; below a half without an error.
    pub(crate) cut: Option<f64>,
    /// USD per million tokens.
    pub(crate) price: (f64, f64),
}

/// The body. It holds its seat until it has ended or nobody wants it any more.
#[derive(Debug)]
pub(crate) struct Reply {
    stream: Option<Stream>,
}

#[derive(Debug)]
struct Stream {
    script: Script,
    till: Till,
    /// Events so far, the role included.
    events: u32,
    wait: Option<Pin<Box<Sleep>>>,
    _seat: Seat,
}

impl Reply {
    /// No body at all.
    pub(crate) const fn empty() -> Self {
        Self { stream: None }
    }

    pub(crate) fn stream(script: Script, seat: Seat, till: Till) -> Self {
        Self {
            stream: Some(Stream {
                script,
                till,
                events: 0,
                wait: None,
                _seat: seat,
            }),
        }
    }
}

impl Stream {
    /// The next event; `None` after the last one.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let Script {
            prompt_tokens,
            completion_tokens,
            price,
            ..
        } = self.script;
        let event = match self.events {
            0 => Bytes::from_static(ROLE.as_bytes()),
            1 => {
                let Some(wait) = self.script.first_token else {
                    return Poll::Pending;
                };
                ready!(self.poll_wait(wait, cx));
                self.till.charge(prompt_tokens, price.0);
                self.till
                    .charge(completion_tokens / f64::from(EVENTS), price.1);
                Bytes::from_static(TEXT.as_bytes())
            }
            2..=EVENTS => {
                ready!(self.poll_wait(self.script.writing / (EVENTS - 1), cx));
                if self.events == EVENTS / 2 + 1
                    && let Some(cut) = self.script.cut
                {
                    return Poll::Ready(
                        (cut >= 0.5).then(|| Err(io::ErrorKind::ConnectionReset.into())),
                    );
                }
                self.till
                    .charge(completion_tokens / f64::from(EVENTS), price.1);
                Bytes::from_static(TEXT.as_bytes())
            }
            _ if self.events == EVENTS + 1 => {
                let (prompt, completion) = (prompt_tokens as u64, completion_tokens as u64);
                let total = prompt + completion;
                Bytes::from(format!(
                    "{FINISH}{{\"prompt_tokens\":{prompt},\"completion_tokens\":{completion},\
                     \"total_tokens\":{total}}}}}\n\n{DONE}"
                ))
            }
            _ => return Poll::Ready(None),
        };
        self.events += 1;
        Poll::Ready(Some(Ok(event)))
    }

    fn poll_wait(&mut self, wait: Duration, cx: &mut Context<'_>) -> Poll<()> {
        let timer = self.wait.get_or_insert_with(|| Box::pin(sleep(wait)));
        ready!(timer.as_mut().poll(cx));
        self.wait = None;
        Poll::Ready(())
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(None);
        };
        let event = ready!(stream.poll(cx));
        if !matches!(event, Some(Ok(_))) {
            self.stream = None;
        }
        Poll::Ready(event.map(|event| event.map(Frame::data)))
    }
}
