//! A cycle of turns in which each member has its share, evenly spread.

use std::{cmp::Reverse, collections::BinaryHeap};

/// Most slots of a cycle.
const MAX_SLOTS: u64 = 1 << 16;

/// Most decimal places that weights are taken exactly with.
const MAX_PLACES: i32 = 6;

/// A cycle of positions.
///
/// Each stands in it as often as its weight says, and at every moment of the cycle it is less than two turns
/// ahead of its share or behind it. One that has half of the cycle or less never has two turns in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Schedule {
    slots: Box<[u32]>,
}

impl Schedule {
    /// Weights that are not positive numbers have no turn.
    pub(crate) fn new(weights: impl IntoIterator<Item = f64>) -> Self {
        let weights: Vec<f64> = weights.into_iter().collect();
        let mut slots = earliest_deadline_first(&shares(&weights));
        part_twins(&mut slots, weights.len());
        Self {
            slots: slots.into_boxed_slice(),
        }
    }

    /// How many turns the cycle has.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whose turn it is; `None` if nobody has any.
    pub(crate) fn turn(&self, turn: usize) -> Option<usize> {
        let slot = turn.checked_rem(self.slots.len())?;
        self.slots.get(slot).map(|position| *position as usize)
    }
}

/// How many turns of a cycle each weight is worth: exactly where the weights are decimals and the cycle does
/// not grow too long, else the nearest, but at least one.
fn shares(weights: &[f64]) -> Vec<u64> {
    let weights = || {
        weights.iter().map(|weight| match *weight {
            weight if weight.is_finite() && weight > 0.0 => weight,
            _ => 0.0,
        })
    };
    let exact = (0..=MAX_PLACES).find_map(|places| {
        let scaled = || weights().map(|weight| weight * 10_f64.powi(places));
        let whole = scaled().all(|weight| (weight - weight.round()).abs() <= weight * 1e-9);
        (whole && scaled().sum::<f64>() < 1e15)
            .then(|| reduced(scaled().map(|weight| weight.round() as u64).collect()))
    });
    if let Some(shares) = exact
        && shares.iter().sum::<u64>() <= MAX_SLOTS
    {
        return shares;
    }
    // Weights beyond all measure would sum up to infinity.
    let most = weights().fold(0.0, f64::max);
    let total: f64 = weights().map(|weight| weight / most).sum();
    let nearest = weights().map(|weight| match weight {
        0.0 => 0,
        _ => ((weight / most / total * MAX_SLOTS as f64) as u64).max(1),
    });
    reduced(nearest.collect())
}

/// The same proportions in the smallest numbers.
fn reduced(mut shares: Vec<u64>) -> Vec<u64> {
    let divisor = shares.iter().copied().fold(0, greatest_common_divisor);
    if divisor > 1 {
        shares.iter_mut().for_each(|share| *share /= divisor);
    }
    shares
}

const fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Gives out the turns so that the k-th of a member's s turns falls into the k-th s-th of the cycle.
///
/// Such a cycle always exists, and taking the one whose time is up first among those whose time has come
/// finds it.
fn earliest_deadline_first(shares: &[u64]) -> Vec<u32> {
    let total: u64 = shares.iter().sum();
    let release = |dealt: u64, share: u64| dealt * total / share;
    let deadline = |dealt: u64, share: u64| ((dealt + 1) * total).div_ceil(share);
    let mut slots = Vec::with_capacity(total as usize);
    let mut to_come = BinaryHeap::new();
    let mut come = BinaryHeap::new();
    for (position, share) in shares.iter().enumerate().filter(|(_, share)| **share > 0) {
        come.push(Reverse((deadline(0, *share), position, 0_u64)));
    }
    for now in 0..total {
        while let Some(Reverse((time, position, dealt))) = to_come.peek().copied()
            && time <= now
        {
            to_come.pop();
            come.push(Reverse((
                deadline(dealt, shares[position]),
                position,
                dealt,
            )));
        }
        if let Some(Reverse((_, position, dealt))) = come.pop() {
            slots.push(position as u32);
            let dealt = dealt + 1;
            if dealt < shares[position] {
                to_come.push(Reverse((release(dealt, shares[position]), position, dealt)));
            }
        }
    }
    slots
}

/// Moves one of two equal neighbours to where both neighbours are others, if there must be such a place.
///
/// The cycle is a ring: its end is a neighbour of its beginning. No move makes new twins.
fn part_twins(slots: &mut [u32], members: usize) {
    let total = slots.len();
    let mut shares = vec![0_usize; members];
    for position in slots.iter() {
        shares[*position as usize] += 1;
    }
    let next = |slot: usize| (slot + 1) % total;
    let mut slot = 0;
    while slot < total {
        let twin = slots[slot];
        if twin != slots[next(slot)] || shares[twin as usize] * 2 > total || total < 2 {
            slot += 1;
            continue;
        }
        // Twins with half of the cycle or less leave a gap of two others elsewhere: take the nearest after them.
        let mut from = next(slot);
        while slots[next(from)] == twin || slots[next(next(from))] == twin {
            slots.swap(from, next(from));
            from = next(from);
        }
        slots.swap(from, next(from));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn letters(weights: &[f64]) -> String {
        let schedule = Schedule::new(weights.iter().copied());
        let letter = |position: &u32| char::from(b'a' + *position as u8);
        schedule.slots.iter().map(letter).collect()
    }

    #[test]
    fn turns_are_spread_evenly() {
        assert_eq!(letters(&[1.0, 1.0, 1.0]), "abc");
        assert_eq!(letters(&[3.0, 1.0]), "aaab");
        assert_eq!(letters(&[2.0, 1.0, 1.0]), "abac");
        assert_eq!(letters(&[3.0, 1.0, 1.0, 1.0, 1.0]), "abacade");
    }

    #[test]
    fn weights_are_proportions() {
        assert_eq!(shares(&[0.7, 0.2, 0.1]), [7, 2, 1]);
        assert_eq!(shares(&[90.0, 10.0]), [9, 1]);
        assert_eq!(shares(&[2.5, 1.0]), [5, 2]);
        assert_eq!(shares(&[0.333, 0.667]), [333, 667]);
        assert_eq!(shares(&[1e9, 1e9]), [1, 1]);
        assert_eq!(shares(&[1.0 / 3.0, 2.0 / 3.0]), [1, 2]);
        assert_eq!(shares(&[1e300, 1e-300]), [65_536, 1]);
    }

    #[test]
    fn weights_that_are_no_numbers_or_not_positive_have_no_turn() {
        assert_eq!(
            shares(&[1.0, 0.0, -1.0, f64::NAN, f64::INFINITY]),
            [1, 0, 0, 0, 0]
        );
        assert_eq!(Schedule::new([]).turn(3), None);
        assert_eq!(Schedule::new([0.0, 0.0]).turn(3), None);
    }

    #[test]
    fn the_cycle_does_not_grow_beyond_bounds() {
        let many = Schedule::new((0..1000).map(|i| 1.0 + f64::from(i) / 7.0));
        let few = Schedule::new([0.49991, 0.25007, 0.25002]);
        for schedule in [many, few] {
            assert!(schedule.len() <= MAX_SLOTS as usize, "{}", schedule.len());
        }
    }

    fn weights() -> impl Strategy<Value = Vec<u32>> {
        prop_oneof![
            prop::collection::vec(0_u32..12, 1..12),
            prop::collection::vec(1_u32..100, 1..5),
        ]
    }

    proptest! {
        #[test]
        fn each_has_its_share_in_every_window_of_the_cycles_length(
            weights in weights(), start in 0_usize..1000,
        ) {
            let total: u32 = weights.iter().sum();
            let divisor = weights.iter().map(|w| u64::from(*w)).fold(0, greatest_common_divisor).max(1);
            let schedule = Schedule::new(weights.iter().map(|w| f64::from(*w)));
            prop_assert_eq!(schedule.len() as u64, u64::from(total) / divisor);
            let mut counts = vec![0; weights.len()];
            for turn in start..start + schedule.len() {
                counts[schedule.turn(turn).unwrap()] += divisor;
            }
            prop_assert_eq!(counts, weights.into_iter().map(u64::from).collect::<Vec<_>>());
        }

        #[test]
        fn nobody_with_half_or_less_has_two_turns_in_a_row(weights in weights()) {
            let schedule = Schedule::new(weights.iter().map(|w| f64::from(*w)));
            let total: u32 = weights.iter().sum();
            for turn in 0..schedule.len() {
                let position = schedule.turn(turn).unwrap();
                if weights[position] * 2 <= total && schedule.len() > 1 {
                    prop_assert_ne!(schedule.turn(turn + 1), Some(position));
                }
            }
        }

        #[test]
        fn nobody_is_two_turns_ahead_of_its_share_or_behind(weights in weights()) {
            let schedule = Schedule::new(weights.iter().map(|w| f64::from(*w)));
            let total: u32 = weights.iter().sum();
            let mut counts = vec![0.0; weights.len()];
            for turn in 0..schedule.len() {
                counts[schedule.turn(turn).unwrap()] += 1.0;
                for (count, weight) in counts.iter().zip(&weights) {
                    let due = (turn + 1) as f64 * f64::from(*weight) / f64::from(total);
                    prop_assert!((count - due).abs() < 2.0, "{} {}", count, due);
                }
            }
        }
    }
}
