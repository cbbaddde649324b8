use proptest::prelude::*;

use super::*;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn fail(breaker: &mut BreakerState, now: Instant) -> Option<Change> {
    let ticket = breaker.admit(now).unwrap();
    breaker.record(ticket, false, now)
}

fn succeed(breaker: &mut BreakerState, now: Instant) -> Option<Change> {
    let ticket = breaker.admit(now).unwrap();
    breaker.record(ticket, true, now)
}

/// Opens after three failures for ten seconds.
fn config() -> Breaker {
    Breaker::new().failure_threshold(3).cooldown(seconds(10))
}

fn opened(config: Breaker, now: Instant) -> BreakerState {
    let mut breaker = BreakerState::new(config);
    while fail(&mut breaker, now).is_none() {}
    breaker
}

#[test]
fn failures_in_a_row_open_it() {
    let now = Instant::now();
    let mut breaker = BreakerState::new(config());
    assert_eq!(fail(&mut breaker, now), None);
    assert_eq!(fail(&mut breaker, now), None);
    assert_eq!(succeed(&mut breaker, now), None);
    assert_eq!(fail(&mut breaker, now), None);
    assert_eq!(fail(&mut breaker, now), None);
    assert_eq!(fail(&mut breaker, now), Some(Change::Opened));
    assert_eq!(breaker.open_until(), Some(now + seconds(10)));
    assert_eq!(breaker.admit(now + seconds(9)), None);
}

#[test]
fn a_ratio_of_failures_opens_it() {
    let mut now = Instant::now();
    let config = config()
        .error_ratio(0.5)
        .min_requests(10)
        .window(seconds(60));
    let mut breaker = BreakerState::new(config);
    for _ in 0..5 {
        now += seconds(1);
        succeed(&mut breaker, now);
        // With fewer than ten results the ratio says nothing.
        let change = fail(&mut breaker, now);
        assert_eq!(breaker.closed_period().is_none(), change.is_some());
    }
    assert_eq!(breaker.open_until(), Some(now + seconds(10)));
}

#[test]
fn what_left_the_window_counts_no_more() {
    let now = Instant::now();
    let config = config()
        .error_ratio(0.5)
        .min_requests(10)
        .window(seconds(60));
    let mut breaker = BreakerState::new(config);
    for _ in 0..4 {
        fail(&mut breaker, now);
        succeed(&mut breaker, now);
    }
    let later = now + seconds(70);
    succeed(&mut breaker, later);
    assert_eq!(fail(&mut breaker, later), None);
}

#[test]
fn after_the_cooldown_it_lets_one_request_through() {
    let now = Instant::now();
    let mut breaker = opened(config(), now);
    let later = now + seconds(10);
    let ticket = breaker.admit(later).unwrap();
    assert!(breaker.full_until().is_some());
    assert_eq!(breaker.admit(later), None);
    assert_eq!(breaker.record(ticket, true, later), Some(Change::Closed));
    assert!(breaker.admit(later).is_some());
}

#[test]
fn all_that_are_let_through_must_succeed() {
    let now = Instant::now();
    let mut breaker = opened(config().half_open_requests(3), now);
    let later = now + seconds(10);
    let tickets: Vec<_> = (0..5).filter_map(|_| breaker.admit(later)).collect();
    assert_eq!(tickets.len(), 3);
    assert_eq!(breaker.record(tickets[0], true, later), None);
    // One has succeeded, and yet there is no place for another.
    assert_eq!(breaker.admit(later), None);
    assert_eq!(
        breaker.record(tickets[1], false, later),
        Some(Change::Opened)
    );
    assert_eq!(breaker.open_until(), Some(later + seconds(10)));
    // The third says nothing of the new period.
    assert_eq!(breaker.record(tickets[2], true, later), None);
    assert_eq!(breaker.open_until(), Some(later + seconds(10)));
}

#[test]
fn one_that_ends_without_a_verdict_gives_its_place_back() {
    let now = Instant::now();
    let mut breaker = opened(config(), now);
    let later = now + seconds(10);
    let ticket = breaker.admit(later).unwrap();
    breaker.neutral(ticket);
    assert!(breaker.admit(later).is_some());
}

#[test]
fn a_trial_that_takes_long_makes_room_for_another() {
    let now = Instant::now();
    let mut breaker = opened(config(), now);
    let mut at = now + seconds(10);
    let slow = breaker.admit(at).unwrap();
    assert_eq!(breaker.full_until(), Some(at + TRIAL));
    assert_eq!(breaker.admit(at + seconds(29)), None);
    at += TRIAL;
    let second = breaker.admit(at).unwrap();
    // One more, not one for everybody.
    assert_eq!(breaker.admit(at), None);
    assert_eq!(breaker.full_until(), Some(at + TRIAL));
    // Both count: either may close it.
    breaker.neutral(second);
    assert_eq!(breaker.record(slow, true, at), Some(Change::Closed));
}

#[test]
fn late_results_do_not_close_it_nor_keep_it_open() {
    let now = Instant::now();
    let mut breaker = BreakerState::new(config());
    let early: Vec<_> = (0..3).map(|_| breaker.admit(now).unwrap()).collect();
    while fail(&mut breaker, now).is_none() {}
    assert_eq!(breaker.record(early[0], false, now + seconds(5)), None);
    assert_eq!(breaker.open_until(), Some(now + seconds(10)));

    let later = now + seconds(10);
    let ticket = breaker.admit(later).unwrap();
    assert_eq!(breaker.record(early[1], true, later), None);
    breaker.neutral(early[2]);
    // The one place is still taken.
    assert_eq!(breaker.admit(later), None);
    assert_eq!(breaker.record(ticket, true, later), Some(Change::Closed));
}

#[test]
fn its_cooldown_can_be_ended() {
    let now = Instant::now();
    let mut breaker = opened(config(), now);
    breaker.end_cooldown(now + seconds(1));
    assert_eq!(breaker.admit(now), None);
    assert!(breaker.admit(now + seconds(1)).is_some());
}

#[test]
fn extreme_settings_do_no_harm() {
    let now = Instant::now();
    let zero = Breaker::new()
        .failure_threshold(0)
        .half_open_requests(0)
        .window(Duration::ZERO)
        .min_requests(0)
        .cooldown(Duration::ZERO);
    let mut breaker = opened(zero, now);
    assert_eq!(succeed(&mut breaker, now), Some(Change::Closed));

    let far = Breaker::new().cooldown(Duration::MAX).window(Duration::MAX);
    assert_eq!(opened(far, now).admit(now + seconds(1 << 30)), None);

    let never = config().failure_threshold(u32::MAX).error_ratio(f64::NAN);
    let mut breaker = BreakerState::new(never);
    for _ in 0..100 {
        assert_eq!(fail(&mut breaker, now), None);
    }
}

/// What the breaker should be, written down as a list of all that happened since it last changed.
struct Model {
    threshold: usize,
    places: usize,
    ratio: Option<f64>,
    state: ModelState,
    period: usize,
}

enum ModelState {
    /// All results, with their times.
    Closed(Vec<(u64, bool)>),
    Open(u64),
    /// How many were let through and not given back; the results; further places, and when there is one more.
    HalfOpen(usize, Vec<bool>, usize, u64),
}

impl Model {
    const MIN_REQUESTS: usize = 4;
    const COOLDOWN: u64 = 10;
    /// An eighth of the window of 16 s.
    const EIGHTH: u64 = 2;

    fn admit(&mut self, now: u64) -> Option<usize> {
        if let ModelState::Open(until) = self.state
            && now >= until
        {
            self.turn(ModelState::HalfOpen(0, Vec::new(), 0, 0));
        }
        match &mut self.state {
            ModelState::Closed(_) => {}
            ModelState::Open(_) => return None,
            ModelState::HalfOpen(taken, _, more, from) => {
                if *taken >= self.places + *more {
                    if now < *from {
                        return None;
                    }
                    *more += 1;
                }
                *taken += 1;
                *from = now + TRIAL.as_secs();
            }
        }
        Some(self.period)
    }

    fn end(
        &mut self,
        period: usize,
        verdict: Option<bool>,
        now: u64,
        eighths: impl Fn(u64) -> u64,
    ) {
        if period != self.period {
            return;
        }
        match (&mut self.state, verdict) {
            (ModelState::Closed(results), Some(success)) => {
                results.push((now, success));
                let failures = results
                    .iter()
                    .rev()
                    .take_while(|(_, success)| !success)
                    .count();
                let recent: Vec<bool> = results
                    .iter()
                    .filter(|(at, _)| eighths(now) - eighths(*at) < 8)
                    .map(|(_, success)| *success)
                    .collect();
                let failed = recent.iter().filter(|success| !**success).count();
                let often = self.ratio.is_some_and(|ratio| {
                    recent.len() >= Self::MIN_REQUESTS
                        && failed as f64 >= ratio * recent.len() as f64
                });
                if !success && (failures >= self.threshold || often) {
                    self.turn(ModelState::Open(now + Self::COOLDOWN));
                }
            }
            (ModelState::HalfOpen(..), Some(false)) => {
                self.turn(ModelState::Open(now + Self::COOLDOWN));
            }
            (ModelState::HalfOpen(_, results, ..), Some(true)) => {
                results.push(true);
                if results.len() == self.places {
                    self.turn(ModelState::Closed(Vec::new()));
                }
            }
            (ModelState::HalfOpen(taken, ..), None) => *taken -= 1,
            (ModelState::Closed(_), None) | (ModelState::Open(_), _) => {}
        }
    }

    fn turn(&mut self, state: ModelState) {
        self.state = state;
        self.period += 1;
    }
}

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Admit,
    /// The attempt at this place among those in flight ends.
    End(usize, Option<bool>),
    EndCooldown,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0_u64..8).prop_map(Step::Wait),
        6 => Just(Step::Admit),
        6 => (any::<usize>(), prop::option::weighted(0.8, any::<bool>())).prop_map(|(place, verdict)| Step::End(place, verdict)),
        1 => Just(Step::EndCooldown),
    ]
}

proptest! {
    #[test]
    fn it_does_what_the_model_does(
        threshold in 1_u32..5,
        places in 1_u32..4,
        ratio in prop::option::of(0.2_f64..1.0),
        steps in prop::collection::vec(step(), 1..300),
    ) {
        let mut config = config().failure_threshold(threshold).half_open_requests(places).window(seconds(16)).min_requests(4);
        if let Some(ratio) = ratio {
            config = config.error_ratio(ratio);
        }
        let mut breaker = BreakerState::new(config);
        let mut model = Model {
            threshold: threshold as usize,
            places: places as usize,
            ratio,
            state: ModelState::Closed(Vec::new()),
            period: 0,
        };
        let start = Instant::now();
        let eighths = |at: u64| ticks(start + seconds(at)) / (Model::EIGHTH * 1_000_000_000);
        let mut at = 0;
        let mut in_flight = Vec::new();
        for step in steps {
            let now = start + seconds(at);
            match step {
                Step::Wait(length) => at += length,
                Step::Admit => {
                    let ticket = breaker.admit(now);
                    let period = model.admit(at);
                    prop_assert_eq!(ticket.is_some(), period.is_some());
                    in_flight.extend(ticket.zip(period));
                }
                Step::End(place, verdict) => {
                    if !in_flight.is_empty() {
                        let (ticket, period) = in_flight.swap_remove(place % in_flight.len());
                        match verdict {
                            Some(success) => { breaker.record(ticket, success, now); }
                            None => breaker.neutral(ticket),
                        }
                        model.end(period, verdict, at, eighths);
                    }
                }
                Step::EndCooldown => {
                    breaker.end_cooldown(now);
                    if let ModelState::Open(until) = &mut model.state { *until = at.min(*until); }
                }
            }
            let until = match model.state { ModelState::Open(until) => Some(start + seconds(until)), _ => None };
            prop_assert_eq!(breaker.open_until(), until);
            prop_assert_eq!(breaker.closed_period().is_some(), matches!(model.state, ModelState::Closed(_)));
        }
    }
}
