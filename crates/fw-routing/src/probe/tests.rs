use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use http::Method;
use http_body_util::BodyExt;
use proptest::prelude::*;

use super::*;
use crate::{
    breaker::Breaker,
    exchange::scripted::{Reply, Scripted},
};

const INTERVAL: Duration = Duration::from_secs(10);

/// An interval at its longest.
const LONG: Duration = Duration::from_secs(11);

fn now() -> std::time::Instant {
    Instant::now().into_std()
}

fn stats() -> Arc<TargetStats> {
    let breaker = Breaker::new()
        .failure_threshold(1)
        .cooldown(Duration::from_secs(3600));
    Arc::new(TargetStats::new("main").breaker(breaker))
}

/// One that the breaker took out.
fn open() -> Arc<TargetStats> {
    let stats = stats();
    fail(&stats, FaultKind::ServerError);
    assert_eq!(state(&stats), TargetState::Open);
    stats
}

fn fail(stats: &Arc<TargetStats>, kind: FaultKind) {
    stats.admit(now()).unwrap().fail(now(), kind, None);
}

fn state(stats: &TargetStats) -> TargetState {
    stats.status(now()).state
}

fn always() -> Probe {
    Probe::new().interval(INTERVAL).always(true)
}

fn when_out() -> Probe {
    Probe::new().interval(INTERVAL)
}

/// Probes a target in the background, for as long as the result is kept.
fn start(stats: &Arc<TargetStats>, lanes: &[&Scripted], probe: Probe) -> Running {
    let target = Probed {
        stats: Arc::clone(stats),
        lanes: lanes.iter().map(|lane| (*lane).clone()).collect(),
        probe,
    };
    let rng = fastrand::Rng::with_seed(7);
    Running(tokio::spawn(run(target, || true, rng)))
}

struct Running(tokio::task::JoinHandle<()>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Time goes by, on the paused clock.
async fn pass(time: Duration) {
    time::sleep(time).await;
}

#[tokio::test(start_paused = true)]
async fn a_probe_is_an_empty_get_of_the_path() {
    let service = Scripted::status(200);
    let probe = always().path("/health?deep=1");
    let _running = start(&stats(), &[&service], probe);
    pass(INTERVAL).await;
    let request = service.last_request();
    assert_eq!(request.method(), Method::GET);
    assert_eq!(request.uri(), "/health?deep=1");
    assert!(
        request
            .into_body()
            .collect()
            .await
            .unwrap()
            .to_bytes()
            .is_empty()
    );
}

#[test]
fn a_path_is_a_path() {
    for path in ["/", "/models", "/v1/models?limit=1"] {
        assert_eq!(Probe::new().path(path).uri().unwrap(), path);
    }
    for path in ["", "models", "http://host/models", "/a b", "*"] {
        assert_eq!(Probe::new().path(path).uri(), None, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_target_in_rotation_is_left_alone() {
    let service = Scripted::status(200);
    let _running = start(&stats(), &[&service], when_out());
    pass(LONG * 10).await;
    assert_eq!(service.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn one_that_cools_down_is_left_alone() {
    let service = Scripted::status(503);
    let stats = stats();
    stats.cool_until(now() + LONG * 10);
    let _running = start(&stats, &[&service], when_out());
    pass(LONG * 9).await;
    assert_eq!(state(&stats), TargetState::Cooling);
    assert_eq!(service.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn one_without_a_key_is_left_alone() {
    let service = Scripted::status(200);
    let stats = stats();
    stats.set_available(false);
    let _running = start(&stats, &[&service], always());
    pass(LONG * 10).await;
    assert_eq!(service.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_good_probe_lets_an_open_breaker_try() {
    let service = Scripted::status(200);
    let stats = open();
    let _running = start(&stats, &[&service], when_out());
    pass(INTERVAL).await;
    assert!(stats.is_ready(now()));
    assert_ne!(state(&stats), TargetState::Open);

    stats.admit(now()).unwrap().succeed(now(), None);
    assert_eq!(state(&stats), TargetState::Ready);
    let before = service.requests();
    pass(LONG * 10).await;
    assert_eq!(service.requests(), before, "it is in rotation again");
}

#[tokio::test(start_paused = true)]
async fn bad_probes_keep_a_target_out_until_a_good_one() {
    let service = Scripted::status(503);
    let stats = open();
    let _running = start(&stats, &[&service], when_out());
    pass(LONG * 4).await;
    assert_eq!(state(&stats), TargetState::Unhealthy);
    pass(Duration::from_secs(7200)).await;
    assert_eq!(
        state(&stats),
        TargetState::Unhealthy,
        "whatever the breaker's cooldown"
    );

    service.becomes(Reply::Text(200, "{}"));
    pass(LONG).await;
    assert!(stats.is_ready(now()));
}

#[tokio::test(start_paused = true)]
async fn always_finds_a_failure_before_a_request_does() {
    let service = Scripted::status(200);
    let stats = stats();
    let _running = start(&stats, &[&service], always().success_threshold(2));
    pass(LONG * 5).await;
    assert_eq!(state(&stats), TargetState::Ready);

    service.becomes(Reply::Refused);
    let before = service.requests();
    while state(&stats) == TargetState::Ready {
        pass(Duration::from_secs(1)).await;
    }
    assert_eq!(service.requests() - before, 3);
    assert!(!stats.is_ready(now()));

    service.becomes(Reply::Text(200, "{}"));
    let before = service.requests();
    while state(&stats) == TargetState::Unhealthy {
        pass(Duration::from_secs(1)).await;
    }
    assert_eq!(service.requests() - before, 2);
    assert!(stats.is_ready(now()));
}

#[tokio::test(start_paused = true)]
async fn good_probes_from_before_do_not_bring_a_target_back() {
    let service = Scripted::status(200);
    let stats = stats();
    let _running = start(&stats, &[&service], always().success_threshold(3));
    pass(LONG * 10).await;

    fail(&stats, FaultKind::Timeout);
    let before = service.requests();
    while state(&stats) == TargetState::Open {
        pass(Duration::from_secs(1)).await;
    }
    assert_eq!(service.requests() - before, 3);
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_is_no_sign_of_health() {
    use Reply::Text;
    // Between two bad signs it neither counts nor begins a new row.
    let service = Scripted::new([Text(503, ""), Text(429, ""), Text(503, ""), Text(500, "")]);
    let stats = open();
    let probe = when_out().failure_threshold(2);
    let _running = start(&stats, &[&service], probe);
    pass(LONG * 3).await;
    assert_eq!(state(&stats), TargetState::Unhealthy);
    // In a row it says that there is an answer again, which a request may try.
    pass(LONG * 2).await;
    assert_eq!(state(&stats), TargetState::HalfOpen);
}

/// A list of models that is never anything but a 500 must not keep a target out for good after an outage.
#[tokio::test(start_paused = true)]
async fn one_that_answers_again_is_tried_again() {
    use Reply::Text;
    let service = Scripted::new([Text(503, ""), Text(503, ""), Text(503, ""), Text(500, "")]);
    let stats = stats();
    let _running = start(&stats, &[&service], always());
    pass(LONG * 4).await;
    assert_eq!(state(&stats), TargetState::Unhealthy);
    pass(LONG * 4).await;
    assert_eq!(state(&stats), TargetState::Ready);
    pass(LONG * 10).await;
    assert_eq!(state(&stats), TargetState::Ready);
}

#[tokio::test(start_paused = true)]
async fn replies_that_are_not_whole_are_bad() {
    for reply in [
        Reply::Broken(200),
        Reply::Stuck(200),
        Reply::Silence,
        Reply::Refused,
    ] {
        let service = Scripted::new([reply]);
        let stats = stats();
        let _running = start(&stats, &[&service], always().failure_threshold(1));
        pass(INTERVAL + Duration::from_secs(5)).await;
        assert_eq!(state(&stats), TargetState::Unhealthy, "{reply:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_reply_without_end_the_beginning_counts() {
    let service = Scripted::new([Reply::Endless(200, 64 * 1024)]);
    let stats = open();
    let _running = start(&stats, &[&service], when_out());
    pass(INTERVAL).await;
    assert!(stats.is_ready(now()));
    assert_eq!(service.under_way(), 0);
}

#[tokio::test(start_paused = true)]
async fn one_good_key_is_enough() {
    let (refused, good) = (Scripted::status(401), Scripted::status(200));
    let stats = open();
    let _running = start(&stats, &[&refused, &good], when_out());
    pass(INTERVAL).await;
    assert!(stats.is_ready(now()));
    assert_eq!(refused.requests(), good.requests());
}

#[tokio::test(start_paused = true)]
async fn further_keys_are_not_asked_for_more_than_that() {
    let (first, second) = (Scripted::status(503), Scripted::status(200));
    let stats = open();
    let _running = start(&stats, &[&first, &second], when_out().failure_threshold(1));
    pass(INTERVAL).await;
    assert_eq!(state(&stats), TargetState::Unhealthy);
    assert_eq!(second.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_refuses_all_keys_is_unhealthy() {
    let lanes = [
        Scripted::status(401),
        Scripted::status(402),
        Scripted::status(412),
    ];
    let lanes: Vec<_> = lanes.iter().collect();
    let stats = open();
    let _running = start(&stats, &lanes, when_out());
    pass(LONG * 4).await;
    assert_eq!(state(&stats), TargetState::Unhealthy);
}

#[tokio::test(start_paused = true)]
async fn a_slow_probe_delays_the_next() {
    let service = Scripted::new([Reply::After(INTERVAL * 3, 200)]);
    let probe = always().timeout(INTERVAL * 4);
    let _running = start(&stats(), &[&service], probe);
    for _ in 0..1000 {
        pass(Duration::from_millis(500)).await;
        assert!(service.under_way() <= 1);
    }
    for pair in service.times().windows(2) {
        assert_eq!(pair[1] - pair[0], INTERVAL * 3);
    }
}

#[tokio::test(start_paused = true)]
async fn probes_end_with_the_router() {
    let service = Scripted::status(200);
    let alive = Arc::new(AtomicBool::new(true));
    let targets = (0..3).map(|_| Probed {
        stats: stats(),
        lanes: vec![service.clone()],
        probe: always(),
    });
    let is_alive = Arc::clone(&alive);
    let probes = probes(targets, move || is_alive.load(SeqCst));
    let running = tokio::spawn(probes);
    pass(LONG * 5).await;
    assert!(!running.is_finished());

    alive.store(false, SeqCst);
    let before = service.requests();
    pass(LONG).await;
    assert!(running.is_finished());
    assert_eq!(service.requests(), before);
}

#[tokio::test(start_paused = true)]
async fn without_targets_there_is_nothing_to_wait_for() {
    probes(Vec::<Probed<Scripted>>::new(), || true).await;
}

#[tokio::test(start_paused = true)]
async fn replicas_do_not_probe_in_step() {
    let mut first = Vec::new();
    for seed in 0..100 {
        let started = Instant::now();
        let at = times(always(), seed, 1).await[0] - started;
        assert!(at <= INTERVAL);
        first.push(at);
    }
    first.sort();
    // Over the whole interval.
    assert!(first[10] < INTERVAL.mul_f64(0.3), "{first:?}");
    assert!(first[90] > INTERVAL.mul_f64(0.7), "{first:?}");
}

/// When the first probes come.
async fn times(probe: Probe, seed: u64, count: usize) -> Vec<Instant> {
    let service = Scripted::status(200);
    let target = Probed {
        stats: stats(),
        lanes: vec![service.clone()],
        probe,
    };
    let asked = service.clone();
    let alive = move || asked.requests() < count;
    run(target, alive, fastrand::Rng::with_seed(seed)).await;
    service.times()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_interval_is_kept_within_ten_percent(
        milliseconds in 0_u64..200_000_000,
        seed: u64,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let interval = Duration::from_millis(milliseconds);
        let times = runtime.block_on(times(always().interval(interval), seed, 20));
        let interval = interval.clamp(MIN_INTERVAL, MAX_INTERVAL);
        // Timers go by the millisecond.
        let slack = Duration::from_millis(1);
        for pair in times.windows(2) {
            let gap = pair[1] - pair[0];
            prop_assert!(gap >= interval.mul_f64(0.9), "{gap:?}");
            prop_assert!(gap <= interval.mul_f64(1.1) + slack, "{gap:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_longest_interval_is_no_problem() {
    let probe = always().interval(Duration::MAX).timeout(Duration::MAX);
    assert_eq!(times(probe, 1, 2).await.len(), 2);
}
