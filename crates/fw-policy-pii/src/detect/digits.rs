//! Groups of digits, and what stands between them.

use std::ops::Range;

/// How many groups of one run are looked at together.
const ROOM: usize = 24;

/// How many groups of a longer run are looked at with the next ones again: more than a number has.
const SHARED: usize = 12;

/// What stands between two groups of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    /// Nothing: the first group of a run.
    First,
    /// One space of any kind.
    Space,
    /// A hyphen.
    Dash,
    Dot,
    Slash,
    /// A separator with spaces around it.
    Wide,
    /// An opening parenthesis, perhaps after a space.
    Open,
    /// A closing parenthesis, perhaps with a separator after it.
    Close,
}

/// A group of digits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// What stands before it.
    pub(crate) gap: Gap,
}

impl Group {
    pub(crate) const fn len(&self) -> usize {
        self.end - self.start
    }
}

/// Groups of digits with no more than a separator between them.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    groups: [Group; ROOM],
    len: usize,
    /// More groups follow than there is room for.
    pub(crate) cut: bool,
}

impl Run {
    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups[..self.len]
    }

    /// Where the run's digits begin and end.
    pub(crate) fn range(&self) -> Range<usize> {
        let end = self.groups().last().map_or(0, |last| last.end);
        self.groups[0].start..end
    }
}

/// The runs of digits in `text` from `start` on.
pub(crate) fn runs(text: &str, start: usize) -> impl Iterator<Item = Run> + '_ {
    let bytes = text.as_bytes();
    let mut at = start;
    std::iter::from_fn(move || {
        let found = bytes.get(at..)?.iter().position(u8::is_ascii_digit)?;
        let run = run_at(bytes, at + found);
        // What stands at the end of a run that goes on is looked at with what follows, too.
        at = if run.cut {
            run.groups[ROOM - SHARED].start
        } else {
            run.range().end
        };
        Some(run)
    })
}

fn run_at(bytes: &[u8], start: usize) -> Run {
    let first = group_at(bytes, start, Gap::First);
    let mut run = Run {
        groups: [first; ROOM],
        len: 1,
        cut: false,
    };
    let mut end = first.end;
    while let Some((gap, next)) = gap_at(bytes, end) {
        let group = group_at(bytes, next, gap);
        let Some(room) = run.groups.get_mut(run.len) else {
            run.cut = true;
            break;
        };
        *room = group;
        run.len += 1;
        end = group.end;
    }
    run
}

fn group_at(bytes: &[u8], start: usize, gap: Gap) -> Group {
    let rest = bytes.get(start..).unwrap_or_default();
    let len = rest
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(rest.len());
    Group {
        start,
        end: start + len,
        gap,
    }
}

/// The gap that begins at `at`, if a digit follows it, and where that is.
fn gap_at(bytes: &[u8], at: usize) -> Option<(Gap, usize)> {
    let (space, after_space) = space_at(bytes, at);
    let (gap, end) = match mark_at(bytes, after_space) {
        None if space => (Gap::Space, after_space),
        None => return None,
        Some((gap, end)) => {
            let (wide, end) = match (gap, mark_at(bytes, end)) {
                (Gap::Close, Some((Gap::Dash | Gap::Dot | Gap::Slash, end))) => (false, end),
                _ => space_at(bytes, end),
            };
            match gap {
                Gap::Dash | Gap::Slash if space && wide => (Gap::Wide, end),
                Gap::Close if !space => (Gap::Close, end),
                Gap::Open if !wide => (Gap::Open, end),
                Gap::Dash | Gap::Dot | Gap::Slash if !space && !wide => (gap, end),
                _ => return None,
            }
        }
    };
    bytes.get(end)?.is_ascii_digit().then_some((gap, end))
}

/// Whether a space is there, and where it ends: U+0020, U+00A0, U+2009 and U+202F.
fn space_at(bytes: &[u8], at: usize) -> (bool, usize) {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest {
        [b' ', ..] => (true, at + 1),
        [0xC2, 0xA0, ..] => (true, at + 2),
        [0xE2, 0x80, 0x89 | 0xAF, ..] => (true, at + 3),
        _ => (false, at),
    }
}

/// The mark that is there, and where it ends. Hyphens are U+002D, U+2010 to U+2013.
fn mark_at(bytes: &[u8], at: usize) -> Option<(Gap, usize)> {
    Some(match bytes.get(at..)? {
        [b'-', ..] => (Gap::Dash, at + 1),
        [0xE2, 0x80, 0x90..=0x93, ..] => (Gap::Dash, at + 3),
        [b'.', ..] => (Gap::Dot, at + 1),
        [b'/', ..] => (Gap::Slash, at + 1),
        [b'(', ..] => (Gap::Open, at + 1),
        [b')', ..] => (Gap::Close, at + 1),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps(text: &str) -> Vec<Vec<(&str, Gap)>> {
        runs(text, 0)
            .map(|run| {
                run.groups()
                    .iter()
                    .map(|group| (&text[group.start..group.end], group.gap))
                    .collect()
            })
            .collect()
    }

    #[test]
    fn groups_are_told_apart_by_what_is_between() {
        use Gap::{Close, Dash, Dot, First, Open, Slash, Space, Wide};
        assert_eq!(
            gaps("+1 (201) 555-0123x4"),
            [
                vec![("1", First), ("201", Open), ("555", Close), ("0123", Dash)],
                vec![("4", First)],
            ]
        );
        assert_eq!(
            gaps("030/12.3\u{a0}4 - 5 / 6\u{2011}7"),
            [vec![
                ("030", First),
                ("12", Slash),
                ("3", Dot),
                ("4", Space),
                ("5", Wide),
                ("6", Wide),
                ("7", Dash)
            ]]
        );
    }

    #[test]
    fn anything_else_ends_a_run() {
        for text in [
            "1  2", "1: 2", "1- 2", "1 -2", "1. 2", "1--2", "1a2", "1( 2",
        ] {
            assert_eq!(gaps(text).len(), 2, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_digit_is_in_one_group(text in "[0-9 ().+/x\u{a0}-]{0,120}") {
            let seen: usize = runs(&text, 0)
                .flat_map(|run| run.groups().iter().map(Group::len).collect::<Vec<_>>())
                .sum();
            proptest::prop_assert_eq!(seen, text.bytes().filter(u8::is_ascii_digit).count());
        }
    }
}
