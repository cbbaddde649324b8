//! Python's `repr` of a JSON value, as error messages quote it.

use std::fmt::Write as _;

use crate::json::Json;

/// Longer quotes are cut.
const MAX_BYTES: usize = 4_000;

/// The value as Python prints it.
pub(crate) fn python(value: &Json) -> String {
    let mut out = String::new();
    write(value, &mut out);
    if out.len() > MAX_BYTES {
        let mut end = MAX_BYTES;
        while !out.is_char_boundary(end) {
            end -= 1;
        }
        out.truncate(end);
        out.push_str("...");
    }
    out
}

fn write(value: &Json, out: &mut String) {
    // What would be cut anyway is not rendered.
    if out.len() > MAX_BYTES {
        return;
    }
    match value {
        Json::Null => out.push_str("None"),
        Json::Bool(true) => out.push_str("True"),
        Json::Bool(false) => out.push_str("False"),
        Json::Int(n) => out.push_str(&n.to_string()),
        Json::Float(f) => float(*f, out),
        Json::Str(s) => string(s, out),
        Json::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write(item, out);
            }
            out.push(']');
        }
        Json::Object(members) => {
            out.push('{');
            for (i, (key, item)) in members.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                string(key, out);
                out.push_str(": ");
                write(item, out);
            }
            out.push('}');
        }
    }
}

/// Single quotes, unless that would need an escape and double quotes would not.
fn string(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            c => out.push(c),
        }
        if out.len() > MAX_BYTES {
            break;
        }
    }
    out.push(quote);
}

/// Shortest digits, as both languages print them, with Python's choice of when to use an exponent.
fn float(f: f64, out: &mut String) {
    let magnitude = f.abs();
    if magnitude != 0.0 && !(1e-4..1e16).contains(&magnitude) {
        let text = format!("{f:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "{mantissa}e{sign}{:02}", exponent.abs());
    } else {
        let _ = write!(out, "{f:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_print_as_python_prints_them() {
        for (json, repr) in [
            ("null", "None"),
            ("true", "True"),
            (
                "[1, 2.5, 1e16, 1e-5, 100.0]",
                "[1, 2.5, 1e+16, 1e-05, 100.0]",
            ),
            (r#"{"type":"ephemeral"}"#, "{'type': 'ephemeral'}"),
            (r#""it's""#, r#""it's""#),
            (r#""it's \"x\"\n\u0001é""#, r#"'it\'s "x"\n\x01é'"#),
            ("{}", "{}"),
        ] {
            assert_eq!(python(&Json::parse(json.as_bytes()).unwrap()), repr);
        }
    }

    #[test]
    fn long_values_are_cut() {
        let long = Json::Array(vec![Json::Str("é".repeat(3_000)); 1_000]);
        assert!(python(&long).len() <= MAX_BYTES + 3);
    }
}
