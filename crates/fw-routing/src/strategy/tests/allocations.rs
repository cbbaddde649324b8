//! What a pick costs in memory.

use super::*;

#[test]
fn picks_allocate_nothing() {
    for targets in [1, 2, 10] {
        for key in [None, Some(7)] {
            for name in ALL {
                let mut fleet = Fleet::weighted(&vec![1.5; targets]);
                fleet.key = key;
                let strategy = fleet.named(name);
                for position in 0..targets {
                    fleet.answers(position, Duration::from_millis(300 + position as u64));
                    fleet.fails(position);
                }
                fleet.answers(0, Duration::from_millis(300));
                if targets > 1 {
                    fleet.take_out(targets - 1);
                }
                let cost = allocation_counter::measure(|| {
                    for _ in 0..100 {
                        assert!(strategy.pick(&fleet.candidates()).is_some());
                    }
                });
                assert_eq!(cost.count_total, 0, "{name} with {targets} targets");
            }
        }
    }
}
