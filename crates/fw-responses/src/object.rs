//! JSON objects and arrays, written as text.

use fw_wire::encode_str;

/// An object that is being written. Keys are this crate's own words, so they need no escapes.
pub(crate) struct Object {
    json: String,
}

impl Object {
    pub(crate) fn new() -> Self {
        Self {
            json: String::from("{"),
        }
    }

    /// An object that begins with its `type`.
    pub(crate) fn of_type(kind: &str) -> Self {
        Self::new().text("type", kind)
    }

    /// A member whose value is JSON already.
    pub(crate) fn raw(mut self, key: &str, json: impl AsRef<str>) -> Self {
        self.key(key);
        self.json.push_str(json.as_ref());
        self
    }

    /// A string.
    pub(crate) fn text(mut self, key: &str, text: &str) -> Self {
        self.key(key);
        encode_str(&mut self.json, text);
        self
    }

    /// A number.
    pub(crate) fn number(self, key: &str, number: u64) -> Self {
        self.raw(key, number.to_string())
    }

    /// Members that were written before, without braces.
    pub(crate) fn members(mut self, members: &str) -> Self {
        if !members.is_empty() {
            self.separate();
            self.json.push_str(members);
        }
        self
    }

    /// The object.
    pub(crate) fn end(mut self) -> String {
        self.json.push('}');
        self.json
    }

    /// The members without braces, for [`Object::members`].
    pub(crate) fn into_members(mut self) -> String {
        self.json.remove(0);
        self.json
    }

    fn key(&mut self, key: &str) {
        self.separate();
        self.json.push('"');
        self.json.push_str(key);
        self.json.push_str("\":");
    }

    fn separate(&mut self) {
        if self.json.len() > 1 {
            self.json.push(',');
        }
    }
}

/// An array of JSON values.
pub(crate) fn array<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> String {
    let mut json = String::from("[");
    for value in values {
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(value.as_ref());
    }
    json.push(']');
    json
}

/// A JSON string.
pub(crate) fn string(text: &str) -> String {
    let mut json = String::new();
    encode_str(&mut json, text);
    json
}

/// The same JSON without white space between its tokens: it becomes one line of an event.
pub(crate) fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for character in json.chars() {
        if in_string {
            in_string = escaped || character != '"';
            escaped = !escaped && character == '\\';
        } else if character.is_ascii_whitespace() {
            continue;
        } else {
            in_string = character == '"';
        }
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_and_arrays_are_json() {
        assert_eq!(Object::new().end(), "{}");
        let members = Object::new().raw("b", "1").text("c", "\"").into_members();
        let object = Object::of_type("x").members(&members).members("");
        let json = object.number("n", 7).raw("a", array(["{}", "2"])).end();
        assert_eq!(json, r#"{"type":"x","b":1,"c":"\"","n":7,"a":[{},2]}"#);
        assert_eq!(array::<&str>([]), "[]");
        assert_eq!(Object::new().members("\"a\":{}").end(), r#"{"a":{}}"#);
    }

    #[test]
    fn compact_json_keeps_strings() {
        let json = "{ \"a b\" :\t[ 1 ,\n \" x \\\" y \\\\\" , { } ] }";
        assert_eq!(compact(json), r#"{"a b":[1," x \" y \\",{}]}"#);
    }
}
