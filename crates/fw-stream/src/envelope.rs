//! Events that say nothing new but their text.

use std::ops::Range;

use fw_wire::Value;

use crate::event::Event;

/// Recognises events that differ from an earlier one only in the text that a model wrote.
///
/// Nearly all events of a chat or a text completion carry a few words in an envelope that stays the same. If the
/// data begins and ends as that of an event that was read, up to the opening quote of its text and from
/// the closing quote on, and nothing between can end the string, then it is the same JSON but for that
/// string. Whoever found nothing in the first finds nothing in the others, at a tenth of what a search
/// costs.
///
/// Only the model's text may differ, `content`, `reasoning_content` and `text`: in other strings, such as a finish reason or a type, there
/// is something to find.
///
/// ```
/// use fw_stream::{Envelope, Framer};
///
/// let mut framer = Framer::new();
/// framer.push(
///     concat!(
///         "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"},\"finish_reason\":null}]}\n\n",
///         "data: {\"choices\":[{\"delta\":{\"content\":\"lo\"},\"finish_reason\":null}]}\n\n",
///         "data: {\"choices\":[{\"delta\":{\"content\":\"\"},\"finish_reason\":\"stop\"}]}\n\n",
///     )
///     .into(),
/// );
/// let mut next = || framer.next_event().map(Option::unwrap);
///
/// let mut envelope = Envelope::new();
/// let first = next()?;
/// assert!(!envelope.holds(&first));
/// envelope.learn(&first);
/// assert!(envelope.holds(&next()?));
/// assert!(!envelope.holds(&next()?));
/// # Ok::<(), fw_stream::FrameError>(())
/// ```
#[derive(Clone, Default)]
pub struct Envelope {
    /// What stands before the text, its opening quote included, and after it. Empty: nothing was learnt.
    before: Box<[u8]>,
    after: Box<[u8]>,
    /// How many events in a row were other ones.
    others: u32,
}

impl Envelope {
    /// One that recognises nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the event differs from the one that was learnt in its text only.
    #[inline]
    pub fn holds(&mut self, event: &Event) -> bool {
        let holds = event
            .data()
            .is_some_and(|data| self.has_same_ends(data, event));
        self.others = if holds {
            0
        } else {
            self.others.saturating_add(1)
        };
        holds
    }

    fn has_same_ends(&self, data: &[u8], event: &Event) -> bool {
        let text = data
            .strip_prefix(&*self.before)
            .and_then(|rest| rest.strip_suffix(&*self.after));
        // Where an event has a name, that may say something.
        !self.before.is_empty() && !event.has_name() && text.is_some_and(is_within_a_string)
    }

    /// Learns an event in which nothing was found.
    ///
    /// Does so less and less often while nothing that was learnt comes again, so that it costs little
    /// where every event is different.
    pub fn learn(&mut self, event: &Event) {
        if self.others > 2 && !self.others.is_power_of_two() {
            return;
        }
        let data = event.data().unwrap_or_default();
        if let Some(text) = event.json().and_then(only_text)
            && let (Some(before), Some(after)) = (data.get(..text.start), data.get(text.end..))
        {
            self.before = before.into();
            self.after = after.into();
        }
    }
}

// The text around it says nothing, but it is a stream's all the same.
impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Envelope").finish_non_exhaustive()
    }
}

/// Where the contents of the text are that the first choice has.
fn only_text(event: Value<'_>) -> Option<Range<usize>> {
    let choice = event.get("choices")?.index(0)?;
    let text = match choice.get("delta") {
        Some(delta) => ["content", "reasoning_content"]
            .into_iter()
            .filter_map(|key| delta.get(key))
            .find(|text| text.is_string())?,
        None => choice.get("text").filter(|text| text.is_string())?,
    };
    let span = text.span();
    Some(span.start() + 1..span.end().checked_sub(1)?)
}

/// Whether no quote in it ends the string that it is put into.
fn is_within_a_string(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'"', b'\\', rest) {
        // A backslash takes the next byte along. At the end that would be the closing quote.
        match (rest.get(at), rest.get(at + 2..)) {
            (Some(b'\\'), Some(after)) => rest = after,
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests;
