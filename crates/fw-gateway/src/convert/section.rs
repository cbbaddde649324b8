//! A mapping that is read key by key, and knows which keys nobody asked for.

use super::notes::Notes;
use super::tree::Tree;

/// Most characters of a key that a path shows.
const MAX_KEY: usize = 60;

/// A mapping and its place.
pub(super) struct Section<'t> {
    path: String,
    entries: &'t [(String, Tree)],
    taken: Vec<bool>,
}

impl<'t> Section<'t> {
    /// `None`, and a note, where `tree` is no mapping.
    pub(super) fn new(tree: &'t Tree, path: String, notes: &mut Notes) -> Option<Self> {
        match tree {
            Tree::Map(entries) => Some(Self {
                path,
                taken: vec![false; entries.len()],
                entries,
            }),
            other => {
                unexpected(&path, "a mapping", other, notes);
                None
            }
        }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The path of a key.
    pub(super) fn at(&self, key: &str) -> String {
        join(&self.path, key)
    }

    /// The value of a key. A key without a value counts as absent.
    pub(super) fn take(&mut self, key: &str) -> Option<&'t Tree> {
        let place = self.entries.iter().position(|(name, _)| name == key)?;
        if let Some(taken) = self.taken.get_mut(place) {
            *taken = true;
        }
        match self.entries.get(place) {
            None | Some((_, Tree::Null)) => None,
            Some((_, value)) => Some(value),
        }
    }

    pub(super) fn text(&mut self, key: &str, notes: &mut Notes) -> Option<&'t str> {
        let value = self.take(key)?;
        let text = value.text();
        if text.is_none() {
            unexpected(&self.at(key), "text", value, notes);
        }
        text
    }

    pub(super) fn flag(&mut self, key: &str, notes: &mut Notes) -> Option<bool> {
        match self.take(key)? {
            Tree::Bool(flag) => Some(*flag),
            other => {
                unexpected(&self.at(key), "true or false", other, notes);
                None
            }
        }
    }

    /// A number that is not negative; in quotes too.
    pub(super) fn number(&mut self, key: &str, notes: &mut Notes) -> Option<f64> {
        let value = self.take(key)?;
        let number = match value {
            Tree::Number(number) => Some(*number),
            Tree::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        let number = number.filter(|number| number.is_finite() && *number >= 0.0);
        if number.is_none() {
            unexpected(&self.at(key), "a number that is not negative", value, notes);
        }
        number
    }

    /// A number without its fraction.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, and a cast ends at the type's bounds"
    )]
    pub(super) fn whole(&mut self, key: &str, notes: &mut Notes) -> Option<u64> {
        self.number(key, notes).map(|number| number as u64)
    }

    /// The items of a list with their paths. A value alone counts as a list of one.
    pub(super) fn list(&mut self, key: &str) -> Vec<(String, &'t Tree)> {
        let path = self.at(key);
        match self.take(key) {
            None => Vec::new(),
            Some(Tree::List(items)) => items
                .iter()
                .enumerate()
                .map(|(index, item)| (format!("{path}[{index}]"), item))
                .collect(),
            Some(other) => vec![(path, other)],
        }
    }

    /// The texts of a list. Others are noted.
    pub(super) fn texts(&mut self, key: &str, notes: &mut Notes) -> Vec<&'t str> {
        let items = self.list(key).into_iter();
        items
            .filter_map(|(path, item)| {
                let text = item.text();
                if text.is_none() {
                    unexpected(&path, "text", item, notes);
                }
                text
            })
            .collect()
    }

    pub(super) fn section(&mut self, key: &str, notes: &mut Notes) -> Option<Section<'t>> {
        let value = self.take(key)?;
        Section::new(value, self.at(key), notes)
    }

    /// The mappings of a list. Others are noted.
    pub(super) fn sections(&mut self, key: &str, notes: &mut Notes) -> Vec<Section<'t>> {
        let items = self.list(key).into_iter();
        items
            .filter_map(|(path, item)| Section::new(item, path, notes))
            .collect()
    }

    /// All keys that were not asked for yet, which then were.
    pub(super) fn rest(&mut self) -> Vec<(&'t str, &'t Tree)> {
        let rest = self.entries.iter().zip(&self.taken);
        let rest = rest
            .filter(|(_, taken)| !**taken)
            .map(|((key, value), _)| (key.as_str(), value))
            .collect();
        self.taken.fill(true);
        rest
    }

    /// Notes every key that was not asked for.
    pub(super) fn leave_rest(mut self, message: &str, notes: &mut Notes) {
        for (key, value) in self.rest() {
            if !matches!(value, Tree::Null) {
                notes.left_out(self.at(key), message);
            }
        }
    }

    /// Notes those of `keys` that are there.
    pub(super) fn leave(&mut self, keys: &[&str], message: &str, notes: &mut Notes) {
        for key in keys {
            if self.take(key).is_some() {
                notes.left_out(self.at(key), message);
            }
        }
    }
}

/// Says that a value has another type than it should. The value itself is never shown.
pub(super) fn unexpected(path: &str, expected: &str, found: &Tree, notes: &mut Notes) {
    let path = if path.is_empty() { "the file" } else { path };
    notes.left_out(path, format!("expected {expected}, found {}", found.kind()));
}

/// The path of a key in the mapping at `path`.
pub(super) fn join(path: &str, key: &str) -> String {
    let plain = (1..=MAX_KEY).contains(&key.len())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$'));
    if !plain {
        let short: String = key.chars().take(MAX_KEY).collect();
        return format!("{path}[{short:?}]");
    }
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}
