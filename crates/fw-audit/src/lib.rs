//! An audit log that survives a crash and proves that nobody touched it.

mod batch;
mod body;
pub mod chain;
mod client;
mod config;
mod details;
mod digest;
mod error;
mod exchange;
mod export;
pub mod format;
mod future;
mod hex;
mod index;
mod intake;
mod keys;
mod layer;
mod lock;
mod log;
mod metrics;
mod open;
mod query;
mod queue;
mod reader;
mod record;
mod recover;
mod refusal;
mod retention;
mod route;
mod row;
#[cfg(test)]
mod sample;
pub mod segment;
mod service;
mod settings;
mod stats;
mod storage;
mod syncer;
mod tap;
mod ticket;
mod time;
mod verify;
mod writer;

pub use body::{AuditBody, AuditRequestBody};
pub use chain::{Hash, Head};
pub use client::{Client, ClientIdentity};
pub use config::{Durability, LogConfig};
pub use details::Details;
pub use digest::Digester;
pub use error::{Failed, Full, Health, OpenError};
pub use export::{Csv, ExportFormat, export};
pub use format::{Kind, Line};
pub use future::AuditFuture;
pub use keys::{KeyError, KeySource, PublicKey};
pub use layer::AuditLayer;
pub use log::{AuditLog, RecordKind, Slot};
pub use metrics::{Histogram, LogMetrics};
pub use query::{Found, Query, Records};
pub use reader::{Placed, Reader, SegmentFile, Segments};
pub use record::{
    Accepted, AttemptRecord, Captured, ConfigIdentity, End, Finished, Hipaa, PolicyRecord, Tokens,
    Unknown, Verdict,
};
pub use refusal::AuditError;
pub use service::AuditService;
pub use settings::{DEFAULT_MAX_BODY_BYTES, DEFAULT_MAX_RESPONSE_BYTES, FailMode};
pub use stats::{Stats, Totals};
pub use ticket::Ticket;
pub use time::{BadTimestamp, Timestamp};
pub use verify::{Bad, Progress, Verified, VerifyError, VerifyOptions, verify};
