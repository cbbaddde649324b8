//! Tool calls while they come in, in fragments and side by side.

use crate::response::chat::{Called, MAX_CALLS};

/// One call.
#[derive(Default)]
pub(super) struct Pending {
    /// The service's number for it.
    number: u64,
    pub(super) id: String,
    pub(super) name: String,
    /// What has come of the arguments before the call could be told.
    pub(super) arguments: String,
    /// The output item, once the call is told.
    pub(super) output: Option<usize>,
}

/// The calls of a reply, in the order of their first fragments.
#[derive(Default)]
pub(super) struct Calls {
    list: Vec<Pending>,
    last: usize,
}

/// There are more calls than a reply can have.
pub(super) struct TooMany;

impl Calls {
    /// Takes in a fragment. Returns which call it belongs to.
    ///
    /// That is the one with its number. Without a number, an id that was seen stands for its call, another id or
    /// another name opens a call, and all else continues the last one.
    pub(super) fn fragment(&mut self, fragment: &Called<'_>) -> Result<usize, TooMany> {
        let by_number = |number| self.list.iter().position(|call| call.number == number);
        let by_id = || {
            let id = &*fragment.id;
            let same = |call: &Pending| !id.is_empty() && call.id == id;
            self.list.iter().position(same)
        };
        let last = self.list.get(self.last);
        let has_name = last.is_some_and(|call| !call.name.is_empty());
        let found = match fragment.index {
            Some(number) => by_number(number),
            None if !fragment.id.is_empty() => by_id(),
            None if !fragment.name.is_empty() && has_name => None,
            None => last.map(|_| self.last),
        };
        let at = match found {
            Some(at) => at,
            None if self.list.len() >= MAX_CALLS => return Err(TooMany),
            None => {
                let next = self.list.iter().map(|call| call.number.saturating_add(1));
                self.list.push(Pending {
                    number: fragment.index.or(next.max()).unwrap_or(0),
                    ..Pending::default()
                });
                self.list.len() - 1
            }
        };
        self.last = at;
        if let Some(call) = self.list.get_mut(at) {
            // Some services repeat both in every fragment.
            if call.id.is_empty() {
                call.id.push_str(&fragment.id);
            }
            if call.name.is_empty() {
                call.name.push_str(&fragment.name);
            }
        }
        Ok(at)
    }

    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut Pending> {
        self.list.get_mut(at)
    }

    /// The first call that is not told yet, if all is known that telling it takes; at the end of the reply,
    /// whatever is known. Calls are told in their order.
    pub(super) fn next_to_tell(&mut self, at_end: bool) -> Option<(usize, &mut Pending)> {
        let (i, call) = self
            .list
            .iter_mut()
            .enumerate()
            .find(|(_, call)| call.output.is_none())?;
        let is_known = !call.id.is_empty() && !call.name.is_empty();
        (is_known || at_end).then_some((i, call))
    }
}
