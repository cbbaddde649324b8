//! What a layer above has to know to tell a whole stream from a truncated one.

/// How many choices a stream has to finish before it is whole.
///
/// A layer that has read the request puts it into the extensions of the response, if the request asked
/// for several: `n` choices, or several prompts of text completions. Without it, it is one. It is what
/// [`Observe::choices`](crate::Observe::choices) wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExpectedChoices(usize);

// === impl ExpectedChoices ===

impl ExpectedChoices {
    /// So many choices.
    #[must_use]
    pub const fn new(choices: usize) -> Self {
        Self(choices)
    }

    /// The number.
    #[must_use]
    pub const fn count(self) -> usize {
        self.0
    }
}
