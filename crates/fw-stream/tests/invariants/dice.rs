//! Decisions of a test: from bytes that a fuzzer or proptest may shrink, or from a number.

/// Gives small numbers. Out of bytes it gives zeros, which is the simplest case of everything.
pub(crate) enum Dice {
    Bytes(std::vec::IntoIter<u8>),
    /// SplitMix64 by Steele, Lea and Flood (2014).
    Seed(u64),
}

impl Dice {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let number = match self {
            Self::Bytes(bytes) => bytes.next().unwrap_or_default().into(),
            Self::Seed(state) => {
                *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mut z = *state;
                z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                ((z ^ (z >> 31)) >> 33) as usize
            }
        };
        number % limit
    }

    pub(crate) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == many - 1
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}
