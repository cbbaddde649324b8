//! JSON, written as text.
//!
//! What is written by these functions and by `encode_str` ends in `{` or `[` only where an object or
//! array was just opened, so whether a comma is due can be read from the text itself.

use fw_wire::encode_str;

/// Writes the comma before the next member or element, if one is due.
pub(crate) fn separate(out: &mut String) {
    if !out.is_empty() && !out.ends_with(['{', '[']) {
        out.push(',');
    }
}

/// Writes a key; the value is up to the caller.
pub(crate) fn key(out: &mut String, key: &str) {
    separate(out);
    encode_str(out, key);
    out.push(':');
}

/// Writes a member whose value is JSON already.
pub(crate) fn raw(out: &mut String, name: &str, json: &str) {
    key(out, name);
    out.push_str(json);
}

/// Writes a member whose value is a string.
pub(crate) fn text(out: &mut String, name: &str, text: &str) {
    key(out, name);
    encode_str(out, text);
}

/// Writes a number member.
pub(crate) fn number(out: &mut String, name: &str, number: u64) {
    key(out, name);
    out.push_str(&number.to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_stand_between_members_and_nowhere_else() {
        let mut out = String::from("{");
        text(&mut out, "a", "{[");
        raw(&mut out, "b", "[]");
        number(&mut out, "c", 7);
        key(&mut out, "d");
        out.push('[');
        separate(&mut out);
        out.push_str("{}");
        separate(&mut out);
        out.push_str("1]}");
        assert_eq!(out, r#"{"a":"{[","b":[],"c":7,"d":[{},1]}"#);
    }
}
