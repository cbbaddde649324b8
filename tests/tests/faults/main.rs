//! What goes wrong, on either side, and what the other side sees of it.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clients;
mod drain;
mod start;
mod upstream;
