//! JSON text in pieces.

use fw_wire::Value;
use proptest::collection::vec;
use proptest::prelude::*;

use super::decode::MAX_LITERAL;
use crate::filter::drive::{Driver, Hide, at_once, in_pieces};
use crate::{Edits, JsonText, Scan, TextFilter, Window};

fn hide() -> JsonText<Hide> {
    JsonText::new(Hide {
        brackets: true,
        with: "#",
    })
}

fn hidden(text: &str) -> String {
    at_once(hide(), text)
}

#[test]
fn contents_of_strings_change_and_nothing_else() {
    for (text, expected) in [
        (r#"{"a": "call 1234!"}"#, r#"{"a": "call #!"}"#),
        (
            r#"{"k 123" : [ "x", "555" ] }"#,
            r##"{"k #" : [ "x", "#" ] }"##,
        ),
        (r#"{"a":"plain","b":[]}"#, r#"{"a":"plain","b":[]}"#),
        (r#""123""#, r##""#""##),
        ("", ""),
    ] {
        assert_eq!(hidden(text), expected);
    }
}

#[test]
fn the_filter_sees_escapes_decoded() {
    for (text, expected) in [
        (r#"["\u0031\u00323"]"#, r##"["#"]"##),
        (r#"["\n123\n"]"#, r##"["\n#\n"]"##),
        (r#"["n123"]"#, r#"["n123"]"#),
        // What is not hidden keeps its spelling.
        (
            r#"["\u0041\/\u00e9 123 \ud83d\ude00"]"#,
            r##"["\u0041\/\u00e9 # \ud83d\ude00"]"##,
        ),
        (r#"["<\ud83d\ude00\">\ud83d"]"#, r##"["#\ud83d"]"##),
    ] {
        assert_eq!(hidden(text), expected);
    }
}

#[test]
fn numbers_and_words_become_strings() {
    for (text, expected) in [
        ("[12, 1234]", r##"[12, "#"]"##),
        ("1234", r##""#""##),
        (r#"{"n":-123.5e-4567}"#, r##"{"n":"-#.5e-#"}"##),
        ("[true, <null>]", "[true, \"#\"]"),
    ] {
        assert_eq!(hidden(text), expected);
    }
}

#[test]
fn structure_stays_where_an_edit_goes_over_it() {
    for (text, expected) in [
        (r#"["a<b","c>d"]"#, r##"["a#","d"]"##),
        (r#"["a<","c>d"]"#, r##"["a#","d"]"##),
        (r#"["<b",12,">"]"#, r##"["#","",""]"##),
        (r#"[1<2,{"k>":3}]"#, r##"["1#",{"":3}]"##),
        (r#"{"<":[{}],">":0}"#, r##"{"#":[{}],"":0}"##),
    ] {
        let result = hidden(text);
        assert_eq!(result, expected);
    }
}

#[test]
fn replacements_are_escaped() {
    let with = |text: &str, with| {
        let filter = Hide {
            brackets: true,
            with,
        };
        at_once(JsonText::new(filter), text)
    };
    assert_eq!(with(r#"["a 123"]"#, "\"\\\n\u{1}"), r#"["a \"\\\n\u0001"]"#);
    assert_eq!(with("[123]", "\"\\"), r#"["\"\\"]"#);
    assert_eq!(with("[123]", "é"), r#"["é"]"#);
}

#[test]
fn what_is_not_json_is_read_all_the_same() {
    for (text, expected) in [
        ("hello 1234, bye", "hello \"#\", bye"),
        (r#"{"a": "open 123"#, r#"{"a": "open #"#),
        (r#"{"a": "\x 123 \u00zz 123 \"#, r#"{"a": "\x # \u00zz # \"#),
        (r#"]]}"123\ud83"#, r##"]]}"#\ud83"##),
        (r#"["\ud83d 123 \ude00"]"#, r##"["\ud83d # \ude00"]"##),
    ] {
        assert_eq!(hidden(text), expected);
    }
}

/// A number is not let go while it may turn out to be one that has to become a string.
#[test]
fn a_number_is_held_until_it_ends() {
    let mut channel = Driver::new(hide());
    channel.push(r#"{"n": 12"#, false);
    assert_eq!(channel.out, r#"{"n": "#);
    channel.push(".5", false);
    assert_eq!(channel.out, r#"{"n": "#);
    channel.push("678 ", false);
    assert_eq!(channel.out, r##"{"n": "12.#" "##);
}

#[test]
fn an_escape_is_held_until_it_is_whole() {
    let mut channel = Driver::new(hide());
    for (piece, out) in [
        ("[\"a\\", "[\"a"),
        ("u00", "[\"a"),
        ("e9", "[\"a\\u00e9"),
        ("\\ud8", "[\"a\\u00e9"),
        ("3d", "[\"a\\u00e9"),
        ("\\", "[\"a\\u00e9"),
        ("ude00\"", "[\"a\\u00e9\\ud83d\\ude00\""),
    ] {
        channel.push(piece, false);
        assert_eq!(channel.out, out);
    }
}

/// It cannot be a string any more once its beginning has gone, so it has to stay a number.
#[test]
fn an_endless_number_is_not_held_and_hides_all_the_same() {
    let number = format!("1{}.5", "0".repeat(2 * MAX_LITERAL));
    let mut channel = Driver::new(hide());
    channel.push(&number, false);
    channel.push(", 7]", true);
    assert_eq!(
        channel.out,
        format!("{}.5, 7]", "9".repeat(2 * MAX_LITERAL + 1))
    );

    let mut channel = Driver::new(hide());
    channel.push(&"1.".repeat(MAX_LITERAL), false);
    assert!(channel.out.len() > MAX_LITERAL, "it is let out as it comes");
}

/// Writes a mark at the beginning of every word, without replacing anything.
struct Mark;

impl TextFilter for Mark {
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
        for (at, _) in window.text()[window.start()..].match_indices('w') {
            let at = window.start() + at;
            edits.replace(at..at, "^");
        }
        Scan::Settled(window.text().len())
    }
}

#[test]
fn what_is_inserted_goes_into_strings_only() {
    let text = r#"{"w":"aw\nw","x":w1}"#;
    let expected = r#"{"^w":"a^w\n^w","x":w1}"#;
    for cut in 0..text.len() {
        assert_eq!(in_pieces(JsonText::new(Mark), text, &[cut]), expected);
    }
}

#[test]
fn it_can_be_used_for_another_text() {
    let mut filter = hide();
    for _ in 0..2 {
        assert_eq!(
            in_pieces(&mut filter, r#"{"a": "b 123"#, &[4, 9]),
            r#"{"a": "b #"#
        );
    }
}

#[test]
fn debug_does_not_show_the_text() {
    let mut filter = hide();
    let text = "{\"a\": \"12345";
    let _ = filter.scan(&Window::new(text, 0, 0, false), &mut Edits::new());
    assert!(!format!("{filter:?}").contains("123"));
}

/// JSON, spelt in one of the many ways, and the same with its long runs of digits hidden.
#[derive(Clone, Debug)]
struct Spelt {
    text: String,
    hidden: String,
}

impl Spelt {
    fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            hidden: text.clone(),
            text,
        }
    }

    fn push(&mut self, other: &Self) {
        self.text.push_str(&other.text);
        self.hidden.push_str(&other.hidden);
    }
}

const WITH: &str = "[\"n\"]";

fn hide_digits() -> JsonText<Hide> {
    JsonText::new(Hide {
        brackets: false,
        with: WITH,
    })
}

/// What is hidden of a text, by characters.
fn hidden_chars(chars: &[char]) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let run = chars[at..].iter().take_while(|char| char.is_ascii_digit());
        let end = at + run.count();
        if end - at >= 3 && (at == 0 || !chars[at - 1].is_alphabetic()) {
            found.push(at..end);
        }
        at = end.max(at + 1);
    }
    found
}

fn spelt_char(char: char, style: u8) -> String {
    let unicode = || {
        let mut units = [0; 2];
        let units = char.encode_utf16(&mut units).iter();
        units.map(|unit| format!("\\u{unit:04x}")).collect()
    };
    match (char, style) {
        ('"', 0..3) => "\\\"".into(),
        ('\\', 0..3) => "\\\\".into(),
        ('\n', 0..3) => "\\n".into(),
        ('\t', 0..3) => "\\t".into(),
        ('/', 2) => "\\/".into(),
        ('"' | '\\' | '\0'..='\x1f', _) | (_, 3) => unicode(),
        _ => char.into(),
    }
}

fn string() -> impl Strategy<Value = Spelt> {
    let word = prop_oneof![
        "[a-z <>]{0,4}",
        "[0-9]{1,6}",
        "[\"\\\\/\n\t\u{1}]",
        any::<char>().prop_map(String::from),
        Just("😀".to_owned()),
    ];
    vec((word, 0..4_u8), 0..6).prop_map(|words| {
        let chars: Vec<(char, u8)> = words
            .iter()
            .flat_map(|(word, style)| word.chars().map(|char| (char, *style)))
            .collect();
        let plain: Vec<char> = chars.iter().map(|(char, _)| *char).collect();
        let ranges = hidden_chars(&plain);
        let mut spelt = Spelt::same("\"");
        for (at, (char, style)) in chars.into_iter().enumerate() {
            match ranges.iter().find(|range| range.contains(&at)) {
                Some(range) => {
                    spelt.text.push_str(&spelt_char(char, style));
                    if range.start == at {
                        spelt.hidden.push_str("[\\\"n\\\"]");
                    }
                }
                None => spelt.push(&Spelt::same(spelt_char(char, style))),
            }
        }
        spelt.push(&Spelt::same("\""));
        spelt
    })
}

fn number() -> impl Strategy<Value = Spelt> {
    let text = "-?(0|[1-9][0-9]{0,6})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,2})?";
    text.prop_map(|text| {
        let chars: Vec<char> = text.chars().collect();
        let ranges = hidden_chars(&chars);
        if ranges.is_empty() {
            return Spelt::same(text);
        }
        let mut hidden = "\"".to_owned();
        let mut at = 0;
        for range in ranges {
            hidden.push_str(&text[at..range.start]);
            hidden.push_str("[\\\"n\\\"]");
            at = range.end;
        }
        hidden.push_str(&text[at..]);
        hidden.push('"');
        Spelt { text, hidden }
    })
}

fn json() -> impl Strategy<Value = Spelt> {
    let leaf = prop_oneof![
        string(),
        number(),
        prop_oneof![Just("null"), Just("true"), Just("false")].prop_map(Spelt::same),
    ];
    let space = || "[ \\n\\t\\r]{0,2}";
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let array = vec((space(), inner.clone(), space()), 0..4);
        let object = vec((space(), string(), space(), inner), 0..4);
        prop_oneof![
            array.prop_map(|items| {
                let items = items.into_iter().map(|(before, item, after)| {
                    let mut all = Spelt::same(before);
                    all.push(&item);
                    all.push(&Spelt::same(after));
                    all
                });
                list("[", items, "]")
            }),
            object.prop_map(|members| {
                let members = members.into_iter().map(|(before, key, between, value)| {
                    let mut all = Spelt::same(before);
                    all.push(&key);
                    all.push(&Spelt::same(format!("{between}:")));
                    all.push(&value);
                    all
                });
                list("{", members, "}")
            }),
        ]
    })
}

fn list(open: &str, items: impl Iterator<Item = Spelt>, close: &str) -> Spelt {
    let mut all = Spelt::same(open);
    for (at, item) in items.enumerate() {
        if at > 0 {
            all.push(&Spelt::same(","));
        }
        all.push(&item);
    }
    all.push(&Spelt::same(close));
    all
}

proptest! {
    #[test]
    fn any_json_stays_json_with_its_contents_filtered(
        json in json(),
        cuts in vec(any::<usize>(), 0..12),
    ) {
prop_assert!(serde_json::from_str::<serde_json::Value>(&json.text).is_ok());
        prop_assert_eq!(&at_once(hide_digits(), &json.text), &json.hidden);
        prop_assert_eq!(&in_pieces(hide_digits(), &json.text, &cuts), &json.hidden);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&json.hidden).is_ok());
    }

    #[test]
    fn any_json_stays_json_whatever_the_edits_go_over(
        json in json(),
        cuts in vec(any::<usize>(), 0..12),
    ) {
        let whole = hidden(&json.text);
        prop_assert_eq!(&in_pieces(hide(), &json.text, &cuts), &whole);
        let (before, after) = (Value::parse(json.text.as_bytes()), Value::parse(whole.as_bytes()));
        prop_assert!(same_structure(before.unwrap(), after.unwrap()), "{}", whole);
    }

    #[test]
    fn any_text_comes_to_the_same_however_it_is_cut(
        text in "([\"\\\\{}:,<> 0-9a-f\u{e9}😀-]|\\\\u|\\\\ud83d|\\\\ude00|123){0,40}",
        cuts in vec(any::<usize>(), 0..12),
    ) {
        let whole = hidden(&text);
        prop_assert_eq!(in_pieces(hide(), &text, &cuts), whole);
        // Nothing that is to be hidden is left, for whoever reads it in the same way.
        let once = at_once(hide_digits(), &text);
        prop_assert_eq!(&at_once(hide_digits(), &once), &once);
    }
}

/// The same values at the same places. A number may have become a string.
fn same_structure(before: Value<'_>, after: Value<'_>) -> bool {
    use fw_wire::Kind::{Array, Object, String};
    match (before.kind(), after.kind()) {
        (Array, Array) => {
            before.elements().count() == after.elements().count()
                && before
                    .elements()
                    .zip(after.elements())
                    .all(|(before, after)| same_structure(before.value(), after.value()))
        }
        (Object, Object) => {
            before.members().count() == after.members().count()
                && before
                    .members()
                    .zip(after.members())
                    .all(|(before, after)| same_structure(before.value(), after.value()))
        }
        (Array | Object, _) | (_, Array | Object) => false,
        (before, after) => before == after || after == String,
    }
}
