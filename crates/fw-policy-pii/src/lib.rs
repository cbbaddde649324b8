//! Finds and redacts personal data and secrets in text, in LLM requests and in streamed replies.

mod allow;
mod config;
mod detect;
mod detector;
mod entity;
mod error;
mod filter;
mod finder;
mod finding;
mod keyed;
mod layer;
mod marker;
mod normal;
mod patterns;
mod policy;
mod pseudonym;
mod region;
mod restore;
mod scan;
mod segment;

pub use crate::config::{
    Action, AllowConfig, EntityName, HashKey, HashKeyRef, MarkerFormat, NamedPattern, PatternConfig,
    PiiConfig, RedactionConfig, TextField,
};
pub use crate::detector::{Detection, Detector, Redacted};
pub use crate::entity::Entity;
pub use crate::error::{ConfigError, Problem};
pub use crate::filter::PiiFilter;
pub use crate::layer::PiiLayer;
pub use crate::policy::PiiPolicy;
pub use crate::pseudonym::Pseudonyms;
