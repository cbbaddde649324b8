use std::sync::Arc;

use http::StatusCode;
use tower_layer::Layer;

use crate::{
    chain::{Chain, IntoChain},
    config::{Config, FailMode},
    service::PolicyService,
};

/// Runs policies over requests and replies.
///
/// See the [crate documentation](crate) for what it does. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct PolicyLayer {
    config: Arc<Config>,
}

// === impl PolicyLayer ===

impl PolicyLayer {
    /// A layer with these policies, in this order: one, a tuple, a vector, or a [`Chain`].
    ///
    /// One layer with several policies reads each body and each event once; several layers do it each.
    #[must_use]
    pub fn new(policies: impl IntoChain) -> Self {
        Self {
            config: Arc::new(Config::new(policies.into_chain())),
        }
    }

    /// What becomes of a body that the policies cannot look at. The default refuses it.
    #[must_use]
    pub fn fail_mode(self, mode: FailMode) -> Self {
        self.edit(|config| config.fail_mode = mode)
    }

    /// The status of a denial. The default is 400, because the SDKs of OpenAI, Anthropic and Fireworks
    /// repeat a request that is answered with a 409 on their own, and a denied prompt would come three
    /// times. Denials say `x-should-retry: false` too, which not every client knows.
    ///
    /// The status of a stream is sent before its first event is looked at, so it stays 200.
    #[must_use]
    pub fn denial_status(self, status: StatusCode) -> Self {
        self.edit(|config| config.denial_status = status)
    }

    /// Largest request body that is read; a larger one is answered with a 413. The default is
    /// [10 MiB](crate::DEFAULT_MAX_BODY_BYTES).
    #[must_use]
    pub fn max_body_bytes(self, bytes: usize) -> Self {
        self.edit(|config| config.max_body_bytes = bytes)
    }

    /// Largest plain reply that is held, and largest event of a stream; more is answered with a 502, or
    /// ends the stream. The default is [32 MiB](crate::DEFAULT_MAX_RESPONSE_BYTES).
    #[must_use]
    pub fn max_response_bytes(self, bytes: usize) -> Self {
        self.edit(|config| config.max_response_bytes = bytes)
    }

    /// Whether the response says in the header [`x-fw-policy`](crate::POLICY_HEADER) what was done about
    /// the request. The default says it.
    #[must_use]
    pub fn response_header(self, show: bool) -> Self {
        self.edit(|config| config.header = show)
    }

    /// The policies.
    #[must_use]
    pub fn chain(&self) -> &Chain {
        &self.config.chain
    }

    fn edit(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(Arc::make_mut(&mut self.config));
        self
    }
}

impl<S> Layer<S> for PolicyLayer {
    type Service = PolicyService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        PolicyService::from_config(inner, Arc::clone(&self.config))
    }
}
