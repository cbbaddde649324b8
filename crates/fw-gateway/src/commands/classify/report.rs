//! What a person reads.

use std::fmt::{self, Write as _};
use std::io;
use std::ops::Range;

use fw_classify::{Encoding, ViewConfig, views};
use fw_policy_injection as injection;
use fw_policy_safety as safety;

use super::Classifier;

/// How many characters of the text stand beside a place in it.
const EXCERPT: usize = 48;

/// How many lines a list has at most.
const MAX_LINES: usize = 20;

/// The score, the verdict, and what they come from. Places are bytes of the text, as excerpts are of it.
pub(super) fn write(
    classifier: &Classifier,
    text: &str,
    output: &mut impl io::Write,
) -> io::Result<()> {
    let mut page = String::new();
    let written = match classifier {
        Classifier::Injection(detector, channel) => {
            of_injection(&detector.scan(text, *channel), text, &mut page)
        }
        Classifier::Safety(detector, channel) => {
            of_safety(&detector.scan_in(text, *channel), text, &mut page)
        }
    };
    written.map_err(io::Error::other)?;
    output.write_all(page.as_bytes())
}

fn of_injection(scan: &injection::Scan, text: &str, page: &mut String) -> fmt::Result {
    let verdict = scan.verdict().map_or("allow", injection::Action::as_str);
    writeln!(page, "verdict  {verdict}")?;
    writeln!(
        page,
        "score    {:.4}, an attack from {:.4} on (channel {})",
        scan.score(),
        scan.threshold(),
        scan.channel()
    )?;
    writeln!(page, "reasons")?;
    list(page, scan.reasons(), |page, reason| {
        let alone = if reason.is_decisive() {
            "  decides by itself"
        } else {
            ""
        };
        let excerpt = excerpt(text, reason.range());
        writeln!(page, "  {:<13} {excerpt}{alone}", reason.kind().as_str())
    })?;
    // Each view with the window of it that scored best.
    writeln!(page, "views")?;
    list(page, scan.views(), |page, view| {
        writeln!(
            page,
            "  {:<13} raw {:>7.3}, phrases {}, best window {}",
            path(view.path()),
            view.raw(),
            view.phrases(),
            excerpt(text, view.range())
        )
    })
}

fn of_safety(scan: &safety::Scan, text: &str, page: &mut String) -> fmt::Result {
    writeln!(page, "verdict  {}", scan.verdict)?;
    writeln!(page, "score    {:.4}", scan.score)?;
    writeln!(page, "categories")?;
    list(page, &scan.categories, |page, found| {
        let action = if found.is_found() {
            safety::SafetyVerdict::from(found.action).name()
        } else {
            "-"
        };
        let name = found.category.name();
        let (score, threshold) = (found.score, found.threshold);
        writeln!(
            page,
            "  {name:<16} {score:.4}, counts from {threshold:.4} on: {action}"
        )
    })?;
    writeln!(page, "terms")?;
    list(page, &scan.terms, |page, term| {
        writeln!(
            page,
            "  {:<24} {}, {} edits, {}",
            term.set.name(),
            path(&term.path),
            term.distance,
            excerpt(text, term.range.clone())
        )
    })?;
    writeln!(page, "views")?;
    let views = views(text, &ViewConfig::new());
    list(page, &views, |page, view| {
        let range = view.source(0..view.text().len());
        writeln!(page, "  {:<13} {}", path(view.path()), excerpt(text, range))
    })
}

/// A line for each, up to a bound.
fn list<T>(
    page: &mut String,
    items: &[T],
    mut line: impl FnMut(&mut String, &T) -> fmt::Result,
) -> fmt::Result {
    if items.is_empty() {
        return writeln!(page, "  none");
    }
    for item in items.iter().take(MAX_LINES) {
        line(page, item)?;
    }
    match items.len().checked_sub(MAX_LINES) {
        Some(more @ 1..) => writeln!(page, "  and {more} more"),
        _ => Ok(()),
    }
}

/// How a view was decoded: `base64 > rot13`.
fn path(path: &[Encoding]) -> String {
    if path.is_empty() {
        return "as it is".to_owned();
    }
    let names: Vec<&str> = path.iter().map(|encoding| encoding.as_str()).collect();
    names.join(" > ")
}

/// A place and how it begins, on one line whatever the text holds: `bytes 4..9 "a\nb…"`.
fn excerpt(text: &str, range: Range<usize>) -> String {
    let part = text.get(range.clone()).unwrap_or_default();
    let mut shown = part.chars();
    let begin: String = shown.by_ref().take(EXCERPT).collect();
    let more = if shown.next().is_some() { "…" } else { "" };
    // A terminal must not be told to do things by the text.
    let begin = begin.escape_debug();
    format!("bytes {}..{} \"{begin}{more}\"", range.start, range.end)
}
