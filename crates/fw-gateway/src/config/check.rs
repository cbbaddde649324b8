//! Holds a document against the schema and reports every fault.

use serde_json::{Map, Value};

use super::formats;
use super::node::{Entry, Kind, Node};
use super::path::Path;
use super::problem::{Code, Problem};
use super::suggest::{list, nearest};
use crate::schema::aliases_of;

/// Longest list of valid names that a message spells out.
const MAX_LISTED: usize = 16;

/// Every way in which `node` breaks `schema`, a schema of [`crate::schema`].
pub(crate) fn check(schema: &Value, node: &Node) -> Vec<Problem> {
    let mut checker = Checker {
        root: schema,
        found: Vec::new(),
    };
    checker.value(schema, node, &Path::root(), false);
    checker.found
}

struct Checker<'s> {
    root: &'s Value,
    found: Vec<Problem>,
}

impl<'s> Checker<'s> {
    fn resolve(&self, mut schema: &'s Value) -> &'s Value {
        // Definitions of derived types never refer to themselves alone, but a
        // bound costs nothing.
        for _ in 0..8 {
            let Some(name) = schema.get("$ref").and_then(Value::as_str) else {
                break;
            };
            match name
                .strip_prefix('#')
                .and_then(|pointer| self.root.pointer(pointer))
            {
                Some(target) => schema = target,
                None => break,
            }
        }
        schema
    }

    fn add(&mut self, problem: Problem) {
        self.found.push(problem);
    }

    /// `secret`: the value must not appear in a message.
    fn value(&mut self, given: &'s Value, node: &Node, path: &Path, secret: bool) {
        let schema = self.resolve(given);
        let secret = secret || is_secret(given) || is_secret(schema);
        if flag(schema, "x-unchecked") && !node.entries().is_empty() {
            self.add(
                Problem::new(
                    Code::Unchecked,
                    node.at,
                    path.clone(),
                    "the settings in this block are not checked",
                )
                .suggest("their keys are not published in full; see the documentation of the kind"),
            );
        }
        if let Some(allowed) = allowed_values(schema) {
            self.one_of(schema, &allowed, node, path, secret);
        } else if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
            self.any_of(choices, node, path, secret);
        } else {
            self.typed(schema, node, path, secret);
        }
    }

    fn typed(&mut self, schema: &'s Value, node: &Node, path: &Path, secret: bool) {
        match (schema.get("type").and_then(Value::as_str), &node.value) {
            (_, Kind::Float(number)) if !number.is_finite() => {
                self.add(Problem::new(
                    Code::WrongType,
                    node.at,
                    path.clone(),
                    "not a finite number",
                ));
            }
            (_, Kind::Null) => self.add(
                Problem::new(
                    Code::WrongType,
                    node.at,
                    path.clone(),
                    "the key has no value",
                )
                .suggest("give it one, or remove the key"),
            ),
            (None, Kind::List(_) | Kind::Map(_)) => self.free(node, path),
            (None, _) | (Some("boolean"), Kind::Bool(_)) => {}
            (Some("string"), Kind::Text(text)) => self.text(schema, text, node, path),
            (Some("integer" | "number"), Kind::Integer(number)) => {
                #[allow(
                    clippy::cast_precision_loss,
                    reason = "bounds are far below 2^53 or at a type's end"
                )]
                self.bounds(schema, *number as f64, Some(*number), node, path);
            }
            (Some("number"), Kind::Float(number)) => self.bounds(schema, *number, None, node, path),
            (Some("array"), Kind::List(items)) => self.items(schema, items, node, path, secret),
            (Some("object"), Kind::Map(entries)) => {
                self.entries(schema, entries, node, path, secret)
            }
            (Some(expected), _) => self.wrong_type(expected, schema, node, path),
        }
    }

    /// Values without a schema: only what JSON cannot hold is refused.
    fn free(&mut self, node: &Node, path: &Path) {
        if let Kind::Float(number) = node.value
            && !number.is_finite()
        {
            self.add(Problem::new(
                Code::WrongType,
                node.at,
                path.clone(),
                "not a finite number",
            ));
        }
        for (index, item) in node.items().iter().enumerate() {
            self.free(item, &path.index(index));
        }
        for entry in node.entries() {
            self.free(&entry.value, &path.key(&entry.key));
        }
    }

    fn wrong_type(&mut self, expected: &str, schema: &'s Value, node: &Node, path: &Path) {
        let name = match expected {
            "string" => "text",
            "integer" => "a whole number",
            "number" => "a number",
            "boolean" => "true or false",
            "array" => "a list",
            _ => "a mapping",
        };
        // The value itself is never shown: it may be a secret in the wrong place.
        let message = format!("expected {name}, found {}", node.kind_name());
        let suggestion = match (expected, &node.value) {
            // `1.0` in quotes would be no version either.
            ("string", _)
                if schema
                    .get("format")
                    .is_some_and(|format| format == "semver") =>
            {
                Some("write a version such as `1.0.0`".to_owned())
            }
            ("string", Kind::Bool(_) | Kind::Integer(_) | Kind::Float(_)) => {
                Some("put it in quotes".to_owned())
            }
            ("boolean", Kind::Text(_)) => Some("write `true` or `false` without quotes".to_owned()),
            ("integer" | "number", Kind::Text(_)) => {
                Some("write the number alone, without quotes or unit".to_owned())
            }
            ("array", Kind::Text(_)) => {
                Some("write a list: one line per item, each beginning with `- `".to_owned())
            }
            ("object", _) => {
                let keys: Vec<&str> = properties(schema).map(|(name, _)| name).collect();
                (!keys.is_empty() && keys.len() <= MAX_LISTED)
                    .then(|| format!("write a mapping with {}", list(keys)))
            }
            _ => None,
        };
        let problem = Problem::new(Code::WrongType, node.at, path.clone(), message);
        self.add(match suggestion {
            Some(suggestion) => problem.suggest(suggestion),
            None => problem,
        });
    }

    fn text(&mut self, schema: &'s Value, text: &str, node: &Node, path: &Path) {
        let length = text.chars().count() as u64;
        if let Some(least) = number(schema, "minLength")
            && length < least
        {
            let message = if least == 1 {
                "must not be empty".to_owned()
            } else {
                format!("shorter than {least} characters")
            };
            self.add(Problem::new(
                Code::OutOfBounds,
                node.at,
                path.clone(),
                message,
            ));
            return;
        }
        if let Some(most) = number(schema, "maxLength")
            && length > most
        {
            let message = format!("longer than {most} characters");
            self.add(Problem::new(
                Code::OutOfBounds,
                node.at,
                path.clone(),
                message,
            ));
            return;
        }
        if let Some(format) = schema.get("format").and_then(Value::as_str)
            && let Some(Err(message)) = formats::check(format, text)
        {
            self.add(Problem::new(
                Code::OutOfBounds,
                node.at,
                path.clone(),
                message,
            ));
        }
    }

    fn bounds(
        &mut self,
        schema: &'s Value,
        number: f64,
        whole: Option<i128>,
        node: &Node,
        path: &Path,
    ) {
        let bound = |key: &str| schema.get(key);
        let below = bound("minimum").is_some_and(|least| match (whole, least.as_i64()) {
            (Some(whole), Some(least)) => whole < i128::from(least),
            _ => least.as_f64().is_some_and(|least| number < least),
        });
        let above = bound("maximum").is_some_and(|most| match (whole, most.as_u64()) {
            (Some(whole), Some(most)) => whole > i128::from(most),
            _ => most.as_f64().is_some_and(|most| number > most),
        });
        if !(below || above) {
            return;
        }
        let message = match (
            bound("minimum").map(plain_number),
            bound("maximum").map(plain_number),
        ) {
            (Some(least), Some(most)) if most.len() < 16 => {
                format!("must be between {least} and {most}")
            }
            (Some(least), None) => format!("must be at least {least}"),
            (None, Some(most)) => format!("must be at most {most}"),
            (Some(least), _) if below => format!("must be at least {least}"),
            _ => "the number is too large".to_owned(),
        };
        self.add(Problem::new(
            Code::OutOfBounds,
            node.at,
            path.clone(),
            message,
        ));
    }

    fn items(&mut self, schema: &'s Value, items: &[Node], node: &Node, path: &Path, secret: bool) {
        let count = items.len() as u64;
        if let Some(least) = number(schema, "minItems")
            && count < least
        {
            let message = if least == 1 {
                "the list is empty".to_owned()
            } else {
                format!("at least {least} items")
            };
            self.add(
                Problem::new(Code::OutOfBounds, node.at, path.clone(), message)
                    .suggest("add at least one item"),
            );
        }
        if let Some(most) = number(schema, "maxItems")
            && count > most
        {
            self.add(Problem::new(
                Code::OutOfBounds,
                node.at,
                path.clone(),
                format!("more than {most} items"),
            ));
        }
        let Some(item_schema) = schema.get("items") else {
            self.free(node, path);
            return;
        };
        for (index, item) in items.iter().enumerate() {
            self.value(item_schema, item, &path.index(index), secret);
        }
    }

    fn entries(
        &mut self,
        schema: &'s Value,
        entries: &[Entry],
        node: &Node,
        path: &Path,
        secret: bool,
    ) {
        let other = schema.get("additionalProperties");
        let open = !matches!(other, Some(Value::Bool(false)));
        let mut seen: Vec<(&str, &str)> = Vec::new();
        for entry in entries {
            match property(schema, &entry.key) {
                Some((name, property)) => {
                    if let Some((_, first)) = seen.iter().find(|(seen, _)| *seen == name) {
                        self.add(
                            Problem::new(
                                Code::Contradiction,
                                entry.at,
                                path.key(&entry.key),
                                format!(
                                    "`{first}` and `{}` are two spellings of one key",
                                    entry.key
                                ),
                            )
                            .suggest(format!("keep `{name}`")),
                        );
                    }
                    seen.push((name, &entry.key));
                    self.value(property, &entry.value, &path.key(&entry.key), secret);
                }
                None if open => match other {
                    Some(other @ Value::Object(_)) => {
                        self.value(other, &entry.value, &path.key(&entry.key), secret);
                    }
                    _ => self.free(&entry.value, &path.key(&entry.key)),
                },
                None => self.unknown_key(schema, entry, path, secret),
            }
        }
        for name in schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            if !seen.iter().any(|(seen, _)| *seen == name) {
                self.missing(schema, name, node, path);
            }
        }
        self.count(schema, entries, node, path);
    }

    fn count(&mut self, schema: &'s Value, entries: &[Entry], node: &Node, path: &Path) {
        let count = entries.len() as u64;
        let few = number(schema, "minProperties").is_some_and(|least| count < least);
        let many = number(schema, "maxProperties").is_some_and(|most| count > most);
        if few || many {
            let keys = list(properties(schema).map(|(name, _)| name));
            let message = if few {
                "the mapping is empty"
            } else {
                "the mapping has too many keys"
            };
            let suggestion = match (
                number(schema, "minProperties"),
                number(schema, "maxProperties"),
            ) {
                (Some(1), Some(1)) => format!("give exactly one of {keys}"),
                _ => format!("its keys are {keys}"),
            };
            self.add(
                Problem::new(Code::Contradiction, node.at, path.clone(), message)
                    .suggest(suggestion),
            );
        }
    }

    fn missing(&mut self, schema: &'s Value, name: &str, node: &Node, path: &Path) {
        let about = property(schema, name)
            .and_then(|(_, property)| {
                let described = property
                    .get("description")
                    .or_else(|| self.resolve(property).get("description"));
                described.and_then(Value::as_str)
            })
            .and_then(first_sentence);
        let problem = Problem::new(
            Code::Missing,
            node.at,
            path.clone(),
            format!("the required key `{name}` is missing"),
        );
        self.add(match about {
            Some(about) => problem.suggest(format!("`{name}` is: {about}")),
            None => problem,
        });
    }

    fn unknown_key(&mut self, schema: &'s Value, entry: &Entry, path: &Path, secret: bool) {
        let key = entry.key.as_str();
        let names: Vec<&str> = properties(schema)
            .flat_map(|(name, property)| std::iter::once(name).chain(aliases_of(property)))
            .collect();
        if let Some(hint) = schema
            .get("x-hints")
            .and_then(|hints| hints.get(key))
            .and_then(Value::as_str)
        {
            self.add(
                Problem::new(
                    Code::UnknownKey,
                    entry.at,
                    path.key(key),
                    format!("unknown key `{key}`"),
                )
                .suggest(hint),
            );
            return;
        }
        let near = nearest(key, names.iter().copied());
        // A key beside a secret may be the secret itself, indented wrongly.
        if secret && near.is_none() {
            self.add(
                Problem::new(
                    Code::UnknownKey,
                    entry.at,
                    path.clone(),
                    "unknown key (not shown, it may be a secret)",
                )
                .suggest(format!("valid keys are {}", list(names))),
            );
            return;
        }
        let shown = shorten(key);
        let kinds = schema
            .get("x-keys")
            .is_some_and(|keys| keys == "policy-kind");
        let (code, message) = if kinds {
            (Code::UnknownKind, format!("unknown policy kind `{shown}`"))
        } else {
            (Code::UnknownKey, format!("unknown key `{shown}`"))
        };
        let deeper = self.one_level_down(schema, key);
        let problem = Problem::new(code, entry.at, path.key(key), message);
        self.add(match (deeper, near) {
            (Some(section), _) => {
                problem.suggest(format!("did you mean `{}`?", path.key(section).key(key)))
            }
            (None, Some(near)) => problem.suggest(format!("did you mean `{near}`?")),
            (None, None) if names.len() <= MAX_LISTED => {
                problem.suggest(format!("valid keys are {}", list(names)))
            }
            _ => problem.suggest("remove it; `fw-gateway schema` prints the valid keys"),
        });
    }

    /// The section of `schema` that has `key`.
    fn one_level_down(&self, schema: &'s Value, key: &str) -> Option<&'s str> {
        properties(schema)
            .find(|(_, section)| {
                let section = self.resolve(section);
                // `name`, `enabled` and the like are everywhere and say nothing.
                !matches!(key, "name" | "enabled" | "version" | "description")
                    && property(section, key).is_some()
            })
            .map(|(name, _)| name)
    }

    fn one_of(
        &mut self,
        schema: &'s Value,
        allowed: &Allowed<'s>,
        node: &Node,
        path: &Path,
        secret: bool,
    ) {
        let names = list(allowed.names.iter().copied());
        let Some(text) = node.text() else {
            let message = format!("expected one of a few words, found {}", node.kind_name());
            self.add(
                Problem::new(Code::WrongType, node.at, path.clone(), message)
                    .suggest(format!("allowed are {names}")),
            );
            return;
        };
        if allowed.names.contains(&text) || allowed.aliases.contains(&text) {
            return;
        }
        let kinds = schema
            .get("x-values")
            .is_some_and(|values| values == "policy-kind");
        let shown = shorten(text);
        let (code, message) = match (kinds, secret) {
            (true, _) => (Code::UnknownKind, format!("unknown policy kind `{shown}`")),
            (false, false) => (Code::NotAllowed, format!("`{shown}` is not allowed here")),
            (false, true) => (
                Code::NotAllowed,
                "this value is not allowed here".to_owned(),
            ),
        };
        let near = nearest(text, allowed.names.iter().chain(&allowed.aliases).copied());
        let suggestion = match near {
            Some(near) if allowed.names.len() > MAX_LISTED => format!("did you mean `{near}`?"),
            Some(near) => format!("did you mean `{near}`? Allowed are {names}"),
            None if allowed.names.len() == 1 => format!("the only value is {names}"),
            None => format!("allowed are {names}"),
        };
        self.add(Problem::new(code, node.at, path.clone(), message).suggest(suggestion));
    }

    /// The branch whose type fits is the one that was meant.
    fn any_of(&mut self, choices: &'s [Value], node: &Node, path: &Path, secret: bool) {
        let fitting = choices.iter().find(|choice| {
            let schema = self.resolve(choice);
            let expected = schema.get("type").and_then(Value::as_str);
            let expected = expected.or_else(|| allowed_values(schema).map(|_| "string"));
            matches!(
                (expected, &node.value),
                (Some("string"), Kind::Text(_))
                    | (Some("integer"), Kind::Integer(_))
                    | (Some("number"), Kind::Integer(_) | Kind::Float(_))
                    | (Some("boolean"), Kind::Bool(_))
                    | (Some("array"), Kind::List(_))
                    | (Some("object"), Kind::Map(_))
            )
        });
        match fitting.or(choices.last()) {
            Some(choice) => self.value(choice, node, path, secret),
            None => self.add(Problem::new(
                Code::WrongType,
                node.at,
                path.clone(),
                "no value is allowed here",
            )),
        }
    }
}

struct Allowed<'s> {
    names: Vec<&'s str>,
    aliases: Vec<&'s str>,
}

/// The values of an enumeration, which schemars writes as `enum`, or as `oneOf`
/// of `const` where values are documented, or as a mix of both.
fn allowed_values(schema: &Value) -> Option<Allowed<'_>> {
    let mut allowed = Allowed {
        names: Vec::new(),
        aliases: Vec::new(),
    };
    let choices: Vec<&Value> = match schema.get("oneOf").and_then(Value::as_array) {
        Some(choices) => choices.iter().collect(),
        None => vec![schema],
    };
    if !choices
        .iter()
        .all(|choice| choice.get("const").or(choice.get("enum")).is_some())
    {
        return None;
    }
    for choice in choices {
        allowed
            .names
            .extend(choice.get("const").and_then(Value::as_str));
        let listed = choice
            .get("enum")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        allowed.names.extend(listed.filter_map(Value::as_str));
        allowed.aliases.extend(aliases_of(choice));
    }
    Some(allowed)
}

fn properties(schema: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let properties: Option<&Map<String, Value>> =
        schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .map(|(name, property)| (name.as_str(), property))
}

/// The property that `key` names, under its own name.
fn property<'s>(schema: &'s Value, key: &str) -> Option<(&'s str, &'s Value)> {
    properties(schema)
        .find(|(name, property)| *name == key || aliases_of(property).any(|alias| alias == key))
}

fn number(schema: &Value, key: &str) -> Option<u64> {
    schema.get(key).and_then(Value::as_u64)
}

fn flag(schema: &Value, key: &str) -> bool {
    schema.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn is_secret(schema: &Value) -> bool {
    flag(schema, "writeOnly")
}

fn plain_number(number: &Value) -> String {
    let text = number.to_string();
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn first_sentence(text: &str) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let sentence = text
        .split_inclusive(". ")
        .next()?
        .trim()
        .trim_end_matches('.');
    let mut letters = sentence.chars();
    let first = letters.next()?;
    Some(first.to_lowercase().chain(letters).collect())
}

fn shorten(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(60)
        .map(|c| if c.is_control() { '?' } else { c })
        .collect();
    if text.chars().nth(60).is_some() {
        shown.push('…');
    }
    shown
}
