//! Which channel each text of an event belongs to, and which channels the event closes.
//!
//! [`text_fields`] says where text is. The readers here only say which of these places are pieces of a
//! text that goes on over events. What no reader knows is a whole text by itself, so nothing is missed
//! for being new.

mod choices;
mod messages;
mod responses;

use std::ops::Range;

use fw_wire::{Direction, Endpoint, Span, TextEncoding, TextField, TextKind, Value, text_fields};

use crate::channel::Channel;
use crate::nesting::Nesting;

/// A channel, and which of the fields with the same meaning its pieces come in. Servers that send a text
/// under two names repeat it, they do not continue it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) channel: Channel,
    field: u32,
}

impl Key {
    pub(crate) const fn choice(&self) -> u32 {
        self.channel.choice_index()
    }

    /// Tokens come beside the text, not instead of it.
    pub(crate) fn is_token(&self) -> bool {
        self.channel.kind() == TextKind::Token
    }
}

/// A text of an event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text {
    /// Where the value is. Of an object, its first key.
    pub(crate) span: Span,
    pub(crate) encoding: TextEncoding,
    pub(crate) part: Part,
}

impl Text {
    /// Whether it is the string `""`.
    pub(crate) fn is_empty(&self) -> bool {
        let is_string = !matches!(self.encoding, TextEncoding::Number | TextEncoding::Bytes);
        is_string && self.span.end() - self.span.start() <= 2
    }
}

/// What a text is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// It goes on where the last piece of the channel ended.
    Piece(Key),
    /// A text by itself.
    Whole(Channel),
    /// An object that is one text by itself: JSON that is not in a string.
    Object(Channel),
    /// A member with the same key comes later in the same object. Clients read that one, or this one, and
    /// nobody knows which; so this one is emptied.
    Shadowed,
}

/// Which channels end with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Close {
    All,
    Choice(u32),
    Slot { choice: u32, slot: u32 },
}

impl Close {
    /// Whether text in the same event may be followed by more.
    pub(crate) const fn waits_for_the_next(self) -> bool {
        !matches!(self, Self::Slot { .. })
    }

    pub(crate) fn closes(self, key: &Key) -> bool {
        match self {
            Self::All => true,
            Self::Choice(choice) => key.choice() == choice,
            Self::Slot { choice, slot } => {
                key.choice() == choice && key.channel.slot_index() == slot
            }
        }
    }
}

/// The id that a piece of a tool call gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) choice: u32,
    pub(crate) slot: u32,
    pub(crate) id: u32,
}

/// What one event says. Kept and filled again for each event that has to be read.
#[derive(Default)]
pub(crate) struct Reading {
    /// All texts, in the order of the bytes.
    pub(crate) texts: Vec<Text>,
    pub(crate) closes: Vec<Close>,
    pub(crate) calls: Vec<Call>,
    /// The choice that the event is about, if it is about one only.
    pub(crate) choice: Option<u32>,
    /// The event says nothing but a piece of text, so that a like event differs only there.
    pub(crate) is_delta: bool,
    /// A keep-alive, which may go ahead of what waits.
    pub(crate) is_ping: bool,
    places: Vec<Place>,
    /// Log probabilities, of which only the tokens at places matter.
    skipped: Vec<Span>,
}

/// A place where a piece of text is.
#[derive(Clone, Copy)]
struct Place {
    span: Span,
    choice: u32,
    slot: u32,
    field: u32,
    shadowed: bool,
}

impl Reading {
    /// Reads an event of a stream. `name` is the event's name, and `json` what `event` was read from.
    pub(crate) fn read(
        &mut self,
        endpoint: Endpoint,
        name: Option<&str>,
        event: Value<'_>,
        json: &[u8],
    ) {
        self.texts.clear();
        self.closes.clear();
        self.calls.clear();
        self.places.clear();
        self.skipped.clear();
        self.choice = None;
        self.is_delta = true;
        self.is_ping = false;
        match endpoint {
            Endpoint::Messages => self.read_messages(name, event),
            Endpoint::Responses => self.read_responses(name, event),
            _ => self.read_choices(event),
        }
        self.is_delta &= self.closes.is_empty() && self.calls.is_empty() && self.skipped.is_empty();
        // Both come in the order of the bytes.
        let (mut places, mut skipped, mut covered) = (0, 0, 0);
        for field in text_fields(endpoint, Direction::Reply, event) {
            let span = field.span();
            if span.start() < covered {
                continue;
            }
            while self
                .places
                .get(places)
                .is_some_and(|place| place.span.end() <= span.start())
            {
                places += 1;
            }
            while self
                .skipped
                .get(skipped)
                .is_some_and(|skip| skip.end() <= span.start())
            {
                skipped += 1;
            }
            let holds = |of: &Span| of.contains(span);
            let part = match self.places.get(places).filter(|place| holds(&place.span)) {
                Some(place) => place.part(endpoint, field),
                None if self.skipped.get(skipped).is_some_and(holds) => continue,
                // The first key of a tool's input: the whole object is one text, so that a filter sees
                // which key a value has, as it does where the input comes in pieces.
                None if field.encoding() == TextEncoding::Key
                    && field.kind() == TextKind::ToolArguments =>
                {
                    covered = object_around(json, span.start()).end;
                    Part::Object(
                        Channel::new(endpoint, field.kind())
                            .choice(self.choice.unwrap_or(0))
                            .json(true),
                    )
                }
                None => Part::Whole(
                    Channel::new(endpoint, field.kind())
                        .role(field.role())
                        .choice(self.choice.unwrap_or(0))
                        .json(field.encoding() == TextEncoding::JsonInString),
                ),
            };
            self.texts.push(Text {
                span,
                encoding: field.encoding(),
                part,
            });
        }
    }

    /// The only piece, if there is one, and whether it is the only text.
    pub(crate) fn only_piece(&self) -> Option<(Key, Span, bool)> {
        let mut only = None;
        let mut texts = 0;
        for text in self.texts.iter().filter(|text| !text.is_empty()) {
            texts += 1;
            if let Part::Piece(key) = text.part
                && only.replace((key, text.span)).is_some()
            {
                return None;
            }
        }
        only.map(|(key, span)| (key, span, texts == 1))
    }

    /// Visits the members with these names. If one comes twice, the places of the first are shadowed.
    fn members<'a, const N: usize>(
        &mut self,
        object: Value<'a>,
        names: [&str; N],
        mut visit: impl FnMut(&mut Self, usize, Value<'a>),
    ) {
        let mut visited = [None; N];
        for member in object.members() {
            let Some(which) = names.iter().position(|name| member.key_is(name)) else {
                continue;
            };
            let from = self.places.len();
            visit(self, which, member.value());
            let earlier = visited[which].replace((from, self.places.len()));
            if let Some((from, to)) = earlier {
                for place in &mut self.places[from..to] {
                    place.shadowed = true;
                }
            }
        }
    }

    fn place(&mut self, value: Value<'_>, choice: u32, slot: u32, field: u32) {
        self.places.push(Place {
            span: value.span(),
            choice,
            slot,
            field,
            shadowed: false,
        });
    }

    /// The tokens of log probabilities, in any of the shapes.
    fn read_logprobs(&mut self, value: Value<'_>, choice: u32, field: u32) {
        if value.is_null() || (value.is_array() && value.elements().next().is_none()) {
            return;
        }
        self.skipped.push(value.span());
        self.read_tokens(value, choice, field);
        self.members(
            value,
            ["content", "tokens", "refusal"],
            |reading, which, tokens| {
                reading.read_tokens(tokens, choice, field + which as u32);
            },
        );
    }

    fn read_tokens(&mut self, tokens: Value<'_>, choice: u32, field: u32) {
        for token in tokens.elements() {
            let token = token.value();
            if token.is_string() {
                self.place(token, choice, 0, field);
            }
            self.members(token, ["token"], |reading, _, token| {
                reading.place(token, choice, 0, field);
            });
        }
    }
}

impl Place {
    fn part(&self, endpoint: Endpoint, field: TextField) -> Part {
        if self.shadowed {
            return Part::Shadowed;
        }
        let is_json = match field.encoding() {
            TextEncoding::Plain => false,
            TextEncoding::JsonInString => true,
            // Keys, numbers and bytes are parts of a value that is given as a whole.
            _ => return Part::Whole(Channel::new(endpoint, field.kind()).choice(self.choice)),
        };
        let kind = match field.kind() {
            // Only the first event of a message names its role.
            TextKind::ToolResult => TextKind::Content,
            kind => kind,
        };
        let channel = Channel::new(endpoint, kind)
            .choice(self.choice)
            .slot(self.slot)
            .json(is_json);
        Part::Piece(Key {
            channel,
            field: self.field,
        })
    }
}

/// The number of a choice, item, block or call. Some servers write `1.0`.
fn number(value: Option<Value<'_>>) -> Option<u32> {
    let value = value?;
    if let Some(number) = value.as_u64() {
        return number.try_into().ok();
    }
    let number = value.as_f64()?;
    // Whole and in range, so it is the same number.
    let is_index = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    is_index.then_some(number as u32)
}

/// Where the object is whose first key begins at `key`.
pub(crate) fn object_around(json: &[u8], key: usize) -> Range<usize> {
    let before = json.get(..key).unwrap_or_default();
    // Only white space is between.
    let start = memchr::memrchr(b'{', before).unwrap_or(key);
    let mut nesting = Nesting::default();
    let mut end = start;
    for &byte in json.get(start..).unwrap_or_default() {
        nesting.step(byte);
        end += 1;
        if nesting.is_outside() {
            break;
        }
    }
    start..end
}

fn is_word(value: Option<Value<'_>>) -> bool {
    value.is_some_and(|value| value.is_string() && !value.is_str(""))
}

/// The type of an event: the `type` of its data, or the event's name without one.
fn event_type<'a>(name: Option<&'a str>, event: Value<'a>) -> std::borrow::Cow<'a, str> {
    event
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_else(|| name.unwrap_or_default().into())
}

/// A number for a name: FNV-1a. It only has to tell a handful of names apart.
fn hash(name: &str) -> u32 {
    name.bytes().fold(0x811C_9DC5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests;
