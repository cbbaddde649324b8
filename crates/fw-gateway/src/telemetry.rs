//! Log lines: where they go, how they look, what is logged.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use crate::cli::LogFormat;

/// The target of the line written for every finished request.
pub const ACCESS: &str = "fw_gateway::access";

/// Sends log lines to standard error, filtered by `RUST_LOG`; without it, by `default_filter`.
///
/// # Errors
///
/// When the process has a subscriber already.
pub fn init(format: LogFormat, default_filter: &str) -> Result<(), TryInitError> {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.into())
        .parse_lossy(std::env::var("RUST_LOG").unwrap_or_else(|_| default_filter.to_owned()));
    let registry = tracing_subscriber::registry().with(filter);
    match format {
        LogFormat::Text => {
            let ansi = std::io::IsTerminal::is_terminal(&std::io::stderr());
            let lines = tracing_subscriber::fmt::layer()
                .with_ansi(ansi)
                .with_writer(std::io::stderr);
            registry.with(lines).try_init()
        }
        LogFormat::Json => {
            let lines = tracing_subscriber::fmt::layer()
                .json()
                .with_writer(std::io::stderr);
            registry.with(lines).try_init()
        }
    }
}
