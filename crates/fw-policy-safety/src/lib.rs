//! Finds unsafe content in LLM requests and in streamed replies, in process.

mod blocks;
mod category;
mod config;
mod error;
mod fuzzy;
mod terms;

pub use crate::category::Category;
pub use crate::config::{
    CategoriesConfig, CategoryAction, CategoryConfig, ResponseConfig, ResponseSettings,
    SafetyAction, SafetyConfig, SafetyMode, SelfHarmConfig,
};
pub use crate::error::{ConfigError, Problem};
pub use crate::terms::TermSet;
