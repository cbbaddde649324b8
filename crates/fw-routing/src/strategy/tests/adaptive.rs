//! That everything is weighed together.

use super::{
    sim::{Model, Outcome, Sim, Trouble},
    *,
};
use crate::strategy::Adaptive;

/// Ten minutes, with three attempts a request.
fn run(models: &[Model], name: &str, per_second: f64) -> Outcome {
    fastrand::seed(7);
    Sim::run(models, &mut *by_name(name).unwrap(), per_second, 600, 3)
}

/// How many of so many picks, among targets of which all has been measured.
fn shares(fleet: &Fleet, picks: usize) -> Vec<usize> {
    fleet.counts(&Adaptive::new().explore(0.0).seed(1), picks)
}

/// Targets that have answered after these times, all at the same time.
fn measured(latencies: &[u64]) -> Fleet {
    let mut fleet = Fleet::weighted(&vec![1.0; latencies.len()]);
    for _ in 0..100 {
        for (member, latency) in fleet.members.iter().zip(latencies) {
            let mut permit = member.stats.admit(fleet.now).unwrap();
            permit.first_content(fleet.now + Duration::from_millis(*latency));
            permit.succeed(fleet.now + Duration::from_secs(4), None);
        }
        fleet.now += Duration::from_millis(100);
    }
    fleet.now += Duration::from_secs(4);
    fleet
}

#[test]
fn equals_have_equal_shares_and_the_slower_ones_less_and_less() {
    assert_shares(&shares(&measured(&[300, 300]), 10_000), &[1.0, 1.0]);
    let counts = shares(&measured(&[300, 375, 600]), 10_000);
    assert!((7_500..9_500).contains(&counts[0]), "{counts:?}");
    assert!((700..2_300).contains(&counts[1]), "{counts:?}");
    assert!((5..150).contains(&counts[2]), "{counts:?}");
}

#[test]
fn what_fails_is_avoided_however_fast_it_is() {
    let fleet = measured(&[300, 600]);
    let before = shares(&fleet, 1000);
    assert!(before[0] > 900, "{before:?}");
    for _ in 0..20 {
        fleet.fails(0);
    }
    let after = shares(&fleet, 1000);
    assert!(after[0] < 300, "{after:?}");
}

#[test]
fn who_comes_back_gets_its_share_gradually() {
    let mut fleet = measured(&[300, 300]);
    let until = fleet.now + Duration::from_secs(5);
    fleet.members[1].stats.cool_until(until);
    assert_eq!(shares(&fleet, 100), [100, 0]);
    fleet.now = until;
    // What is known of the two has aged alike.
    assert_shares(&shares(&fleet, 10_000), &[1.0, 0.1]);
    fleet.now += Duration::from_secs(5);
    assert_shares(&shares(&fleet, 10_000), &[1.0, 0.55]);
    fleet.now += Duration::from_secs(5);
    assert_shares(&shares(&fleet, 10_000), &[1.0, 1.0]);
}

#[test]
fn requests_turn_elsewhere_before_the_limit() {
    let fleet = measured(&[300, 400]);
    let mut headers = http::HeaderMap::new();
    headers.insert("x-ratelimit-limit-requests", 100.into());
    headers.insert("x-ratelimit-remaining-requests", 30.into());
    fleet.members[0].stats.observe_headers(&headers, fleet.now);
    let enough = shares(&fleet, 1000);
    assert!(enough[0] > 800, "{enough:?}");
    headers.insert("x-ratelimit-remaining-requests", 5.into());
    fleet.members[0].stats.observe_headers(&headers, fleet.now);
    let little = shares(&fleet, 1000);
    assert!(little[0] < 50, "{little:?}");
}

#[test]
fn a_target_that_hangs_loses_its_requests_before_any_deadline() {
    let mut fleet = measured(&[300, 400]);
    let _waiting = fleet.members[0].stats.admit(fleet.now);
    assert!(shares(&fleet, 1000)[0] > 800);
    fleet.now += Duration::from_secs(1);
    let counts = shares(&fleet, 1000);
    assert!(counts[0] < 20, "{counts:?}");
}

#[test]
fn a_new_target_is_tried_at_once_but_not_by_all() {
    let mut fleet = measured(&[300]);
    fleet
        .members
        .push(Member::new(Arc::new(TargetStats::new("new")), 1.0));
    let strategy = Adaptive::new().explore(0.0).seed(1);
    let mut permits = Vec::new();
    for _ in 0..50 {
        let position = strategy.pick(&fleet.candidates()).unwrap();
        permits.push(fleet.members[position].stats.admit(fleet.now));
    }
    let new = fleet.members[1].stats.in_flight();
    assert!((2..=10).contains(&new), "{new}");
}

#[test]
fn of_many_targets_the_slow_ones_are_avoided() {
    let latencies: Vec<u64> = (0..100)
        .map(|i| if i % 5 == 0 { 3000 } else { 300 })
        .collect();
    let counts = shares(&measured(&latencies), 10_000);
    let slow: usize = counts.iter().step_by(5).sum();
    assert!(slow < 20, "{slow}");
    let most = counts.iter().max().unwrap();
    assert!(*most < 250, "{most}");
}

#[test]
fn a_few_requests_go_anywhere() {
    let fleet = measured(&[300, 3000]);
    let counts = fleet.counts(&Adaptive::new().seed(1), 100_000);
    assert_shares(&counts, &[0.999, 0.001]);
}

#[test]
fn a_silent_outage_costs_few_requests() {
    let outage = [
        Model::new(300.0).trouble(200, 400, Trouble::Silent),
        Model::new(400.0),
    ];
    let outcome = run(&outage, "adaptive", 20.0);
    assert_eq!(outcome.failed, 0);
    // Those of ten seconds would be 200.
    assert!(outcome.failed_attempts < 40, "{}", outcome.failed_attempts);
    assert!(outcome.quantile(0.99) < 1500, "{}", outcome.quantile(0.99));
}

#[test]
fn a_limit_that_is_told_of_is_not_met() {
    let limited = [
        Model::new(300.0).limit(600, true),
        Model::new(400.0).limit(600, true),
        Model::new(600.0),
    ];
    assert_eq!(run(&limited, "adaptive", 20.0).failed_attempts, 0);
}

#[test]
fn load_that_slows_targets_down_is_spread() {
    let loaded = [300.0, 400.0, 600.0].map(|latency| Model::new(latency).capacity(60.0));
    let adaptive = run(&loaded, "adaptive", 40.0).quantile(0.99);
    let best = run(&loaded, "least_busy", 40.0).quantile(0.99);
    assert!(adaptive as f64 <= best as f64 * 1.15, "{adaptive} {best}");
}

#[test]
fn in_trouble_of_all_kinds_it_is_the_best_or_nearly() {
    use Trouble::{Down, Errors, Silent, Slow};
    let troubled = [
        Model::new(300.0)
            .limit(900, true)
            .capacity(80.0)
            .trouble(30, 90, Slow(6.0))
            .trouble(300, 340, Down),
        Model::new(400.0)
            .limit(1500, false)
            .capacity(80.0)
            .trouble(120, 180, Silent),
        Model::new(500.0)
            .capacity(80.0)
            .errors(0.005)
            .trouble(400, 460, Errors(0.4)),
        Model::new(700.0).trouble(500, 560, Slow(4.0)),
    ];
    let adaptive = run(&troubled, "adaptive", 20.0);
    for name in ALL {
        let other = run(&troubled, name, 20.0);
        assert!(adaptive.success() >= other.success(), "{name}");
        let (own, others) = (adaptive.quantile(0.99), other.quantile(0.99));
        assert!(own as f64 <= others as f64 * 1.1, "{name}: {own} {others}");
    }
}
