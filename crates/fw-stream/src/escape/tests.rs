use fw_wire::Value;
use proptest::prelude::*;

use super::*;

fn raw_range(raw: &[u8], decoded: Range<usize>) -> Range<usize> {
    Cursor::default().range(raw, decoded)
}

fn decode(raw: &str) -> Option<String> {
    let mut out = String::from("before ");
    let valid = decode_into(raw.as_bytes(), &mut out);
    assert!(
        valid || out == "before ",
        "nothing is appended of what is not valid"
    );
    valid.then(|| out["before ".len()..].to_owned())
}

#[test]
fn contents_are_decoded_and_a_lone_surrogate_is_the_replacement_character() {
    assert_eq!(decode(r#"a\"b\\\/\n\u0041"#).unwrap(), "a\"b\\/\nA");
    assert_eq!(decode(r"\ud83d\ude00").unwrap(), "😀");
    assert_eq!(decode(r"x\ud83d").unwrap(), "x\u{FFFD}");
    assert_eq!(decode(r"\ude00\u0041").unwrap(), "\u{FFFD}A");
}

#[test]
fn contents_that_end_their_string_or_break_off_are_refused() {
    for raw in [r#"a"b"#, r"a\", r"\u12", r"\x", "a\nb", r"\ud83d\u12"] {
        assert_eq!(decode(raw), None, "{raw}");
    }
    assert!(!decode_into(b"\xFF", &mut String::new()));
}

#[test]
fn a_range_of_the_text_is_found_in_its_spelling() {
    let raw = r"a\u0062\ud83d\ude00é\n!";
    let text = decode(raw).unwrap();
    assert_eq!(text, "ab😀é\n!");
    let spelt = |range: Range<usize>| &raw[raw_range(raw.as_bytes(), range)];
    assert_eq!(spelt(0..1), "a");
    assert_eq!(spelt(1..2), r"\u0062");
    assert_eq!(spelt(2..6), r"\ud83d\ude00");
    assert_eq!(spelt(6..8), "é");
    assert_eq!(spelt(8..10), r"\n!");
    assert_eq!(spelt(0..10), raw);
    assert_eq!(spelt(10..10), "");
}

#[test]
fn only_lone_surrogates_are_mended_and_nothing_moves() {
    let json = br#"["\ud83d\ude00","\ud83d","\\ud83d","\ude00\n"]"#;
    let mended = without_lone_surrogates(json).unwrap();
    assert_eq!(mended, br#"["\ud83d\ude00","\ufffd","\\ud83d","\ufffd\n"]"#);
    assert!(Value::parse(json).is_err() && Value::parse(&mended).is_ok());
    assert_eq!(without_lone_surrogates(br#"["\n\u0041"]"#), None);
}

proptest! {
    #[test]
    fn decoding_agrees_with_the_reader(raw in r#"([a"\\nué😀]|\\u00e9|\\ud83d\\ude00|\\n){0,8}"#) {
        let json = format!("\"{raw}\"").into_bytes();
        let json = without_lone_surrogates(&json).unwrap_or(json);
        let read = Value::parse(&json).ok().and_then(|value| {
            value.as_str().map(std::borrow::Cow::into_owned)
        });
        prop_assert_eq!(decode(&raw), read);
    }

    #[test]
    fn splicing_a_range_changes_that_range_of_the_text(
        raw in r"([ab é😀]|\\u00e9|\\ud83d\\ude00|\\n|\\ud800x){0,8}",
        cuts in any::<(usize, usize)>(),
    ) {
        let text = decode(&raw).unwrap();
        let place = |cut: usize| text.floor_char_boundary(cut % (text.len() + 1));
        let (start, end) = (place(cuts.0).min(place(cuts.1)), place(cuts.0).max(place(cuts.1)));
        let mut spliced = raw.clone();
        spliced.replace_range(raw_range(raw.as_bytes(), start..end), "<>");
        let mut expected = text.clone();
        expected.replace_range(start..end, "<>");
        prop_assert_eq!(decode(&spliced), Some(expected));
    }

    #[test]
    fn one_walk_finds_the_same_places_as_many(
        raw in r"([ab é😀]|\\u00e9|\\ud83d\\ude00|\\n|\\ud800x){0,8}",
        mut cuts in proptest::collection::vec(any::<usize>(), 0..8),
    ) {
        let text = decode(&raw).unwrap();
        for cut in &mut cuts {
            *cut = text.floor_char_boundary(*cut % (text.len() + 1));
        }
        cuts.sort_unstable();
        let mut cursor = Cursor::default();
        for cut in cuts {
            let again = cursor.range(raw.as_bytes(), cut..cut);
            prop_assert_eq!(again, raw_range(raw.as_bytes(), cut..cut));
        }
    }
}
