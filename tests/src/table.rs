//! The table of clients and features in the documentation, made from what the clients' tests report.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::binary::workspace;
use crate::say;

/// The document with the tables.
const DOCUMENT: &str = "docs/clients.md";

/// The variable that has the tables written anew.
const RENEW: &str = "FW_RENEW_CLIENTS";

/// The columns, in their order.
const FEATURES: [&str; 15] = [
    "plain",
    "stream",
    "tools",
    "parallel tools",
    "tool stream",
    "schema",
    "images",
    "reasoning",
    "errors",
    "stream errors",
    "cancel",
    "retries",
    "redact",
    "block",
    "stream block",
];

/// What came of the tests of clients in one language.
#[derive(Debug, Default)]
pub struct ClientTable {
    /// Rows by target.
    targets: BTreeMap<String, Vec<Value>>,
}

// === impl ClientTable ===

impl ClientTable {
    /// Adds the report that a project has written.
    ///
    /// # Panics
    ///
    /// When it has not, or a test of it names a feature that has no column.
    pub fn add(&mut self, report: &Path) {
        let text = fs::read_to_string(report).expect("the project wrote its report");
        for row in serde_json::from_str::<Vec<Value>>(&text).unwrap() {
            for feature in row["features"].as_object().unwrap().keys() {
                assert!(FEATURES.contains(&feature.as_str()), "no column {feature}");
            }
            let target = row["target"].as_str().unwrap().to_owned();
            self.targets.entry(target).or_default().push(row);
        }
    }

    /// Compares the section of the document with what the tests said, or writes it anew if `FW_RENEW_CLIENTS` is
    /// set.
    ///
    /// # Panics
    ///
    /// When they differ.
    pub fn check(&self, section: &str) {
        let path = workspace().join(DOCUMENT);
        let document = fs::read_to_string(&path).expect(DOCUMENT);
        let (begin, end) = (
            format!("<!-- {section}: begin -->\n"),
            format!("<!-- {section}: end -->"),
        );
        let from = document.find(&begin).expect("the section begins") + begin.len();
        let to = document.find(&end).expect("the section ends");
        let made = self.markdown();
        if document[from..to] == made {
            return;
        }
        assert!(
            std::env::var_os(RENEW).is_some(),
            "{DOCUMENT} is not what the tests of the {section} clients say, which is\n{made}\n\
             Set {RENEW}=1 and run this test again to write it."
        );
        fs::write(
            &path,
            format!("{}{made}{}", &document[..from], &document[to..]),
        )
        .unwrap();
        say(&format!("{DOCUMENT}: {section} clients written anew"));
    }

    fn markdown(&self) -> String {
        let mut text = String::new();
        let mut notes = Vec::new();
        for (target, rows) in &self.targets {
            writeln!(text, "\nTarget: {target}\n").unwrap();
            writeln!(text, "| client | {} |", FEATURES.join(" | ")).unwrap();
            writeln!(text, "|---{}|", "|:-:".repeat(FEATURES.len())).unwrap();
            for row in rows {
                let (client, version) = (&row["client"], &row["version"]);
                let client = client.as_str().unwrap();
                let version = version.as_str().unwrap();
                match client.split_once(": ") {
                    Some((package, surface)) => {
                        write!(text, "| `{package}` {version}, {surface} |").unwrap();
                    }
                    None => write!(text, "| `{client}` {version} |").unwrap(),
                }
                for feature in FEATURES {
                    write!(text, " {} |", cell(&row["features"][feature], &mut notes)).unwrap();
                }
                text.push('\n');
            }
        }
        for (number, note) in notes.iter().enumerate() {
            write!(text, "\n{}. {note}", number + 1).unwrap();
        }
        text.push('\n');
        text
    }
}

/// A sign for what came of it, and the number of its note.
fn cell(result: &Value, notes: &mut Vec<String>) -> String {
    let sign = match result["outcome"].as_str() {
        Some("passed") => "yes",
        Some("failed") => "fails",
        Some(_) => "no",
        None => return "–".into(),
    };
    let Some(remark) = result["remark"].as_str() else {
        return sign.into();
    };
    let known = notes.iter().position(|note| note == remark);
    let number = known.unwrap_or_else(|| {
        notes.push(remark.into());
        notes.len() - 1
    });
    format!("{sign} <sup>{}</sup>", number + 1)
}
