//! Where channels end.

use super::open::Open;
use super::{Fault, FilterText, Filters, MAX_CALLS};
use crate::channels::{Call, Close, Key, Part};
use crate::synthetic;

impl<M: Filters> FilterText<M> {
    /// A new id at the place of a call is a new call, and the one before is over.
    pub(super) fn note_calls(&mut self, calls: &[Call]) -> Result<(), Fault> {
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
                    self.close_where(|open| {
                        Close::Slot { choice, slot }.closes(&open.key)
                            && open.key.channel.kind() == fw_wire::TextKind::ToolArguments
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
    pub(super) fn switch(&mut self, parts: &[Part]) -> Result<(), Fault> {
        let goes_on = |key: &Key| !key.is_token() && parts.contains(&Part::Piece(*key));
        for part in parts {
            let Part::Piece(key) = part else { continue };
            let choice = key.choice();
            let is_switch = !key.is_token()
                && self.channels.iter().any(|open| {
                    open.key.choice() == choice
                        && !open.key.is_token()
                        && !goes_on(&open.key)
                        && open.may_end()
                });
            if is_switch {
                self.close_where(|open| {
                    open.key.choice() == choice && !goes_on(&open.key) && open.may_end()
                })?;
            }
        }
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
        while let Some(index) = self.channels.iter().position(&closes) {
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
                    Some(template) => template.event(&left),
                    None => synthetic::event(&open.key.channel, &left),
                };
                self.queue.push_written(event, open.key.choice());
            }
            self.templates.forget(&open.key);
        }
        Ok(())
    }
}
