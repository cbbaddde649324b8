mod bounds;
mod endpoints;
mod invariant;

use bytes::Bytes;
use fw_wire::{ApiError, Document, Value};

use super::*;
use crate::filter::{Scan, Window, filter_text};
use crate::framer::Framer;
use crate::pieces::Pieces;

/// Writes `#` for each run of digits, and stops at `STOP`. As long as digits may go on, it waits; with
/// `words`, as long as a word may go on.
#[derive(Clone, Copy, Default)]
struct Mask {
    words: bool,
}

impl TextFilter for Mask {
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
        let text = window.text();
        if text[window.start()..].contains("STOP") {
            return Scan::Stop(Box::new(ApiError::invalid_request("no").code("blocked")));
        }
        let open = |c: char| c.is_ascii_digit() || (self.words && !c.is_whitespace());
        let mut settled = text.len();
        if !window.is_end() {
            settled = text.trim_end_matches(open).len().max(window.start());
            // "STOP" may be cut anywhere as well.
            for part in ["STO", "ST", "S"] {
                if text[..settled].ends_with(part) {
                    settled = (settled - part.len()).max(window.start());
                }
            }
        }
        let mut at = window.start();
        while let Some(found) = text[at..settled].find(|c: char| c.is_ascii_digit()) {
            let start = at + found;
            let rest = &text[start..settled];
            let length = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            edits.replace(start..start + length, "#");
            at = start + length;
        }
        Scan::Settled(settled)
    }
}

/// What [`Mask`] makes of a whole text.
fn masked(text: &str) -> String {
    let mut mask = Mask::default();
    filter_text(&mut mask, text)
        .unwrap()
        .unwrap_or(text.to_owned())
}

/// A stream whose chunks are handed in one by one.
struct Stream<M: Filters> {
    filter: FilterText<M>,
    framer: Framer,
    pieces: Pieces,
    ended: bool,
}

fn mask(_: &Channel) -> Option<Mask> {
    Some(Mask::default())
}

fn stream(endpoint: Endpoint) -> Stream<fn(&Channel) -> Option<Mask>> {
    Stream::new(FilterText::new(
        endpoint,
        mask as fn(&Channel) -> Option<Mask>,
    ))
}

impl<M: Filters> Stream<M> {
    fn new(filter: FilterText<M>) -> Self {
        Self {
            filter,
            framer: Framer::new(),
            pieces: Pieces::default(),
            ended: false,
        }
    }

    /// Hands in a chunk, and gives what leaves.
    fn push(&mut self, chunk: &str) -> String {
        self.framer.push(Bytes::copy_from_slice(chunk.as_bytes()));
        while let Some(event) = self.framer.next_in_chunk().unwrap() {
            let mut sink = self.pieces.on(self.framer.chunk());
            let mut out = Output::new(Some(&event), &mut sink);
            if self.filter.event(&event, &mut out) == Flow::End {
                self.ended = true;
                break;
            }
        }
        let frame = self.pieces.take(self.framer.take_chunk());
        String::from_utf8(frame.to_vec()).unwrap()
    }

    /// Hands in an event with this data.
    fn data(&mut self, data: &str) -> String {
        self.push(&event(data))
    }

    fn end(&mut self) -> String {
        let chunk = Bytes::new();
        if let Some(rest) = self.framer.take_rest() {
            let mut sink = self.pieces.on(&chunk);
            let _ = self
                .filter
                .event(&rest, &mut Output::new(Some(&rest), &mut sink));
        }
        let mut sink = self.pieces.on(&chunk);
        let mut out = Output::new(None, &mut sink);
        self.filter.end(StreamEnd::Finished, &mut out);
        String::from_utf8(self.pieces.take(chunk).to_vec()).unwrap()
    }
}

fn event(data: &str) -> String {
    format!("data: {data}\n\n")
}

/// A chat chunk whose delta has one member.
fn delta(choice: u32, member: &str, text: &str) -> String {
    let mut json = String::new();
    fw_wire::encode_str(&mut json, text);
    chunk(choice, &format!("{{\"{member}\":{json}}}"), "null")
}

fn content(text: &str) -> String {
    delta(0, "content", text)
}

fn chunk(choice: u32, delta: &str, finish: &str) -> String {
    event(&format!(
        r#"{{"id":"U","object":"chat.completion.chunk","created":1,"model":"M","choices":[{{"index":{choice},"delta":{delta},"finish_reason":{finish}}}],"usage":null}}"#
    ))
}

fn finish(choice: u32) -> String {
    chunk(choice, "{}", "\"stop\"")
}

/// The data of all events.
fn datas(events: &str) -> Vec<&str> {
    events
        .split("\n\n")
        .filter_map(|event| event.lines().find_map(|line| line.strip_prefix("data: ")))
        .collect()
}

/// The text at a path of every event, put together as clients do.
fn joined(events: &str, path: &[&str]) -> String {
    datas(events)
        .iter()
        .filter_map(|data| {
            let document = Document::parse(data.as_bytes().to_vec()).ok()?;
            let mut value: Value<'_> = document.root();
            for step in path {
                value = match step.parse() {
                    Ok(index) => value.index(index)?,
                    Err(_) => value.get(step)?,
                };
            }
            Some(value.as_str()?.into_owned())
        })
        .collect()
}

const CONTENT: [&str; 4] = ["choices", "0", "delta", "content"];

// === holding and leaving ===

#[test]
fn an_event_whose_text_is_settled_leaves_at_once_and_untouched() {
    let mut stream = stream(Endpoint::ChatCompletions);
    for chunk in [
        chunk(0, r#"{"role":"assistant"}"#, "null"),
        content("Hello"),
        content(" w\u{f6}rld \"x\"\n"),
        ": keep-alive\n\n".to_owned(),
        finish(0),
        event("[DONE]"),
    ] {
        assert_eq!(stream.push(&chunk), chunk);
    }
    assert_eq!(stream.end(), "");
}

#[test]
fn an_event_that_waits_leaves_untouched_if_nothing_is_found() {
    let mut stream = Stream::new(FilterText::new(Endpoint::ChatCompletions, |_: &Channel| {
        Some(Mask { words: true })
    }));
    let (a, b, c) = (content("Hel"), content("lo"), content(" you "));
    assert_eq!(stream.push(&a), "");
    assert_eq!(stream.push(&b), "");
    assert_eq!(stream.push(&c), [a, b, c].concat());
}

#[test]
fn what_is_replaced_goes_where_it_began() {
    let mut stream = stream(Endpoint::ChatCompletions);
    let mut out = String::new();
    for text in ["room ", "a1", "23", "4", "5b", " ok"] {
        out += &stream.push(&content(text));
    }
    let expected = ["room ", "a#", "", "", "b", " ok"].map(content).concat();
    assert_eq!(out, expected);
}

#[test]
fn all_that_waits_leaves_before_the_choice_is_finished() {
    let mut stream = stream(Endpoint::ChatCompletions);
    assert_eq!(stream.push(&content("pin 1")), "");
    assert_eq!(stream.push(&content("2")), "");
    assert_eq!(
        stream.push(&finish(0)),
        content("pin #") + &content("") + &finish(0)
    );
}

#[test]
fn the_finishing_event_may_carry_the_last_text() {
    let usage = event(r#"{"choices":[],"usage":{"total_tokens":3}}"#);
    let last = chunk(0, r#"{"content":"23"}"#, "\"stop\"");
    for next in [usage, finish(0), event("[DONE]")] {
        let mut stream = stream(Endpoint::ChatCompletions);
        assert_eq!(stream.push(&content("pin 1")), "");
        assert_eq!(stream.push(&last), "", "it may not be the last");
        let expected = content("pin #") + &last.replace("23", "") + &next;
        assert_eq!(stream.push(&next), expected);
    }
    let mut stream = stream(Endpoint::ChatCompletions);
    assert_eq!(stream.push(&last), "");
    assert_eq!(stream.end(), last.replace("23", "#"));
}

#[test]
fn a_finish_reason_in_every_event_ends_nothing() {
    let finished = |text: &str| chunk(0, &format!(r#"{{"content":"{text}"}}"#), "\"stop\"");
    let mut stream = stream(Endpoint::ChatCompletions);
    let mut out = String::new();
    for text in ["a 1", "2", "", "3", "4 b", " 5", "", "6"] {
        out += &stream.push(&finished(text));
    }
    out += &stream.push(&event("[DONE]"));
    assert_eq!(
        out,
        ["a #", "", "", "", " b", " #", "", ""]
            .map(finished)
            .concat()
            + &event("[DONE]")
    );
}

#[test]
fn a_choice_that_goes_on_after_its_end_is_not_believed_again() {
    let mut stream = stream(Endpoint::ChatCompletions);
    let mut out = stream.push(&finish(0));
    for event in [content("1"), finish(0), content("2")] {
        out += &stream.push(&event);
    }
    out += &stream.end();
    assert_eq!(
        out,
        [finish(0), content("#"), finish(0), content("")].concat()
    );
}

#[test]
fn what_may_be_the_last_text_of_a_choice_keeps_no_other_waiting() {
    let mut stream = stream(Endpoint::ChatCompletions);
    let last = chunk(0, r#"{"content":"end 1"}"#, "\"stop\"");
    assert_eq!(stream.push(&last), "");
    for event in [
        delta(1, "content", "a"),
        delta(1, "content", "b"),
        finish(1),
    ] {
        assert_eq!(stream.push(&event), event);
    }
    assert_eq!(
        stream.push(&event("[DONE]")),
        last.replace("end 1", "end #") + &event("[DONE]")
    );
}

#[test]
fn all_that_waits_leaves_at_the_end_marker_and_at_the_end() {
    let mut whole = stream(Endpoint::ChatCompletions);
    assert_eq!(whole.push(&content("1")), "");
    assert_eq!(
        whole.push(&event("[DONE]")),
        content("#") + &event("[DONE]")
    );
    let mut broken = stream(Endpoint::ChatCompletions);
    assert_eq!(broken.push(&content("1")), "");
    assert_eq!(broken.end(), content("#"));
}

#[test]
fn another_text_of_the_choice_ends_the_one_before() {
    let mut stream = stream(Endpoint::ChatCompletions);
    assert_eq!(stream.push(&delta(0, "reasoning_content", "is it 4")), "");
    assert_eq!(
        stream.push(&content("Yes")),
        delta(0, "reasoning_content", "is it #") + &content("Yes")
    );
}

#[test]
fn choices_do_not_end_each_other() {
    let mut stream = stream(Endpoint::ChatCompletions);
    let mut out = stream.push(&delta(0, "content", "1"));
    out += &stream.push(&delta(1, "content", "a"));
    assert_eq!(out, "");
    out += &stream.push(&delta(0, "content", "2 "));
    assert_eq!(
        out,
        delta(0, "content", "#") + &delta(1, "content", "a") + &delta(0, "content", " ")
    );
}

#[test]
fn keep_alives_do_not_wait_and_other_events_do() {
    let mut stream = stream(Endpoint::ChatCompletions);
    assert_eq!(stream.push(&content("1")), "");
    assert_eq!(stream.push(": still here\n\n"), ": still here\n\n");
    let usage = event(r#"{"choices":[],"usage":{"total_tokens":3}}"#);
    assert_eq!(stream.push(&usage), "");
    assert_eq!(
        stream.push(&content(" ")),
        content("#") + &usage + &content(" ")
    );
}

#[test]
fn the_settled_part_of_a_large_delta_does_not_wait() {
    let mut stream = stream(Endpoint::ChatCompletions);
    stream.push(&content("Hello"));
    let out = stream.push(&content("the number of the \"house\" is 12"));
    assert_eq!(out, content("the number of the \"house\" is "));
    assert_eq!(stream.push(&content("3 ")), content("#") + &content(" "));

    let mut whole = super::FilterText::new(Endpoint::ChatCompletions, mask).split_from(usize::MAX);
    whole.max_held_events = 64;
    let mut stream = Stream::new(whole);
    stream.push(&content("Hello"));
    assert_eq!(stream.push(&content("the number of the house is 12")), "");
}

#[test]
fn a_large_delta_is_split_with_what_was_found_in_its_settled_part() {
    let mut stream = stream(Endpoint::ChatCompletions);
    stream.push(&content("Hello"));
    let out = stream.push(&content("\n4321 steps to the house in street 12"));
    assert_eq!(out, content("\n# steps to the house in street "));
    assert_eq!(stream.push(&finish(0)), content("#") + &finish(0));
}

#[test]
fn texts_that_stay_the_same_beside_a_delta_are_looked_at_once() {
    let chunk = |content: &str, raw: &str| {
        event(&format!(
            r#"{{"choices":[{{"index":0,"delta":{{"content":"{content}"}},"raw_output":{{"completion":"{raw}"}}}}]}}"#
        ))
    };
    let mut clean = stream(Endpoint::ChatCompletions);
    clean.push(&chunk("a", "x"));
    assert!(clean.filter.reading.is_some());
    assert_eq!(clean.push(&chunk("b 1", "x")), "");
    assert!(clean.filter.reading.is_none(), "it was not read again");
    // And it is not split: its other texts would be said twice.
    let long = "the number of the house in this street is 12";
    assert_eq!(clean.push(&chunk(long, "x")), chunk("b #", "x"),);
    assert_eq!(clean.end(), chunk(&long.replace("12", "#"), "x"));

    let mut found = stream(Endpoint::ChatCompletions);
    for content in ["a", "b", "c"] {
        assert_eq!(found.push(&chunk(content, "7")), chunk(content, "#"));
    }
}

#[test]
fn an_upstream_chunk_that_passes_whole_is_not_copied() {
    let mut stream = Stream::new(FilterText::new(Endpoint::ChatCompletions, |_: &Channel| {
        Some(Mask { words: true })
    }));
    let chunk = Bytes::from([content("one "), content("two"), content(" ")].concat());
    stream.framer.push(chunk.clone());
    while let Some(event) = stream.framer.next_in_chunk().unwrap() {
        let mut sink = stream.pieces.on(stream.framer.chunk());
        let _ = stream
            .filter
            .event(&event, &mut Output::new(Some(&event), &mut sink));
    }
    let frame = stream.pieces.take(stream.framer.take_chunk());
    assert_eq!(frame.as_ptr(), chunk.as_ptr());
    assert_eq!(frame, chunk);
}
