//! `health_probe`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::MAX_SECONDS;

/// Regular requests that find out whether a target answers.
///
/// The public documentation names the probe but not its keys; these and their
/// defaults are this project's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HealthProbe {
    /// Whether the target is probed.
    pub enabled: bool,
    /// Time between probes.
    #[schemars(range(min = 1, max = 86_400))]
    pub interval_seconds: u64,
    /// Longest time for one probe. At most the interval.
    #[schemars(range(min = 1, max = 86_400))]
    pub timeout_seconds: u64,
    /// Path under `base_url` that is fetched.
    pub path: String,
    /// Failed probes in a row that take the target out.
    #[schemars(range(min = 1))]
    pub failure_threshold: u32,
    /// Good probes in a row that bring it back.
    #[schemars(range(min = 1))]
    pub success_threshold: u32,
    /// Probe the target also while it serves requests. Otherwise only while it
    /// is out of rotation: requests themselves say how it does.
    pub always: bool,
}

impl HealthProbe {
    /// Everything that is wrong with it. Empty when it can be used.
    ///
    /// ```
    /// use fw_provider::HealthProbe;
    ///
    /// let mut probe = HealthProbe::default();
    /// assert!(probe.problems().is_empty());
    /// probe.timeout_seconds = probe.interval_seconds + 1;
    /// assert_eq!(probe.problems(), ["`timeout_seconds` is longer than `interval_seconds`"]);
    /// ```
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        let seconds = [self.interval_seconds, self.timeout_seconds];
        if seconds
            .iter()
            .any(|value| !(1..=MAX_SECONDS).contains(value))
        {
            found.push(format!("times must be between 1 and {MAX_SECONDS} seconds"));
        } else if self.timeout_seconds > self.interval_seconds {
            found.push("`timeout_seconds` is longer than `interval_seconds`".to_owned());
        }
        if self.failure_threshold == 0 || self.success_threshold == 0 {
            found.push("thresholds must be at least 1".to_owned());
        }
        if !self.path.starts_with('/') {
            found.push("the path must start with `/`".to_owned());
        }
        found
    }
}

impl Default for HealthProbe {
    fn default() -> Self {
        Self {
            enabled: true,
            interval_seconds: 30,
            timeout_seconds: 5,
            path: "/models".to_owned(),
            failure_threshold: 3,
            success_threshold: 1,
            always: false,
        }
    }
}
