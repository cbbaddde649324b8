//! Which tool call a piece belongs to.

use std::borrow::Cow;

use super::json_end::JsonEnd;

/// Most tool calls of one reply.
const MAX_CALLS: usize = 1024;

/// Longest id or name that is kept, in bytes.
const MAX_NAME: usize = 1024;

/// One element of `tool_calls` in a chunk.
#[derive(Debug, Default)]
pub(super) struct CallDelta<'a> {
    pub(super) index: Option<u64>,
    /// Empty if it is missing.
    pub(super) id: Cow<'a, str>,
    /// Empty if it is missing.
    pub(super) name: Cow<'a, str>,
    pub(super) arguments: Cow<'a, str>,
    /// The arguments as spelt in the JSON string that holds them; `None` if they are in no string.
    pub(super) spelt: Option<&'a str>,
}

/// The tool calls of a reply, in order of appearance.
#[derive(Default)]
pub(super) struct Calls {
    list: Vec<Call>,
    /// The one that was found last.
    last: usize,
}

/// What is known of a tool call.
pub(super) struct Call {
    index: u64,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) end: JsonEnd,
}

// === impl Calls ===

impl Calls {
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn at(&self, number: usize) -> Option<&Call> {
        self.list.get(number)
    }

    /// Finds the call that a piece belongs to, or makes a new one, and takes in its id and name.
    /// Returns its number, and the call. `None`: there are too many.
    ///
    /// The piece's index decides, else its id, else whether it has a name, which opens a call; without
    /// any of them it continues the last one. Some servers give all calls the index 0: then a second id
    /// that comes with a second name is another call, and where there are no ids, so are
    /// arguments with a name after complete ones.
    pub(super) fn find(&mut self, delta: &CallDelta<'_>) -> Option<(usize, &mut Call)> {
        let number = self.known(delta).unwrap_or(self.list.len());
        if number == self.list.len() {
            if number == MAX_CALLS {
                return None;
            }
            let next = self.list.iter().map(|call| call.index + 1).max();
            self.list.push(Call {
                // Room to count on from it.
                index: delta.index.or(next).unwrap_or(0).min(u64::MAX - 1),
                id: String::new(),
                name: String::new(),
                end: JsonEnd::default(),
            });
        }
        self.last = number;
        let call = self.list.get_mut(number)?;
        keep_first(&mut call.id, &delta.id);
        keep_first(&mut call.name, &delta.name);
        Some((number, call))
    }

    fn known(&self, delta: &CallDelta<'_>) -> Option<usize> {
        let has_id = !delta.id.is_empty();
        let has_name = !delta.name.is_empty();
        let is_another = |call: &Call| {
            let is_other = match (has_id, call.id.is_empty()) {
                (true, false) => call.id != delta.id,
                (false, true) => call.end.is_complete() && !delta.arguments.trim_ascii().is_empty(),
                _ => false,
            };
            is_other && has_name && !call.name.is_empty()
        };
        if let Some(index) = delta.index {
            let number = self.list.iter().rposition(|call| call.index == index)?;
            return (!is_another(self.list.get(number)?)).then_some(number);
        }
        if has_id {
            let known = self.list.iter().rposition(|call| call.id == delta.id);
            if known.is_some() {
                return known;
            }
        }
        let last = self.list.get(self.last)?;
        let opens = (has_id && !last.id.is_empty()) || (has_name && !last.name.is_empty());
        (!opens).then_some(self.last)
    }
}

// === impl Call ===

impl Call {
    pub(super) fn id_and_name(&self) -> (&str, &str) {
        (&self.id, &self.name)
    }
}

fn keep_first(kept: &mut String, said: &str) {
    if kept.is_empty() && said.len() <= MAX_NAME {
        kept.push_str(said);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of the call that a piece belongs to.
    fn find(calls: &mut Calls, index: Option<u64>, id: &str, name: &str) -> usize {
        let delta = CallDelta {
            index,
            id: id.to_owned().into(),
            name: name.to_owned().into(),
            ..CallDelta::default()
        };
        calls.find(&delta).map(|(number, _)| number).unwrap()
    }

    #[test]
    fn the_index_decides() {
        let mut calls = Calls::default();
        assert_eq!(find(&mut calls, Some(3), "a", "f"), 0);
        assert_eq!(find(&mut calls, Some(5), "b", "g"), 1);
        assert_eq!(find(&mut calls, Some(3), "", ""), 0);
        assert_eq!(find(&mut calls, Some(5), "", ""), 1);
        assert_eq!(find(&mut calls, Some(3), "c", ""), 0, "a new id each time");
    }

    #[test]
    fn without_an_index_ids_and_names_open_calls_and_the_rest_continues_them() {
        let mut calls = Calls::default();
        assert_eq!(find(&mut calls, None, "a", "f"), 0);
        assert_eq!(find(&mut calls, None, "", ""), 0);
        assert_eq!(find(&mut calls, None, "b", ""), 1);
        assert_eq!(find(&mut calls, None, "", "g"), 1, "the name comes later");
        assert_eq!(find(&mut calls, None, "a", ""), 0, "interleaved");
        assert_eq!(find(&mut calls, None, "", "h"), 2, "a name without an id");
    }

    #[test]
    fn a_second_id_and_name_at_one_index_is_another_call() {
        let mut calls = Calls::default();
        assert_eq!(find(&mut calls, Some(0), "a", "f"), 0);
        assert_eq!(find(&mut calls, Some(0), "b", "f"), 1);
        assert_eq!(find(&mut calls, Some(0), "", ""), 1);
    }

    #[test]
    fn calls_are_bounded_in_number_and_their_names_in_length() {
        let mut calls = Calls::default();
        for index in 0..MAX_CALLS as u64 {
            find(&mut calls, Some(index), "", "f");
        }
        let one_more = CallDelta {
            index: Some(u64::MAX),
            ..CallDelta::default()
        };
        assert!(calls.find(&one_more).is_none());

        let mut calls = Calls::default();
        find(&mut calls, Some(u64::MAX), "", &"x".repeat(MAX_NAME + 1));
        assert_eq!(calls.at(0).unwrap().name, "");
    }
}
