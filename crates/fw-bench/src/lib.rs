//! How much does `fw-gateway` cost, compared with a proxy that does nothing?
//!
//! One command starts everything on the loopback interface, measures, and prints a Markdown report:
//!
//! ```console
//! $ cargo run --profile dist -p fw-bench -- compare
//! ```
//!
//! `--quick` is the same in a few seconds, to see that it runs; its figures are too short to quote.
//!
//! # What is compared
//!
//! | contestant | what it is |
//! |---|---|
//! | `direct` | the [mock] upstream alone: the floor |
//! | `bare` | a hyper reverse proxy without JSON in it ([`bare_proxy`]), TCP_NODELAY on both sides |
//! | `gateway` | the real `fw-gateway` binary with `policies.chain: []` |
//! | `gateway-pii` | the same with `policies.chain: [pii-detector]` and its defaults |
//!
//! Each is a process of its own with the same number of worker threads, and CPU time is counted for
//! that process alone. The [workloads](workload::WINDOWS) are one connection at a time (L), closed
//! loops of 32 connections with prompts of 1 KB and 16 KB (A, B), an open loop at 1,000 requests a
//! second (R), 50 paced streams (C), short streams one at a time (F), 16 streams without a pause (X), and
//! 1,000 or 5,000 slow streams on a fresh process, for memory (D1, D5).
//!
//! # How it is measured
//!
//! - Windows are interleaved: each round runs every contestant, in rotating order, before the next
//!   round begins, so that a noisy minute hurts all alike. Ratios are taken within a round; the median
//!   over the rounds is reported.
//! - Any failed request voids its window: a wrong status, a short reply, a missing chunk.
//! - CPU time is user plus system time of the contestant's process, divided by requests or events.
//! - The open loop counts latency from the instant at which a request was due.
//! - "Delivery" is the delay of a chunk between the mock's send time, which the chunk carries, and its
//!   arrival.
//! - Memory per stream is resident memory while all streams run, less that of the idle process.
//!
//! # Instructions
//!
//! `fw-bench instructions` counts the instructions of the hot paths in memory under valgrind, compares them with
//! the recorded counts, and fails if one of them grew by more than 15 %. CI runs it. Without valgrind it says so
//! and does nothing.
//!
//! # Caveats
//!
//! Load generator, mock and contestant share the machine's cores, so requests per second and latencies
//! say little by themselves; CPU time and the ratios are what to read. The load generator runs on one
//! thread. Everything is plain-text HTTP/1.1 on loopback.
//!
//! # Figures
//!
//! 2026-11-22, two cores with nothing else to do, profile `dist`, no void window, the command above:
//!
//! | figure | bare | gateway | measured | bar | |
//! |---|---|---|---|---|---|
//! | CPU per request, 1 KB (A), ratio | 21.6 us | 26.0 us | 1.21 | <= 1.3 | PASS |
//! | CPU per request, 16 KB (B), ratio | 25.4 us | 31.0 us | 1.24 | <= 1.3 | PASS |
//! | requests per second (A), ratio | 46,151 | 40,462 | 0.86 | >= 0.65 | PASS |
//! | CPU per event, paced (C), ratio | 13.5 us | 17.9 us | 1.18 | <= 1.2 | PASS |
//! | CPU per event, no pause (X), ratio | 4.11 us | 2.11 us | 0.50 | <= 1.2 | PASS |
//! | first content added to direct (C) | 0.23 ms | 0.23 ms | 0.27 ms | <= 0.5 | PASS |
//! | memory per slow stream (D5), ratio | 31.6 KB | 37.4 KB | 1.19 | <= 1.3 | PASS |
//! | resident memory idle | 5.05 MB | 13.6 MB | 13.6 | <= 15 | PASS |
//! | PII on: CPU added to a request of 1 KB (A) | 26.0 us | 36.7 us | 11.0 us | <= 15 | PASS |
//! | PII on: CPU per event, paced (C), ratio | 13.5 us | 17.5 us | 1.34 | <= 1.5 | PASS |
//! | PII on: CPU per event, no pause (X), ratio | 4.11 us | 2.61 us | 0.62 | <= 1.5 | PASS |
//! | PII on: first content added (F) | 0.18 ms | 0.21 ms | 0.04 ms | <= 0.05 | PASS |
//!
//! The run before it, of a copied binary: 1.27, 1.25 and 1.18 for A, B and C, 15.3 MB, 10.6 us and 1.21 with PII on. A
//! paced event has little room below its bar: other runs of the day, of shorter windows or beside other work, gave 1.19 to
//! 1.28 for C and up to 1.32 for B. What the system takes of a paced event is about the same in both, by `perf record -e
//! cpu-clock`: four fifths of the bare proxy's time. Ratios are medians of the rounds' ratios, so they differ from those
//! of the medians beside them. The profile `release`, which builds faster, makes a larger binary: some 3 MB more of idle
//! memory and, with an older state, 0.1 more for a request.
//!
//! Events without a pause cost less than in the bare proxy because what arrived together is passed on together: the
//! gateway drives its connections to the provider itself, while the bare proxy's client has a task for each.
//!
//! Ratios of single runs differ by some 0.1. Where the time goes is best seen in instructions, which noise cannot touch:
//! `valgrind --tool=callgrind` on a contestant, with `fw-bench load` as its only client. In user space, with what the
//! start takes, a plain request of 1 KB took 41,900 instructions in the bare proxy and 58,800 in the gateway, an event
//! without a pause 4,800 and 6,300, a paced one 6,800 and 11,200. Putting a write together takes
//! instructions here and saves the system more.
//!
//! Resident memory is mostly the binary's pages. A copied binary shows some 2 MB more than the linker's own file.
//!
//! `cargo bench -p fw-bench` measures the layers without sockets.

pub mod bare_proxy;
pub mod client;
pub mod compare;
pub mod http1;
pub mod instructions;
pub mod mock;
pub mod process;
pub mod report;
pub mod stats;
pub mod work;
pub mod workload;

/// Whatever went wrong, in words: the reader is the person who ran the comparison.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
