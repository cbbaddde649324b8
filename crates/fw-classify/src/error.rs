use std::fmt;

/// Why a model file, a head or a list of phrases was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelError {
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Format(&'static str),
    UnknownHead { head: String, known: String },
    Phrase { line: usize, why: &'static str },
}

impl ModelError {
    /// The bytes are not a model.
    pub(crate) const fn format(what: &'static str) -> Self {
        Self {
            kind: Kind::Format(what),
        }
    }

    /// The model has no head of that name.
    pub(crate) fn unknown_head(head: &str, known: &[String]) -> Self {
        Self {
            kind: Kind::UnknownHead {
                head: head.to_owned(),
                known: known.join(", "),
            },
        }
    }

    /// A line of a list of phrases cannot be read. Lines count from one.
    pub(crate) const fn phrase(line: usize, why: &'static str) -> Self {
        Self {
            kind: Kind::Phrase { line, why },
        }
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Format(what) => write!(f, "not a usable model: {what}"),
            Kind::UnknownHead { head, known } => {
                write!(f, "the model has no head `{head}`; it has {known}")
            }
            Kind::Phrase { line, why } => write!(f, "phrases, line {line}: {why}"),
        }
    }
}

impl std::error::Error for ModelError {}
