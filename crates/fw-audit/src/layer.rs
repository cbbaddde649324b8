use std::sync::Arc;

use http::request;
use tower_layer::Layer;

use crate::client::{Client, ClientIdentity};
use crate::details::Details;
use crate::log::AuditLog;
use crate::record::ConfigIdentity;
use crate::service::AuditService;
use crate::settings::{Config, FailMode};

/// Writes two records for each request: one when it has been read, one when its reply is over.
///
/// See the [crate documentation](crate) for what it does. Cloning is cheap. It belongs outside of every
/// layer that may refuse, change or answer a request, and inside of what sets request ids.
#[derive(Clone, Debug)]
pub struct AuditLayer {
    config: Arc<Config>,
}

// === impl AuditLayer ===

impl AuditLayer {
    /// A layer that writes to this log.
    #[must_use]
    pub fn new(log: AuditLog) -> Self {
        Self::from_config(Config::new(Some(log)))
    }

    /// A layer that does nothing, for stacks in which auditing is an option.
    #[must_use]
    pub fn disabled() -> Self {
        Self::from_config(Config::new(None))
    }

    /// Who puts into the records what only other layers know.
    #[must_use]
    pub fn details<D: Details + Clone + Sync + 'static>(self, details: D) -> Self {
        self.edit(|config| config.details = Arc::new(move || Box::new(details.clone())))
    }

    /// How the client of a request is found. The default is [`Client::of`].
    #[must_use]
    pub fn client(self, client: fn(&request::Parts) -> Option<Client>) -> Self {
        self.edit(|config| config.client = client)
    }

    /// How clients are written. The default is a keyed digest.
    #[must_use]
    pub fn client_identity(self, identity: ClientIdentity) -> Self {
        self.edit(|config| config.client_identity = identity)
    }

    /// Whether every request is recorded, or only those that were not allowed or came to nothing. The
    /// default is every one.
    #[must_use]
    pub fn log_all_access(self, all: bool) -> Self {
        self.edit(|config| config.log_all_access = all)
    }

    /// Whether records say too when there was access, by which user, and to which categories of data. The
    /// user is written as the client gave it. The default is no.
    #[must_use]
    pub fn hipaa_audit_controls(self, on: bool) -> Self {
        self.edit(|config| config.hipaa = on)
    }

    /// What becomes of requests while the log cannot be written. The default refuses them.
    #[must_use]
    pub fn fail_mode(self, mode: FailMode) -> Self {
        self.edit(|config| config.fail_mode = mode)
    }

    /// Whether a reply waits until its record is on the disk, or only until it survives the end of this
    /// process. The default is the latter.
    #[must_use]
    pub fn wait_synced(self, wait: bool) -> Self {
        self.edit(|config| config.synced = wait)
    }

    /// Which configuration is in force.
    #[must_use]
    pub fn config_identity(self, identity: ConfigIdentity) -> Self {
        self.edit(|config| config.identity = Some(Arc::new(identity)))
    }

    /// Largest request body that is read; a larger one is answered with a 413. The default is
    /// [10 MiB](crate::DEFAULT_MAX_BODY_BYTES).
    #[must_use]
    pub fn max_body_bytes(self, bytes: usize) -> Self {
        self.edit(|config| config.max_body_bytes = bytes)
    }

    /// Largest event of a stream; a larger one ends it. Of a plain reply that is larger no usage is known.
    /// The default is [32 MiB](crate::DEFAULT_MAX_RESPONSE_BYTES).
    #[must_use]
    pub fn max_response_bytes(self, bytes: usize) -> Self {
        self.edit(|config| config.max_response_bytes = bytes)
    }

    #[cfg(test)]
    pub(crate) fn clock(self, clock: crate::settings::Clock) -> Self {
        self.edit(|config| config.clock = clock)
    }

    fn from_config(config: Config) -> Self {
        Self {
            config: Arc::new(config),
        }
    }

    fn edit(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(Arc::make_mut(&mut self.config));
        self
    }
}

impl<S> Layer<S> for AuditLayer {
    type Service = AuditService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AuditService::from_config(inner, Arc::clone(&self.config))
    }
}

#[cfg(test)]
mod tests;
