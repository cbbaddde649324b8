//! What was changed, for the response header, the trace and the audit log.
//!
//! A change names a field and what happened to it, never a value: values are user text.

use std::{
    borrow::Cow,
    fmt::{self, Write as _},
    sync::Arc,
};

use http::HeaderValue;

/// Longest rendering of a change list, in bytes. Well below the 8 KiB that common servers allow
/// for all header lines together.
const MAX_RENDERED: usize = 1024;

/// Most entries a list keeps; what comes after is only counted.
const MAX_ENTRIES: usize = 64;

/// Longest field name that a change shows. Longer ones are cut.
const MAX_NAME: usize = 64;

/// What happened to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChangeKind {
    /// The field has another name now, its value is the same.
    Renamed(&'static str),
    /// The field was taken out: the provider does not accept it.
    Removed,
    /// The field was there and has another value now.
    Set,
    /// The field was not there.
    Added,
    /// Several entries became one.
    Merged,
}

/// One entry of a [`ParamsChanges`].
///
/// The path is written with `[]` for "every element", so that a hundred messages with the same
/// unsupported field are one entry with a count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    path: Cow<'static, str>,
    kind: ChangeKind,
    count: u32,
}

// === impl Change ===

impl Change {
    /// Where, for example `store` or `messages[].name`.
    ///
    /// Characters that are not usual in a field name are shown as `?`: a name that the client made
    /// up is text of the client.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What happened.
    #[must_use]
    pub const fn kind(&self) -> ChangeKind {
        self.kind
    }

    /// How many times.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    fn render(&self, out: &mut String) {
        out.push_str(match self.kind {
            ChangeKind::Renamed(_) => "renamed ",
            ChangeKind::Removed => "removed ",
            ChangeKind::Set => "set ",
            ChangeKind::Added => "added ",
            ChangeKind::Merged => "merged ",
        });
        out.push_str(&self.path);
        if let ChangeKind::Renamed(to) = self.kind {
            out.push('>');
            out.push_str(to);
        }
        if self.count > 1 {
            // A String takes everything.
            let _ = write!(out, " x{}", self.count);
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.render(&mut text);
        f.write_str(&text)
    }
}

/// Every change that was made to a request and its reply, in order.
///
/// The layer puts it into the extensions of the upstream request and of the response (if there was
/// a change at all), and renders it into the `x-fw-params` response header.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ParamsChanges {
    // Shared, because one request's list goes to several places.
    inner: Option<Arc<List>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct List {
    entries: Vec<Change>,
    left_out: u32,
}

// === impl ParamsChanges ===

impl ParamsChanges {
    /// True if nothing was changed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.inner.is_none()
    }

    /// The changes, in the order in which they were made.
    pub fn iter(&self) -> impl Iterator<Item = &Change> {
        self.inner.iter().flat_map(|list| list.entries.iter())
    }

    /// The value for the `x-fw-params` header; `None` when nothing was changed.
    #[must_use]
    pub fn to_header(&self) -> Option<HeaderValue> {
        if self.is_empty() {
            return None;
        }
        HeaderValue::try_from(self.rendered()).ok()
    }

    /// Written piece by piece: every request that was changed has it in a header.
    fn rendered(&self) -> String {
        let Some(list) = &self.inner else {
            return String::new();
        };
        let mut text = String::with_capacity(32 * list.entries.len());
        let mut left_out = list.left_out as usize;
        for (done, entry) in list.entries.iter().enumerate() {
            let before = text.len();
            if done > 0 {
                text.push_str("; ");
            }
            entry.render(&mut text);
            if text.len() > MAX_RENDERED {
                text.truncate(before);
                left_out += list.entries.len() - done;
                break;
            }
        }
        if left_out > 0 {
            // A String takes everything.
            let _ = write!(text, "; +{left_out} more");
        }
        text
    }

    /// Adds a change. The same change again is counted.
    ///
    /// `path` is shown as it is: see [`record_name`](Self::record_name) for names that a client chose.
    pub fn record(&mut self, kind: ChangeKind, path: impl Into<Cow<'static, str>>) {
        self.add(kind, path.into(), 1);
    }

    /// Takes over another list.
    pub fn append(&mut self, other: &Self) {
        for change in other.iter() {
            self.add(change.kind, change.path.clone(), change.count);
        }
    }

    fn add(&mut self, kind: ChangeKind, path: Cow<'static, str>, count: u32) {
        let list = Arc::make_mut(self.inner.get_or_insert_default());
        let same = |entry: &&mut Change| entry.kind == kind && entry.path == path;
        if let Some(entry) = list.entries.iter_mut().find(same) {
            entry.count = entry.count.saturating_add(count);
        } else if list.entries.len() < MAX_ENTRIES {
            list.entries.push(Change { path, kind, count });
        } else {
            list.left_out = list.left_out.saturating_add(count);
        }
    }

    /// Adds a change to a field whose name the client chose: cut after 64 characters, with `?` for what is not
    /// usual in a name.
    pub fn record_name(&mut self, kind: ChangeKind, prefix: &str, name: &str) {
        self.record(kind, format!("{prefix}{}", shown(name)));
    }
}

impl fmt::Debug for ParamsChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.iter().map(ToString::to_string))
            .finish()
    }
}

/// One line: `renamed max_completion_tokens>max_tokens; removed store; removed messages[].name x3`.
impl fmt::Display for ParamsChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rendered())
    }
}

/// A client's field name, safe to show: bounded and of plain characters only.
pub(crate) fn shown(name: &str) -> String {
    let mut shown: String = name
        .chars()
        .take(MAX_NAME)
        .map(|c| {
            if c.is_ascii_alphanumeric() || "_-.".contains(c) {
                c
            } else {
                '?'
            }
        })
        .collect();
    if name.chars().nth(MAX_NAME).is_some() {
        shown.push_str("...");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_change_is_counted_not_repeated() {
        let mut changes = ParamsChanges::default();
        assert!(changes.is_empty());
        assert_eq!(changes.to_header(), None);
        changes.record(ChangeKind::Removed, "messages[].name");
        changes.record(ChangeKind::Renamed("max_tokens"), "max_completion_tokens");
        changes.record(ChangeKind::Removed, "messages[].name");
        assert_eq!(
            changes.to_string(),
            "removed messages[].name x2; renamed max_completion_tokens>max_tokens"
        );
    }

    #[test]
    fn a_client_s_names_cannot_break_the_header() {
        let mut changes = ParamsChanges::default();
        changes.record_name(
            ChangeKind::Removed,
            "",
            "a\r\nset-cookie: x=1; jane@example.com é",
        );
        assert_eq!(
            changes.to_string(),
            "removed a??set-cookie??x?1??jane?example.com??"
        );
        assert!(changes.to_header().is_some());
    }

    #[test]
    fn the_list_is_bounded_in_entries_and_length() {
        let mut changes = ParamsChanges::default();
        for i in 0..10_000 {
            changes.record_name(ChangeKind::Removed, "", &format!("{i}{}", "x".repeat(500)));
        }
        assert_eq!(changes.iter().count(), MAX_ENTRIES);
        let line = changes.to_string();
        assert!(line.len() < MAX_RENDERED + 32, "{}", line.len());
        assert!(line.ends_with(" more"), "{line}");
    }
}
