//! Texts that stand by themselves: whatever is no piece of a text that goes on.

use fw_wire::{TextEncoding, Value};

use super::open::Lens;
use super::{Fault, FilterText, Filters};
use crate::channel::Channel;
use crate::channels::{Text, object_around};
use crate::escape::{self, Cursor};
use crate::filter::{Scan, TextFilter, Window, filter_text};
use crate::rewrite::Splice;

impl<M: Filters> FilterText<M> {
    /// Looks at a text that stands by itself.
    pub(super) fn filter_whole(
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
        let window = Window::new(&text, 0, 0, true);
        match filter.scan(&window, &mut self.edits) {
            Scan::Stop(error) => return Err(error.into()),
            Scan::Settled(_) => {}
        }
        let mut places = Cursor::default();
        let mut at = 0;
        for edit in &self.edits {
            let from = text.floor_char_boundary(edit.range.start).max(at);
            at = text.ceil_char_boundary(edit.range.end).max(from);
            let place = places.range(raw, from..at);
            self.queue.splice(Splice {
                start: start + 1 + place.start,
                end: start + 1 + place.end,
                with: escape::encode(&edit.with),
            });
        }
        Ok(())
    }

    /// Looks at an object that is one text. `key` is where its first key is.
    pub(super) fn filter_object(
        &mut self,
        channel: Channel,
        key: usize,
        data: &[u8],
    ) -> Result<(), Fault> {
        let place = object_around(data, key);
        let Some(filter) = self.make.filter(&channel) else {
            return Ok(());
        };
        // It was read as JSON, so it is text.
        let object = data.get(place.clone()).unwrap_or_default();
        let Ok(object) = std::str::from_utf8(object) else {
            return Ok(());
        };
        self.edits.clear();
        let window = Window::new(object, 0, 0, true);
        if let Scan::Stop(error) = Lens::new(filter, true).scan(&window, &mut self.edits) {
            return Err(error.into());
        }
        for edit in &self.edits {
            self.queue.splice(Splice {
                start: place.start + edit.range.start,
                end: place.start + edit.range.end,
                with: edit.with.to_string(),
            });
        }
        Ok(())
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
