//! What an event says, and what becomes of it.

use std::mem;
use std::ops::Range;

use fw_wire::Value;

use super::open::Open;
use super::{FailMode, Fault, FilterText, Filters, MAX_CHANNELS, beside};
use crate::channels::{Close, Key, Part, Reading};
use crate::escape;
use crate::event::Event;
use crate::rewrite::Splice;
use crate::template::Like;
use crate::transform::Output;

/// OpenAI's end marker. Its SDKs take all data that begins like this for it.
const DONE: &[u8] = b"[DONE]";

impl<M: Filters> FilterText<M> {
    #[inline]
    pub(super) fn take(&mut self, event: &Event, out: &mut Output<'_>) -> Result<(), Fault> {
        if beside::is_harmless(event) {
            return self.take_harmless(event, out);
        }
        let event = beside::without_harm(event);
        self.take_harmless(&event, &mut out.instead(&event))
    }

    #[inline]
    fn take_harmless(&mut self, event: &Event, out: &mut Output<'_>) -> Result<(), Fault> {
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
        let marker = data.trim_ascii();
        if marker.starts_with(DONE) {
            self.close(Close::All)?;
            self.queue.push_current(None);
            if marker != DONE {
                // For the SDKs this is the marker. What follows it is neither JSON nor anybody's text.
                self.queue.splice(Splice {
                    start: 0,
                    end: data.len(),
                    with: "[DONE]".to_owned(),
                });
            }
            self.queue.release(Some(event), out);
            self.queue.keep(event);
            return Ok(());
        }
        let mended;
        let mut json = data;
        let value = match Value::parse(data) {
            Ok(value) => value,
            Err(_) => {
                mended = escape::without_lone_surrogates(data).unwrap_or_default();
                json = &mended;
                match Value::parse(json) {
                    Ok(value) => value,
                    Err(_) => return self.take_unreadable(event, data, out),
                }
            }
        };
        let mut reading = self.reading.take().unwrap_or_default();
        reading.read(self.endpoint, event.name(), value, json);
        let taken = self.take_read(event, data, value, &reading, out);
        self.reading = Some(reading);
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
    pub(super) fn line_up(&mut self, event: &Event, choice: Option<u32>, out: &mut Output<'_>) {
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
        let like = template.like;
        let mut text = mem::take(&mut self.text);
        text.clear();
        let is_text = escape::decode_into(data.get(place.clone()).unwrap_or_default(), &mut text);
        let taken = if is_text {
            self.take_delta(event, data, like, &text, place, out)
        } else {
            Ok(())
        };
        self.text = text;
        if is_text {
            self.reading = None;
        }
        taken.map(|()| is_text)
    }

    #[inline]
    fn take_delta(
        &mut self,
        event: &Event,
        data: &[u8],
        like: Like,
        text: &str,
        place: Range<usize>,
        out: &mut Output<'_>,
    ) -> Result<(), Fault> {
        let Like { key, choice, .. } = like;
        if text.is_empty() {
            self.line_up(event, choice, out);
            return Ok(());
        }
        if self.last != Some(key) {
            self.settle_finishing(&[key], &[], choice)?;
            self.note_finished(&[], &[key], &[]);
            self.switch(&[key])?;
            self.last = Some(key);
        }
        self.queue.push_current(choice);
        let index = self.open(key);
        self.append(index, text, place);
        self.scan(index, false, data)?;
        self.queue.release(Some(event), out);
        if !self.queue.is_empty() {
            if like.is_alone {
                self.split(event, data, out);
            }
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
        let Some(keys) = keys(reading) else {
            return self.take_crowded(event, out);
        };
        self.note_calls(&reading.calls)?;
        self.settle_finishing(&keys, &reading.calls, reading.choice)?;
        self.note_finished(&reading.closes, &keys, &reading.calls);
        let closes = if self.finishes_say_nothing() {
            &[]
        } else {
            &*reading.closes
        };
        self.close_all_of(closes, &keys)?;
        self.switch(&keys)?;
        if self.channels.len() + keys.len() > MAX_CHANNELS {
            if self.fail_mode == FailMode::Closed {
                return Err(Fault::Crowded);
            }
            self.flush(out)?;
        }
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
                Part::Object(channel) => self.filter_object(channel, found.span.start(), data)?,
                Part::Shadowed => self.queue.splice(Splice {
                    start: found.span.start(),
                    end: found.span.end(),
                    with: "\"\"".to_owned(),
                }),
            }
        }
        self.text = text;
        let changes_wholes = self.queue.changes_last();
        for key in &keys {
            let Some(index) = self.channels.iter().position(|open| open.key == *key) else {
                continue;
            };
            let ends = closes
                .iter()
                .any(|close| close.waits_for_the_next() && close.closes(key));
            let is_filtered = self.channels.get(index).is_some_and(Open::is_filtered);
            if ends && is_filtered {
                self.finish_after_the_next(index);
            } else {
                self.scan(index, false, data)?;
            }
        }
        self.queue.release(Some(event), out);
        self.queue.keep(event);
        // Texts beside the piece are the same in a like event, so they need not be looked at again.
        if reading.is_delta
            && !changes_wholes
            && let Some((key, span, is_alone)) = reading.only_piece()
        {
            let place = span.start() + 1..span.end() - 1;
            let like = Like {
                key,
                choice: reading.choice,
                is_alone,
            };
            let name = event.name();
            self.templates.learn(like, name, value, data, place);
        }
        Ok(())
    }

    /// Takes an event that has more texts at once than may go on.
    fn take_crowded(&mut self, event: &Event, out: &mut Output<'_>) -> Result<(), Fault> {
        if self.fail_mode == FailMode::Closed {
            return Err(Fault::Crowded);
        }
        self.line_up(event, None, out);
        Ok(())
    }
}

/// The channels that an event has text of. `None` if they are more than may be open.
fn keys(reading: &Reading) -> Option<Vec<Key>> {
    let mut keys: Vec<Key> = Vec::new();
    for found in reading.texts.iter().filter(|text| !text.is_empty()) {
        let Part::Piece(key) = found.part else {
            continue;
        };
        if keys.last() != Some(&key) && !keys.contains(&key) {
            if keys.len() == MAX_CHANNELS {
                return None;
            }
            keys.push(key);
        }
    }
    Some(keys)
}
