//! Plays a stream of events on a connection: pace, comments, line ends, and faults on the way.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use pin_project_lite::pin_project;
use tokio::time::Sleep;

use crate::faults::{Fault, FaultKind};
use crate::knobs::{ErrorEvent, Knobs};

/// A source of events, rendered one at a time so that a slow stream holds little memory.
pub(crate) trait Events: Send {
    /// Appends the next event with its blank line; false at the end.
    fn next(&mut self, out: &mut Vec<u8>) -> bool;

    /// Whether `[DONE]` ends this kind of stream unless a knob says otherwise.
    fn done(&self) -> bool {
        true
    }

    /// Appends an error event.
    fn error(&mut self, shape: ErrorEvent, out: &mut Vec<u8>) {
        out.extend_from_slice(match shape {
            ErrorEvent::Object => {
                b"data: {\"error\":{\"message\":\"The model crashed while generating.\",\
                  \"code\":\"INTERNAL\",\"type\":\"server_error\"}}\n\n"
                    .as_slice()
            }
            ErrorEvent::Text => b"data: {\"error\":\"The model crashed while generating.\"}\n\n",
        });
    }
}

/// The knobs that matter while a stream plays.
#[derive(Clone, Copy, Debug)]
struct Score {
    first_delay: Duration,
    delay: Duration,
    comment_every: u32,
    crlf: bool,
    done: bool,
    truncate_after: Option<u32>,
    error_after: Option<u32>,
    error_shape: ErrorEvent,
    fault: Option<(FaultKind, u32)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Start,
    Events,
    Last,
    Ended,
    Break,
    Hang,
}

/// What the player has for the body.
pub(crate) enum Played {
    Event(Bytes),
    End,
    /// Break the connection off.
    Break(FaultKind),
}

pin_project! {
    pub(crate) struct Player {
        source: Box<dyn Events>,
        score: Score,
        #[pin]
        timer: Option<Sleep>,
        phase: Phase,
        // Polls to answer with Pending first, so that hyper flushes what it has: one write per event.
        yields: u8,
        sent: u32,
        buffer: Vec<u8>,
    }
}

// === impl Player ===

impl Player {
    pub(crate) fn new(source: Box<dyn Events>, knobs: &Knobs, fault: Option<&Fault>) -> Self {
        let fault = fault.and_then(|f| match f.kind {
            FaultKind::HangMidBody | FaultKind::ResetMidBody | FaultKind::CloseMidBody => {
                Some((f.kind, f.after))
            }
            FaultKind::WrongLength | FaultKind::CutJson => Some((FaultKind::CloseMidBody, f.after)),
            FaultKind::ResetAfterHead => Some((FaultKind::ResetMidBody, 0)),
            _ => None,
        });
        let score = Score {
            first_delay: knobs.first_token_delay,
            delay: knobs.event_delay,
            comment_every: knobs.comment_every,
            crlf: knobs.crlf,
            done: knobs.done.unwrap_or(source.done()),
            truncate_after: knobs.truncate_after,
            error_after: knobs.error_after,
            error_shape: knobs.error_shape,
            fault,
        };
        Self {
            source,
            score,
            timer: None,
            phase: Phase::Start,
            yields: 0,
            sent: 0,
            buffer: Vec::new(),
        }
    }

    pub(crate) fn poll_play(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Played> {
        let mut this = self.project();
        if *this.yields > 0 {
            *this.yields -= 1;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Some(timer) = this.timer.as_mut().as_pin_mut() {
            ready!(timer.poll(cx));
            this.timer.set(None);
        }
        let score = *this.score;
        loop {
            match *this.phase {
                Phase::Start => {
                    *this.phase = Phase::Events;
                    if !score.first_delay.is_zero() {
                        this.timer.set(Some(tokio::time::sleep(score.first_delay)));
                        if let Some(timer) = this.timer.as_mut().as_pin_mut() {
                            ready!(timer.poll(cx));
                        }
                        this.timer.set(None);
                    }
                }
                Phase::Events => {
                    if let Some((kind, after)) = score.fault
                        && *this.sent >= after
                    {
                        if kind == FaultKind::HangMidBody {
                            *this.phase = Phase::Hang;
                            continue;
                        }
                        // The head and the events before must be on the wire by now.
                        *this.phase = Phase::Break;
                        *this.yields = 1;
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    if score.truncate_after.is_some_and(|k| *this.sent >= k) {
                        *this.phase = Phase::Ended;
                        continue;
                    }
                    let out = &mut *this.buffer;
                    out.clear();
                    if score.comment_every > 0 && this.sent.is_multiple_of(score.comment_every) {
                        out.extend_from_slice(b": keep-alive\n\n");
                    }
                    if score.error_after.is_some_and(|k| *this.sent >= k) {
                        this.source.error(score.error_shape, out);
                        *this.phase = Phase::Ended;
                    } else if !this.source.next(out) {
                        if !score.done {
                            *this.phase = Phase::Ended;
                            continue;
                        }
                        out.clear();
                        out.extend_from_slice(b"data: [DONE]\n\n");
                        *this.phase = Phase::Last;
                    }
                    *this.sent = this.sent.saturating_add(1);
                    if *this.phase == Phase::Events && !score.delay.is_zero() {
                        this.timer.set(Some(tokio::time::sleep(score.delay)));
                    } else {
                        *this.yields = 1;
                    }
                    return Poll::Ready(Played::Event(if score.crlf {
                        crlf(out)
                    } else {
                        Bytes::copy_from_slice(out)
                    }));
                }
                Phase::Last | Phase::Ended => return Poll::Ready(Played::End),
                Phase::Break => {
                    let kind = score
                        .fault
                        .map_or(FaultKind::CloseMidBody, |(kind, _)| kind);
                    return Poll::Ready(Played::Break(kind));
                }
                Phase::Hang => return Poll::Pending,
            }
        }
    }
}

/// JSON text has no line feeds of its own, so each is the end of a line of the stream.
fn crlf(event: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(event.len() + 4);
    for &b in event {
        if b == b'\n' {
            out.push(b'\r');
        }
        out.push(b);
    }
    out.into()
}
