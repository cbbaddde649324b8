//! Puts together what is found by the built-in detectors, by patterns and by looking for placeholders.
//!
//! Each of the three has its own place up to which it has decided. The text is settled up to the least of them;
//! what one has found beyond that is kept, as positions, until the others are there too.

use std::ops::Range;

use fw_stream::Window;

use crate::detector::Settings;
use crate::entity::Entity;
use crate::finding::Found;
use crate::marker;
use crate::patterns::Match;
use crate::pseudonym::{Pseudonyms, Slot};
use crate::region::CONTEXT;
use crate::restore;
use crate::scan::{Scanner, Wanted};

/// Something found, at its place in the window's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) range: Range<usize>,
    pub(crate) what: What,
    pub(crate) scheme: &'static str,
    pub(crate) confidence: u8,
    /// More of the one before it.
    pub(crate) continued: bool,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Entity(Entity),
    /// A pattern of the user's own, by its index.
    Pattern(usize),
    /// A placeholder whose value is known.
    Placeholder(Slot),
    /// A marker of an earlier redaction. Nothing is found in it.
    Marker,
}

/// Finds everything in the text of one channel, as it grows. Holds no text.
#[derive(Debug)]
pub(crate) struct Finder {
    scanner: Scanner,
    /// Reused from call to call.
    found: Vec<Found>,
    /// How far the scanner and the patterns are beyond the settled text.
    scanned: usize,
    matched: usize,
    restored: usize,
    /// Found, but not settled yet. Positions count from the settled text on.
    waiting: Vec<Hit>,
}

impl Finder {
    pub(crate) const fn new() -> Self {
        Self {
            scanner: Scanner::new(),
            found: Vec::new(),
            scanned: 0,
            matched: 0,
            restored: 0,
            waiting: Vec::new(),
        }
    }

    /// Appends what is found in `window`, in order and without overlap, and gives the position before which
    /// the text is settled.
    pub(crate) fn scan(
        &mut self,
        settings: &Settings,
        restore: Option<&Pseudonyms>,
        window: &Window<'_>,
        hits: &mut Vec<Hit>,
    ) -> usize {
        let base = window.start();
        for hit in &mut self.waiting {
            hit.range = hit.range.start + base..hit.range.end + base;
        }
        let mut settled = self.detect(settings, window);
        if settings.patterns.is_some() {
            settled = settled.min(self.matches(settings, window));
        }
        if let Some(pseudonyms) = restore {
            settled = settled.min(self.placeholders(pseudonyms, window));
        }
        if !self.waiting.is_empty() {
            self.waiting.sort_by_key(|hit| hit.range.start);
            settled = self.release(settled, hits);
        }
        self.scanned -= settled.min(self.scanned);
        self.matched -= settled.min(self.matched);
        self.restored -= settled.min(self.restored);
        for hit in &mut self.waiting {
            hit.range = hit.range.start - settled..hit.range.end - settled;
        }
        settled
    }

    /// Runs the built-in detectors.
    fn detect(&mut self, settings: &Settings, window: &Window<'_>) -> usize {
        let text = window.text();
        self.found.clear();
        let ahead = Window::new(
            text,
            window.start() + self.scanned,
            window.fresh(),
            window.is_end(),
        );
        let wanted = Wanted {
            entities: settings.entities,
            min_confidence: settings.min_confidence,
        };
        let settled = self.scanner.scan(&ahead, wanted, &mut self.found);
        self.scanned = settled;
        let found = self.found.drain(..).map(|found| Hit {
            range: found.range,
            what: What::Entity(found.entity),
            scheme: found.scheme,
            confidence: found.confidence,
            continued: found.continued,
        });
        self.waiting
            .extend(found.filter(|hit| counts(settings, text, hit)));
        settled
    }

    /// Runs the patterns of the user's own.
    fn matches(&mut self, settings: &Settings, window: &Window<'_>) -> usize {
        let Some(patterns) = &settings.patterns else {
            return window.text().len();
        };
        let text = window.text();
        let mut found: Vec<Match> = Vec::new();
        let from = window.start() + self.matched;
        self.matched = patterns.scan(text, from, window.is_end(), &mut found);
        let found = found.into_iter().map(|matched| Hit {
            range: matched.range,
            what: matched.pattern.map_or(What::Marker, What::Pattern),
            scheme: "pattern",
            confidence: matched
                .pattern
                .map_or(100, |pattern| settings.confidence_of(pattern)),
            continued: false,
        });
        self.waiting
            .extend(found.filter(|hit| counts(settings, text, hit)));
        self.matched
    }

    /// Looks for placeholders.
    fn placeholders(&mut self, pseudonyms: &Pseudonyms, window: &Window<'_>) -> usize {
        let mut found = Vec::new();
        let from = window.start() + self.restored;
        self.restored = restore::scan(pseudonyms, window.text(), from, window.is_end(), &mut found);
        self.waiting
            .extend(found.into_iter().map(|(range, slot)| Hit {
                range,
                what: What::Placeholder(slot),
                scheme: "placeholder",
                confidence: 100,
                continued: false,
            }));
        self.restored
    }

    /// Moves what nothing can change any more from `waiting`, which is in order, to `hits`.
    fn release(&mut self, settled: usize, hits: &mut Vec<Hit>) -> usize {
        let mut from = 0;
        while let Some(first) = self.waiting.get(from) {
            let mut end = first.range.end;
            let rest = self.waiting.iter().skip(from + 1);
            let overlapping = rest
                .take_while(|hit| {
                    let overlaps = hit.range.start < end;
                    if overlaps {
                        end = end.max(hit.range.end);
                    }
                    overlaps
                })
                .count();
            let start = first.range.start;
            if end > settled {
                self.waiting.drain(..from);
                return settled.min(start);
            }
            let to = from + 1 + overlapping;
            let group = self.waiting.get(from..to).unwrap_or_default();
            join(group, hits);
            from = to;
        }
        self.waiting.clear();
        settled
    }
}

/// Whether a finding is more than an allowed value or a part of a marker.
fn counts(settings: &Settings, text: &str, hit: &Hit) -> bool {
    if hit.what == What::Marker {
        return true;
    }
    let value = text.get(hit.range.clone()).unwrap_or_default();
    let hashes = settings.markers.are_hashes();
    !settings.allow.allows(value)
        && !marker::is_marked(text, &hit.range, hashes, |name| settings.is_name(name))
}

/// Adds what becomes of findings that overlap.
///
/// Nothing of them is left: what the built-in detectors and the patterns found becomes one finding from the
/// first byte to the last, called what the first pattern calls it. Markers and placeholders are let alone
/// only where nothing else reaches over their edge.
fn join(group: &[Hit], hits: &mut Vec<Hit>) {
    let [first, rest @ ..] = group else {
        return;
    };
    if rest.is_empty() {
        if first.what != What::Marker {
            hits.push(first.clone());
        }
        return;
    }
    let fixed = |hit: &&Hit| matches!(hit.what, What::Marker | What::Placeholder(_));
    let inside = |hit: &Hit| {
        group
            .iter()
            .filter(fixed)
            .any(|outer| outer.range.start <= hit.range.start && hit.range.end <= outer.range.end)
    };
    let mut joined: Option<Hit> = None;
    for hit in group.iter().filter(|hit| !fixed(hit) && !inside(hit)) {
        match &mut joined {
            None => joined = Some(hit.clone()),
            Some(all) => {
                let named = matches!(all.what, What::Pattern(_));
                let range = all.range.start..all.range.end.max(hit.range.end);
                if !named && matches!(hit.what, What::Pattern(_)) {
                    *all = hit.clone();
                }
                all.range = range;
                // Something of it stands for itself, so it needs a marker.
                all.continued &= hit.continued;
            }
        }
    }
    match joined {
        Some(joined) => hits.push(joined),
        None => hits.extend(
            group
                .iter()
                .filter(|hit| matches!(hit.what, What::Placeholder(_)))
                .cloned(),
        ),
    }
}

/// How much settled text a finder needs to see.
pub(crate) const fn context() -> usize {
    CONTEXT
}
