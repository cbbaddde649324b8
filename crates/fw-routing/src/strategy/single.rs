use super::{Candidates, Strategy};

/// The first target, and no other.
///
/// Choose it when one target is meant to answer, and an error is better than an answer of another one. It
/// costs a look at one target.
#[derive(Clone, Copy, Debug, Default)]
pub struct Single;

impl Single {
    /// The first target only.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Strategy for Single {
    fn name(&self) -> &'static str {
        "single"
    }

    fn pick(&self, candidates: &Candidates<'_>) -> Option<usize> {
        candidates.is_ready(0).then_some(0)
    }
}
