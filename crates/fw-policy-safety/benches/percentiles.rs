//! How long one text of 1 KiB takes: `cargo bench -p fw-policy-safety --bench percentiles`.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../../fw-classify/benches/percentiles/mod.rs"]
mod percentiles;
#[path = "../../fw-classify/benches/texts/mod.rs"]
mod texts;

use std::hint::black_box;

use fw_policy_safety::{Detector, SafetyConfig, SafetyMode};
use percentiles::percentiles;

fn main() {
    percentiles(
        || Detector::new(&SafetyConfig::new().mode(SafetyMode::Strict)).unwrap(),
        |detector, text| {
            black_box(detector.scan(black_box(text)));
        },
    );
}
