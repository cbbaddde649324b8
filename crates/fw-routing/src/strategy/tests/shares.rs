//! How requests are shared out by strategies that measure nothing.

use proptest::prelude::{prop, prop_assert_eq, proptest};

use super::*;
use crate::strategy::{LeastBusy, LowestCost, Ordered, Random, RoundRobin, WeightedRoundRobin};

const THREE: [f64; 3] = [1.0; 3];

#[test]
fn ordered_takes_the_first_that_is_ready() {
    let mut fleet = Fleet::weighted(&THREE);
    assert_eq!(fleet.counts(&Ordered::new(), 10), [10, 0, 0]);
    fleet.take_out(0);
    assert_eq!(fleet.counts(&Ordered::new(), 10), [0, 10, 0]);
    fleet.tried.insert(1);
    assert_eq!(fleet.counts(&Ordered::new(), 10), [0, 0, 10]);
}

#[test]
fn turns_go_round() {
    let fleet = Fleet::weighted(&[5.0, 1.0, 1.0]);
    let strategy = RoundRobin::new();
    let picks: Vec<_> = (0..7).map(|_| strategy.pick(&fleet.candidates())).collect();
    assert_eq!(picks, [0, 1, 2, 0, 1, 2, 0].map(Some));
}

#[test]
fn who_is_out_loses_its_turn_and_the_others_keep_equal_shares() {
    let fleet = Fleet::weighted(&[1.0; 4]);
    fleet.take_out(1);
    let strategy = RoundRobin::new();
    assert_eq!(fleet.counts(&strategy, 300), [100, 0, 100, 100]);
}

#[test]
fn second_attempts_do_not_shift_the_turns() {
    let mut fleet = Fleet::weighted(&[1.0, 1.0]);
    for name in ["round_robin", "weighted_round_robin"] {
        let strategy = fleet.named(name);
        let mut first = [0; 2];
        for _ in 0..100 {
            let position = strategy.pick(&fleet.candidates()).unwrap();
            first[position] += 1;
            // The first target always fails.
            if position == 0 {
                fleet.tried.insert(0);
                assert_eq!(strategy.pick(&fleet.candidates()), Some(1));
                fleet.tried = Tried::new();
            }
        }
        assert_eq!(first, [50, 50], "{name}");
    }
}

#[test]
fn weights_are_shares() {
    let fleet = Fleet::weighted(&[0.7, 0.2, 0.1]);
    let strategy = fleet.prepared(WeightedRoundRobin::new());
    assert_eq!(fleet.counts(&strategy, 10), [7, 2, 1]);
}

proptest! {
    #[test]
    fn weighted_turns_are_exact_over_any_window_of_the_cycles_length(
        weights in prop::collection::vec(1_u32..9, 1..8), before in 0_usize..50,
    ) {
        let cycle: u32 = weights.iter().sum();
        let fleet = Fleet::weighted(&weights.iter().map(|w| f64::from(*w)).collect::<Vec<_>>());
        let strategy = fleet.prepared(WeightedRoundRobin::new());
        fleet.counts(&strategy, before);
        let counts = fleet.counts(&strategy, cycle as usize);
        prop_assert_eq!(counts, weights.iter().map(|w| *w as usize).collect::<Vec<_>>());
    }

    #[test]
    fn weighted_turns_keep_their_proportions_when_one_is_out(
        weights in prop::collection::vec(1_u32..9, 2..8), out in 0_usize..8,
    ) {
        let out = out % weights.len();
        let fleet = Fleet::weighted(&weights.iter().map(|w| f64::from(*w)).collect::<Vec<_>>());
        let strategy = fleet.prepared(WeightedRoundRobin::new());
        fleet.take_out(out);
        let left: u32 = weights.iter().sum::<u32>() - weights[out];
        // Both the cycle and what is passed on come out even.
        let picks = weights.iter().sum::<u32>() * left;
        let counts = fleet.counts(&strategy, picks as usize);
        for (position, weight) in weights.iter().enumerate() {
            let due = if position == out { 0 } else { picks * weight / left };
            prop_assert_eq!(counts[position], due as usize);
        }
    }
}

#[test]
fn chance_follows_the_weights() {
    let fleet = Fleet::weighted(&[6.0, 3.0, 0.0, 1.0]);
    for seed in 0..20 {
        let strategy = fleet.prepared(Random::new().seed(seed));
        assert_shares(&fleet.counts(&strategy, 10_000), &[6.0, 3.0, 0.0, 1.0]);
        let unprepared = Random::new().seed(seed);
        assert_shares(&fleet.counts(&unprepared, 10_000), &[6.0, 3.0, 0.0, 1.0]);
    }
    fleet.take_out(0);
    for seed in 0..20 {
        let strategy = fleet.prepared(Random::new().seed(seed));
        assert_shares(&fleet.counts(&strategy, 10_000), &[0.0, 3.0, 0.0, 1.0]);
    }
}

#[test]
fn a_seed_repeats_its_picks() {
    let fleet = Fleet::weighted(&[1.0; 5]);
    let picks = |seed| {
        let strategy = fleet.prepared(Random::new().seed(seed));
        (0..50)
            .map(|_| strategy.pick(&fleet.candidates()))
            .collect::<Vec<_>>()
    };
    assert_eq!(picks(7), picks(7));
    assert_ne!(picks(7), picks(8));
}

#[test]
fn the_least_busy_is_picked_and_equals_in_turn() {
    let fleet = Fleet::weighted(&THREE);
    let strategy = LeastBusy::new();
    assert_eq!(fleet.counts(&strategy, 9), [3, 3, 3]);
    let _busy = fleet.members[1].stats.admit(fleet.now);
    assert_eq!(fleet.counts(&strategy, 8), [4, 0, 4]);
    fleet.take_out(0);
    assert_eq!(fleet.counts(&strategy, 8), [0, 0, 8]);
}

#[test]
fn the_turn_among_equals_is_even_when_one_is_out() {
    let fleet = Fleet::weighted(&[1.0; 4]);
    fleet.take_out(1);
    assert_eq!(fleet.counts(&LeastBusy::new(), 300), [100, 0, 100, 100]);
}

#[test]
fn the_cheapest_is_picked_and_those_without_a_price_last() {
    let priced = |id: &str, price: Option<f64>| {
        let stats = TargetStats::new(id);
        let stats = match price {
            Some(price) => stats.price(price, price),
            None => stats,
        };
        Member::new(Arc::new(stats), 1.0)
    };
    let fleet = Fleet::of([
        priced("a", None),
        priced("b", Some(0.9)),
        priced("c", Some(0.2)),
        priced("d", Some(0.2)),
    ]);
    let strategy = LowestCost::new();
    assert_eq!(fleet.counts(&strategy, 10), [0, 0, 5, 5]);
    let _busy = fleet.members[2].stats.admit(fleet.now);
    assert_eq!(fleet.counts(&strategy, 10), [0, 0, 0, 10]);
    fleet.take_out(2);
    fleet.take_out(3);
    assert_eq!(fleet.counts(&strategy, 10), [0, 10, 0, 0]);
    fleet.take_out(1);
    assert_eq!(fleet.counts(&strategy, 10), [10, 0, 0, 0]);
}
