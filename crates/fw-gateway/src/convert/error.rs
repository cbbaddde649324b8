//! Why nothing was converted.

use std::error::Error;
use std::fmt;

use super::output::{MAX_LIST, MAX_MEMBERS, MAX_TARGETS};
use crate::config::{Code, ConfigErrors};

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

    /// More would come out than a configuration may have.
    pub(super) fn too_large() -> Self {
        Self::new(format!(
            "too large: more would come out than a configuration may have (1 MiB, {MAX_TARGETS} targets, \
             {MAX_MEMBERS} members of groups, {MAX_LIST} of them in one group, {MAX_LIST} keys of one target); \
             convert it in parts"
        ))
    }

    /// What came out is not a valid configuration: too large, else the converter is at fault.
    pub(super) fn unusable(errors: &ConfigErrors) -> Self {
        let is_size = |error: &crate::config::Finding| error.code == Code::Syntax;
        if errors.errors().iter().all(is_size) {
            return Self::too_large();
        }
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
