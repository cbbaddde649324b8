//! Values of names that say that they are secret: in programs, configurations, command lines, URLs and prose.

use std::ops::Range;

use super::names::{self, Label, Operator, kind, label};
use super::random::is_random;
use super::{placeholder, value, vendors};
use crate::finding::confidence;
use crate::region::{Region, Traits};

/// A secret that a name before it tells.
#[derive(Clone, Debug)]
pub(super) struct Assigned {
    pub(super) range: Range<usize>,
    pub(super) scheme: &'static str,
    pub(super) confidence: u8,
}

/// Looks at the region as the value of a name before it.
pub(super) fn whole(region: &Region<'_>) -> Option<Assigned> {
    let start = region.start() + region.body().len() - region.body().trim_start_matches('(').len();
    let label = label(region.context())?;
    let value = region.text().get(start..)?;
    let value = if label.quoted {
        value
    } else {
        without_end(value)
    };
    judge(region.text(), start..start + value.len(), &label)
}

/// Looks for names with their values within the region: `password=x`, `?token=x&`, `key:x`.
pub(super) fn within(region: &Region<'_>, mut found: impl FnMut(Assigned)) {
    let text = region.text();
    let mut from = region.start();
    // Looked up once: a token may hold an operator in every second byte.
    let query = region.body().find(['?', '&']).map(|at| region.start() + at);
    let mut query_end = from;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(['=', ':'])) {
        let operator = from + at;
        from = operator + 1;
        if text.get(from..).is_some_and(|rest| rest.starts_with(':')) {
            from += 1;
            continue;
        }
        if operator == region.start() || text.get(from..).is_none_or(|rest| rest.len() < 4) {
            continue;
        }
        let Some(label) = text.get(..from).and_then(label) else {
            continue;
        };
        let mut end = text.len();
        if query.is_some_and(|query| query < operator) {
            if query_end <= operator {
                let next = text.get(from..).and_then(|rest| rest.find(['&', '#']));
                query_end = next.map_or(text.len(), |next| from + next);
            }
            end = query_end;
        }
        let value = without_end(text.get(from..end).unwrap_or_default());
        if let Some(assigned) = judge(text, from..from + value.len(), &label) {
            from = assigned.range.end;
            found(assigned);
        }
    }
}

/// Whether the text before the region may name it: what else is there is skipped at once.
pub(super) fn may_be_value(region: &Region<'_>) -> bool {
    let bytes = region.context().as_bytes();
    match bytes.last() {
        Some(b'"' | b'\'' | b'`' | b'=' | b':' | b'>' | b'|') => true,
        Some(b' ' | b'\t') => {
            let traits = region.traits();
            traits.any(Traits::DIGIT | Traits::COLON | Traits::OTHER | Traits::NON_ASCII)
        }
        Some(byte) => *byte >= 0x80,
        None => false,
    }
}

/// No vendor's key without a prefix of its own is longer.
const LONGEST_KEY: usize = 512;

fn judge(text: &str, range: Range<usize>, label: &Label<'_>) -> Option<Assigned> {
    let value = text.get(range.clone())?;
    if text.get(range.end..)?.starts_with("..") {
        return None;
    }
    if !may_be_secret(value, label) {
        return None;
    }
    if let Some(kind) = kind(label.name)
        && let Some(confidence) = value::judge(value, kind, label)
    {
        let scheme = match kind {
            names::Kind::Password => "password",
            names::Kind::Key | names::Kind::BareKey => "key",
        };
        return Some(Assigned {
            range,
            scheme,
            confidence,
        });
    }
    if !(15..=LONGEST_KEY).contains(&value.len())
        || label.operator == Operator::Prose
        || !is_random(value)
        || names::is_public(label.name)
        || placeholder::is_placeholder(value)
    {
        return None;
    }
    let scheme = vendors::vendor(text.get(..range.start)?, value)?;
    Some(Assigned {
        range,
        scheme,
        confidence: confidence::CONTEXT,
    })
}

/// Whether there is anything about the value that a secret has, before its name is looked at.
fn may_be_secret(value: &str, label: &Label<'_>) -> bool {
    value.len() >= 4
        && (label.quoted && value.len() >= 8
            || value
                .bytes()
                .any(|byte| !byte.is_ascii_alphabetic() && byte != b'_')
            || label.tight && label.name.bytes().all(|byte| !byte.is_ascii_lowercase())
            || value.len() >= 20)
}

/// Without what ends a sentence or a bracket.
fn without_end(value: &str) -> &str {
    let value = value.trim_end_matches(['.', ':', '*']);
    match value.strip_suffix(')') {
        Some(inner) if !inner.contains('(') => inner,
        _ => value,
    }
}
