//! What an [`AuditLayer`](crate::AuditLayer) was told.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use http::request;

use crate::client::{Client, ClientIdentity};
use crate::details::Details;
use crate::digest::Digester;
use crate::log::AuditLog;
use crate::record::ConfigIdentity;
use crate::time::Timestamp;

/// Largest request body that is read, unless told otherwise: 10 MiB.
pub const DEFAULT_MAX_BODY_BYTES: usize = 10 << 20;

/// Largest event of a stream, and largest plain reply that is read for its usage: 32 MiB.
pub const DEFAULT_MAX_RESPONSE_BYTES: usize = 32 << 20;

/// What becomes of requests while the log cannot be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailMode {
    /// New ones are refused with a 503, and replies that are under way break off: nothing without a record.
    #[default]
    Block,
    /// They pass. What could not be recorded is counted in the log.
    Allow,
}

type MakeDetails = dyn Fn() -> Box<dyn Details> + Send + Sync;

#[derive(Clone)]
pub(crate) struct Config {
    /// None: nothing is audited.
    pub(crate) log: Option<AuditLog>,
    pub(crate) digester: Digester,
    /// A record counts as written when it is on the disk.
    pub(crate) synced: bool,
    pub(crate) fail_mode: FailMode,
    pub(crate) log_all_access: bool,
    pub(crate) hipaa: bool,
    pub(crate) client: fn(&request::Parts) -> Option<Client>,
    pub(crate) client_identity: ClientIdentity,
    pub(crate) identity: Option<Arc<ConfigIdentity>>,
    pub(crate) details: Arc<MakeDetails>,
    pub(crate) max_body_bytes: usize,
    pub(crate) max_response_bytes: usize,
    pub(crate) clock: Clock,
}

/// Where the time comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    pub(crate) instant: fn() -> Instant,
    pub(crate) time: fn() -> Timestamp,
}

// === impl Config ===

impl Config {
    pub(crate) fn new(log: Option<AuditLog>) -> Self {
        let secret = log
            .as_ref()
            .map(|log| log.derive_key("fw-audit v1 digests"))
            .unwrap_or_default();
        Self {
            synced: false,
            log,
            digester: Digester::new(&secret),
            fail_mode: FailMode::default(),
            log_all_access: true,
            hipaa: false,
            client: Client::of,
            client_identity: ClientIdentity::default(),
            identity: None,
            details: Arc::new(|| Box::new(())),
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
            max_response_bytes: DEFAULT_MAX_RESPONSE_BYTES,
            clock: Clock {
                instant: Instant::now,
                time: Timestamp::now,
            },
        }
    }

    /// Counts a request that was refused because it could not be recorded.
    pub(crate) fn note_refused(&self) {
        if let Some(log) = &self.log {
            log.note_refused();
        }
    }

    /// Itself, if nothing goes anywhere without a record.
    pub(crate) fn blocking(self: &Arc<Self>) -> Option<Arc<Self>> {
        self.blocks().then(|| Arc::clone(self))
    }

    pub(crate) fn blocks(&self) -> bool {
        self.fail_mode == FailMode::Block
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("on", &self.log.is_some())
            .field("fail_mode", &self.fail_mode)
            .field("log_all_access", &self.log_all_access)
            .finish_non_exhaustive()
    }
}
