//! However a stream is cut, into deltas and into frames, it comes to the message that the whole reply
//! comes to.

use bytes::Bytes;
use fw_anthropic::{MessageStream, message};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{client::receive, run};

/// A tool call of a reply.
#[derive(Clone, Debug)]
struct Call {
    id: Option<String>,
    name: String,
    arguments: String,
}

const REASONS: [&str; 6] = [
    "stop",
    "length",
    "tool_calls",
    "content_filter",
    "function_call",
    "other",
];

/// A reply, and how it is told.
#[derive(Clone, Debug)]
struct Story {
    thinking: String,
    text: String,
    refusal: String,
    calls: Vec<Call>,
    finish_reason: &'static str,
    usage: Option<(u32, u32, u32)>,
    /// Where the usage stands: with the finish reason, in a chunk of its own, or both.
    layout: u8,
    has_index: bool,
    ends_with_done: bool,
    crlf: bool,
    /// What decides the rest.
    dice: Vec<u16>,
}

/// Takes one number after the other, round and round.
struct Dice<'a>(std::iter::Cycle<std::slice::Iter<'a, u16>>);

impl Dice<'_> {
    /// A number below `sides`.
    fn roll(&mut self, sides: usize) -> usize {
        usize::from(*self.0.next().unwrap()) % sides.max(1)
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        r#"[ -~äß€😀\n\t\\"]{0,24}"#,
        "[a-z ]{1,40}",
    ]
}

fn call() -> impl Strategy<Value = Call> {
    let value = prop_oneof![
        text().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        Just(json!([{"a": "}]"}, []])),
        Just(json!({"b": {"c": null}})),
    ];
    let object = proptest::collection::vec((r#"[a-z"{}]{0,4}"#, value), 0..3);
    let arguments = prop_oneof![
        8 => object.prop_map(|members| Value::Object(members.into_iter().collect()).to_string()),
        1 => Just(String::new()),
        1 => Just(" {\"a\" : 1.0}\n".to_owned()),
        1 => Just("no object".to_owned()),
    ];
    let id = proptest::option::weighted(0.8, "call_[a-z]{3}");
    (id, "[a-z_]{1,8}", arguments).prop_map(|(id, name, arguments)| Call {
        id,
        name,
        arguments,
    })
}

fn story() -> impl Strategy<Value = Story> {
    let content = (
        text(),
        text(),
        prop_oneof![9 => Just(String::new()), 1 => text()],
    );
    let ending = (
        proptest::sample::select(&REASONS[..]),
        proptest::option::of((0_u32..5000, 0_u32..5000, 0_u32..5000)),
        0..3_u8,
    );
    let manner = (any::<bool>(), any::<bool>(), any::<bool>());
    let calls = proptest::collection::vec(call(), 0..4);
    let dice = proptest::collection::vec(any::<u16>(), 1..40);
    (content, calls, ending, manner, dice).prop_map(|(content, mut calls, ending, manner, dice)| {
        for (number, call) in calls.iter_mut().enumerate() {
            // Two calls with one id are one call to anybody.
            call.id = call.id.take().map(|id| format!("{id}{number}"));
        }
        Story {
            thinking: content.0,
            text: content.1,
            refusal: content.2,
            calls,
            finish_reason: ending.0,
            usage: ending.1,
            layout: ending.2,
            has_index: manner.0,
            ends_with_done: manner.1,
            crlf: manner.2,
            dice,
        }
    })
}

impl Story {
    fn usage(&self) -> Value {
        self.usage
            .map_or(Value::Null, |(prompt, cached, completion)| {
                json!({
                    "prompt_tokens": prompt, "completion_tokens": completion,
                    "total_tokens": prompt + completion,
                    "prompt_tokens_details": {"cached_tokens": cached.min(prompt)},
                })
            })
    }

    /// The reply in one piece.
    fn whole(&self) -> Bytes {
        let calls: Vec<_> = self
            .calls
            .iter()
            .map(|call| {
                json!({
                    "id": call.id, "type": "function",
                    "function": {"name": call.name, "arguments": call.arguments},
                })
            })
            .collect();
        let message = json!({
            "role": "assistant", "content": self.text, "reasoning_content": self.thinking,
            "refusal": self.refusal, "tool_calls": calls,
        });
        json!({
            "id": "chatcmpl-1", "model": "m", "usage": self.usage(),
            "choices": [{"index": 0, "message": message, "finish_reason": self.finish_reason}],
        })
        .to_string()
        .into()
    }

    /// The deltas of the reply, in an order that a server could choose.
    fn deltas(&self, dice: &mut Dice<'_>) -> Vec<Value> {
        let mut deltas = vec![json!({"role": "assistant", "content": ""})];
        for (field, text) in [
            ("reasoning_content", &self.thinking),
            ("content", &self.text),
            ("refusal", &self.refusal),
        ] {
            deltas.extend(pieces(text, dice).map(|piece| json!({ field: piece })));
        }
        let mut calls: Vec<_> = (0..self.calls.len())
            .map(|number| self.call_deltas(number, dice))
            .collect();
        // The calls begin in order. With an index they may be mixed after that.
        let mut begun = 0;
        while calls.iter().any(|deltas| !deltas.is_empty()) {
            let open = if self.has_index {
                dice.roll(begun + 1)
            } else {
                calls.iter().position(|deltas| !deltas.is_empty()).unwrap()
            };
            if let Some(deltas_of_call) = calls.get_mut(open)
                && !deltas_of_call.is_empty()
            {
                begun = begun.max(open + 1);
                deltas.push(json!({"tool_calls": [deltas_of_call.remove(0)]}));
            } else if let Some(first) = calls.iter().position(|deltas| !deltas.is_empty()) {
                begun = begun.max(first + 1);
                deltas.push(json!({"tool_calls": [calls[first].remove(0)]}));
            }
        }
        deltas
    }

    fn call_deltas(&self, number: usize, dice: &mut Dice<'_>) -> Vec<Value> {
        let call = &self.calls[number];
        let mut pieces = pieces(&call.arguments, dice);
        let mut first = json!({"function": {"name": call.name}});
        if call.id.is_some() {
            first["id"] = json!(call.id);
        }
        if dice.roll(2) == 0 {
            first["function"]["arguments"] = pieces.next().unwrap_or_default().into();
        }
        let mut deltas = vec![first];
        deltas.extend(pieces.map(|piece| json!({"function": {"arguments": piece}})));
        if self.has_index {
            for delta in &mut deltas {
                delta["index"] = number.into();
            }
        }
        deltas
    }

    /// The stream.
    fn stream(&self, dice: &mut Dice<'_>) -> String {
        let chunk = |delta: Value, finish_reason: Value, usage: Value| {
            json!({
                "id": "chatcmpl-1", "model": "m", "object": "chat.completion.chunk",
                "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
                "usage": usage,
            })
        };
        let mut chunks: Vec<_> = self
            .deltas(dice)
            .into_iter()
            .map(|delta| chunk(delta, Value::Null, Value::Null))
            .collect();
        let usage = if self.layout == 1 {
            Value::Null
        } else {
            self.usage()
        };
        chunks.push(chunk(json!({}), self.finish_reason.into(), usage));
        if self.layout > 0 {
            chunks.push(json!({"choices": [], "usage": self.usage()}));
        }
        let eol = if self.crlf { "\r\n" } else { "\n" };
        let mut stream = String::new();
        for chunk in chunks {
            if dice.roll(8) == 0 {
                stream += &format!(": wait{eol}{eol}");
            }
            stream += &format!("data: {chunk}{eol}{eol}");
        }
        if self.ends_with_done {
            stream += &format!("data: [DONE]{eol}{eol}");
        }
        stream
    }
}

/// A text in pieces, some of them empty.
fn pieces(text: &str, dice: &mut Dice<'_>) -> std::vec::IntoIter<String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut length = dice.roll(7).min(rest.len());
        while !rest.is_char_boundary(length) {
            length += 1;
        }
        let (piece, after) = rest.split_at(length);
        pieces.push(piece.to_owned());
        // Only so many empty ones.
        rest = if length == 0 && pieces.len() > 200 {
            ""
        } else {
            after
        };
        if length == 0 {
            let (piece, after) = rest.split_at(rest.chars().next().map_or(0, char::len_utf8));
            pieces.push(piece.to_owned());
            rest = after;
        }
    }
    pieces.into_iter()
}

/// The bytes in frames.
fn frames(stream: &str, dice: &mut Dice<'_>) -> Vec<Bytes> {
    let mut rest = stream.as_bytes();
    let mut frames = Vec::new();
    while !rest.is_empty() {
        let sides = [2, 40, 2000][dice.roll(3)];
        let (frame, after) = rest.split_at((1 + dice.roll(sides)).min(rest.len()));
        frames.push(Bytes::copy_from_slice(frame));
        rest = after;
    }
    frames
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stream_comes_to_what_the_whole_reply_comes_to(story in story()) {
        let mut dice = Dice(story.dice.iter().cycle());
        let stream = story.stream(&mut dice);
        let frames = frames(&stream, &mut dice);
        let received = receive(&run(MessageStream::new(), frames.into_iter().map(Ok)));
        let whole: Value = serde_json::from_slice(&message(&story.whole()).unwrap()).unwrap();
        prop_assert!(received.is_complete);
        prop_assert_eq!(received.message, whole);
    }

    /// Whatever arrives, a client gets a message or an error, and each cut gives the same.
    #[test]
    fn every_cut_of_any_bytes_gives_the_same_events(story in story(), damage in any::<(u16, u8)>()) {
        let mut dice = Dice(story.dice.iter().cycle());
        let mut stream = story.stream(&mut dice).into_bytes();
        let at = usize::from(damage.0) % stream.len();
        stream[at] = damage.1;
        stream.truncate(stream.len() - dice.roll(9));
        let stream = String::from_utf8_lossy(&stream).into_owned();
        let whole = run(MessageStream::new(), [Ok(Bytes::from(stream.clone()))]);
        let cut = run(MessageStream::new(), frames(&stream, &mut dice).into_iter().map(Ok));
        prop_assert_eq!(&whole, &cut);
        let received = receive(&whole);
        prop_assert!(received.is_complete != received.error.is_some());
    }
}
