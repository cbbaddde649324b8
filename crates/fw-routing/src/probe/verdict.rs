//! What probes say, one by one and in a row.

use http::StatusCode;

use crate::{exchange::Exchanged, fault::Fault};

/// What one probe says of its target. The table is in the documentation of [`Probe`](super::Probe).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// It answers.
    Good,
    /// It does not, or is in no state to.
    Bad,
    /// It answers, and refuses this key.
    BadKey,
    /// It said nothing about its health.
    Neither,
}

impl Sign {
    pub(super) fn of(result: &Result<Exchanged, Fault>) -> Self {
        match result {
            Ok(reply) => Self::of_status(reply.status),
            Err(_) => Self::Bad,
        }
    }

    fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 | 402 | 412 => Self::BadKey,
            408 | 425 => Self::Bad,
            // Lists of models fail at good targets too: Fireworks' does for many accounts.
            429 | 500 => Self::Neither,
            // Not implemented: this path, as with 404 and 405.
            501 => Self::Good,
            500.. => Self::Bad,
            _ => Self::Good,
        }
    }
}

/// What enough probes in a row say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Healthy,
    Unhealthy,
    /// It answers again, whatever that is worth.
    Answers,
}

/// Counts good and bad probes in a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Streak {
    failure_threshold: u32,
    success_threshold: u32,
    good: u32,
    bad: u32,
    /// Since the last bad one.
    neither: u32,
}

impl Streak {
    /// A threshold of 0 is taken as 1.
    pub(super) fn new(failure_threshold: u32, success_threshold: u32) -> Self {
        Self {
            failure_threshold: failure_threshold.max(1),
            success_threshold: success_threshold.max(1),
            good: 0,
            bad: 0,
            neither: 0,
        }
    }

    /// Takes one probe in. From the threshold on, each further probe of the row repeats the verdict.
    pub(super) fn record(&mut self, sign: Sign) -> Option<Verdict> {
        match sign {
            Sign::Good => {
                self.bad = 0;
                self.good = self.good.saturating_add(1);
                (self.good >= self.success_threshold).then_some(Verdict::Healthy)
            }
            Sign::Bad | Sign::BadKey => {
                self.good = 0;
                self.neither = 0;
                self.bad = self.bad.saturating_add(1);
                (self.bad >= self.failure_threshold).then_some(Verdict::Unhealthy)
            }
            Sign::Neither => {
                self.neither = self.neither.saturating_add(1);
                (self.neither >= self.failure_threshold).then_some(Verdict::Answers)
            }
        }
    }

    /// Good probes from before the target went out of rotation do not bring it back.
    pub(super) fn forget_good(&mut self) {
        self.good = 0;
    }

    /// Begins anew.
    pub(super) fn clear(&mut self) {
        self.good = 0;
        self.bad = 0;
        self.neither = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fault::FaultKind;

    #[test]
    fn the_status_of_a_whole_reply_decides() {
        let table = [
            (
                Sign::Good,
                &[
                    200, 204, 301, 304, 400, 403, 404, 405, 409, 413, 422, 451, 501,
                ][..],
            ),
            (Sign::BadKey, &[401, 402, 412]),
            (
                Sign::Bad,
                &[408, 425, 502, 503, 504, 505, 520, 524, 529, 599],
            ),
            (Sign::Neither, &[429, 500]),
        ];
        for (sign, statuses) in table {
            for status in statuses {
                let status = StatusCode::from_u16(*status).unwrap();
                let reply = Exchanged { status, bytes: 0 };
                assert_eq!(Sign::of(&Ok(reply)), sign, "{status}");
            }
        }
    }

    #[test]
    fn no_whole_reply_is_a_bad_sign() {
        for kind in [FaultKind::Timeout, FaultKind::Connect, FaultKind::Reset] {
            assert_eq!(Sign::of(&Err(Fault::new(kind))), Sign::Bad);
        }
    }

    #[test]
    fn a_threshold_of_zero_is_one() {
        let mut streak = Streak::new(0, 0);
        assert_eq!(streak.record(Sign::Bad), Some(Verdict::Unhealthy));
        assert_eq!(streak.record(Sign::Good), Some(Verdict::Healthy));
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Record(Sign),
        ForgetGood,
        Clear,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            8 => Just(Step::Record(Sign::Good)),
            6 => Just(Step::Record(Sign::Bad)),
            2 => Just(Step::Record(Sign::BadKey)),
            4 => Just(Step::Record(Sign::Neither)),
            1 => Just(Step::ForgetGood),
            1 => Just(Step::Clear),
        ]
    }

    /// The verdict, from all that happened: the signs that count, from the last back, as long as they agree.
    fn expected(history: &[bool], failures: u32, successes: u32) -> Option<Verdict> {
        let last = *history.last()?;
        let row = history
            .iter()
            .rev()
            .take_while(|good| **good == last)
            .count();
        let (needed, verdict) = match last {
            true => (successes, Verdict::Healthy),
            false => (failures, Verdict::Unhealthy),
        };
        (row >= needed as usize).then_some(verdict)
    }

    proptest! {
        #[test]
        fn a_verdict_is_a_row_that_is_long_enough(
            failures in 1_u32..5,
            successes in 1_u32..5,
            steps in prop::collection::vec(step(), 0..60),
        ) {
            let mut streak = Streak::new(failures, successes);
            let mut history = Vec::new();
            let mut neither = 0;
            for step in steps {
                match step {
                    Step::Record(Sign::Neither) => {
                        neither += 1;
                        let answers = (neither >= failures).then_some(Verdict::Answers);
                        prop_assert_eq!(streak.record(Sign::Neither), answers);
                    }
                    Step::Record(sign) => {
                        if sign != Sign::Good {
                            neither = 0;
                        }
                        history.push(sign == Sign::Good);
                        prop_assert_eq!(streak.record(sign), expected(&history, failures, successes));
                    }
                    Step::ForgetGood => {
                        if history.last() == Some(&true) {
                            history.clear();
                        }
                        streak.forget_good();
                    }
                    Step::Clear => {
                        history.clear();
                        neither = 0;
                        streak.clear();
                    }
                }
            }
        }
    }
}
