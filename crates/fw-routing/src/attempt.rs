//! One attempt at one target, up to the point after which its reply is the answer.

mod judge;

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use fw_stream::{BoxError, CollectError, Collected, is_encoded, is_event_stream};
use fw_wire::{ApiError, Endpoint};
use http::{HeaderValue, Request, Response, header::CONTENT_TYPE, request, response};
use http_body::Body;
use http_body_util::Full;
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep};
use tower_service::Service;

use self::judge::judge;
use crate::{
    commit::{Peek, Unopened},
    error::{AttemptError, What},
    fault::Fault,
    permit::Permit,
    service::Settings,
};

/// Longest error reply that is read. What comes after is no message for people.
const MAX_ERROR_BYTES: usize = 256 * 1024;

/// What an attempt needs to know.
#[derive(Debug)]
pub(crate) struct Aim {
    pub(crate) target: usize,
    pub(crate) id: Arc<str>,
    pub(crate) key: usize,
    pub(crate) endpoint: Option<Endpoint>,
    /// Longest wait for the first content of a stream.
    pub(crate) first_token: Option<Duration>,
    /// When the time for all attempts together is up, and how long it was.
    pub(crate) until: Option<(Instant, Duration)>,
    /// Its place in the record of attempts.
    pub(crate) place: usize,
    pub(crate) started: Instant,
    /// A reply held back by a content filter is a failure.
    pub(crate) refuse_filtered: bool,
    /// Whether the request may be sent more than once.
    pub(crate) repeats: bool,
}

impl Aim {
    /// The deadline up to the first content, and which one it is.
    fn deadline(&self) -> Option<(Instant, What)> {
        let first_token = self
            .first_token
            .and_then(|limit| Some((self.started.checked_add(limit)?, What::FirstToken(limit))));
        let until = self.until.map(|(at, limit)| (at, What::All(limit)));
        match (first_token, until) {
            (Some(first), Some(all)) => Some(if first.0 <= all.0 { first } else { all }),
            (one, other) => one.or(other),
        }
    }

    /// Whether it had less than nine tenths of the time that all attempts have together.
    pub(crate) fn was_late(&self) -> bool {
        self.until.is_some_and(|(at, limit)| {
            at.saturating_duration_since(self.started) < limit.saturating_sub(limit / 10)
        })
    }
}

/// How an attempt ended.
pub(crate) enum Outcome<B> {
    Answer {
        head: response::Parts,
        body: Begun<B>,
    },
    Failed(Failure),
}

/// A reply that is the answer.
pub(crate) enum Begun<B> {
    /// All of it, with the tokens it says it has.
    Whole(Bytes, Option<u64>),
    /// A stream at its first content.
    Stream(Box<Peek<B>>),
    /// What cannot be held or judged, from its first byte on.
    Rest(Bytes, Pin<Box<B>>),
}

/// A failed attempt: whose fault, and what can be told about it.
pub(crate) struct Failure {
    pub(crate) fault: Fault,
    pub(crate) target: usize,
    pub(crate) told: Told,
}

impl Failure {
    /// The request's head, if the target's service gave it back to be read for fallbacks.
    pub(crate) fn returned(&mut self, settings: &Settings) -> Option<request::Parts> {
        let below = settings.fallbacks_below.as_ref()?;
        let Told::Reply(head, _) = &mut self.told else {
            return None;
        };
        (below.returned)(&mut head.extensions)
    }
}

/// What can be told about a failure.
pub(crate) enum Told {
    Reply(Box<response::Parts>, Bytes),
    Error(BoxError),
    Event(Box<ApiError>),
}

pin_project! {
    /// One attempt.
    pub(crate) struct Attempt<S, B>
    where
        S: Service<Request<Full<Bytes>>>,
    {
        pub(crate) aim: Aim,
        pub(crate) permit: Option<Permit>,
        #[pin]
        state: State<S, S::Future, B>,
        // Made when the first content is not there at once.
        timer: Option<Pin<Box<Sleep>>>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, F, B> {
        // The service is not ready yet.
        Ready { waiting: Option<Box<Waiting<S>>> },
        // It said why it never will be.
        Broken { error: Option<BoxError> },
        Called { #[pin] future: F },
        Peek { head: Option<response::Parts>, peek: Option<Box<Peek<B>>> },
        Plain {
            head: Option<response::Parts>,
            body: Option<Pin<Box<B>>>,
            collected: Collected,
        },
        Done,
    }
}

/// A request, and the service that is to take it.
struct Waiting<S> {
    service: S,
    request: Request<Full<Bytes>>,
}

impl<S, B> Attempt<S, B>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    /// Sends the request, as soon as the service is ready.
    pub(crate) fn begin(
        aim: Aim,
        permit: Permit,
        mut service: S,
        request: Request<Full<Bytes>>,
        cx: &mut Context<'_>,
    ) -> Pin<Box<Self>> {
        match service.poll_ready(cx) {
            Poll::Ready(Ok(())) => {
                let future = service.call(request);
                Self::boxed(aim, permit, State::Called { future })
            }
            Poll::Ready(Err(error)) => {
                let error = Some(error.into());
                Self::boxed(aim, permit, State::Broken { error })
            }
            Poll::Pending => {
                let waiting = Some(Box::new(Waiting { service, request }));
                Self::boxed(aim, permit, State::Ready { waiting })
            }
        }
    }

    /// In the box in which it stays: it is as large as the service's future, and each move of it costs.
    #[inline(always)]
    fn boxed(aim: Aim, permit: Permit, state: State<S, S::Future, B>) -> Pin<Box<Self>> {
        Box::pin(Self {
            aim,
            permit: Some(permit),
            state,
            timer: None,
        })
    }

    /// Its permit, once it has ended.
    pub(crate) fn take_permit(self: Pin<&mut Self>) -> Option<Permit> {
        self.project().permit.take()
    }

    /// Another attempt was faster.
    pub(crate) fn overtaken(self: Pin<&mut Self>) {
        if let Some(permit) = self.project().permit.take() {
            permit.overtaken(Instant::now().into_std());
        }
    }

    /// Polls on, to an answer or a failure. `None` after that.
    pub(crate) fn poll(
        self: Pin<&mut Self>,
        settings: &Settings,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Outcome<B>>> {
        let mut this = self.project();
        let polled = poll_state(this.state.as_mut(), this.aim, this.permit, settings, cx);
        let outcome = match polled {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => {
                let Some((at, what)) = this.aim.deadline() else {
                    return Poll::Pending;
                };
                let timer = this.timer.take();
                let timer = timer.filter(|timer| timer.deadline() == at);
                let timer = timer.unwrap_or_else(|| Box::pin(tokio::time::sleep_until(at)));
                ready!(this.timer.insert(timer).as_mut().poll(cx));
                let error = AttemptError::new(&this.aim.id, what);
                Some(failed(this.aim, error.fault(), Told::Error(error.into())))
            }
        };
        // Lets go of the request, and after a deadline of the connection.
        this.state.set(State::Done);
        *this.timer = None;
        Poll::Ready(outcome)
    }
}

fn poll_state<S, B>(
    mut state: Pin<&mut State<S, S::Future, B>>,
    aim: &mut Aim,
    permit: &mut Option<Permit>,
    settings: &Settings,
    cx: &mut Context<'_>,
) -> Poll<Option<Outcome<B>>>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    loop {
        match state.as_mut().project() {
            StateProj::Ready { waiting: slot } => {
                let Some(waiting) = slot else {
                    return Poll::Ready(None);
                };
                if let Err(error) = ready!(waiting.service.poll_ready(cx)) {
                    return Poll::Ready(Some(broke(aim, error.into(), settings)));
                }
                let Some(waiting) = slot.take() else {
                    return Poll::Ready(None);
                };
                let Waiting {
                    mut service,
                    request,
                } = *waiting;
                let future = service.call(request);
                state.set(State::Called { future });
            }
            StateProj::Broken { error } => {
                let error = error.take();
                return Poll::Ready(error.map(|error| broke(aim, error, settings)));
            }
            StateProj::Called { future } => match ready!(future.poll(cx)) {
                Ok(response) => {
                    // Wherever it goes, it goes in a box.
                    let (head, body) = response.map(Box::pin).into_parts();
                    if let Some(permit) = permit {
                        permit.target().observe_reply(&head.headers);
                    }
                    let content_type = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
                    let is_stream = content_type.is_some_and(is_event_stream);
                    // What is encoded cannot be read.
                    let endpoint = aim.endpoint.filter(|_| !is_encoded(&head.headers));
                    match endpoint {
                        Some(endpoint) if is_stream && head.status.is_success() => {
                            let peek = Peek::new(body, endpoint, aim.refuse_filtered);
                            state.set(State::Peek {
                                head: Some(head),
                                peek: Some(Box::new(peek)),
                            });
                        }
                        None if is_stream => {
                            let body = Begun::Rest(Bytes::new(), body);
                            return Poll::Ready(Some(Outcome::Answer { head, body }));
                        }
                        _ => {
                            // Its own deadlines are for the whole of a plain reply.
                            aim.first_token = None;
                            state.set(State::Plain {
                                head: Some(head),
                                body: Some(body),
                                collected: Collected::default(),
                            });
                        }
                    }
                }
                Err(error) => return Poll::Ready(Some(broke(aim, error.into(), settings))),
            },
            StateProj::Peek { head, peek } => {
                let Some(stream) = peek else {
                    return Poll::Ready(None);
                };
                let outcome = ready!(stream.poll(&aim.id, cx));
                return Poll::Ready(match (outcome, head.take(), peek.take()) {
                    (Ok(()), Some(head), Some(stream)) => Some(Outcome::Answer {
                        head,
                        body: Begun::Stream(stream),
                    }),
                    (Err(error), _, _) => {
                        let fault = error.fault(settings.classify);
                        Some(failed(aim, fault, Told::from(error)))
                    }
                    _ => None,
                });
            }
            StateProj::Plain {
                head: slot,
                body,
                collected,
            } => {
                let Some(unread) = body else {
                    return Poll::Ready(None);
                };
                let is_error = slot
                    .as_ref()
                    .is_some_and(|head| head.status.as_u16() >= 400);
                let limit = if is_error {
                    MAX_ERROR_BYTES
                } else {
                    settings.max_reply_bytes
                };
                let read = ready!(collected.poll(unread.as_mut(), limit, cx));
                let (Some(head), Some(body)) = (slot.take(), body.take()) else {
                    return Poll::Ready(None);
                };
                return Poll::Ready(Some(match read {
                    Ok(read) => judge(aim, head, read),
                    Err(CollectError::TooLarge(read)) if is_error => judge(aim, head, read),
                    Err(CollectError::TooLarge(read)) => Outcome::Answer {
                        head,
                        body: Begun::Rest(read, body),
                    },
                    // An error's status says enough.
                    Err(CollectError::Body(_)) if is_error => judge(aim, head, collected.take()),
                    Err(CollectError::Body(error)) => broke(aim, error.into(), settings),
                }));
            }
            StateProj::Done => return Poll::Ready(None),
        }
    }
}

fn broke<B>(aim: &Aim, error: BoxError, settings: &Settings) -> Outcome<B> {
    let fault = crate::error::classify(&*error, settings.classify);
    failed(aim, fault, Told::Error(error))
}

fn failed<B>(aim: &Aim, fault: Fault, told: Told) -> Outcome<B> {
    Outcome::Failed(Failure {
        fault,
        target: aim.target,
        told,
    })
}

impl From<Unopened> for Told {
    fn from(error: Unopened) -> Self {
        match error {
            Unopened::Attempt(error) => Self::Error(error.into()),
            Unopened::Event(_, error) => Self::Event(error),
            Unopened::Body(error) => Self::Error(error),
        }
    }
}
