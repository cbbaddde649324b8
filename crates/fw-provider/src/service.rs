use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::{HeaderName, HeaderValue};
use http::{Method, Request, Response, Version};
use http_body::Body;
use tokio::time::Instant;
use tower_service::Service;

use crate::auth::KeyHeader;
use crate::client::{Clients, Http1Only, Load};
use crate::config::{Key, Timeouts};
use crate::error::BoxError;
use crate::future::{ProviderFuture, Sent};
use crate::url::{BaseUrl, Form};
use crate::{
    Availability, ConfigError, ProviderBody, ProviderConfig, ProviderError, Secret, headers, http1,
};

/// Request extension: whether the reply will be streamed.
///
/// Until the reply's head says what it is, the deadline follows this, else the
/// request's `Accept`. A layer that has read the body, where `"stream": true`
/// is, sets it; without it a stream that takes long to begin is held to the
/// deadline of a whole reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streaming(pub bool);

/// One target: an upstream API as a service.
///
/// A clone is another handle to the same connections. It is always ready;
/// `B` is the type of request bodies. See the [crate] documentation for what
/// happens to a request and a reply.
pub struct Provider<B> {
    shared: Arc<Shared>,
    clients: Arc<Clients<B>>,
}

/// What requests in flight need of their provider.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) id: Arc<str>,
    base: BaseUrl,
    key_header: KeyHeader,
    key: Option<(HeaderName, HeaderValue)>,
    host: Option<HeaderValue>,
    availability: Availability,
    pub(crate) timeouts: Timeouts,
    pub(crate) expose_headers: bool,
    /// Shared by the handles with other keys: the pools are the same.
    load: Arc<Load>,
    pub(crate) http1_only: Arc<Http1Only>,
}

impl Shared {
    pub(crate) fn stream_timeout(&self) -> Duration {
        self.timeouts.stream.unwrap_or(self.timeouts.reply)
    }
}

/// A request's place in a pool, given back when its reply has ended.
#[derive(Debug)]
pub(crate) struct Lease {
    pub(crate) shared: Arc<Shared>,
    /// `None` where a request has a connection for itself.
    pool: Option<usize>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(pool) = self.pool {
            self.shared.load.leave(pool);
        }
    }
}

// === impl Provider ===

impl<B> Provider<B>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
{
    /// Checks the settings and prepares the client. Opens no connection.
    ///
    /// A key that is missing is a warning in the log, not an error: see
    /// [`availability`](Self::availability).
    ///
    /// # Errors
    ///
    /// If there is no base address and none is known, or one of the settings
    /// cannot be used.
    pub fn new(config: ProviderConfig) -> Result<Self, ConfigError> {
        let known = config.known();
        let Some(base_url) = config.base_url.as_deref().or(known.base_url) else {
            return Err(config.error(
                "base_url",
                format!(
                    "is missing; it is known for `fireworks` and `openai`, not for `{}`",
                    config.provider
                ),
            ));
        };
        let base = BaseUrl::parse(base_url, known.bare_host)
            .map_err(|message| config.error("base_url", message))?;
        let key_header = KeyHeader::new(&config)?;
        let key = match &config.key {
            Key::Given(secret) => Some(key_header.with(secret, &config.id)?),
            Key::None | Key::Missing { .. } => None,
        };
        let availability = config.availability();
        if !availability.is_available() {
            tracing::warn!(
                target_id = config.id,
                "target is unavailable: {availability}"
            );
        }
        let host = HeaderValue::try_from(base.host()).ok();
        let http1_only = Http1Only::new(&config, &base);
        let clients = Clients::new(&config, &base)?;
        let load = Load::new(clients.negotiated.len(), config.streams_per_connection);
        Ok(Self {
            shared: Arc::new(Shared {
                id: config.id.as_str().into(),
                base,
                key_header,
                key,
                host,
                availability,
                timeouts: config.timeouts,
                expose_headers: config.expose_headers,
                load: Arc::new(load),
                http1_only: Arc::new(http1_only),
            }),
            clients: Arc::new(clients),
        })
    }
}

impl<B> Provider<B> {
    /// The target's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.shared.id
    }

    /// Whether the target can be used. One without its key answers every
    /// request with [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable).
    #[must_use]
    pub fn availability(&self) -> &Availability {
        &self.shared.availability
    }

    /// The same target with another key: a handle to the same connections, for
    /// targets that have several keys. Whatever was missing before, the new
    /// handle is available.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use fw_provider::{Provider, ProviderConfig, Secret};
    /// use http_body_util::Full;
    ///
    /// # fn main() -> Result<(), fw_provider::ConfigError> {
    /// let config = ProviderConfig::new("fireworks").api_key("fw_first");
    /// let first: Provider<Full<Bytes>> = Provider::new(config)?;
    /// let second = first.with_api_key(Secret::new("fw_second"))?;
    /// assert_eq!(second.id(), first.id());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the key is empty or cannot be sent in a header. The message does not
    /// hold it.
    pub fn with_api_key(&self, key: Secret) -> Result<Self, ConfigError> {
        let key = self.shared.key_header.with(&key, &self.shared.id)?;
        Ok(Self {
            shared: Arc::new(Shared {
                key: Some(key),
                availability: Availability::Available,
                ..Shared::clone(&self.shared)
            }),
            clients: Arc::clone(&self.clients),
        })
    }

    /// The same target under another id: a handle to the same connections. The
    /// id is what errors name.
    #[must_use]
    pub fn with_id(&self, id: impl Into<Arc<str>>) -> Self {
        Self {
            shared: Arc::new(Shared {
                id: id.into(),
                ..Shared::clone(&self.shared)
            }),
            clients: Arc::clone(&self.clients),
        }
    }

    fn fail(error: ProviderError) -> ProviderFuture {
        ProviderFuture::failed(error)
    }
}

impl<B> Service<Request<B>> for Provider<B>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    type Response = Response<ProviderBody>;
    type Error = ProviderError;
    type Future = ProviderFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let shared = &self.shared;
        if !shared.availability.is_available() {
            let reason = shared.availability.to_string();
            return Self::fail(ProviderError::unavailable(&shared.id, reason));
        }
        if *request.method() == Method::CONNECT {
            let error = ProviderError::invalid_request(&shared.id, "CONNECT is not supported");
            return Self::fail(error);
        }
        let over_http1 = shared.http1_only.is_known();
        let form = if over_http1 {
            Form::Origin
        } else {
            Form::Absolute
        };
        match shared.base.join(request.uri(), form) {
            Ok(uri) => *request.uri_mut() = uri,
            Err(what) => return Self::fail(ProviderError::invalid_request(&shared.id, what)),
        }
        // What the client spoke does not decide what is spoken here.
        *request.version_mut() = Version::HTTP_11;
        let streaming = match request.extensions().get::<Streaming>() {
            Some(Streaming(streaming)) => *streaming,
            None => headers::accepts_stream(request.headers()),
        };
        // An HTTP/2 request has `:authority` instead, so where that is possible
        // hyper writes the header.
        let host = shared.host.as_ref().filter(|_| over_http1);
        headers::prepare_request(request.headers_mut(), shared.key.as_ref(), host);

        let (response, pool) = if over_http1 {
            let http1 = Arc::clone(&self.clients.http1);
            (Sent::Http1(http1::exchange(http1, request)), None)
        } else {
            let pool = shared.load.enter();
            let response = self.clients.negotiated[pool].request(request);
            (Sent::Negotiated(response), Some(pool))
        };
        let lease = Lease {
            shared: shared.clone(),
            pool,
        };
        ProviderFuture::new(response, lease, Instant::now(), streaming)
    }
}

impl<B> Clone for Provider<B> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
            clients: self.clients.clone(),
        }
    }
}

impl<B> fmt::Debug for Provider<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("id", &self.shared.id)
            .field("availability", &self.shared.availability)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
