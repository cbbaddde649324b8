//! Whom strategies may pick.

use proptest::{
    prelude::{Just, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest},
    strategy::Strategy as _,
};

use super::*;
use crate::strategy::Single;

/// What happens to a target before the pick.
#[derive(Clone, Copy, Debug)]
enum Event {
    Answers(u64),
    Fails,
    Begins,
    Cools(u64),
    TakenOut,
    Tried,
}

fn events() -> impl proptest::strategy::Strategy<Value = Event> {
    prop_oneof![
        (1_u64..5000).prop_map(Event::Answers),
        Just(Event::Fails),
        Just(Event::Begins),
        (1_u64..10_000).prop_map(Event::Cools),
        Just(Event::TakenOut),
        Just(Event::Tried),
    ]
}

proptest! {
    #[test]
    fn one_that_is_ready_is_picked_if_there_is_one(
        weights in prop::collection::vec(prop_oneof![Just(0.0), Just(1.0), 0.0_f64..9.0, Just(f64::NAN)], 0..80),
        events in prop::collection::vec((0_usize..80, events()), 0..120),
        key in any::<Option<u64>>(),
        prepared in any::<bool>(),
    ) {
        let mut fleet = Fleet::weighted(&weights);
        fleet.key = key;
        let mut permits = Vec::new();
        for (position, event) in events {
            let Some(member) = fleet.members.get(position) else {
                continue;
            };
            match event {
                Event::Tried => fleet.tried.insert(position),
                Event::TakenOut => fleet.take_out(position),
                Event::Cools(milliseconds) => {
                    member.stats.cool_until(fleet.now + Duration::from_millis(milliseconds));
                }
                _ if !member.stats.is_ready(fleet.now) => {}
                Event::Begins => permits.push(member.stats.admit(fleet.now)),
                Event::Fails => fleet.fails(position),
                Event::Answers(milliseconds) => fleet.answers(position, Duration::from_millis(milliseconds)),
            }
        }
        let any = fleet.candidates().ready().next().is_some();
        for name in ALL {
            let strategy = if prepared { fleet.named(name) } else { by_name(name).unwrap() };
            for _ in 0..20 {
                let picked = strategy.pick(&fleet.candidates());
                prop_assert_eq!(picked.is_some(), any, "{}", name);
                if let Some(position) = picked {
                    prop_assert!(fleet.candidates().is_ready(position), "{}", name);
                }
            }
        }
        let single = Single::new().pick(&fleet.candidates());
        prop_assert_eq!(single, fleet.candidates().is_ready(0).then_some(0));
    }

    #[test]
    fn a_request_goes_to_each_target_once(targets in 1_usize..12, key in any::<Option<u64>>()) {
        for name in ALL {
            let mut fleet = Fleet::weighted(&vec![1.0; targets]);
            fleet.key = key;
            let strategy = fleet.named(name);
            while let Some(position) = strategy.pick(&fleet.candidates()) {
                prop_assert!(!fleet.tried.contains(position));
                fleet.tried.insert(position);
            }
            prop_assert_eq!(fleet.tried.len(), targets, "{}", name);
        }
    }

    #[test]
    fn the_ring_of_candidates_begins_anywhere(targets in 0_usize..12, start in 0_usize..40, out in 0_usize..12) {
        let fleet = Fleet::weighted(&vec![1.0; targets]);
        if out < targets {
            fleet.take_out(out);
        }
        let ring: Vec<_> = fleet.candidates().ready_from(start).map(|c| c.position()).collect();
        let expected: Vec<_> = (0..targets).map(|i| (start + i) % targets).filter(|p| *p != out).collect();
        prop_assert_eq!(ring, expected);
    }
}

#[test]
fn targets_without_weight_are_the_last_resort() {
    for name in ["weighted_round_robin", "random", "split"] {
        let fleet = Fleet::weighted(&[0.0, 1.0, 0.0]);
        let strategy = fleet.named(name);
        assert_eq!(fleet.counts(&*strategy, 100), [0, 100, 0], "{name}");
        fleet.take_out(1);
        let counts = fleet.counts(&*strategy, 100);
        assert!(counts[0] > 20 && counts[2] > 20, "{name}: {counts:?}");
    }
}
