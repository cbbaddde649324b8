//! `/health`, `/healthz` and `/readyz`.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use bytes::Bytes;
use fw_routing::{TargetState, TargetStatus};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

/// What the gateway knows of its own state.
#[derive(Debug)]
pub(crate) struct Health {
    started: Instant,
    draining: AtomicBool,
    requests: AtomicU64,
}

impl Health {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            draining: AtomicBool::new(false),
            requests: AtomicU64::new(0),
        }
    }

    pub(crate) fn start_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    pub(crate) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Answers one of the health paths; `None` for any other path.
    ///
    /// `targets` tells how the targets are. It is asked for `/health` only, and from what is known:
    /// nothing is sent upstream to answer.
    pub(crate) fn answer(
        &self,
        path: &str,
        policies: usize,
        targets: impl FnOnce() -> Vec<TargetStatus>,
    ) -> Option<Response<Bytes>> {
        let ready = !self.draining.load(Ordering::Relaxed);
        let status = if ready {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        match path {
            // Alive as long as it answers, draining or not.
            "/healthz" => Some(text(StatusCode::OK, "ok\n")),
            "/readyz" => Some(text(status, if ready { "ready\n" } else { "draining\n" })),
            "/health" => {
                let targets = targets();
                let states = targets.iter().map(|target| (&*target.id, target.state));
                Some(json_reply(status, &self.report(ready, policies, states)))
            }
            _ => None,
        }
    }

    fn report<'a>(
        &self,
        ready: bool,
        policies: usize,
        targets: impl Iterator<Item = (&'a str, TargetState)>,
    ) -> serde_json::Value {
        let mut usable = 0;
        let mut providers = serde_json::Map::new();
        for (id, state) in targets {
            let word = match state {
                TargetState::Ready => {
                    usable += 1;
                    "available"
                }
                state => state.as_str(),
            };
            providers.insert(id.to_owned(), word.into());
        }
        let status = match (ready, usable) {
            (false, _) => "draining",
            (true, 0) => "unhealthy",
            (true, usable) if usable < providers.len() => "degraded",
            (true, _) => "healthy",
        };
        json!({
            "status": status,
            "version": env!("CARGO_PKG_VERSION"),
            "uptime_seconds": self.started.elapsed().as_secs(),
            "providers": providers,
            "policies_loaded": policies,
            "requests_processed": self.requests.load(Ordering::Relaxed),
        })
    }
}

fn text(status: StatusCode, body: &'static str) -> Response<Bytes> {
    reply(
        status,
        "text/plain; charset=utf-8",
        Bytes::from_static(body.as_bytes()),
    )
}

pub(crate) fn json_reply(status: StatusCode, body: &serde_json::Value) -> Response<Bytes> {
    reply(status, "application/json", body.to_string().into())
}

fn reply(status: StatusCode, content_type: &'static str, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(health: &Health, targets: &[(&str, TargetState)]) -> serde_json::Value {
        health.report(true, 0, targets.iter().copied())
    }

    #[test]
    fn is_healthy_when_every_target_takes_requests() {
        let health = Health::new();
        health.count_request();
        let report = report(&health, &[("a", TargetState::Ready)]);
        assert_eq!(report["status"], "healthy");
        assert_eq!(report["providers"]["a"], "available");
        assert_eq!(report["requests_processed"], 1);
    }

    #[test]
    fn is_degraded_with_some_targets_and_unhealthy_with_none() {
        let health = Health::new();
        for (state, word) in [
            (TargetState::Unavailable, "unavailable"),
            (TargetState::Cooling, "cooling"),
            (TargetState::Open, "open"),
            (TargetState::HalfOpen, "half_open"),
            (TargetState::Unhealthy, "unhealthy"),
        ] {
            let some = report(&health, &[("a", TargetState::Ready), ("b", state)]);
            assert_eq!(some["status"], "degraded");
            assert_eq!(some["providers"]["b"], word);
            let none = report(&health, &[("a", state)]);
            assert_eq!(none["status"], "unhealthy");
        }
    }

    #[test]
    fn draining_is_not_ready_but_alive() {
        let health = Health::new();
        let status = |path| health.answer(path, 0, Vec::new).map(|reply| reply.status());
        assert_eq!(status("/readyz"), Some(StatusCode::OK));
        health.start_draining();
        assert_eq!(status("/readyz"), Some(StatusCode::SERVICE_UNAVAILABLE));
        assert_eq!(status("/health"), Some(StatusCode::SERVICE_UNAVAILABLE));
        assert_eq!(status("/healthz"), Some(StatusCode::OK));
        assert_eq!(status("/other"), None);
    }
}
