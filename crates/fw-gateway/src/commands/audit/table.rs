//! Records for people: one line each.

use std::borrow::Cow;
use std::io::{self, Write};

use fw_audit::{Accepted, Finished, Found, Kind};
use serde_json::Value;

/// A table that is written line by line, so that its columns have fixed widths: longer values push the others
/// to the right.
#[derive(Debug, Default)]
pub(super) struct Table {
    has_head: bool,
}

impl Table {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn write(&mut self, found: &Found, output: &mut impl Write) -> io::Result<()> {
        if !self.has_head {
            self.has_head = true;
            row(
                output,
                [
                    "TIME", "VERDICT", "STATUS", "END", "MODEL", "TOKENS", "USD", "MS", "CLIENT",
                    "REQUEST",
                ],
            )?;
        }
        match found.kind() {
            Kind::Finished => finished(&found.read()?, output),
            Kind::Accepted => accepted(&found.read()?, output),
            _ => {
                let members: Value = found.read()?;
                let user = match (members["user"].as_str(), members["uid"].as_u64()) {
                    (Some(user), _) => printable(user).into_owned(),
                    (None, Some(uid)) => format!("uid {uid}"),
                    (None, None) => "-".to_owned(),
                };
                writeln!(
                    output,
                    "{:27} {} {user} {}",
                    printable(members["time"].as_str().unwrap_or("-")),
                    found.kind(),
                    printable(&members["arguments"].to_string()),
                )
            }
        }
    }
}

fn finished(record: &Finished, output: &mut impl Write) -> io::Result<()> {
    let or_none = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let tokens = record
        .tokens
        .map(|tokens| format!("{}+{}", tokens.prompt, tokens.completion));
    row(
        output,
        [
            record.time.to_string().as_str(),
            record.verdict.as_str(),
            &or_none(record.status.map(|status| status.to_string())),
            record.end.as_str(),
            text(record.model_served.as_ref().or(record.model.as_ref())),
            &or_none(tokens),
            &or_none(record.cost_usd.map(|cost| format!("{cost:.6}"))),
            &format!("{:.0}", record.total_ms),
            text(record.client.as_ref()),
            text(record.request_id.as_ref()),
        ],
    )
}

fn accepted(record: &Accepted, output: &mut impl Write) -> io::Result<()> {
    row(
        output,
        [
            record.time.to_string().as_str(),
            "accepted",
            "-",
            "-",
            text(record.model.as_ref()),
            "-",
            "-",
            "-",
            text(record.client.as_ref()),
            text(record.request_id.as_ref()),
        ],
    )
}

fn text(text: Option<&String>) -> &str {
    text.map_or("-", String::as_str)
}

fn row(output: &mut impl Write, cells: [&str; 10]) -> io::Result<()> {
    let [
        time,
        verdict,
        status,
        end,
        model,
        tokens,
        cost,
        ms,
        client,
        request,
    ] = cells.map(printable);
    writeln!(
        output,
        "{time:27} {verdict:8} {status:6} {end:14} {model:40} {tokens:>13} {cost:>10} {ms:>8} {client:24} {request}"
    )
}

/// Without characters that would move the cursor or colour the terminal: clients choose some of the texts.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    let hostile = |character: char| {
        character.is_control()
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.contains(hostile) {
        Cow::Owned(text.replace(hostile, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_steer_the_terminal() {
        assert_eq!(
            printable("\u{1b}[2Ja\nb\u{202e}c"),
            "\u{fffd}[2Ja\u{fffd}b\u{fffd}c"
        );
        assert!(matches!(printable("Grüße"), Cow::Borrowed("Grüße")));
    }
}
