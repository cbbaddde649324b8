//! Where channels end.

use fw_wire::Endpoint;

use super::open::Open;
use super::{Fault, FilterText, Filters, MAX_CALLS, MAX_CHANNELS};
use crate::channels::{Call, Close, Key};
use crate::synthetic;

/// What the upstream said that bears on the ends of texts.
#[derive(Default)]
pub(super) struct Ends {
    /// The last id at the place of each call.
    calls: Vec<Call>,
    /// The choices that were finished.
    finished: Vec<u32>,
    /// One of them has gone on.
    finishes_say_nothing: bool,
    /// The last piece of a channel waits for the next event to tell whether it was the last.
    is_open: bool,
}

impl<M: Filters> FilterText<M> {
    /// Whether a piece waits for the next event to tell whether it was the last.
    pub(super) fn is_finishing(&self) -> bool {
        self.ends.as_ref().is_some_and(|of| of.is_open)
    }

    /// Whether finish reasons can be believed.
    pub(super) fn finishes_say_nothing(&self) -> bool {
        self.ends.as_ref().is_some_and(|of| of.finishes_say_nothing)
    }

    /// A new id at the place of a call is a new call, and the one before is over; but some servers give
    /// each piece an id of its own, so JSON that is not complete goes on.
    pub(super) fn note_calls(&mut self, calls: &[Call]) -> Result<(), Fault> {
        for call in calls {
            let (choice, slot) = (call.choice, call.slot);
            let calls = &mut self.ends.get_or_insert_default().calls;
            let known = calls
                .iter_mut()
                .find(|known| (known.choice, known.slot) == (choice, slot));
            match known {
                Some(known) if known.id == call.id => {}
                Some(known) => {
                    known.id = call.id;
                    self.close_where(|open| {
                        Close::Slot { choice, slot }.closes(&open.key)
                            && open.key.channel.kind() == fw_wire::TextKind::ToolArguments
                            && open.may_end()
                    })?;
                }
                None => {
                    calls.truncate(MAX_CALLS - 1);
                    calls.push(*call);
                }
            }
        }
        Ok(())
    }

    /// Where a choice goes on with another text, the one before is over. `keys` are the channels that the
    /// event has text of.
    pub(super) fn switch(&mut self, keys: &[Key]) -> Result<(), Fault> {
        let goes_on = |key: &Key| !key.is_token() && keys.contains(key);
        let mut switched: Vec<u32> = Vec::new();
        for open in &self.channels {
            let choice = open.key.choice();
            if !open.key.is_token()
                && !switched.contains(&choice)
                && keys
                    .iter()
                    .any(|key| !key.is_token() && key.choice() == choice)
                && !goes_on(&open.key)
                && open.may_end()
            {
                switched.push(choice);
            }
        }
        if switched.is_empty() {
            return Ok(());
        }
        self.close_where(|open| {
            switched.contains(&open.key.choice()) && !goes_on(&open.key) && open.may_end()
        })
    }

    /// What an event closes. A channel that the event has text of goes on for now, unless its slot begins
    /// anew.
    pub(super) fn close_all_of(&mut self, closes: &[Close], keys: &[Key]) -> Result<(), Fault> {
        if closes.is_empty() {
            return Ok(());
        }
        self.close_where(|open| {
            let has_text = keys.contains(&open.key);
            closes
                .iter()
                .any(|close| close.closes(&open.key) && !(has_text && close.waits_for_the_next()))
        })
    }

    /// Notes the choices that an event finishes, and whether one goes on that was finished.
    pub(super) fn note_finished(&mut self, closes: &[Close], keys: &[Key], calls: &[Call]) {
        let has_finish_reasons = self.has_finish_reasons();
        if self.ends.is_none() && closes.is_empty() {
            return;
        }
        let ends = self.ends.get_or_insert_default();
        let goes_on = |choice: &u32| goes_on(*choice, keys, calls);
        ends.finishes_say_nothing |= has_finish_reasons && ends.finished.iter().any(goes_on);
        for close in closes {
            if let Close::Choice(choice) = *close
                && ends.finished.len() < MAX_CHANNELS
                && !ends.finished.contains(&choice)
            {
                ends.finished.push(choice);
            }
        }
    }

    /// A channel has had a piece in an event that closes it.
    pub(super) fn finish_after_the_next(&mut self, index: usize) {
        if let Some(open) = self.channels.get_mut(index) {
            open.is_finishing = true;
            self.ends.get_or_insert_default().is_open = true;
        }
    }

    /// In other endpoints an end is told by an event of its own.
    const fn has_finish_reasons(&self) -> bool {
        !matches!(self.endpoint, Endpoint::Responses | Endpoint::Messages)
    }

    /// After an event that finished a choice and had text of it, which waits: what the next event says.
    ///
    /// Some servers send a finish reason with every piece of text. So the text is over only if the choice
    /// says no more: no text, and no call that begins.
    pub(super) fn settle_finishing(
        &mut self,
        keys: &[Key],
        calls: &[Call],
        about: Option<u32>,
    ) -> Result<(), Fault> {
        if !self.is_finishing() {
            return Ok(());
        }
        let says_nothing = self.finishes_say_nothing();
        for open in &mut self.channels {
            let choice = open.key.choice();
            open.is_finishing &= !says_nothing && !goes_on(choice, keys, calls);
        }
        // An event about others tells nothing.
        let about_others = |choice: u32| match about {
            Some(about) => about != choice,
            None => !keys.is_empty(),
        };
        self.close_where(|open| open.is_finishing && !about_others(open.key.choice()))?;
        let is_open = self.channels.iter().any(|open| open.is_finishing);
        self.ends.get_or_insert_default().is_open = is_open;
        Ok(())
    }

    pub(super) fn close(&mut self, close: Close) -> Result<(), Fault> {
        self.close_where(|open| close.closes(&open.key))
    }

    /// Ends channels, before the event that is being looked at.
    pub(super) fn close_where(
        &mut self,
        closes: impl Fn(&Open<M::Filter>) -> bool,
    ) -> Result<(), Fault> {
        self.last = None;
        let mut index = 0;
        while let Some(open) = self.channels.get(index) {
            if !closes(open) {
                index += 1;
                continue;
            }
            let mut open = self.channels.remove(index);
            let id = open.id;
            let mut left = String::new();
            let mut editor = self.queue.editor(id, &[]);
            let settled = open.scan(true, &mut self.edits, |range, with| {
                if !editor.edit(range, with) {
                    left.push_str(with);
                }
            })?;
            self.queue.settle(id, settled);
            if !left.is_empty() {
                let event = match self.templates.of(&open.key) {
                    Some(template) if template.like.is_alone => template.event(&left),
                    _ => synthetic::event(&open.key.channel, &left),
                };
                self.queue.push_written(event, open.key.choice());
            }
            self.templates.forget(&open.key);
        }
        Ok(())
    }
}

/// Whether an event with these texts and calls says more of a choice.
fn goes_on(choice: u32, keys: &[Key], calls: &[Call]) -> bool {
    keys.iter().any(|key| key.choice() == choice) || calls.iter().any(|call| call.choice == choice)
}
