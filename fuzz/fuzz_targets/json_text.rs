//! JSON text comes to the same however it is cut, and JSON stays JSON of the same structure.
//!
//! The first byte says how many bytes after it are places of cuts; the rest is the text.

#![no_main]

use fw_stream::{Edits, JsonText, Scan, TextFilter, Window};
use fw_wire::{Kind, Value};
use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../crates/fw-stream/src/filter/drive.rs"]
mod drive;

use drive::{Hide, at_once, in_pieces};

fuzz_target!(|input: &[u8]| {
    let Some((count, input)) = input.split_first() else {
        return;
    };
    let (cuts, text) = input.split_at(usize::from(*count % 16).min(input.len()));
    let text = String::from_utf8_lossy(text);
    // A byte reaches every place of a short text and some of a long one.
    let scale = text.len() / 256 + 1;
    let cuts: Vec<usize> = cuts.iter().map(|cut| usize::from(*cut) * scale).collect();

    let whole = at_once(hide(true), &text);
    assert_eq!(in_pieces(hide(true), &text, &cuts), whole);
    let every: Vec<usize> = (0..text.len()).collect();
    assert_eq!(in_pieces(hide(true), &text, &every), whole);

    let once = at_once(hide(false), &text);
    if serde_json::from_str::<serde_json::Value>(&text).is_err() {
        return;
    }
    let before = Value::parse(text.as_bytes()).expect("serde_json accepts it");
    for after in [&whole, &once] {
        serde_json::from_str::<serde_json::Value>(after).expect("JSON stays JSON");
        let after = Value::parse(after.as_bytes()).expect("serde_json accepts it");
        assert!(same_structure(before, after));
    }
    let again = at_once(hide(false), &once);
    assert_eq!(again, once, "nothing is left to be hidden");
});

fn hide(brackets: bool) -> JsonText<Hide> {
    let with = "[\"n\\";
    JsonText::new(Hide { brackets, with })
}

/// The same values at the same places. What is no list or object may have become a string.
fn same_structure(before: Value<'_>, after: Value<'_>) -> bool {
    match (before.kind(), after.kind()) {
        (Kind::Array, Kind::Array) => {
            before.elements().count() == after.elements().count()
                && before
                    .elements()
                    .zip(after.elements())
                    .all(|(before, after)| same_structure(before.value(), after.value()))
        }
        (Kind::Object, Kind::Object) => {
            before.members().count() == after.members().count()
                && before
                    .members()
                    .zip(after.members())
                    .all(|(before, after)| same_structure(before.value(), after.value()))
        }
        (before, after) => before == after || (is_scalar(before) && after == Kind::String),
    }
}

fn is_scalar(kind: Kind) -> bool {
    !matches!(kind, Kind::Array | Kind::Object)
}
