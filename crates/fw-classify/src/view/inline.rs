//! Texts in which only some characters are encoded.

use std::ops::Range;

use super::parts::Parts;
use crate::offsets::Draft;

/// How much of the text around an encoded part is kept, in bytes: it is what the part belongs to.
const AROUND: usize = 160;

/// What a decoder found in a text.
#[derive(Debug)]
pub(super) struct Decoded {
    /// The pieces that were decoded, with offsets in the text that was searched.
    pub(super) parts: Parts,
    /// Whether enough was hidden for a view. Otherwise it is only searched for more.
    pub(super) hidden: bool,
}

/// Builds a text from another by replacing parts, and leaves away what is far from all of them.
#[derive(Debug)]
pub(super) struct Inline<'a> {
    text: &'a str,
    parts: Parts,
    draft: Draft,
    /// Up to where the text was taken over.
    at: usize,
    any: bool,
}

impl<'a> Inline<'a> {
    pub(super) fn new(text: &'a str, room: usize) -> Self {
        Self {
            text,
            parts: Parts::new(room),
            draft: Draft::default(),
            at: 0,
            any: false,
        }
    }

    /// Replaces `source`, which comes after all that were replaced before.
    pub(super) fn replace(&mut self, source: Range<usize>, with: &str) {
        let gap = self.at..source.start;
        if !self.any {
            self.copy(self.before(&gap)..gap.end);
        } else if gap.len() <= 2 * AROUND {
            self.copy(gap);
        } else {
            self.copy(gap.start..self.after(&gap));
            self.parts.push(std::mem::take(&mut self.draft));
            self.copy(self.before(&gap)..gap.end);
        }
        self.any = true;
        self.draft.block(with, source.clone());
        self.at = source.end;
        self.parts.bound(&mut self.draft);
    }

    /// The text, if anything was replaced. `hidden` is asked about each piece, as long as it says no.
    pub(super) fn finish_if(self, hidden: impl Fn(&str) -> bool) -> Option<Decoded> {
        let mut decoded = self.finish(false)?;
        decoded.hidden = decoded.parts.texts().any(hidden);
        Some(decoded)
    }

    /// The text, if anything was replaced.
    pub(super) fn finish(mut self, hidden: bool) -> Option<Decoded> {
        if !self.any {
            return None;
        }
        let gap = self.at..self.text.len();
        self.copy(gap.start..self.after(&gap));
        self.parts.push(self.draft);
        Some(Decoded {
            parts: self.parts,
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
        let (draft, _) = inline.finish(true).unwrap().parts.joined(usize::MAX);
        let [x, y, z] = ["x", "y", "z"].map(|c| c.repeat(AROUND));
        assert_eq!(draft.text, format!("{x}1{y}\n{y}2{z}"));
        assert_eq!(draft.offsets.source(AROUND..AROUND + 1), 1000..1002);
        assert_eq!(draft.offsets.source(0..1), 1000 - AROUND..1001 - AROUND);
    }

    #[test]
    fn nothing_replaced_is_nothing_found() {
        assert!(Inline::new("abc", 5).finish(true).is_none());
    }
}
