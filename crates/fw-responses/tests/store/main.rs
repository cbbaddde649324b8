//! What a store keeps, for whom, for how long, and how much.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod files;
mod model;
mod properties;
mod rules;
mod support;
