use proptest::prelude::*;

use super::*;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn picks(ring: &KeyRing, now: Instant, count: usize) -> Vec<usize> {
    let tried = Tried::new();
    (0..count).filter_map(|_| ring.pick(now, &tried)).collect()
}

fn tried(positions: &[usize]) -> Tried {
    let mut tried = Tried::new();
    positions
        .iter()
        .for_each(|position| tried.insert(*position));
    tried
}

#[test]
fn keys_take_turns_by_weight_and_smoothly() {
    let ring = KeyRing::new(&[5.0, 1.0, 1.0]);
    assert_eq!(picks(&ring, Instant::now(), 7), [0, 0, 1, 0, 2, 0, 0]);
}

#[test]
fn a_key_that_rests_is_left_out_until_it_is_back() {
    let ring = KeyRing::new(&[1.0, 1.0]);
    let now = Instant::now();
    ring.cool(0, now + seconds(5));
    assert_eq!(picks(&ring, now + seconds(4), 3), [1, 1, 1]);
    assert_eq!(ring.ready_at(now), None);
    assert!(picks(&ring, now + seconds(5), 2).contains(&0));
}

#[test]
fn a_shorter_rest_does_not_end_a_longer_one() {
    let ring = KeyRing::new(&[1.0, 1.0]);
    let now = Instant::now();
    ring.cool(0, now + seconds(50));
    ring.cool(0, now + seconds(5));
    ring.set_aside(1, now + seconds(300));
    ring.set_aside(1, now);
    assert_eq!(ring.pick(now + seconds(6), &Tried::new()), None);
    assert_eq!(ring.ready_at(now), Some(now + seconds(50)));
}

#[test]
fn a_key_that_was_tried_is_not_tried_again() {
    let ring = KeyRing::new(&[1.0, 1.0]);
    let now = Instant::now();
    assert_eq!(ring.pick(now, &tried(&[0])), Some(1));
    assert_eq!(ring.pick(now, &tried(&[1])), Some(0));
    assert_eq!(ring.pick(now, &tried(&[0, 1])), None);
}

#[test]
fn a_weight_of_zero_is_a_reserve() {
    let ring = KeyRing::new(&[0.0, 1.0]);
    let now = Instant::now();
    assert_eq!(picks(&ring, now, 3), [1, 1, 1]);
    ring.set_aside(1, now + seconds(300));
    assert_eq!(picks(&ring, now, 2), [0, 0]);
}

#[test]
fn a_single_key_is_always_picked() {
    let ring = KeyRing::new(&[1.0]);
    let now = Instant::now();
    ring.cool(0, now + seconds(5));
    assert_eq!(ring.pick(now, &tried(&[0])), Some(0));
    assert_eq!(ring.ready_at(now), None);
}

#[test]
fn its_status_says_why_and_how_long() {
    let ring = KeyRing::new(&[1.0, 1.0, 1.0]);
    let now = Instant::now();
    ring.cool(1, now + seconds(5));
    ring.set_aside(2, now + seconds(300));
    let expected = [
        (KeyState::Ready, None),
        (KeyState::Cooling, Some(seconds(5))),
        (KeyState::SetAside, Some(seconds(300))),
    ];
    assert_eq!(ring.status(now), expected);
}

#[derive(Clone, Debug)]
enum Step {
    Pick(Vec<usize>),
    Cool(usize, u64),
    SetAside(usize, u64),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::collection::vec(0_usize..6, 0..3).prop_map(Step::Pick),
        1 => (0_usize..6, 0_u64..20).prop_map(|(key, length)| Step::Cool(key, length)),
        1 => (0_usize..6, 0_u64..20).prop_map(|(key, length)| Step::SetAside(key, length)),
        1 => (0_u64..20).prop_map(Step::Wait),
    ]
}

proptest! {
    /// Against a model that only knows until when each key rests.
    #[test]
    fn only_what_can_be_used_is_picked_and_something_always_is(
        weights in prop::collection::vec(0_u8..4, 2..6),
        steps in prop::collection::vec(step(), 1..200),
    ) {
        let ring = KeyRing::new(&weights.iter().map(|weight| f64::from(*weight)).collect::<Vec<_>>());
        let mut rests_until = vec![0; weights.len()];
        let start = Instant::now();
        let mut at = 0;
        for step in steps {
            let now = start + seconds(at);
            match step {
                Step::Wait(length) => at += length,
                Step::Cool(key, length) => {
                    ring.cool(key, now + seconds(length));
                    if let Some(until) = rests_until.get_mut(key) { *until = at.saturating_add(length).max(*until); }
                }
                Step::SetAside(key, length) => {
                    ring.set_aside(key, now + seconds(length));
                    if let Some(until) = rests_until.get_mut(key) { *until = at.saturating_add(length).max(*until); }
                }
                Step::Pick(done) => {
                    let usable: Vec<usize> = (0..weights.len())
                        .filter(|key| rests_until[*key] <= at && !done.contains(key))
                        .collect();
                    match ring.pick(now, &tried(&done)) {
                        Some(key) => {
                            prop_assert!(usable.contains(&key));
                            prop_assert!(weights[key] > 0 || usable.iter().all(|key| weights[*key] == 0));
                        }
                        None => prop_assert!(usable.is_empty()),
                    }
                    let back = rests_until.iter().min().copied().unwrap_or(0);
                    let expected = (back > at).then(|| start + seconds(back));
                    prop_assert_eq!(ring.ready_at(now), expected);
                }
            }
        }
    }

    /// When all keys can be used, any round of as many picks as the weights sum up to is exact.
    #[test]
    fn shares_are_exact(weights in prop::collection::vec(1_u8..10, 2..8), skip in 0_usize..50) {
        let ring = KeyRing::new(&weights.iter().map(|weight| f64::from(*weight)).collect::<Vec<_>>());
        let now = Instant::now();
        let round = weights.iter().map(|weight| usize::from(*weight)).sum::<usize>();
        let picked = picks(&ring, now, skip + round);
        for (key, weight) in weights.iter().enumerate() {
            let count = picked[skip..].iter().filter(|picked| **picked == key).count();
            prop_assert_eq!(count, usize::from(*weight));
        }
    }

    #[test]
    fn any_weights_will_do(weights in prop::collection::vec(any::<f64>(), 0..6)) {
        let ring = KeyRing::new(&weights);
        let picked = picks(&ring, Instant::now(), 20);
        prop_assert_eq!(picked.len(), if weights.is_empty() { 0 } else { 20 });
        prop_assert_eq!(ring.len(), weights.len());
    }
}

#[test]
fn a_session_keeps_its_key_while_that_can_be_used() {
    let ring = KeyRing::new(&[1.0, 1.0, 0.0]);
    let (now, none) = (Instant::now(), Tried::new());
    for session in (0..100).map(sticky::mix) {
        let own = ring.pick_for(session, now, &none).unwrap();
        assert!(own < 2, "a reserve is nobody's own");
        assert_eq!(ring.pick_for(session, now, &none), Some(own));
        let other = ring.pick_for(session, now, &tried(&[own])).unwrap();
        assert_eq!(other, 1 - own);
        assert_eq!(ring.pick_for(session, now, &tried(&[0, 1])), Some(2));
        assert_eq!(ring.pick_for(session, now, &tried(&[0, 1, 2])), None);
    }
    ring.cool(0, now + seconds(5));
    assert!(!ring.is_usable(0, now, &none));
    assert!(!ring.is_usable(1, now, &tried(&[1])));
    assert!(ring.is_usable(1, now, &none));
    assert!(!ring.is_usable(3, now, &none));
    for session in (0..100).map(sticky::mix) {
        assert_eq!(ring.pick_for(session, now, &none), Some(1));
    }
}

proptest! {
    /// Over many sessions each key gets its share, and taking a key away moves only its own sessions.
    #[test]
    fn sessions_are_spread_by_weight(seed: u64, weight in 1_u32..5) {
        let ring = KeyRing::new(&[f64::from(weight), 1.0, 1.0]);
        let now = Instant::now();
        let sessions = (0..2000_u64).map(|n| sticky::mix(seed.wrapping_add(n)));
        let mut counts = [0_u32; 3];
        for session in sessions {
            let own = ring.pick_for(session, now, &Tried::new()).unwrap();
            counts[own] += 1;
            let away = (own + 1) % 3;
            prop_assert_eq!(ring.pick_for(session, now, &tried(&[away])), Some(own));
        }
        let share = 2000 * weight / (weight + 2);
        prop_assert!(counts[0].abs_diff(share) < 130, "{counts:?}, expected {share}");
    }
}
