use proptest::prelude::*;

use std::time::{Duration, Instant};

use super::*;
use crate::clock::ticks;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Sends this many requests at an even pace, all of which fail and ask for a retry; counts the retries.
fn retries(budget: &mut BudgetState, start: Instant, requests: u32, apart: Duration) -> u32 {
    let retried = (0..requests).filter(|request| {
        let now = start + apart * *request;
        budget.deposit(ticks(now));
        let retry = budget.withdraw(ticks(now));
        if retry {
            budget.deposit(ticks(now));
        }
        retry
    });
    retried.count() as u32
}

#[test]
fn a_total_outage_is_made_worse_by_a_fifth() {
    let mut budget = BudgetState::new(RetryBudget::new().min_per_second(0.0));
    let count = retries(&mut budget, Instant::now(), 10_000, ms(1));
    assert!((1900..=2000).contains(&count), "{count}");
}

#[test]
fn with_little_traffic_some_retries_are_always_allowed() {
    let mut budget = BudgetState::new(RetryBudget::new().percent(0.0).min_per_second(1.0));
    let start = Instant::now();
    // What ten seconds bring is there from the start.
    let at_once = (0..100).filter(|_| budget.withdraw(ticks(start))).count();
    assert_eq!(at_once, 10);
    let later = start + Duration::from_secs(60);
    let count = (0..100).filter(|_| budget.withdraw(ticks(later))).count();
    assert!((9..=10).contains(&count), "{count}");
}

#[test]
fn much_traffic_leaves_room_for_a_burst() {
    let mut budget = BudgetState::new(RetryBudget::new().min_per_second(0.0));
    let start = Instant::now();
    for request in 0..60_000 {
        budget.deposit(ticks(start + ms(1) * request));
    }
    let now = start + ms(60_000);
    // A fifth of the 10,000 requests of the last ten seconds.
    let burst = (0..10_000).filter(|_| budget.withdraw(ticks(now))).count();
    // Each retry takes out in advance what it will put in.
    assert!((1600..=1670).contains(&burst), "{burst}");
}

#[test]
fn nothing_allowed_is_nothing() {
    for number in [0.0, -1.0, f64::NAN] {
        let config = RetryBudget::new().percent(number).min_per_second(number);
        let mut budget = BudgetState::new(config);
        assert_eq!(retries(&mut budget, Instant::now(), 100, ms(10)), 0);
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Wait(u64),
    Deposit,
    Withdraw,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => (0_u64..5000).prop_map(Step::Wait),
        3 => Just(Step::Deposit),
        3 => Just(Step::Withdraw),
    ]
}

proptest! {
    /// However it goes, retries are at most a part of the first attempts, and what the minimum brings.
    #[test]
    fn retries_stay_within_the_budget(
        percent in 0.0_f64..100.0,
        min_per_second in 0.0_f64..5.0,
        steps in prop::collection::vec(step(), 1..300),
    ) {
        let mut budget = BudgetState::new(RetryBudget::new().percent(percent).min_per_second(min_per_second));
        let start = Instant::now();
        let mut now = start;
        let (mut first, mut retries) = (0.0, 0.0);
        for step in steps {
            match step {
                Step::Wait(length) => now += ms(length),
                Step::Deposit => {
                    budget.deposit(ticks(now));
                    first += 1.0;
                }
                Step::Withdraw => if budget.withdraw(ticks(now)) {
                    // A retry is a request too.
                    budget.deposit(ticks(now));
                    retries += 1.0;
                },
            }
            let minimum = min_per_second * (MEMORY + (now - start).as_secs_f64());
            prop_assert!(retries <= first * percent / 100.0 + minimum + 1e-6);
        }
    }

    /// Against a model that keeps each token with its time.
    #[test]
    fn tokens_fade_one_by_one(steps in prop::collection::vec(step(), 1..100)) {
        let mut budget = BudgetState::new(RetryBudget::new().percent(50.0).min_per_second(0.0));
        let start = Instant::now();
        let mut now = start;
        let mut tokens: Vec<(f64, Instant)> = Vec::new();
        let worth = |tokens: &[(f64, Instant)], now: Instant| -> f64 {
            let left = |at: Instant| (-(now - at).as_secs_f64() / MEMORY).exp();
            tokens.iter().map(|(amount, at)| amount * left(*at)).sum()
        };
        for step in steps {
            let known = worth(&tokens, now);
            match step {
                Step::Wait(length) => now += ms(length),
                Step::Deposit => {
                    budget.deposit(ticks(now));
                    tokens.push((0.5, now));
                }
                Step::Withdraw => {
                    let allowed = budget.withdraw(ticks(now));
                    // The two fade by slightly different curves: near the border either will do.
                    prop_assert!(allowed == (known >= 1.0) || (known - 1.0).abs() < 0.2, "{known}");
                    if allowed {
                        tokens.push((-1.5, now));
                    }
                }
            }
        }
    }
}
