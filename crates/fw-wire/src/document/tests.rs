//! What a document promises, by example. `tests/document.rs` has the same as properties.

use super::*;

fn document(text: &str) -> Document {
    Document::parse(text.to_owned()).unwrap()
}

fn refusal(text: impl AsRef<[u8]>) -> String {
    Value::parse(text.as_ref()).unwrap_err().to_string()
}

// === the grammar ===

#[test]
fn every_production_of_rfc_8259_is_accepted() {
    for text in [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-1.5e+10",
        "1E-2",
        "1e999",
        r#""""#,
        "[]",
        "{}",
        "[ ]",
        "{ }",
        " \t\r\n1 \t\r\n",
        r#"{"a":1,"a":2}"#,
        r#""\"\\\/\b\f\n\r\t\u12aF""#,
        "\"\\ud83d\\ude00\"",
        "\"\u{7f}\u{2028}😀\"",
        "[[[]],[{}]]",
        r#"{"":{"":[0,""]}}"#,
    ] {
        assert!(Value::parse(text.as_bytes()).is_ok(), "{text}");
        assert!(
            serde_json::from_str::<serde_json::Value>(text).is_ok() || text == "1e999",
            "{text}"
        );
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let at = |position: &str, rest: &str| format!("invalid JSON at {position}: expected {rest}");
    let end = "found the end of the text";
    let cases: Vec<(&str, String)> = vec![
        (
            "",
            at("line 1, column 1 (byte 0)", &format!("a JSON value, {end}")),
        ),
        (
            " \n ",
            at("line 2, column 2 (byte 3)", &format!("a JSON value, {end}")),
        ),
        (
            "\u{feff}{}",
            at(
                "line 1, column 1 (byte 0)",
                "a JSON value without a byte order mark (RFC 8259 section 8.1)",
            ),
        ),
        (
            "{} x",
            at(
                "line 1, column 4 (byte 3)",
                "the end of the text after the JSON value, found 'x'",
            ),
        ),
        (
            "[1,]",
            at("line 1, column 4 (byte 3)", "a JSON value, found ']'"),
        ),
        (
            "[1 2]",
            at(
                "line 1, column 4 (byte 3)",
                "',' or ']' after the array element, found '2'",
            ),
        ),
        (
            "{\"a\":1,}",
            at(
                "line 1, column 8 (byte 7)",
                "a string as the object key, found '}'",
            ),
        ),
        (
            "{a:1}",
            at(
                "line 1, column 2 (byte 1)",
                "a string as the object key, or '}', found 'a'",
            ),
        ),
        (
            "{\"é\" 1}",
            at(
                "line 1, column 6 (byte 6)",
                "':' after the object key, found '1'",
            ),
        ),
        (
            "{\"a\":1]",
            at(
                "line 1, column 7 (byte 6)",
                "',' or '}' after the object member, found ']'",
            ),
        ),
        (
            "tru",
            at(
                "line 1, column 4 (byte 3)",
                &format!("the literal true, {end}"),
            ),
        ),
        (
            "nuLl",
            at("line 1, column 3 (byte 2)", "the literal null, found 'L'"),
        ),
        (
            "01",
            at(
                "line 1, column 2 (byte 1)",
                "no digit after a leading zero, found '1'",
            ),
        ),
        (
            "-",
            at("line 1, column 2 (byte 1)", &format!("a digit, {end}")),
        ),
        (
            "1.",
            at("line 1, column 3 (byte 2)", &format!("a digit, {end}")),
        ),
        (
            "1e+",
            at("line 1, column 4 (byte 3)", &format!("a digit, {end}")),
        ),
        (
            "+1",
            at("line 1, column 1 (byte 0)", "a JSON value, found '+'"),
        ),
        (
            "NaN",
            at("line 1, column 1 (byte 0)", "a JSON value, found 'N'"),
        ),
        (
            "\"abc",
            at(
                "line 1, column 5 (byte 4)",
                &format!("'\"' at the end of the string, {end}"),
            ),
        ),
        (
            "\"a\nb\"",
            at(
                "line 1, column 3 (byte 2)",
                "control characters in a string to be escaped, found control character 0x0a",
            ),
        ),
        (
            "\"\\x\"",
            at(
                "line 1, column 3 (byte 2)",
                "one of \"\\/bfnrtu after '\\', found 'x'",
            ),
        ),
        (
            "\"\\u12g4\"",
            at(
                "line 1, column 2 (byte 1)",
                "four hexadecimal digits after \"\\u\", found '\\'",
            ),
        ),
    ];
    for (text, message) in cases {
        assert_eq!(refusal(text), message, "{text:?}");
    }
}

#[test]
fn lone_surrogates_are_refused_as_serde_json_refuses_them() {
    for text in [
        r#""\ud800""#,
        r#""\udc00""#,
        r#""\ud800\ud800""#,
        r#""\ud800x""#,
        r#""\ud800\n""#,
        r#""\udc00\ud800""#,
        r#""\ud800\u0041""#,
    ] {
        assert!(refusal(text).contains("surrogate"), "{text}");
        assert!(serde_json::from_str::<serde_json::Value>(text).is_err());
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_refused_where_they_are_unless_something_is_wrong_before() {
    assert!(refusal(b"\"ab\xff\"").contains("(byte 3): expected valid UTF-8"));
    assert!(refusal(b"{]\xff").contains("(byte 1): expected a string as the object key"));
    // Cut in the middle of a character.
    assert!(refusal(&"\"é".as_bytes()[..2]).contains("(byte 1): expected valid UTF-8"));
    // Surrogates and overlong forms are no UTF-8.
    assert!(refusal(b"\"\xed\xa0\x80\"").contains("valid UTF-8"));
    assert!(refusal(b"\"\xc0\xaf\"").contains("valid UTF-8"));
}

#[test]
fn a_special_byte_is_found_at_every_offset_of_a_long_string() {
    for length in 0..200 {
        let plain = "é".repeat(length / 2) + &"x".repeat(length % 2);
        for (insert, accepted) in [
            ("\\n", true),
            ("\u{1}", false),
            ("\"", false),
            ("\\", false),
        ] {
            for tail in [
                "",
                "y",
                "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy",
            ] {
                let text = format!("[\"{plain}{insert}{tail}\",1]");
                let serde = serde_json::from_str::<serde_json::Value>(&text);
                assert_eq!(serde.is_ok(), accepted && !text.is_empty());
                let ours = Value::parse(text.as_bytes());
                assert_eq!(ours.is_ok(), accepted, "{text}");
                if let (Ok(ours), Ok(serde)) = (ours, serde) {
                    let first = ours.index(0).unwrap();
                    assert_eq!(first.as_str().as_deref(), serde[0].as_str());
                    assert_eq!(ours.index(1).unwrap().as_u64(), Some(1));
                }
            }
        }
    }
}

#[test]
fn limits_are_kept() {
    let limits = Limits {
        max_bytes: 4,
        max_depth: 1,
    };
    assert!(Document::parse_with("[11]", limits).is_ok());
    let long = Document::parse_with("[111]", limits).unwrap_err();
    assert!(long.is_too_large());
    assert_eq!(
        long.to_string(),
        "JSON text of 5 bytes is too large: at most 4 are accepted"
    );
    let deep = Document::parse_with("[[]]", limits).unwrap_err();
    assert!(deep.is_too_deep());
    assert_eq!(
        deep.to_string(),
        "JSON nested too deeply at line 1, column 2 (byte 1): at most 1 levels are accepted"
    );
    let flat = Limits {
        max_depth: 0,
        ..Limits::default()
    };
    assert!(Document::parse_with("1", flat).is_ok());
    assert!(Document::parse_with("[]", flat).unwrap_err().is_too_deep());
    let beyond = Limits {
        max_depth: usize::MAX,
        ..Limits::default()
    };
    assert!(
        Document::parse_with("[".repeat(129), beyond)
            .unwrap_err()
            .is_too_deep()
    );
}

// === reading ===

#[test]
fn scalars_are_read_only_as_what_they_are() {
    let values = document(r#"[null,true,false,7,-7,1.5,"7",1e3,18446744073709551616,1e999,{},[]]"#);
    let at = |index| values.root().index(index).unwrap();
    assert!(at(0).is_null() && at(0).as_bool().is_none() && at(0).as_str().is_none());
    assert_eq!(
        (at(1).as_bool(), at(2).as_bool()),
        (Some(true), Some(false))
    );
    assert_eq!(
        (at(3).as_u64(), at(3).as_i64(), at(3).as_f64()),
        (Some(7), Some(7), Some(7.0))
    );
    assert_eq!((at(4).as_u64(), at(4).as_i64()), (None, Some(-7)));
    assert_eq!((at(5).as_u64(), at(5).as_f64()), (None, Some(1.5)));
    assert_eq!((at(6).as_u64(), at(6).as_f64()), (None, None));
    assert_eq!((at(7).as_u64(), at(7).as_f64()), (None, Some(1000.0)));
    assert_eq!(
        (at(8).as_u64(), at(8).as_f64()),
        (None, Some(18446744073709551616.0))
    );
    assert_eq!(at(9).as_f64(), None);
    for index in 0..12 {
        assert_eq!(
            at(index).members().count() + at(index).elements().count(),
            0
        );
        assert!(at(index).get("a").is_none());
    }
    assert!(values.root().index(12).is_none());
}

#[test]
fn the_last_duplicate_wins_in_whatever_spelling() {
    let object = document(r#"{"a":1,"b":0,"\u0061":2,"A":3,"a\u0000":4}"#);
    assert_eq!(object.root().get("a").unwrap().as_u64(), Some(2));
    assert_eq!(object.root().get("a\0").unwrap().as_u64(), Some(4));
    assert!(object.root().get("").is_none());
    let [a, none, capital] = object
        .root()
        .get_many(["a", "none", "A"])
        .map(|v| v.and_then(Value::as_u64));
    assert_eq!((a, none, capital), (Some(2), None, Some(3)));
    assert!(object.root().get(r"\u0061").is_none());
    assert_eq!(
        object
            .root()
            .members()
            .filter(|member| member.key() == "a")
            .count(),
        2
    );
}

#[test]
fn a_path_says_where_a_place_is() {
    let body = document(r#"{"messages":[{"content":[1,{"text":"x","a b":[[true]]}]}],"":0}"#);
    let path = |needle: &str| {
        let at = std::str::from_utf8(body.bytes())
            .unwrap()
            .find(needle)
            .unwrap();
        body.path(Span::new(at, at + needle.len())).to_string()
    };
    assert_eq!(path("\"x\""), "messages[0].content[1].text");
    assert_eq!(path("true"), "messages[0].content[1][\"a b\"][0][0]");
    assert_eq!(path("\"text\""), "messages[0].content[1].text{key}");
    assert_eq!(path("0}"), "(root)");
    assert_eq!(body.path(body.root().span()).to_string(), "(root)");
    assert_eq!(body.path(Span::new(900, 901)).to_string(), "(root)");
    let long = document(&format!(r#"{{"{}":1}}"#, "k".repeat(500)));
    let value = long.root().members().next().unwrap().value().span();
    assert!(long.path(value).to_string().len() < 80);
}

#[test]
fn nothing_of_the_contents_is_in_debug() {
    let mut body = document(r#"{"secret":"prompt"}"#);
    let member = body.root().member("secret").unwrap();
    for text in [
        format!("{member:?}"),
        format!("{:?}", member.value()),
        format!("{:?}", body.root().members()),
        format!("{body:?}"),
    ] {
        assert!(
            !text.contains("prompt") && !text.contains("secret"),
            "{text}"
        );
    }
    body.replace_text(body.root().get("secret").unwrap().span(), "other");
    assert_eq!(format!("{body:?}"), "Document { bytes: 19, edits: 1 }");
}

// === editing ===

/// Removes the members (or elements) named in `remove` and adds as many as asked.
fn edited(text: &str, remove: &[usize], add: &[&str]) -> String {
    let mut body = document(text);
    let root = body.root();
    let members: Vec<_> = root.members().map(Member::span).collect();
    let elements: Vec<_> = root.elements().map(Element::span).collect();
    let (span, object) = (root.span(), root.is_object());
    for &index in remove {
        match object {
            true => body.remove(members[index]),
            false => body.remove_element(elements[index]),
        }
    }
    for json in add {
        match object {
            true => body.insert(span, json, *json).unwrap(),
            false => body.push(span, *json).unwrap(),
        }
    }
    let out = body.finish();
    assert!(serde_json::from_slice::<serde_json::Value>(&out).is_ok());
    String::from_utf8(out.to_vec()).unwrap()
}

#[test]
fn removal_and_insertion_take_care_of_the_commas() {
    let array = "[ 1 , 2,3 ,  4 ]";
    let cases: [(&str, &[usize], &[&str], &str); 18] = [
        (array, &[0], &[], "[ 2,3 ,  4 ]"),
        (array, &[1], &[], "[ 1 , 3 ,  4 ]"),
        (array, &[3], &[], "[ 1 , 2,3 ]"),
        (array, &[1, 2], &[], "[ 1 , 4 ]"),
        (array, &[2, 3], &[], "[ 1 , 2 ]"),
        (array, &[0, 3], &[], "[ 2,3 ]"),
        (array, &[0, 2], &[], "[ 2,4 ]"),
        (array, &[0, 1, 2, 3], &[], "[  ]"),
        (array, &[], &["5"], "[ 1 , 2,3 ,  4,5 ]"),
        (array, &[3], &["5", "6"], "[ 1 , 2,3,5,6 ]"),
        (array, &[0, 1, 2, 3], &["5", "6"], "[ 5,6 ]"),
        ("[]", &[], &["1"], "[1]"),
        ("[ ]", &[], &["1"], "[1 ]"),
        (r#"{"a":1, "b":2}"#, &[0], &[], r#"{"b":2}"#),
        (r#"{"a":1, "b":2}"#, &[1], &["3"], r#"{"a":1,"3":3}"#),
        (r#"{"a":1, "b":2}"#, &[0, 1], &["3"], r#"{"3":3}"#),
        ("{}", &[], &["1", "2"], r#"{"1":1,"2":2}"#),
        ("{ }", &[], &[], "{ }"),
    ];
    for (text, remove, add, expected) in cases {
        assert_eq!(
            edited(text, remove, add),
            expected,
            "{text} -{remove:?} +{add:?}"
        );
    }
}

#[test]
fn of_edits_that_meet_the_documented_one_counts() {
    let mut body = document(r#"{"a":{"b":[1,2]},"c":3}"#);
    let root = body.root();
    let (a, c) = (root.member("a").unwrap(), root.member("c").unwrap().span());
    let list = a.value().get("b").unwrap();
    let one = list.elements().next().unwrap().span();
    let (a, list) = (a.span(), list.span());
    // The later of two replacements.
    body.replace(c.value(), "4").unwrap();
    body.replace(c.value(), "5").unwrap();
    // Inside a replaced value nothing counts, before or after.
    body.replace(one.value(), "9").unwrap();
    body.remove_element(one);
    body.replace(list, "[]").unwrap();
    body.push(list, "7").unwrap();
    // A member may be renamed and replaced at once.
    body.rename(c, "d");
    assert_eq!(body.clone().finish(), r#"{"a":{"b":[]},"d":5}"#);
    // A removal counts whatever comes after it.
    body.remove(a);
    body.rename(a, "z");
    body.replace(a.value(), "0").unwrap();
    assert_eq!(body.finish(), r#"{"d":5}"#);
}

#[test]
fn the_root_can_be_replaced() {
    let mut body = document(" {\"a\":1} ");
    let root = body.root().span();
    body.insert(root, "b", "2").unwrap();
    body.replace(root, "[]").unwrap();
    assert_eq!(body.finish(), " [] ");
}

#[test]
fn bad_edits_are_refused_and_change_nothing() {
    let mut body = document(r#"{"a":[1]}"#);
    let root = body.root().span();
    let list = body.root().get("a").unwrap().span();
    assert!(body.replace(root, "{").is_err());
    assert!(body.replace(root, "1 2").is_err());
    assert!(body.replace(Span::new(3, 90), "1").is_err());
    assert!(body.insert(root, "k", "oops").is_err());
    assert!(body.insert(list, "k", "1").is_err());
    assert!(body.push(root, "1").is_err());
    assert!(body.set(list, "k", "1").is_err());
    body.replace_text(Span::new(9, 90), "x");
    assert!(!body.is_edited());
    assert_eq!(body.finish(), r#"{"a":[1]}"#);
}

#[test]
fn set_gives_every_duplicate_the_value_and_follows_renames() {
    let mut body = document(r#"{"a":1,"x":0,"\u0061":2}"#);
    let root = body.root().span();
    body.set(root, "a", "9").unwrap();
    assert_eq!(body.clone().finish(), r#"{"a":9,"x":0,"\u0061":9}"#);
    let x = body.root().member("x").unwrap().span();
    body.rename(x, "y");
    body.set(root, "y", "8").unwrap();
    body.set(root, "x", "7").unwrap();
    body.set(root, "x", "6").unwrap();
    assert_eq!(body.clone().finish(), r#"{"a":9,"y":8,"\u0061":9,"x":6}"#);
    assert!(body.unset(root, "a"));
    assert!(body.unset(root, "x"));
    assert!(!body.unset(root, "x"));
    body.set(root, "a", "5").unwrap();
    assert_eq!(body.finish(), r#"{"y":8,"a":5}"#);
}

#[test]
fn a_replaced_text_is_encoded_and_a_key_can_be_one() {
    let mut body = document(r#"{"k":"old"}"#);
    let member = body.root().member("k").unwrap().span();
    body.replace_text(member.value(), "a\"b\\c\n\u{1}é😀");
    body.replace_text(member.key(), "q\"");
    assert_eq!(body.finish(), "{\"q\\\"\":\"a\\\"b\\\\c\\n\\u0001é😀\"}");
}

#[test]
fn long_strings_are_stepped_over_wherever_they_stand() {
    let long = |length: usize| format!("{}\\\"{}", "a".repeat(length / 2), "ü".repeat(length / 4));
    for lengths in [
        [10, 100, 200],
        [200, 100, 10],
        [64, 65, 66],
        [300, 300, 300],
    ] {
        let [a, b, c] = lengths.map(long);
        let json = format!(r#"{{"x":["{a}",{{"{b}":"{b}"}}],"y":{{"z":"{c}"}},"last":1}}"#);
        let document = Document::parse(json.clone()).unwrap();
        let expected: serde_json::Value = serde_json::from_str(&json).unwrap();
        let root = document.root();
        let x = root.get("x").unwrap();
        let y = root.get("y").and_then(|y| y.get("z")).unwrap();
        let inner = x.index(1).unwrap().members().next().unwrap();
        assert_eq!(
            x.index(0).unwrap().as_str().unwrap(),
            expected["x"][0].as_str().unwrap()
        );
        assert_eq!(inner.value().as_str().unwrap(), *inner.key());
        assert_eq!(y.as_str().unwrap(), expected["y"]["z"].as_str().unwrap());
        assert_eq!(root.get("last").and_then(Value::as_u64), Some(1));
        assert_eq!(root.members().count(), 3);
    }
}
