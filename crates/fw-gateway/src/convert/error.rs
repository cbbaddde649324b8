//! Why nothing was converted.

use std::error::Error;
use std::fmt;

use crate::config::ConfigErrors;

/// A configuration could not be converted.
#[derive(Clone, Debug)]
pub struct ConvertError {
    message: String,
}

impl ConvertError {
    /// A fault in the file `name`. Line and column count from one.
    pub(super) fn at(name: &str, line: usize, column: usize, message: impl fmt::Display) -> Self {
        Self {
            message: format!("{name}:{line}:{column}: {message}"),
        }
    }

    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }

    /// What came out is not a valid configuration. The converter is at fault.
    pub(super) fn unusable(errors: &ConfigErrors) -> Self {
        Self::new(format!(
            "what was converted is not a valid configuration; please report this:\n{errors}"
        ))
    }
}

impl fmt::Display for ConvertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for ConvertError {}
