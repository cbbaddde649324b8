//! The fw gateway: policies, parameter conversion and routing in front of Fireworks AI, from one policy-config.yaml.

pub mod config;
pub mod lint;
pub mod schema;
