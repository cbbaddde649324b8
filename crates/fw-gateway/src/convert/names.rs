//! Names of models and groups, and ids.

use std::collections::{HashMap, HashSet};

/// Longest name of a group, of a key and of a model.
pub(super) const MAX_NAME: usize = 128;
pub(super) const MAX_MODEL: usize = 512;

/// Whether `name` can be the name of a model or of a group: not empty, not longer than `most`, one line.
pub(super) fn is_name(name: &str, most: usize) -> bool {
    (1..=most).contains(&name.chars().count())
        && name.trim() == name
        && name
            .chars()
            .all(|c| c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric())
}

/// Ids that are told apart.
#[derive(Default)]
pub(super) struct Ids {
    used: HashSet<String>,
    /// The number to try next for each name that was taken.
    next: HashMap<String, u32>,
}

impl Ids {
    /// An id that nothing else may have.
    pub(super) fn reserve(&mut self, id: &str) {
        self.used.insert(id.to_owned());
    }

    /// `wanted` as an id, with a number if it is taken.
    pub(super) fn make(&mut self, wanted: &str) -> String {
        self.number(wanted, 1)
    }

    /// `wanted` with a number, from 1 on.
    pub(super) fn make_numbered(&mut self, wanted: &str) -> String {
        self.number(wanted, 0)
    }

    /// The id is `wanted` alone where the number is 1 and nothing came before.
    fn number(&mut self, wanted: &str, first: u32) -> String {
        let plain: String = wanted
            .chars()
            .take(100)
            .map(|c| {
                if c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-') {
                    c
                } else {
                    '-'
                }
            })
            .collect();
        let plain = plain.trim_matches(['-', '.']);
        let plain = if plain.is_empty() { "target" } else { plain };
        let next = self.next.entry(plain.to_owned()).or_insert(first);
        loop {
            let id = if first == 1 && *next == 1 {
                plain.to_owned()
            } else {
                format!("{plain}-{}", (*next).max(1))
            };
            *next = (*next).max(1) + 1;
            if self.used.insert(id.clone()) {
                return id;
            }
        }
    }
}
