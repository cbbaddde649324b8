//! An audit log that survives a crash and proves that nobody touched it.
//!
//! [`AuditLog`] is the log: JSON lines in files, each line chained to the one before by its hash, with
//! signatures in between, written by one thread in batches. [`AuditLayer`] is a [tower layer](tower_layer)
//! that puts two records into it for each LLM request: one when the request has been read, one when its reply
//! is over, whatever its end. [`verify`] checks a log, [`Query`] finds records in it.
//!
//! # Example
//!
//! ```
//! use fw_audit::{AuditLog, LogConfig, RecordKind, VerifyOptions, verify};
//! use serde_json::json;
//!
//! # let directory = std::env::temp_dir().join(format!("fw-audit-crate-{}", std::process::id()));
//! # let _ = std::fs::remove_dir_all(&directory);
//! let log = AuditLog::open(LogConfig::new(&directory).name("example"))?;
//! let entry = json!({"time": "2026-11-21T17:45:00.000000Z", "user": "anna", "command": "export"});
//! log.append(RecordKind::Access, &entry)?.wait_synced()?;
//! let (key, head) = (log.public_key(), log.head());
//! drop(log);
//!
//! let options = VerifyOptions::new().public_key(key).expect_head(head.hash);
//! let verified = verify(&directory, &options, |_| ())?;
//! assert_eq!(verified.records(), 1);
//! # std::fs::remove_dir_all(&directory)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The files
//!
//! | file | what it is |
//! |---|---|
//! | `audit-<number of its first line>.jsonl` | lines; the last of these files is written to |
//! | `audit.pub` | the public key that checks the signatures |
//! | `audit.key` | the private one, if it was made here ([`KeySource::Generate`]) |
//! | `LOCK` | held by who has the log open |
//!
//! A line is `{"seq":12,"kind":"finished",…,"hash":"…"}`. Its [`hash`](chain::line_hash) is BLAKE3 over a tag,
//! the hash of the line before, the length of what stands before `,"hash":`, and that itself. Numbers count up
//! by one through all files. Only the first line of a file has none of its own: it shows that of the next line.
//!
//! | kind | what it says |
//! |---|---|
//! | `accepted`, `finished`, `access` | records |
//! | `segment` | the first line of a file: what came before it, and why it was begun |
//! | `checkpoint` | a signature, after 1,024 records, or a second if there is anything new |
//! | `seal` | a signature, and the end of the file |
//! | `tombstone` | a signature; files were removed because they were old enough |
//! | `dropped` | so many records were not taken |
//!
//! # What it proves, and what not
//!
//! Nobody without the private key can change, add, remove or move a line before the last signature and go
//! unnoticed. After it, for a second at most, the chain alone holds, which anybody can make anew. And a log that was
//! cut off right after a signature looks like one that ended there: only a [head](AuditLog::head) that was kept
//! elsewhere shows that. A key beside the log proves nothing against those who can read it; keep it
//! elsewhere ([`KeySource::File`]), and the public half too.
//!
//! # What survives
//!
//! - **The process is killed**: all that was [written](Ticket::poll_written). A line that was under way is removed
//!   at the next start; anything else that is not as it was written is reported, and left as it is.
//! - **The machine dies**: all that was [synced](Ticket::poll_synced). That is within 100 ms, or before anybody is
//!   told that a record is safe ([`Durability`]).
//! - **The disk fails or is full**: records wait in memory, as many as the queue may hold, and are written
//!   when that works again: to a new file, and from the last line on that is known to be on the disk, for a failed
//!   sync says nothing about what is there. Meanwhile [`AuditLog::health`] says why. If the process is killed
//!   then, what waits is lost.
//! - **The clock goes back**: nothing depends on it but when a file ends, and what is old enough to go. A clock that
//!   is years ahead does remove what it takes for old.

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
