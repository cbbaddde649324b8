//! The table.

use std::fmt::Write;

use crate::day::Measures;

/// A table in Markdown, the best success rate first.
pub(crate) fn table(results: &[Measures]) -> String {
    let mut sorted: Vec<&Measures> = results.iter().collect();
    sorted.sort_by(|a, b| b.success().total_cmp(&a.success()));
    let mut text = String::from(
        "| strategy | whole replies, % | first token p50, s | p99, s | attempts per request | refused | USD per 1,000 |\n\
         |---|---:|---:|---:|---:|---:|---:|\n",
    );
    for measures in sorted {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| `{}` | {:.3} | {:.2} | {:.2} | {:.3} | {} | {:.2} |",
            measures.strategy,
            measures.success() * 100.0,
            measures.first_token(0.50).as_secs_f64(),
            measures.first_token(0.99).as_secs_f64(),
            measures.attempts_per_request(),
            measures.refused,
            measures.cost(),
        );
    }
    text
}
