//! The tables.

use std::fmt::{self, Write};

use crate::day::Measures;

const HEAD: &str = "\
| strategy | whole replies, % | first token p50, s | p99, s | attempts per request | refused | USD per 1,000 |
|---|---:|---:|---:|---:|---:|---:|
";

/// What stands above the [rows](survey_row) of a survey.
pub(crate) const SURVEY_HEAD: &str = "\
| pattern | seed | `adaptive`: whole, % | best other | `adaptive`: p99, s | best other | ratio |
|---|---:|---:|---|---:|---|---:|
";

/// All strategies in Markdown, the best success rate first.
pub(crate) fn table(results: &[Measures]) -> Result<String, fmt::Error> {
    let mut sorted: Vec<&Measures> = results.iter().collect();
    sorted.sort_by(|a, b| b.success().total_cmp(&a.success()));
    let mut text = HEAD.to_owned();
    for measures in sorted {
        writeln!(
            text,
            "| `{}` | {:.3} | {:.2} | {:.2} | {:.3} | {} | {:.2} |",
            measures.strategy,
            measures.success() * 100.0,
            measures.first_token(0.50).as_secs_f64(),
            measures.first_token(0.99).as_secs_f64(),
            measures.attempts_per_request(),
            measures.refused,
            measures.cost(),
        )?;
    }
    Ok(text)
}

/// `adaptive` against the best of the others, which may be two different ones.
pub(crate) fn survey_row(
    pattern: &str,
    seed: u64,
    results: &[Measures],
) -> Result<String, fmt::Error> {
    let p99 = |it: &Measures| it.first_token(0.99).as_secs_f64();
    let (own, others): (Vec<_>, Vec<_>) = results.iter().partition(|it| it.strategy == "adaptive");
    let most = others
        .iter()
        .max_by(|a, b| a.success().total_cmp(&b.success()));
    let fastest = others.iter().min_by(|a, b| p99(a).total_cmp(&p99(b)));
    let mut row = String::new();
    if let (Some(own), Some(most), Some(fastest)) = (own.first(), most, fastest) {
        writeln!(
            row,
            "| {pattern} | {seed} | {:.3} | {:.3} `{}` | {:.2} | {:.2} `{}` | {:.2} |",
            own.success() * 100.0,
            most.success() * 100.0,
            most.strategy,
            p99(own),
            p99(fastest),
            fastest.strategy,
            p99(own) / p99(fastest),
        )?;
    }
    Ok(row)
}
