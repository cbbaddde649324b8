use proptest::prelude::*;

use super::*;
use crate::Framer;

fn event(text: &[u8]) -> Event {
    let mut framer = Framer::new();
    framer.push(Bytes::copy_from_slice(text));
    match framer.next_event().unwrap() {
        Some(event) => event,
        None => framer.finish().unwrap(),
    }
}

#[test]
fn other_data_leaves_the_rest_of_the_event_as_it_was() {
    for (before, after) in [
        ("data: old\n\n", "data: new\n\n"),
        ("data:old\n\n", "data:new\n\n"),
        ("data\n\n", "data: new\n\n"),
        ("data: old\r\n\r\n", "data: new\r\n\r\n"),
        ("data: old\r\r", "data: new\r\r"),
        (
            "event: x\n: note\ndata: old\nid: 7\n\n",
            "event: x\n: note\ndata: new\nid: 7\n\n",
        ),
        ("data: a\nid: 7\ndata: b\n\n", "data: new\nid: 7\n\n"),
        ("id: 7\n\n", "id: 7\ndata: new\n\n"),
        ("data: old", "data: new\n"),
        ("id: 7", "id: 7\ndata: new\n"),
        ("\u{feff}data: old\n\n", "\u{feff}data: new\n\n"),
    ] {
        let changed = event(before.as_bytes()).with_data(b"new");
        assert_eq!(changed, after, "{before:?}");
        assert_eq!(event(&changed).data(), Some(&b"new"[..]));
    }
}

#[test]
fn json_is_read_from_the_data() {
    let chunk = event(b"data: {\"id\":\"x\"}\n\n");
    let id = chunk.json().unwrap().get("id").unwrap();
    assert_eq!(id.as_str().as_deref(), Some("x"));
    assert!(event(b"data: [DONE]\n\n").json().is_none());
    assert!(event(b"data: {\"torn\n\n").json().is_none());
    assert!(event(b": comment\n\n").json().is_none());
}

#[test]
fn json_may_be_spread_over_data_lines() {
    let chunk = event(b"data: {\ndata: \"id\": 1\ndata: }\n\n");
    assert_eq!(chunk.data(), Some(&b"{\n\"id\": 1\n}"[..]));
    assert_eq!(chunk.json().unwrap().get("id").unwrap().as_u64(), Some(1));
}

#[test]
fn a_name_that_is_not_utf8_is_no_name() {
    let odd = event(b"event: \xFF\ndata: x\n\n");
    assert_eq!(odd.name(), None);
    assert_eq!(odd.fields().next().unwrap().value(), b"\xFF");
}

#[test]
fn the_end_marker_is_what_clients_take_for_it() {
    assert!(event(b"data: [DONE]\n\n").is_done());
    assert!(event(b"data:[DONE] \n\n").is_done());
    assert!(!event(b"data: \"[DONE]\"\n\n").is_done());
    assert!(!event(b": [DONE]\n\n").is_done());
}

#[test]
fn an_encoded_name_cannot_start_another_field() {
    let text = encode_event(Some("x\ndata: evil"), b"{}");
    assert_eq!(text, "event: x data: evil\ndata: {}\n\n");
}

/// Line ends in data all read back as LF.
fn normal(data: &str) -> Vec<u8> {
    data.replace("\r\n", "\n").replace('\r', "\n").into_bytes()
}

proptest! {
    #[test]
    fn encoded_data_reads_back(data in "( |\n|\r|\r\n|:|[a-z\u{e9}]){0,20}", name in "[a-z.]{0,8}") {
        let text = encode_event(Some(&name), data.as_bytes());
        let read = event(&text);
        prop_assert_eq!(read.data(), Some(&normal(&data)[..]));
        prop_assert_eq!(read.name(), Some(&name[..]));
        prop_assert_eq!(read.raw().len(), text.len());
    }

    #[test]
    fn replaced_data_reads_back(
        lines in proptest::collection::vec("(data: ?|data|id: ?|: |event:)[a-z]{0,3}", 0..5),
        eol in "\n|\r|\r\n",
        data in "( |\n|\r\n|:|[a-z]){0,12}",
    ) {
        let mut text = lines.join(&eol);
        text.push_str(&eol);
        if !lines.is_empty() {
            text.push_str(&eol);
        }
        let before = event(text.as_bytes());
        let changed = before.with_data(data.as_bytes());
        let after = event(&changed);
        prop_assert_eq!(after.raw(), &changed);
        prop_assert_eq!(after.data(), Some(&normal(&data)[..]));
        prop_assert_eq!(after.name(), before.name());
        let others = |event: &Event| -> Vec<(Vec<u8>, Vec<u8>)> {
            event
                .fields()
                .filter(|field| field.name() != b"data")
                .map(|field| (field.name().to_vec(), field.value().to_vec()))
                .collect()
        };
        prop_assert_eq!(others(&after), others(&before));
    }
}
