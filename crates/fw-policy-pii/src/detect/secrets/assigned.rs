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
        let is_query = text
            .get(region.start()..operator)
            .is_some_and(|left| left.contains(['?', '&']));
        let rest = text.get(from..).unwrap_or_default();
        let value = rest
            .find(['&', '#'])
            .filter(|_| is_query)
            .map_or(rest, |end| &rest[..end]);
        let value = without_end(value);
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
    if value.len() < 15
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
