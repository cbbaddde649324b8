//! Which tool call a delta belongs to, when the provider does not say.

use std::collections::BTreeMap;

/// Choices and calls that are remembered; what comes after belongs to the last call.
const MAX_CHOICES: usize = 1024;
const MAX_CALLS: usize = 1024;

/// Gives each tool-call delta of a stream its index.
#[derive(Debug, Default)]
pub(crate) struct ToolIndexes {
    choices: BTreeMap<u64, Calls>,
}

#[derive(Debug, Default)]
struct Calls {
    ids: Vec<(Box<str>, u64)>,
    next: u64,
    last: u64,
}

// === impl ToolIndexes ===

impl ToolIndexes {
    /// True until the first tool call.
    pub(crate) fn is_empty(&self) -> bool {
        self.choices.is_empty()
    }

    /// The index of a delta.
    ///
    /// It is what the delta says. Else an id that was seen before stands for its call, a new id or a
    /// name opens the next call, and a delta with neither continues the last one.
    pub(crate) fn index(
        &mut self,
        choice: u64,
        said: Option<u64>,
        id: Option<&str>,
        has_name: bool,
    ) -> u64 {
        if self.choices.len() >= MAX_CHOICES && !self.choices.contains_key(&choice) {
            return said.unwrap_or(0);
        }
        let calls = self.choices.entry(choice).or_default();
        let id = id.filter(|id| !id.is_empty());
        let known = id.and_then(|id| calls.ids.iter().find(|(seen, _)| **seen == *id));
        let index = match (said, known) {
            (Some(index), _) => index,
            (None, Some((_, index))) => *index,
            (None, None) if id.is_some() || has_name => calls.next,
            (None, None) => calls.last,
        };
        if let Some(id) = id
            && known.is_none()
            && calls.ids.len() < MAX_CALLS
        {
            calls.ids.push((id.into(), index));
        }
        calls.next = calls.next.max(index.saturating_add(1));
        calls.last = index;
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_names_open_calls_and_the_rest_continues_them() {
        let mut indexes = ToolIndexes::default();
        assert_eq!(indexes.index(0, None, Some("a"), true), 0);
        assert_eq!(indexes.index(0, None, None, false), 0);
        assert_eq!(indexes.index(0, None, Some(""), false), 0);
        assert_eq!(indexes.index(0, None, Some("b"), true), 1);
        assert_eq!(indexes.index(0, None, None, false), 1);
        assert_eq!(indexes.index(0, None, Some("a"), false), 0, "interleaved");
        assert_eq!(
            indexes.index(0, None, None, true),
            2,
            "a name without an id"
        );
        assert_eq!(
            indexes.index(1, None, Some("c"), true),
            0,
            "each choice counts by itself"
        );
    }

    #[test]
    fn what_the_provider_says_is_kept() {
        let mut indexes = ToolIndexes::default();
        assert_eq!(indexes.index(0, Some(3), Some("a"), true), 3);
        assert_eq!(indexes.index(0, None, None, false), 3);
        assert_eq!(indexes.index(0, None, Some("b"), true), 4);
        assert_eq!(indexes.index(0, None, Some("a"), false), 3);
    }
}
