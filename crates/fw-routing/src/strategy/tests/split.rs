//! A/B tests.

use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

use super::*;
use crate::{sticky::sticky_key, strategy::Split};

const USERS: u64 = 100_000;

fn user(number: u64) -> u64 {
    sticky_key(format!("user-{number}").as_bytes())
}

/// A pool of variants of these names and weights.
fn variants(variants: &[(&str, f64)]) -> Fleet {
    Fleet::of(
        variants
            .iter()
            .map(|(id, weight)| Member::new(Arc::new(TargetStats::new(*id)), *weight)),
    )
}

/// Which variant a user gets.
fn variant(fleet: &mut Fleet, strategy: &Split, key: u64) -> String {
    fleet.key = Some(key);
    let position = strategy.pick(&fleet.candidates()).unwrap();
    fleet.members[position].stats.id().to_owned()
}

#[test]
fn variants_have_users_in_proportion_to_their_weights() {
    for weights in [
        &[1.0, 1.0][..],
        &[0.9, 0.1],
        &[5.0, 3.0, 2.0],
        &[1.0; 10],
        &[99.0, 1.0],
    ] {
        let mut fleet = Fleet::weighted(weights);
        let strategy = fleet.prepared(Split::new());
        let mut counts = vec![0; weights.len()];
        for number in 0..USERS {
            fleet.key = Some(user(number));
            counts[strategy.pick(&fleet.candidates()).unwrap()] += 1;
        }
        assert_shares(&counts, weights);
    }
}

#[test]
fn numbers_are_as_good_as_texts_for_keys() {
    let mut fleet = Fleet::weighted(&[0.5, 0.3, 0.2]);
    let strategy = fleet.prepared(Split::new());
    let mut counts = [0; 3];
    for key in 0..USERS {
        fleet.key = Some(key);
        counts[strategy.pick(&fleet.candidates()).unwrap()] += 1;
    }
    assert_shares(&counts, &[0.5, 0.3, 0.2]);
}

#[test]
fn requests_without_a_key_go_anywhere_in_proportion() {
    let fleet = Fleet::weighted(&[0.7, 0.3]);
    let strategy = fleet.prepared(Split::new().seed(1));
    assert_shares(&fleet.counts(&strategy, 10_000), &[0.7, 0.3]);
}

#[test]
fn who_gets_which_variant_never_changes() {
    // A change of this table would move users at the next update of a gateway.
    let mut fleet = variants(&[("control", 0.5), ("candidate", 0.5)]);
    let strategy = fleet.prepared(Split::new());
    let of = ["alice", "bob", "carol", "dave", "erin", "frank"];
    let picked = of.map(|name| variant(&mut fleet, &strategy, sticky_key(name.as_bytes())));
    let table = [
        "control",
        "candidate",
        "control",
        "candidate",
        "control",
        "control",
    ];
    assert_eq!(picked, table);
}

proptest! {
    #[test]
    fn every_replica_decides_alike_whatever_the_order_of_its_list(
        weights in prop::collection::vec(0.1_f64..9.0, 1..8), turn in 0_usize..8, key in any::<u64>(),
    ) {
        let ids: Vec<String> = (0..weights.len()).map(|i| format!("v{i}")).collect();
        let mut list: Vec<_> = ids.iter().map(String::as_str).zip(weights).collect();
        let mut one = variants(&list);
        let turn = turn % list.len();
        list.rotate_left(turn);
        list.reverse();
        let mut other = variants(&list);
        let (first, second) = (one.prepared(Split::new()), other.prepared(Split::new()));
        prop_assert_eq!(variant(&mut one, &first, key), variant(&mut other, &second, key));
    }

    #[test]
    fn a_variant_that_goes_away_moves_only_its_own_users(
        weights in prop::collection::vec(0.1_f64..9.0, 2..8), gone in 0_usize..8, keys in prop::collection::vec(any::<u64>(), 50),
    ) {
        let ids: Vec<String> = (0..weights.len()).map(|i| format!("v{i}")).collect();
        let mut list: Vec<_> = ids.iter().map(String::as_str).zip(weights).collect();
        let gone = gone % list.len();
        let mut before = variants(&list);
        // Out of service, for now.
        let mut during = variants(&list);
        during.take_out(gone);
        let (gone, _) = list.remove(gone);
        let mut after = variants(&list);
        let strategies = [&before, &during, &after].map(|fleet| fleet.prepared(Split::new()));
        for key in keys {
            let old = variant(&mut before, &strategies[0], key);
            let new = variant(&mut after, &strategies[2], key);
            prop_assert!(old == new || old == gone);
            prop_assert_eq!(variant(&mut during, &strategies[1], key), new);
        }
    }
}

#[test]
fn a_change_of_weights_moves_few_users() {
    let mut before = variants(&[("a", 0.9), ("b", 0.1)]);
    let mut after = variants(&[("a", 0.8), ("b", 0.2)]);
    let strategies = [&before, &after].map(|fleet| fleet.prepared(Split::new()));
    let moved = (0..USERS).map(user).filter(|key| {
        let old = variant(&mut before, &strategies[0], *key);
        let new = variant(&mut after, &strategies[1], *key);
        // Nobody moves away from the variant that grows.
        assert!(old == new || new == "b");
        old != new
    });
    let moved = moved.count();
    assert_shares(&[moved, USERS as usize - moved], &[0.1, 0.9]);
}
