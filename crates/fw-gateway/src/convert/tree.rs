//! What was read, in the order of the file.

use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};

use super::ConvertError;

/// Largest file that is read: as large as a configuration may be.
const MAX_BYTES: usize = 1 << 20;
// The reader is recursive; real files are about eight deep.
const MAX_DEPTH: usize = 64;
const MAX_NODES: usize = 50_000;

/// A value. It has no `Debug`: it may be a key.
pub(super) enum Tree {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

impl Tree {
    /// What a reader would call it.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Calls `each` for every text within.
    pub(super) fn for_each_text(&self, each: &mut impl FnMut(&str)) {
        match self {
            Self::Text(text) => each(text),
            Self::List(items) => items.iter().for_each(|item| item.for_each_text(each)),
            Self::Map(entries) => entries
                .iter()
                .for_each(|(_, value)| value.for_each_text(each)),
            Self::Null | Self::Bool(_) | Self::Number(_) => {}
        }
    }
}

/// Reads JSON. `name` stands for the file in errors, which never repeat its text.
pub(super) fn from_json(name: &str, text: &str) -> Result<Tree, ConvertError> {
    let text = sized(name, text)?;
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line().max(1), error.column().max(1));
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        ConvertError::at(name, line, column, format_args!("not valid JSON: {what}"))
    })
}

/// Reads one YAML document, with anchors and merge keys as Python's reader knows them.
pub(super) fn from_yaml(name: &str, text: &str) -> Result<Tree, ConvertError> {
    let text = sized(name, text)?;
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_events: MAX_NODES * 4,
            max_documents: 2,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_NODES,
            max_replay_stack_depth: 16,
        },
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        merge_keys: MergeKeyPolicy::Merge,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        emit_comments: false,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let error = error.without_snippet();
        let at = error.location();
        let line = at.map_or(1, |at| at.line().try_into().unwrap_or(1));
        let column = at.map_or(1, |at| at.column().try_into().unwrap_or(1));
        // What is wrong behind an alias is wrapped.
        let mut cause: &serde_saphyr::Error = error;
        while let serde_saphyr::Error::AliasError { error, .. } = cause {
            cause = error;
        }
        let what = match cause {
            serde_saphyr::Error::ExternalMessage { msg, .. } if !msg.is_empty() => msg.to_string(),
            serde_saphyr::Error::Eof { .. } => "the file holds no document".to_owned(),
            serde_saphyr::Error::MultipleDocuments { .. } => {
                "the file holds more than one document; keep one".to_owned()
            }
            serde_saphyr::Error::Budget { .. } => {
                format!("too large: at most {MAX_NODES} values, nested {MAX_DEPTH} deep")
            }
            serde_saphyr::Error::UnknownAnchor { .. }
            | serde_saphyr::Error::RecursiveReferencesRequireWeakTypes { .. }
            | serde_saphyr::Error::AliasReplayCounterOverflow { .. }
            | serde_saphyr::Error::AliasReplayLimitExceeded { .. }
            | serde_saphyr::Error::AliasExpansionLimitExceeded { .. }
            | serde_saphyr::Error::AliasReplayStackDepthExceeded { .. } => format!(
                "anchors lead nowhere, in a circle, or to more than {MAX_NODES} values; write them out"
            ),
            _ => "check indentation, quotes and brackets".to_owned(),
        };
        ConvertError::at(name, line, column, format_args!("not valid YAML: {what}"))
    })
}

fn sized<'t>(name: &str, text: &'t str) -> Result<&'t str, ConvertError> {
    if text.len() > MAX_BYTES {
        let message = format_args!("the file is larger than {MAX_BYTES} bytes");
        return Err(ConvertError::at(name, 1, 1, message));
    }
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    #[allow(
        clippy::cast_precision_loss,
        reason = "settings are far below 2^53; others are out of bounds as floats too"
    )]
    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Number(value as f64))
    }

    #[allow(clippy::cast_precision_loss, reason = "as above")]
    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Tree, E> {
        Ok(Tree::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    /// Of a key that occurs twice the last value counts, as for the readers of both formats.
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut entries: Vec<(String, Tree)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        while let Some((key, value)) = access.next_entry::<String, Tree>()? {
            match places.get(&key).and_then(|place| entries.get_mut(*place)) {
                Some(entry) => entry.1 = value,
                None => {
                    places.insert(key.clone(), entries.len());
                    entries.push((key, value));
                }
            }
        }
        Ok(Tree::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(result: Result<Tree, ConvertError>) -> String {
        result.err().map(|error| error.to_string()).unwrap()
    }

    #[test]
    fn faults_name_line_and_column_and_no_text_of_the_file() {
        let json = message(from_json("c.json", "{\n  \"key\": sk-secret\n}"));
        assert!(json.starts_with("c.json:2:10: not valid JSON"), "{json}");
        let yaml = message(from_yaml("c.yaml", "a: [sk-secret\nb: 2\n"));
        assert!(yaml.starts_with("c.yaml:"), "{yaml}");
        for text in [json, yaml] {
            assert!(!text.contains("secret"), "{text}");
        }
    }

    #[test]
    fn the_order_of_the_file_stays_and_the_last_of_two_values_counts() {
        let Ok(Tree::Map(entries)) = from_json("c", r#"{"z": 1, "a": 2, "z": 3}"#) else {
            panic!("a mapping")
        };
        let keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["z", "a"]);
        assert!(matches!(entries[0].1, Tree::Number(3.0)));
    }

    #[test]
    fn yaml_is_read_as_python_reads_it() {
        let text = "base: &b {timeout: 5}\nmodel: {<<: *b, on: True}\n";
        let Ok(Tree::Map(entries)) = from_yaml("c", text) else {
            panic!("a mapping")
        };
        let Tree::Map(model) = &entries[1].1 else {
            panic!("a mapping")
        };
        assert!(model.iter().any(|(key, _)| key == "timeout"));
    }

    #[test]
    fn too_large_and_too_deep_is_refused() {
        let large = format!("\"{}\"", "x".repeat(MAX_BYTES));
        assert!(message(from_json("c", &large)).contains("larger than"));
        let deep = "[".repeat(2_000);
        assert!(message(from_json("c", &deep)).starts_with("c:1:"));
        assert!(message(from_yaml("c", &deep)).starts_with("c:1:"));
    }
}
