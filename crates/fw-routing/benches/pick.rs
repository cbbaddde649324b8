//! What a pick costs with 2, 10 and 1,000 targets, all of them measured, one in ten not ready. Run with
//! `cargo bench -p fw-routing --bench pick`.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use divan::{Bencher, black_box};
use fw_routing::{Candidates, Member, Permit, TargetStats, Tried, strategy::by_name};

fn main() {
    divan::main();
}

const TARGETS: [usize; 3] = [2, 10, 1000];

const STRATEGIES: [&str; 11] = [
    "single",
    "ordered",
    "round_robin",
    "weighted_round_robin",
    "random",
    "split",
    "least_busy",
    "lowest_cost",
    "lowest_latency",
    "highest_throughput",
    "adaptive",
];

struct Fleet {
    members: Vec<Member>,
    now: Instant,
    /// Three requests in flight everywhere.
    _permits: Vec<Permit>,
}

impl Fleet {
    fn new(targets: usize) -> Self {
        let start = Instant::now();
        let mut now = start;
        let mut permits = Vec::new();
        let mut members = Vec::new();
        for position in 0..targets {
            let stats =
                TargetStats::new(format!("target-{position}")).price(1.0 + position as f64, 2.0);
            members.push(Member::new(Arc::new(stats), (position % 5 + 1) as f64));
        }
        for round in 0..20 {
            for (position, member) in members.iter().enumerate() {
                let mut permit = member.stats.admit(now).unwrap();
                permit.first_content(
                    now + Duration::from_millis(300 + (position as u64 * 7 + round) % 50),
                );
                permit.succeed(now + Duration::from_secs(3), Some(200));
            }
            now += Duration::from_millis(500);
        }
        for (position, member) in members.iter().enumerate() {
            permits.extend((0..3).filter_map(|_| member.stats.admit(now)));
            if position % 10 == 9 {
                member.stats.set_available(false);
            }
        }
        Self {
            members,
            now: now + Duration::from_millis(200),
            _permits: permits,
        }
    }
}

#[divan::bench(args = STRATEGIES, consts = TARGETS)]
fn pick<const N: usize>(bencher: Bencher<'_, '_>, name: &str) {
    let fleet = Fleet::new(N);
    let mut strategy = by_name(name).unwrap();
    strategy.prepare(&fleet.members);
    let tried = Tried::new();
    let key = (name == "split").then_some(7);
    let candidates = Candidates::new(&fleet.members, &tried, fleet.now, key);
    bencher.bench(|| strategy.pick(black_box(&candidates)));
}
