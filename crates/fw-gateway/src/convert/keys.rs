//! API keys: references stay, keys that stand in the file get the name of a variable.

use std::collections::{HashMap, HashSet};

use super::notes::Notes;
use super::tree::Tree;

/// How a key is given. No `Debug`: it may be the key itself.
pub(super) enum Key {
    /// Not at all, or empty.
    Absent,
    /// In this environment variable.
    Variable(String),
    /// As it is.
    Literal(String),
}

/// The environment variables of the output.
#[derive(Default)]
pub(super) struct Variables {
    /// What a reference begins with: `env.` or `os.environ/`.
    prefix: &'static str,
    used: HashSet<String>,
    /// The variable that was named for each key that stood in the file.
    named: HashMap<String, String>,
    /// The number to try next for each name that was taken.
    next: HashMap<String, u32>,
}

impl Variables {
    /// `prefix` begins a reference to a variable; those in `tree` are not used for anything else.
    pub(super) fn of(tree: &Tree, prefix: &'static str) -> Self {
        let mut used = HashSet::new();
        tree.for_each_text(&mut |text| {
            if let Some(name) = text.strip_prefix(prefix) {
                used.insert(name.to_owned());
            }
        });
        Self {
            prefix,
            used,
            named: HashMap::new(),
            next: HashMap::new(),
        }
    }

    /// The variable that `text` refers to.
    pub(super) fn reference<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.trim()
            .strip_prefix(self.prefix)
            .filter(|name| is_variable(name))
    }

    /// How a value gives a key.
    pub(super) fn key(&self, value: Option<&Tree>) -> Key {
        let text = match value {
            None | Some(Tree::Null) => return Key::Absent,
            Some(Tree::Text(text)) => text,
            // As Bifrost's own exports have it.
            Some(Tree::Map(entries)) => {
                let of = |wanted: &str| {
                    let entry = entries.iter().find(|(key, _)| key == wanted)?;
                    entry.1.text().filter(|text| !text.is_empty())
                };
                match of("env_var").or_else(|| of("value")) {
                    Some(text) => text,
                    None => return Key::Absent,
                }
            }
            // A key of digits, without quotes.
            Some(_) => return Key::Literal(String::new()),
        };
        match self.reference(text) {
            Some(name) => Key::Variable(name.to_owned()),
            None if text.trim().is_empty() => Key::Absent,
            None => Key::Literal(text.to_owned()),
        }
    }

    /// The variable for a key. For one that stands in the file it is named after `usual`, with a note.
    pub(super) fn variable(
        &mut self,
        key: Key,
        usual: &str,
        path: &str,
        notes: &mut Notes,
    ) -> Option<String> {
        match key {
            Key::Absent => None,
            Key::Variable(name) => Some(name),
            Key::Literal(literal) => {
                let name = self.named.get(&literal).cloned();
                let name = name.unwrap_or_else(|| self.unused(usual));
                self.named.insert(literal, name.clone());
                notes.todo(
                    path,
                    format!("the key stands in the file and was not copied; set {name} to it"),
                );
                Some(name)
            }
        }
    }

    /// `usual`, or the first of its numbered variants that is not used yet.
    fn unused(&mut self, usual: &str) -> String {
        let next = self.next.entry(usual.to_owned()).or_insert(1);
        loop {
            let name = match *next {
                1 => usual.to_owned(),
                number => format!("{usual}_{number}"),
            };
            *next += 1;
            if self.used.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// The usual name of the variable for a provider's key.
pub(super) fn variable_of(provider: &str) -> String {
    let name: String = provider
        .chars()
        .take(64)
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    format!("{}_API_KEY", name.to_ascii_uppercase())
}

/// As in configurations: ASCII letters, digits, `_`, `-` and `.`.
fn is_variable(name: &str) -> bool {
    (1..=256).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_the_file_gets_a_variable_that_nobody_uses() {
        let tree = Tree::List(vec![Tree::Text("env.OPENAI_API_KEY".into())]);
        let mut variables = Variables::of(&tree, "env.");
        let mut notes = Notes::default();
        let mut name = |key: &str| {
            let key = variables.key(Some(&Tree::Text(key.into())));
            variables.variable(key, "OPENAI_API_KEY", "path", &mut notes)
        };
        assert_eq!(name("env.MINE").as_deref(), Some("MINE"));
        assert_eq!(name("sk-one").as_deref(), Some("OPENAI_API_KEY_2"));
        assert_eq!(name("sk-two").as_deref(), Some("OPENAI_API_KEY_3"));
        assert_eq!(name("sk-one").as_deref(), Some("OPENAI_API_KEY_2"));
        assert_eq!(name(""), None);
        assert!(!notes.to_text().contains("sk-"));
    }
}
