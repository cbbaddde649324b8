//! Random JSON texts, in all the spellings that RFC 8259 allows, and texts that are almost JSON.
#![allow(dead_code)]

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// White space between tokens; mostly none.
fn space() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        2 => Just(" ".to_owned()),
        1 => "[ \t\r\n]{1,4}",
    ]
}

/// A string with its quotes: plain text, all escapes, surrogate pairs, raw Unicode.
pub(crate) fn string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Z0-9 ,:{}\\[\\]]{0,6}",
        1 => "[a-z]{20,90}",
        1 => "[^\\x00-\\x1f\"\\\\]{0,5}",
        2 => select(vec![
            r"\n", r"\r", r"\t", r"\b", r"\f", r"\/", r"\\", r#"\""#, r"\u0041", r"\u00e9", r"\uFFFF",
            r"\u0000", r"\ud83d\ude00", r"\uD800\uDC00", "\u{7f}", "é", "😀", "\u{2028}",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

/// A key; from a small set, so that duplicates and other spellings of them occur.
pub(crate) fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => select(vec![
            r#""a""#, r#""\u0061""#, r#""b""#, r#""""#, r#""a b""#, r#""ab""#, r#""\n""#, r#""n""#,
        ])
        .prop_map(str::to_owned),
        1 => string(),
    ]
}

pub(crate) fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec![
            "0",
            "-0",
            "1",
            "-12",
            "1.0",
            "0.10",
            "1e5",
            "1E+05",
            "-1.25e-3",
            "1e-999",
            "123456789012345678901234567890",
            "18446744073709551615",
            "-9223372036854775808",
        ])
        .prop_map(str::to_owned),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,8})?([eE][+-]?[0-9]{1,2})?",
    ]
}

pub(crate) fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec!["null", "true", "false"]).prop_map(str::to_owned),
        number(),
        string(),
    ]
}

/// A value without space around it.
pub(crate) fn value() -> impl Strategy<Value = String> {
    scalar().prop_recursive(5, 40, 6, |inner| {
        let element = (space(), inner.clone(), space()).prop_map(|(a, v, b)| format!("{a}{v}{b}"));
        let member = (space(), key(), space(), space(), inner, space())
            .prop_map(|(a, key, b, c, v, d)| format!("{a}{key}{b}:{c}{v}{d}"));
        prop_oneof![
            space().prop_map(|space| format!("[{space}]")),
            space().prop_map(|space| format!("{{{space}}}")),
            prop::collection::vec(element, 1..6).prop_map(|all| format!("[{}]", all.join(","))),
            prop::collection::vec(member, 1..6).prop_map(|all| format!("{{{}}}", all.join(","))),
        ]
    })
}

/// A JSON text.
pub(crate) fn text() -> impl Strategy<Value = String> {
    (space(), value(), space()).prop_map(|(a, v, b)| format!("{a}{v}{b}"))
}

/// A JSON text with a few bytes damaged; often still JSON, often just not.
pub(crate) fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => select(br#"{}[],:"\/u0159.-+eEtfn d8DC"#.to_vec()),
        1 => any::<u8>(),
    ];
    let damage = (any::<Index>(), 0..4_u8, byte);
    (text(), prop::collection::vec(damage, 1..4)).prop_map(|(text, damages)| {
        let mut bytes = text.into_bytes();
        for (at, how, byte) in damages {
            let at = at.index(bytes.len() + 1);
            match how {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => bytes[at] = byte,
                2 if at < bytes.len() => drop(bytes.remove(at)),
                _ => bytes.truncate(at.max(1)),
            }
        }
        bytes
    })
}
