//! Edits of a document: recorded by place, resolved and spliced once.

use std::collections::{BTreeMap, BTreeSet};

use super::span::Span;
use super::steps::{self, Text};
use super::value::Value;

/// The edits of a document, each against a place in the original text.
#[derive(Clone, Default)]
pub(super) struct Edits {
    /// New text for a value or a key.
    replaced: BTreeMap<Span, String>,
    /// Members and elements that go, by where their container starts.
    removed: BTreeMap<usize, BTreeSet<Span>>,
    /// New members and elements, by where their container starts.
    inserted: BTreeMap<usize, Vec<Inserted>>,
    count: usize,
}

#[derive(Clone)]
struct Inserted {
    /// The key in its quotes; `None` in an array.
    key: Option<String>,
    json: String,
}

/// What happened to the keys of one object.
pub(super) struct KeyEdits<'a> {
    pub(super) removed: Option<&'a BTreeSet<Span>>,
    pub(super) renamed: &'a BTreeMap<Span, String>,
}

/// A range of the original text and what stands there instead.
struct Splice<'a> {
    start: usize,
    end: usize,
    text: std::borrow::Cow<'a, str>,
}

impl Edits {
    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn replace(&mut self, at: Span, text: String) {
        self.count += 1;
        self.replaced.insert(at, text);
    }

    pub(super) fn remove(&mut self, container: usize, at: Span) {
        self.count += 1;
        self.removed.entry(container).or_default().insert(at);
    }

    pub(super) fn insert(&mut self, container: Span, key: Option<String>, json: String) {
        self.count += 1;
        let entries = self.inserted.entry(container.start()).or_default();
        if key.is_some()
            && let Some(entry) = entries.iter_mut().find(|entry| entry.key == key)
        {
            entry.json = json;
            return;
        }
        entries.push(Inserted { key, json });
    }

    /// Takes back an insertion. The key is in its quotes.
    pub(super) fn uninsert(&mut self, container: Span, key: &str) -> bool {
        let Some(entries) = self.inserted.get_mut(&container.start()) else {
            return false;
        };
        let before = entries.len();
        entries.retain(|entry| entry.key.as_deref() != Some(key));
        before != entries.len()
    }

    pub(super) fn inserts_key(&self, container: Span, key: &str) -> bool {
        self.inserted
            .get(&container.start())
            .is_some_and(|entries| {
                entries
                    .iter()
                    .any(|entry| entry.key.as_deref() == Some(key))
            })
    }

    pub(super) fn of_object(&self, object: Span) -> KeyEdits<'_> {
        KeyEdits {
            removed: self.removed.get(&object.start()),
            renamed: &self.replaced,
        }
    }

    /// The text with the edits made.
    pub(super) fn apply(&self, noted: Text<'_>) -> Vec<u8> {
        let text = noted.bytes;
        let mut splices = self.splices(noted);
        // An insertion sits before a cut that starts at the same byte.
        splices.sort_by_key(|splice| (splice.start, splice.end));
        let added: usize = splices.iter().map(|splice| splice.text.len()).sum();
        let mut out = Vec::with_capacity(text.len() + added);
        let mut at = 0;
        for splice in &splices {
            if splice.start < at {
                // Only spans of another document can overlap like this.
                continue;
            }
            out.extend_from_slice(text.get(at..splice.start).unwrap_or_default());
            out.extend_from_slice(splice.text.as_bytes());
            at = splice.end;
        }
        out.extend_from_slice(text.get(at..).unwrap_or_default());
        out
    }

    fn splices<'a>(&'a self, text: Text<'_>) -> Vec<Splice<'a>> {
        let gone = Gone::new(self);
        let mut splices = Vec::new();
        for (&at, new) in &self.replaced {
            if !gone.swallows_edit(at) {
                let text = new.as_str().into();
                splices.push(Splice {
                    start: at.start(),
                    end: at.end(),
                    text,
                });
            }
        }
        let none = BTreeSet::new();
        for (&container, removed) in &self.removed {
            if !gone.swallows_container(container) {
                let inserted = self.inserted.get(&container).map_or(&[][..], Vec::as_slice);
                resolve(text, container, removed, inserted, &mut splices);
            }
        }
        for (&container, inserted) in &self.inserted {
            if !self.removed.contains_key(&container) && !gone.swallows_container(container) {
                resolve(text, container, &none, inserted, &mut splices);
            }
        }
        splices
    }
}

/// The outermost parts of the text that an edit removes or replaces whole.
struct Gone {
    /// Disjoint, in order; the flag is true for a removal.
    parts: Vec<(Span, bool)>,
}

impl Gone {
    fn new(edits: &Edits) -> Self {
        let removed = edits.removed.values().flatten().map(|&span| (span, true));
        let replaced = edits.replaced.keys().map(|&span| (span, false));
        let mut all: Vec<_> = removed.chain(replaced).collect();
        // Outer before inner, and a removal before a replacement of the same place.
        all.sort_by_key(|&(span, removal)| (span.start(), usize::MAX - span.end(), !removal));
        let mut parts: Vec<(Span, bool)> = Vec::with_capacity(all.len());
        for (span, removal) in all {
            if parts
                .last()
                .is_none_or(|&(last, _)| span.start() >= last.end())
            {
                parts.push((span, removal));
            }
        }
        Self { parts }
    }

    fn around(&self, at: usize) -> Option<(Span, bool)> {
        let after = self.parts.partition_point(|&(span, _)| span.start() <= at);
        let &(span, removal) = self.parts.get(after.checked_sub(1)?)?;
        (at < span.end()).then_some((span, removal))
    }

    /// Whether a replacement at `at` lies in something that goes, other than by itself.
    fn swallows_edit(&self, at: Span) -> bool {
        self.around(at.start())
            .is_some_and(|(span, removal)| removal || span != at)
    }

    fn swallows_container(&self, start: usize) -> bool {
        self.around(start).is_some()
    }
}

/// Turns the removals and insertions of one container into splices with the commas right.
fn resolve(
    text: Text<'_>,
    container: usize,
    removed: &BTreeSet<Span>,
    inserted: &[Inserted],
    splices: &mut Vec<Splice<'_>>,
) {
    let value = Value::at(text, container, steps::value_end(text, container));
    let mut first = None;
    let mut last_kept: Option<Span> = None;
    // The run of removed children that is open: where it starts and where it ends so far.
    let mut run: Option<(usize, usize)> = None;
    let mut child = |span: Span| {
        first.get_or_insert(span.start());
        if removed.contains(&span) {
            let start = run.map_or(span.start(), |(start, _)| start);
            run = Some((start, span.end()));
        } else {
            if let Some((start, _)) = run.take() {
                splices.push(Splice {
                    start,
                    end: span.start(),
                    text: "".into(),
                });
            }
            last_kept = Some(span);
        }
    };
    if value.is_object() {
        value
            .members()
            .for_each(|member| child(member.span().whole()));
    } else {
        value
            .elements()
            .for_each(|element| child(element.span().value()));
    }
    if let Some((start, end)) = run {
        // The comma before the run goes with it.
        let start = last_kept.map_or(start, Span::end);
        splices.push(Splice {
            start,
            end,
            text: "".into(),
        });
    }
    if inserted.is_empty() {
        return;
    }
    let at = last_kept.map(Span::end).or(first).unwrap_or(container + 1);
    let mut new = String::new();
    for entry in inserted {
        if last_kept.is_some() || !new.is_empty() {
            new.push(',');
        }
        if let Some(key) = &entry.key {
            new.push_str(key);
            new.push(':');
        }
        new.push_str(&entry.json);
    }
    splices.push(Splice {
        start: at,
        end: at,
        text: new.into(),
    });
}
