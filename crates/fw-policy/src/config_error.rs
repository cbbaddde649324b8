//! What is wrong with the configuration of a policy.

use std::borrow::Cow;
use std::fmt;

/// Why no policy could be made of a configuration.
///
/// It names the policy and the settings, and says what to do. Whoever makes one leaves out the values: some are
/// secrets.
///
/// ```
/// use fw_policy::ConfigError;
///
/// let error = ConfigError::new("code-names", "names[2]", "is empty");
/// assert_eq!(error.to_string(), "the settings of `code-names` cannot be used: names[2]: is empty");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError {
    policy: &'static str,
    problems: Vec<Problem>,
}

/// One setting that cannot be used as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    field: String,
    message: Cow<'static, str>,
}

impl ConfigError {
    /// One setting of a policy of this kind cannot be used.
    pub fn new(
        policy: &'static str,
        field: impl Into<String>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            policy,
            problems: vec![Problem::new(field, message)],
        }
    }

    /// All problems of a policy of this kind as an error.
    ///
    /// # Errors
    ///
    /// If there are any.
    pub fn check(policy: &'static str, problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self { policy, problems })
        }
    }

    /// The settings that cannot be used.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl Problem {
    /// A setting that cannot be used, and why.
    pub fn new(field: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }

    /// The setting, from the policy's block: `redaction.restore`, `detect_patterns[2]`.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What is wrong with it, and what to do.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the settings of `{}` cannot be used: ", self.policy)?;
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ConfigError").field(&self.problems).finish()
    }
}

impl std::error::Error for ConfigError {}
