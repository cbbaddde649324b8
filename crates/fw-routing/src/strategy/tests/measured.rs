//! Strategies that look at how fast targets are.

use super::*;
use crate::strategy::{HighestThroughput, LowestLatency};

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Targets that have answered after these times.
fn measured(latencies: &[u64]) -> Fleet {
    let mut fleet = Fleet::weighted(&vec![1.0; latencies.len()]);
    for (position, latency) in latencies.iter().enumerate() {
        fleet.answers(position, ms(*latency));
    }
    fleet
}

#[test]
fn the_quickest_is_picked() {
    let fleet = measured(&[900, 300, 600]);
    let strategy = LowestLatency::new().explore(0.0);
    assert_eq!(fleet.counts(&strategy, 10), [0, 10, 0]);
    fleet.take_out(1);
    assert_eq!(fleet.counts(&strategy, 10), [0, 0, 10]);
}

#[test]
fn near_equals_share_the_load() {
    let fleet = measured(&[300, 301, 900]);
    let strategy = LowestLatency::new().explore(0.0);
    assert_eq!(fleet.counts(&strategy, 10), [5, 5, 0]);
    let _busy = fleet.members[0].stats.admit(fleet.now);
    assert_eq!(fleet.counts(&strategy, 10), [0, 10, 0]);
}

#[test]
fn targets_are_tried_before_they_are_ranked() {
    let mut fleet = Fleet::weighted(&[1.0; 3]);
    let strategy = LowestLatency::new().explore(0.0).min_samples(2);
    let mut tried = [0; 3];
    for _ in 0..6 {
        let position = strategy.pick(&fleet.candidates()).unwrap();
        tried[position] += 1;
        fleet.answers(position, ms([900, 300, 600][position]));
    }
    assert_eq!(tried, [2, 2, 2]);
    assert_eq!(fleet.counts(&strategy, 10), [0, 10, 0]);
}

#[test]
fn a_target_that_is_new_gets_no_more_at_a_time_than_would_rank_it() {
    let fleet = measured(&[300]);
    let new = Member::new(Arc::new(TargetStats::new("new")), 1.0);
    let fleet = Fleet {
        members: vec![fleet.members[0].clone(), new],
        ..fleet
    };
    let strategy = LowestLatency::new().explore(0.0);
    assert_eq!(strategy.pick(&fleet.candidates()), Some(1));
    let _first = fleet.members[1].stats.admit(fleet.now);
    assert_eq!(fleet.counts(&strategy, 10), [10, 0]);
}

#[test]
fn a_target_that_only_fails_is_not_taken_for_new() {
    let mut fleet = measured(&[300]);
    fleet
        .members
        .push(Member::new(Arc::new(TargetStats::new("new")), 1.0));
    let strategy = LowestLatency::new().explore(0.0);
    let mut failures = 0;
    for _ in 0..100 {
        match strategy.pick(&fleet.candidates()).unwrap() {
            0 => fleet.answers(0, ms(300)),
            failing => {
                fleet.fails(failing);
                failures += 1;
            }
        }
    }
    assert!(failures <= 3, "{failures}");
}

#[test]
fn exploration_has_its_share() {
    let fleet = measured(&[900, 300, 600, 600]);
    let strategy = LowestLatency::new().explore(0.2).seed(3);
    assert_shares(&fleet.counts(&strategy, 10_000), &[0.05, 0.85, 0.05, 0.05]);
    let strategy = LowestLatency::new().seed(3);
    assert_shares(
        &fleet.counts(&strategy, 10_000),
        &[0.0025, 0.9925, 0.0025, 0.0025],
    );
}

#[test]
fn second_attempts_do_not_explore() {
    let mut fleet = measured(&[900, 300, 600]);
    fleet.tried.insert(0);
    let strategy = LowestLatency::new().explore(1.0);
    assert_eq!(fleet.counts(&strategy, 100), [0, 100, 0]);
}

/// A reply of so many tokens, written in a second.
fn writes(fleet: &mut Fleet, position: usize, tokens: u64) {
    let mut permit = fleet.members[position].stats.admit(fleet.now).unwrap();
    permit.first_content(fleet.now);
    fleet.now += ms(1000);
    permit.succeed(fleet.now, Some(tokens));
}

#[test]
fn the_fastest_writer_is_picked() {
    let mut fleet = Fleet::weighted(&[1.0; 3]);
    let strategy = HighestThroughput::new().explore(0.0);
    let mut tried = [0; 3];
    for _ in 0..3 {
        let position = strategy.pick(&fleet.candidates()).unwrap();
        tried[position] += 1;
        writes(&mut fleet, position, [50, 150, 100][position]);
    }
    assert_eq!(tried, [1, 1, 1]);
    assert_eq!(fleet.counts(&strategy, 10), [0, 10, 0]);
}

#[test]
fn failures_take_from_the_rate() {
    let mut fleet = Fleet::weighted(&[1.0; 2]);
    writes(&mut fleet, 0, 150);
    writes(&mut fleet, 1, 100);
    let strategy = HighestThroughput::new().explore(0.0);
    assert_eq!(fleet.counts(&strategy, 10), [10, 0]);
    for _ in 0..4 {
        fleet.fails(0);
    }
    assert_eq!(fleet.counts(&strategy, 10), [0, 10]);
}
