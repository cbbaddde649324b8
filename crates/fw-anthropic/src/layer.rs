use tower_layer::Layer;

use crate::{config::Config, service::MessagesService};

/// Lets clients of Anthropic's Messages API use a service that speaks chat completions.
///
/// See the [crate documentation](crate) for what is converted. Cloning is cheap.
///
/// ```
/// use fw_anthropic::MessagesLayer;
///
/// let layer = MessagesLayer::new().max_body_bytes(1 << 20);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct MessagesLayer {
    config: Config,
}

// === impl MessagesLayer ===

impl MessagesLayer {
    /// A layer with default limits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Largest request body that is read, in bytes; more is answered with a 413. The default is
    /// [10 MiB](crate::DEFAULT_MAX_BODY_BYTES).
    #[must_use]
    pub const fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.config.max_body_bytes = bytes;
        self
    }

    /// Largest reply that is held in memory, in bytes; more is answered with a 502. Of a stream it bounds
    /// one event, and what of it waits; more ends it with an error. The default is
    /// [32 MiB](crate::DEFAULT_MAX_RESPONSE_BYTES).
    #[must_use]
    pub const fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.config.max_response_bytes = bytes;
        self
    }
}

impl<S> Layer<S> for MessagesLayer {
    type Service = MessagesService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        MessagesService::from_config(inner, self.config)
    }
}
