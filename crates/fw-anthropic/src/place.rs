//! Where something is in a body, and the refusals that say so.

use core::fmt;
use std::borrow::Cow;

use fw_params::{ChangeKind, ParamsChanges};
use fw_wire::{ApiError, Element, Kind, Value};

use crate::json;

/// A place in a body, such as `messages[3].content[0]`. Made while walking down, written out only
/// when there is something to say.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'p> {
    /// The body itself.
    Body,
    Field(&'p Place<'p>, &'static str),
    Item(&'p Place<'p>, usize),
}

impl<'p> Place<'p> {
    pub(crate) const fn field(&'p self, name: &'static str) -> Self {
        Place::Field(self, name)
    }

    pub(crate) const fn item(&'p self, index: usize) -> Self {
        Place::Item(self, index)
    }

    /// The place with `[]` for every index: what lists of changes use.
    pub(crate) fn pattern(&self) -> String {
        match self {
            Place::Body => String::new(),
            Place::Field(Place::Body, name) => (*name).to_owned(),
            Place::Field(parent, name) => format!("{}.{name}", parent.pattern()),
            Place::Item(parent, _) => format!("{}[]", parent.pattern()),
        }
    }

    /// A 400 about this place. `why` is a sentence without its end.
    pub(crate) fn invalid(&self, why: impl fmt::Display) -> ApiError {
        ApiError::invalid_request(format!("{self}: {why}.")).param(self.to_string())
    }

    /// A 400 for what is meaningful but cannot be converted.
    pub(crate) fn unsupported(&self, why: impl fmt::Display) -> ApiError {
        self.invalid(why).code("unsupported_content")
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Body => f.write_str("the body"),
            Place::Field(Place::Body, name) => f.write_str(name),
            Place::Field(parent, name) => write!(f, "{parent}.{name}"),
            Place::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// The members of an object that the caller knows, in the caller's order. `null` counts as absent, and
/// of duplicates the last counts. **Everything else is left out and recorded**, which is what makes
/// sure that no field is lost in silence.
pub(crate) fn read<'a, const N: usize>(
    object: Value<'a>,
    known: [&str; N],
    place: &Place<'_>,
    changes: &mut ParamsChanges,
) -> [Option<Value<'a>>; N] {
    let mut found: [Option<Value<'a>>; N] = [None; N];
    for member in object.members() {
        let value = member.value();
        let slot = known.iter().position(|name| member.key_is(name));
        let lost = match slot.and_then(|slot| found.get_mut(slot)) {
            Some(slot) => slot.replace(value),
            None => Some(value),
        };
        if lost.is_some_and(|lost| !is_nothing(lost)) {
            let prefix = match place {
                Place::Body => String::new(),
                place => place.pattern() + ".",
            };
            changes.record_name(ChangeKind::Removed, &prefix, &member.key());
        }
    }
    found.map(|value| value.filter(|value| !value.is_null()))
}

/// Whether leaving a value out loses nothing.
pub(crate) fn is_nothing(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::Null => true,
        Kind::String => value.is_str(""),
        Kind::Array => value.elements().next().is_none(),
        Kind::Object => value.members().next().is_none(),
        Kind::Bool | Kind::Number => false,
    }
}

// === what is expected ===

/// A string that must be there.
pub(crate) fn string<'a>(
    value: Option<Value<'a>>,
    place: &Place<'_>,
) -> Result<Cow<'a, str>, ApiError> {
    let text = value.and_then(Value::as_str);
    text.ok_or_else(|| place.invalid("a string is expected"))
}

/// True or false.
pub(crate) fn boolean(value: Value<'_>, place: &Place<'_>) -> Result<bool, ApiError> {
    let boolean = value.as_bool();
    boolean.ok_or_else(|| place.invalid("true or false is expected"))
}

/// An object.
pub(crate) fn object(value: Value<'_>, place: &Place<'_>) -> Result<(), ApiError> {
    if value.is_object() {
        Ok(())
    } else {
        Err(place.invalid("an object is expected"))
    }
}

/// The elements of a list; none if there is no list.
pub(crate) fn list<'a>(
    value: Option<Value<'a>>,
    place: &Place<'_>,
) -> Result<impl Iterator<Item = Value<'a>> + use<'a>, ApiError> {
    match value {
        Some(value) if !value.is_array() => Err(place.invalid("a list is expected")),
        value => Ok(value
            .into_iter()
            .flat_map(Value::elements)
            .map(Element::value)),
    }
}

/// Writes a number under another name.
pub(crate) fn number(
    out: &mut String,
    name: &str,
    number: Option<Value<'_>>,
    place: &Place<'_>,
) -> Result<(), ApiError> {
    match number {
        None => Ok(()),
        Some(number) if number.kind() == Kind::Number => {
            json::raw(out, name, number.raw());
            Ok(())
        }
        Some(_) => Err(place.invalid("a number is expected")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_as_a_path() {
        let messages = Place::Body.field("messages");
        let message = messages.item(3);
        let content = message.field("content");
        let block = content.item(0);
        assert_eq!(block.to_string(), "messages[3].content[0]");
        assert_eq!(block.pattern(), "messages[].content[]");
        let error = block.invalid("no");
        assert_eq!(error.message(), "messages[3].content[0]: no.");
        assert_eq!(error.error_param(), Some("messages[3].content[0]"));
    }

    #[test]
    fn what_nobody_knows_is_recorded_unless_it_says_nothing() {
        let object = br#"{"a":1,"a":2,"b":null,"x":1,"y":null,"z":[],"w":"","v":{},"u\n":false}"#;
        let object = Value::parse(object).unwrap();
        let mut changes = ParamsChanges::default();
        let tools = Place::Body.field("tools");
        let [a, b, c] = read(object, ["a", "b", "c"], &tools.item(1), &mut changes);
        assert_eq!(a.and_then(Value::as_u64), Some(2));
        assert!(b.is_none() && c.is_none());
        assert_eq!(
            changes.to_string(),
            "removed tools[].a; removed tools[].x; removed tools[].u?"
        );
    }
}
