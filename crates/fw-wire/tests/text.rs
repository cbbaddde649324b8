//! The walk over a body, for any JSON text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod json;

use fw_wire::{
    Direction, Document, Endpoint, Kind, Span, TextEncoding, Value, json_strings, text_fields,
};
use proptest::prelude::*;
use proptest::sample::Index;

/// Keys, strings and numbers, by recursion over members and elements.
fn leaves(value: Value<'_>, found: &mut Vec<(Span, TextEncoding)>) {
    match value.kind() {
        Kind::String => found.push((value.span(), TextEncoding::Plain)),
        Kind::Number => found.push((value.span(), TextEncoding::Number)),
        Kind::Array => value
            .elements()
            .for_each(|element| leaves(element.value(), found)),
        Kind::Object => {
            for member in value.members() {
                found.push((member.span().key(), TextEncoding::Key));
                leaves(member.value(), found);
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn all_keys_strings_and_numbers_are_found_in_order(text in json::text()) {
        let value = Value::parse(text.as_bytes()).unwrap();
        let mut expected = Vec::new();
        leaves(value, &mut expected);
        let found: Vec<_> =
            json_strings(value).map(|field| (field.span(), field.encoding())).collect();
        prop_assert_eq!(found, expected);
    }

    /// A walk that starts in the middle of something stays within the text and ends.
    #[test]
    fn a_foreign_place_does_no_harm(
        text in json::text(),
        start in any::<Index>(),
    ) {
        let document = Document::parse(text.clone()).unwrap();
        let other = Document::parse(format!("[{}1]", "1,".repeat(text.len()))).unwrap();
        let from = start.index(text.len());
        let place = other
            .root()
            .elements()
            .map(|element| element.value().span())
            .nth(from / 2)
            .unwrap();
        if let Some(value) = document.root().value_at(place) {
            prop_assert!(json_strings(value).count() <= text.len());
        }
    }

    /// Whatever is in a body, its text can be read, and replaced without breaking the body.
    #[test]
    fn replacing_every_text_leaves_json(
        value in json::value(),
        shape in prop::sample::select(vec![
            r#"{"messages":[{"role":"user","content":@}]}"#,
            r#"{"messages":[@],"tools":@,"prediction":@,"response_format":@}"#,
            r#"{"choices":[{"message":@,"logprobs":@,"raw_output":@}]}"#,
            r#"{"input":@,"instructions":@,"output":@,"prompt":@,"text":@}"#,
            r#"{"system":@,"content":@,"content_block":{"input":@},"delta":@}"#,
            r#"{"type":"response.output_item.done","item":@,"response":{"output":[@]}}"#,
        ]),
        text in any::<String>(),
    ) {
        let body = Document::parse(shape.replace('@', &value)).unwrap();
        for endpoint in Endpoint::ALL {
            for direction in [Direction::Request, Direction::Reply] {
                let mut edited = body.clone();
                for field in text_fields(endpoint, direction, &body) {
                    let _ = field.text(body.root());
                    edited.set_text(field, &text);
                }
                let out = edited.finish();
                let out = Value::parse(&out).unwrap();
                for field in text_fields(endpoint, direction, out) {
                    prop_assert_eq!(field.text(out), text.as_str());
                }
            }
        }
    }
}
