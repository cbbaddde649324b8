//! What happens when something is wrong.

use super::*;

#[test]
fn a_filter_that_stops_drops_what_waits_and_ends_the_stream_with_its_error() {
    let mut stream = stream(Endpoint::ChatCompletions);
    assert_eq!(stream.push(&content("a 1")), "");
    let out = stream.push(&content(" STOP"));
    assert!(stream.ended);
    assert_eq!(datas(&out).len(), 1);
    assert!(
        out.starts_with(r#"data: {"error":{"message":"no","#),
        "{out}"
    );
    assert!(out.contains("blocked"));
    assert_eq!(stream.end(), "");
}

#[test]
fn an_event_that_is_no_json_ends_the_stream_unless_told_otherwise() {
    let mut closed = stream(Endpoint::ChatCompletions);
    assert_eq!(closed.push(&content("a 1")), "");
    let out = closed.data(r#"{"choices":[{"index":0,"delta":{"content":"2"#);
    assert!(out.starts_with(&content("a #")));
    assert!(out.contains("unreadable_event") && closed.ended);

    let mut open =
        Stream::new(FilterText::new(Endpoint::ChatCompletions, mask).fail_mode(FailMode::Open));
    assert_eq!(open.data("{not json 12"), event("{not json 12"));
}

#[test]
fn data_without_anything_in_it_is_no_failure() {
    let mut stream = stream(Endpoint::ChatCompletions);
    assert_eq!(stream.push("data: \n\n"), "data: \n\n");
    assert_eq!(stream.push("event: x\nid: 3\n\n"), "event: x\nid: 3\n\n");
}

#[test]
fn a_rest_that_is_no_json_is_left_out() {
    let mut stream = stream(Endpoint::ChatCompletions);
    assert_eq!(stream.push(&content("pin 1")), "");
    assert_eq!(
        stream.push("data: {\"choices\":[{\"delta\":{\"content\":\"23"),
        ""
    );
    assert_eq!(stream.end(), content("pin #"));
}

#[test]
fn events_of_other_choices_overtake_one_that_stalls() {
    let mut stream =
        Stream::new(FilterText::new(Endpoint::ChatCompletions, mask).max_held_events(3));
    let other = |text| delta(1, "content", text);
    assert_eq!(stream.push(&content("1")), "");
    assert_eq!(stream.push(&other("a")), "");
    assert_eq!(stream.push(&other("b")), "");
    assert_eq!(
        stream.push(&other("c")),
        other("a") + &other("b") + &other("c")
    );
    // What is of both choices goes ahead of neither.
    let usage = event(r#"{"choices":[],"usage":{"total_tokens":3}}"#);
    assert_eq!(stream.push(&usage), "");
    assert_eq!(stream.push(&other("d")), "");
    assert_eq!(stream.push(&other("e")), "");
    assert_eq!(
        stream.push(&content("2 ")),
        content("#") + &usage + &other("d") + &other("e") + &content(" ")
    );
}

#[test]
fn what_waits_is_bounded() {
    let make = || FilterText::new(Endpoint::ChatCompletions, mask).max_held_bytes(10_000);
    let digits = || std::iter::repeat_n(content("1"), 100);

    let mut closed = Stream::new(make());
    let out: String = digits()
        .take_while(|_| true)
        .map(|chunk| {
            if closed.ended {
                String::new()
            } else {
                closed.push(&chunk)
            }
        })
        .collect();
    assert!(closed.ended && out.contains("held_too_long"), "{out}");
    assert!(!out.contains("\"1\""));

    let mut open = Stream::new(make().fail_mode(FailMode::Open));
    let out: String = digits().map(|chunk| open.push(&chunk)).collect();
    let text = joined(&out, &CONTENT);
    assert!(
        !open.ended && text.contains('#') && !text.contains('1'),
        "{text}"
    );
    assert!(open.filter.queue.bytes() <= 10_000);
}

#[test]
fn texts_that_go_on_at_once_are_bounded() {
    let many = |stream: &mut Stream<_>| -> String {
        let choices = 0..=MAX_CHANNELS as u32;
        choices
            .map(|choice| stream.push(&delta(choice, "content", "a 1")))
            .collect()
    };
    let at_once = {
        let choice = |index| format!(r#"{{"index":{index},"delta":{{"content":"{index}"}}}}"#);
        let choices: Vec<String> = (0..=MAX_CHANNELS).map(choice).collect();
        event(&format!(r#"{{"choices":[{}]}}"#, choices.join(",")))
    };
    let make = || {
        FilterText::new(
            Endpoint::ChatCompletions,
            mask as fn(&Channel) -> Option<Mask>,
        )
    };
    let mut closed = Stream::new(make());
    let out = many(&mut closed);
    assert!(closed.ended && out.contains("too_many_texts"));
    assert!(!out.contains("a 1"));
    let mut closed = Stream::new(make());
    let out = closed.push(&at_once);
    assert!(closed.ended && out.contains("too_many_texts"));

    let mut open = Stream::new(make().fail_mode(FailMode::Open));
    let out = many(&mut open);
    assert!(!open.ended && out.contains("a #") && !out.contains("a 1"));
    assert_eq!(open.push(&at_once), "");
    assert!(open.end().ends_with(&at_once));
}

#[test]
fn many_edits_in_one_text_with_escapes_take_one_walk_each() {
    // A walk from the start for each edit would take minutes here.
    let spelt = |digit: &str| format!(r"{digit}\u0061\n").repeat(60_000);
    let with = |text: String| {
        event(&format!(
            r#"{{"choices":[{{"index":0,"delta":{{"content":"{text}"}}}}]}}"#
        ))
    };
    let mut delta = stream(Endpoint::ChatCompletions);
    assert!(delta.push(&with(spelt("1"))) == with(spelt("#")));
    let with = |text: String| {
        event(&format!(
            r#"{{"type":"response.output_text.done","text":"{text}"}}"#
        ))
    };
    let mut whole = stream(Endpoint::Responses);
    assert!(whole.push(&with(spelt("1"))) == with(spelt("#")));
}

#[test]
fn only_the_end_marker_itself_leaves_as_one() {
    let mut stream = stream(Endpoint::ChatCompletions);
    assert_eq!(
        stream.push("data: [DONE] \r\n\r\n"),
        "data: [DONE] \r\n\r\n"
    );
    assert_eq!(stream.push(&content("1")), "");
    assert_eq!(
        stream.push("data: [DONE] and more\n\n"),
        content("#") + "data: [DONE]\n\n"
    );
    assert_eq!(
        stream.push("id: 4\ndata: [DONE]\ndata: {\"a\":1}\n\n"),
        "id: 4\ndata: [DONE]\n\n"
    );
}

#[test]
fn beside_its_data_an_event_keeps_only_words() {
    let mut stream = stream(Endpoint::ChatCompletions);
    let data = "data: {\"choices\":[]}\r\n";
    for kept in [
        "event: response.output_text.delta\r\n",
        "id: 1526919030474-55\r\n",
        "retry: 3000\r\n",
        ": OPENROUTER PROCESSING\r\n",
        "id\r\n",
        ":\r\n",
    ] {
        let event = [kept, data, "\r\n"].concat();
        assert_eq!(stream.push(&event), event);
    }
    let long = "x".repeat(65);
    for (line, left) in [
        ("event: call 12 34\r\n", ""),
        (&*format!("event: {long}\r\n"), ""),
        ("id: a@b.example\r\n", ""),
        ("retry: in 3 s\r\n", ""),
        ("foo: bar\r\n", ""),
        ("foo\r\n", ""),
        ("event: a\r\nevent: b c\r\n", "event: a\r\n"),
        (": call 12 34\r\n", ":\r\n"),
    ] {
        let event = [line, data, "\r\n"].concat();
        assert_eq!(stream.push(&event), [left, data, "\r\n"].concat());
        let event = [data, line, "\r\n"].concat();
        assert_eq!(stream.push(&event), [data, left, "\r\n"].concat());
    }
    // However short it is.
    for line in ["%\n", "1\n", "event:2\n"] {
        let event = format!("event:a\n{line}data:{{\"choices\":[]}}\n\n");
        let kept = if line.starts_with("event") { line } else { "" };
        let left = format!("event:a\n{kept}data:{{\"choices\":[]}}\n\n");
        assert_eq!(stream.push(&event), left);
    }
    assert_eq!(stream.push(": call 12 34\n\n"), ":\n\n");
    assert_eq!(stream.push("id: a b\n\n"), "\n");
    // It waits without them.
    assert_eq!(stream.push(&format!("id: a b\n{}", content("1"))), "");
    assert_eq!(stream.push(&content("2 ")), content("#") + &content(" "));
}

#[test]
fn a_channel_without_a_filter_waits_for_nothing() {
    let mut stream = Stream::new(FilterText::new(
        Endpoint::ChatCompletions,
        |channel: &Channel| (channel.choice_index() == 0).then(Mask::default),
    ));
    let other = delta(1, "content", "12");
    assert_eq!(stream.push(&other), other);
    assert_eq!(stream.push(&content("12")), "");
}

#[test]
fn text_that_no_event_is_left_for_leaves_in_one_like_the_last() {
    /// Adds a word at the end.
    struct Suffix;
    impl TextFilter for Suffix {
        fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
            let end = window.text().len();
            if window.is_end() {
                edits.replace(end..end, "!\"");
            }
            Scan::Settled(end)
        }
    }
    let mut stream = Stream::new(FilterText::new(Endpoint::ChatCompletions, |_: &Channel| {
        Some(Suffix)
    }));
    assert_eq!(stream.push(&content("Hello")), content("Hello"));
    assert_eq!(stream.push(&finish(0)), content("!\"") + &finish(0));
    // Text in the finishing event takes it along.
    let last = chunk(1, r#"{"content":"bye"}"#, "\"stop\"");
    assert_eq!(stream.push(&last), "");
    assert_eq!(stream.end(), last.replace("bye", r#"bye!\""#));
}

#[test]
fn escapes_of_lone_surrogates_pass_and_can_be_filtered() {
    let mut stream = stream(Endpoint::ChatCompletions);
    let raw = |text: &str| chunk(0, &format!(r#"{{"content":"{text}"}}"#), "null");
    for text in [r"a\ud83d", r"\ude00b", r"\ud83d"] {
        assert_eq!(stream.push(&raw(text)), raw(text));
    }
    assert_eq!(
        stream.push(&raw(r"\ud83d 12 \ude00")),
        raw(r"\ud83d # \ude00")
    );
}

#[test]
fn debug_shows_no_text() {
    let mut stream = stream(Endpoint::ChatCompletions);
    stream.push(&content("Bond 007"));
    let shown = format!("{:?}", stream.filter);
    assert!(
        shown.contains("held_events: 1") && !shown.contains("007"),
        "{shown}"
    );
}
