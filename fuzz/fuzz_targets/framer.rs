//! The framer against the rules of the standard, for any bytes and any cuts.
//!
//! The first byte says how many bytes after it are lengths of chunks; the rest is the stream.

#![no_main]

use bytes::Bytes;
use fw_stream::{Event, Framer};
use libfuzzer_sys::fuzz_target;

#[path = "../../crates/fw-stream/src/framer/reference.rs"]
mod reference;

fuzz_target!(|input: &[u8]| {
    let Some((count, input)) = input.split_first() else {
        return;
    };
    let (lengths, stream) = input.split_at(usize::from(*count % 16).min(input.len()));

    let whole = frame([stream]);
    let cut = frame(pieces(stream, lengths));
    let bytes = frame(stream.chunks(1));

    let expected = reference::dispatched(stream);
    for events in [&whole, &cut, &bytes] {
        assert_eq!(dispatched(events), expected);
        assert_eq!(raw(events), stream);
    }
    for event in &whole {
        check_rewrite(event);
    }
});

fn frame<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
    let mut framer = Framer::new();
    let mut events = Vec::new();
    for chunk in chunks {
        framer.push(Bytes::copy_from_slice(chunk));
        while let Some(event) = framer.next_event().expect("far below the limit") {
            assert!(event.is_terminated());
            events.push(event);
        }
    }
    events.extend(framer.finish());
    events
}

fn pieces<'a>(stream: &'a [u8], lengths: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut rest = stream;
    for length in lengths {
        let (piece, after) = rest.split_at(usize::from(*length).min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

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

fn raw(events: &[Event]) -> Vec<u8> {
    events
        .iter()
        .flat_map(|event| event.raw().to_vec())
        .collect()
}

/// Other data reads back, and the other fields stay.
fn check_rewrite(event: &Event) {
    let changed = frame([&event.with_data(b"new\n data")[..]]);
    let others = |event: &Event| -> Vec<(Vec<u8>, Vec<u8>)> {
        let others = event.fields().filter(|field| field.name() != b"data");
        others
            .map(|field| (field.name().to_vec(), field.value().to_vec()))
            .collect()
    };
    // A byte order mark that was in the middle of the stream would now be at the start of one.
    if event.raw().starts_with(b"\xEF\xBB\xBF") {
        return;
    }
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].data(), Some(&b"new\n data"[..]));
    assert_eq!(others(&changed[0]), others(event));
}
