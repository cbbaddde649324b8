//! The way of one request from target to target: what was tried, what is next, what is answered.

use std::{pin::Pin, task::Context, time::Duration};

use bytes::Bytes;
use fw_stream::BoxError;
use fw_wire::{ApiError, ErrorShape};
use http::{
    Request, Response,
    header::{CONTENT_LENGTH, TRANSFER_ENCODING},
    request,
};
use http_body::Body;
use http_body_util::Full;
use tokio::time::Instant;
use tower_service::Service;

use crate::{
    attempt::{Aim, Attempt, Failure},
    attempts::Attempts,
    body::RouterBody,
    fallbacks,
    fault::{Fault, FaultKind},
    plan::{self, Plan},
    service::Shared,
    tried::Tried,
};

mod answer;
mod blame;
mod key;
mod next;
mod send;

pub use self::answer::{ATTEMPTS_HEADER, ROUTE_SPAN_FIELD, TARGET_HEADER};
pub use self::key::KEY_HEADER;

/// A request on its way. Made when it comes, begun when its body has been read.
pub(crate) struct Run {
    parts: Option<request::Parts>,
    plan: Plan,
    /// Whether the service of a target has given it back before.
    returned: bool,
    /// The stage it is in, and the stage's body where that is not the plan's.
    stage: usize,
    body: Option<Bytes>,
    /// Targets that are out of the question in this stage.
    done: Tried,
    /// Attempts at the current target, and which of its keys were refused.
    attempts_here: u32,
    tried_keys: Tried,
    keys_of: usize,
    /// Further targets so far.
    fallbacks: u32,
    count: u32,
    record: Attempts,
    /// The failure that tells the client most, and the last fault, which decides what follows.
    failure: Option<Failure>,
    last: Option<Fault>,
    /// Keys, with their targets, that this request was forbidden with: it or they are at fault.
    forbidden: Vec<(usize, usize)>,
    /// When its body had been read.
    started: Option<Instant>,
}

/// What follows.
pub(crate) enum Step<S, B>
where
    S: Service<Request<Full<Bytes>>>,
{
    Attempt(Pin<Box<Attempt<S, B>>>),
    Wait(Duration, usize),
    Answer(Response<RouterBody<B>>),
}

impl Run {
    /// In the box in which it stays: it is large.
    pub(crate) fn boxed(mut parts: request::Parts) -> Box<Self> {
        // The length is worked out anew from the body that is sent.
        parts.headers.remove(CONTENT_LENGTH);
        parts.headers.remove(TRANSFER_ENCODING);
        let record = parts.extensions.get::<Attempts>().cloned();
        let endpoint = plan::endpoint(&parts.method, parts.uri.path());
        Box::new(Self {
            parts: Some(parts),
            plan: Plan::unread(endpoint),
            returned: false,
            stage: 0,
            body: None,
            done: Tried::new(),
            attempts_here: 0,
            tried_keys: Tried::new(),
            keys_of: usize::MAX,
            fallbacks: 0,
            count: 0,
            record: record.unwrap_or_default(),
            failure: None,
            last: None,
            forbidden: Vec::new(),
            started: None,
        })
    }

    /// Begins with the request's body: the first attempt, or the answer that there is none.
    pub(crate) fn begin<S, B>(
        &mut self,
        body: Bytes,
        shared: &Shared<S>,
        cx: &mut Context<'_>,
    ) -> Step<S, B>
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
        S::Error: Into<BoxError>,
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        if let Err(error) = self.read(body, shared) {
            return self.refuse(&error);
        }
        self.started = Some(Instant::now());
        self.first(shared, cx)
    }

    /// The answer to a request that is sent to nobody.
    pub(crate) fn refuse<S, B>(&self, error: &ApiError) -> Step<S, B>
    where
        S: Service<Request<Full<Bytes>>>,
    {
        let shape = self
            .plan
            .endpoint
            .map_or(ErrorShape::OpenAi, ErrorShape::for_endpoint);
        Step::Answer(error.to_response(shape).map(RouterBody::whole))
    }

    /// Finds out what the request asks for, as far as that matters.
    fn read<S>(&mut self, body: Bytes, shared: &Shared<S>) -> Result<(), Box<ApiError>> {
        let settings = &shared.settings;
        let reads = settings.reads_requests || self.returned;
        match (self.plan.endpoint, &self.parts) {
            (Some(endpoint), Some(parts))
                if reads || fallbacks::may_be_in(&body, endpoint, settings) =>
            {
                self.plan = Plan::read(endpoint, &parts.headers, body, shared)?;
                if settings.fallback.enabled {
                    self.plan.add_fallback_pools(&shared.pools);
                }
                self.body = self.plan.body_of(&self.plan.first);
            }
            _ => self.plan.body = body,
        }
        if let Some(below) = &settings.fallbacks_below
            && (self.returned || self.plan.has_fallbacks)
            && let Some(parts) = &mut self.parts
        {
            (below.mark)(&mut parts.extensions);
        }
        Ok(())
    }

    pub(crate) const fn was_returned(&self) -> bool {
        self.returned
    }

    /// Begins anew after an attempt that was none: the target's service has given back the request's head, to be
    /// read.
    pub(crate) fn again<S, B>(
        &mut self,
        shared: &Shared<S>,
        aim: &Aim,
        parts: request::Parts,
        cx: &mut Context<'_>,
    ) -> Step<S, B>
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
        S::Error: Into<BoxError>,
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        self.record.forget(aim.place);
        let (endpoint, body) = (self.plan.endpoint, self.plan.body.clone());
        *self = *Self::boxed(parts);
        self.plan.endpoint = endpoint;
        self.returned = true;
        self.begin(body, shared, cx)
    }

    /// The first attempt, or the answer that there is none.
    fn first<S, B>(&mut self, shared: &Shared<S>, cx: &mut Context<'_>) -> Step<S, B>
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
        S::Error: Into<BoxError>,
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        match self.elsewhere(shared, cx) {
            Some(attempt) => Step::Attempt(attempt),
            None => Step::Answer(self.give_up(shared)),
        }
    }

    /// A further attempt beside one that is slow, if one may be made.
    pub(crate) fn hedge<S, B>(
        &mut self,
        shared: &Shared<S>,
        slow: &Aim,
        cx: &mut Context<'_>,
    ) -> Option<Pin<Box<Attempt<S, B>>>>
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
        S::Error: Into<BoxError>,
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        let now = Instant::now().into_std();
        self.done.insert(slow.target);
        let target = self.pick(shared)?;
        // Slow is no reason to answer with another model than the one that was named.
        let named = &self.plan.stage(self.stage)?.first;
        if !named.is_empty() && !named.contains(&target) {
            return None;
        }
        let stats = &shared.targets.get(target)?.stats;
        if !stats.withdraw_retry(now) {
            return None;
        }
        self.attempt(shared, target, None, cx)
    }

    /// Whether a second attempt beside the first makes sense.
    pub(crate) fn may_hedge<S>(&self, shared: &Shared<S>, first: &Aim) -> bool {
        self.plan.endpoint.is_some() && self.ready_elsewhere_than(shared, first.target)
    }

    /// Whether a fault of the first attempt is the answer, whatever the one beside it may say. The first is
    /// the one whose target was chosen: another provider may dislike what this one takes.
    pub(crate) fn is_final<S>(&self, shared: &Shared<S>, fault: &Fault) -> bool {
        let of_request = matches!(
            fault.kind(),
            FaultKind::Client | FaultKind::ContextLength | FaultKind::ContentFilter
        );
        of_request && !shared.settings.fallback.covers(fault)
    }

    /// No further attempt goes where one failed while another is under way.
    pub(crate) fn rule_out(&mut self, failed: &Aim) {
        self.done.insert(failed.target);
    }
}

/// Describes a request that could not be read.
pub(crate) fn unreadable(error: &(dyn std::error::Error + 'static)) -> ApiError {
    tracing::debug!(%error, "request body could not be read");
    ApiError::invalid_request("The request's body could not be read to its end.")
        .code("invalid_request_body")
}
