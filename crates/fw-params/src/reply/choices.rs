//! What a layer above has to know to tell a whole stream from a truncated one.

/// How many choices a stream has to finish before it is whole.
///
/// It is in the extensions of the response to a request for several: `n` choices, or several prompts
/// of text completions. Without it, it is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExpectedChoices(usize);

// === impl ExpectedChoices ===

impl ExpectedChoices {
    pub(crate) const fn new(choices: usize) -> Self {
        Self(choices)
    }

    /// The number, at least 2.
    #[must_use]
    pub const fn count(self) -> usize {
        self.0
    }
}
