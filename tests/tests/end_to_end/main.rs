//! What the gateway promises, read off real sockets: the real binary in front of the simulator.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod fidelity;
mod http;
mod model_choice;
mod models;
mod operations;
mod params;
mod refusals;
mod responses;
mod secrets;
mod surfaces;
