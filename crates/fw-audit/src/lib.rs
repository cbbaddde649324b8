//! An audit log that survives a crash and proves that nobody touched it.
//!
//! [`AuditLog`] is the log: JSON lines in files, each line chained to the one before by its hash, with
//! signatures in between, written in batches. [`AuditLayer`] is a [tower layer](tower_layer)
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
//! | `audit-….jsonl.idx` | where queries find records of a closed file; can be removed at any time |
//!
//! `fw-gateway audit` keeps a log of its own in the folder `access`: who looked at this one. The gateway records in
//! the log itself how far that one is, each time that it starts, so that it cannot be taken away unnoticed. The
//! gateway answers no request that reads the log, so there is nothing more to record of that kind.
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
//! elsewhere shows that. A log that is opened goes on from what it finds, and signs that with what comes: who cuts it
//! off and waits for the next start can add as many records as [`VerifyOptions::max_unsigned`] lets pass. A key beside
//! the log proves nothing against those who can read it; keep it elsewhere ([`KeySource::File`]), and the public half
//! too.
//!
//! # Reading
//!
//! [`Query`] finds records by time, verdict, policy, model, client, target and request; [`export()`] writes them
//! as JSON lines, CSV or Parquet (feature `parquet`), [`Stats`] sums them by day and model. [`Segments`] and
//! [`Reader`] give the lines as they are. A [`Cursor`] goes through the files that are closed, for what ships them
//! elsewhere: it keeps on the disk what has arrived, and tells what retention removed before.
//!
//! The index of a closed file holds, in columns, where each line is and what queries ask for. It only says where to
//! look: what is found is read from the log and checked again, and [`verify`] never reads it. One that was tampered
//! with can hide records from a query; [`Query::scan`] does without.
//!
//! A million records of 1.1 kB on two processors of a virtual machine with other work on them, from the
//! system's cache (`cargo bench -p fw-audit --bench read`): verified at 600 MB/s by one thread; found by a
//! filter in 0.12 to 0.15 s, without an index in 2.2 s; all of them read in 0.6 s, and summed in 1.9 s. An
//! index of a closed file is made when a query first needs it, at the speed of a search without one.
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
//! - **A file is removed or renamed while it is written to**: that is noticed within a second of the next record, and
//!   counted as a failure. What comes goes to a new file, whose first line names the one that is missing.
//! - **The clock goes back**: nothing depends on it but when a file ends, and what is old enough to go. A clock that
//!   is years ahead does remove what it takes for old.
//!
//! # The layer
//!
//! It goes around anything that takes and gives HTTP; here an axum router.
//!
//! ```
//! use axum::{Json, Router, routing::post};
//! use fw_audit::{AuditLayer, AuditLog, LogConfig};
//! use http::Request;
//! use http_body_util::BodyExt;
//! use serde_json::json;
//! use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! # let directory = std::env::temp_dir().join(format!("fw-audit-example-{}", std::process::id()));
//! # let _ = std::fs::remove_dir_all(&directory);
//! let log = AuditLog::open(LogConfig::new(&directory))?;
//!
//! let reply = json!({"choices": [{"message": {"content": "4"}, "finish_reason": "stop"}],
//!     "usage": {"prompt_tokens": 7, "completion_tokens": 1}});
//! let app = Router::new()
//!     .route("/v1/chat/completions", post(|| async { Json(reply) }))
//!     .layer(AuditLayer::new(log));
//!
//! let request = Request::post("/v1/chat/completions")
//!     .body(r#"{"model": "m", "messages": [{"role": "user", "content": "2 + 2?"}]}"#.to_owned())?;
//! app.oneshot(request).await?.into_body().collect().await?;
//!
//! // The client has the whole reply, so its record is written.
//! let text = std::fs::read_to_string(directory.join(fw_audit::segment::file_name(1)))?;
//! let record = text.lines().find(|line| line.contains("finished")).ok_or("no record")?;
//! assert!(record.contains(r#""model":"m""#) && record.contains(r#""end":"complete""#));
//! assert!(!text.contains("2 + 2"));
//! # std::fs::remove_dir_all(&directory)?;
//! # Ok(())
//! # }
//! ```
//!
//! ## What a record holds
//!
//! [`Accepted`] is small: time, request and trace id, client, operation, model, and a digest of the body.
//! [`Finished`] has the same and what came of it: the model that answered, target and attempts, the verdict and
//! what each policy said (kinds and counts), changes of parameters, tokens, cost, times, the status, how it ended,
//! and which configuration was in force. What only other layers know comes from [`Details`].
//!
//! | [`End`] | when |
//! |---|---|
//! | `complete` | the client was given all of the reply |
//! | `denied` | a policy refused the request or its reply |
//! | `refused` | it was refused before anything was sent to a provider: too large, unreadable, over a limit |
//! | `upstream_error` | the provider failed, or said an error |
//! | `truncated` | the reply ended before it was whole |
//! | `client_gone` | the client went away before |
//! | `panic` | a defect in this process |
//!
//! A request that was accepted and never finished was under way when the process died.
//!
//! **No text.** Neither prompts nor replies nor keys are written. Digests are keyed (BLAKE3, with keys derived from
//! the one that signs): who has the key can check that a text is the one that was logged, nobody else can guess.
//! A client is a digest too, unless [`ClientIdentity::Clear`] is chosen. Model names, ids and users come from the
//! client and are cut to 256 bytes.
//!
//! ## What holds always
//!
//! - **What a client has whole is in the log.** The last bytes of a reply (of a stream: those with its end marker)
//!   wait until the record is written, or [synced](AuditLayer::wait_synced). A client that hangs up after the
//!   finish reason of a stream, before its end marker, does not wait.
//! - **One record.** Each request is finished once: also when the future or the body is dropped, or panics.
//! - **Room for the end.** A place for the `finished` record is kept when a request is accepted.
//! - **Nothing without a record.** While the log cannot be written, new requests are refused with a 503, and
//!   replies under way break off before their end; [`FailMode::Allow`] lets them pass and counts what is missing.
//! - **The same bytes.** Requests and replies pass as they came, streams event by event.
//!
//! ## Caveats
//!
//! - A request's body is read whole before the call ([`max_body_bytes`](AuditLayer::max_body_bytes)).
//! - An `accepted` record waits for the next one that somebody waits for, 10 ms at most. A process that is killed
//!   just then leaves nothing of the request.
//! - Of a reply with a `content-encoding` neither usage nor model is known.
//! - Requests are told by path and method, or by an [`Endpoint`](fw_wire::Endpoint) in their extensions. Others
//!   pass without a record.
//!
//! ## Who writes
//!
//! The last bytes of a reply wait for a record, so the thread that serves it writes what there is: one call to the
//! system, into its cache. To wake another thread for that, and to be woken by it, costs more. It does so only if
//! nobody else is at it, so at most one thread is ever kept; no more than 64 KiB at once; not for twenty times as long
//! after two writes in a row took more than 5 ms, as on a disk that cannot follow; and not while the file is synced
//! where four such times in a row a write had to wait for that, for a minute. Everything else is done by the log's own
//! thread: it syncs, begins and ends files, signs by time, puts failures right, and writes what nobody waits for.
//!
//! ## Cost
//!
//! Microseconds of processor time that the layer adds to a request, of all threads together and kernel included,
//! from `cargo bench -p fw-audit --bench layer` on two cores of a virtual machine that others kept busy (load 4 to 8):
//!
//! | | one at a time | 64 at once |
//! |---|---|---|
//! | plain reply, prompt of 1 KiB | 8.3 | 8.1 |
//! | plain reply, prompt of 16 KiB | 10.4 | 10.3 |
//! | stream of 10 events | 12.1 | 12.3 |
//! | stream of 100 events | 34 | 34 |
//!
//! The aim was 5, which this does not reach. By `perf record` of the first line, 2.4 are spent in BLAKE3 (digests of
//! prompt, reply and client, and the chain over two lines), 1.6 in the call that writes, and by instructions a
//! good 1.5 in reading prompt and reply as JSON. That much is in what a record is; the rest is spread over copies,
//! allocations, clocks and locks.
//! A streamed event costs 0.3: it is framed, looked at and hashed.
//!
//! Records of 600 bytes, 100,000 of them until the last one is on the disk (`cargo bench -p fw-audit --bench log
//! batched`, 15 times on the same machine): 114,000 to
//! 216,000 a second.

mod batch;
mod body;
pub mod chain;
mod client;
mod config;
mod cursor;
mod details;
mod digest;
mod encode;
mod engine;
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
pub use cursor::{ClosedSegment, Cursor};
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
