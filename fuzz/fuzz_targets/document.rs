//! Any bytes are read as serde_json reads them or refused as it refuses them, reading them never
//! panics, and edits at any places leave JSON.
#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use bytes::Bytes;
use fw_wire::{
    Direction, Document, ElementSpan, Endpoint, Kind, MemberSpan, Span, Usage, UsageMeter, Value,
    json_strings, text_fields,
};
use libfuzzer_sys::fuzz_target;

/// An edit, at the place with this number, counted round.
#[derive(Debug, Arbitrary)]
struct Edit {
    place: u16,
    what: What,
}

#[derive(Debug, Arbitrary)]
enum What {
    Replace,
    ReplaceText,
    Remove,
    Rename,
    Insert,
    Push,
    Set,
    Unset,
}

#[derive(Clone, Copy)]
enum Place {
    Root(Span),
    Member(MemberSpan),
    Element(ElementSpan),
}

// The edits come from the end of the input, so that the start is plain JSON text, which a mutation
// of the corpus keeps mostly intact.
fuzz_target!(|input: &[u8]| {
    let cut = input
        .iter()
        .rposition(|&byte| byte == 0)
        .unwrap_or(input.len());
    let (text, rest) = input.split_at(cut);
    read(text);
    if let Ok(edits) = edits(&mut Unstructured::new(rest)) {
        edit(text, &edits);
    }
});

fn edits(data: &mut Unstructured<'_>) -> Result<Vec<Edit>> {
    data.arbitrary_iter()?.take(32).collect()
}

fn read(text: &[u8]) {
    let ours = Value::parse(text);
    match serde_json::from_slice::<serde_json::Value>(text) {
        Ok(expected) => compare(ours.clone().expect("serde_json accepts it"), &expected),
        Err(error) => {
            // Limits of serde_json's own, not of the grammar.
            let error = error.to_string();
            if !error.contains("number out of range") && !error.contains("recursion") {
                assert!(ours.is_err(), "serde_json refuses it: {error}");
            }
        }
    }
    let Ok(value) = ours else { return };
    let bytes = Bytes::copy_from_slice(text);
    let document = Document::parse(bytes.clone()).expect("parsed before");
    for endpoint in Endpoint::ALL {
        for direction in [Direction::Request, Direction::Reply] {
            for field in text_fields(endpoint, direction, &document) {
                let _ = field.text(document.root());
            }
        }
        let _ = Usage::from_reply(endpoint, value);
    }
    for field in json_strings(value) {
        let _ = field.text(value);
    }
    UsageMeter::new().observe(value);
    let _ = fw_wire::ApiError::from_event(value);
    assert_eq!(document.finish().as_ptr(), bytes.as_ptr());
}

fn compare(value: Value<'_>, expected: &serde_json::Value) {
    match expected {
        serde_json::Value::Null => assert!(value.is_null()),
        serde_json::Value::Bool(expected) => assert_eq!(value.as_bool(), Some(*expected)),
        serde_json::Value::Number(number) => {
            // serde_json's own reading of floats is off by an ulp or two by default.
            let (ours, theirs) = (
                value.as_f64().expect("finite"),
                number.as_f64().expect("finite"),
            );
            assert!(
                (ours - theirs).abs() <= theirs.abs() * 1e-15,
                "{ours} {theirs}"
            );
            assert_eq!(value.as_u64(), number.as_u64());
        }
        serde_json::Value::String(expected) => {
            assert_eq!(value.as_str().as_deref(), Some(expected.as_str()));
            assert!(value.is_str(expected));
        }
        serde_json::Value::Array(expected) => {
            assert_eq!(value.elements().count(), expected.len());
            for (element, expected) in value.elements().zip(expected) {
                compare(element.value(), expected);
            }
        }
        serde_json::Value::Object(expected) => {
            assert!(value.members().count() >= expected.len());
            for (key, expected) in expected {
                compare(value.get(key).expect("the key is there"), expected);
            }
        }
    }
}

fn places(value: Value<'_>, all: &mut Vec<Place>) {
    match value.kind() {
        Kind::Object => {
            for member in value.members() {
                all.push(Place::Member(member.span()));
                places(member.value(), all);
            }
        }
        Kind::Array => {
            for element in value.elements() {
                all.push(Place::Element(element.span()));
                places(element.value(), all);
            }
        }
        _ => {}
    }
}

fn edit(text: &[u8], edits: &[Edit]) {
    let Ok(mut document) = Document::parse(text.to_vec()) else {
        return;
    };
    let mut all = vec![Place::Root(document.root().span())];
    places(document.root(), &mut all);
    for edit in edits {
        let place = all[usize::from(edit.place) % all.len()];
        let span = match place {
            Place::Root(span) => span,
            Place::Member(member) => member.value(),
            Place::Element(element) => element.value(),
        };
        match (&edit.what, place) {
            (What::Replace, _) => document.replace(span, " {\"r\" : [1]}").expect("valid"),
            (What::ReplaceText, _) => document.replace_text(span, "t\"\\"),
            (What::Remove, Place::Member(member)) => document.remove(member),
            (What::Remove, Place::Element(element)) => document.remove_element(element),
            (What::Rename, Place::Member(member)) => document.rename(member, "k\n"),
            (What::Insert, _) => drop(document.insert(span, "i", "0")),
            (What::Push, _) => drop(document.push(span, "\"p\"")),
            (What::Set, _) => drop(document.set(span, "i", "[]")),
            (What::Unset, _) => drop(document.unset(span, "i")),
            _ => {}
        }
        let _ = document.path(span).to_string();
    }
    let out = document.finish();
    let result = Value::parse(&out).expect("the edited document is JSON");
    let serde = serde_json::from_slice::<serde_json::Value>(&out);
    if let Ok(expected) = serde {
        compare(result, &expected);
    }
}
