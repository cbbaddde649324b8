//! Which table of conversions a layer uses.

use std::borrow::Cow;

use crate::model::expand_fireworks_model;

/// The way a provider speaks the OpenAI API.
///
/// ```
/// use fw_params::{Dialect, Fireworks, OpenAi};
///
/// assert_eq!(Dialect::for_provider("fireworks"), Fireworks);
/// assert_eq!(Dialect::for_provider("any-other"), OpenAi);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// Fireworks AI: closed request schemas with fields of their own.
    #[default]
    Fireworks,
    /// OpenAI, and providers that take OpenAI's fields as they are.
    OpenAi,
}

// === impl Dialect ===

impl Dialect {
    /// The dialect for a provider's name: `fireworks` is [`Dialect::Fireworks`], anything else is
    /// taken to be OpenAI-compatible.
    #[must_use]
    pub fn for_provider(provider: &str) -> Self {
        if provider == "fireworks" {
            Self::Fireworks
        } else {
            Self::OpenAi
        }
    }

    /// The provider this dialect is named after: `fireworks` or `openai`.
    #[must_use]
    pub const fn provider(self) -> &'static str {
        match self {
            Self::Fireworks => "fireworks",
            Self::OpenAi => "openai",
        }
    }

    /// Writes a model name the way the provider wants it.
    pub(crate) fn model_name(self, name: &str) -> Cow<'_, str> {
        match self {
            Self::Fireworks => expand_fireworks_model(name),
            Self::OpenAi => Cow::Borrowed(name),
        }
    }
}
