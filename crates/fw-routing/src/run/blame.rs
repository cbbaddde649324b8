//! What a fault says of a target and its key.

use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

use super::Run;
use crate::{
    attempt::Aim,
    fault::{Fault, FaultKind},
    permit::Permit,
    service::Shared,
};

/// How long a key that was refused is left alone.
const KEY_ASIDE: Duration = Duration::from_secs(300);
/// How long a target is left alone whose only key was refused: shorter, because nothing else of it is left.
const ACCOUNT_REST: Duration = Duration::from_secs(30);

impl Run {
    /// Another key of the target did what these were forbidden: so it was the keys.
    pub(super) fn set_forbidden_aside<S>(&self, shared: &Shared<S>, aim: &Aim, now: Instant) {
        if self.forbidden.is_empty() {
            return;
        }
        let Some(routed) = shared.targets.get(aim.target) else {
            return;
        };
        let until = now.into_std().checked_add(KEY_ASIDE);
        for (target, key) in &self.forbidden {
            if *target == aim.target
                && *key != aim.key
                && let Some(until) = until
            {
                routed.keys.set_aside(*key, until);
            }
        }
    }
}

/// What a fault says of a target and its key.
pub(super) fn blame<S>(shared: &Shared<S>, aim: &Aim, permit: Permit, fault: &Fault, now: Instant) {
    let now = now.into_std();
    let Some(routed) = shared.targets.get(aim.target) else {
        return;
    };
    let several = routed.keys.len() > 1;
    match fault.kind() {
        FaultKind::RateLimited if fault.is_too_large() => {}
        FaultKind::RateLimited if several => {
            let rest = routed.stats.cooldown(fault.retry_after());
            if let Some(until) = now.checked_add(rest) {
                routed.keys.cool(aim.key, until);
            }
        }
        // Whatever a request may ask for that no key is allowed, it takes no key from the others.
        FaultKind::Account if several && is_forbidden(fault) => {}
        FaultKind::Account if several => {
            if let Some(until) = now.checked_add(KEY_ASIDE) {
                routed.keys.set_aside(aim.key, until);
            }
        }
        FaultKind::Account if shared.targets.len() > 1 => {
            if !is_forbidden(fault)
                && let Some(until) = now.checked_add(ACCOUNT_REST)
            {
                routed.stats.cool_until(until);
            }
        }
        _ => return permit.fail(now, fault.kind(), fault.retry_after()),
    }
    // A target is as ready as its keys are.
    if several && let Some(ready_at) = routed.keys.ready_at(now) {
        routed.stats.cool_until(ready_at);
    }
    if fault.kind() == FaultKind::RateLimited {
        permit.limited();
    } else {
        permit.fail(now, fault.kind(), None);
    }
}

/// Whether the target forbids something, which may be about the model, the route or the text, and not the key.
pub(super) fn is_forbidden(fault: &Fault) -> bool {
    fault.kind() == FaultKind::Account && fault.status() == Some(StatusCode::FORBIDDEN)
}
