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
use fw_wire::ApiError;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use pin_project_lite::pin_project;
use tokio::time::Sleep;
use tower_service::Service;

use crate::{
    attempt::{Attempt, Outcome},
    body::RouterBody,
    run::{Run, Step, unreadable},
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
        // `None` when it is done.
        run: Option<Box<Run>>,
        shared: Arc<Shared<S>>,
    }
}

pin_project! {
    // Small, because it moves with the future: what is large or rare is in boxes.
    #[project = StateProj]
    enum State<S, ReqBody, B>
    where
        S: Service<Request<Full<Bytes>>>,
    {
        // The request's body is being read.
        Read { #[pin] body: ReqBody, collected: Collected },
        // One target has the request, or two.
        Attempts {
            attempts: UnderWay<S, B>,
            hedge: Option<Pin<Box<Sleep>>>,
        },
        // The next attempt at this target is not due yet.
        Wait { sleep: Pin<Box<Sleep>>, target: usize },
        Done,
    }
}

impl<S, ReqBody, B> RouterFuture<S, ReqBody, B>
where
    S: Service<Request<Full<Bytes>>>,
{
    pub(crate) fn new(request: Request<ReqBody>, shared: Arc<Shared<S>>) -> Self {
        let (parts, body) = request.into_parts();
        Self {
            state: State::Read {
                body,
                collected: Collected::default(),
            },
            run: Some(Run::boxed(parts)),
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
            let Some(run) = this.run.as_mut() else {
                return Poll::Pending;
            };
            let step = match this.state.as_mut().project() {
                StateProj::Read { body, collected } => {
                    let limit = this.shared.settings.max_body_bytes;
                    match ready!(collected.poll(body, limit, cx)) {
                        Ok(body) => run.begin(body, this.shared, cx),
                        Err(CollectError::TooLarge(_)) => {
                            run.refuse(&ApiError::payload_too_large(limit))
                        }
                        Err(CollectError::Body(error)) => run.refuse(&unreadable(&*error.into())),
                    }
                }
                StateProj::Attempts { attempts, hedge } => {
                    ready!(poll_attempts(attempts, hedge, run, this.shared, cx))
                }
                StateProj::Wait { sleep, target } => {
                    ready!(sleep.as_mut().poll(cx));
                    run.after_wait(this.shared, *target, cx)
                }
                StateProj::Done => return Poll::Pending,
            };
            match step {
                Step::Answer(response) => {
                    this.state.set(State::Done);
                    *this.run = None;
                    return Poll::Ready(Ok(response));
                }
                Step::Wait(wait, target) => this.state.set(State::Wait {
                    sleep: Box::pin(tokio::time::sleep(wait)),
                    target,
                }),
                Step::Attempt(attempt) => {
                    let hedge = this.shared.settings.hedge;
                    let hedge = hedge.filter(|_| run.may_hedge(this.shared, &attempt.aim));
                    this.state.set(State::Attempts {
                        attempts: [Some(attempt), None],
                        hedge: hedge.map(|hedge| Box::pin(tokio::time::sleep(hedge.delay))),
                    });
                }
            }
        }
    }
}

/// Polls the attempts under way. The first answer counts; when all have failed, what follows is decided.
fn poll_attempts<S, B>(
    attempts: &mut UnderWay<S, B>,
    hedge: &mut Option<Pin<Box<Sleep>>>,
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
            let Some(mut ended) = slot.take() else {
                continue;
            };
            let permit = ended.as_mut().take_permit();
            let aim = &ended.aim;
            match outcome {
                Some(Outcome::Answer { head, body }) => {
                    for mut other in attempts.iter_mut().filter_map(Option::take) {
                        other.as_mut().overtaken();
                    }
                    return Poll::Ready(Step::Answer(run.answer(shared, aim, permit, head, body)));
                }
                Some(Outcome::Failed(mut failure)) => {
                    if !run.was_returned()
                        && let Some(parts) = failure.returned(&shared.settings)
                    {
                        // Of a target on trial it may be the only one.
                        drop(permit);
                        return Poll::Ready(run.again(shared, aim, parts, cx));
                    }
                    let fault = failure.fault;
                    run.note(shared, aim, permit, failure);
                    let mut others = attempts.iter().flatten();
                    let is_first = others.all(|other| other.aim.place > aim.place);
                    if is_first && run.is_final(shared, &fault) {
                        *attempts = [None, None];
                    }
                    if attempts.iter().all(Option::is_none) {
                        return Poll::Ready(run.next(shared, aim, cx));
                    }
                    run.rule_out(aim);
                }
                None => return Poll::Pending,
            }
        }
        let Some(timer) = hedge else {
            return Poll::Pending;
        };
        ready!(timer.as_mut().poll(cx));
        *hedge = None;
        if let [Some(first), second] = attempts {
            *second = run.hedge(shared, &first.aim, cx);
        }
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
