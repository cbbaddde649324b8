//! What kinds of unsafe content there are.

use std::fmt;

/// A kind of unsafe content that is scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Category {
    /// A request for help with something harmful, or an answer that gives it.
    HarmfulRequest,
    /// Hatred against people for what they are.
    Hate,
    /// Insults and threats to a person.
    Harassment,
    /// Sexual content.
    Sexual,
    /// Sexual content about minors.
    SexualMinors,
    /// Violence, praised or instructed.
    Violence,
    /// Suicide and self-harm.
    SelfHarm,
    /// Making or getting weapons.
    Weapons,
    /// Other crime: theft, fraud, drugs, breaking into computers.
    Crime,
}

impl Category {
    /// All of them, in the order in which they are reported.
    pub const ALL: &'static [Self] = &[
        Self::HarmfulRequest,
        Self::Hate,
        Self::Harassment,
        Self::Sexual,
        Self::SexualMinors,
        Self::Violence,
        Self::SelfHarm,
        Self::Weapons,
        Self::Crime,
    ];

    /// The name in a configuration and in findings: `self_harm`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HarmfulRequest => "harmful_request",
            Self::Hate => "hate",
            Self::Harassment => "harassment",
            Self::Sexual => "sexual",
            Self::SexualMinors => "sexual_minors",
            Self::Violence => "violence",
            Self::SelfHarm => "self_harm",
            Self::Weapons => "weapons",
            Self::Crime => "crime",
        }
    }

    /// What a message calls it.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::HarmfulRequest => "help with something harmful",
            Self::Hate => "hate",
            Self::Harassment => "harassment",
            Self::Sexual => "sexual content",
            Self::SexualMinors => "sexual content about minors",
            Self::Violence => "violence",
            Self::SelfHarm => "self-harm",
            Self::Weapons => "weapons",
            Self::Crime => "crime",
        }
    }

    /// Its place in [`ALL`](Self::ALL).
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_the_order_of_the_places() {
        for (place, category) in Category::ALL.iter().enumerate() {
            assert_eq!(category.index(), place);
        }
    }
}
