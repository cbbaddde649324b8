//! What can be wrong with a configuration, and where.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use super::path::Path;

/// The kinds of fault, with stable codes.
///
/// `E001` to `E003` are those of the public policy-lint documentation; the
/// others are this project's.
///
/// | code | meaning |
/// |---|---|
/// | E001 | unknown policy kind |
/// | E002 | unknown key |
/// | E003 | a policy in the chain has no block of its own: its defaults apply (a warning) |
/// | E004 | wrong type |
/// | E005 | required key missing |
/// | E006 | value not among those allowed |
/// | E007 | number, length or format out of bounds |
/// | E008 | key written twice |
/// | E009 | not valid YAML, or over the limits of size and depth |
/// | E010 | id or name used twice |
/// | E011 | reference to something that is not there |
/// | E012 | settings that contradict each other |
/// | E013 | a form of document that is not supported |
/// | E014 | the file cannot be read |
/// | W001 | a policy block whose kind is not in the chain never runs (a warning) |
/// | W002 | the block of a known kind is not checked yet (a warning) |
/// | W003 | accepted, but something else was probably meant (a warning) |
/// | U001 | valid, but this build cannot do it yet: `run` refuses |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// `E001`
    UnknownKind,
    /// `E002`
    UnknownKey,
    /// `E003`
    NoBlock,
    /// `E004`
    WrongType,
    /// `E005`
    Missing,
    /// `E006`
    NotAllowed,
    /// `E007`
    OutOfBounds,
    /// `E008`
    DuplicateKey,
    /// `E009`
    Syntax,
    /// `E010`
    DuplicateId,
    /// `E011`
    Unresolved,
    /// `E012`
    Contradiction,
    /// `E013`
    Shape,
    /// `E014`
    Unreadable,
    /// `W001`
    NeverRuns,
    /// `W002`
    Unchecked,
    /// `W003`
    Doubtful,
    /// `U001`
    Unsupported,
}

impl Code {
    /// The code as it is printed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownKind => "E001",
            Self::UnknownKey => "E002",
            Self::NoBlock => "E003",
            Self::WrongType => "E004",
            Self::Missing => "E005",
            Self::NotAllowed => "E006",
            Self::OutOfBounds => "E007",
            Self::DuplicateKey => "E008",
            Self::Syntax => "E009",
            Self::DuplicateId => "E010",
            Self::Unresolved => "E011",
            Self::Contradiction => "E012",
            Self::Shape => "E013",
            Self::Unreadable => "E014",
            Self::NeverRuns => "W001",
            Self::Unchecked => "W002",
            Self::Doubtful => "W003",
            Self::Unsupported => "U001",
        }
    }

    /// Whether the configuration can be used all the same.
    #[must_use]
    pub const fn is_warning(self) -> bool {
        matches!(
            self,
            Self::NoBlock | Self::NeverRuns | Self::Unchecked | Self::Doubtful
        )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A place in one of the files. Line and column count from one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) file: u16,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// A fault before its file has a name.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    pub(crate) at: Place,
    pub(crate) path: Path,
    pub(crate) message: String,
    pub(crate) suggestion: Option<String>,
}

impl Problem {
    pub(crate) fn new(code: Code, at: Place, path: Path, message: impl Into<String>) -> Self {
        Self {
            code,
            at,
            path,
            message: message.into(),
            suggestion: None,
        }
    }

    pub(crate) fn suggest(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = Some(suggestion.into());
        self
    }

    pub(crate) fn named(self, files: &[Arc<str>]) -> Finding {
        Finding {
            code: self.code,
            file: files
                .get(usize::from(self.at.file))
                .cloned()
                .unwrap_or_else(|| Arc::from("configuration")),
            line: self.at.line,
            column: self.at.column,
            path: self.path.as_str().to_owned(),
            message: self.message,
            suggestion: self.suggestion,
        }
    }
}

/// One thing to say about a configuration: an error, a warning, or something
/// that this build cannot do.
///
/// Prints as `file:line:column: error[E002] at path: message; suggestion`.
/// No finding holds a key or password.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What kind of fault it is.
    pub code: Code,
    /// The file, as it was named when it was loaded.
    pub file: Arc<str>,
    /// Line, from one. Zero where no line is known.
    pub line: u32,
    /// Column in characters, from one. Zero where none is known.
    pub column: u32,
    /// Path of the value, such as `providers.targets[0].weight`. Empty for the
    /// document as a whole.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub suggestion: Option<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        let word = match self.code {
            Code::Unsupported => "unsupported",
            code if code.is_warning() => "warning",
            _ => "error",
        };
        write!(f, ": {word}[{}]", self.code)?;
        if !self.path.is_empty() {
            write!(f, " at {}", self.path)?;
        }
        write!(f, ": {}", self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; {suggestion}"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with a configuration.
#[derive(Clone, Debug)]
pub struct ConfigErrors {
    pub(crate) errors: Vec<Finding>,
    pub(crate) warnings: Vec<Finding>,
}

impl ConfigErrors {
    /// The errors, in the order of the files. Never empty.
    #[must_use]
    pub fn errors(&self) -> &[Finding] {
        &self.errors
    }

    /// Warnings that were found beside them.
    #[must_use]
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl Error for ConfigErrors {}
