//! The way of one request from target to target: what was tried, what is next, what is answered.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use fw_stream::BoxError;
use fw_wire::{ApiError, Endpoint};
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
    attempt::{Aim, Attempt, Failure, Told},
    attempts::Attempts,
    body::RouterBody,
    decide::{self, Next, Situation},
    error::AttemptError,
    fault::{Fault, FaultKind},
    permit::Permit,
    plan::Plan,
    service::Shared,
    strategy::Member,
    tried::Tried,
};

mod answer;
mod blame;
mod key;

pub use self::answer::{ATTEMPTS_HEADER, ROUTE_SPAN_FIELD, TARGET_HEADER};
use self::blame::{blame, is_forbidden};
pub use self::key::KEY_HEADER;

/// A request on its way.
pub(crate) struct Run {
    parts: Option<request::Parts>,
    plan: Plan,
    /// Whether the service of a target has given it back before.
    returned: bool,
    /// The stage it is in, and the stage's body.
    stage: usize,
    body: Bytes,
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
    started: Instant,
}

/// What follows.
pub(crate) enum Step<S, B>
where
    S: Service<Request<Full<Bytes>>>,
{
    Attempt(Box<Attempt<S, B>>),
    Wait(Duration, usize),
    Answer(Response<RouterBody<B>>),
    /// The request is to be begun anew, and read.
    Read(Box<Unread>),
}

/// A request that the service of a target has given back.
pub(crate) struct Unread {
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) parts: request::Parts,
    pub(crate) body: Bytes,
}

impl Run {
    pub(crate) fn new(mut parts: request::Parts, plan: Plan, returned: bool) -> Self {
        // The length is worked out anew from the body that is sent.
        parts.headers.remove(CONTENT_LENGTH);
        parts.headers.remove(TRANSFER_ENCODING);
        let record = parts.extensions.get::<Attempts>().cloned();
        Self {
            body: plan
                .stages
                .first()
                .map_or_else(|| plan.body.clone(), |stage| plan.body_of(stage)),
            parts: Some(parts),
            plan,
            returned,
            stage: 0,
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
            started: Instant::now(),
        }
    }

    pub(crate) const fn was_returned(&self) -> bool {
        self.returned
    }

    /// The request as it was before an attempt that was none: the target's service has given back its head.
    pub(crate) fn undo(&mut self, aim: &Aim, parts: request::Parts) -> Box<Unread> {
        self.record.forget(aim.place);
        Box::new(Unread {
            endpoint: self.plan.endpoint,
            parts,
            body: self.plan.body.clone(),
        })
    }

    /// The first attempt, or the answer that there is none.
    pub(crate) fn first<S, B>(&mut self, shared: &Shared<S>) -> Step<S, B>
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
        S::Error: Into<BoxError>,
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        match self.elsewhere(shared) {
            Some(attempt) => Step::Attempt(Box::new(attempt)),
            None => Step::Answer(self.give_up(shared)),
        }
    }

    /// A further attempt beside one that is slow, if one may be made.
    pub(crate) fn hedge<S, B>(&mut self, shared: &Shared<S>, slow: &Aim) -> Option<Attempt<S, B>>
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
        let named = &self.plan.stages.get(self.stage)?.first;
        if !named.is_empty() && !named.contains(&target) {
            return None;
        }
        let stats = &shared.targets.get(target)?.stats;
        if !stats.withdraw_retry(now) {
            return None;
        }
        self.attempt(shared, target, None)
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

    /// Notes what a failed attempt says of its target and key.
    pub(crate) fn note<S>(
        &mut self,
        shared: &Shared<S>,
        aim: &Aim,
        permit: Option<Permit>,
        failure: Failure,
    ) {
        let now = Instant::now();
        let elapsed = now.saturating_duration_since(aim.started);
        self.record.took(aim.place, elapsed);
        self.record.failed(aim.place, failure.fault);
        tracing::debug!(
            target_id = %aim.id,
            fault = %failure.fault,
            after_ms = elapsed.as_millis(),
            "attempt failed"
        );
        if let Some(permit) = permit {
            if is_forbidden(&failure.fault) {
                self.forbidden.push((aim.target, aim.key));
            }
            if aim.was_late() && is_out_of_time(&failure) {
                // The time went by at other targets.
                permit.overtaken(now.into_std());
            } else {
                blame(shared, aim, permit, &failure.fault, now);
            }
        }
        self.last = Some(failure.fault);
        self.keep(failure);
    }

    /// What follows after all attempts under way have failed. `aim` is that of the last one.
    pub(crate) fn next<S, B>(&mut self, shared: &Shared<S>, aim: &Aim) -> Step<S, B>
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
        S::Error: Into<BoxError>,
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        let (Some(fault), target) = (self.last, aim.target) else {
            return Step::Answer(self.give_up(shared));
        };
        let now = Instant::now().into_std();
        self.begin_keys_of(target);
        let key = shared
            .targets
            .get(target)
            .filter(|routed| {
                routed.keys.len() > 1
                    && matches!(fault.kind(), FaultKind::RateLimited | FaultKind::Account)
            })
            .and_then(|routed| {
                self.tried_keys.insert(aim.key);
                routed.keys.pick(now, &self.tried_keys)
            });
        self.follow(shared, target, &fault, key)
    }

    /// What follows a fault of a target, which may have another key.
    fn follow<S, B>(
        &mut self,
        shared: &Shared<S>,
        target: usize,
        fault: &Fault,
        key: Option<usize>,
    ) -> Step<S, B>
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
        S::Error: Into<BoxError>,
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        let settings = &shared.settings;
        let routed = shared.targets.get(target);
        let now = Instant::now().into_std();
        let elapsed = self.started.elapsed();
        let timeout = settings.retry.timeout;
        let in_time = |wait| timeout.is_none_or(|timeout| elapsed.saturating_add(wait) < timeout);
        let situation = Situation {
            other_key: key.is_some(),
            in_time: in_time(Duration::ZERO),
            ..self.situation(shared, target)
        };
        let wait = || {
            // Before its rest is over the target would not take the request.
            let rest = routed.and_then(|routed| routed.stats.ready_at(now));
            let rest = rest.map(|at| at.saturating_duration_since(now));
            let delay = settings.retry.backoff.delay(
                self.attempts_here,
                fault.retry_after().max(rest),
                &mut fastrand::Rng::new(),
            );
            delay.filter(|delay| in_time(*delay))
        };
        let budget = || routed.is_some_and(|routed| routed.stats.withdraw_retry(now));
        let next = decide::next(
            fault,
            situation,
            &settings.retry,
            &settings.fallback,
            wait,
            budget,
        );
        match next {
            Next::OtherKey => {
                self.attempts_here = self.attempts_here.saturating_sub(1);
                if let Some(attempt) = self.attempt(shared, target, key) {
                    return Step::Attempt(Box::new(attempt));
                }
            }
            Next::Again(wait) => return Step::Wait(wait, target),
            Next::Elsewhere => {}
            Next::Named => return self.named(shared),
            Next::Answer => return Step::Answer(self.give_up(shared)),
        }
        self.done.insert(target);
        if fault.kind() != FaultKind::UnknownModel {
            self.fallbacks += 1;
        }
        self.first(shared)
    }

    /// What is possible after an attempt at a target.
    fn situation<S>(&self, shared: &Shared<S>, target: usize) -> Situation {
        let now = Instant::now().into_std();
        let routed = shared.targets.get(target);
        let is_ready = |member: &Member| member.stats.is_ready(now);
        let mut named = self.plan.named_after(self.stage);
        Situation {
            attempts_here: self.attempts_here,
            fallbacks: self.fallbacks,
            other_key: false,
            ready_here: routed.is_some_and(|routed| routed.stats.is_ready(now)),
            ready_elsewhere: self.ready_elsewhere_than(shared, target),
            named: named.any(|(_, stage)| {
                let pool = shared.pools.get(stage.pool);
                pool.is_some_and(|pool| pool.members().iter().any(is_ready))
            }),
            in_time: true,
        }
    }

    /// The next model that the request itself names, past all others of this stage.
    fn named<S, B>(&mut self, shared: &Shared<S>) -> Step<S, B>
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
        S::Error: Into<BoxError>,
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        if let Some((place, stage)) = self.plan.named_after(self.stage).next() {
            self.body = self.plan.body_of(stage);
            self.stage = place;
            self.done = Tried::new();
        }
        self.first(shared)
    }

    /// The attempt after a wait: at the same target, or what else may follow if that has gone out of rotation.
    pub(crate) fn after_wait<S, B>(&mut self, shared: &Shared<S>, target: usize) -> Step<S, B>
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
        S::Error: Into<BoxError>,
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        // Keys that rested may have their turn again.
        self.tried_keys = Tried::new();
        if let Some(attempt) = self.attempt(shared, target, None) {
            return Step::Attempt(Box::new(attempt));
        }
        self.attempts_here = u32::MAX;
        match self.last {
            Some(fault) => self.follow(shared, target, &fault, None),
            None => Step::Answer(self.give_up(shared)),
        }
    }

    /// An attempt at a target of this stage, or of the next one that has one.
    fn elsewhere<S, B>(&mut self, shared: &Shared<S>) -> Option<Attempt<S, B>>
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
        S::Error: Into<BoxError>,
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        loop {
            while let Some(target) = self.pick(shared) {
                self.attempts_here = 0;
                self.tried_keys = Tried::new();
                match self.attempt(shared, target, None) {
                    Some(attempt) => return Some(attempt),
                    // It went out of rotation in this moment.
                    None => self.done.insert(target),
                }
            }
            let stage = self.plan.stages.get(self.stage + 1)?;
            self.stage += 1;
            self.body = self.plan.body_of(stage);
            self.done = Tried::new();
        }
    }

    /// The time. Before the first attempt hardly any has passed.
    fn now(&self) -> Instant {
        if self.count == 0 {
            self.started
        } else {
            Instant::now()
        }
    }

    fn pick<S>(&self, shared: &Shared<S>) -> Option<usize> {
        let stage = self.plan.stages.get(self.stage)?;
        let now = self.now().into_std();
        shared
            .pools
            .get(stage.pool)?
            .pick(&stage.first, &self.done, self.plan.key, now)
    }

    fn attempt<S, B>(
        &mut self,
        shared: &Shared<S>,
        target: usize,
        key: Option<usize>,
    ) -> Option<Attempt<S, B>>
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
        S::Error: Into<BoxError>,
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        let routed = shared.targets.get(target)?;
        let now = self.now();
        self.begin_keys_of(target);
        let key = match key {
            Some(key) => key,
            None => self.pick_key(routed, now.into_std())?,
        };
        let (label, service) = routed.services.get(key)?;
        let permit = routed.stats.admit(now.into_std())?;
        let request = self.request(shared)?;
        self.count += 1;
        self.attempts_here += 1;
        let id = Arc::clone(routed.stats.shared_id());
        let aim = Aim {
            target,
            key,
            endpoint: self.plan.endpoint,
            first_token: routed
                .first_token
                .filter(|_| self.plan.is_stream && !self.is_last_chance(shared, target)),
            until: shared
                .settings
                .retry
                .timeout
                .and_then(|timeout| Some((self.started.checked_add(timeout)?, timeout))),
            place: self.record.begin(Arc::clone(&id), label.clone()),
            id,
            started: now,
            // Of several choices one may be filtered and the others not.
            refuse_filtered: shared.settings.fallback.on_content_filter && self.plan.choices == 1,
            repeats: self.repeats(shared),
        };
        Some(Attempt::new(aim, permit, service.clone(), request))
    }

    /// Which keys were refused is known of one target at a time, also when two have the request.
    fn begin_keys_of(&mut self, target: usize) {
        if self.keys_of != target {
            self.keys_of = target;
            self.tried_keys = Tried::new();
        }
    }

    /// Whether nothing would follow a timeout: then a slow answer is better than none. A target that never
    /// had an alternative keeps its deadline.
    fn is_last_chance<S>(&self, shared: &Shared<S>, target: usize) -> bool {
        let (retry, fallback) = (&shared.settings.retry, &shared.settings.fallback);
        let timeout = Fault::new(FaultKind::Timeout);
        let again = if retry.covers(&timeout) {
            retry.max_attempts
        } else {
            1
        };
        let has_named = self.plan.named_after(0).next().is_some();
        let has_others = fallback.covers(&timeout) && shared.targets.len() > 1;
        let alternatives = again > 1 || has_named || has_others;
        alternatives
            && self.attempts_here >= again
            && decide::elsewhere(&timeout, &self.situation(shared, target), fallback).is_none()
    }

    fn request<S>(&mut self, shared: &Shared<S>) -> Option<Request<Full<Bytes>>> {
        let parts = if self.repeats(shared) {
            self.parts.as_ref()?.clone()
        } else {
            self.parts.take()?
        };
        Some(Request::from_parts(parts, Full::new(self.body.clone())))
    }

    /// Whether the request may be sent more than once.
    fn repeats<S>(&self, shared: &Shared<S>) -> bool {
        shared.settings.repeats || self.plan.stages.len() > 1
    }

    /// Whether another target of this stage or a later one could take the request.
    fn ready_elsewhere_than<S>(&self, shared: &Shared<S>, here: usize) -> bool {
        let now = Instant::now().into_std();
        let ready = |place: usize, stage: usize| {
            let Some(pool) = self.plan.stages.get(stage) else {
                return false;
            };
            let Some(pool) = shared.pools.get(pool.pool) else {
                return false;
            };
            pool.targets()
                .iter()
                .zip(pool.members())
                .any(|(target, member)| {
                    let is_done = place == 0 && (*target == here || self.done.contains(*target));
                    !is_done && member.stats.is_ready(now)
                })
        };
        (self.stage..self.plan.stages.len())
            .enumerate()
            .any(|(place, stage)| ready(place, stage))
    }

    /// Keeps the failure that tells the client most: the last one, but an unknown model or a refused key
    /// says less than what another target said.
    fn keep(&mut self, failure: Failure) {
        let weight = |failure: &Failure| match failure.fault.kind() {
            FaultKind::UnknownModel => 0,
            FaultKind::Account => 1,
            _ => 2,
        };
        let keep = self
            .failure
            .as_ref()
            .is_none_or(|kept| weight(kept) <= weight(&failure));
        if keep {
            self.failure = Some(failure);
        }
    }
}

/// Whether the time for all attempts together was up.
fn is_out_of_time(failure: &Failure) -> bool {
    let error = match &failure.told {
        Told::Error(error) => error.downcast_ref::<AttemptError>(),
        _ => None,
    };
    error.is_some_and(AttemptError::is_of_all_attempts)
}

/// Describes a request that could not be read.
pub(crate) fn unreadable(error: &(dyn std::error::Error + 'static)) -> ApiError {
    tracing::debug!(%error, "request body could not be read");
    ApiError::invalid_request("The request's body could not be read to its end.")
        .code("invalid_request_body")
}
