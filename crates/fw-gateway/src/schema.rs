//! The JSON Schema of the configuration.
//!
//! One schema serves two readers. Editors get [`json_schema`]: put
//! `# yaml-language-server: $schema=policy-config.schema.json` on the first line
//! of a file, and they complete and check it. The parser walks the same schema to
//! find every fault with its place, so the two cannot disagree.
//!
//! ```
//! let schema = fw_gateway::schema::json_schema();
//! assert_eq!(schema["title"], "fw-gateway configuration");
//! ```

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::config::Config;

/// The schema that the parser walks. Keys that begin with `x-` are its own:
///
/// - `x-aliases`: other names of a property, or other spellings of a value;
/// - `x-keys`, `x-values`: what the names are, for messages and codes;
/// - `x-hints`: advice for keys of other dialects;
/// - `x-unchecked`: contents that are not modelled.
pub(crate) static WORKING: LazyLock<Value> = LazyLock::new(|| {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Config>().to_value();
    tidy(&mut schema);
    schema
});

/// The JSON Schema (draft 2020-12) of a configuration file.
#[must_use]
pub fn json_schema() -> Value {
    let mut schema = WORKING.clone();
    publish(&mut schema);
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".to_owned(), json!("fw-gateway configuration"));
    }
    schema
}

/// Drops what serde's `Option` adds: a key that is present must have a value.
fn tidy(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut() {
        if let Some(Value::Array(types)) = object.get("type").cloned() {
            let left: Vec<Value> = types.into_iter().filter(|name| name != "null").collect();
            if let [only] = left.as_slice() {
                object.insert("type".to_owned(), only.clone());
            }
        }
        if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
            choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
            if let [Value::Object(only)] = choices.as_slice() {
                let only = only.clone();
                object.remove("anyOf");
                for (key, value) in only {
                    object.entry(key).or_insert(value);
                }
            }
        }
        if object.get("default") == Some(&Value::Null) {
            object.remove("default");
        }
        let widest = match object.get("format").and_then(Value::as_str) {
            Some("uint16") => Some(u64::from(u16::MAX)),
            Some("uint32") => Some(u64::from(u32::MAX)),
            Some("uint" | "uint64") => Some(u64::MAX),
            _ => None,
        };
        if let Some(widest) = widest {
            object.entry("maximum").or_insert_with(|| json!(widest));
            object.remove("format");
        }
        if matches!(
            object.get("format").and_then(Value::as_str),
            Some("double" | "float")
        ) {
            object.remove("format");
        }
    }
    for_each_child(schema, &mut tidy);
}

/// Writes the parser's own keys out in plain JSON Schema.
fn publish(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut() {
        for key in ["x-keys", "x-values", "x-hints", "x-unchecked"] {
            object.remove(key);
        }
        if let Some(Value::Object(properties)) = object.get_mut("properties") {
            let mut added = Map::new();
            for (name, property) in properties.iter_mut() {
                for alias in take_aliases(property) {
                    let mut copy = property.clone();
                    if let Some(copy) = copy.as_object_mut() {
                        copy.insert(
                            "description".to_owned(),
                            json!(format!("Another spelling of `{name}`.")),
                        );
                        copy.insert("deprecated".to_owned(), json!(true));
                    }
                    added.insert(alias, copy);
                }
            }
            properties.extend(added);
        }
        if let Some(Value::Array(choices)) = object.get_mut("oneOf") {
            let mut added = Vec::new();
            for choice in choices.iter_mut() {
                let name = choice.get("const").cloned().unwrap_or_default();
                for alias in take_aliases(choice) {
                    added.push(json!({
                        "const": alias,
                        "description": format!("Another spelling of `{}`.", name.as_str().unwrap_or_default()),
                        "deprecated": true,
                    }));
                }
            }
            choices.extend(added);
        }
    }
    for_each_child(schema, &mut publish);
}

fn take_aliases(schema: &mut Value) -> Vec<String> {
    let taken = schema
        .as_object_mut()
        .and_then(|object| object.remove("x-aliases"));
    aliases(taken.as_ref()).map(str::to_owned).collect()
}

fn aliases(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// Other names of a property or value.
pub(crate) fn aliases_of(schema: &Value) -> impl Iterator<Item = &str> {
    aliases(schema.get("x-aliases"))
}

fn for_each_child(schema: &mut Value, apply: &mut dyn FnMut(&mut Value)) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    for (key, value) in object.iter_mut() {
        match (key.as_str(), value) {
            ("properties" | "$defs", Value::Object(children)) => {
                children.values_mut().for_each(&mut *apply)
            }
            ("anyOf" | "oneOf" | "allOf", Value::Array(children)) => {
                children.iter_mut().for_each(&mut *apply)
            }
            ("items" | "additionalProperties", child @ Value::Object(_)) => apply(child),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keywords that the checker understands or that carry no rule.
    const KNOWN: [&str; 31] = [
        "$defs",
        "$ref",
        "$schema",
        "additionalProperties",
        "anyOf",
        "const",
        "default",
        "deprecated",
        "description",
        "enum",
        "format",
        "items",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "oneOf",
        "properties",
        "required",
        "title",
        "type",
        "writeOnly",
        "x-aliases",
        "x-hints",
        "x-keys",
        "x-unchecked",
        "x-values",
    ];

    fn walk(schema: &mut Value) {
        if let Some(object) = schema.as_object() {
            for (key, value) in object {
                assert!(
                    KNOWN.contains(&key.as_str()),
                    "the checker does not know `{key}`: {schema}"
                );
                if key == "format" {
                    let name = value.as_str().unwrap();
                    assert!(crate::config::knows_format(name), "unknown format {name}");
                }
                if key == "type" {
                    assert!(value.is_string(), "one type each: {schema}");
                }
            }
        }
        for_each_child(schema, &mut walk);
    }

    #[test]
    fn the_checker_knows_every_keyword() {
        walk(&mut WORKING.clone());
    }

    #[test]
    fn the_published_schema_has_no_private_keys() {
        let text = json_schema().to_string();
        assert!(!text.contains("\"x-"), "private keys are left");
        assert!(
            text.contains("\"allow_credentials\""),
            "aliases are spelt out"
        );
    }

    /// Editors check against the published form, the parser against its own.
    #[test]
    fn the_published_schema_accepts_what_the_parser_accepts() {
        let documents = [
            include_str!("../../../examples/full.yaml"),
            include_str!("../../../examples/policy-config.yaml"),
            include_str!("../../../examples/seeds/01-configuration.yaml"),
            "pack: {name: x, version: 1.0.0}
policies: {chain: []}
cors: {allowed_origins: [a], allow_credentials: true, max_age_seconds: 1}
providers: {strategy: latency, targets: [{id: a, provider: x, accountIdEnvar: X}]}",
        ];
        for text in documents {
            crate::config::Config::parse("f.yaml", text).unwrap();
            let faults = crate::config::faults(&json_schema(), text);
            assert!(faults.is_empty(), "{faults:?}");
        }
        let wrong = "pack: {nam: x}";
        assert_eq!(crate::config::faults(&json_schema(), wrong).len(), 4);
    }
}
