use super::{Candidates, Strategy};

/// The first target that is ready, in the order of the list.
///
/// Choose it when one target is preferred, for its quality, its price or a contract, and the others stand by.
/// It makes no use of those that stand by while the first works. It costs a look at each target before the one
/// picked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ordered;

impl Ordered {
    /// In the order of the list.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Strategy for Ordered {
    fn name(&self) -> &'static str {
        "ordered"
    }

    fn pick(&self, candidates: &Candidates<'_>) -> Option<usize> {
        (0..candidates.len()).find(|position| candidates.is_ready(*position))
    }
}
