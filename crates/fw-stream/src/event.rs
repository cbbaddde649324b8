//! One server-sent event, with the bytes it came in.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use bytes::{Bytes, BytesMut};
use fw_wire::{Endpoint, Value};

use crate::signals::Signals;

/// One block of an event stream: everything up to and including a blank line.
///
/// Most blocks are events. A block may also hold comments only (keep-alives) or nothing but a line
/// end; such a block has no [`data`](Self::data), dispatches nothing on the client, and is kept so
/// that the raw bytes of all blocks together are exactly the bytes of the stream.
///
/// The fields are found once, while framing, so any number of transforms can ask for them.
#[derive(Clone)]
pub struct Event {
    raw: Bytes,
    data: Data,
    name: Option<Span>,
    content: Content,
    /// How many bytes of byte order mark come before the first line.
    bom: u8,
    terminated: bool,
    /// Whether there is a line that is neither data nor the name nor empty.
    has_other_lines: bool,
    signals: Cell<Option<(Endpoint, Signals)>>,
}

#[derive(Clone)]
enum Data {
    None,
    /// The usual case: one `data` line, found in place.
    Line(Span),
    /// Several `data` lines, joined with line feeds as the standard says.
    /// It is rare, so it is kept out of line: events are moved about a lot.
    Joined(Box<Bytes>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Blank,
    Comments,
    Fields,
}

/// A range of an event's raw bytes. Events are far smaller than 4 GiB: see
/// [`Framer::max_event_bytes`](crate::Framer::max_event_bytes).
#[derive(Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn new(start: usize, end: usize) -> Self {
        let narrow = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            start: narrow(start),
            end: narrow(end),
        }
    }

    const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl Event {
    /// Reads a whole block that was put together from several chunks.
    pub(crate) fn assembled(raw: Bytes, bom: usize, terminated: bool) -> Self {
        let mut fields = Fields::default();
        for line in Lines::new(&raw, bom) {
            fields.line(&raw[line.start..line.end], line.start);
        }
        Self::framed(raw, fields, bom, terminated)
    }

    /// A block whose lines were already read.
    #[inline]
    pub(crate) fn framed(raw: Bytes, fields: Fields, bom: usize, terminated: bool) -> Self {
        let data = match (fields.data, fields.data_lines) {
            (None, _) => Data::None,
            (Some(span), 1) => Data::Line(span),
            (Some(_), _) => Data::Joined(Box::new(join(&raw, bom))),
        };
        Self {
            data,
            name: fields.name,
            content: fields.content.unwrap_or(Content::Blank),
            raw,
            // At most the three bytes of a mark.
            bom: bom as u8,
            terminated,
            has_other_lines: fields.has_other_lines,
            signals: Cell::new(None),
        }
    }

    /// A block that is one line of data and its blank line.
    #[inline]
    pub(crate) fn line(raw: Bytes, data: std::ops::Range<usize>) -> Self {
        Self {
            raw,
            data: Data::Line(Span::new(data.start, data.end)),
            name: None,
            content: Content::Fields,
            bom: 0,
            terminated: true,
            has_other_lines: false,
            signals: Cell::new(None),
        }
    }

    /// The bytes of the block as they arrived, its blank line included.
    pub const fn raw(&self) -> &Bytes {
        &self.raw
    }

    /// The event's data: the value of its `data` field, or of all of them joined with line feeds.
    ///
    /// `None` means that there was no such field, and a client sees no event at all.
    pub fn data(&self) -> Option<&[u8]> {
        match &self.data {
            Data::None => None,
            Data::Line(span) => Some(&self.raw[span.range()]),
            Data::Joined(data) => Some(data),
        }
    }

    /// [`data`](Self::data) to keep: shares the event's memory instead of copying it.
    pub fn data_bytes(&self) -> Option<Bytes> {
        match &self.data {
            Data::None => None,
            Data::Line(span) => Some(self.raw.slice(span.range())),
            Data::Joined(data) => Some((**data).clone()),
        }
    }

    /// The data read as JSON. `None` if there is no data or if it is not JSON, as with `[DONE]`.
    ///
    /// This validates the whole text each time it is called.
    pub fn json(&self) -> Option<Value<'_>> {
        Value::parse(self.data()?).ok()
    }

    /// The value of the last `event` field. `None` if there is none, or if it is not UTF-8.
    pub fn name(&self) -> Option<&str> {
        let span = self.name?;
        std::str::from_utf8(&self.raw[span.range()]).ok()
    }

    /// Whether there is a line that is neither data nor the name nor empty.
    pub(crate) const fn has_other_lines(&self) -> bool {
        self.has_other_lines
    }

    /// Whether there is an `event` field.
    pub(crate) const fn has_name(&self) -> bool {
        self.name.is_some()
    }

    /// All fields in order, comments left out.
    pub fn fields(&self) -> impl Iterator<Item = Field<'_>> {
        Lines::new(&self.raw, self.bom.into()).filter_map(|line| {
            let line = &self.raw[line.start..line.end];
            let (name, value) = split(line);
            (!name.is_empty()).then(|| Field {
                name,
                value: &line[value..],
            })
        })
    }

    /// Whether this is OpenAI's end marker, `data: [DONE]`.
    ///
    /// As in the OpenAI SDKs, data that starts with the marker is enough.
    pub fn is_done(&self) -> bool {
        self.data().is_some_and(|data| data.starts_with(b"[DONE]"))
    }

    /// Whether the block holds comments and no field. Servers send such blocks as keep-alives.
    pub fn is_comment(&self) -> bool {
        self.content == Content::Comments
    }

    /// Whether the block is a bare line end: a spare blank line, or the line feed of a CRLF whose
    /// carriage return already ended the block before it.
    pub fn is_blank(&self) -> bool {
        self.content == Content::Blank
    }

    /// Whether the blank line that ends an event has been seen.
    ///
    /// `false` only for the rest of a stream that stopped within an event. Clients that follow the
    /// standard ignore such a rest; others read it.
    pub const fn is_terminated(&self) -> bool {
        self.terminated
    }

    /// The same event with other data: other fields, comments and line ends stay as they are.
    ///
    /// Data that spans several lines is written as several `data` fields.
    #[must_use]
    pub fn with_data(&self, data: &[u8]) -> Bytes {
        let eol = self.eol();
        let mut out = BytesMut::with_capacity(self.raw.len() + data.len());
        let mut written = false;
        let mut copied = 0;
        for line in Lines::new(&self.raw, self.bom.into()) {
            let bytes = &self.raw[line.start..line.end];
            let (name, value) = split(bytes);
            let is_data = name == b"data";
            // An event without data gets it before its blank line.
            let is_place = is_data || (bytes.is_empty() && !written);
            if !is_place {
                continue;
            }
            out.extend_from_slice(&self.raw[copied..line.start]);
            if !written {
                let prefix: &[u8] = if is_data && value > name.len() {
                    &bytes[..value]
                } else {
                    b"data: "
                };
                write_data(&mut out, prefix, data, eol);
                written = true;
            }
            copied = if is_data { line.next } else { line.start };
        }
        out.extend_from_slice(&self.raw[copied..]);
        if !written {
            // Only a torn rest has no blank line to write before.
            if !out.is_empty() && !out.ends_with(b"\n") && !out.ends_with(b"\r") {
                out.extend_from_slice(eol);
            }
            write_data(&mut out, b"data: ", data, eol);
        }
        out.freeze()
    }

    /// The names and values of all lines. A comment has no name; an empty line has neither.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        Lines::new(&self.raw, self.bom.into()).map(|line| {
            let line = &self.raw[line.start..line.end];
            let (name, value) = split(line);
            (name, &line[value.min(line.len())..])
        })
    }

    /// The same event with only those lines that `keep` says yes to. A comment becomes an empty comment.
    pub(crate) fn with_lines(&self, mut keep: impl FnMut(&[u8], &[u8]) -> bool) -> Self {
        let bom = usize::from(self.bom);
        let mut out = BytesMut::with_capacity(self.raw.len());
        out.extend_from_slice(&self.raw[..bom]);
        for (line, (name, value)) in Lines::new(&self.raw, bom).zip(self.lines()) {
            if keep(name, value) {
                out.extend_from_slice(&self.raw[line.start..line.next]);
            } else if name.is_empty() {
                out.extend_from_slice(b":");
                out.extend_from_slice(&self.raw[line.end..line.next]);
            }
        }
        Self::assembled(out.freeze(), bom, self.terminated)
    }

    /// The line end this event uses, LF if it has none.
    fn eol(&self) -> &'static [u8] {
        match memchr::memchr2(b'\n', b'\r', &self.raw) {
            Some(at) if self.raw[at] == b'\r' => match self.raw.get(at + 1) {
                Some(b'\n') => b"\r\n",
                _ => b"\r",
            },
            _ => b"\n",
        }
    }

    /// Where the event is in `chunk`, if it shares its memory.
    ///
    /// Told by the addresses: both are alive, so only a part of the chunk can be within it.
    #[inline]
    pub(crate) fn place_in(&self, chunk: &Bytes) -> Option<std::ops::Range<usize>> {
        let start = self
            .raw
            .as_ptr()
            .addr()
            .checked_sub(chunk.as_ptr().addr())?;
        let end = start.checked_add(self.raw.len())?;
        (end <= chunk.len()).then_some(start..end)
    }

    /// Whether a byte order mark comes before the event.
    pub(crate) const fn has_bom(&self) -> bool {
        self.bom > 0
    }

    /// Notes that there is nothing for a search to find.
    pub(crate) fn set_no_signals(&self, endpoint: Endpoint) {
        self.signals.set(Some((endpoint, Signals::NONE)));
    }

    /// What a cheap search of the data found; remembered, so that composed transforms search once.
    pub(crate) fn signals(&self, endpoint: Endpoint) -> Signals {
        if let Some((of, signals)) = self.signals.get()
            && of == endpoint
        {
            return signals;
        }
        let signals = Signals::of(endpoint, self);
        self.signals.set(Some((endpoint, signals)));
        signals
    }
}

impl fmt::Debug for Event {
    /// Lengths and kinds only: the data is what a model said to somebody.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("name", &self.name())
            .field("raw_len", &self.raw.len())
            .field("data_len", &self.data().map(<[u8]>::len))
            .field("terminated", &self.terminated)
            .finish()
    }
}

/// One field of an event, such as `retry: 3000`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    name: &'a [u8],
    value: &'a [u8],
}

impl<'a> Field<'a> {
    /// The field's name: what stands before the first colon, or the whole line without one.
    pub const fn name(self) -> &'a [u8] {
        self.name
    }

    /// The field's value, without the one space that may follow the colon.
    pub const fn value(self) -> &'a [u8] {
        self.value
    }
}

impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field")
            .field("name", &String::from_utf8_lossy(self.name))
            .field("value_len", &self.value.len())
            .finish()
    }
}

/// Writes one event: an optional `event` line, the data, a blank line.
///
/// ```
/// assert_eq!(fw_stream::encode_event(None, b"[DONE]"), "data: [DONE]\n\n");
/// assert_eq!(
///     fw_stream::encode_event(Some("ping"), b"{}"),
///     "event: ping\ndata: {}\n\n"
/// );
/// ```
///
/// Line ends in the name become spaces, because they would start another field.
pub fn encode_event(name: Option<&str>, data: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(data.len() + name.map_or(0, |name| name.len() + 8) + 8);
    if let Some(name) = name {
        let name = if name.contains(['\n', '\r']) {
            Cow::Owned(name.replace(['\n', '\r'], " "))
        } else {
            Cow::Borrowed(name)
        };
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\n");
    }
    write_data(&mut out, b"data: ", data, b"\n");
    out.extend_from_slice(b"\n");
    out.freeze()
}

fn write_data(out: &mut BytesMut, prefix: &[u8], data: &[u8], eol: &[u8]) {
    let mut rest = data;
    loop {
        let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        // Without the space, a value that starts with one would lose it.
        let prefix = if rest.first() == Some(&b' ') && !prefix.ends_with(b" ") {
            b"data: "
        } else {
            prefix
        };
        out.extend_from_slice(prefix);
        out.extend_from_slice(&rest[..end]);
        out.extend_from_slice(eol);
        if end == rest.len() {
            return;
        }
        let crlf = rest[end..].starts_with(b"\r\n");
        rest = &rest[end + 1 + usize::from(crlf)..];
    }
}

/// What the lines of a block said, gathered line by line.
#[derive(Clone, Copy, Default)]
pub(crate) struct Fields {
    data: Option<Span>,
    data_lines: u32,
    name: Option<Span>,
    content: Option<Content>,
    has_other_lines: bool,
}

impl Fields {
    /// Takes in one line (without its end) that starts at `at` in the block.
    #[inline]
    pub(crate) fn line(&mut self, line: &[u8], at: usize) {
        let (name, value) = split(line);
        if name.is_empty() {
            self.has_other_lines |= !line.is_empty();
            if !line.is_empty() && self.content.is_none() {
                self.content = Some(Content::Comments);
            }
            return;
        }
        self.content = Some(Content::Fields);
        let span = Span::new(at + value, at + line.len());
        match name {
            b"data" => {
                self.data_lines = self.data_lines.saturating_add(1);
                if self.data_lines == 1 {
                    self.data = Some(span);
                }
            }
            b"event" => {
                // The last name counts; the ones before are only more lines.
                self.has_other_lines |= self.name.is_some();
                self.name = Some(span);
            }
            _ => self.has_other_lines = true,
        }
    }
}

/// The field name of a line, and where its value starts. A comment or an empty line has no name.
#[inline]
fn split(line: &[u8]) -> (&[u8], usize) {
    // The two names that matter are tried first: searching for the colon costs more.
    let colon = if line.starts_with(b"data:") {
        4
    } else if line.starts_with(b"event:") {
        5
    } else {
        match memchr::memchr(b':', line) {
            Some(colon) => colon,
            None => return (line, line.len()),
        }
    };
    let space = usize::from(line.get(colon + 1) == Some(&b' '));
    (&line[..colon], colon + 1 + space)
}

/// The byte order mark counts only at the very start of a stream, and there only once.
pub(crate) const BOM: &[u8] = b"\xEF\xBB\xBF";

fn join(raw: &[u8], bom: usize) -> Bytes {
    let mut out = BytesMut::with_capacity(raw.len());
    let mut first = true;
    for line in Lines::new(raw, bom) {
        let line = &raw[line.start..line.end];
        let (name, value) = split(line);
        if name != b"data" {
            continue;
        }
        if !std::mem::take(&mut first) {
            out.extend_from_slice(b"\n");
        }
        out.extend_from_slice(&line[value..]);
    }
    out.freeze()
}

struct Line {
    start: usize,
    end: usize,
    next: usize,
}

/// The lines of a block, by LF, CRLF or CR. The rest after the last line end counts if not empty.
struct Lines<'a> {
    raw: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    fn new(raw: &'a [u8], at: usize) -> Self {
        Self { raw, at }
    }
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        let rest = self.raw.get(self.at..).filter(|rest| !rest.is_empty())?;
        let start = self.at;
        let (len, eol) = match memchr::memchr2(b'\n', b'\r', rest) {
            None => (rest.len(), 0),
            Some(at) if rest[at..].starts_with(b"\r\n") => (at, 2),
            Some(at) => (at, 1),
        };
        self.at = start + len + eol;
        Some(Line {
            start,
            end: start + len,
            next: self.at,
        })
    }
}

#[cfg(test)]
mod tests;
