use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// How an attempt ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Success,
    Failure,
    RateLimit,
    Other,
    Drop,
    Overtaken,
}

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Admit,
    FirstContent(usize),
    End(usize, End),
    Healthy(bool),
    Available(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let end = prop::sample::select(vec![
        End::Success,
        End::Success,
        End::Failure,
        End::RateLimit,
        End::Other,
        End::Drop,
        End::Overtaken,
    ]);
    prop_oneof![
        3 => (0_u64..20).prop_map(Step::Wait),
        8 => Just(Step::Admit),
        2 => any::<usize>().prop_map(Step::FirstContent),
        6 => (any::<usize>(), end).prop_map(|(place, end)| Step::End(place, end)),
        1 => prop::bool::weighted(0.8).prop_map(Step::Healthy),
        1 => prop::bool::weighted(0.9).prop_map(Step::Available),
    ]
}

proptest! {
    /// Against a model that keeps a list of what is in flight and counts each end.
    #[test]
    fn nothing_is_lost_or_counted_twice(
        threshold in prop::option::of(1_u32..4),
        places in 1_u32..3,
        steps in prop::collection::vec(step(), 1..300),
    ) {
        let mut target = TargetStats::new("a");
        if let Some(threshold) = threshold {
            target = target.breaker(Breaker::new().failure_threshold(threshold).half_open_requests(places));
        }
        let target = Arc::new(target);
        let mut now = Instant::now();
        let mut in_flight: Vec<Permit> = Vec::new();
        let mut admitted = 0;
        let mut ended: BTreeMap<&str, u64> = BTreeMap::new();
        let (mut healthy, mut available) = (true, true);
        for step in steps {
            match step {
                Step::Wait(length) => now += seconds(length),
                Step::Admit => {
                    let ready = target.is_ready(now);
                    let permit = target.admit(now);
                    prop_assert_eq!(permit.is_some(), ready);
                    admitted += u64::from(ready);
                    in_flight.extend(permit);
                }
                Step::FirstContent(place) => {
                    if let Some(place) = place.checked_rem(in_flight.len()) {
                        in_flight[place].first_content(now);
                        prop_assert!(target.latency(now).is_some());
                    }
                }
                Step::End(place, end) => {
                    if let Some(place) = place.checked_rem(in_flight.len()) {
                        let permit = in_flight.swap_remove(place);
                        let known = target.latency(now);
                        let name = match end {
                            End::Success => { permit.succeed(now, Some(9)); "success" }
                            End::Failure => {
                                permit.fail(now, FaultKind::Reset, None);
                                prop_assert!(target.latency(now) >= known.max(Some(seconds(1))));
                                "failure"
                            }
                            End::RateLimit => { permit.fail(now, FaultKind::RateLimited, None); "limit" }
                            End::Other => { permit.fail(now, FaultKind::Account, None); "other" }
                            End::Drop => { drop(permit); "other" }
                            End::Overtaken => { permit.overtaken(now); "other" }
                        };
                        *ended.entry(name).or_default() += 1;
                    }
                }
                Step::Healthy(is) => { target.set_healthy(is, now); healthy = is; }
                Step::Available(is) => { target.set_available(is); available = is; }
            }
            let status = target.status(now);
            let count = |name| ended.get(name).copied().unwrap_or(0);
            prop_assert_eq!(status.in_flight as usize, in_flight.len());
            prop_assert_eq!(status.requests, admitted);
            prop_assert_eq!(status.successes, count("success"));
            prop_assert_eq!(status.failures, count("failure"));
            prop_assert_eq!(status.rate_limited, count("limit"));
            prop_assert_eq!(status.others, count("other"));
            let out = matches!(status.state, TargetState::Unavailable | TargetState::Unhealthy);
            prop_assert_eq!(out, !available || !healthy);
            // What strategies ask of it is always in range, and agrees with itself.
            let ready = target.is_ready(now);
            if let Some(at) = target.ready_at(now) {
                prop_assert!(!ready && at > now && target.is_ready(at));
            }
            match status.state {
                TargetState::Ready => prop_assert!(ready),
                TargetState::HalfOpen => {}
                _ => prop_assert!(!ready),
            }
            prop_assert!((0.1..=1.0).contains(&target.recovery(now)));
            prop_assert!((0.0..=1.0).contains(&target.error_ratio(now)));
        }
        drop(in_flight);
        prop_assert_eq!(target.in_flight(), 0);
        // Nothing it met keeps it out for good.
        target.set_available(true);
        target.set_healthy(true, now);
        prop_assert!(target.is_ready(now + seconds(60)));
    }
}
