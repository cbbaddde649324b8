use super::*;
use crate::{Breaker, FaultKind, TargetState};

mod model;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Opens after one failure for 30 s.
fn fragile() -> Arc<TargetStats> {
    let breaker = Breaker::new().failure_threshold(1);
    Arc::new(TargetStats::new("a").breaker(breaker))
}

fn plain() -> Arc<TargetStats> {
    Arc::new(TargetStats::new("a"))
}

fn admit(target: &Arc<TargetStats>, now: Instant) -> Permit {
    target.admit(now).unwrap()
}

fn state(target: &TargetStats, now: Instant) -> TargetState {
    target.status(now).state
}

#[test]
fn a_new_target_is_ready_and_unknown() {
    let target = plain();
    let now = Instant::now();
    assert!(target.is_ready(now));
    assert!(target.is_available());
    assert_eq!(target.ready_at(now), None);
    assert_eq!(target.latency(now), None);
    assert_eq!(target.throughput(), None);
    assert_eq!(target.price_per_million(), None);
    assert_eq!(target.samples(now), 0);
    assert_eq!(target.error_ratio(now), 0.0);
    assert_eq!(target.headroom(now), 1.0);
    assert_eq!(target.recovery(now), 1.0);
    assert_eq!(state(&target, now), TargetState::Ready);
}

// === What an attempt tells ===

#[test]
fn an_attempt_is_in_flight_until_its_permit_is_gone() {
    let target = plain();
    let now = Instant::now();
    let (first, second) = (admit(&target, now), admit(&target, now));
    assert_eq!(target.in_flight(), 2);
    drop(first);
    assert_eq!(target.in_flight(), 1);
    second.succeed(now, None);
    assert_eq!(target.in_flight(), 0);
}

#[test]
fn the_latency_is_the_time_to_the_first_content() {
    let target = plain();
    let now = Instant::now();
    let mut permit = admit(&target, now);
    permit.first_content(now + ms(300));
    permit.first_content(now + seconds(5));
    assert_eq!(target.latency(now + ms(300)), Some(ms(300)));
    assert_eq!(target.samples(now + ms(300)), 1);
    permit.succeed(now + seconds(9), None);
    assert_eq!(target.samples(now + seconds(9)), 1);
    assert_eq!(target.samples(now + seconds(80)), 0);
}

#[test]
fn the_mean_knows_no_peaks_and_no_failures() {
    let target = plain();
    let now = Instant::now();
    for _ in 0..50 {
        let mut permit = admit(&target, now);
        permit.first_content(now + ms(200));
        permit.succeed(now + ms(200), None);
    }
    admit(&target, now).fail(now + ms(200), FaultKind::ServerError, None);
    assert_eq!(target.mean_latency(now + ms(200)), Some(ms(200)));
    assert_eq!(target.latency(now + ms(200)), Some(seconds(1)));
}

#[test]
fn a_target_is_silent_while_no_answer_begins() {
    let target = plain();
    let now = Instant::now();
    let (mut first, second) = (admit(&target, now), admit(&target, now));
    assert_eq!(target.silence(now + seconds(3)), seconds(3));
    first.first_content(now + seconds(3));
    assert_eq!(target.silence(now + seconds(5)), seconds(2));
    drop(second);
    assert_eq!(target.silence(now + seconds(5)), Duration::ZERO);
    first.succeed(now + seconds(9), None);
    assert_eq!(target.silence(now + seconds(9)), Duration::ZERO);
}

#[test]
fn the_throughput_is_taken_from_the_first_content_on() {
    let target = plain();
    let now = Instant::now();
    let mut permit = admit(&target, now);
    permit.first_content(now + seconds(1));
    permit.succeed(now + seconds(3), Some(100));
    assert_eq!(target.throughput(), Some(50.0));
}

#[test]
fn the_throughput_of_a_reply_in_one_piece_is_taken_from_its_start_on() {
    let target = plain();
    let now = Instant::now();
    let mut permit = admit(&target, now);
    permit.first_content(now + seconds(2));
    permit.succeed(now + ms(2001), Some(100));
    let throughput = target.throughput().unwrap();
    assert!((49.0..51.0).contains(&throughput), "{throughput}");
}

#[test]
fn a_reply_in_no_time_says_nothing_of_the_throughput() {
    let target = plain();
    let now = Instant::now();
    admit(&target, now).succeed(now, Some(100));
    assert_eq!(target.throughput(), None);
    admit(&target, now).succeed(now + seconds(1), Some(0));
    assert_eq!(target.throughput(), None);
}

#[test]
fn a_fast_failure_makes_no_fast_target() {
    let target = plain();
    let now = Instant::now();
    let mut permit = admit(&target, now);
    permit.first_content(now + ms(300));
    permit.succeed(now + ms(300), None);
    admit(&target, now).fail(now + ms(301), FaultKind::ServerError, None);
    assert!(target.latency(now + ms(301)) >= Some(seconds(1)));
    assert!(target.error_ratio(now + ms(301)) > 0.3);
}

#[test]
fn a_failure_that_asks_for_time_counts_for_that_long() {
    let target = plain();
    let now = Instant::now();
    admit(&target, now).fail(now, FaultKind::ServerError, Some(seconds(20)));
    assert_eq!(target.latency(now), Some(seconds(20)));
    assert!(target.is_ready(now));
}

#[test]
fn one_that_was_overtaken_took_at_least_so_long() {
    let target = plain();
    let now = Instant::now();
    admit(&target, now).overtaken(now + seconds(2));
    assert_eq!(target.latency(now + seconds(2)), Some(seconds(2)));
    assert_eq!(target.samples(now + seconds(2)), 0);
    assert_eq!(target.error_ratio(now + seconds(2)), 0.0);
}

#[test]
fn the_fault_of_others_says_nothing_of_the_target() {
    let others = [
        FaultKind::Client,
        FaultKind::ContextLength,
        FaultKind::ContentFilter,
        FaultKind::UnknownModel,
        FaultKind::Account,
    ];
    for kind in others {
        let target = fragile();
        let now = Instant::now();
        admit(&target, now).fail(now + seconds(1), kind, Some(seconds(5)));
        assert!(target.is_ready(now), "{kind}");
        assert_eq!(target.latency(now), None, "{kind}");
        assert_eq!(target.status(now).others, 1, "{kind}");
    }
}

// === What keeps it from taking requests ===

#[test]
fn a_rate_limit_lets_it_rest_without_opening_its_breaker() {
    let target = fragile();
    let now = Instant::now();
    let limited = |retry_after| admit(&target, now).fail(now, FaultKind::RateLimited, retry_after);
    limited(Some(seconds(20)));
    assert_eq!(state(&target, now), TargetState::Cooling);
    assert_eq!(target.ready_at(now), Some(now + seconds(20)));
    assert!(target.admit(now + ms(19_999)).is_none());
    assert!(target.is_ready(now + seconds(20)));
    assert_eq!(target.ready_at(now + seconds(20)), None);
    assert_eq!(target.latency(now), None);
    assert_eq!(target.error_ratio(now), 0.0);
}

#[test]
fn a_rest_is_neither_nothing_nor_forever() {
    let rest = |retry_after| {
        let target = Arc::new(TargetStats::new("a").cooldown_cap(seconds(40)));
        let now = Instant::now();
        admit(&target, now).fail(now, FaultKind::RateLimited, retry_after);
        target.ready_at(now).unwrap() - now
    };
    assert_eq!(rest(None), seconds(5));
    assert_eq!(rest(Some(Duration::ZERO)), seconds(1));
    assert_eq!(rest(Some(Duration::MAX)), seconds(40));
}

#[test]
fn an_open_breaker_keeps_it_out_and_one_attempt_brings_it_back() {
    let target = fragile();
    let now = Instant::now();
    admit(&target, now).fail(now, FaultKind::Connect, None);
    assert_eq!(state(&target, now), TargetState::Open);
    assert_eq!(target.status(now).ready_in, Some(seconds(30)));

    let later = now + seconds(30);
    assert_eq!(state(&target, later), TargetState::HalfOpen);
    let permit = admit(&target, later);
    assert!(!target.is_ready(later));
    // If the one takes long, another may try.
    assert_eq!(target.ready_at(later), Some(later + seconds(30)));
    assert!(target.admit(later).is_none());
    permit.succeed(later, None);
    assert_eq!(state(&target, later), TargetState::Ready);
}

#[test]
fn a_client_that_hangs_up_gives_the_place_back() {
    let target = fragile();
    let now = Instant::now();
    admit(&target, now).fail(now, FaultKind::Reset, None);
    let later = now + seconds(30);
    drop(admit(&target, later));
    assert!(target.is_ready(later));
    admit(&target, later).fail(later, FaultKind::Client, None);
    assert!(target.is_ready(later));
}

#[test]
fn a_rate_limit_gives_the_place_back_after_the_rest() {
    let target = fragile();
    let now = Instant::now();
    admit(&target, now).fail(now, FaultKind::Reset, None);
    let later = now + seconds(30);
    admit(&target, later).fail(later, FaultKind::RateLimited, None);
    assert_eq!(target.ready_at(later), Some(later + seconds(5)));
    assert!(target.admit(later + seconds(5)).is_some());
}

#[test]
fn what_was_admitted_before_it_opened_does_not_count() {
    let target = fragile();
    let now = Instant::now();
    let (early, late) = (admit(&target, now), admit(&target, now));
    admit(&target, now).fail(now, FaultKind::Timeout, None);
    early.succeed(now + seconds(1), None);
    late.fail(now + seconds(10), FaultKind::Timeout, None);
    assert_eq!(target.ready_at(now + seconds(10)), Some(now + seconds(30)));
}

#[test]
fn bad_health_keeps_it_out_until_it_is_well() {
    let target = plain();
    let now = Instant::now();
    target.set_healthy(false, now);
    assert_eq!(state(&target, now), TargetState::Unhealthy);
    assert!(target.admit(now + seconds(3600)).is_none());
    assert_eq!(target.ready_at(now), None);
    target.set_healthy(true, now);
    assert!(target.is_ready(now));
}

#[test]
fn good_health_ends_the_wait_of_an_open_breaker() {
    let target = fragile();
    let now = Instant::now();
    admit(&target, now).fail(now, FaultKind::ServerError, None);
    target.set_healthy(true, now + seconds(3));
    let permit = admit(&target, now + seconds(3));
    // Only as many as after the cooldown.
    assert!(target.admit(now + seconds(3)).is_none());
    permit.succeed(now + seconds(4), None);
    assert!(target.is_ready(now + seconds(4)));
}

#[test]
fn good_health_does_not_end_a_rest() {
    let target = plain();
    let now = Instant::now();
    target.cool_until(now + seconds(10));
    target.set_healthy(true, now);
    assert!(!target.is_ready(now));
}

#[test]
fn without_a_key_it_is_never_ready() {
    let target = plain();
    let now = Instant::now();
    target.set_available(false);
    target.set_healthy(true, now);
    assert_eq!(state(&target, now), TargetState::Unavailable);
    assert!(!target.is_available());
    assert!(target.admit(now).is_none());
    target.set_available(true);
    assert!(target.is_ready(now));
}

#[test]
fn a_shorter_rest_does_not_end_a_longer_one() {
    let target = plain();
    let now = Instant::now();
    target.cool_until(now + seconds(10));
    target.cool_until(now + seconds(5));
    assert_eq!(target.ready_at(now), Some(now + seconds(10)));
}

// === How it comes back ===

fn nearly(share: f64, expected: f64) {
    assert!((share - expected).abs() < 1e-6, "{share} is not {expected}");
}

#[test]
fn after_a_rest_it_gets_its_share_back_step_by_step() {
    let target = plain();
    let now = Instant::now();
    target.cool_until(now + seconds(20));
    nearly(target.recovery(now), 0.1);
    nearly(target.recovery(now + seconds(20)), 0.1);
    nearly(target.recovery(now + seconds(25)), 0.55);
    assert_eq!(target.recovery(now + seconds(30)), 1.0);
}

#[test]
fn after_its_breaker_closed_too() {
    let breaker = Breaker::new().failure_threshold(1);
    let target = TargetStats::new("a")
        .breaker(breaker)
        .recovery_ramp(seconds(100));
    let target = Arc::new(target);
    let now = Instant::now();
    admit(&target, now).fail(now, FaultKind::ServerError, None);
    nearly(target.recovery(now + seconds(1000)), 0.1);
    admit(&target, now + seconds(30)).succeed(now + seconds(40), None);
    nearly(target.recovery(now + seconds(40)), 0.1);
    nearly(target.recovery(now + seconds(90)), 0.55);
    assert_eq!(target.recovery(now + seconds(140)), 1.0);
}

#[test]
fn after_bad_health_too() {
    let target = plain();
    let now = Instant::now();
    target.set_healthy(false, now);
    nearly(target.recovery(now + seconds(50)), 0.1);
    target.set_healthy(true, now + seconds(50));
    nearly(target.recovery(now + seconds(55)), 0.55);
    target.set_healthy(true, now + seconds(70));
    assert_eq!(target.recovery(now + seconds(70)), 1.0);
}

// === The rest ===

#[test]
fn its_price_is_three_parts_prompt_and_one_part_completion() {
    let price = |prompt, completion| {
        TargetStats::new("a")
            .price(prompt, completion)
            .price_per_million()
    };
    assert_eq!(price(1.0, 5.0), Some(2.0));
    assert_eq!(price(f64::NAN, 5.0), None);
}

#[test]
fn the_headers_of_a_reply_say_what_is_left() {
    let target = plain();
    let now = Instant::now();
    let mut headers = HeaderMap::new();
    headers.insert("x-ratelimit-limit-requests", "60".parse().unwrap());
    headers.insert("x-ratelimit-remaining-requests", "15".parse().unwrap());
    target.observe_headers(&headers, now);
    target.observe_headers(&HeaderMap::new(), now);
    assert_eq!(target.headroom(now), 0.25);
    assert_eq!(target.headroom(now + seconds(60)), 1.0);
}

#[test]
fn its_budget_grows_with_its_requests() {
    let budget = RetryBudget::new().percent(50.0).min_per_second(0.0);
    let target = Arc::new(TargetStats::new("a").retry_budget(budget));
    let now = Instant::now();
    assert!(!target.withdraw_retry(now));
    for _ in 0..2 {
        admit(&target, now).succeed(now, None);
    }
    assert!(target.withdraw_retry(now));
    assert!(!target.withdraw_retry(now));
}

#[test]
fn far_away_times_are_no_trouble() {
    let target = fragile();
    let now = Instant::now();
    let far = now + seconds(1 << 40);
    let long_ago = now.checked_sub(seconds(1 << 20)).unwrap_or(now);
    for at in [far, long_ago, now] {
        if let Some(permit) = target.admit(at) {
            permit.fail(long_ago, FaultKind::ServerError, Some(Duration::MAX));
        }
        target.cool_until(far);
        target.set_healthy(true, at);
        let status = target.status(at);
        assert!(status.error_ratio <= 1.0);
        assert!((0.0..=1.0).contains(&target.recovery(at)));
        assert!(target.ready_at(long_ago).is_some());
    }
}

#[test]
fn half_open_admits_exactly_as_many_as_set_from_all_threads() {
    for _ in 0..50 {
        let breaker = Breaker::new().failure_threshold(1).half_open_requests(3);
        let target = Arc::new(TargetStats::new("a").breaker(breaker));
        let now = Instant::now();
        admit(&target, now).fail(now, FaultKind::ServerError, None);
        let later = now + seconds(30);
        let permits: Vec<Permit> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        (0..4)
                            .filter_map(|_| target.admit(later))
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap())
                .collect()
        });
        assert_eq!(permits.len(), 3);
        assert_eq!(target.in_flight(), 3);
        permits
            .into_iter()
            .for_each(|permit| permit.succeed(later, None));
        assert_eq!(state(&target, later), TargetState::Ready);
        assert_eq!(target.in_flight(), 0);
    }
}

#[test]
fn reading_takes_no_memory() {
    let target = fragile();
    let now = Instant::now();
    let mut permit = admit(&target, now);
    permit.first_content(now + ms(10));
    let later = now + seconds(1);
    let info = allocation_counter::measure(|| {
        std::hint::black_box((
            target.is_ready(later),
            target.in_flight(),
            target.latency(later),
            target.samples(later),
            target.throughput(),
            target.error_ratio(later),
            target.headroom(later),
            target.recovery(later),
        ));
        // Nor does an attempt.
        admit(&target, later).succeed(later, Some(9));
    });
    assert_eq!(info.count_total, 0);
}
