//! `/health`, `/healthz` and `/readyz`.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use bytes::Bytes;
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
    /// `targets` are the target ids, each with whether it can be used. They come from the
    /// configuration: nothing is sent upstream to answer.
    pub(crate) fn answer<'a>(
        &self,
        path: &str,
        policies: usize,
        targets: impl Iterator<Item = (&'a str, bool)>,
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
            "/health" => Some(json_reply(status, &self.report(ready, policies, targets))),
            _ => None,
        }
    }

    fn report<'a>(
        &self,
        ready: bool,
        policies: usize,
        targets: impl Iterator<Item = (&'a str, bool)>,
    ) -> serde_json::Value {
        let mut usable = 0;
        let mut providers = serde_json::Map::new();
        for (id, available) in targets {
            usable += usize::from(available);
            providers.insert(
                id.to_owned(),
                if available {
                    "available"
                } else {
                    "unavailable"
                }
                .into(),
            );
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

fn json_reply(status: StatusCode, body: &serde_json::Value) -> Response<Bytes> {
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

    fn report(health: &Health, targets: &[(&str, bool)]) -> serde_json::Value {
        let response = health
            .answer("/health", 0, targets.iter().copied())
            .unwrap();
        serde_json::from_slice(response.body()).unwrap()
    }

    #[test]
    fn is_healthy_when_every_target_can_be_used() {
        let health = Health::new();
        health.count_request();
        let report = report(&health, &[("a", true)]);
        assert_eq!(report["status"], "healthy");
        assert_eq!(report["providers"]["a"], "available");
        assert_eq!(report["requests_processed"], 1);
    }

    #[test]
    fn is_degraded_with_some_targets_and_unhealthy_with_none() {
        let health = Health::new();
        assert_eq!(
            report(&health, &[("a", true), ("b", false)])["status"],
            "degraded"
        );
        assert_eq!(report(&health, &[("a", false)])["status"], "unhealthy");
    }

    #[test]
    fn draining_is_not_ready_but_alive() {
        let health = Health::new();
        let status = |path| {
            health
                .answer(path, 0, std::iter::empty())
                .map(|reply| reply.status())
        };
        assert_eq!(status("/readyz"), Some(StatusCode::OK));
        health.start_draining();
        assert_eq!(status("/readyz"), Some(StatusCode::SERVICE_UNAVAILABLE));
        assert_eq!(status("/health"), Some(StatusCode::SERVICE_UNAVAILABLE));
        assert_eq!(status("/healthz"), Some(StatusCode::OK));
        assert_eq!(status("/other"), None);
    }
}
