//! Looks at a stream up to its first content: the point after which no other target may answer.

use std::{
    collections::VecDeque,
    error::Error as StdError,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use fw_stream::{BoxError, Event, FinishReason, Framer, Meaning, meaning};
use fw_wire::{ApiError, Endpoint};
use http_body::Body;

use crate::{
    error::{AttemptError, What},
    fault::Fault,
};

/// A stream that says so much before its first content is passed on all the same.
const MAX_HELD_BYTES: usize = 256 * 1024;
/// So many events without content are no reason to wait for more.
const MAX_HELD_EVENTS: usize = 256;

/// A stream whose first content has not come yet.
pub(crate) struct Peek<B> {
    body: Pin<Box<B>>,
    endpoint: Endpoint,
    framer: Framer,
    held: VecDeque<Bytes>,
    held_bytes: usize,
    events: usize,
    /// Whether a reply that a content filter held back is a failure.
    refuse_filtered: bool,
}

/// A stream that has begun: what was read of it, and the rest.
pub(crate) struct Opened<B> {
    pub(crate) held: VecDeque<Bytes>,
    pub(crate) body: Pin<Box<B>>,
}

/// Why a stream did not begin.
pub(crate) enum Unopened {
    /// The router saw that it is no answer.
    Attempt(AttemptError),
    /// The target said so in an event.
    Event(Fault, Box<ApiError>),
    /// The body failed.
    Body(BoxError),
}

impl<B> Peek<B> {
    pub(crate) fn new(body: Pin<Box<B>>, endpoint: Endpoint, refuse_filtered: bool) -> Self {
        Self {
            body,
            endpoint,
            framer: Framer::new().max_event_bytes(MAX_HELD_BYTES),
            held: VecDeque::new(),
            held_bytes: 0,
            events: 0,
            refuse_filtered,
        }
    }

    /// Reads on until it is clear whether the stream is an answer.
    pub(crate) fn poll(
        &mut self,
        target: &Arc<str>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Unopened>>
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        loop {
            let frame = match ready!(self.body.as_mut().poll_frame(cx)) {
                Some(Ok(frame)) => frame,
                Some(Err(error)) => return Poll::Ready(Err(Unopened::Body(error.into()))),
                None => return Poll::Ready(self.ended(target)),
            };
            let Ok(mut data) = frame.into_data() else {
                // Trailers.
                return Poll::Ready(self.ended(target));
            };
            let data = data.copy_to_bytes(data.remaining());
            self.held_bytes += data.len();
            self.held.push_back(data.clone());
            self.framer.push(data);
            if let Some(outcome) = self.read_events(target) {
                return Poll::Ready(outcome);
            }
            if self.body.is_end_stream() {
                return Poll::Ready(self.ended(target));
            }
        }
    }

    /// The stream, after [`poll`](Self::poll) said that it is an answer.
    pub(crate) fn open(self) -> Opened<B> {
        Opened {
            held: self.held,
            body: self.body,
        }
    }

    fn read_events(&mut self, target: &Arc<str>) -> Option<Result<(), Unopened>> {
        loop {
            let event = match self.framer.next_event() {
                Ok(Some(event)) => event,
                Ok(None) => break,
                // Too large to hold: whatever it is, it is much.
                Err(_) => return Some(Ok(())),
            };
            self.events += 1;
            if let Some(outcome) = self.judge(target, &event) {
                return Some(outcome);
            }
        }
        (self.held_bytes > MAX_HELD_BYTES || self.events > MAX_HELD_EVENTS).then_some(Ok(()))
    }

    /// What an event decides, if it decides anything.
    fn judge(&self, target: &Arc<str>, event: &Event) -> Option<Result<(), Unopened>> {
        let failed = |error: ApiError| Unopened::Event(Fault::of_event(&error), Box::new(error));
        let empty = || Unopened::Attempt(AttemptError::new(target, What::Empty));
        Some(match meaning(self.endpoint, event) {
            Meaning::Content => Ok(()),
            Meaning::Error => {
                let error = event.json().and_then(ApiError::from_event);
                let error = error.unwrap_or_else(|| {
                    ApiError::upstream("The upstream reported an error within its stream.")
                });
                Err(failed(error))
            }
            Meaning::Finish(FinishReason::ContentFilter) if self.refuse_filtered => {
                Err(Unopened::Attempt(AttemptError::new(target, What::Filtered)))
            }
            Meaning::Finish(FinishReason::Failed | FinishReason::Error) => {
                // A Responses object says why it failed, which may be the client's fault.
                let response = event.json().and_then(|event| event.get("response"));
                Err(response
                    .and_then(ApiError::from_event)
                    .map_or_else(empty, failed))
            }
            // A model may have nothing to say.
            Meaning::Finish(_) => Ok(()),
            Meaning::Done => Err(empty()),
            _ => return None,
        })
    }

    /// Some servers leave out the blank line after their last event.
    fn ended(&mut self, target: &Arc<str>) -> Result<(), Unopened> {
        let last = mem::take(&mut self.framer).finish();
        let outcome = last.and_then(|event| self.judge(target, &event));
        outcome.unwrap_or_else(|| Err(Unopened::Attempt(AttemptError::new(target, What::Empty))))
    }
}

impl Unopened {
    pub(crate) fn fault(&self, classify: fn(&(dyn StdError + 'static)) -> Fault) -> Fault {
        match self {
            Self::Attempt(error) => error.fault(),
            Self::Event(fault, _) => *fault,
            Self::Body(error) => crate::error::classify(&**error, classify),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, task::Waker};

    use fw_wire::Endpoint::ChatCompletions;
    use http_body::Frame;

    use super::*;
    use crate::FaultKind;

    /// Frames that are there at once, and then the end.
    struct Frames(VecDeque<&'static str>, bool);

    impl Body for Frames {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            match self.0.pop_front() {
                Some(text) => {
                    Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(text.as_bytes())))))
                }
                None if self.1 => Poll::Ready(None),
                None => Poll::Pending,
            }
        }
    }

    const ROLE: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\n";
    const WORD: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n";
    const STOP: &str =
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    const FILTERED: &str =
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n\n";
    const DONE: &str = "data: [DONE]\n\n";
    const ERROR: &str = "data: {\"error\":{\"message\":\"no\",\"type\":\"overloaded_error\"}}\n\n";

    /// The outcome, and how many frames were read; `None` while it waits for more.
    fn peek(frames: &[&'static str], ends: bool) -> (Option<Result<(), FaultKind>>, usize) {
        let body = Frames(frames.iter().copied().collect(), ends);
        let mut peek = Peek::new(Box::pin(body), ChatCompletions, true);
        let mut cx = Context::from_waker(Waker::noop());
        let outcome = match peek.poll(&"a".into(), &mut cx) {
            Poll::Pending => None,
            Poll::Ready(outcome) => {
                Some(outcome.map_err(|error| error.fault(Fault::of_error).kind()))
            }
        };
        (outcome, peek.open().held.len())
    }

    #[test]
    fn the_first_content_is_the_answer() {
        assert_eq!(
            peek(&[ROLE, ": hm\n\n", WORD, STOP], true),
            (Some(Ok(())), 3)
        );
    }

    #[test]
    fn a_role_is_no_answer() {
        assert_eq!(peek(&[ROLE], false), (None, 1));
        assert_eq!(peek(&[ROLE], true).0, Some(Err(FaultKind::Empty)));
        assert_eq!(peek(&[ROLE, DONE], true).0, Some(Err(FaultKind::Empty)));
        assert_eq!(peek(&[], true).0, Some(Err(FaultKind::Empty)));
    }

    #[test]
    fn a_model_may_have_nothing_to_say() {
        assert_eq!(peek(&[ROLE, STOP, DONE], true).0, Some(Ok(())));
        assert_eq!(
            peek(&[ROLE, FILTERED], true).0,
            Some(Err(FaultKind::ContentFilter))
        );
    }

    #[test]
    fn an_error_event_is_a_failure() {
        assert_eq!(
            peek(&[ROLE, ERROR], true).0,
            Some(Err(FaultKind::ServerError))
        );
    }

    #[test]
    fn the_last_event_may_lack_its_blank_line() {
        assert_eq!(peek(&[ROLE, WORD.trim_end()], true).0, Some(Ok(())));
        assert_eq!(
            peek(&[ROLE, ERROR.trim_end()], true).0,
            Some(Err(FaultKind::ServerError))
        );
        assert_eq!(
            peek(&[ROLE.trim_end()], true).0,
            Some(Err(FaultKind::Empty))
        );
    }

    #[test]
    fn an_event_may_come_in_pieces() {
        let (head, tail) = WORD.split_at(20);
        assert_eq!(peek(&[ROLE, head], false), (None, 2));
        assert_eq!(peek(&[ROLE, head, tail], false), (Some(Ok(())), 3));
    }
}
