//! Instances of JSON Schemas, and the constructs that Fireworks does not understand.

use crate::json::Json;
use crate::validate::repr;

/// References are followed this deep.
const MAX_DEPTH: u32 = 32;

/// Members made in one instance.
const MAX_NODES: u32 = 10_000;

/// A deterministic instance: strings hold the name of their property, numbers are the minimum or 1,
/// booleans true, arrays have one item, objects their required properties (all, when none is
/// required), and of `enum` and `anyOf` the first is taken.
pub(crate) fn of(schema: &Json) -> Json {
    let mut maker = Maker {
        root: schema,
        nodes: 0,
    };
    maker.make(schema, "value", 0)
}

/// Why the schema is not supported: the text that Fireworks answers (observed).
pub(crate) fn unsupported(schema: &Json) -> Option<String> {
    find_unsupported(schema, 0).map(|instance| {
        format!(
            "JSON Schema not supported: could not understand the instance `{}`.",
            repr::python(instance)
        )
    })
}

fn find_unsupported(schema: &Json, depth: u32) -> Option<&Json> {
    // Not supported by the documentation of structured outputs.
    const KEYS: [&str; 6] = [
        "oneOf",
        "pattern",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
    ];
    // One of these says what an instance may be.
    const MEANING: [&str; 9] = [
        "type",
        "enum",
        "const",
        "anyOf",
        "allOf",
        "$ref",
        "properties",
        "items",
        "description",
    ];
    let members = schema.members();
    if depth >= MAX_DEPTH {
        return None;
    }
    if KEYS.iter().any(|k| schema.get(k).is_some()) {
        return Some(schema);
    }
    if !members.is_empty() && depth > 0 && !MEANING.iter().any(|k| schema.get(k).is_some()) {
        return Some(schema);
    }
    let named = ["properties", "$defs", "definitions"]
        .iter()
        .filter_map(|k| schema.get(k));
    let mut children: Vec<&Json> = named.flat_map(Json::members).map(|(_, v)| v).collect();
    children.extend(["anyOf", "allOf"].iter().flat_map(|k| schema.array(k)));
    children.extend(
        ["items", "additionalProperties"]
            .iter()
            .filter_map(|k| schema.get(k)),
    );
    children
        .into_iter()
        .find_map(|child| find_unsupported(child, depth + 1))
}

struct Maker<'a> {
    root: &'a Json,
    nodes: u32,
}

impl<'a> Maker<'a> {
    fn make(&mut self, schema: &Json, name: &str, depth: u32) -> Json {
        self.nodes += 1;
        if depth >= MAX_DEPTH || self.nodes > MAX_NODES {
            return Json::Null;
        }
        if let Some(value) = schema.get("const") {
            return value.clone();
        }
        if let Some(first) = schema.array("enum").first() {
            return first.clone();
        }
        let root: &'a Json = self.root;
        if let Some(target) = schema.str("$ref").and_then(|r| resolve(root, r)) {
            return self.make(target, name, depth + 1);
        }
        for key in ["anyOf", "oneOf", "allOf"] {
            if let Some(first) = schema.array(key).first() {
                return self.make(first, name, depth + 1);
            }
        }
        let kind = match schema.get("type") {
            Some(Json::Str(kind)) => kind.as_str(),
            Some(Json::Array(kinds)) => kinds.first().and_then(Json::as_str).unwrap_or("null"),
            _ if schema.get("properties").is_some() => "object",
            _ if schema.get("items").is_some() => "array",
            _ => "string",
        };
        match kind {
            "object" => self.object(schema, depth),
            "array" => {
                let items = schema
                    .get("items")
                    .map(|items| self.make(items, name, depth + 1));
                Json::Array(items.into_iter().collect())
            }
            "integer" => schema.get("minimum").cloned().unwrap_or(Json::Int(1)),
            "number" => schema.get("minimum").cloned().unwrap_or(Json::Float(1.5)),
            "boolean" => Json::Bool(true),
            "null" => Json::Null,
            _ => Json::Str(name.to_owned()),
        }
    }

    fn object(&mut self, schema: &Json, depth: u32) -> Json {
        let required: Vec<&str> = schema
            .array("required")
            .iter()
            .filter_map(Json::as_str)
            .collect();
        let properties = schema.get("properties").map_or(&[][..], Json::members);
        let wanted = properties
            .iter()
            .filter(|(key, _)| required.is_empty() || required.contains(&key.as_str()));
        let members = wanted.map(|(key, value)| (key.clone(), self.make(value, key, depth + 1)));
        Json::Object(members.collect())
    }
}

/// A local reference, `#/$defs/…`.
fn resolve<'a>(root: &'a Json, reference: &str) -> Option<&'a Json> {
    let path = reference.strip_prefix('#')?;
    path.split('/').skip(1).try_fold(root, |at, key| {
        at.get(&key.replace("~1", "/").replace("~0", "~"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn an_instance_has_the_required_members_of_the_schema() {
        let schema = json(
            r##"{"type":"object","required":["city","days","unit","at"],"properties":{
                "city":{"type":"string"},"days":{"type":"integer","minimum":3},"note":{"type":"string"},
                "unit":{"enum":["C","F"]},"at":{"$ref":"#/$defs/place"}},
                "$defs":{"place":{"type":"object","properties":{
                  "lat":{"type":"number"},"tags":{"type":"array","items":{"type":"boolean"}},
                  "x":{"anyOf":[{"type":"null"},{"type":"string"}]}}}}}"##,
        );
        assert_eq!(
            of(&schema).to_text(),
            r#"{"city":"city","days":3,"unit":"C","at":{"lat":1.5,"tags":[true],"x":null}}"#
        );
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let schema =
            json(r##"{"type":"object","properties":{"next":{"$ref":"#"},"other":{"$ref":"#"}}}"##);
        assert!(of(&schema).to_bytes().len() < 10_000_000);
    }

    #[test]
    fn unsupported_constructs_are_quoted() {
        let schema =
            json(r#"{"type":"object","properties":{"a":{"anyOf":[{"required":["criteria"]}]}}}"#);
        assert_eq!(
            unsupported(&schema).unwrap(),
            "JSON Schema not supported: could not understand the instance `{'required': ['criteria']}`."
        );
        assert!(unsupported(&json(r#"{"type":"string","pattern":"^a"}"#)).is_some());
        assert!(
            unsupported(&json(
                r#"{"type":"object","properties":{"pattern":{"type":"string"}}}"#
            ))
            .is_none()
        );
        assert!(unsupported(&json("{}")).is_none());
    }
}
