//! The line in the log: kinds, channels and scores, and never any text.

use crate::config::LogLevel;
use crate::scan::{ReasonKind, Scan};

/// One event with a level that is known at run time only.
macro_rules! event {
    ($level:expr, $($fields:tt)*) => {
        match $level {
            LogLevel::Error => tracing::error!($($fields)*),
            LogLevel::Warn => tracing::warn!($($fields)*),
            LogLevel::Info => tracing::info!($($fields)*),
            LogLevel::Debug => tracing::debug!($($fields)*),
            LogLevel::Trace => tracing::trace!($($fields)*),
        }
    };
}

/// Attacks in a request: the first of them, and how many there are.
pub(crate) fn request(level: LogLevel, scan: &Scan, count: usize) {
    event!(
        level,
        action = scan.action.as_str(),
        channel = scan.channel().as_str(),
        kind = scan.main_reason().as_str(),
        score = f64::from(scan.score()),
        count,
        "prompt injection in a request"
    );
}

/// A leak or a link in a reply.
pub(crate) fn reply(level: LogLevel, kind: ReasonKind, action: &'static str) {
    event!(
        level,
        action,
        kind = kind.as_str(),
        "a reply gives away what it must not"
    );
}
