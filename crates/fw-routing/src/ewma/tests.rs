use proptest::prelude::*;

use super::*;

const SECOND: Ticks = 1_000_000_000;
const START: Ticks = 1000 * SECOND;
/// A time constant of ten seconds.
const RATE: f64 = 0.1;

fn known(samples: &[f64]) -> PeakEwma {
    let mut latency = PeakEwma::default();
    for (index, sample) in samples.iter().enumerate() {
        latency.observe(*sample, START + index as u64 * SECOND / 10, RATE);
    }
    latency
}

fn value(latency: &PeakEwma, at: Ticks) -> f64 {
    latency.value(at, RATE).unwrap()
}

#[test]
fn nothing_is_known_at_first() {
    assert_eq!(PeakEwma::default().value(START, RATE), None);
    assert_eq!(value(&known(&[0.3]), START), 0.3);
}

#[test]
fn it_rises_at_once() {
    let mut latency = known(&[0.3; 50]);
    let now = START + 5 * SECOND;
    latency.observe(4.0, now, RATE);
    assert_eq!(value(&latency, now), 4.0);
}

#[test]
fn a_peak_falls_back_to_what_is_usual_and_not_to_nothing() {
    let mut latency = known(&[0.3; 50]);
    let now = START + 5 * SECOND;
    latency.observe(4.0, now, RATE);
    for second in 1..=60 {
        latency.observe(0.3, now + second * SECOND, RATE);
    }
    let after_a_minute = value(&latency, now + 60 * SECOND);
    assert!((0.29..0.4).contains(&after_a_minute), "{after_a_minute}");
}

#[test]
fn a_slow_target_does_not_look_fast_after_a_pause() {
    let slow = known(&[2.0; 50]);
    assert!(value(&slow, START + 35 * SECOND) > 1.0);
}

#[test]
fn what_nobody_uses_is_forgotten_in_the_end() {
    let slow = known(&[5.0; 50]);
    assert!(value(&slow, START + 300 * SECOND) < 0.2);
}

#[test]
fn a_failure_counts_for_a_second_at_least_and_more_each_time() {
    let mut latency = known(&[0.3]);
    let mut seen = Vec::new();
    for _ in 0..8 {
        latency.penalise(0.001, START, RATE);
        seen.push(value(&latency, START));
    }
    assert_eq!(seen, [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]);
}

#[test]
fn a_target_that_only_failed_is_no_fast_one() {
    let mut latency = PeakEwma::default();
    latency.penalise(0.001, START, RATE);
    assert!(value(&latency, START + 5 * SECOND) > 0.8);
}

#[test]
fn a_failure_after_a_long_wait_counts_for_it() {
    let mut latency = known(&[0.3]);
    latency.penalise(90.0, START, RATE);
    assert_eq!(value(&latency, START), 90.0);
}

#[test]
fn what_took_longer_only_raises_it() {
    let mut latency = known(&[0.3]);
    latency.observe_at_least(0.1, START, RATE);
    assert_eq!(value(&latency, START), 0.3);
    latency.observe_at_least(0.5, START, RATE);
    assert_eq!(value(&latency, START), 0.5);
}

#[test]
fn the_error_ratio_is_that_of_late() {
    let mut outcomes = Outcomes::default();
    for index in 0..1000 {
        outcomes.record(index % 4 != 0, START + index * SECOND / 10);
    }
    let now = START + 100 * SECOND;
    let ratio = outcomes.error_ratio(now);
    assert!((0.24..0.26).contains(&ratio), "{ratio}");
    assert!(outcomes.error_ratio(now + 900 * SECOND) < 0.01);
}

#[test]
fn one_failure_is_no_ratio_of_one() {
    let mut outcomes = Outcomes::default();
    outcomes.record(false, START);
    assert_eq!(outcomes.error_ratio(START), 0.5);
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Sample(f64),
    Failure(f64),
    Longer(f64),
}

fn event() -> impl Strategy<Value = (Event, Ticks)> {
    let event = prop_oneof![
        4 => (0.0_f64..20.0).prop_map(Event::Sample),
        1 => (0.0_f64..20.0).prop_map(Event::Failure),
        1 => (0.0_f64..20.0).prop_map(Event::Longer),
    ];
    (event, prop_oneof![Just(0), 0..SECOND, 0..100 * SECOND])
}

fn apply(latency: &mut PeakEwma, event: Event, now: Ticks) {
    match event {
        Event::Sample(sample) => latency.observe(sample, now, RATE),
        Event::Failure(after) => latency.penalise(after, now, RATE),
        Event::Longer(than) => latency.observe_at_least(than, now, RATE),
    }
}

proptest! {
    #[test]
    fn it_stays_within_what_was_seen(events in prop::collection::vec(event(), 1..100)) {
        let mut latency = PeakEwma::default();
        let mut now = START;
        for (event, step) in events {
            now += step;
            apply(&mut latency, event, now);
            let (Event::Sample(least) | Event::Failure(least) | Event::Longer(least)) = event;
            prop_assert!(value(&latency, now) >= least);
            prop_assert!(value(&latency, now) <= PENALTY_CAP);
            // Without news it only falls, and never below zero.
            let mut last = value(&latency, now);
            for second in [0, 1, 10, 100, 1000] {
                let later = value(&latency, now + second * SECOND);
                prop_assert!(later <= last && later >= 0.0);
                last = later;
            }
        }
    }

    /// At no later time does a target look faster for having failed.
    #[test]
    fn a_failure_never_makes_a_target_look_fast(
        events in prop::collection::vec(event(), 1..50),
        after in 0.0_f64..20.0,
        pause in 0..100 * SECOND,
        later in 0..1000 * SECOND,
    ) {
        let mut latency = PeakEwma::default();
        let mut now = START;
        for (event, step) in events {
            now += step;
            apply(&mut latency, event, now);
        }
        now += pause;
        let mut failed = latency;
        failed.penalise(after, now, RATE);
        prop_assert!(value(&failed, now) >= PENALTY_FLOOR);
        prop_assert!(value(&failed, now + later) >= value(&latency, now + later) - 1e-9);
    }

    #[test]
    fn a_copy_is_what_was_stored(events in prop::collection::vec(event(), 1..10)) {
        let mut latency = PeakEwma::default();
        events.into_iter().for_each(|(event, at)| apply(&mut latency, event, at));
        let shared = SharedPeakEwma::default();
        prop_assert_eq!(shared.load(), PeakEwma::default());
        shared.store(latency);
        prop_assert_eq!(shared.load(), latency);
    }

    #[test]
    fn the_ratio_is_a_part_of_one(results in prop::collection::vec((any::<bool>(), 0..100 * SECOND), 0..100)) {
        let mut outcomes = Outcomes::default();
        let mut now = START;
        for (success, step) in results {
            now += step;
            let before = outcomes.error_ratio(now);
            outcomes.record(success, now);
            let ratio = outcomes.error_ratio(now);
            prop_assert!((0.0..1.0).contains(&ratio));
            prop_assert!(success == (ratio <= before));
            let shared = SharedOutcomes::default();
            shared.store(outcomes);
            prop_assert_eq!(shared.load(), outcomes);
        }
    }
}
