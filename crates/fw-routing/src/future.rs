//! The future of a router.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use fw_stream::{BoxError, CollectError, Collected};
use fw_wire::{ApiError, Endpoint, ErrorShape};
use http::{Request, Response, request};
use http_body::Body;
use http_body_util::Full;
use pin_project_lite::pin_project;
use tokio::time::Sleep;
use tower_service::Service;

use crate::{
    attempt::{Aim, Attempt, Outcome},
    body::RouterBody,
    fallbacks,
    plan::{self, Plan},
    run::{Run, Step, Unread, unreadable},
    service::Shared,
};

/// The attempt that was begun, and one beside it where that one was slow.
type UnderWay<S, B> = [Option<Pin<Box<Attempt<S, B>>>>; 2];

pin_project! {
    /// The future of [`Router`](crate::Router). Dropping it drops all attempts under way.
    pub struct RouterFuture<S, ReqBody, B>
    where
        S: Service<Request<Full<Bytes>>>,
    {
        #[pin]
        state: State<S, ReqBody, B>,
        // Made when the request's body has been read.
        run: Option<Box<Run>>,
        shared: Arc<Shared<S>>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, ReqBody, B>
    where
        S: Service<Request<Full<Bytes>>>,
    {
        // The request's body is being read.
        Read {
            #[pin]
            body: ReqBody,
            collected: Collected,
            parts: Option<request::Parts>,
            endpoint: Option<Endpoint>,
        },
        // One target has the request, or two.
        Attempts {
            attempts: UnderWay<S, B>,
            #[pin]
            hedge: Option<Sleep>,
        },
        // The next attempt at this target is not due yet.
        Wait { #[pin] sleep: Sleep, target: usize },
        Done,
    }
}

impl<S, ReqBody, B> RouterFuture<S, ReqBody, B>
where
    S: Service<Request<Full<Bytes>>>,
{
    pub(crate) fn new(request: Request<ReqBody>, shared: Arc<Shared<S>>) -> Self {
        let (parts, body) = request.into_parts();
        let endpoint = plan::endpoint(&parts.method, parts.uri.path());
        Self {
            state: State::Read {
                body,
                collected: Collected::default(),
                parts: Some(parts),
                endpoint,
            },
            run: None,
            shared,
        }
    }
}

impl<S, ReqBody, B> Future for RouterFuture<S, ReqBody, B>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    ReqBody: Body<Data = Bytes>,
    ReqBody::Error: Into<BoxError>,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response<RouterBody<B>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let mut step = match this.state.as_mut().project() {
                StateProj::Read {
                    body,
                    collected,
                    parts,
                    endpoint,
                } => {
                    let limit = this.shared.settings.max_body_bytes;
                    let read = ready!(collected.poll(body, limit, cx));
                    let Some(parts) = parts.take() else {
                        return Poll::Pending;
                    };
                    match read {
                        Ok(body) => {
                            let begun = begin(parts, *endpoint, body, false, this.shared);
                            first(begun, *endpoint, this.run, this.shared)
                        }
                        Err(CollectError::TooLarge(_)) => {
                            refuse(&ApiError::payload_too_large(limit), *endpoint)
                        }
                        Err(CollectError::Body(error)) => {
                            refuse(&unreadable(&*error.into()), *endpoint)
                        }
                    }
                }
                StateProj::Attempts { attempts, hedge } => {
                    let Some(run) = this.run.as_mut() else {
                        return Poll::Pending;
                    };
                    ready!(poll_attempts(attempts, hedge, run, this.shared, cx))
                }
                StateProj::Wait { sleep, target } => {
                    ready!(sleep.poll(cx));
                    let Some(run) = this.run.as_mut() else {
                        return Poll::Pending;
                    };
                    run.after_wait(this.shared, *target)
                }
                StateProj::Done => return Poll::Pending,
            };
            if let Step::Read(request) = step {
                let Unread {
                    endpoint,
                    parts,
                    body,
                } = *request;
                let begun = begin(parts, endpoint, body, true, this.shared);
                step = first(begun, endpoint, this.run, this.shared);
            }
            let next = match step {
                // Not reached: this is no first step.
                Step::Read(_) => return Poll::Pending,
                Step::Answer(response) => {
                    this.state.set(State::Done);
                    *this.run = None;
                    return Poll::Ready(Ok(response));
                }
                Step::Wait(wait, target) => State::Wait {
                    sleep: tokio::time::sleep(wait),
                    target,
                },
                Step::Attempt(attempt) => {
                    let hedge = this.shared.settings.hedge.filter(|_| {
                        let run = this.run.as_ref();
                        run.is_some_and(|run| run.may_hedge(this.shared, &attempt.aim))
                    });
                    State::Attempts {
                        attempts: [Some(Box::into_pin(attempt)), None],
                        hedge: hedge.map(|hedge| tokio::time::sleep(hedge.delay)),
                    }
                }
            };
            this.state.set(next);
        }
    }
}

/// Polls the attempts under way. The first answer counts; when all have failed, what follows is decided.
fn poll_attempts<S, B>(
    attempts: &mut UnderWay<S, B>,
    mut hedge: Pin<&mut Option<Sleep>>,
    run: &mut Run,
    shared: &Arc<Shared<S>>,
    cx: &mut Context<'_>,
) -> Poll<Step<S, B>>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    loop {
        for at in 0..attempts.len() {
            let Some(slot) = attempts.get_mut(at) else {
                continue;
            };
            let Some(Poll::Ready(outcome)) = slot
                .as_mut()
                .map(|attempt| attempt.as_mut().poll(&shared.settings, cx))
            else {
                continue;
            };
            let Some((aim, permit)) = slot.take().map(|mut ended| ended.as_mut().take()) else {
                continue;
            };
            match outcome {
                Some(Outcome::Answer { head, body }) => {
                    for mut other in attempts.iter_mut().filter_map(Option::take) {
                        other.as_mut().overtaken();
                    }
                    return Poll::Ready(Step::Answer(run.answer(shared, &aim, permit, head, body)));
                }
                Some(Outcome::Failed(mut failure)) => {
                    if !run.was_returned()
                        && let Some(parts) = failure.returned(&shared.settings)
                    {
                        return Poll::Ready(Step::Read(run.undo(&aim, parts)));
                    }
                    let fault = failure.fault;
                    run.note(shared, &aim, permit, failure);
                    let mut others = attempts.iter().flatten();
                    let is_first = others.all(|other| other.aim.place > aim.place);
                    if is_first && run.is_final(shared, &fault) {
                        *attempts = [None, None];
                    }
                    if attempts.iter().all(Option::is_none) {
                        return Poll::Ready(run.next(shared, &aim));
                    }
                    run.rule_out(&aim);
                }
                None => return Poll::Pending,
            }
        }
        let Some(timer) = hedge.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        ready!(timer.poll(cx));
        hedge.set(None);
        if let [Some(first), second] = attempts {
            let aim: Aim = first.aim.clone();
            *second = run.hedge(shared, &aim).map(Box::pin);
        }
    }
}

/// The answer to a request that is sent to nobody.
fn refuse<S, B>(error: &ApiError, endpoint: Option<Endpoint>) -> Step<S, B>
where
    S: Service<Request<Full<Bytes>>>,
{
    let shape = endpoint.map_or(ErrorShape::OpenAi, ErrorShape::for_endpoint);
    Step::Answer(error.to_response(shape).map(RouterBody::whole))
}

/// Begins a request. `returned` says that the service of a target has given it back, to be read.
fn begin<S>(
    mut parts: request::Parts,
    endpoint: Option<Endpoint>,
    body: Bytes,
    returned: bool,
    shared: &Shared<S>,
) -> Result<Run, Box<ApiError>> {
    let settings = &shared.settings;
    let reads = settings.reads_requests || returned;
    let plan = match endpoint {
        Some(endpoint) if reads || fallbacks::may_be_in(&body, endpoint, settings) => {
            let mut plan = Plan::read(endpoint, &parts.headers, body, shared)?;
            if settings.fallback.enabled {
                plan.add_fallback_pools(&shared.pools);
            }
            plan
        }
        endpoint => Plan::unread(endpoint, body),
    };
    if let Some(below) = &settings.fallbacks_below
        && (returned || plan.has_fallbacks)
    {
        (below.mark)(&mut parts.extensions);
    }
    Ok(Run::new(parts, plan, returned))
}

/// The first attempt of a request that was begun, or the answer to one that could not be.
fn first<S, B>(
    begun: Result<Run, Box<ApiError>>,
    endpoint: Option<Endpoint>,
    slot: &mut Option<Box<Run>>,
    shared: &Shared<S>,
) -> Step<S, B>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
    S::Error: Into<BoxError>,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    match begun {
        Ok(run) => slot.insert(Box::new(run)).first(shared),
        Err(error) => refuse(&error, endpoint),
    }
}

impl<S, ReqBody, B> fmt::Debug for RouterFuture<S, ReqBody, B>
where
    S: Service<Request<Full<Bytes>>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Read { .. } => "Read",
            State::Attempts { .. } => "Attempts",
            State::Wait { .. } => "Wait",
            State::Done => "Done",
        };
        f.debug_struct("RouterFuture")
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
