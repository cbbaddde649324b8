//! The answer to a request, and what its end says of the target that gave it.

use std::{iter, sync::Arc, time::Duration};

use bytes::Bytes;
use fw_stream::{BoxError, EndCause, ExpectedChoices, Observation};
use fw_wire::{ApiError, ErrorShape};
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response,
    header::{CONTENT_LENGTH, RETRY_AFTER, TRANSFER_ENCODING},
    response,
};
use http_body::Body;
use http_body_util::Full;
use tokio::time::Instant;
use tower_service::Service;
use tracing::Span;

use super::Run;
use crate::{
    attempt::{Aim, Begun, Told},
    attempts::Attempts,
    body::RouterBody,
    fault::{Fault, FaultKind},
    mirror::MirrorCopy,
    permit::Permit,
    service::Shared,
    timed::{Limits, TimedBody},
};

/// The response header that names the target that answered.
pub const TARGET_HEADER: HeaderName = HeaderName::from_static("x-fw-target");

/// The response header that says how many attempts there were.
pub const ATTEMPTS_HEADER: HeaderName = HeaderName::from_static("x-fw-attempts");

/// The field of the current [`tracing`] span that the attempts are recorded in, if the span has it.
pub const ROUTE_SPAN_FIELD: &str = "fw.route";

const ONE: HeaderValue = HeaderValue::from_static("1");

const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

impl Run {
    /// The answer when nothing more is tried.
    pub(super) fn give_up<S, B>(&mut self, shared: &Shared<S>) -> Response<RouterBody<B>> {
        let shape = self
            .plan
            .endpoint
            .map_or(ErrorShape::OpenAi, ErrorShape::for_endpoint);
        let Some(failure) = self.failure.take() else {
            let stages = iter::once(&self.plan.first).chain(&self.plan.later);
            let pools = stages.map(|stage| stage.pool);
            let mut error = ApiError::unavailable(
                "No target is available: all of them are failing, resting or out of keys.",
            )
            .code("no_target_available");
            if let Some(delay) = shared.ready_in(pools) {
                error = error.retry_after(delay.max(Duration::from_secs(1)));
            }
            let mut response = error.to_response(shape).map(RouterBody::whole);
            self.finish(shared, None, &mut response);
            return response;
        };
        let mut response = match failure.told {
            Told::Reply(mut head, body) => {
                head.headers.remove(CONTENT_LENGTH);
                head.headers.remove(TRANSFER_ENCODING);
                Response::from_parts(*head, RouterBody::whole(body))
            }
            Told::Error(error) => (shared.settings.describe)(&*error)
                .to_response(shape)
                .map(RouterBody::whole),
            Told::Event(error) => error.to_response(shape).map(RouterBody::whole),
        };
        let fault = failure.fault;
        let may_pass = fault.kind().is_failure() || fault.kind() == FaultKind::RateLimited;
        if may_pass && self.count > 1 {
            // The SDKs would try the whole way once more.
            let headers = response.headers_mut();
            headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
        }
        if fault.kind() == FaultKind::RateLimited && !response.headers().contains_key(RETRY_AFTER) {
            let target = shared.targets.get(failure.target);
            if let Some(target) = target {
                let seconds = target.stats.cooldown(fault.retry_after()).as_secs().max(1);
                let headers = response.headers_mut();
                headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
        }
        self.finish(shared, Some(failure.target), &mut response);
        response
    }

    /// The reply of an attempt, as the answer.
    pub(crate) fn answer<S, B>(
        &mut self,
        shared: &Arc<Shared<S>>,
        aim: &Aim,
        permit: Option<Permit>,
        mut head: response::Parts,
        body: Begun<B>,
    ) -> Response<RouterBody<B>>
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let now = Instant::now();
        self.record
            .took(aim.place, now.saturating_duration_since(aim.started));
        let mut permit = permit;
        // A whole reply begins and ends at once.
        if let (Some(permit), Begun::Stream(_) | Begun::Rest(..)) = (&mut permit, &body) {
            permit.first_content(now.into_std());
        }
        self.set_forbidden_aside(shared, aim, now);
        let copy = self.mirror_copy(shared);
        let body = match body {
            Begun::Whole(data, tokens) => {
                if let Some(permit) = permit {
                    permit.succeed(now.into_std(), tokens);
                }
                send_copy(shared, copy);
                RouterBody::whole(data)
            }
            Begun::Rest(read, body) => RouterBody::rest(read, body, permit),
            Begun::Stream(stream) => {
                head.headers.remove(CONTENT_LENGTH);
                let routed = shared.targets.get(aim.target);
                let limits = Limits {
                    idle: routed.and_then(|routed| routed.idle),
                    total: routed
                        .and_then(|routed| routed.total)
                        .map(|total| (total, aim.started)),
                };
                let timed = TimedBody::new(stream.open(), Arc::clone(&aim.id), limits);
                let (record, place) = (self.record.clone(), aim.place);
                let router = Arc::clone(shared);
                let settle = Box::new(move |seen: Observation| {
                    settle(permit, &record, place, &seen);
                    if seen.end == EndCause::Complete {
                        send_copy(&router, copy);
                    }
                });
                let choices = head
                    .extensions
                    .get()
                    .map_or(self.plan.choices, |choices: &ExpectedChoices| {
                        choices.count()
                    });
                let endpoint = aim.endpoint.unwrap_or(fw_wire::Endpoint::ChatCompletions);
                RouterBody::stream(
                    timed,
                    endpoint,
                    choices,
                    shared.settings.max_reply_bytes,
                    shared.settings.describe,
                    settle,
                )
            }
        };
        let mut response = Response::from_parts(head, body);
        self.finish(shared, Some(aim.target), &mut response);
        response
    }

    /// Puts in what the router has to say.
    fn finish<S, B>(
        &self,
        shared: &Shared<S>,
        target: Option<usize>,
        response: &mut Response<RouterBody<B>>,
    ) {
        let span = Span::current();
        if let Some(field) = span.field(ROUTE_SPAN_FIELD) {
            span.record(&field, tracing::field::display(&self.record));
        }
        let target = target.and_then(|target| shared.targets.get(target)?.header.clone());
        let headers = response.headers_mut();
        if let Some(target) = target {
            headers.insert(TARGET_HEADER, target);
        }
        let count = match self.count {
            // Almost always, and it need not be written.
            1 => ONE,
            count => HeaderValue::from(count),
        };
        headers.insert(ATTEMPTS_HEADER, count);
        response.extensions_mut().insert(self.record.clone());
    }

    /// The request once more for the mirror, if it is in its sample.
    fn mirror_copy<S>(&self, shared: &Shared<S>) -> Option<Box<Request<Full<Bytes>>>> {
        shared.mirror.as_ref().filter(|mirror| mirror.sampled())?;
        self.plan.endpoint?;
        let mut parts = self.parts.as_ref()?.clone();
        // What is recorded there is about the answer, not the copy.
        parts.extensions.clear();
        parts.extensions.insert(MirrorCopy);
        let body = Full::new(self.plan.body.clone());
        Some(Box::new(Request::from_parts(parts, body)))
    }
}

fn send_copy<S, B>(shared: &Shared<S>, copy: Option<Box<Request<Full<Bytes>>>>)
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    if let (Some(mirror), Some(request)) = (&shared.mirror, copy) {
        mirror.send(*request);
    }
}

/// A stream is over: what that says of its target.
fn settle(permit: Option<Permit>, record: &Attempts, place: usize, seen: &Observation) {
    let now = Instant::now().into_std();
    let fault = match seen.end {
        EndCause::Complete => {
            let tokens = seen.usage.map(|usage| usage.completion_tokens);
            if let Some(permit) = permit {
                permit.succeed(now, tokens);
            }
            return;
        }
        EndCause::Truncated => FaultKind::Truncated,
        // What the target said within the stream tells whose fault it was.
        EndCause::UpstreamError => seen
            .error_status
            .and_then(|status| Fault::of_reply(status, &HeaderMap::new(), b""))
            .map_or(FaultKind::ServerError, |fault| fault.kind()),
        // The client went away: that says nothing of the target.
        _ => return,
    };
    record.failed(place, Fault::new(fault));
    if let Some(permit) = permit {
        permit.fail(now, fault, None);
    }
}
