use std::sync::Arc;

use tower_layer::Layer;

use crate::{
    config::{Config, ResponsesMode},
    service::ResponsesService,
    store::ResponseStore,
};

/// Answers the Responses API with a service of chat completions and a store.
///
/// See the [crate documentation](crate). Cloning is cheap.
#[derive(Clone, Debug)]
pub struct ResponsesLayer {
    config: Arc<Config>,
}

// === impl ResponsesLayer ===

impl ResponsesLayer {
    /// A layer that keeps responses in this store. Several layers may share one.
    #[must_use]
    pub fn new(store: ResponseStore) -> Self {
        Self {
            config: Arc::new(Config::new(store)),
        }
    }

    /// Who answers: by default [this layer](ResponsesMode::Emulate).
    #[must_use]
    pub fn mode(self, mode: ResponsesMode) -> Self {
        self.edit(|config| config.mode = mode)
    }

    /// Largest request body that is read; more is answered with a 413. The default is
    /// [10 MiB](crate::DEFAULT_MAX_BODY_BYTES).
    #[must_use]
    pub fn max_body_bytes(self, bytes: usize) -> Self {
        self.edit(|config| config.max_body_bytes = bytes)
    }

    /// Largest reply, and largest event of a stream, that is held in memory to be converted; a larger
    /// reply is answered with a 502. The default is [32 MiB](crate::DEFAULT_MAX_RESPONSE_BYTES).
    #[must_use]
    pub fn max_response_bytes(self, bytes: usize) -> Self {
        self.edit(|config| config.max_response_bytes = bytes)
    }

    fn edit(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(Arc::make_mut(&mut self.config));
        self
    }
}

impl<S> Layer<S> for ResponsesLayer {
    type Service = ResponsesService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ResponsesService::from_config(inner, Arc::clone(&self.config))
    }
}
