//! Measures the quality of what is found, by type.
//!
//! ```text
//! cargo run --release -p fw-policy-pii --example score -- [--all] annotated.jsonl
//! ```
//!
//! Each line is an object with `text`, `spans` (`start`, `end` in Unicode code points, `type`), `scope` (the types for
//! which the line is annotated in full; others do not count) and `source`. Lines whose source begins with `clean`
//! hold nothing that is looked for.
//!
//! Strict: the same start, end and type. Overlap: the same type, and at least half of the annotated span is
//! covered. Each finding matches one span at most. With `--all` all types are looked for, names of persons too;
//! without it those of the default and medical numbers.

#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};

use fw_policy_pii::{Detector, Entity, PiiConfig};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    text: String,
    spans: Vec<Span>,
    #[serde(default)]
    scope: Vec<String>,
    #[serde(default)]
    source: String,
}

#[derive(Deserialize)]
struct Span {
    start: usize,
    end: usize,
    r#type: String,
}

/// What was counted of one type.
#[derive(Default)]
struct Counts {
    annotated: u32,
    found: u32,
    strict: u32,
    overlap: u32,
}

impl Counts {
    /// Precision, recall and F1.
    fn measures(&self, right: u32) -> [f64; 3] {
        let share = |of: u32| f64::from(right) / f64::from(of.max(1));
        let both = self.found + self.annotated;
        [share(self.found), share(self.annotated), 2.0 * share(both)]
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let mut config = PiiConfig::new().healthcare_mode(true);
    if arguments.next_if_eq("--all").is_some() {
        config = config.entities(Entity::ALL.iter().copied());
    }
    let path = arguments
        .next()
        .ok_or("usage: score [--all] ANNOTATED.jsonl")?;
    let detector = Detector::new(&config)?;
    let mut types: BTreeMap<String, Counts> = BTreeMap::new();
    let (mut clean, mut flagged) = (0_u32, 0_u32);
    for line in BufReader::new(File::open(path)?).lines() {
        let row: Row = serde_json::from_str(&line?)?;
        let found: Vec<Span> = detector
            .find(&row.text)
            .iter()
            .map(|found| Span {
                start: found.chars().start,
                end: found.chars().end,
                r#type: found.name().to_owned(),
            })
            .filter(|found| row.scope.is_empty() || row.scope.contains(&found.r#type))
            .collect();
        if row.source.starts_with("clean") {
            clean += 1;
            flagged += u32::from(!found.is_empty());
        }
        for span in &row.spans {
            types.entry(span.r#type.clone()).or_default().annotated += 1;
        }
        for span in &found {
            types.entry(span.r#type.clone()).or_default().found += 1;
        }
        let same = |gold: &Span, found: &Span| {
            u32::from((gold.start, gold.end) == (found.start, found.end))
        };
        let covers = |gold: &Span, found: &Span| {
            let shared = gold
                .end
                .min(found.end)
                .saturating_sub(gold.start.max(found.start));
            if 2 * shared >= gold.end - gold.start {
                u32::try_from(shared).unwrap_or(0)
            } else {
                0
            }
        };
        for (name, count) in matches(&row.spans, &found, same) {
            types.entry(name).or_default().strict += count;
        }
        for (name, count) in matches(&row.spans, &found, covers) {
            types.entry(name).or_default().overlap += count;
        }
    }
    println!("| type | annotated | found | strict P | R | F1 | overlap P | R | F1 |");
    println!("|---|---|---|---|---|---|---|---|---|");
    for (name, counts) in &types {
        let [sp, sr, sf] = counts.measures(counts.strict);
        let [op, or, of] = counts.measures(counts.overlap);
        let (annotated, found) = (counts.annotated, counts.found);
        println!(
            "| {name} | {annotated} | {found} | {sp:.3} | {sr:.3} | {sf:.3} | {op:.3} | {or:.3} | {of:.3} |"
        );
    }
    let share = 100.0 * f64::from(flagged) / f64::from(clean.max(1));
    println!("\nclean lines: {clean}, of which {flagged} hold a finding ({share:.2} %)");
    Ok(())
}

/// How many annotated spans have a finding, by type: the best one that no other span has.
fn matches(
    gold: &[Span],
    found: &[Span],
    fit: impl Fn(&Span, &Span) -> u32,
) -> BTreeMap<String, u32> {
    let mut used = vec![false; found.len()];
    let mut counts = BTreeMap::new();
    for span in gold {
        let best = (0..found.len())
            .filter(|at| !used[*at] && found[*at].r#type == span.r#type)
            .map(|at| (fit(span, &found[at]), at))
            .filter(|(fit, _)| *fit > 0)
            .max();
        if let Some((_, at)) = best {
            used[at] = true;
            *counts.entry(span.r#type.clone()).or_default() += 1;
        }
    }
    counts
}
