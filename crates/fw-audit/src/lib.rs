//! An audit log that survives a crash and proves that nobody touched it.

mod batch;
pub mod chain;
mod config;
mod error;
pub mod format;
mod hex;
mod keys;
mod lock;
mod log;
mod metrics;
mod open;
mod queue;
mod recover;
mod retention;
pub mod segment;
mod storage;
mod ticket;
mod time;
mod writer;

pub use chain::{Hash, Head};
pub use config::{Durability, LogConfig};
pub use error::{Failed, Full, Health, OpenError};
pub use format::{Kind, Line};
pub use keys::{KeyError, KeySource, PublicKey};
pub use log::{AuditLog, RecordKind, Slot};
pub use metrics::{Histogram, LogMetrics};
pub use ticket::Ticket;
pub use time::{BadTimestamp, Timestamp};
