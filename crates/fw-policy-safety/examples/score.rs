//! Scores lines of JSON: `{"id", "text"}` in, `{"id", "score", "verdict"}` out.
//!
//! ```text
//! cargo run --release -p fw-policy-safety --example score < texts.jsonl > scores.jsonl
//! ```

use std::error::Error;
use std::io;

use fw_policy_safety::{Detector, SafetyConfig, score_lines};

fn main() -> Result<(), Box<dyn Error>> {
    let detector = Detector::new(&SafetyConfig::new())?;
    let output = io::BufWriter::new(io::stdout().lock());
    score_lines(&detector, io::stdin().lock(), output)?;
    Ok(())
}
