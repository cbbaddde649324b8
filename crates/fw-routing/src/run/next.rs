//! What follows when an attempt has failed.

use std::{task::Context, time::Duration};

use bytes::Bytes;
use fw_stream::BoxError;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use tokio::time::Instant;
use tower_service::Service;

use super::{
    Run, Step,
    blame::{blame, is_forbidden},
};
use crate::{
    attempt::{Aim, Failure, Told},
    decide::{self, Next, Situation},
    error::AttemptError,
    fault::{Fault, FaultKind},
    permit::Permit,
    service::Shared,
    strategy::Member,
    tried::Tried,
};

impl Run {
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
    pub(crate) fn next<S, B>(
        &mut self,
        shared: &Shared<S>,
        aim: &Aim,
        cx: &mut Context<'_>,
    ) -> Step<S, B>
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
        self.follow(shared, target, &fault, key, cx)
    }

    /// What follows a fault of a target, which may have another key.
    fn follow<S, B>(
        &mut self,
        shared: &Shared<S>,
        target: usize,
        fault: &Fault,
        key: Option<usize>,
        cx: &mut Context<'_>,
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
        let elapsed = self.started.map_or(Duration::ZERO, |at| at.elapsed());
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
                if let Some(attempt) = self.attempt(shared, target, key, cx) {
                    return Step::Attempt(attempt);
                }
            }
            Next::Again(wait) => return Step::Wait(wait, target),
            Next::Elsewhere => {}
            Next::Named => return self.named(shared, cx),
            Next::Answer => return Step::Answer(self.give_up(shared)),
        }
        self.done.insert(target);
        if fault.kind() != FaultKind::UnknownModel {
            self.fallbacks += 1;
        }
        self.first(shared, cx)
    }

    /// What is possible after an attempt at a target.
    pub(super) fn situation<S>(&self, shared: &Shared<S>, target: usize) -> Situation {
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
    fn named<S, B>(&mut self, shared: &Shared<S>, cx: &mut Context<'_>) -> Step<S, B>
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
        self.first(shared, cx)
    }

    /// The attempt after a wait: at the same target, or what else may follow if that has gone out of rotation.
    pub(crate) fn after_wait<S, B>(
        &mut self,
        shared: &Shared<S>,
        target: usize,
        cx: &mut Context<'_>,
    ) -> Step<S, B>
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
        S::Error: Into<BoxError>,
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        // Keys that rested may have their turn again.
        self.tried_keys = Tried::new();
        if let Some(attempt) = self.attempt(shared, target, None, cx) {
            return Step::Attempt(attempt);
        }
        self.attempts_here = u32::MAX;
        match self.last {
            Some(fault) => self.follow(shared, target, &fault, None, cx),
            None => Step::Answer(self.give_up(shared)),
        }
    }

    /// Whether another target of this stage or a later one could take the request.
    pub(super) fn ready_elsewhere_than<S>(&self, shared: &Shared<S>, here: usize) -> bool {
        let now = Instant::now().into_std();
        let ready = |place: usize, stage: usize| {
            let Some(pool) = self.plan.stage(stage) else {
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
        (self.stage..self.plan.stages())
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
