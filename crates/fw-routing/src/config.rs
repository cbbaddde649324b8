//! What follows when an attempt fails.

use std::time::Duration;

use http::StatusCode;

use crate::{
    Backoff, RetryBudget,
    fault::{Fault, FaultKind},
};

/// Trying the same target again.
///
/// The default tries nothing again ([`Retry::none`] says so by name).
#[derive(Clone, Debug)]
pub struct Retry {
    pub(crate) max_attempts: u32,
    pub(crate) backoff: Backoff,
    pub(crate) budget: RetryBudget,
    pub(crate) timeout: Option<Duration>,
    pub(crate) on: Vec<RetryOn>,
}

/// A fault after which the same target is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryOn {
    /// A reply with this status.
    Status(StatusCode),
    /// A status of 500 or more, a connection that was reset, a reply that broke off or was empty.
    ServerError,
    /// A deadline that passed, here or at the target.
    Timeout,
    /// No connection.
    Connect,
    /// The target's rate limit.
    RateLimit,
}

/// Trying another target.
#[derive(Clone, Debug)]
pub struct Fallback {
    pub(crate) enabled: bool,
    pub(crate) triggers: Vec<Trigger>,
    pub(crate) max_attempts: u32,
    pub(crate) on_content_filter: bool,
    pub(crate) on_context_length: bool,
}

/// A fault after which another target is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trigger {
    /// The target's rate limit.
    RateLimit,
    /// A deadline that passed, here or at the target.
    Timeout,
    /// An error of the target's own, a connection that failed, a reply that broke off or was empty.
    ServerError,
}

/// A second attempt at another target while the first one has given no content yet. The first to do so is
/// the answer; the other is dropped.
///
/// It costs tokens twice, so it counts against the second target's retry budget.
#[derive(Clone, Copy, Debug)]
pub struct Hedge {
    pub(crate) delay: Duration,
}

// === impl Retry ===

impl Retry {
    /// Retries with the defaults: two attempts, the waits of [`Backoff::new`], on rate limits, errors of the
    /// server, timeouts and connections that failed.
    #[must_use]
    pub fn new() -> Self {
        Self {
            max_attempts: 2,
            backoff: Backoff::new(),
            budget: RetryBudget::new(),
            timeout: None,
            on: vec![
                RetryOn::RateLimit,
                RetryOn::ServerError,
                RetryOn::Timeout,
                RetryOn::Connect,
            ],
        }
    }

    /// No second attempt at the same target.
    #[must_use]
    pub fn none() -> Self {
        Self::new().max_attempts(1)
    }

    /// Most attempts at one target for one request, the first one included. At least 1.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// The waits between attempts.
    #[must_use]
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// How many retries a target gets, beside its first attempts.
    #[must_use]
    pub fn budget(mut self, budget: RetryBudget) -> Self {
        self.budget = budget;
        self
    }

    /// Longest time from the request to the first content, all attempts and waits together. Default: none.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// What is tried again, in place of the default.
    #[must_use]
    pub fn on(mut self, faults: impl IntoIterator<Item = RetryOn>) -> Self {
        self.on = faults.into_iter().collect();
        self
    }

    pub(crate) fn covers(&self, fault: &Fault) -> bool {
        let status = fault.status();
        self.on.iter().any(|on| match on {
            RetryOn::Status(wanted) => status == Some(*wanted),
            RetryOn::ServerError => is_server_error(fault) || status.is_some_and(is_5xx),
            RetryOn::Timeout => fault.kind() == FaultKind::Timeout,
            RetryOn::Connect => fault.kind() == FaultKind::Connect,
            RetryOn::RateLimit => fault.kind() == FaultKind::RateLimited,
        })
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::none()
    }
}

fn is_5xx(status: StatusCode) -> bool {
    status.as_u16() >= 500
}

fn is_server_error(fault: &Fault) -> bool {
    matches!(
        fault.kind(),
        FaultKind::ServerError | FaultKind::Reset | FaultKind::Truncated | FaultKind::Empty
    )
}

// === impl Fallback ===

impl Fallback {
    /// Up to three further targets, after rate limits, timeouts and errors of the server.
    #[must_use]
    pub fn new() -> Self {
        Self {
            enabled: true,
            triggers: vec![Trigger::RateLimit, Trigger::Timeout, Trigger::ServerError],
            max_attempts: 3,
            on_content_filter: false,
            on_context_length: false,
        }
    }

    /// No other target, whatever happens.
    #[must_use]
    pub fn none() -> Self {
        Self {
            enabled: false,
            ..Self::new()
        }
    }

    /// After what another target is tried, in place of the default.
    ///
    /// Two faults need no trigger: a model that the target does not know, and a key or account that it
    /// refuses. No other request would fare better there.
    #[must_use]
    pub fn triggers(mut self, triggers: impl IntoIterator<Item = Trigger>) -> Self {
        self.triggers = triggers.into_iter().collect();
        self
    }

    /// Most further targets for one request. Targets that do not know the model do not count.
    #[must_use]
    pub fn max_attempts(mut self, targets: u32) -> Self {
        self.max_attempts = targets;
        self
    }

    /// Whether another target is tried when one refuses the content. Default: no.
    #[must_use]
    pub fn on_content_filter(mut self, fall_back: bool) -> Self {
        self.on_content_filter = fall_back;
        self
    }

    /// Whether another target is tried when the request is too long for one. Default: no.
    #[must_use]
    pub fn on_context_length(mut self, fall_back: bool) -> Self {
        self.on_context_length = fall_back;
        self
    }

    pub(crate) fn covers(&self, fault: &Fault) -> bool {
        let has = |trigger| self.triggers.contains(&trigger);
        self.enabled
            && match fault.kind() {
                FaultKind::Client => false,
                FaultKind::ContextLength => self.on_context_length,
                FaultKind::ContentFilter => self.on_content_filter,
                FaultKind::UnknownModel | FaultKind::Account => true,
                FaultKind::RateLimited => has(Trigger::RateLimit),
                FaultKind::Timeout => has(Trigger::Timeout),
                FaultKind::Connect => has(Trigger::ServerError),
                _ => is_server_error(fault) && has(Trigger::ServerError),
            }
    }
}

impl Default for Fallback {
    fn default() -> Self {
        Self::new()
    }
}

// === impl Hedge ===

impl Hedge {
    /// A second attempt after this time without content. A good value is what 95 % of the requests need.
    #[must_use]
    pub const fn after(delay: Duration) -> Self {
        Self { delay }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn reply(status: u16) -> Fault {
        let status = StatusCode::from_u16(status).unwrap();
        Fault::of_reply(status, &HeaderMap::new(), b"").unwrap()
    }

    #[test]
    fn retries_cover_what_may_pass_by_itself() {
        let retry = Retry::new();
        for status in [408, 425, 429, 500, 502, 503, 504, 520] {
            assert!(retry.covers(&reply(status)), "{status}");
        }
        for status in [400, 401, 402, 403, 404, 405, 412, 413, 422, 501] {
            let covered = retry.covers(&reply(status));
            assert_eq!(covered, status >= 500, "{status}");
        }
        for kind in [FaultKind::Connect, FaultKind::Reset, FaultKind::Empty] {
            assert!(retry.covers(&Fault::new(kind)), "{kind}");
        }
    }

    #[test]
    fn a_status_may_be_named() {
        let retry = Retry::new().on([RetryOn::Status(StatusCode::BAD_GATEWAY)]);
        assert!(retry.covers(&reply(502)));
        assert!(!retry.covers(&reply(503)));
        assert!(!retry.covers(&Fault::new(FaultKind::Connect)));
    }

    #[test]
    fn account_and_model_need_no_trigger() {
        let fallback = Fallback::new().triggers([]);
        for status in [401, 402, 403, 404, 412] {
            assert!(fallback.covers(&reply(status)), "{status}");
            assert!(!Fallback::none().covers(&reply(status)), "{status}");
        }
        for status in [400, 422, 429, 500, 503, 504] {
            assert!(!fallback.covers(&reply(status)), "{status}");
        }
    }

    #[test]
    fn triggers_are_what_they_say() {
        let only = |trigger| Fallback::new().triggers([trigger]);
        assert!(only(Trigger::RateLimit).covers(&reply(429)));
        assert!(!only(Trigger::RateLimit).covers(&reply(503)));
        assert!(only(Trigger::Timeout).covers(&reply(504)));
        assert!(!only(Trigger::Timeout).covers(&reply(502)));
        assert!(only(Trigger::ServerError).covers(&Fault::new(FaultKind::Connect)));
        assert!(only(Trigger::ServerError).covers(&reply(500)));
    }
}
