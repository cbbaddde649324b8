//! Texts in which only some characters are encoded.

use std::ops::Range;

use crate::offsets::Draft;

/// How much of the text around an encoded part is kept, in bytes: it is what the part belongs to.
const AROUND: usize = 160;

/// What a decoder found in a text.
#[derive(Debug)]
pub(super) struct Decoded {
    /// What was decoded, with offsets in the text that was searched.
    pub(super) draft: Draft,
    /// Whether enough was hidden for a view. Otherwise it is only searched for more.
    pub(super) hidden: bool,
}

/// Builds a text from another by replacing parts, and leaves away what is far from all of them.
#[derive(Debug)]
pub(super) struct Inline<'a> {
    text: &'a str,
    room: usize,
    draft: Draft,
    /// Up to where the text was taken over.
    at: usize,
    any: bool,
}

impl<'a> Inline<'a> {
    pub(super) fn new(text: &'a str, room: usize) -> Self {
        Self {
            text,
            room,
            draft: Draft::default(),
            at: 0,
            any: false,
        }
    }

    /// Whether there is no room for more.
    pub(super) fn is_full(&self) -> bool {
        self.draft.text.len() >= self.room
    }

    /// Replaces `source`, which comes after all that were replaced before.
    pub(super) fn replace(&mut self, source: Range<usize>, with: &str) {
        if self.is_full() {
            return;
        }
        let gap = self.at..source.start;
        if !self.any {
            self.copy(self.before(&gap)..gap.end);
        } else if gap.len() <= 2 * AROUND {
            self.copy(gap);
        } else {
            self.copy(gap.start..self.after(&gap));
            let start = self.before(&gap);
            self.draft.block("\n", start..start);
            self.copy(start..gap.end);
        }
        self.any = true;
        self.draft.block(with, source.clone());
        self.at = source.end;
    }

    /// The text, if anything was replaced.
    pub(super) fn finish(mut self, hidden: bool) -> Option<Decoded> {
        if !self.any {
            return None;
        }
        let gap = self.at..self.text.len();
        self.copy(gap.start..self.after(&gap));
        self.draft.truncate(self.room);
        Some(Decoded {
            draft: self.draft,
            hidden,
        })
    }

    fn copy(&mut self, range: Range<usize>) {
        let text = &self.text[range.clone()];
        self.draft.copy(text, range.start);
    }

    /// Where the surroundings of what comes after `gap` start.
    fn before(&self, gap: &Range<usize>) -> usize {
        let start = gap.end.saturating_sub(AROUND);
        if start <= gap.start {
            return gap.start;
        }
        self.text.ceil_char_boundary(start)
    }

    /// Where the surroundings of what is before `gap` end.
    fn after(&self, gap: &Range<usize>) -> usize {
        let end = gap.start.saturating_add(AROUND);
        if end >= gap.end {
            return gap.end;
        }
        self.text.floor_char_boundary(end)
    }
}

/// Decoded parts of a text, one a line, without what is around them.
#[derive(Debug)]
pub(super) struct Parts {
    room: usize,
    draft: Draft,
}

impl Parts {
    pub(super) fn new(room: usize) -> Self {
        Self {
            room,
            draft: Draft::default(),
        }
    }

    /// Whether there is no room for more.
    pub(super) fn is_full(&self) -> bool {
        self.draft.text.len() >= self.room
    }

    /// Adds the text that `source` stands for.
    pub(super) fn add(&mut self, text: &str, source: Range<usize>) {
        if !self.draft.text.is_empty() {
            self.draft.block("\n", source.start..source.start);
        }
        self.draft.block(text, source);
    }

    /// The text, if anything was added.
    pub(super) fn finish(mut self) -> Option<Decoded> {
        self.draft.truncate(self.room);
        (!self.draft.text.is_empty()).then_some(Decoded {
            draft: self.draft,
            hidden: true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_is_kept_and_what_is_far_is_not() {
        let text = format!(
            "{}AB{}CD{}",
            "x".repeat(1000),
            "y".repeat(1000),
            "z".repeat(1000)
        );
        let mut inline = Inline::new(&text, 10_000);
        inline.replace(1000..1002, "1");
        inline.replace(2002..2004, "2");
        let draft = inline.finish(true).unwrap().draft;
        let [x, y, z] = ["x", "y", "z"].map(|c| c.repeat(AROUND));
        assert_eq!(draft.text, format!("{x}1{y}\n{y}2{z}"));
        assert_eq!(draft.offsets.source(AROUND..AROUND + 1), 1000..1002);
        assert_eq!(draft.offsets.source(0..1), 1000 - AROUND..1001 - AROUND);
    }

    #[test]
    fn there_is_only_so_much_room() {
        let mut parts = Parts::new(5);
        parts.add("abc", 0..1);
        parts.add("def", 2..3);
        assert!(parts.is_full());
        assert_eq!(parts.finish().unwrap().draft.text, "abc\nd");
        assert!(Parts::new(5).finish().is_none());
        assert!(Inline::new("abc", 5).finish(true).is_none());
    }
}
