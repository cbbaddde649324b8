//! The fw gateway: policies, parameter conversion and routing in front of Fireworks AI, from one policy-config.yaml.

mod access;
mod body;
pub mod cli;
pub mod commands;
pub mod config;
mod front;
mod gateway;
mod health;
pub mod lint;
mod models;
mod read_timeout;
mod request_id;
pub mod schema;
mod serve;
pub mod telemetry;

pub use crate::gateway::{Gateway, StartError};
pub use crate::serve::{Drained, serve};
