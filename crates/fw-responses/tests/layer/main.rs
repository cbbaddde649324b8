//! The layer around a service: what goes up, what comes back, what is kept.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod create;
mod errors;
mod expand;
mod kept;
mod provider;
mod turns;
