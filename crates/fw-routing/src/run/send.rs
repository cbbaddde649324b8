//! The next attempt: at which target, with which key, with what request.

use std::{pin::Pin, sync::Arc, task::Context};

use bytes::Bytes;
use fw_stream::BoxError;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use tokio::time::Instant;
use tower_service::Service;

use super::Run;
use crate::{
    attempt::{Aim, Attempt},
    decide,
    fault::{Fault, FaultKind},
    service::Shared,
    tried::Tried,
};

impl Run {
    /// An attempt at a target of this stage, or of the next one that has one.
    pub(super) fn elsewhere<S, B>(
        &mut self,
        shared: &Shared<S>,
        cx: &mut Context<'_>,
    ) -> Option<Pin<Box<Attempt<S, B>>>>
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
                match self.attempt(shared, target, None, cx) {
                    Some(attempt) => return Some(attempt),
                    // It went out of rotation in this moment.
                    None => self.done.insert(target),
                }
            }
            let stage = self.plan.stage(self.stage + 1)?;
            self.stage += 1;
            self.body = self.plan.body_of(stage);
            self.done = Tried::new();
        }
    }

    /// The time. Before the first attempt hardly any has passed.
    fn now(&self) -> Instant {
        match self.started {
            Some(started) if self.count == 0 => started,
            _ => Instant::now(),
        }
    }

    pub(super) fn pick<S>(&self, shared: &Shared<S>) -> Option<usize> {
        let stage = self.plan.stage(self.stage)?;
        let now = self.now().into_std();
        shared
            .pools
            .get(stage.pool)?
            .pick(&stage.first, &self.done, self.plan.key, now)
    }

    pub(super) fn attempt<S, B>(
        &mut self,
        shared: &Shared<S>,
        target: usize,
        key: Option<usize>,
        cx: &mut Context<'_>,
    ) -> Option<Pin<Box<Attempt<S, B>>>>
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
                .and_then(|timeout| Some((self.started?.checked_add(timeout)?, timeout))),
            place: self.record.begin(Arc::clone(&id), label.clone()),
            id,
            started: now,
            // Of several choices one may be filtered and the others not.
            refuse_filtered: shared.settings.fallback.on_content_filter && self.plan.choices == 1,
            repeats: self.repeats(shared),
        };
        Some(Attempt::begin(aim, permit, service.clone(), request, cx))
    }

    /// Which keys were refused is known of one target at a time, also when two have the request.
    pub(super) fn begin_keys_of(&mut self, target: usize) {
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
        Some(Request::from_parts(
            parts,
            Full::new(self.body.as_ref().unwrap_or(&self.plan.body).clone()),
        ))
    }

    /// Whether the request may be sent more than once.
    fn repeats<S>(&self, shared: &Shared<S>) -> bool {
        shared.settings.repeats || !self.plan.later.is_empty()
    }
}
