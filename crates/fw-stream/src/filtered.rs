//! Text filters on the events of a stream.

mod open;

use std::fmt;
use std::mem;
use std::ops::Range;

use fw_wire::{ApiError, Endpoint, ErrorShape, TextEncoding, Value};

use self::open::{Lens, Open};
use crate::channel::Channel;
use crate::channels::{Call, Close, Key, Part, Reading, Text};
use crate::escape;
use crate::event::Event;
use crate::filter::{Edits, TextFilter, filter_text};
use crate::hold::{Piece, Queue};
use crate::rewrite::{Splice, splice};
use crate::synthetic;
use crate::template::Templates;
use crate::transform::{Flow, Output, StreamEnd, Transform};

/// More calls than this are not told apart by their ids.
const MAX_CALLS: usize = 256;

/// Makes a [`TextFilter`] for each channel of a reply.
///
/// Closures are `Filters`: `|channel: &Channel| Some(MyFilter::new())`.
pub trait Filters {
    /// What looks at one channel.
    type Filter: TextFilter;

    /// The filter of a channel that has just begun, or of one text that stands by itself. `None` lets its
    /// text pass.
    fn filter(&mut self, channel: &Channel) -> Option<Self::Filter>;
}

impl<M, F> Filters for M
where
    M: FnMut(&Channel) -> Option<F>,
    F: TextFilter,
{
    type Filter = F;

    fn filter(&mut self, channel: &Channel) -> Option<F> {
        self(channel)
    }
}

/// What happens to an event that cannot be looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FailMode {
    /// The stream ends with an error event.
    #[default]
    Closed,
    /// The event passes as it is.
    Open,
}

/// Runs the text of a streamed reply through filters, one per channel.
pub struct FilterText<M: Filters> {
    endpoint: Endpoint,
    make: M,
    fail_mode: FailMode,
    max_held_events: usize,
    max_held_bytes: usize,
    split_from: usize,
    channels: Vec<Open<M::Filter>>,
    next_id: u32,
    /// The channel of the last piece. While it stays the same, no other one ends.
    last: Option<Key>,
    calls: Vec<Call>,
    queue: Queue,
    templates: Templates,
    reading: Reading,
    edits: Edits,
    text: String,
    over: bool,
}

/// Why a stream cannot go on.
enum Fault {
    /// A filter says so.
    Stopped(Box<ApiError>),
    /// An event is no JSON.
    Unreadable,
    /// More waits than may.
    Stalled,
}

impl From<Box<ApiError>> for Fault {
    fn from(error: Box<ApiError>) -> Self {
        Self::Stopped(error)
    }
}

// === impl FilterText ===

impl<M: Filters> FilterText<M> {
    /// Filters a stream of `endpoint`.
    pub fn new(endpoint: Endpoint, make: M) -> Self {
        Self {
            endpoint,
            make,
            fail_mode: FailMode::Closed,
            max_held_events: 64,
            max_held_bytes: 4 << 20,
            split_from: 24,
            channels: Vec::new(),
            next_id: 0,
            last: None,
            calls: Vec::new(),
            queue: Queue::default(),
            templates: Templates::default(),
            reading: Reading::default(),
            edits: Edits::new(),
            text: String::new(),
            over: false,
        }
    }

    /// What happens to an event that cannot be looked at, because it is no readable JSON, and to a stream
    /// of which more waits than may. [`FailMode::Closed`] by default.
    #[must_use]
    pub fn fail_mode(mut self, fail_mode: FailMode) -> Self {
        self.fail_mode = fail_mode;
        self
    }

    /// How many events may wait before those of other choices overtake them, 64 by default.
    #[must_use]
    pub fn max_held_events(mut self, limit: usize) -> Self {
        self.max_held_events = limit;
        self
    }

    /// How many bytes of events may wait at all, 4 MiB by default.
    ///
    /// A stream that passes this limit ends with an error if the [fail mode](Self::fail_mode) is closed.
    /// If it is open, the filters are told that their text ends here, and begin anew.
    #[must_use]
    pub fn max_held_bytes(mut self, limit: usize) -> Self {
        self.max_held_bytes = limit;
        self
    }

    /// How many bytes of an event's text have to be settled for them to leave at once, in an event of their
    /// own, while the rest waits. 24 by default, which is some words; `usize::MAX` never splits an event.
    #[must_use]
    pub fn split_from(mut self, bytes: usize) -> Self {
        self.split_from = bytes;
        self
    }

    fn take(&mut self, event: &Event, out: &mut Output<'_>) -> Result<(), Fault> {
        let Some(data) = event.data() else {
            if event.is_comment() {
                out.pass();
            } else {
                self.line_up(event, None, out);
            }
            return Ok(());
        };
        if self.take_like_the_last(event, data, out)? {
            return self.bound(out);
        }
        if event.is_done() {
            self.close(Close::All)?;
            self.line_up(event, None, out);
            return Ok(());
        }
        let mended;
        let value = match Value::parse(data) {
            Ok(value) => value,
            Err(_) => {
                mended = escape::without_lone_surrogates(data).unwrap_or_default();
                match Value::parse(&mended) {
                    Ok(value) => value,
                    Err(_) => return self.take_unreadable(event, data, out),
                }
            }
        };
        let mut reading = mem::take(&mut self.reading);
        reading.read(self.endpoint, event.name(), value);
        let taken = self.take_read(event, data, value, &reading, out);
        self.reading = reading;
        taken?;
        self.bound(out)
    }

    fn take_unreadable(
        &mut self,
        event: &Event,
        data: &[u8],
        out: &mut Output<'_>,
    ) -> Result<(), Fault> {
        if data.trim_ascii().is_empty() || self.fail_mode == FailMode::Open {
            self.line_up(event, None, out);
            return Ok(());
        }
        // What is left of an event that the upstream broke off says nothing. How the stream ended is told
        // by the end.
        if event.is_terminated() {
            Err(Fault::Unreadable)
        } else {
            Ok(())
        }
    }

    /// Takes an event without looking at its text.
    fn line_up(&mut self, event: &Event, choice: Option<u32>, out: &mut Output<'_>) {
        self.queue.push_current(choice);
        self.queue.release(Some(event), out);
        self.queue.keep(event);
    }

    /// Takes an event that differs from an earlier one in its text only. `false` if it is none.
    #[inline]
    fn take_like_the_last(
        &mut self,
        event: &Event,
        data: &[u8],
        out: &mut Output<'_>,
    ) -> Result<bool, Fault> {
        let Some((template, place)) = self.templates.find(data) else {
            return Ok(false);
        };
        let (key, choice) = (template.key, template.choice);
        let mut text = mem::take(&mut self.text);
        text.clear();
        let is_text = escape::decode_into(data.get(place.clone()).unwrap_or_default(), &mut text);
        let taken = if is_text {
            self.take_delta(event, data, (key, choice), &text, place, out)
        } else {
            Ok(())
        };
        self.text = text;
        taken.map(|()| is_text)
    }

    #[inline]
    fn take_delta(
        &mut self,
        event: &Event,
        data: &[u8],
        (key, choice): (Key, Option<u32>),
        text: &str,
        place: Range<usize>,
        out: &mut Output<'_>,
    ) -> Result<(), Fault> {
        if text.is_empty() {
            self.line_up(event, choice, out);
            return Ok(());
        }
        if self.last != Some(key) {
            self.switch(&[Part::Piece(key)])?;
            self.last = Some(key);
        }
        self.queue.push_current(choice);
        let index = self.open(key);
        self.append(index, text, place);
        self.scan(index, false, data)?;
        self.queue.release(Some(event), out);
        if !self.queue.is_empty() {
            self.split(event, data, out);
            self.queue.keep(event);
        }
        Ok(())
    }

    /// Takes an event that had to be read.
    fn take_read(
        &mut self,
        event: &Event,
        data: &[u8],
        value: Value<'_>,
        reading: &Reading,
        out: &mut Output<'_>,
    ) -> Result<(), Fault> {
        if reading.is_ping && reading.texts.is_empty() {
            out.pass();
            return Ok(());
        }
        let parts: Vec<Part> = reading
            .texts
            .iter()
            .filter(|text| !text.is_empty())
            .map(|text| text.part)
            .collect();
        self.note_calls(&reading.calls)?;
        for close in &reading.closes {
            // What has its last piece in this event ends with it.
            let ends_later = |key: &Key| {
                !matches!(close, Close::Slot { .. }) && parts.contains(&Part::Piece(*key))
            };
            self.close_where(|key| close.closes(key) && !ends_later(key))?;
        }
        self.switch(&parts)?;
        self.last = None;
        self.queue.push_current(reading.choice);
        let mut text = mem::take(&mut self.text);
        for found in reading.texts.iter().filter(|text| !text.is_empty()) {
            match found.part {
                Part::Piece(key) => {
                    let place = found.span.start() + 1..found.span.end() - 1;
                    text.clear();
                    if escape::decode_into(data.get(place.clone()).unwrap_or_default(), &mut text) {
                        let index = self.open(key);
                        self.append(index, &text, place);
                    }
                }
                Part::Whole(channel) => self.filter_whole(channel, found, value, data)?,
                Part::Shadowed => self.queue.splice(Splice {
                    start: found.span.start(),
                    end: found.span.end(),
                    with: "\"\"".to_owned(),
                }),
            }
        }
        self.text = text;
        for (at, part) in parts.iter().enumerate() {
            let Part::Piece(key) = part else { continue };
            let Some(index) = self.channels.iter().position(|open| open.key == *key) else {
                continue;
            };
            if parts[at + 1..].contains(part) {
                continue;
            }
            let ends = reading
                .closes
                .iter()
                .any(|close| !matches!(close, Close::Slot { .. }) && close.closes(key));
            self.scan(index, ends, data)?;
            if ends {
                self.channels.swap_remove(index);
            }
        }
        self.queue.release(Some(event), out);
        self.queue.keep(event);
        if reading.is_delta
            && let [Part::Piece(key)] = parts[..]
            && let Some(piece) = reading.texts.iter().find(|text| !text.is_empty())
        {
            let place = piece.span.start() + 1..piece.span.end() - 1;
            let name = event.name();
            self.templates
                .learn(key, reading.choice, name, value, data, place);
        }
        Ok(())
    }

    /// A new id at the place of a call is a new call, and the one before is over.
    fn note_calls(&mut self, calls: &[Call]) -> Result<(), Fault> {
        for call in calls {
            let (choice, slot) = (call.choice, call.slot);
            let known = self
                .calls
                .iter_mut()
                .find(|known| (known.choice, known.slot) == (choice, slot));
            match known {
                Some(known) if known.id == call.id => {}
                Some(known) => {
                    known.id = call.id;
                    self.close_where(|key| {
                        Close::Slot { choice, slot }.closes(key)
                            && key.channel.kind() == fw_wire::TextKind::ToolArguments
                    })?;
                }
                None => {
                    self.calls.truncate(MAX_CALLS - 1);
                    self.calls.push(*call);
                }
            }
        }
        Ok(())
    }

    /// Where a choice goes on with another text, the one before is over.
    fn switch(&mut self, parts: &[Part]) -> Result<(), Fault> {
        let goes_on = |key: &Key| !key.is_token() && parts.contains(&Part::Piece(*key));
        for part in parts {
            let Part::Piece(key) = part else { continue };
            let choice = key.choice();
            let is_switch = !key.is_token()
                && self.channels.iter().any(|open| {
                    open.key.choice() == choice && !open.key.is_token() && !goes_on(&open.key)
                });
            if is_switch {
                self.close_where(|key| key.choice() == choice && !goes_on(key))?;
            }
        }
        Ok(())
    }

    #[inline]
    fn open(&mut self, key: Key) -> usize {
        if let Some(index) = self.channels.iter().position(|open| open.key == key) {
            return index;
        }
        let filter = self.make.filter(&key.channel);
        self.next_id = self.next_id.wrapping_add(1);
        self.channels.push(Open::new(self.next_id, key, filter));
        self.channels.len() - 1
    }

    /// Adds a piece to a channel and to the event that is being looked at.
    #[inline]
    fn append(&mut self, index: usize, text: &str, place: Range<usize>) {
        let Some(open) = self.channels.get_mut(index) else {
            return;
        };
        let range = open.append(text);
        self.queue.push_piece(Piece {
            channel: open.id,
            start: range.start,
            end: range.end,
            // An event is smaller than 4 GiB.
            raw: (place.start as u32, place.end as u32),
            settled: false,
        });
    }

    #[inline]
    fn scan(&mut self, index: usize, end: bool, current: &[u8]) -> Result<(), Fault> {
        let Some(open) = self.channels.get_mut(index) else {
            return Ok(());
        };
        let (id, queue) = (open.id, &mut self.queue);
        let settled = open.scan(end, &mut self.edits, |range, with| {
            queue.edit(id, range, with, current);
        })?;
        self.queue.settle(id, settled);
        Ok(())
    }

    fn close(&mut self, close: Close) -> Result<(), Fault> {
        self.close_where(|key| close.closes(key))
    }

    /// Ends channels, before the event that is being looked at.
    fn close_where(&mut self, closes: impl Fn(&Key) -> bool) -> Result<(), Fault> {
        self.last = None;
        while let Some(index) = self.channels.iter().position(|open| closes(&open.key)) {
            let mut open = self.channels.remove(index);
            let (id, queue) = (open.id, &mut self.queue);
            let mut left = String::new();
            let settled = open.scan(true, &mut self.edits, |range, with| {
                if !queue.edit(id, range, with, &[]) {
                    left.push_str(with);
                }
            })?;
            self.queue.settle(id, settled);
            if !left.is_empty() {
                let event = match self.templates.of(&open.key) {
                    Some(template) => template.event(&left),
                    None => synthetic::event(&open.key.channel, &left),
                };
                self.queue.push_written(event, open.key.choice());
            }
        }
        Ok(())
    }

    /// Looks at a text that stands by itself.
    fn filter_whole(
        &mut self,
        channel: Channel,
        found: &Text,
        event: Value<'_>,
        data: &[u8],
    ) -> Result<(), Fault> {
        let Some(value) = event.value_at(found.span) else {
            return Ok(());
        };
        let Some(filter) = self.make.filter(&channel) else {
            return Ok(());
        };
        let mut filter = Lens::new(filter, channel.is_json());
        let (start, end) = (found.span.start(), found.span.end());
        if matches!(found.encoding, TextEncoding::Number | TextEncoding::Bytes) {
            // Digits become a string. Bytes spell a token, and a changed one takes the lists with it.
            let text = match found.encoding {
                TextEncoding::Number => value.raw().to_owned(),
                _ => bytes_text(value),
            };
            if let Some(text) = filter_text(&mut filter, &text)? {
                let with = match found.encoding {
                    TextEncoding::Number => format!("\"{}\"", escape::encode(&text)),
                    _ => "[]".to_owned(),
                };
                self.queue.splice(Splice { start, end, with });
            }
            return Ok(());
        }
        let raw = data.get(start + 1..end - 1).unwrap_or_default();
        let mut text = String::new();
        if !escape::decode_into(raw, &mut text) {
            return Ok(());
        }
        self.edits.clear();
        let window = crate::filter::Window::new(&text, 0, 0, true);
        match filter.scan(&window, &mut self.edits) {
            crate::filter::Scan::Stop(error) => return Err(error.into()),
            crate::filter::Scan::Settled(_) => {}
        }
        let mut at = 0;
        for edit in &self.edits {
            let from = text.floor_char_boundary(edit.range.start).max(at);
            at = text.ceil_char_boundary(edit.range.end).max(from);
            let place = escape::raw_range(raw, from..at);
            self.queue.splice(Splice {
                start: start + 1 + place.start,
                end: start + 1 + place.end,
                with: escape::encode(&edit.with),
            });
        }
        Ok(())
    }

    /// Lets the settled part of a large delta leave, and keeps the rest in an event of its own.
    #[inline]
    fn split(&mut self, event: &Event, data: &[u8], out: &mut Output<'_>) {
        let Some(piece) = self.queue.only_piece() else {
            return;
        };
        let (start, end, raw) = (piece.start, piece.end, piece.raw);
        if ((end - start) as usize) < self.split_from
            || self.endpoint == Endpoint::Responses
            || event.has_bom()
            || !event.is_terminated()
        {
            return;
        }
        let Some(open) = self.channels.iter().find(|open| open.id == piece.channel) else {
            return;
        };
        let settled = open.settled().clamp(start, end);
        if ((settled - start) as usize) < self.split_from {
            return;
        }
        let (from, to) = (raw.0 as usize, raw.1 as usize);
        let contents = data.get(from..to).unwrap_or_default();
        let cut = from + escape::raw_range(contents, 0..(settled - start) as usize).end;
        let mut splices = self.queue.take_splices();
        splices.push(Splice {
            start: cut,
            end: to,
            with: String::new(),
        });
        // An event like this says its text only once.
        let first = event.with_data(&splice(data, splices));
        let rest = [
            data.get(..from).unwrap_or_default(),
            data.get(cut..).unwrap_or_default(),
        ]
        .concat();
        let rest = Event::assembled(event.with_data(&rest), 0, true);
        self.queue
            .replace_current(rest, settled, (raw.0, raw.1 - (cut - from) as u32));
        out.insert(first);
    }

    /// Sees to it that not too much waits.
    #[inline]
    fn bound(&mut self, out: &mut Output<'_>) -> Result<(), Fault> {
        if self.queue.len() > self.max_held_events {
            self.queue.overtake(out);
        }
        if self.queue.bytes() > self.max_held_bytes {
            if self.fail_mode == FailMode::Closed {
                return Err(Fault::Stalled);
            }
            self.flush(out)?;
        }
        Ok(())
    }

    /// Ends all channels and lets everything leave.
    fn flush(&mut self, out: &mut Output<'_>) -> Result<(), Fault> {
        self.close(Close::All)?;
        self.queue.release(None, out);
        Ok(())
    }

    /// Tells the client that the stream cannot go on.
    fn stop(&mut self, fault: Fault, out: &mut Output<'_>) {
        self.over = true;
        let fault = match fault {
            // What was said before the event that cannot be read is as good as any.
            Fault::Unreadable => self.flush(out).err().unwrap_or(Fault::Unreadable),
            fault => fault,
        };
        let error = match fault {
            Fault::Stopped(error) => *error,
            Fault::Unreadable => {
                ApiError::upstream("The upstream sent an event that is not valid JSON.")
                    .code("unreadable_event")
            }
            Fault::Stalled => ApiError::upstream(format!(
                "The reply was held back for a decision until {} bytes were waiting, the limit.",
                self.max_held_bytes
            ))
            .code("held_too_long"),
        };
        self.queue.clear();
        self.channels.clear();
        let shape = ErrorShape::for_endpoint(self.endpoint);
        out.replace(error.to_sse_event_numbered(shape, self.queue.sent()));
    }
}

impl<M: Filters> Transform for FilterText<M> {
    #[inline]
    fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow {
        if self.over {
            return Flow::End;
        }
        match self.take(event, out) {
            Ok(()) => Flow::Continue,
            Err(fault) => {
                self.stop(fault, out);
                Flow::End
            }
        }
    }

    fn end(&mut self, _end: StreamEnd<'_>, out: &mut Output<'_>) {
        if self.over {
            return;
        }
        if let Err(fault) = self.flush(out) {
            self.stop(fault, out);
            out.settle();
        }
    }
}

impl<M: Filters> fmt::Debug for FilterText<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilterText")
            .field("endpoint", &self.endpoint)
            .field("channels", &self.channels.len())
            .field("held_events", &self.queue.len())
            .field("held_bytes", &self.queue.bytes())
            .finish_non_exhaustive()
    }
}

/// The text that an array of bytes spells.
fn bytes_text(value: Value<'_>) -> String {
    let bytes: Vec<u8> = value
        .elements()
        .filter_map(|element| element.value().as_u64()?.try_into().ok())
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests;
