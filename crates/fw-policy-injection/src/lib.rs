//! Finds prompt injection and jailbreak attempts in LLM requests, in process.

mod boundary;
mod channel;
mod config;
mod detector;
mod error;
mod jsonl;
mod layer;
mod leak;
mod links;
mod log;
mod patterns;
mod policy;
mod reply;
mod scan;
mod turns;
mod weights;
mod words;

#[cfg(test)]
mod testing;

pub use crate::channel::Channel;
pub use crate::config::{
    Action, Backend, BoundaryConfig, DetectionConfig, EncodingConfig, InjectionConfig, LeakConfig,
    LinkAction, LinkConfig, LogLevel, ResponseConfig, Thresholds,
};
pub use crate::detector::Detector;
pub use crate::error::{ConfigError, Problem};
pub use crate::jsonl::score_lines;
pub use crate::layer::InjectionLayer;
pub use crate::policy::InjectionPolicy;
pub use crate::scan::{Reason, ReasonKind, Scan, ViewScore};
pub use fw_classify::Encoding;
