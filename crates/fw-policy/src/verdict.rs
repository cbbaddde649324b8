//! What a policy decided.

use crate::Denial;

/// What a policy decided about a request or a whole reply.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[must_use]
pub enum Verdict {
    /// It may pass as it is.
    Allow,
    /// It may pass with the changes that the policy made.
    Redact,
    /// It may pass, and what was found is recorded.
    Flag,
    /// It must not pass.
    Block(Denial),
    /// It must not pass before a person has looked at it.
    Escalate(Denial),
}
