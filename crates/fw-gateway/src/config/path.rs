//! The way from the top of a document to a value.

use std::fmt;

/// A path such as `providers.targets[0].weight`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Path(String);

impl Path {
    /// The document itself.
    pub(crate) fn root() -> Self {
        Self::default()
    }

    /// The path of `key` in the mapping at this path.
    pub(crate) fn key(&self, key: &str) -> Self {
        let mut path = self.0.clone();
        if is_plain(key) {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(key);
        } else {
            let shortened: String = key.chars().take(60).collect();
            path.push_str(&format!("[{shortened:?}]"));
        }
        Self(path)
    }

    /// The path of the item at `index` of the list at this path.
    pub(crate) fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_plain(key: &str) -> bool {
    (1..=60).contains(&key.len())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}
