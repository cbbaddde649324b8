//! Telephone numbers.
//!
//! International ones are checked against the country's code and lengths ([`plan`]). National ones are known by
//! the groups that the country writes them in ([`shape`]), or by a word nearby ([`words`]).
//!
//! There is no table of area codes and no use of the `phonenumber` crate (a port of libphonenumber): that one
//! parses a number of a known region with regular expressions, brings more than a megabyte of tables, and has
//! nothing that finds numbers in text.

mod extension;
mod international;
mod national;
mod plan;
mod shape;
mod words;

use crate::detect::digits::{Gap, Group, Run, runs};
use crate::entity::Entity;
use crate::finding::{Finding, Findings};
use crate::region::Region;

/// Fewest digits of a number: five with a country code of two or three.
const SHORTEST: usize = 7;

pub(crate) fn find(region: &Region<'_>, findings: &mut Findings) {
    if region.traits().digits() < SHORTEST || !findings.wants(Entity::Phone) {
        return;
    }
    let text = region.text();
    for run in runs(text, region.start()) {
        let digits: usize = run.groups().iter().map(Group::len).sum();
        if digits >= SHORTEST && !run.cut {
            in_run(region, &run, findings);
        }
    }
}

/// The numbers of one run, from left to right.
fn in_run(region: &Region<'_>, run: &Run, findings: &mut Findings) {
    let mut groups = run.groups();
    while !groups.is_empty() {
        let found = Candidate::new(region, run, groups).and_then(|candidate| {
            international::find(&candidate).or_else(|| national::find(&candidate))
        });
        let used = match found {
            Some(found) => {
                let end = found.range.end;
                findings.push(found);
                groups.iter().take_while(|group| group.start < end).count()
            }
            None => 1,
        };
        groups = groups.get(used..).unwrap_or_default();
    }
}

/// Groups that may be a number, from the first of these on.
struct Candidate<'a> {
    region: &'a Region<'a>,
    text: &'a str,
    groups: &'a [Group],
    /// Where the number begins, with `+` or an opening parenthesis.
    start: usize,
    /// A `+` stands before the first digit.
    plus: bool,
    /// A parenthesis opens before the first digit and closes right after the first group.
    area: bool,
    /// The group before the first one, in the same run.
    left: Option<Group>,
}

impl<'a> Candidate<'a> {
    fn new(region: &'a Region<'a>, run: &Run, groups: &'a [Group]) -> Option<Self> {
        let text = region.text();
        let first = groups.first()?;
        let left = run.groups().len().checked_sub(groups.len() + 1);
        let left = left.and_then(|left| run.groups().get(left)).copied();
        let lead = &text.as_bytes()[region.start()..first.start];
        let closes = groups.get(1).is_some_and(|second| second.gap == Gap::Close)
            || text.as_bytes().get(first.end) == Some(&b')');
        let (plus, area, len) = match lead {
            [.., b'+', b'('] if closes => (true, false, 2),
            [.., b'(', b'+'] if closes => (true, false, 2),
            [.., b'+'] => (true, false, 1),
            [.., b'('] if closes => (false, groups.len() > 1, 1),
            _ => (false, false, 0),
        };
        let len = if len == 1 && !plus && !area { 0 } else { len };
        let start = first.start - len;
        let candidate = Self {
            region,
            text,
            groups,
            start,
            plus,
            area,
            left,
        };
        candidate.left_is_free(region.start()).then_some(candidate)
    }

    /// Whether no other digits or letters run into the number from the left.
    fn left_is_free(&self, region: usize) -> bool {
        match self.groups.first().map(|first| first.gap) {
            Some(Gap::Space | Gap::Wide | Gap::Open) => return true,
            Some(Gap::First) => {}
            _ => return false,
        }
        match &self.text.as_bytes()[region..self.start] {
            [.., before, b'.' | b'/' | b'-'] => {
                !before.is_ascii_alphanumeric() && (self.plus || *before != b'/')
                    || (self.plus && before.is_ascii_alphabetic())
            }
            [b'-'] => self.plus,
            [
                ..,
                b'#' | b'$' | b'@' | b'%' | b'_' | b'+' | b'\\' | b'^' | b'.' | b'/',
            ] => false,
            [.., last] => !last.is_ascii_alphanumeric() && *last < 0x80,
            [] => true,
        }
    }

    /// Whether nothing runs into a number that ends at `end`, from the right. `loose`: the number is known well
    /// enough for a word to follow after a hyphen.
    fn right_is_free(&self, end: usize) -> bool {
        match &self.text.as_bytes()[end..] {
            [b'-', a, b, c, ..] if [a, b, c].iter().all(|byte| byte.is_ascii_alphabetic()) => true,
            [b'-' | b'.' | b'/' | b':', after, ..] => !after.is_ascii_alphanumeric(),
            [b'%' | b'@' | b'_' | b'=' | b'$' | b'*' | b'^' | b'+', ..] => false,
            [next, ..] => !next.is_ascii_alphanumeric() && *next < 0x80,
            [] => true,
        }
    }

    fn finding(&self, end: usize, scheme: &'static str, confidence: u8) -> Finding {
        let end = extension::end(self.text, end).unwrap_or(end);
        Finding {
            range: self.start..end,
            entity: Entity::Phone,
            scheme,
            confidence,
            checked: false,
        }
    }

    /// Whether groups from `count` on belong to something else: spaces stand between, and the rhythm changes or
    /// the number is full.
    fn may_end_before(&self, count: usize) -> bool {
        self.groups
            .get(count)
            .is_none_or(|next| matches!(next.gap, Gap::Space | Gap::Wide | Gap::Open))
    }

    /// The end of the first `count` groups, with the parenthesis that closes after the only group.
    fn end_of(&self, count: usize) -> Option<usize> {
        let end = self.groups.get(count.checked_sub(1)?)?.end;
        let closed = count == 1 && self.plus && self.start + 2 == self.groups.first()?.start;
        Some(if closed { end + 1 } else { end })
    }
}

/// The digits of some groups, one after the other.
struct Digits {
    bytes: [u8; Digits::ROOM],
    len: usize,
}

impl Digits {
    /// One digit more than any number has with its prefix (011) and a trunk zero.
    const ROOM: usize = 20;

    fn of(text: &str, groups: &[Group]) -> Option<Self> {
        let mut digits = Self {
            bytes: [0; Self::ROOM],
            len: 0,
        };
        for group in groups {
            let bytes = text.as_bytes().get(group.start..group.end)?;
            digits
                .bytes
                .get_mut(digits.len..digits.len + bytes.len())?
                .copy_from_slice(bytes);
            digits.len += bytes.len();
        }
        Some(digits)
    }

    fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}
