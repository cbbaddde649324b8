//! The layer.

use std::fmt;
use std::sync::Arc;

use http::{HeaderValue, StatusCode};
use tower_layer::Layer;

use crate::config::ExternalConfig;
use crate::error::ConfigError;
use crate::service::{Asked, ExternalService, Settings};

/// Asks a service about requests before they go on. See the [crate documentation](crate).
///
/// `C` is the client that the service is asked with: a [`tower_service::Service`] over
/// `http::Request<Full<Bytes>>`. Connections, TLS and pooling are its business; the time limit is this layer's.
#[derive(Clone)]
pub struct ExternalLayer<C> {
    settings: Option<Arc<Settings>>,
    client: Option<C>,
}

impl<C> ExternalLayer<C> {
    /// A layer that asks with this client.
    ///
    /// # Errors
    ///
    /// Settings that cannot be used, each by name. `secret_key_ref` is not looked up: see
    /// [`bearer`](Self::bearer).
    pub fn new(config: &ExternalConfig, client: C) -> Result<Self, ConfigError> {
        crate::error::check(config.problems())?;
        Ok(Self {
            settings: Some(Arc::new(Settings::new(config)?)),
            client: Some(client),
        })
    }

    /// A layer that asks nobody: all requests pass.
    #[must_use]
    pub const fn off() -> Self {
        Self {
            settings: None,
            client: None,
        }
    }

    /// Sends this key with each question, as `Authorization: Bearer`.
    ///
    /// # Errors
    ///
    /// A key with characters that no header may have.
    pub fn bearer(mut self, key: &str) -> Result<Self, ConfigError> {
        let mut value = HeaderValue::try_from(format!("Bearer {key}")).map_err(|_| {
            let message = "the key has characters that no header may have, such as a line break";
            crate::error::unusable("secret_key_ref", message)
        })?;
        value.set_sensitive(true);
        self.change(|settings| settings.key = Some(value));
        Ok(self)
    }

    /// The status of denials. Default: 400.
    #[must_use]
    pub fn denial_status(mut self, status: StatusCode) -> Self {
        self.change(|settings| settings.denial_status = status);
        self
    }

    /// The largest request that is read, in bytes. Default: 10 MiB.
    #[must_use]
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.change(|settings| settings.max_body_bytes = bytes);
        self
    }

    fn change(&mut self, change: impl FnOnce(&mut Settings)) {
        if let Some(settings) = &mut self.settings {
            change(Arc::make_mut(settings));
        }
    }
}

impl<S, C: Clone> Layer<S> for ExternalLayer<C> {
    type Service = ExternalService<S, C>;

    fn layer(&self, inner: S) -> Self::Service {
        let asked = self.settings.clone().zip(self.client.clone());
        let asked = asked.map(|(settings, client)| Arc::new(Asked { settings, client }));
        ExternalService::new(inner, asked)
    }
}

impl<C> fmt::Debug for ExternalLayer<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExternalLayer")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
