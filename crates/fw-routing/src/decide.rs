//! What follows a failed attempt: the rules, without input or output.

use std::time::Duration;

use crate::{
    config::{Fallback, Retry},
    fault::{Fault, FaultKind},
};

/// What follows a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The same target with another of its keys, at once.
    OtherKey,
    /// The same target, after a wait.
    Again(Duration),
    /// Another target.
    Elsewhere,
    /// The next model that the request itself names.
    Named,
    /// The failure is the answer.
    Answer,
}

/// What is possible at this moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation {
    /// Attempts at this target so far, with any key, other than those that another key follows.
    pub(crate) attempts_here: u32,
    /// Further targets so far.
    pub(crate) fallbacks: u32,
    /// Whether the target has another key that is ready.
    pub(crate) other_key: bool,
    /// Whether the target would take another attempt now.
    pub(crate) ready_here: bool,
    /// Whether another target is ready, or a further stage is left.
    pub(crate) ready_elsewhere: bool,
    /// Whether a target is ready for a further model that the request itself names.
    pub(crate) named: bool,
    /// Whether there is time for another attempt.
    pub(crate) in_time: bool,
}

/// Decides. `wait` gives the wait before the next attempt here, `None` for one that is too long; `budget`
/// takes one retry out of the target's budget, and says whether there was one.
pub(crate) fn next(
    fault: &Fault,
    now: Situation,
    retry: &Retry,
    fallback: &Fallback,
    wait: impl FnOnce() -> Option<Duration>,
    budget: impl FnOnce() -> bool,
) -> Next {
    if !now.in_time || fault.kind() == FaultKind::Client {
        return Next::Answer;
    }
    let of_key = matches!(fault.kind(), FaultKind::RateLimited | FaultKind::Account);
    if of_key && now.other_key {
        return Next::OtherKey;
    }
    let elsewhere = elsewhere(fault, &now, fallback);
    // Nobody waits for a target that asked for peace while another is ready.
    let asked_for_peace = fault.kind() == FaultKind::RateLimited || fault.retry_after().is_some();
    if asked_for_peace && let Some(elsewhere) = elsewhere {
        return elsewhere;
    }
    let again = now.attempts_here < retry.max_attempts
        && is_passing(fault)
        && retry.covers(fault)
        && (now.ready_here || fault.kind() == FaultKind::RateLimited);
    if again
        && let Some(wait) = wait()
        && budget()
    {
        return Next::Again(wait);
    }
    elsewhere.unwrap_or(Next::Answer)
}

/// Where else the request may go: within the limits of the fallback to any other target, beyond them only to the
/// next model that it names.
pub(crate) fn elsewhere(fault: &Fault, now: &Situation, fallback: &Fallback) -> Option<Next> {
    let counts = fault.kind() != FaultKind::UnknownModel;
    if now.ready_elsewhere
        && fallback.covers(fault)
        && (!counts || now.fallbacks < fallback.max_attempts)
    {
        return Some(Next::Elsewhere);
    }
    (now.named && !is_of_request(fault)).then_some(Next::Named)
}

/// Whether the same request may do better at the same target a little later.
const fn is_passing(fault: &Fault) -> bool {
    let is_limited = matches!(fault.kind(), FaultKind::RateLimited) && !fault.is_too_large();
    fault.kind().is_failure() || is_limited
}

/// Whether the fault is the request's, as far as its policy says.
const fn is_of_request(fault: &Fault) -> bool {
    matches!(
        fault.kind(),
        FaultKind::Client | FaultKind::ContextLength | FaultKind::ContentFilter
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Situation = Situation {
        attempts_here: 1,
        fallbacks: 0,
        other_key: false,
        ready_here: true,
        ready_elsewhere: true,
        named: false,
        in_time: true,
    };
    const ALONE: Situation = Situation {
        ready_elsewhere: false,
        ..FIRST
    };
    const WAIT: Duration = Duration::from_millis(200);

    fn decide(kind: FaultKind, now: Situation) -> Next {
        let (retry, fallback) = (Retry::new(), Fallback::new());
        next(
            &Fault::new(kind),
            now,
            &retry,
            &fallback,
            || Some(WAIT),
            || true,
        )
    }

    #[test]
    fn the_table() {
        use FaultKind as F;
        let rows = [
            // fault, first attempt, second attempt, nobody else
            (F::Client, Next::Answer, Next::Answer, Next::Answer),
            (F::ContextLength, Next::Answer, Next::Answer, Next::Answer),
            (F::ContentFilter, Next::Answer, Next::Answer, Next::Answer),
            (
                F::UnknownModel,
                Next::Elsewhere,
                Next::Elsewhere,
                Next::Answer,
            ),
            (F::Account, Next::Elsewhere, Next::Elsewhere, Next::Answer),
            (
                F::RateLimited,
                Next::Elsewhere,
                Next::Elsewhere,
                Next::Again(WAIT),
            ),
            (
                F::ServerError,
                Next::Again(WAIT),
                Next::Elsewhere,
                Next::Again(WAIT),
            ),
            (
                F::Timeout,
                Next::Again(WAIT),
                Next::Elsewhere,
                Next::Again(WAIT),
            ),
            (
                F::Connect,
                Next::Again(WAIT),
                Next::Elsewhere,
                Next::Again(WAIT),
            ),
            (
                F::Reset,
                Next::Again(WAIT),
                Next::Elsewhere,
                Next::Again(WAIT),
            ),
            (
                F::Truncated,
                Next::Again(WAIT),
                Next::Elsewhere,
                Next::Again(WAIT),
            ),
            (
                F::Empty,
                Next::Again(WAIT),
                Next::Elsewhere,
                Next::Again(WAIT),
            ),
        ];
        for (kind, first, second, alone) in rows {
            let again = Situation {
                attempts_here: 2,
                ..FIRST
            };
            assert_eq!(decide(kind, FIRST), first, "{kind}, first");
            assert_eq!(decide(kind, again), second, "{kind}, second");
            assert_eq!(decide(kind, ALONE), alone, "{kind}, alone");
        }
    }

    #[test]
    fn another_key_is_tried_at_once_where_the_key_is_at_fault() {
        let now = Situation {
            other_key: true,
            ..FIRST
        };
        assert_eq!(decide(FaultKind::RateLimited, now), Next::OtherKey);
        assert_eq!(decide(FaultKind::Account, now), Next::OtherKey);
        assert_eq!(decide(FaultKind::ServerError, now), Next::Again(WAIT));
    }

    #[test]
    fn a_target_that_opened_is_not_tried_again() {
        let open = Situation {
            ready_here: false,
            ..FIRST
        };
        assert_eq!(decide(FaultKind::ServerError, open), Next::Elsewhere);
        let open = Situation {
            ready_here: false,
            ..ALONE
        };
        assert_eq!(decide(FaultKind::ServerError, open), Next::Answer);
    }

    #[test]
    fn fallbacks_are_counted_but_for_unknown_models() {
        let now = Situation {
            fallbacks: 3,
            attempts_here: 2,
            ..FIRST
        };
        assert_eq!(decide(FaultKind::ServerError, now), Next::Answer);
        assert_eq!(decide(FaultKind::UnknownModel, now), Next::Elsewhere);
    }

    #[test]
    fn nothing_follows_when_the_time_is_up() {
        let late = Situation {
            in_time: false,
            ..FIRST
        };
        for kind in [FaultKind::ServerError, FaultKind::UnknownModel] {
            assert_eq!(decide(kind, late), Next::Answer);
        }
    }

    #[test]
    fn without_budget_or_with_a_long_wait_the_next_target_is_tried() {
        let (retry, fallback) = (Retry::new(), Fallback::new());
        let fault = Fault::new(FaultKind::ServerError);
        let poor = next(&fault, FIRST, &retry, &fallback, || Some(WAIT), || false);
        assert_eq!(poor, Next::Elsewhere);
        let long = next(&fault, FIRST, &retry, &fallback, || None, || true);
        assert_eq!(long, Next::Elsewhere);
    }

    #[test]
    fn a_request_may_ask_for_fallback_itself() {
        let now = Situation {
            attempts_here: 2,
            named: true,
            ..FIRST
        };
        let (retry, fallback) = (Retry::none(), Fallback::none());
        let decide = |kind| next(&Fault::new(kind), now, &retry, &fallback, || None, || false);
        assert_eq!(decide(FaultKind::ServerError), Next::Named);
        assert_eq!(decide(FaultKind::Client), Next::Answer);
        assert_eq!(decide(FaultKind::ContextLength), Next::Answer);
    }
}
