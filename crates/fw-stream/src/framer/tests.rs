use proptest::prelude::*;

use super::*;

#[path = "reference.rs"]
mod reference;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Everything a framer makes of chunks: its events, the torn rest last.
fn frame<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
    let mut framer = Framer::new();
    let mut events = Vec::new();
    for chunk in chunks {
        framer.push(Bytes::copy_from_slice(chunk));
        while let Some(event) = framer.next_event().unwrap() {
            events.push(event);
        }
    }
    events.extend(framer.finish());
    events
}

fn raw(events: &[Event]) -> Vec<u8> {
    events
        .iter()
        .flat_map(|event| event.raw().clone())
        .collect()
}

/// What clients see of the events.
fn dispatched(events: &[Event]) -> Vec<(Vec<u8>, Vec<u8>)> {
    events
        .iter()
        .filter(|event| event.is_terminated())
        .filter_map(|event| {
            let name = event
                .fields()
                .filter(|field| field.name() == b"event")
                .last();
            let name = name.map_or(&b""[..], |field| field.value());
            Some((name.to_vec(), event.data()?.to_vec()))
        })
        .collect()
}

/// Everything about events that must not depend on the cuts.
type Described = (Option<String>, Option<Vec<u8>>, bool, bool, Vec<u8>);

fn described(events: &[Event]) -> Vec<Described> {
    events
        .iter()
        // A LF cut from its CR comes out on its own, as a blank block.
        .filter(|event| !event.is_blank())
        .map(|event| {
            let raw = event.raw();
            let raw = if raw.ends_with(b"\r\n") {
                &raw[..raw.len() - 1]
            } else {
                raw
            };
            (
                event.name().map(String::from),
                event.data().map(<[u8]>::to_vec),
                event.is_comment(),
                event.is_terminated(),
                raw.to_vec(),
            )
        })
        .collect()
}

fn data(events: &[Event]) -> Vec<&[u8]> {
    events.iter().filter_map(Event::data).collect()
}

// === lines ===

#[test]
fn each_line_end_ends_lines_and_events() {
    for eol in ["\n", "\r\n", "\r"] {
        let text = format!("data: one{eol}{eol}event: x{eol}data: two{eol}{eol}");
        let events = frame([text.as_bytes()]);
        assert_eq!(data(&events), [b"one", b"two"], "{eol:?}");
        assert_eq!(events[1].name(), Some("x"));
        assert_eq!(raw(&events), text.as_bytes());
    }
}

#[test]
fn line_ends_may_be_mixed() {
    let text = b"data: one\r\ndata: two\rdata: three\n\r";
    let events = frame([&text[..]]);
    assert_eq!(data(&events), [b"one\ntwo\nthree"]);
    assert!(events[0].is_terminated());
}

#[test]
fn an_event_that_ends_in_cr_is_not_held_back() {
    let mut framer = Framer::new();
    framer.push(Bytes::from_static(b"data: one\r\n\r"));
    let event = framer.next_event().unwrap().unwrap();
    assert_eq!(event.raw(), "data: one\r\n\r");
    assert!(framer.next_event().unwrap().is_none());

    framer.push(Bytes::from_static(b"\ndata: two\r\n\r\n"));
    let line_feed = framer.next_event().unwrap().unwrap();
    assert_eq!(line_feed.raw(), "\n");
    assert!(line_feed.is_blank() && line_feed.data().is_none());
    let event = framer.next_event().unwrap().unwrap();
    assert_eq!(event.raw(), "data: two\r\n\r\n");
    assert!(framer.next_event().unwrap().is_none());
    assert!(framer.finish().is_none());
}

#[test]
fn a_crlf_within_an_event_may_be_cut() {
    let events = frame([&b"data: one\r"[..], b"\ndata: two\r", b"\n\r", b"\n"]);
    assert_eq!(data(&events), [b"one\ntwo"]);
    assert_eq!(events[0].raw(), "data: one\r\ndata: two\r\n\r");
}

#[test]
fn a_cut_after_cr_does_not_eat_a_blank_line() {
    // CR at the end of the chunk, then LF LF: the first LF belongs to the CR, the second is the
    // blank line.
    let events = frame([&b"data: one\r"[..], b"\n\ndata: two\n\n"]);
    assert_eq!(data(&events), [b"one", b"two"]);
    assert_eq!(events.len(), 2);
}

#[test]
fn spare_blank_lines_are_blocks_of_their_own() {
    let events = frame([&b"\n\ndata: one\n\n\n"[..]]);
    assert_eq!(events.len(), 4);
    assert_eq!(events.iter().filter(|event| event.is_blank()).count(), 3);
    assert_eq!(data(&events), [b"one"]);
}

// === byte order mark ===

#[test]
fn one_byte_order_mark_at_the_start_is_ignored_and_kept() {
    let text = [BOM, b"data: one\n\n"].concat();
    for cut in 0..text.len() {
        let (a, b) = text.split_at(cut);
        let events = frame([a, b]);
        assert_eq!(data(&events), [b"one"], "cut at {cut}");
        assert_eq!(raw(&events), text);
    }
}

#[test]
fn a_byte_order_mark_before_a_blank_line_leaves_the_line_blank() {
    let text = [BOM, b"\ndata: one\n\n"].concat();
    for cut in 0..text.len() {
        let (a, b) = text.split_at(cut);
        let events = frame([a, b]);
        assert_eq!(events.len(), 2, "cut at {cut}");
        assert!(events[0].is_blank());
        assert_eq!(data(&events), [b"one"]);
    }
}

#[test]
fn a_second_byte_order_mark_is_part_of_the_field_name() {
    let text = [
        BOM,
        BOM,
        b"data: one\n\n",
        BOM,
        b"data: two\n\ndata: three\n\n",
    ]
    .concat();
    assert_eq!(data(&frame([&text[..]])), [b"three"]);
    let field = BOM.iter().chain(b"data").copied().collect::<Vec<_>>();
    let events = frame([&text[..]]);
    assert_eq!(events[1].fields().next().unwrap().name(), field);
}

// === fields ===

#[test]
fn one_space_after_the_colon_is_optional() {
    let events = frame([&b"data:one\n\ndata: two\n\ndata:  three\n\ndata:\n\ndata: \n\n"[..]]);
    assert_eq!(data(&events), [&b"one"[..], b"two", b" three", b"", b""]);
}

#[test]
fn a_line_without_a_colon_is_a_field_without_a_value() {
    let events = frame([&b"data\n\ndata\ndata\n\nevent\ndata: x\n\n"[..]]);
    assert_eq!(data(&events), [&b""[..], b"\n", b"x"]);
    assert_eq!(events[2].name(), Some(""));
}

#[test]
fn comments_other_fields_and_similar_names_carry_no_data() {
    let text = b": ping\n\n:\n\nid: 7\nretry: 10\n\ndatax: 1\nDATA: 2\n data: 3\n\n";
    let events = frame([&text[..]]);
    assert_eq!(events.len(), 4);
    assert!(events.iter().all(|event| event.data().is_none()));
    assert!(events[0].is_comment() && events[1].is_comment());
    assert!(!events[2].is_comment() && !events[2].is_blank());
    let fields: Vec<_> = events[2].fields().map(|f| (f.name(), f.value())).collect();
    assert_eq!(fields, [(&b"id"[..], &b"7"[..]), (b"retry", b"10")]);
}

#[test]
fn the_last_name_counts_and_comments_may_stand_between() {
    let events = frame([&b"event: a\n: note\nevent:b\ndata: x\n\n"[..]]);
    assert_eq!(events[0].name(), Some("b"));
    assert!(!events[0].is_comment());
}

// === end of the stream ===

#[test]
fn a_missing_blank_line_leaves_a_rest() {
    for rest in ["data: [DONE]\n", "data: [DONE]", "data: [DONE]\r"] {
        let text = format!("data: one\n\n{rest}");
        let events = frame([text.as_bytes()]);
        assert_eq!(events.len(), 2);
        assert!(!events[1].is_terminated());
        assert!(events[1].is_done());
        assert_eq!(events[1].raw(), rest);
    }
}

#[test]
fn a_framer_without_bytes_has_no_rest() {
    assert!(Framer::new().finish().is_none());
    assert!(frame([&b""[..], b"data: one\n\n", b""]).len() == 1);
}

#[test]
fn bytes_that_were_not_taken_out_are_not_lost() {
    let mut framer = Framer::new();
    framer.push(Bytes::from_static(b"data: one\n\ndata: two\n\nda"));
    assert_eq!(
        framer.next_event().unwrap().unwrap().data(),
        Some(&b"one"[..])
    );
    framer.push(Bytes::from_static(b"ta: three\n\n"));
    assert_eq!(
        framer.next_event().unwrap().unwrap().data(),
        Some(&b"two"[..])
    );
    assert_eq!(
        framer.next_event().unwrap().unwrap().data(),
        Some(&b"three"[..])
    );

    let mut framer = Framer::new();
    framer.push(Bytes::from_static(b"data: one\n\nda"));
    assert_eq!(framer.finish().unwrap().raw(), "data: one\n\nda");
}

// === limits and cost ===

#[test]
fn an_event_over_the_limit_is_an_error_however_it_is_cut() {
    for eol in ["\n", "\r\n", "\r"] {
        let text = format!("data: 0123456789{eol}{eol}");
        // The LF of the last CRLF does not count.
        let size = text.len() - usize::from(eol == "\r\n");
        for limit in size - 3..size + 2 {
            for cut in 0..=text.len() {
                let mut framer = Framer::new().max_event_bytes(limit);
                let (a, b) = text.as_bytes().split_at(cut);
                let mut failed = false;
                for chunk in [b": ok\n\n", a, b] {
                    framer.push(Bytes::copy_from_slice(chunk));
                    loop {
                        match framer.next_event() {
                            Ok(Some(_)) => {}
                            Ok(None) => break,
                            Err(error) => {
                                assert_eq!(error.limit(), limit);
                                failed = true;
                                break;
                            }
                        }
                    }
                }
                assert_eq!(failed, size > limit, "{eol:?}, limit {limit}, cut {cut}");
            }
        }
    }
}

#[test]
fn an_error_stays_and_says_what_to_do() {
    let mut framer = Framer::new().max_event_bytes(8);
    framer.push(Bytes::from_static(b"data: 1\n\ndata: 12345\n\ndata: 2\n\n"));
    let error = framer.next_event().unwrap_err();
    assert_eq!(framer.next_event().unwrap_err(), error);
    assert!(error.to_string().contains("larger than 8 bytes"));
}

#[test]
fn an_endless_event_is_refused_while_it_arrives() {
    let mut framer = Framer::new().max_event_bytes(1000);
    for _ in 0..10 {
        framer.push(Bytes::from_static(&[b'x'; 100]));
        assert!(framer.next_event().unwrap().is_none());
    }
    assert_eq!(framer.held_bytes(), 1000);
    framer.push(Bytes::from_static(b"x"));
    assert!(framer.next_event().is_err());
}

#[test]
fn no_byte_is_looked_at_twice() {
    let mut text = b"data: ".to_vec();
    text.resize(1 << 20, b'x');
    text.extend_from_slice(b"\ndata: y\n\n");
    let mut framer = Framer::new().max_event_bytes(2 << 20);
    let mut events = 0;
    let text = Bytes::from(text);
    for at in 0..text.len() {
        framer.push(text.slice(at..=at));
        while framer.next_event().unwrap().is_some() {
            events += 1;
        }
    }
    assert_eq!(events, 1);
    assert_eq!(framer.looked_at, text.len());
}

#[test]
fn whole_events_share_the_memory_of_their_chunk() {
    let chunk = Bytes::from_static(b"data: one\n\ndata: two\n\ndata: th");
    let mut framer = Framer::new();
    framer.push(chunk.clone());
    let one = framer.next_event().unwrap().unwrap();
    let two = framer.next_event().unwrap().unwrap();
    assert_eq!(one.raw().as_ptr(), chunk.as_ptr());
    assert_eq!(two.raw().as_ptr(), chunk[11..].as_ptr());
    assert_eq!(two.data_bytes().unwrap().as_ptr(), chunk[17..].as_ptr());
}

#[test]
fn debug_shows_no_data() {
    let events = frame([&b"event: x\ndata: secret\n\n"[..]]);
    let shown = format!(
        "{:?} {:?}",
        events[0],
        events[0].fields().collect::<Vec<_>>()
    );
    assert!(
        shown.contains("\"x\"") && !shown.contains("secret"),
        "{shown}"
    );
}

// === properties ===

/// Bytes that are likely to be or to break an event stream.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        8 => Just(b"\n".to_vec()),
        6 => Just(b"\r\n".to_vec()),
        6 => Just(b"\r".to_vec()),
        6 => Just(b"data".to_vec()),
        3 => Just(b"event".to_vec()),
        8 => Just(b":".to_vec()),
        4 => Just(b" ".to_vec()),
        2 => Just(b"[DONE]".to_vec()),
        1 => Just(b"\xEF".to_vec()),
        2 => Just(BOM.to_vec()),
        2 => Just("data: {\"x\":\"\u{2028}\"}".as_bytes().to_vec()),
        3 => proptest::collection::vec(any::<u8>(), 0..4),
    ];
    (any::<bool>(), proptest::collection::vec(token, 0..40)).prop_map(|(bom, tokens)| {
        let mut stream = if bom { BOM.to_vec() } else { Vec::new() };
        stream.extend(tokens.concat());
        stream
    })
}

/// `text` in pieces of the given lengths, over and over.
fn cut<'a>(text: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut rest = text;
    for length in lengths.iter().cycle() {
        let (piece, after) = rest.split_at((*length).min(rest.len()));
        pieces.push(piece);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    pieces
}

proptest! {
    #[test]
    fn events_are_those_of_the_standard(text in stream()) {
        prop_assert_eq!(dispatched(&frame([&text[..]])), reference::dispatched(&text));
    }

    #[test]
    fn the_bytes_out_are_the_bytes_in(
        text in stream(),
        lengths in proptest::collection::vec(1usize..9, 1..8),
    ) {
        prop_assert_eq!(raw(&frame(cut(&text, &lengths))), text);
    }

    #[test]
    fn events_do_not_depend_on_the_cuts(
        text in stream(),
        lengths in proptest::collection::vec(1usize..9, 1..8),
    ) {
        let whole = frame([&text[..]]);
        let bytes = frame(text.chunks(1));
        let pieces = frame(cut(&text, &lengths));
        prop_assert_eq!(described(&whole), described(&bytes));
        prop_assert_eq!(described(&whole), described(&pieces));
        for at in 0..text.len() {
            let (a, b) = text.split_at(at);
            let halves = frame([a, b]);
            prop_assert_eq!(raw(&halves), &text[..]);
            prop_assert_eq!(described(&whole), described(&halves));
        }
    }
}
