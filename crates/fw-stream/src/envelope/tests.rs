use bytes::Bytes;
use fw_wire::{Endpoint, encode_str};
use proptest::prelude::*;

use super::*;
use crate::signals::{Signals, may_say_usage};

fn event(data: &str) -> Event {
    Event::assembled(Bytes::from(format!("data: {data}\n\n")), 0, true)
}

fn chunk(text: &str) -> String {
    let mut quoted = String::new();
    encode_str(&mut quoted, text);
    format!(
        r#"{{"id":"a","choices":[{{"index":0,"delta":{{"content":{quoted}}},"finish_reason":null}}],"usage":null}}"#
    )
}

fn learnt(data: &str) -> Envelope {
    let mut envelope = Envelope::new();
    envelope.learn(&event(data));
    envelope
}

#[test]
fn the_same_envelope_with_another_text_is_recognised() {
    let mut envelope = learnt(&chunk("Hello"));
    for text in [
        "",
        " world",
        "line\nline",
        r#"say "hi""#,
        "C:\\",
        "日本",
        "\u{1f600}",
    ] {
        assert!(envelope.holds(&event(&chunk(text))), "{text:?}");
    }
}

#[test]
fn anything_else_is_not() {
    let mut envelope = learnt(&chunk("Hello"));
    for other in [
        chunk("a").replace(":null}]", ":\"stop\"}]"),
        chunk("a").replace("\"usage\":null", "\"usage\":{\"total_tokens\":1}"),
        chunk("a").replace("\"index\":0", "\"index\":1"),
        // A text that ends early and goes on as JSON.
        chunk("X").replace('X', r#"x","error":"y"#),
        chunk("X").replace('X', r#"x\\","error":"y"#),
        // The closing quote is escaped.
        chunk("X").replace('X', r"x\"),
        "[DONE]".to_owned(),
        String::new(),
    ] {
        assert!(!envelope.holds(&event(&other)), "{other}");
    }
    let named = Event::assembled(
        Bytes::from(format!("event: error\ndata: {}\n\n", chunk("a"))),
        0,
        true,
    );
    assert!(!envelope.holds(&named));
}

#[test]
fn only_the_models_text_may_differ() {
    for data in [
        r#"{"type":"ping"}"#,
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":""}]}"#,
        r#"{"choices":[]}"#,
        "[DONE]",
    ] {
        let mut envelope = learnt(data);
        assert!(!envelope.holds(&event(data)), "{data}");
    }
}

#[test]
fn it_learns_anew_but_ever_less_often_while_nothing_comes_again() {
    let mut envelope = Envelope::new();
    let mut learnt = 0;
    for number in 0..1000 {
        let event = event(&format!(r#"{{"n":{number},"choices":[{{"text":"a"}}]}}"#));
        assert!(!envelope.holds(&event));
        let before = envelope.before.clone();
        envelope.learn(&event);
        learnt += u32::from(before != envelope.before);
    }
    assert_eq!(learnt, 10);
    let again = event(r#"{"n":511,"choices":[{"text":"b"}]}"#);
    envelope.others = 0;
    envelope.learn(&again);
    assert!(envelope.holds(&again));
}

proptest! {
    /// What is recognised has the signals that a search would find: none.
    #[test]
    fn what_it_holds_says_nothing(
        first in chunk_like(),
        second in chunk_like(),
    ) {
        let (first, second) = (event(&first), event(&second));
        let nothing = |event: &Event| {
            event.json().is_none_or(|json| {
                let choice = json.get("choices").and_then(|choices| choices.index(0));
                let reason = choice.and_then(|choice| choice.get("finish_reason"));
                reason.is_none_or(Value::is_null)
                    && json.get("usage").is_none_or(Value::is_null)
                    && json.get("error").is_none_or(Value::is_null)
            })
        };
        let searched = event_says_nothing(&first);
        prop_assume!(searched);
        let mut envelope = Envelope::new();
        envelope.learn(&first);
        if envelope.holds(&second) {
            prop_assert!(nothing(&second));
        }
    }
}

fn event_says_nothing(event: &Event) -> bool {
    let endpoint = Endpoint::ChatCompletions;
    Signals::of(endpoint, event) == Signals::NONE
        && !may_say_usage(event.data().unwrap_or_default())
}

/// Chunks, and what one byte more or less makes of them.
fn chunk_like() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        "[a-c\"\\\\]{0,4}",
        Just(r#"x","error":"y"#.to_owned()),
        Just("finish_reason".to_owned()),
        Just(r#""},"finish_reason":"stop"}],"usage":{"a":1}}"#.to_owned()),
    ];
    (
        text,
        any::<bool>(),
        prop_oneof![Just("null"), Just("\"stop\"")],
    )
        .prop_map(|(text, raw, reason)| {
            let data = if raw {
                chunk("@").replace('@', &text)
            } else {
                chunk(&text)
            };
            data.replace(
                "\"finish_reason\":null",
                &format!("\"finish_reason\":{reason}"),
            )
        })
}
