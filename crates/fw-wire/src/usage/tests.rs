//! Usage in every layout that occurs, and streams that must not count twice.

use proptest::prelude::*;

use super::*;

fn read(json: &str) -> Option<Usage> {
    Usage::from_value(Value::parse(json.as_bytes()).unwrap())
}

fn metered<S: AsRef<str>>(events: impl IntoIterator<Item = S>) -> Option<Usage> {
    let mut meter = UsageMeter::new();
    for event in events {
        meter.observe(Value::parse(event.as_ref().as_bytes()).unwrap());
    }
    meter.usage()
}

#[test]
fn every_family_of_names_is_read() {
    let plain = Usage::new(71, 24);
    let detailed = Usage {
        cached_tokens: Some(64),
        reasoning_tokens: Some(9),
        ..plain
    };
    let cases = [
        (
            r#"{"prompt_tokens":71,"completion_tokens":24,"total_tokens":95}"#,
            plain,
        ),
        (r#"{"prompt_tokens":71,"completion_tokens":24}"#, plain),
        (
            r#"{"input_tokens":71,"output_tokens":24,"total_tokens":95}"#,
            plain,
        ),
        (
            r#"{"prompt_tokens":71,"completion_tokens":24,"total_tokens":95,
                "prompt_tokens_details":{"cached_tokens":64},
                "completion_tokens_details":{"reasoning_tokens":9}}"#,
            detailed,
        ),
        (
            r#"{"input_tokens":71,"output_tokens":24,"total_tokens":95,
                "input_tokens_details":{"cached_tokens":64},
                "output_tokens_details":{"reasoning_tokens":9}}"#,
            detailed,
        ),
        // Both families, as a gateway sends them for Responses; and the second one empty.
        (
            r#"{"prompt_tokens":71,"input_tokens":71,"completion_tokens":24,"output_tokens":24}"#,
            plain,
        ),
        (
            r#"{"prompt_tokens":71,"input_tokens":null,"completion_tokens":24,"output_tokens":0,
                "prompt_tokens_details":null,"completion_tokens_details":{}}"#,
            plain,
        ),
        // Embeddings have no completion.
        (r#"{"prompt_tokens":2,"total_tokens":2}"#, Usage::new(2, 0)),
        // Some servers write counts as decimals or strings.
        (r#"{"prompt_tokens":71.0,"completion_tokens":"24"}"#, plain),
        // Messages count the cache apart.
        (
            r#"{"input_tokens":7,"cache_read_input_tokens":64,"output_tokens":24}"#,
            Usage {
                cached_tokens: Some(64),
                ..plain
            },
        ),
        (
            r#"{"input_tokens":5,"cache_creation_input_tokens":2,"cache_read_input_tokens":64,
                "output_tokens":24}"#,
            Usage {
                cached_tokens: Some(64),
                cache_creation_tokens: Some(2),
                ..plain
            },
        ),
        // The provider's total is believed even if it is another.
        (
            r#"{"prompt_tokens":71,"completion_tokens":24,"total_tokens":100}"#,
            Usage {
                total_tokens: 100,
                ..plain
            },
        ),
    ];
    for (json, expected) in cases {
        assert_eq!(read(json), Some(expected), "{json}");
    }
}

#[test]
fn what_has_no_counts_is_no_usage() {
    for json in [
        "null",
        "[]",
        "{}",
        "7",
        r#"{"prompt_tokens":null}"#,
        r#"{"prompt_tokens":-1}"#,
        r#"{"prompt_tokens":1.5}"#,
        r#"{"prompt_tokens":"many"}"#,
        r#"{"prompt_tokens":1e300}"#,
        r#"{"tokens":7}"#,
    ] {
        assert_eq!(read(json), None, "{json}");
    }
}

#[test]
fn sums_of_hostile_counts_do_not_overflow() {
    let max = u64::MAX;
    let usage = read(&format!(
        r#"{{"input_tokens":{max},"cache_read_input_tokens":{max},"output_tokens":{max}}}"#
    ));
    assert_eq!(
        usage.map(|usage| (usage.prompt_tokens, usage.total_tokens)),
        Some((max, max))
    );
    assert_eq!(usage.map(|usage| usage.uncached_prompt_tokens()), Some(0));
}

#[test]
fn a_reply_says_its_usage_on_every_endpoint() {
    let reply = r#"{"id":"x","usage":{"input_tokens":3,"output_tokens":4}}"#;
    for endpoint in Endpoint::ALL {
        let value = Value::parse(reply.as_bytes()).unwrap();
        assert_eq!(Usage::from_reply(endpoint, value), Some(Usage::new(3, 4)));
        let empty = Value::parse(br#"{"usage":null}"#).unwrap();
        assert_eq!(Usage::from_reply(endpoint, empty), None);
    }
}

const FINISH: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"total_tokens":24,"completion_tokens":17}}"#;
const EXTRA: &str =
    r#"{"choices":[],"usage":{"prompt_tokens":7,"total_tokens":24,"completion_tokens":17}}"#;
const DELTA: &str = r#"{"choices":[{"index":0,"delta":{"content":"x"}}],"usage":null}"#;

#[test]
fn streamed_chat_is_counted_once_in_every_layout() {
    let usage = Some(Usage::new(7, 17));
    assert_eq!(metered([DELTA, DELTA, FINISH]), usage, "layout A");
    assert_eq!(metered([DELTA, DELTA, EXTRA]), usage, "layout B");
    assert_eq!(metered([DELTA, FINISH, EXTRA]), usage, "both");
    assert_eq!(metered([DELTA, DELTA]), None, "layout C");
    let nothing = r#"{"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0}}"#;
    assert_eq!(metered([DELTA, FINISH, nothing]), usage, "zeros at the end");
}

#[test]
fn usage_so_far_on_every_chunk_is_not_added_up() {
    let chunk = |done| format!(r#"{{"usage":{{"prompt_tokens":5,"completion_tokens":{done}}}}}"#);
    assert_eq!(metered((0..=9).map(chunk)), Some(Usage::new(5, 9)));
    let totals = [
        r#"{"usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":6}}"#,
        r#"{"usage":{"prompt_tokens":5,"completion_tokens":4}}"#,
    ];
    assert_eq!(
        metered(totals),
        Some(Usage::new(5, 4)),
        "an old total does not stay"
    );
}

#[test]
fn a_messages_stream_starts_with_the_prompt_and_ends_with_the_rest() {
    let start = r#"{"type":"message_start","message":{"id":"m","content":[],"usage":{"input_tokens":10,"cache_read_input_tokens":90,"output_tokens":1}}}"#;
    let delta = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":50}}"#;
    let expected = Usage {
        cached_tokens: Some(90),
        ..Usage::new(100, 50)
    };
    assert_eq!(metered([start, delta]), Some(expected));
    // Converted streams know the prompt only at the end.
    let empty =
        r#"{"type":"message_start","message":{"usage":{"input_tokens":0,"output_tokens":0}}}"#;
    let full = r#"{"type":"message_delta","usage":{"input_tokens":10,"cache_read_input_tokens":90,"output_tokens":50}}"#;
    assert_eq!(metered([empty, full]), Some(expected));
    assert_eq!(metered([start, full, full]), Some(expected));
}

#[test]
fn a_responses_stream_says_it_in_the_response_object() {
    let created = r#"{"type":"response.created","response":{"id":"r","usage":null}}"#;
    let completed = r#"{"type":"response.completed","response":{"usage":{"input_tokens":27,"output_tokens":104,"total_tokens":131}}}"#;
    assert_eq!(metered([created, completed]), Some(Usage::new(27, 104)));
    assert_eq!(metered([created]), None);
}

proptest! {
    /// Whatever the provider repeats and wherever: cumulative counts end as the last ones.
    #[test]
    fn nothing_is_ever_counted_twice(
        prompt in 1_u64..1_000_000,
        steps in prop::collection::vec((1_u64..1000, 0..4_u8, 1..4_usize), 1..12),
    ) {
        let mut events = Vec::new();
        let mut done = 0;
        for (tokens, layout, repeats) in steps {
            done += tokens;
            let event = match layout {
                0 => format!(r#"{{"choices":[],"usage":{{"prompt_tokens":{prompt},"completion_tokens":{done}}}}}"#),
                1 => format!(r#"{{"choices":[{{}}],"usage":{{"prompt_tokens":{prompt},"completion_tokens":{done},"total_tokens":{}}}}}"#, prompt + done),
                2 => format!(r#"{{"type":"response.completed","response":{{"usage":{{"prompt_tokens":{prompt},"completion_tokens":{done}}}}}}}"#),
                _ => format!(r#"{{"usage":null,"x":{{"usage":{{"prompt_tokens":9}}}},"usage":{{"prompt_tokens":{prompt},"completion_tokens":{done}}}}}"#),
            };
            events.extend(std::iter::repeat_n(event, repeats));
        }
        prop_assert_eq!(metered(&events), Some(Usage::new(prompt, done)));
    }

    #[test]
    fn messages_streams_end_with_their_last_counts(
        input in 0_u64..10_000,
        read in 0_u64..10_000,
        outputs in prop::collection::vec(1_u64..100, 1..6),
    ) {
        let start = format!(r#"{{"type":"message_start","message":{{"usage":{{"input_tokens":{input},"cache_read_input_tokens":{read},"output_tokens":1}}}}}}"#);
        let mut events = vec![start];
        let mut done = 0;
        for tokens in outputs {
            done += tokens;
            events.push(format!(r#"{{"type":"message_delta","usage":{{"output_tokens":{done}}}}}"#));
        }
        let expected = Usage { cached_tokens: Some(read), ..Usage::new(input + read, done) };
        prop_assert_eq!(metered(&events), Some(expected));
    }
}
