//! Says what is found in texts, as JSON lines for a scorer.
//!
//! ```text
//! cargo run --release -p fw-policy-pii --example find -- texts.jsonl > found.jsonl
//! ```
//!
//! Each line of the input is an object with an `id` and a `text`. Each line of the output has the `id` and
//! `spans`: `start` and `end` count Unicode code points, `type` is the type's name. With `--all` before the file,
//! all types are looked for, names of persons too, not only those of the default.

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::io::{BufRead, BufReader};

use fw_policy_pii::{Detector, Entity, PiiConfig};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let mut config = PiiConfig::default();
    if arguments.next_if_eq("--all").is_some() {
        config = config.entities(Entity::ALL.iter().copied());
    }
    let path = arguments.next().ok_or("usage: find [--all] TEXTS.jsonl")?;
    let detector = Detector::new(&config)?;
    for line in BufReader::new(std::fs::File::open(path)?).lines() {
        let row: Value = serde_json::from_str(&line?)?;
        let text = row["text"].as_str().unwrap_or_default();
        let spans: Vec<_> = detector
            .find(text)
            .iter()
            .map(|found| {
                json!({
                    "start": found.chars().start,
                    "end": found.chars().end,
                    "type": found.name(),
                    "scheme": found.scheme(),
                })
            })
            .collect();
        println!("{}", json!({ "id": row["id"], "spans": spans }));
    }
    Ok(())
}
