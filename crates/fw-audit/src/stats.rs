//! Sums over records: requests, verdicts, tokens and cost by day and model.

use std::collections::BTreeMap;
use std::io;
use std::ops::AddAssign;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::format::Kind;
use crate::query::Query;
use crate::record::Tokens;
use crate::row::Text;

/// Sums over the [`Finished`](crate::Finished) records that a query finds.
///
/// ```no_run
/// use fw_audit::{Query, Stats};
///
/// let stats = Stats::of("audit/".as_ref(), &Query::new().verdict("block"))?;
/// for ((day, model), totals) in stats.by_day_and_model() {
///     println!("{day} {model} {}", totals.requests);
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stats {
    groups: BTreeMap<(String, String), Totals>,
}

/// Sums over some records.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Totals {
    /// Records.
    pub requests: u64,
    /// How many of each verdict.
    pub verdicts: BTreeMap<String, u64>,
    /// How many that ended otherwise than complete or denied.
    pub failed: u64,
    /// Tokens of prompts, cached ones included.
    pub prompt_tokens: u64,
    /// Tokens of prompts from the provider's cache.
    pub cached_tokens: u64,
    /// Tokens of replies.
    pub completion_tokens: u64,
    /// US dollars, where the cost is known.
    pub cost_usd: f64,
}

/// What is summed, of a record.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Summand<'a> {
    #[serde(borrow)]
    time: Text<'a>,
    #[serde(borrow)]
    model: Text<'a>,
    #[serde(borrow)]
    model_served: Text<'a>,
    #[serde(borrow)]
    verdict: Text<'a>,
    #[serde(borrow)]
    end: Text<'a>,
    tokens: Option<Tokens>,
    cost_usd: Option<f64>,
}

impl Stats {
    /// Sums what `query` finds of finished requests; its limit counts for each segment. Segments are read
    /// several at once.
    ///
    /// # Errors
    ///
    /// As [`Query::run`].
    pub fn of(directory: &Path, query: &Query) -> io::Result<Self> {
        let query = query.clone().kind(Kind::Finished);
        let parts = query.map_segments(directory, |records| {
            let mut stats = Self::default();
            for found in records {
                let found = found?;
                let summand = found.read().map_err(|error| {
                    let (name, seq) = (found.file_name(), found.seq());
                    let what = format!("{name}: record {seq}: {error}");
                    io::Error::new(io::ErrorKind::InvalidData, what)
                })?;
                stats.add(&summand);
            }
            Ok(stats)
        })?;
        let mut all = Self::default();
        for (group, totals) in parts.into_iter().flat_map(|part| part.groups) {
            *all.groups.entry(group).or_default() += &totals;
        }
        Ok(all)
    }

    /// By day (`2026-11-21`, UTC) and model, sorted. The model is the one that answered, else the one that
    /// was asked for.
    pub fn by_day_and_model(&self) -> impl Iterator<Item = ((&str, &str), &Totals)> {
        self.groups
            .iter()
            .map(|((day, model), totals)| ((day.as_str(), model.as_str()), totals))
    }

    /// All together.
    #[must_use]
    pub fn total(&self) -> Totals {
        let mut total = Totals::default();
        self.groups.values().for_each(|totals| total += totals);
        total
    }

    fn add(&mut self, summand: &Summand<'_>) {
        let day = summand.time.as_str().and_then(|time| time.get(..10));
        let model = summand.model_served.as_str().or(summand.model.as_str());
        let group = (day.unwrap_or("").to_owned(), model.unwrap_or("").to_owned());
        let totals = self.groups.entry(group).or_default();
        totals.requests += 1;
        let verdict = summand.verdict.as_str().unwrap_or("unknown");
        if let Some(count) = totals.verdicts.get_mut(verdict) {
            *count += 1;
        } else {
            totals.verdicts.insert(verdict.to_owned(), 1);
        }
        totals.failed += u64::from(!matches!(summand.end.as_str(), Some("complete" | "denied")));
        if let Some(tokens) = summand.tokens {
            totals.prompt_tokens += tokens.prompt;
            totals.cached_tokens += tokens.cached;
            totals.completion_tokens += tokens.completion;
        }
        totals.cost_usd += summand.cost_usd.unwrap_or(0.0);
    }
}

impl AddAssign<&Self> for Totals {
    fn add_assign(&mut self, other: &Self) {
        self.requests += other.requests;
        for (verdict, count) in &other.verdicts {
            *self.verdicts.entry(verdict.clone()).or_default() += count;
        }
        self.failed += other.failed;
        self.prompt_tokens += other.prompt_tokens;
        self.cached_tokens += other.cached_tokens;
        self.completion_tokens += other.completion_tokens;
        self.cost_usd += other.cost_usd;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sample::Sample;

    #[test]
    fn sums_are_by_day_and_model_over_all_segments() {
        let mut log = Sample::new();
        for day in [21, 22] {
            for verdict in ["allow", "block"] {
                log.begin();
                log.push(
                    Kind::Accepted,
                    &json!({"time": "2026-11-21T00:00:00.000000Z"}),
                );
                log.finished(&json!({
                    "time": format!("2026-11-{day}T00:00:00.000000Z"), "model": "asked",
                    "model_served": "served", "verdict": verdict, "end": "complete", "cost_usd": 0.25,
                    "tokens": {"prompt": 10, "cached": 4, "completion": 3},
                }));
            }
        }
        log.finished(&json!({"model": "asked", "end": "truncated"}));
        let directory = log.write();
        let stats = Stats::of(directory.path(), &Query::new()).unwrap();
        let groups: Vec<_> = stats
            .by_day_and_model()
            .map(|((day, model), totals)| (day, model, totals.requests, totals.cost_usd))
            .collect();
        assert_eq!(
            groups,
            [
                ("", "asked", 1, 0.0),
                ("2026-11-21", "served", 2, 0.5),
                ("2026-11-22", "served", 2, 0.5)
            ]
        );
        let total = stats.total();
        assert_eq!((total.requests, total.failed), (5, 1));
        assert_eq!(
            (
                total.prompt_tokens,
                total.cached_tokens,
                total.completion_tokens
            ),
            (40, 16, 12)
        );
        assert_eq!(
            total.verdicts.into_iter().collect::<Vec<_>>(),
            [
                ("allow".into(), 2),
                ("block".into(), 2),
                ("unknown".into(), 1)
            ]
        );
        let blocked = Stats::of(directory.path(), &Query::new().verdict("block")).unwrap();
        assert_eq!(blocked.total().requests, 2);
    }
}
