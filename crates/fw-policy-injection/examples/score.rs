//! Scores texts, as JSON lines for a scorer.
//!
//! ```text
//! cargo run --release -p fw-policy-injection --example score < texts.jsonl > scores.jsonl
//! ```
//!
//! Each line of the input is an object with an `id` and a `text`. Each line of the output has the `id`, the `score`
//! from 0 to 1, and the `verdict`: `block` or `allow`. The only argument is the channel: `user` (if there is none),
//! `system`, `tool` or `document`.

use std::error::Error;
use std::io::{BufWriter, Write, stdin, stdout};

use fw_policy_injection::{Channel, Detector, InjectionConfig, score_lines};

fn main() -> Result<(), Box<dyn Error>> {
    let name = std::env::args().nth(1).unwrap_or_else(|| "user".to_owned());
    let channel = Channel::ALL
        .into_iter()
        .find(|channel| channel.as_str() == name);
    let channel = channel.ok_or("usage: score [user|system|tool|document] < TEXTS.jsonl")?;
    let detector = Detector::new(&InjectionConfig::new())?;
    let mut out = BufWriter::new(stdout().lock());
    score_lines(&detector, channel, stdin().lock(), &mut out)?;
    out.flush()?;
    Ok(())
}
