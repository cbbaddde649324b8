//! Health probes beside real requests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use fw_routing::{Breaker, Probe, Router, Target, TargetState};
use http::{Method, Request, Response};
use http_body_util::Full;
use support::{PLAIN, chat};
use tokio::time::sleep;
use tower::Service;

const INTERVAL: Duration = Duration::from_secs(10);

/// An interval at its longest.
const LONG: Duration = Duration::from_secs(11);

/// A target that is up or down.
#[derive(Clone, Default)]
struct Switched {
    down: Arc<AtomicBool>,
    requests: Arc<AtomicUsize>,
    probes: Arc<AtomicUsize>,
}

impl Switched {
    fn target(&self, id: &str, probe: Probe) -> Target<Self> {
        Target::new(id, self.clone()).probe(probe.interval(INTERVAL))
    }

    fn requests(&self) -> usize {
        self.requests.load(SeqCst)
    }

    fn probes(&self) -> usize {
        self.probes.load(SeqCst)
    }
}

impl Service<Request<Full<Bytes>>> for Switched {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        let count = match *request.method() {
            Method::GET => &self.probes,
            _ => &self.requests,
        };
        count.fetch_add(1, SeqCst);
        let (status, body) = match self.down.load(SeqCst) {
            true => (503, "{}"),
            false => (200, PLAIN),
        };
        let reply = Response::builder().status(status);
        ready(Ok(reply.body(Full::from(body)).unwrap()))
    }
}

/// Two targets, in order; a failure takes one out for an hour, unless a probe knows better.
fn router(first: &Switched, second: &Switched, probe: Probe) -> Router<Switched> {
    let cooldown = Duration::from_secs(3600);
    Router::builder()
        .target(first.target("first", probe.clone()))
        .target(second.target("second", probe))
        .breaker(Breaker::new().failure_threshold(1).cooldown(cooldown))
        .build()
        .unwrap()
}

/// Which target answered, and after how many attempts.
async fn ask(router: &Router<Switched>) -> (String, String) {
    let response = router.clone().call(chat(false)).await.unwrap();
    assert_eq!(response.status(), 200);
    let header = |name| response.headers()[name].to_str().unwrap().to_owned();
    (header("x-fw-target"), header("x-fw-attempts"))
}

fn answer(target: &str, attempts: &str) -> (String, String) {
    (target.to_owned(), attempts.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_probe_brings_a_target_back_before_its_cooldown_is_over() {
    let (first, second) = (Switched::default(), Switched::default());
    let router = router(&first, &second, Probe::new());
    let probes = tokio::spawn(router.probes());

    first.down.store(true, SeqCst);
    assert_eq!(ask(&router).await, answer("second", "2"));
    assert_eq!(ask(&router).await, answer("second", "1"));
    sleep(LONG * 5).await;
    assert_eq!(ask(&router).await, answer("second", "1"));
    assert_eq!(router.status()[0].state, TargetState::Unhealthy);
    assert_eq!(first.requests(), 1, "no user met the outage twice");

    first.down.store(false, SeqCst);
    sleep(LONG).await;
    assert_eq!(ask(&router).await, answer("first", "1"));
    assert_eq!(second.probes(), 0, "it was never out");
    probes.abort();
}

#[tokio::test(start_paused = true)]
async fn without_probes_it_stays_out_until_then() {
    let (first, second) = (Switched::default(), Switched::default());
    let router = router(&first, &second, Probe::new());
    first.down.store(true, SeqCst);
    ask(&router).await;
    first.down.store(false, SeqCst);
    sleep(Duration::from_secs(3500)).await;
    assert_eq!(ask(&router).await, answer("second", "1"));
    sleep(Duration::from_secs(200)).await;
    assert_eq!(ask(&router).await, answer("first", "1"));
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_found_before_a_request_meets_it() {
    let (first, second) = (Switched::default(), Switched::default());
    let router = router(&first, &second, Probe::new().always(true));
    let probes = tokio::spawn(router.probes());
    sleep(LONG * 3).await;
    first.down.store(true, SeqCst);
    sleep(LONG * 4).await;
    assert_eq!(ask(&router).await, answer("second", "1"));
    assert_eq!(first.requests(), 0);
    probes.abort();
}

#[tokio::test(start_paused = true)]
async fn probes_are_no_requests() {
    let (first, second) = (Switched::default(), Switched::default());
    let router = router(&first, &second, Probe::new().always(true));
    let probes = tokio::spawn(router.probes());
    first.down.store(true, SeqCst);
    sleep(LONG * 10).await;
    for target in router.status() {
        assert_eq!((target.requests, target.failures), (0, 0));
        assert_eq!((target.in_flight, target.error_ratio), (0, 0.0));
        assert_eq!(target.latency, None);
    }
    probes.abort();
}

#[tokio::test(start_paused = true)]
async fn probes_end_with_the_last_handle() {
    let (first, second) = (Switched::default(), Switched::default());
    let router = router(&first, &second, Probe::new().always(true));
    let another = router.clone();
    let probes = tokio::spawn(router.probes());
    drop(router);
    sleep(LONG * 3).await;
    assert!(!probes.is_finished());
    drop(another);
    sleep(LONG).await;
    assert!(probes.is_finished());
}
