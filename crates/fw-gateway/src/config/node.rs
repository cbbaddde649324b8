//! A YAML document as a tree that remembers where everything stands.
//!
//! Typed deserialisation stops at the first fault and forgets places. The tree
//! is read first, checked as a whole, and only then turned into types, so one
//! run reports every fault with its line.

use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Location, Spanned};

use super::path::Path;
use super::problem::{Code, Place, Problem};

/// Largest configuration file. Far above any real one.
pub(crate) const MAX_FILE_BYTES: usize = 1 << 20;
// Real files are about ten deep. The reader is recursive, and threads have 2 MiB.
const MAX_DEPTH: usize = 32;
const MAX_NODES: usize = 50_000;
const MAX_REPLAYED: usize = 20_000;

/// A value and the place where it was written.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) at: Place,
    pub(crate) value: Kind,
}

#[derive(Clone)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) at: Place,
    pub(crate) value: Node,
}

// A document may hold keys and passwords.
impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Node({} at {}:{})",
            self.kind_name(),
            self.at.line,
            self.at.column
        )
    }
}

impl Node {
    /// Reads one YAML document. `file` numbers the file it comes from.
    pub(crate) fn parse(text: &str, file: u16) -> Result<Self, Problem> {
        if text.len() > MAX_FILE_BYTES {
            return Err(Problem::new(
                Code::Syntax,
                Place {
                    file,
                    line: 1,
                    column: 1,
                },
                Path::root(),
                format!("the file is larger than {MAX_FILE_BYTES} bytes"),
            ));
        }
        // Later duplicates are let through so that each one is reported with
        // its own place. Snippets are off: they would print secrets.
        let options = serde_saphyr::options! {
            budget: serde_saphyr::budget! {
                max_depth: MAX_DEPTH,
                flow_nesting_limit: MAX_DEPTH,
                max_nodes: MAX_NODES,
                max_events: MAX_NODES * 4,
                max_documents: 2,
            },
            alias_limits: serde_saphyr::alias_limits! {
                max_total_replayed_events: MAX_REPLAYED,
                max_replay_stack_depth: 16,
            },
            duplicate_keys: DuplicateKeyPolicy::LastWins,
            merge_keys: MergeKeyPolicy::Error,
            non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
            strict_booleans: true,
            reject_unsupported_tags: true,
            emit_comments: false,
            with_snippet: false,
        };
        let raw: Spanned<Raw> = serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| syntax_problem(&error, file))?;
        Ok(raw.value.place(raw.defined, file))
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.value {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Node] {
        match &self.value {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value under `key` of a mapping.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// What a reader would call this value.
    pub(crate) fn kind_name(&self) -> &'static str {
        match self.value {
            Kind::Null => "nothing",
            Kind::Bool(_) => "true or false",
            Kind::Integer(_) => "a whole number",
            Kind::Float(_) => "a number with a fraction",
            Kind::Text(_) => "text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }

    /// Adds an error for every key that occurs twice in one mapping, and keeps
    /// the first.
    pub(crate) fn take_duplicates(&mut self, path: &Path, found: &mut Vec<Problem>) {
        match &mut self.value {
            Kind::Map(entries) => {
                let mut lines: HashMap<String, u32> = HashMap::new();
                entries.retain(|entry| match lines.get(&entry.key) {
                    Some(line) => {
                        found.push(
                            Problem::new(
                                Code::DuplicateKey,
                                entry.at,
                                path.key(&entry.key),
                                format!("the key `{}` occurs twice in one mapping", entry.key),
                            )
                            .suggest(format!(
                                "it is already set on line {line}; keep one of the two"
                            )),
                        );
                        false
                    }
                    None => {
                        lines.insert(entry.key.clone(), entry.at.line);
                        true
                    }
                });
                for entry in entries {
                    entry.value.take_duplicates(&path.key(&entry.key), found);
                }
            }
            Kind::List(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    item.take_duplicates(&path.index(index), found);
                }
            }
            _ => {}
        }
    }

    /// Lays a later file over this one, as RFC 7396 (JSON Merge Patch) does:
    /// mappings merge key by key, a later `null` removes a key, everything
    /// else replaces what was there.
    pub(crate) fn overlay(&mut self, later: Node) {
        match (&mut self.value, later) {
            (
                Kind::Map(entries),
                Node {
                    value: Kind::Map(changes),
                    ..
                },
            ) => {
                for change in changes {
                    match entries.iter().position(|entry| entry.key == change.key) {
                        Some(index) if matches!(change.value.value, Kind::Null) => {
                            entries.remove(index);
                        }
                        Some(index) => {
                            if let Some(entry) = entries.get_mut(index) {
                                entry.at = change.at;
                                entry.value.overlay(change.value);
                            }
                        }
                        None => entries.push(change),
                    }
                }
            }
            (_, later) => *self = later,
        }
    }

    /// The same value without places.
    pub(crate) fn to_json(&self) -> Value {
        match &self.value {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Integer(value) => u64::try_from(*value)
                .map(Number::from)
                .or_else(|_| i64::try_from(*value).map(Number::from))
                .map_or(Value::Null, Value::Number),
            Kind::Float(value) => Number::from_f64(*value).map_or(Value::Null, Value::Number),
            Kind::Text(text) => Value::String(text.clone()),
            Kind::List(items) => items.iter().map(Self::to_json).collect(),
            Kind::Map(entries) => Value::Object(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.value.to_json()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }
}

/// A value as the YAML reader hands it over.
enum Raw {
    Scalar(Kind),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl Raw {
    fn place(self, at: Location, file: u16) -> Node {
        let value = match self {
            Self::Scalar(value) => value,
            Self::List(items) => Kind::List(
                items
                    .into_iter()
                    .map(|item| item.value.place(item.defined, file))
                    .collect(),
            ),
            Self::Map(entries) => Kind::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| Entry {
                        at: place(key.defined, file),
                        key: key.value,
                        value: value.value.place(value.defined, file),
                    })
                    .collect(),
            ),
        };
        Node {
            at: place(at, file),
            value,
        }
    }
}

fn place(at: Location, file: u16) -> Place {
    Place {
        file,
        line: u32::try_from(at.line()).unwrap_or(u32::MAX),
        column: u32::try_from(at.column()).unwrap_or(u32::MAX),
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Kind::Null))
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Kind::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Scalar(Kind::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Kind::Integer(value.into())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Kind::Integer(value.into())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Kind::Float(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Scalar(Kind::Text(value.to_owned())))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Scalar(Kind::Text(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

/// A syntax error without any text of the document beyond what names the
/// fault.
fn syntax_problem(error: &serde_saphyr::Error, file: u16) -> Problem {
    use serde_saphyr::Error as Yaml;

    let error = error.without_snippet();
    let at = error.location().map_or(
        Place {
            file,
            line: 1,
            column: 1,
        },
        |at| place(at, file),
    );
    let message = match error {
        // The reader's own words. They name single characters at most.
        Yaml::ExternalMessage { msg, .. } if !msg.is_empty() => format!("not valid YAML: {msg}"),
        Yaml::Unexpected { expected, .. } => format!("not valid YAML here: expected {expected}"),
        // The tag is not shown: an unquoted secret may begin with `!`.
        Yaml::UnsupportedTag { .. } => {
            "tags (`!...`) are not supported; put the value in quotes".to_owned()
        }
        Yaml::Eof { .. } => "the file holds no document".to_owned(),
        Yaml::MultipleDocuments { .. } => {
            "the file holds more than one YAML document; keep one".to_owned()
        }
        Yaml::MergeKeyNotAllowed { .. } => {
            "merge keys (`<<`) are not supported; write the keys out, or layer files".to_owned()
        }
        Yaml::UnknownAnchor { .. } => "this alias has no anchor".to_owned(),
        Yaml::AliasReplayLimitExceeded { .. }
        | Yaml::AliasExpansionLimitExceeded { .. }
        | Yaml::AliasReplayStackDepthExceeded { .. } => {
            "too many aliases; write the values out".to_owned()
        }
        Yaml::Budget { .. } => {
            format!("too large: at most {MAX_NODES} values, nested {MAX_DEPTH} deep")
        }
        Yaml::InvalidScalar { ty, .. } => format!("the tag asks for {ty}, which the value is not"),
        Yaml::AliasError { .. } => "this alias cannot be used here".to_owned(),
        _ => "not valid YAML here; check indentation, quotes and brackets".to_owned(),
    };
    Problem::new(Code::Syntax, at, Path::root(), message)
}
