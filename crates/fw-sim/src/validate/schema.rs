//! Schemas as static data, and the walk that checks a value against one.

use crate::json::Json;

use super::errors::{Errors, Path};

/// What a value may be.
#[derive(Debug)]
pub(super) enum Type {
    Any,
    Str,
    /// A name of a tool: `[A-Za-z0-9_-]{1,64}`.
    Name,
    Bool,
    Int(Option<i128>, Option<i128>),
    Float(f64, f64),
    Literal(&'static [&'static str]),
    List(&'static Type, usize, usize),
    /// Any object.
    Dict,
    Map(&'static Type),
    Object(&'static Model),
    /// The first that fits; the labels name the branches in paths.
    Union(&'static [(&'static str, Type)]),
}

/// An object with known members.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) fields: &'static [Field],
    /// Other members are errors.
    pub(super) closed: bool,
}

#[derive(Debug)]
pub(super) struct Field {
    name: &'static str,
    kind: Type,
    required: bool,
    null: bool,
}

pub(super) const ANY_INT: Type = Type::Int(None, None);
pub(super) const ANY_FLOAT: Type = Type::Float(f64::MIN, f64::MAX);

/// A member that must be there.
pub(super) const fn required(name: &'static str, kind: Type) -> Field {
    Field {
        name,
        kind,
        required: true,
        null: false,
    }
}

/// A member that may be absent or null.
pub(super) const fn optional(name: &'static str, kind: Type) -> Field {
    Field {
        name,
        kind,
        required: false,
        null: true,
    }
}

/// A member that may be absent but not null.
pub(super) const fn not_null(name: &'static str, kind: Type) -> Field {
    Field {
        name,
        kind,
        required: false,
        null: false,
    }
}

/// An object that takes no other members.
pub(super) const fn closed(fields: &'static [Field]) -> Model {
    Model {
        fields,
        closed: true,
    }
}

pub(super) const fn int(min: i128, max: i128) -> Type {
    Type::Int(Some(min), Some(max))
}

pub(super) const fn at_least(min: i128) -> Type {
    Type::Int(Some(min), None)
}

// === impl Type ===

impl Type {
    pub(super) fn check(&self, value: &Json, path: &Path<'_>, errors: &mut Errors) {
        let mut fail = |kind, message: &str| errors.add(path, kind, message, Some(value));
        match self {
            Self::Any => {}
            Self::Str => {
                if value.as_str().is_none() {
                    fail("string_type", "Input should be a valid string");
                }
            }
            Self::Name => match value.as_str() {
                None => fail("string_type", "Input should be a valid string"),
                Some(name) if !is_name(name) => {
                    fail(
                        "string_pattern_mismatch",
                        "String should match pattern '^[a-zA-Z0-9_-]{1,64}$'",
                    );
                }
                Some(_) => {}
            },
            Self::Bool => {
                if value.as_bool().is_none() {
                    fail("bool_type", "Input should be a valid boolean");
                }
            }
            Self::Int(min, max) => match value {
                Json::Int(n) => {
                    if let Some(min) = min.filter(|min| n < min) {
                        fail(
                            "greater_than_equal",
                            &format!("Input should be greater than or equal to {min}"),
                        );
                    } else if let Some(max) = max.filter(|max| n > max) {
                        fail(
                            "less_than_equal",
                            &format!("Input should be less than or equal to {max}"),
                        );
                    }
                }
                Json::Float(f) if f.fract() != 0.0 => {
                    fail(
                        "int_from_float",
                        "Input should be a valid integer, got a number with a fractional part",
                    );
                }
                // A whole number written as a float is one.
                Json::Float(f) => Self::Int(*min, *max).check(&Json::Int(*f as i128), path, errors),
                Json::Str(_) => {
                    fail(
                        "int_parsing",
                        "Input should be a valid integer, unable to parse string as an integer",
                    );
                }
                _ => fail("int_type", "Input should be a valid integer"),
            },
            Self::Float(min, max) => match value.as_f64() {
                None => fail("float_type", "Input should be a valid number"),
                Some(f) if f < *min => {
                    fail(
                        "greater_than_equal",
                        &format!("Input should be greater than or equal to {min}"),
                    );
                }
                Some(f) if f > *max => fail(
                    "less_than_equal",
                    &format!("Input should be less than or equal to {max}"),
                ),
                Some(_) => {}
            },
            Self::Literal(names) => {
                if !value.as_str().is_some_and(|v| names.contains(&v)) {
                    fail(
                        "literal_error",
                        &format!("Input should be {}", alternatives(names)),
                    );
                }
            }
            Self::List(each, min, max) => {
                let Json::Array(items) = value else {
                    return fail("list_type", "Input should be a valid list");
                };
                let count = items.len();
                let items_text = |n: usize| if n == 1 { "item" } else { "items" };
                if count < *min {
                    let message = format!(
                        "List should have at least {min} {} after validation, not {count}",
                        items_text(*min)
                    );
                    return fail("too_short", &message);
                }
                if count > *max {
                    let message = format!(
                        "List should have at most {max} {} after validation, not {count}",
                        items_text(*max)
                    );
                    return fail("too_long", &message);
                }
                for (i, item) in items.iter().enumerate() {
                    each.check(item, &Path::Index(path, i), errors);
                }
            }
            Self::Dict => {
                if !matches!(value, Json::Object(_)) {
                    fail("dict_type", "Input should be a valid dictionary");
                }
            }
            Self::Map(each) => {
                let Json::Object(members) = value else {
                    return fail("dict_type", "Input should be a valid dictionary");
                };
                for (key, item) in members {
                    each.check(item, &Path::Key(path, key), errors);
                }
            }
            Self::Object(model) => model.check(value, path, errors),
            Self::Union(branches) => {
                // Each branch is walked once, so that nested unions cost no more than their size. Branches
                // of another JSON type are not walked (and no error is worded) when one fits.
                let mut tried = Vec::with_capacity(branches.len());
                for (label, kind) in *branches {
                    let mut probe = Errors::default();
                    if kind.may_be(value) {
                        kind.check(value, &Path::Branch(path, label), &mut probe);
                        if probe.count == 0 {
                            return;
                        }
                    }
                    tried.push(probe);
                }
                for ((label, kind), mut probe) in branches.iter().zip(tried) {
                    if probe.count == 0 {
                        kind.check(value, &Path::Branch(path, label), &mut probe);
                    }
                    errors.append(probe);
                }
            }
        }
    }

    /// Whether the JSON type fits.
    fn may_be(&self, value: &Json) -> bool {
        match self {
            Self::Any | Self::Union(_) => true,
            Self::Str | Self::Name | Self::Literal(_) => matches!(value, Json::Str(_)),
            Self::Bool => matches!(value, Json::Bool(_)),
            Self::Int(..) | Self::Float(..) => matches!(value, Json::Int(_) | Json::Float(_)),
            Self::List(..) => matches!(value, Json::Array(_)),
            Self::Dict | Self::Map(_) | Self::Object(_) => matches!(value, Json::Object(_)),
        }
    }
}

// === impl Model ===

impl Model {
    fn check(&self, value: &Json, path: &Path<'_>, errors: &mut Errors) {
        let Json::Object(members) = value else {
            let message = "Input should be a valid dictionary or object to extract fields from";
            return errors.add(path, "model_attributes_type", message, Some(value));
        };
        for field in self.fields {
            let here = Path::Key(path, field.name);
            match value.get(field.name) {
                None if field.required => errors.add(&here, "missing", "Field required", None),
                None => {}
                Some(Json::Null) if field.null => {}
                Some(value) => field.kind.check(value, &here, errors),
            }
        }
        if !self.closed {
            return;
        }
        for (key, value) in members {
            if !self.fields.iter().any(|f| f.name == key) {
                errors.add(
                    &Path::Key(path, key),
                    "extra_forbidden",
                    "Extra inputs are not permitted",
                    Some(value),
                );
            }
        }
    }
}

/// `'a', 'b' or 'c'`.
fn alternatives(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => format!("'{only}'"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|n| format!("'{n}'")).collect();
            format!("{} or '{last}'", first.join(", "))
        }
    }
}

fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}
