//! `audit stats`.

use std::io::{self, Write};
use std::path::Path;

use fw_audit::{Stats, Totals};
use serde_json::json;

use super::query::filtered;
use super::{CommandError, flushed, unreadable};
use crate::cli::StatsArgs;

/// Prints sums by day and model, and all together.
pub(super) fn stats(
    args: &StatsArgs,
    directory: &Path,
    output: &mut impl Write,
) -> Result<(), CommandError> {
    let stats = Stats::of(directory, &filtered(&args.filter)?)
        .map_err(|error| unreadable(directory, &error))?;
    flushed(if args.json {
        json(&stats, output)
    } else {
        table(&stats, output)
    })
}

fn json(stats: &Stats, output: &mut impl Write) -> io::Result<()> {
    let groups: Vec<_> = stats
        .by_day_and_model()
        .map(|((day, model), totals)| json!({"day": day, "model": model, "totals": totals}))
        .collect();
    let whole = json!({"by_day_and_model": groups, "total": stats.total()});
    writeln!(output, "{whole:#}")
}

fn table(stats: &Stats, output: &mut impl Write) -> io::Result<()> {
    writeln!(
        output,
        "{:10} {:40} {:>9} {:>7} {:>12} {:>12} {:>12} {:>12}  VERDICTS",
        "DAY", "MODEL", "REQUESTS", "FAILED", "PROMPT", "CACHED", "COMPLETION", "USD"
    )?;
    for ((day, model), totals) in stats.by_day_and_model() {
        row(day, model, totals, output)?;
    }
    row("total", "", &stats.total(), output)
}

fn row(day: &str, model: &str, totals: &Totals, output: &mut impl Write) -> io::Result<()> {
    let verdicts: Vec<String> = totals
        .verdicts
        .iter()
        .map(|(verdict, count)| format!("{verdict} {count}"))
        .collect();
    writeln!(
        output,
        "{:10} {:40} {:>9} {:>7} {:>12} {:>12} {:>12} {:>12.4}  {}",
        super::table::printable(day),
        super::table::printable(model),
        totals.requests,
        totals.failed,
        totals.prompt_tokens,
        totals.cached_tokens,
        totals.completion_tokens,
        totals.cost_usd,
        super::table::printable(&verdicts.join(", ")),
    )
}
