//! Tables of small integers.

use crate::features::Group;

/// Heads that share one table: a slot holds one weight for each, side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bank {
    bits: u8,
    heads: u8,
    /// Slots of words, then slots of runs; `heads` weights in each. Zeros at the end, so that more can be read of the
    /// last slot than it has.
    weights: Box<[i8]>,
}

impl Bank {
    /// Fewest bits of a slot's number.
    pub const MIN_BITS: u8 = 4;
    /// Most bits of a slot's number, for each group of features.
    pub const MAX_BITS: u8 = 20;
    /// Most heads in a bank.
    pub const MAX_HEADS: u8 = 16;
    /// Features that are added up before their sum is taken over: as many as fit a sum of 16 bits.
    pub(crate) const ROW: usize = 256;
    /// Zeros after the last slot: as many as the lanes in which heads are added up can be more than the heads, which is
    /// nine heads in sixteen lanes.
    pub(crate) const PADDING: usize = 7;

    /// From weights in the order of [`slot`](Self::slot), those of one slot side by side. `None` if the numbers do not fit each other.
    #[must_use]
    pub fn new(bits: u8, heads: u8, mut weights: Vec<i8>) -> Option<Self> {
        let fits = (Self::MIN_BITS..=Self::MAX_BITS).contains(&bits)
            && (1..=Self::MAX_HEADS).contains(&heads)
            && weights.len() == (2_usize << bits) * usize::from(heads);
        if !fits {
            return None;
        }
        weights.resize(weights.len() + Self::PADDING, 0);
        Some(Self {
            bits,
            heads,
            weights: weights.into_boxed_slice(),
        })
    }

    /// Bits of a slot's number in each group.
    #[must_use]
    pub const fn bits(&self) -> u8 {
        self.bits
    }

    /// How many heads there are.
    #[must_use]
    pub const fn heads(&self) -> usize {
        self.heads as usize
    }

    /// Every weight.
    #[must_use]
    pub fn weights(&self) -> &[i8] {
        let size = self.weights.len().saturating_sub(Self::PADDING);
        self.weights.get(..size).unwrap_or_default()
    }

    /// The slot of a feature among `2 << bits`.
    #[must_use]
    pub const fn slot(bits: u8, group: Group, hash: u64) -> usize {
        let slot = (hash >> (64 - bits as u32)) as usize;
        match group {
            Group::Word => slot,
            Group::Char => slot | (1 << bits),
        }
    }

    /// Adds the weights of features of a group to `sums`, one for each head.
    pub(crate) fn add(&self, group: Group, hashes: &[u64], sums: &mut [i32]) {
        match self.heads {
            1 => self.add_lanes::<1>(group, hashes, sums),
            2 => self.add_lanes::<2>(group, hashes, sums),
            3..=4 => self.add_lanes::<4>(group, hashes, sums),
            5..=8 => self.add_lanes::<8>(group, hashes, sums),
            _ => self.add_lanes::<16>(group, hashes, sums),
        }
    }

    /// A fixed number of weights of each slot, which are added side by side. Those of the next slot come to nothing.
    fn add_lanes<const LANES: usize>(&self, group: Group, hashes: &[u64], sums: &mut [i32]) {
        for row in hashes.chunks(Self::ROW) {
            let mut lanes = [0_i16; LANES];
            for hash in row {
                let start = Self::slot(self.bits, group, *hash) * self.heads();
                let slot = self.weights.get(start..);
                let Some(weights) = slot.and_then(|slot| slot.first_chunk::<LANES>()) else {
                    continue;
                };
                for (lane, weight) in lanes.iter_mut().zip(weights) {
                    *lane += i16::from(*weight);
                }
            }
            for (sum, lane) in sums.iter_mut().zip(lanes) {
                *sum += i32::from(lane);
            }
        }
    }
}

/// Rounds weights to small integers: the scale, and the integers that times the scale are nearest to the weights.
///
/// The scale is taken so that all but the largest one in ten thousand weights that are not zero fit; those are clipped.
#[must_use]
pub fn quantize(weights: &[f32]) -> (f32, Vec<i8>) {
    let mut sizes: Vec<f32> = weights
        .iter()
        .map(|w| w.abs())
        .filter(|w| *w > 0.0 && w.is_finite())
        .collect();
    sizes.sort_by(f32::total_cmp);
    let largest = sizes.get((sizes.len() * 9_999 / 10_000).min(sizes.len().saturating_sub(1)));
    let scale = largest.map_or(1.0, |largest| largest / 127.0);
    let round = |w: &f32| (w / scale).round().clamp(-127.0, 127.0) as i8;
    (scale, weights.iter().map(round).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_added_side_by_side_as_one_by_one() {
        // More than fit a row, all of the largest weight in one group, so that a sum of 16 bits is at its bound.
        let hashes: Vec<u64> = (0..3 * Bank::ROW as u64 + 7)
            .map(|number| number.wrapping_mul(0x9E37_79B9_7F4A_7C15))
            .chain([u64::MAX])
            .collect();
        for heads in 1..=Bank::MAX_HEADS {
            let count = usize::from(heads);
            let words = vec![-128; (1 << 6) * count];
            let runs = (0..(1 << 6) * count).map(|place| (place * 37) as i8);
            let weights: Vec<i8> = words.into_iter().chain(runs).collect();
            let bank = Bank::new(6, heads, weights.clone()).unwrap();
            assert_eq!(bank.weights(), weights);
            for group in [Group::Word, Group::Char] {
                let mut sums = vec![0; count];
                bank.add(group, &hashes, &mut sums);
                let slots = hashes.iter().map(|hash| Bank::slot(6, group, *hash));
                let mut expected = vec![0; count];
                for slot in slots {
                    for (head, sum) in expected.iter_mut().enumerate() {
                        *sum += i32::from(weights[slot * count + head]);
                    }
                }
                assert_eq!(sums, expected, "{heads} {group:?}");
            }
        }
    }
}
