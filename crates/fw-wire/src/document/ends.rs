//! Where the outer containers of a document end, noted while it is validated.

use super::scan::Noting;
use super::steps::Longest;

/// How many containers are noted; those that come later are looked through when they are stepped over.
const MOST: usize = 24;

/// How many of those places only a member of the root may take, so that a long list does not hide the others.
const KEPT: usize = 8;

/// The containers in the root, and those in them: of a request the messages and each message.
///
/// They are what readers step over again and again, and most of the text is in them.
#[derive(Clone, Copy, Default)]
pub(super) struct Ends {
    /// In the order of the text.
    places: [Place; MOST],
    count: usize,
    /// Which places the open containers of both levels have; `MOST` for none.
    open: [usize; 2],
    longest: Longest,
}

#[derive(Clone, Copy, Default)]
struct Place {
    open: u32,
    end: u32,
}

impl Ends {
    /// The end of the container that opens at `open`, if it was noted.
    #[inline]
    pub(super) fn of(&self, open: usize) -> Option<usize> {
        let noted = self.places.get(..self.count)?;
        let at = noted.partition_point(|place| (place.open as usize) < open);
        let place = noted.get(at)?;
        // Nothing ends at 0: that is an end beyond what is noted.
        (place.open as usize == open && place.end > 0).then_some(place.end as usize)
    }

    pub(super) const fn longest(&self) -> Longest {
        self.longest
    }
}

impl Noting for Ends {
    #[inline]
    fn string(&mut self, open: usize, end: usize) {
        self.longest.note(open, end);
    }

    #[inline]
    fn open(&mut self, depth: usize, at: usize) {
        let Some(level) = depth.checked_sub(2) else {
            return;
        };
        let Some(slot) = self.open.get_mut(level) else {
            return;
        };
        *slot = MOST;
        let room = if level == 0 { MOST } else { MOST - KEPT };
        if self.count < room
            // A text of more than 4 GiB goes without.
            && let Ok(open) = u32::try_from(at)
            && let Some(place) = self.places.get_mut(self.count)
        {
            *slot = self.count;
            *place = Place { open, end: 0 };
            self.count += 1;
        }
    }

    #[inline]
    fn close(&mut self, depth: usize, end: usize) {
        if let Some(level) = depth.checked_sub(2)
            && let Some(&slot) = self.open.get(level)
            && let Some(place) = self.places.get_mut(slot)
        {
            place.end = u32::try_from(end).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Document, Value, scan, steps};
    use super::*;

    /// Nested lists and objects, more than are noted, with strings that look like brackets.
    fn json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("1".to_owned()),
            Just(r#""]}\"[{""#.to_owned()),
            Just(
                "\"a long text of more than sixty-four bytes, in which nothing is closed: ]]}}\""
                    .to_owned()
            ),
            Just("[ ]".to_owned()),
            Just("{}".to_owned()),
        ];
        leaf.prop_recursive(5, 128, 12, |inner| {
            let list = prop::collection::vec(inner, 0..12);
            prop_oneof![
                list.clone()
                    .prop_map(|list| format!("[{}]", list.join(" , "))),
                list.prop_map(|list| {
                    let members: Vec<_> = list
                        .iter()
                        .map(|one| format!("\"k\\u0061\" : {one}"))
                        .collect();
                    format!("{{{}}}", members.join(","))
                }),
            ]
        })
    }

    /// Every value below, with the notes and without.
    fn same(noted: Value<'_>, fresh: Value<'_>) {
        assert_eq!(noted.span(), fresh.span());
        assert_eq!(noted.members().count(), fresh.members().count());
        for (noted, fresh) in noted.members().zip(fresh.members()) {
            assert_eq!(noted.span(), fresh.span());
            assert_eq!(*noted.key_bytes(), *noted.key().as_bytes());
            assert!(noted.key_is(&fresh.key()));
            same(noted.value(), fresh.value());
        }
        assert_eq!(noted.elements().count(), fresh.elements().count());
        for (noted, fresh) in noted.elements().zip(fresh.elements()) {
            assert_eq!(noted.span(), fresh.span());
            same(noted.value(), fresh.value());
        }
    }

    proptest! {
        #[test]
        fn what_is_noted_is_what_a_fresh_scan_finds(text in json(), space in " {0,2}") {
            let text = format!("{space}{text}");
            let document = Document::parse(text.clone()).unwrap();
            let fresh = steps::Text::from(text.as_bytes());
            let start = scan::space(text.as_bytes(), 0);
            same(document.root(), Value::at(fresh, start, steps::value_end(fresh, start)));
        }
    }

    #[test]
    fn a_long_list_does_not_hide_what_comes_after_it() {
        let text = format!("{{\"tools\":[{}{{}}],\"messages\":[]}}", "{},".repeat(100));
        let mut ends = Ends::default();
        scan::validate(text.as_bytes(), scan::MAX_DEPTH, &mut ends).unwrap();
        assert_eq!(ends.of(9), text.find(",\"m"));
        assert_eq!(ends.of(10), Some(12));
        assert_eq!(ends.of(text.len() - 3), Some(text.len() - 1));
        assert_eq!(ends.of(11), None);
    }
}
