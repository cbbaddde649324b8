//! The command itself, on the floors alone: it starts its processes, measures, and ends them.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::process::Command;

#[test]
fn a_quick_comparison_of_the_floors_reports_every_load() {
    let output = Command::new(env!("CARGO_BIN_EXE_fw-bench"))
        .args(["compare", "--quick", "--floors-only"])
        .output()
        .unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    let progress = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{report}\n{progress}");
    for load in ["L", "A", "B", "R", "C", "X", "D1", "D5"] {
        assert!(
            report.contains(&format!("| {load} | bare |")),
            "{load}\n{report}"
        );
    }
    assert!(report.contains("0 void windows"), "{report}");
}
