//! Which text of which endpoint is filtered, and when it leaves.

use super::*;

/// Hands in events one by one, each with one text in it, and gives the events that come out.
fn run(endpoint: Endpoint, events: &[String]) -> Vec<String> {
    let mut stream = stream(endpoint);
    let mut out: String = events.iter().map(|event| stream.push(event)).collect();
    out += &stream.end();
    out.split_inclusive("\n\n").map(str::to_owned).collect()
}

/// `12` and `3` at `@` of two events of one channel, then an event that closes it: what is found in both
/// is replaced in the first.
#[track_caller]
fn assert_goes_on(endpoint: Endpoint, data: &str, close: &str) {
    let with = |text: &str| event(&data.replace('@', text));
    let events = [with("a 12"), with("3"), event(close)];
    let mut stream = stream(endpoint);
    assert_eq!(stream.push(&events[0]), "", "it waits: {data}");
    assert_eq!(stream.push(&events[1]), "", "it waits: {data}");
    let out = stream.push(&events[2]);
    assert_eq!(out, with("a #") + &with("") + &event(close), "{data}");
}

/// The text at `@` is looked at by itself: the event leaves at once, filtered.
#[track_caller]
fn assert_whole(endpoint: Endpoint, data: &str) {
    let with = |text: &str| event(&data.replace('@', text));
    let mut stream = stream(endpoint);
    assert_eq!(stream.push(&with("a 12")), with("a #"), "{data}");
    assert_eq!(stream.push(&with("ab")), with("ab"), "{data}");
}

#[test]
fn all_deltas_of_chat() {
    let finish = r#"{"choices":[{"index":2,"delta":{},"finish_reason":"stop"}]}"#;
    for delta in [
        r#""delta":{"content":"@"}"#,
        r#""delta":{"content":[{"type":"text","text":"@"}]}"#,
        r#""delta":{"content":[{"type":"thinking","thinking":"@"}]}"#,
        r#""delta":{"role":"tool","content":"@"}"#,
        r#""delta":{"reasoning_content":"@"}"#,
        r#""delta":{"reasoning":"@"}"#,
        r#""delta":{"reasoning_details":[{"index":0,"text":"@"}]}"#,
        r#""delta":{"reasoning_details":[{"index":0,"summary":"@"}]}"#,
        r#""delta":{"refusal":"@"}"#,
        r#""delta":{"audio":{"transcript":"@"}}"#,
        r#""delta":{"tool_calls":[{"index":1,"custom":{"input":"@"}}]}"#,
        r#""message":{"role":"assistant","content":"@"}"#,
        r#""text":"@""#,
    ] {
        let data = format!(r#"{{"choices":[{{"index":2,{delta},"finish_reason":null}}]}}"#);
        assert_goes_on(Endpoint::ChatCompletions, &data, finish);
        // The index may come later, and members may be spelt otherwise.
        let data = format!(r#"{{"choices":[{{{delta},"ind\u0065x":2}}]}}"#);
        assert_goes_on(Endpoint::ChatCompletions, &data, finish);
    }
}

#[test]
fn all_deltas_of_completions() {
    let finish = r#"{"choices":[{"index":0,"text":"","finish_reason":"length"}]}"#;
    for delta in [r#""text":"@""#, r#""reasoning_content":"@""#] {
        let data = format!(r#"{{"choices":[{{"index":0,{delta},"finish_reason":null}}]}}"#);
        assert_goes_on(Endpoint::Completions, &data, finish);
    }
}

#[test]
fn all_deltas_of_messages() {
    for delta in [
        r#"{"type":"text_delta","text":"@"}"#,
        r#"{"type":"thinking_delta","thinking":"@"}"#,
    ] {
        let data = format!(r#"{{"type":"content_block_delta","index":1,"delta":{delta}}}"#);
        for close in [
            r#"{"type":"content_block_stop","index":1}"#,
            r#"{"type":"message_stop"}"#,
            r#"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
        ] {
            assert_goes_on(Endpoint::Messages, &data, close);
        }
    }
}

#[test]
fn all_deltas_of_responses() {
    for ty in [
        "output_text",
        "refusal",
        "reasoning_text",
        "reasoning_summary_text",
        "custom_tool_call_input",
        "code_interpreter_call_code",
        "something_new",
    ] {
        let data = format!(
            r#"{{"type":"response.{ty}.delta","sequence_number":4,"output_index":1,"content_index":0,"delta":"@"}}"#
        );
        for close in [
            r#"{"type":"response.x.done","output_index":1}"#,
            r#"{"type":"response.output_item.done","output_index":1,"item":{}}"#,
            r#"{"type":"response.completed","response":{}}"#,
            r#"{"type":"response.failed","response":{}}"#,
            r#"{"type":"error","message":"x"}"#,
        ] {
            assert_goes_on(Endpoint::Responses, &data, close);
        }
    }
}

#[test]
fn texts_that_are_no_deltas_are_looked_at_by_themselves() {
    for data in [
        r#"{"choices":[{"index":0,"delta":{"annotations":[{"url_citation":{"title":"@"}}]}}]}"#,
        r#"{"choices":[{"index":0,"raw_output":{"completion":"@"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"arguments":{"a":"@"}}}]}}]}"#,
    ] {
        assert_whole(Endpoint::ChatCompletions, data);
    }
    for data in [
        r#"{"type":"message_start","message":{"content":[{"type":"text","text":"@"}]}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","input":{"a":"@"}}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"cited_text":"@"}}}"#,
    ] {
        assert_whole(Endpoint::Messages, data);
    }
    for data in [
        r#"{"type":"response.output_text.done","output_index":0,"text":"@"}"#,
        r#"{"type":"response.content_part.done","output_index":0,"part":{"type":"output_text","text":"@"}}"#,
        r#"{"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"@"}]}}"#,
        r#"{"type":"response.completed","response":{"output":[{"type":"message","content":[{"type":"output_text","text":"@"}]}]}}"#,
        r#"{"type":"response.function_call_arguments.done","output_index":0,"arguments":"{\"a\":\"@\"}"}"#,
        r#"{"type":"response.something.new","text":"@"}"#,
    ] {
        assert_whole(Endpoint::Responses, data);
    }
}

#[test]
fn a_number_that_is_text_becomes_a_string() {
    let data = r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","input":{"a":12}}}"#;
    assert_eq!(
        run(Endpoint::Messages, &[event(data)]),
        [event(&data.replace("12", r##""#""##))]
    );
}

/// Hides what a password is.
struct Passwords;

impl TextFilter for Passwords {
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
        let text = window.text();
        let label = "\"password\":\"";
        for (at, _) in text.match_indices(label) {
            let start = at + label.len();
            let length = text[start..].find('"').unwrap();
            edits.replace(start..start + length, "<\">");
        }
        Scan::Settled(text.len())
    }
}

#[test]
fn the_input_of_a_tool_that_comes_whole_is_one_text() {
    let mut kinds = Vec::new();
    let filter = FilterText::new(Endpoint::Messages, |channel: &Channel| {
        kinds.push((channel.kind(), channel.is_json()));
        Some(Passwords)
    });
    let mut stream = Stream::new(filter);
    let start = |password: &str| {
        event(&format!(
            r#"{{"type":"content_block_start","index":0,"content_block":{{"type":"tool_use","input":{{ "a}}":[1,{{"password":"{password}"}}],"b":"\ud83d"}},"name":"f"}}}}"#
        ))
    };
    assert_eq!(stream.push(&start(r"hun\u0074er}")), start(r#"<\">"#));
    drop(stream);
    assert_eq!(kinds, [(fw_wire::TextKind::ToolArguments, true)]);

    let arguments = |password: &str| {
        event(&format!(
            r#"{{"choices":[{{"index":0,"delta":{{"tool_calls":[{{"index":0,"function":{{"arguments":{{"password":"{password}"}}}}}}]}}}}]}}"#
        ))
    };
    let mut stream = Stream::new(FilterText::new(Endpoint::ChatCompletions, |_: &Channel| {
        Some(Passwords)
    }));
    assert_eq!(stream.push(&arguments("hunter")), arguments(r#"<\">"#));
}

#[test]
fn events_that_come_between_deltas_end_nothing() {
    let delta = |text: &str| {
        event(&format!(
            r#"{{"type":"response.output_text.delta","output_index":0,"response":null,"delta":"{text}"}}"#
        ))
    };
    let between = event(r#"{"type":"response.in_progress","response":{"output":[]}}"#);
    assert_eq!(
        run(
            Endpoint::Responses,
            &[delta("1"), between.clone(), delta("2 ")]
        ),
        [delta("#"), between, delta(" ")]
    );
    let delta = |text: &str| {
        event(&format!(
            r#"{{"type":"content_block_delta","index":0,"delta":{{"type":"text_delta","text":"{text}"}}}}"#
        ))
    };
    let between = event(r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#);
    assert_eq!(
        run(
            Endpoint::Messages,
            &[delta("1"), between.clone(), delta("2 ")]
        ),
        [delta("#"), between, delta(" ")]
    );
}

#[test]
fn an_index_may_be_written_with_a_fraction() {
    let delta = |index: &str, text: &str| {
        event(&format!(
            r#"{{"choices":[{{"index":{index},"delta":{{"content":"{text}"}}}}]}}"#
        ))
    };
    assert_eq!(
        run(
            Endpoint::ChatCompletions,
            &[delta("1", "1"), delta("1.0", "2 ")]
        ),
        [delta("1", "#"), delta("1.0", " ")]
    );
}

#[test]
fn a_block_may_begin_with_the_text_that_its_deltas_go_on_with() {
    let start =
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"1"}}"#;
    let delta =
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"2 x"}}"#;
    assert_eq!(
        run(Endpoint::Messages, &[event(start), event(delta)]),
        [
            event(&start.replace("\"1\"", "\"#\"")),
            event(&delta.replace("2 x", " x"))
        ]
    );
}

#[test]
fn a_ping_overtakes_what_waits() {
    let delta =
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"12"}}"#;
    let ping = "event: ping\ndata: {\"type\":\"ping\"}\n\n";
    let mut stream = stream(Endpoint::Messages);
    assert_eq!(stream.push(&event(delta)), "");
    assert_eq!(stream.push(ping), ping);
}

#[test]
fn a_signature_is_no_text_and_waits_its_turn() {
    let delta = |delta: &str| {
        event(&format!(
            r#"{{"type":"content_block_delta","index":0,"delta":{delta}}}"#
        ))
    };
    let signature = delta(r#"{"type":"signature_delta","signature":"EqQB12"}"#);
    let mut stream = stream(Endpoint::Messages);
    assert_eq!(stream.push(&delta(r#"{"thinking":"a 1"}"#)), "");
    assert_eq!(stream.push(&signature), "");
    let stop = event(r#"{"type":"content_block_stop","index":0}"#);
    assert_eq!(
        stream.push(&stop),
        delta(r#"{"thinking":"a #"}"#) + &signature + &stop
    );
}

const ARGUMENTS: [&str; 7] = [
    "choices",
    "0",
    "delta",
    "tool_calls",
    "0",
    "function",
    "arguments",
];

fn call(index: u32, head: &str, arguments: &str) -> String {
    call_with_finish(index, head, arguments, "null")
}

fn call_with_finish(index: u32, head: &str, arguments: &str, finish: &str) -> String {
    let mut json = String::new();
    fw_wire::encode_str(&mut json, arguments);
    chunk(
        0,
        &format!(
            r#"{{"tool_calls":[{{"index":{index},{head}"function":{{"arguments":{json}}}}}]}}"#
        ),
        finish,
    )
}

#[test]
fn arguments_stay_json_within_json() {
    let id = r#""id":"call_1","type":"function","#;
    let out = run(
        Endpoint::ChatCompletions,
        &[
            call(0, id, ""),
            call(0, "", r#"{"pin": 12"#),
            call(0, "", r#"34, "to": "a \"12"#),
            call(0, "", r#"\" 5"}"#),
            finish(0),
        ],
    );
    assert_eq!(
        joined(&out.concat(), &ARGUMENTS),
        r##"{"pin": "#", "to": "a \"#\" #"}"##
    );
    assert_eq!(out.len(), 5);
    assert_eq!(out[0], call(0, id, ""));
}

#[test]
fn the_next_call_ends_the_one_before() {
    let mut by_index = stream(Endpoint::ChatCompletions);
    let (first, second) = (call(0, "", r#"{"a":"x"} S"#), call(1, "", r#"{"a"#));
    assert_eq!(by_index.push(&first), "");
    assert_eq!(by_index.push(&second), first + &second);
    // Without an index it is told by its id.
    let call = |id: &str, arguments: &str| call(0, &format!(r#""id":"{id}","#), arguments);
    let mut by_id = stream(Endpoint::ChatCompletions);
    let (first, second) = (call("a", r#"{"a":"x"} S"#), call("b", r#"{"a"#));
    assert_eq!(by_id.push(&first), "");
    assert_eq!(by_id.push(&second), first + &second);
}

#[test]
fn a_new_id_in_every_piece_of_a_call_ends_nothing() {
    let call = |id: &str, arguments: &str| call(0, &format!(r#""id":"{id}","#), arguments);
    let mut stream = stream(Endpoint::ChatCompletions);
    assert_eq!(stream.push(&call("a", r#"{"pin":"12"#)), "");
    assert_eq!(
        stream.push(&call("b", r#"3 "}"#)),
        call("a", r##"{"pin":"#"##) + &call("b", r#" "}"#)
    );
}

#[test]
fn calls_that_come_by_turns_go_on() {
    let mut stream = stream(Endpoint::ChatCompletions);
    let first = call(0, "", r#"{"a":"12"#);
    assert_eq!(stream.push(&first), "");
    assert_eq!(stream.push(&call(1, "", r#"{"b":"1"#)), "");
    assert_eq!(
        stream.push(&call(0, "", r#"3"}"#)),
        first.replace("12", "#")
    );
    assert_eq!(
        stream.push(&call(1, "", r#"2"}"#)),
        [
            call(1, "", r##"{"b":"#"##),
            call(0, "", r#""}"#),
            call(1, "", r#""}"#)
        ]
        .concat()
    );
}

/// Two calls by turns, each piece with a finish reason: the second begins within the first, which is no end of
/// it.
#[test]
fn a_call_that_begins_ends_no_other_that_was_finished_too_early() {
    let piece = |index: u32, head: &str, arguments: &str| {
        call_with_finish(index, head, arguments, "\"stop\"")
    };
    let out = run(
        Endpoint::ChatCompletions,
        &[
            piece(0, r#""id":"a","#, r#"{"k":""#),
            piece(1, r#""id":"b","#, ""),
            piece(0, "", "x 1"),
            piece(0, "", r#"\u00312"}"#),
            event("[DONE]"),
        ],
    );
    assert_eq!(joined(&out.concat(), &ARGUMENTS), r##"{"k":"x #"}"##);
}

#[test]
fn log_probabilities_go_with_the_text_they_spell() {
    let chunk = |text: &str, tokens: &str, ids: &str| {
        event(&format!(
            r#"{{"choices":[{{"index":0,"delta":{{"content":"{text}"}},"logprobs":{tokens},"token_ids":{ids}}}]}}"#
        ))
    };
    let tokens = |token: &str| {
        format!(
            r#"{{"content":[{{"token":"{token}","logprob":-0.1,"bytes":[49],"top_logprobs":[{{"token":"9"}}]}}]}}"#
        )
    };
    let clean = chunk("Hello", &tokens("Hello"), "[1]");
    let found = chunk(" 12", &tokens(" 12"), "[2]");
    let after = chunk(" you", &tokens(" you"), "[3]");
    assert_eq!(
        run(
            Endpoint::ChatCompletions,
            &[clean.clone(), found, after.clone()]
        ),
        [clean.clone(), chunk(" #", "null", "null"), after.clone()]
    );
    // The tokens are looked at themselves, over events.
    let split = [
        chunk("a", &tokens("1"), "[2]"),
        chunk("b", &tokens("2"), "[3]"),
        after.clone(),
    ];
    assert_eq!(
        run(Endpoint::ChatCompletions, &split),
        [
            chunk("a", "null", "null"),
            chunk("b", "null", "null"),
            after
        ]
    );
}

#[test]
fn of_members_with_the_same_key_only_the_last_keeps_its_text() {
    let two = |a: &str, b: &str| {
        event(&format!(
            r#"{{"choices":[{{"index":0,"delta":{{"content":"{a}","content":"{b}"}}}}]}}"#
        ))
    };
    assert_eq!(
        run(Endpoint::ChatCompletions, &[two("1", "x"), two("2", "3 ")]),
        [two("", "x"), two("", "# ")]
    );
    let outer = |a: &str, b: &str| {
        event(&format!(
            r#"{{"choices":[{{"delta":{{"content":"{a}"}},"delta":{{"content":"{b}"}}}}]}}"#
        ))
    };
    assert_eq!(
        run(Endpoint::ChatCompletions, &[outer("1", "x")]),
        [outer("", "x")]
    );
}

#[test]
fn events_of_responses_keep_their_numbers() {
    let delta = |number: u32, text: &str| {
        event(&format!(
            r#"{{"type":"response.output_text.delta","sequence_number":{number},"output_index":0,"content_index":0,"delta":"{text}"}}"#
        ))
    };
    assert_eq!(
        run(
            Endpoint::Responses,
            &[
                delta(8, "a"),
                delta(9, " 1"),
                delta(10, "2"),
                delta(11, "3 b")
            ]
        ),
        [
            delta(8, "a"),
            delta(9, " #"),
            delta(10, ""),
            delta(11, " b")
        ]
    );
}

#[test]
fn data_over_several_lines_is_read_and_written() {
    let two = "data: {\"choices\":[{\"index\":0,\"delta\":\ndata: {\"content\":\"12 \"}}]}\n\n";
    assert_eq!(
        run(Endpoint::ChatCompletions, &[two.to_owned()]),
        [two.replace("12", "#")]
    );
}
