//! What can be wrong: with a router's settings, and with an attempt.

use std::{error::Error as StdError, fmt, time::Duration};

use fw_wire::ApiError;
use http::StatusCode;

use crate::fault::{Fault, FaultKind};

/// Why a router cannot be made.
#[derive(Debug)]
pub struct ConfigError {
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    NoTarget,
    TwoTargets(String),
    TwoNames(String),
    UnknownTarget { named_by: String, id: String },
    UnknownGroup { named_by: String, name: String },
    EmptyGroup(String),
    ProbePath(String),
}

impl ConfigError {
    pub(crate) const fn no_target() -> Self {
        Self {
            problem: Problem::NoTarget,
        }
    }

    pub(crate) fn two_targets(id: &str) -> Self {
        Self {
            problem: Problem::TwoTargets(id.into()),
        }
    }

    pub(crate) fn two_names(name: &str) -> Self {
        Self {
            problem: Problem::TwoNames(name.into()),
        }
    }

    pub(crate) fn unknown_target(named_by: &str, id: &str) -> Self {
        Self {
            problem: Problem::UnknownTarget {
                named_by: named_by.into(),
                id: id.into(),
            },
        }
    }

    pub(crate) fn unknown_group(named_by: &str, name: &str) -> Self {
        Self {
            problem: Problem::UnknownGroup {
                named_by: named_by.into(),
                name: name.into(),
            },
        }
    }

    pub(crate) fn probe_path(id: &str) -> Self {
        Self {
            problem: Problem::ProbePath(id.into()),
        }
    }

    pub(crate) fn empty_group(name: &str) -> Self {
        Self {
            problem: Problem::EmptyGroup(name.into()),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Problem::NoTarget => f.write_str("a router needs at least one target"),
            Problem::TwoTargets(id) => {
                write!(f, "two targets have the id `{id}`; give each its own")
            }
            Problem::TwoNames(name) => {
                write!(
                    f,
                    "two groups have the name or alias `{name}`; give each its own"
                )
            }
            Problem::UnknownTarget { named_by, id } => {
                write!(f, "{named_by} names the target `{id}`, which there is not")
            }
            Problem::UnknownGroup { named_by, name } => {
                write!(f, "{named_by} names the group `{name}`, which there is not")
            }
            Problem::ProbePath(id) => {
                write!(
                    f,
                    "the probe of `{id}` has a path that is none; write it like `/models`"
                )
            }
            Problem::EmptyGroup(name) => write!(f, "the group `{name}` has no members"),
        }
    }
}

impl StdError for ConfigError {}

/// Why an attempt failed, where the router itself found out.
#[derive(Clone, Debug)]
pub struct AttemptError {
    target: std::sync::Arc<str>,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    FirstToken(Duration),
    All(Duration),
    Idle(Duration),
    Stream(Duration),
    Truncated,
    Empty,
    Filtered,
    Page,
    Redirect,
}

impl AttemptError {
    pub(crate) fn new(target: &std::sync::Arc<str>, what: What) -> Self {
        Self {
            target: target.clone(),
            what,
        }
    }

    /// Whose fault it is.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        Fault::new(match self.what {
            What::FirstToken(_) | What::All(_) | What::Idle(_) | What::Stream(_) => {
                FaultKind::Timeout
            }
            What::Page | What::Redirect => FaultKind::ServerError,
            What::Truncated => FaultKind::Truncated,
            What::Empty => FaultKind::Empty,
            What::Filtered => FaultKind::ContentFilter,
        })
    }

    /// Whether the time was up that all attempts have together, which says little of the last of them.
    pub(crate) const fn is_of_all_attempts(&self) -> bool {
        matches!(self.what, What::All(_))
    }

    /// What to answer the client.
    #[must_use]
    pub fn to_api_error(&self) -> ApiError {
        let message = self.to_string();
        match self.what {
            What::FirstToken(_) | What::All(_) | What::Idle(_) | What::Stream(_) => {
                ApiError::timeout(message).code("upstream_timeout")
            }
            What::Page | What::Redirect => {
                ApiError::upstream(message).code("upstream_invalid_reply")
            }
            What::Truncated => ApiError::upstream(message).code("upstream_closed"),
            What::Empty => ApiError::upstream(message).code("upstream_empty_reply"),
            What::Filtered => {
                ApiError::new(StatusCode::BAD_REQUEST, message).code("content_filter")
            }
        }
    }
}

impl fmt::Display for AttemptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "target `{}`: ", self.target)?;
        match self.what {
            What::FirstToken(after) => write!(f, "no content within {after:?}"),
            What::All(after) => write!(f, "no answer within {after:?}, all attempts together"),
            What::Page => f.write_str("the reply is a web page"),
            What::Redirect => f.write_str("the reply leads elsewhere"),
            What::Idle(after) => write!(f, "nothing for {after:?} within a stream"),
            What::Stream(after) => write!(f, "the stream did not end within {after:?}"),
            What::Truncated => f.write_str("the reply ended before it was complete"),
            What::Empty => f.write_str("the reply ended without any content"),
            What::Filtered => f.write_str("the reply was held back by a content filter"),
        }
    }
}

impl StdError for AttemptError {}

/// What to tell a client of an error of which only the causes are known.
pub(crate) fn describe(error: &(dyn StdError + 'static)) -> ApiError {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<AttemptError>() {
            return error.to_api_error();
        }
        cause = error.source();
    }
    match Fault::of_error(error).kind() {
        FaultKind::Timeout => {
            ApiError::timeout("The upstream did not answer in time.").code("upstream_timeout")
        }
        FaultKind::Connect => {
            ApiError::upstream("The upstream could not be reached.").code("upstream_unreachable")
        }
        _ => {
            ApiError::upstream("The upstream closed the connection before its reply was complete.")
                .code("upstream_closed")
        }
    }
}

/// The fault behind an error, which may be the router's own.
pub(crate) fn classify(
    error: &(dyn StdError + 'static),
    others: fn(&(dyn StdError + 'static)) -> Fault,
) -> Fault {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<AttemptError>() {
            return error.fault();
        }
        cause = error.source();
    }
    others(error)
}
