//! The line in the log: kinds, channels and scores, and never any text.

use crate::config::{Action, LogLevel};
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

/// What was found in a request: the one that decides, and how many texts there are with something.
pub(crate) fn request(level: LogLevel, scan: &Scan, action: Action, count: usize) {
    if !scan.is_attack() {
        event!(
            level,
            action = action.as_str(),
            channel = scan.channel().as_str(),
            count,
            "a request holds more encoded text than can be looked at"
        );
        return;
    }
    event!(
        level,
        action = action.as_str(),
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
