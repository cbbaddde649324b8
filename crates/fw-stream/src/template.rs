//! Events that differ from the last of their kind in the text only.
//!
//! Nearly all events of a stream carry a few words in an envelope that stays the same. If the data of an
//! event begins and ends like that of one that was read, up to and from the quotes of its text, and what is
//! between is the valid contents of one string, then it is the same JSON but for that string. So nothing
//! else has to be read.
//!
//! Events of Responses also count: one number, `sequence_number`, may differ as well.

use std::ops::Range;

use bytes::Bytes;
use fw_wire::{Endpoint, Value};

use crate::channels::Key;
use crate::escape;
use crate::event::encode_event;

/// Fewer than a stream of many choices has, for the memory; more than others need.
const MAX_TEMPLATES: usize = 8;

/// The templates of a stream, the last one used first.
#[derive(Default)]
pub(crate) struct Templates {
    templates: Vec<Template>,
}

pub(crate) struct Template {
    pub(crate) like: Like,
    name: Option<Box<str>>,
    before: Part,
    after: Part,
}

/// What is known about each event like a template.
#[derive(Clone, Copy)]
pub(crate) struct Like {
    pub(crate) key: Key,
    pub(crate) choice: Option<u32>,
    /// Whether the event has no other text, so that it may be written twice.
    pub(crate) is_alone: bool,
}

/// The bytes on one side of the text.
#[derive(Default)]
struct Part {
    bytes: Vec<u8>,
    /// Where a number is that may differ, and how long. Without one it is as long as nothing.
    number: (u32, u32),
}

impl Templates {
    /// The template that the data follows, and where the contents of its text are.
    #[inline]
    pub(crate) fn find(&mut self, data: &[u8]) -> Option<(&Template, Range<usize>)> {
        let (index, range) = self
            .templates
            .iter()
            .enumerate()
            .find_map(|(index, template)| Some((index, template.text(data)?)))?;
        if index > 0 {
            self.templates.swap(0, index);
        }
        Some((self.templates.first()?, range))
    }

    /// The template of a channel.
    pub(crate) fn of(&self, key: &Key) -> Option<&Template> {
        self.templates
            .iter()
            .find(|template| template.like.key == *key)
    }

    /// Forgets a channel that is over.
    pub(crate) fn forget(&mut self, key: &Key) {
        self.templates.retain(|template| template.like.key != *key);
    }

    /// Remembers an event that was read. `text` is where the contents of its text are.
    pub(crate) fn learn(
        &mut self,
        like: Like,
        name: Option<&str>,
        event: Value<'_>,
        data: &[u8],
        text: Range<usize>,
    ) {
        let known = self.templates.iter().position(|of| of.like.key == like.key);
        let index = known.unwrap_or_else(|| {
            if self.templates.len() < MAX_TEMPLATES {
                self.templates.reserve_exact(1);
                self.templates.push(Template {
                    like,
                    name: None,
                    before: Part::default(),
                    after: Part::default(),
                });
            }
            self.templates.len() - 1
        });
        self.templates.swap(0, index);
        let Some(template) = self.templates.first_mut() else {
            return;
        };
        template.like = like;
        if template.name.as_deref() != name {
            template.name = name.map(Into::into);
        }
        let number = (like.key.channel.endpoint() == Endpoint::Responses)
            .then(|| event.get("sequence_number"))
            .flatten()
            .filter(|number| number.as_u64().is_some())
            .map(|number| number.span().range());
        template.before.learn(data, 0..text.start, number.clone());
        template.after.learn(data, text.end..data.len(), number);
    }
}

impl Template {
    #[inline]
    fn text(&self, data: &[u8]) -> Option<Range<usize>> {
        let start = self.before.at_start(data)?;
        let end = self.after.at_end(data)?;
        (start <= end).then_some(start..end)
    }

    /// Data like this with another text, given as the contents of a string.
    pub(crate) fn data(&self, contents: &[u8]) -> Vec<u8> {
        [&*self.before.bytes, contents, &*self.after.bytes].concat()
    }

    /// A whole event like this with another text.
    pub(crate) fn event(&self, text: &str) -> Bytes {
        let data = self.data(escape::encode(text).as_bytes());
        encode_event(self.name.as_deref(), &data)
    }
}

impl Part {
    fn learn(&mut self, data: &[u8], range: Range<usize>, number: Option<Range<usize>>) {
        self.bytes.clear();
        self.bytes.reserve_exact(range.len());
        self.bytes
            .extend_from_slice(data.get(range.clone()).unwrap_or_default());
        // An event is smaller than 4 GiB.
        self.number = number
            .filter(|number| range.start <= number.start && number.end <= range.end)
            .map(|number| ((number.start - range.start) as u32, number.len() as u32))
            .unwrap_or_default();
    }

    /// What stands before and after the number.
    fn around_number(&self) -> Option<(&[u8], &[u8])> {
        let (at, length) = (self.number.0 as usize, self.number.1 as usize);
        (length > 0).then(|| (&self.bytes[..at], &self.bytes[at + length..]))
    }

    /// Where the data goes on after beginning like this.
    #[inline]
    fn at_start(&self, data: &[u8]) -> Option<usize> {
        let Some((head, tail)) = self.around_number() else {
            return data.starts_with(&self.bytes).then_some(self.bytes.len());
        };
        let rest = data.strip_prefix(head)?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (is_number(&rest[..digits]) && rest[digits..].starts_with(tail))
            .then_some(head.len() + digits + tail.len())
    }

    /// Where the data ends like this.
    #[inline]
    fn at_end(&self, data: &[u8]) -> Option<usize> {
        let Some((head, tail)) = self.around_number() else {
            return data
                .ends_with(&self.bytes)
                .then(|| data.len() - self.bytes.len());
        };
        let rest = data.strip_suffix(tail)?;
        let digits = rest
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let (rest, digits) = rest.split_at(rest.len() - digits);
        (is_number(digits) && rest.ends_with(head)).then(|| rest.len() - head.len())
    }
}

/// Whether these digits are a number in JSON.
fn is_number(digits: &[u8]) -> bool {
    !digits.is_empty() && (digits.len() == 1 || digits.first() != Some(&b'0'))
}
