//! Replies of a model: whole, and as streams of chunks in all the ways in which services send them.

use proptest::prelude::*;
use serde_json::{Value, json};

/// What a model replied.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) reasoning: String,
    pub(crate) content: String,
    pub(crate) refusal: String,
    pub(crate) calls: Vec<Call>,
    pub(crate) finish: &'static str,
    pub(crate) usage: Layout,
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) arguments: String,
}

/// Where a service tells token counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Layout {
    /// With the finish reason.
    A,
    /// In a chunk of its own.
    B,
    /// Both.
    Both,
    /// Nowhere.
    C,
}

/// How a stream tells a story.
#[derive(Clone, Debug)]
pub(crate) struct Telling {
    /// Numbers that decide where texts are cut and whose turn it is.
    pub(crate) dice: Vec<u8>,
    pub(crate) done: bool,
    pub(crate) crlf: bool,
    pub(crate) comments: bool,
    /// Tool calls come without their index.
    pub(crate) no_index: bool,
    /// The name comes in a later fragment than the id, with arguments between.
    pub(crate) late_name: bool,
    /// Id and name are in every fragment.
    pub(crate) repeats: bool,
    /// Kinds of text take turns.
    pub(crate) mixed: bool,
}

/// One piece of a story.
#[derive(Clone, Debug)]
enum Piece {
    Text(&'static str, String),
    Call(Value),
}

pub(crate) fn story() -> impl Strategy<Value = Story> {
    let text = || "[a-zé \"\\\\\n😀]{0,20}";
    let call = ("[a-z]{1,6}", text(), any::<bool>());
    (
        text(),
        text(),
        prop_oneof![Just(String::new()), "[a-z]{1,9}".prop_map(String::from)],
        prop::collection::vec(call, 0..4),
        prop::sample::select(vec!["stop", "length", "content_filter", "tool_calls"]),
        prop::sample::select(vec![Layout::A, Layout::B, Layout::Both, Layout::C]),
    )
        .prop_map(
            |(reasoning, content, refusal, calls, finish, usage)| Story {
                reasoning,
                content,
                refusal,
                calls: calls
                    .into_iter()
                    .enumerate()
                    .map(|(i, (name, arguments, has_id))| Call {
                        id: has_id.then(|| format!("call_{i}")),
                        name,
                        arguments,
                    })
                    .collect(),
                finish,
                usage,
            },
        )
}

pub(crate) fn telling(mixed: bool) -> impl Strategy<Value = Telling> {
    (
        prop::collection::vec(any::<u8>(), 1..40),
        any::<[bool; 6]>(),
    )
        .prop_map(move |(dice, flags)| Telling {
            dice,
            done: flags[0],
            crlf: flags[1],
            comments: flags[2],
            no_index: flags[3],
            late_name: flags[4],
            repeats: flags[5],
            mixed,
        })
}

impl Story {
    /// The whole reply.
    pub(crate) fn whole(&self) -> Value {
        let calls: Vec<Value> = self.calls.iter().map(Call::whole).collect();
        let mut reply = json!({
            "id": "c", "object": "chat.completion", "created": 1, "model": "the-model",
            "choices": [{"index": 0, "finish_reason": self.finish, "message": {
                "role": "assistant",
                "content": self.content,
                "reasoning_content": self.reasoning,
                "refusal": self.refusal,
                "tool_calls": calls,
            }}],
        });
        if self.usage != Layout::C {
            reply["usage"] = usage();
        }
        reply
    }

    /// The bytes of a stream.
    pub(crate) fn stream(&self, telling: &Telling) -> String {
        let mut chunks = vec![chunk(json!({"role": "assistant", "content": ""}), None)];
        chunks.extend(self.pieces(telling).into_iter().map(|piece| {
            let delta = match piece {
                Piece::Text(key, text) => json!({ key: text }),
                Piece::Call(call) => json!({ "tool_calls": [call] }),
            };
            chunk(delta, None)
        }));
        let mut last = chunk(json!({}), Some(self.finish));
        if matches!(self.usage, Layout::A | Layout::Both) {
            last["usage"] = usage();
        }
        chunks.push(last);
        if matches!(self.usage, Layout::B | Layout::Both) {
            chunks.push(json!({"id": "c", "choices": [], "usage": usage()}));
        }
        let eol = if telling.crlf { "\r\n" } else { "\n" };
        let mut text = String::new();
        for chunk in chunks {
            if telling.comments {
                text += &format!(": keep-alive{eol}{eol}");
            }
            text += &format!("data: {chunk}{eol}{eol}");
        }
        if telling.done {
            text += &format!("data: [DONE]{eol}{eol}");
        }
        text
    }

    fn pieces(&self, telling: &Telling) -> Vec<Piece> {
        let mut dice = telling.dice.iter().copied().cycle();
        let mut queues: Vec<Vec<Piece>> = Vec::new();
        for (key, text) in [
            ("reasoning_content", &self.reasoning),
            ("content", &self.content),
            ("refusal", &self.refusal),
        ] {
            let texts = cut(text, &mut dice).into_iter();
            queues.push(texts.map(|text| Piece::Text(key, text)).collect());
        }
        // Fragments take turns only where something says whose they are.
        let interleave = !telling.no_index || telling.repeats;
        let interleave = interleave && self.calls.iter().all(|call| call.id.is_some());
        let calls: Vec<Vec<Piece>> = self
            .calls
            .iter()
            .enumerate()
            .map(|(i, call)| call.pieces(i, telling, &mut dice))
            .collect();
        let mut all = Vec::new();
        if telling.mixed {
            queues.extend(calls);
            shuffle(queues, &mut dice, &mut all);
            return all;
        }
        all.extend(queues.into_iter().flatten());
        if interleave {
            shuffle(calls, &mut dice, &mut all);
        } else {
            all.extend(calls.into_iter().flatten());
        }
        all
    }
}

impl Call {
    fn whole(&self) -> Value {
        let function = json!({"name": self.name, "arguments": self.arguments});
        match &self.id {
            Some(id) => json!({"id": id, "type": "function", "function": function}),
            None => json!({"type": "function", "function": function}),
        }
    }

    fn pieces(
        &self,
        index: usize,
        telling: &Telling,
        dice: &mut impl Iterator<Item = u8>,
    ) -> Vec<Piece> {
        let mut pieces = Vec::new();
        // Without an id only a name opens a call.
        let late_name = telling.late_name && self.id.is_some();
        let repeats = telling.repeats && self.id.is_some();
        let mut push = |function: Value, first: bool| {
            let mut call = json!({"function": function});
            if !telling.no_index {
                call["index"] = json!(index);
            }
            if first || repeats {
                call["id"] = json!(self.id);
                call["type"] = json!("function");
            } else {
                call["id"] = Value::Null;
            }
            pieces.push(Piece::Call(call));
        };
        let parts = cut(&self.arguments, dice);
        if late_name {
            push(json!({"arguments": ""}), true);
        } else {
            push(json!({"name": self.name, "arguments": ""}), true);
        }
        let last = parts.len().saturating_sub(1);
        for (i, part) in parts.iter().enumerate() {
            let mut function = json!({ "arguments": part });
            if repeats && !late_name || late_name && i == last {
                function["name"] = json!(self.name);
            }
            push(function, false);
        }
        if late_name && parts.is_empty() {
            push(json!({"name": self.name}), false);
        }
        pieces
    }
}

/// Cuts a text into pieces of one to four characters.
fn cut(text: &str, dice: &mut impl Iterator<Item = u8>) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut room = 0;
    for character in text.chars() {
        if room == 0 {
            pieces.push(String::new());
            room = 1 + dice.next().unwrap() % 4;
        }
        pieces.last_mut().unwrap().push(character);
        room -= 1;
    }
    pieces
}

/// Takes from the queues in turns. A later queue begins only after those before it.
fn shuffle(queues: Vec<Vec<Piece>>, dice: &mut impl Iterator<Item = u8>, all: &mut Vec<Piece>) {
    let mut queues: Vec<_> = queues
        .into_iter()
        .map(|queue| queue.into_iter().peekable())
        .collect();
    let mut begun = 0;
    while queues.iter_mut().any(|queue| queue.peek().is_some()) {
        let at = usize::from(dice.next().unwrap()) % (begun + 1).min(queues.len());
        begun = begun.max(at + 1);
        if let Some(piece) = queues[at].next() {
            all.push(piece);
        } else {
            // So that a die that never falls on the others cannot hold them up.
            let open = queues.iter_mut().position(|queue| queue.peek().is_some());
            let open = open.unwrap();
            begun = begun.max(open + 1);
            all.extend(queues[open].next());
        }
    }
}

/// A chunk. Of what it repeats each time only what is read: tests of every cut are as slow as it is long.
fn chunk(delta: Value, finish: Option<&str>) -> Value {
    json!({
        "model": "the-model",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        "usage": null,
    })
}

fn usage() -> Value {
    json!({
        "prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12,
        "prompt_tokens_details": {"cached_tokens": 3},
        "completion_tokens_details": {"reasoning_tokens": 2},
    })
}
