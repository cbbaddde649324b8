//! The router as a layer around one service.

use tower_layer::Layer;

use crate::{config::Retry, service::Router, target::Target};

/// Wraps one service as a router with one target: retries, a clear end for replies that break off, and what
/// [`Router::status`] tells. For several targets, make a [`Router`].
#[derive(Clone, Debug, Default)]
pub struct RouterLayer {
    retry: Retry,
}

impl RouterLayer {
    /// A layer that retries nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// When a request is tried again.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }
}

impl<S: Clone> Layer<S> for RouterLayer {
    type Service = Router<S>;

    fn layer(&self, inner: S) -> Router<S> {
        Router::builder()
            .retry(self.retry.clone())
            .single(Target::new("target", inner))
    }
}
