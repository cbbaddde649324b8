//! Comma-separated values, as in RFC 4180.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::Value;

use super::columns::{COLUMNS, LISTS};
use crate::query::Found;

/// A table of records, one a line, with the columns' names first.
///
/// A spreadsheet takes a text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula,
/// and clients choose some of these texts: such a text gets an apostrophe before it.
///
/// `policies` are `policy:phase:outcome`, with the reason behind it where there is one, `attempts` are
/// `target` with the fault behind it; entries are separated by `; `.
#[derive(Debug)]
pub struct Csv<W> {
    out: W,
    line: String,
}

impl<W: Write> Csv<W> {
    /// Writes the names of the columns.
    ///
    /// # Errors
    ///
    /// `out` cannot be written.
    pub fn new(mut out: W) -> io::Result<Self> {
        let names = COLUMNS.iter().map(|column| column.name).chain(LISTS);
        let line = names.collect::<Vec<_>>().join(",") + "\r\n";
        out.write_all(line.as_bytes())?;
        Ok(Self { out, line })
    }

    /// Writes a record.
    ///
    /// # Errors
    ///
    /// The record is no JSON, or `out` cannot be written.
    pub fn write(&mut self, found: &Found) -> io::Result<()> {
        let record: Value = found.read()?;
        self.line.clear();
        for column in COLUMNS {
            match record.pointer(column.pointer) {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) => push(&mut self.line, text),
                // No text of somebody's choice: `-1` is a number here.
                Some(value @ (Value::Number(_) | Value::Bool(_))) => {
                    let _ = write!(self.line, "{value}");
                }
                Some(value) => push(&mut self.line, &value.to_string()),
            }
            self.line.push(',');
        }
        for name in LISTS {
            let entries = record.get(name).and_then(Value::as_array);
            let texts: Vec<String> = entries.into_iter().flatten().map(entry).collect();
            push(&mut self.line, &texts.join("; "));
            self.line.push(',');
        }
        self.line.pop();
        self.line.push_str("\r\n");
        self.out.write_all(self.line.as_bytes())
    }
}

/// An entry of a list: its members that tell, or its text.
fn entry(value: &Value) -> String {
    if let Value::String(text) = value {
        return text.clone();
    }
    let names = ["policy", "target", "phase", "outcome", "reason", "fault"];
    let members: Vec<&str> = names
        .into_iter()
        .filter_map(|name| value.get(name)?.as_str())
        .collect();
    members.join(":")
}

/// Adds a text as one field.
fn push(line: &mut String, text: &str) {
    let is_formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if !is_formula && !text.contains(['"', ',', '\r', '\n']) {
        line.push_str(text);
        return;
    }
    line.push('"');
    if is_formula {
        line.push('\'');
    }
    for character in text.chars() {
        if character == '"' {
            line.push('"');
        }
        line.push(character);
    }
    line.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::sample::Sample;
    use crate::{ExportFormat, Query, export};

    fn table(records: &[Value]) -> Vec<Vec<String>> {
        let mut log = Sample::new();
        log.begin();
        records.iter().for_each(|record| log.finished(record));
        let directory = log.write();
        let records = Query::new().run(directory.path()).unwrap();
        let mut out = Vec::new();
        export(records, ExportFormat::Csv, &mut out).unwrap();
        parse(&String::from_utf8(out).unwrap())
    }

    /// Reads what RFC 4180 says.
    fn parse(text: &str) -> Vec<Vec<String>> {
        let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), String::new());
        let mut rest = text.chars().peekable();
        let mut quoted = false;
        while let Some(character) = rest.next() {
            match character {
                '"' if quoted && rest.peek() == Some(&'"') => {
                    rest.next();
                    field.push('"');
                }
                '"' => quoted = !quoted,
                ',' if !quoted => row.push(std::mem::take(&mut field)),
                '\r' if !quoted => {
                    assert_eq!(rest.next(), Some('\n'));
                    row.push(std::mem::take(&mut field));
                    rows.push(std::mem::take(&mut row));
                }
                _ => field.push(character),
            }
        }
        assert!(row.is_empty() && field.is_empty() && !quoted);
        rows
    }

    fn cell<'a>(rows: &'a [Vec<String>], column: &str) -> &'a str {
        let at = rows[0].iter().position(|name| name == column).unwrap();
        &rows[1][at]
    }

    #[test]
    fn a_record_is_a_row() {
        let rows = table(&[json!({
            "time": "t", "client": "a, \"b\"\n", "tokens": {"prompt": 12}, "cost_usd": -0.5,
            "policies": [
                {"policy": "pii", "phase": "request", "outcome": "block", "reason": "input_blocked"},
                {"policy": "dlp", "phase": "request", "outcome": "skipped"},
            ],
            "attempts": [{"target": "x", "fault": "timeout", "ms": 3.5}, {"target": "y"}],
            "changes": ["removed store"],
        })]);
        assert_eq!(rows[0].len(), rows[1].len());
        assert_eq!(cell(&rows, "seq"), "1");
        assert_eq!(cell(&rows, "client"), "a, \"b\"\n");
        assert_eq!(cell(&rows, "prompt_tokens"), "12");
        assert_eq!(cell(&rows, "cost_usd"), "-0.5");
        assert_eq!(
            cell(&rows, "policies"),
            "pii:request:block:input_blocked; dlp:request:skipped"
        );
        assert_eq!(cell(&rows, "attempts"), "x:timeout; y");
        assert_eq!(cell(&rows, "changes"), "removed store");
        assert_eq!(cell(&rows, "verdict"), "");
    }

    #[test]
    fn no_text_becomes_a_formula() {
        for text in ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1"] {
            let rows = table(&[json!({"client": text})]);
            assert_eq!(cell(&rows, "client"), format!("'{text}"));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn any_text_comes_back(text in any::<String>()) {
            let rows = table(&[json!({"client": text})]);
            let found = cell(&rows, "client");
            let guarded = ["'", &text].concat();
            prop_assert!(found == text || found == guarded);
        }
    }
}
