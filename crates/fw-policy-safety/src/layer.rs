//! The policy as a layer of its own.

use fw_policy::{PolicyLayer, PolicyService};
use tower_layer::Layer;

use crate::config::SafetyConfig;
use crate::error::ConfigError;
use crate::policy::SafetyPolicy;

/// A [`PolicyLayer`] that runs a [`SafetyPolicy`] and nothing else.
///
/// Where other policies run too, put them into one [`PolicyLayer`]: it reads each body and each event once
/// for all of them.
#[derive(Clone, Debug)]
pub struct SafetyLayer {
    inner: PolicyLayer,
}

impl SafetyLayer {
    /// A layer with these settings.
    ///
    /// # Errors
    ///
    /// Those of [`Detector::new`](crate::Detector::new).
    pub fn new(config: &SafetyConfig) -> Result<Self, ConfigError> {
        Ok(Self::of(SafetyPolicy::new(config)?))
    }

    /// A layer with this policy.
    #[must_use]
    pub fn of(policy: SafetyPolicy) -> Self {
        Self {
            inner: PolicyLayer::new(policy),
        }
    }

    /// The layer underneath, for its settings: limits, fail mode, the status of denials.
    #[must_use]
    pub fn into_inner(self) -> PolicyLayer {
        self.inner
    }
}

impl<S> Layer<S> for SafetyLayer {
    type Service = PolicyService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        self.inner.layer(inner)
    }
}
