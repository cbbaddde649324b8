//! What is wrong with a configuration.

use std::borrow::Cow;

pub use fw_policy::{ConfigError, Problem};

/// A setting that cannot be used.
pub(crate) fn unusable(
    field: impl Into<String>,
    message: impl Into<Cow<'static, str>>,
) -> ConfigError {
    ConfigError::new("safety-filter", field, message)
}

/// All settings that cannot be used.
pub(crate) fn check(problems: Vec<Problem>) -> Result<(), ConfigError> {
    ConfigError::check("safety-filter", problems)
}
