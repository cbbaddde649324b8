//! What takes the place of a value.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::Range;

use crate::config::{EntityName, MarkerFormat, RedactionConfig};
use crate::entity::Entity;
use crate::error::ConfigError;
use crate::keyed::Keyed;
use crate::normal::normal;

/// What takes the place of values, by type.
#[derive(Debug)]
pub(crate) struct Markers {
    format: MarkerFormat,
    preserve_length: bool,
    own: HashMap<Box<str>, Box<str>>,
    key: Keyed,
}

/// What is found, as markers name it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Label<'a> {
    pub(crate) name: &'a str,
    /// `None` for a type of the user's own.
    pub(crate) entity: Option<Entity>,
}

/// How many asterisks stand for a value whose length is nobody's business.
const ASTERISKS: usize = 8;

/// How many characters at the end of a number a partial marker shows.
const SHOWN: usize = 4;

/// Longest marker that [`enclosing`] knows: a name has 64 bytes at most.
const LONGEST: usize = 80;

impl Markers {
    pub(crate) fn new(config: &RedactionConfig) -> Result<Self, ConfigError> {
        let own = config.custom_markers.iter();
        let own = own.flat_map(|(name, marker)| {
            // A name of another detector may stand for several types.
            let known = EntityName::new(name).into_iter();
            let known =
                known.flat_map(|name| name.entities().map(Entity::name).collect::<Vec<_>>());
            let mut names: Vec<Box<str>> = known.map(Into::into).collect();
            if names.is_empty() {
                names.push(name.as_str().into());
            }
            names
                .into_iter()
                .map(|name| (name, marker.as_str().into()))
                .collect::<Vec<_>>()
        });
        Ok(Self {
            format: config.marker_format,
            preserve_length: config.preserve_length,
            own: own.collect(),
            key: key(config)?,
        })
    }

    /// Whether markers hold hashes.
    pub(crate) const fn are_hashes(&self) -> bool {
        matches!(self.format, MarkerFormat::Hash)
    }

    /// The marker for a value.
    pub(crate) fn marker(&self, label: Label<'_>, value: &str) -> Cow<'static, str> {
        let marker = match self.own.get(label.name) {
            Some(own) => Cow::Owned(own.to_string()),
            None => match self.format {
                MarkerFormat::Label => Cow::Owned(format!("[REDACTED:{}]", label.name)),
                MarkerFormat::Asterisk => Cow::Borrowed("********"),
                MarkerFormat::Partial => return self.partial(label, value),
                MarkerFormat::Hash => Cow::Owned(self.hash(label, value)),
            },
        };
        if self.preserve_length {
            Cow::Owned(fitted(&marker, value.chars().count()))
        } else {
            marker
        }
    }

    /// What takes the place of the rest of a value that came in pieces.
    pub(crate) fn rest(&self, value: &str) -> Cow<'static, str> {
        if self.preserve_length {
            Cow::Owned("*".repeat(value.chars().count()))
        } else {
            Cow::Borrowed("")
        }
    }

    fn hash(&self, label: Label<'_>, value: &str) -> String {
        let digest = self.key.digest(label.name, &normal(label.entity, value));
        let mut marker = format!("[{}:", label.name);
        for byte in digest.iter().take(HASH_BYTES) {
            // Writing to a string cannot fail.
            let _ = write!(marker, "{byte:02x}");
        }
        marker.push(']');
        marker
    }

    fn partial(&self, label: Label<'_>, value: &str) -> Cow<'static, str> {
        let length = value.chars().count();
        let shown = match label.entity {
            Some(Entity::Email) => return self.partial_email(value, length),
            Some(Entity::CreditCard | Entity::Phone | Entity::Iban | Entity::BankAccount) => {
                last_of_number(value)
            }
            _ => String::new(),
        };
        let asterisks = if self.preserve_length {
            length.saturating_sub(shown.len())
        } else if shown.is_empty() {
            ASTERISKS
        } else {
            SHOWN
        };
        Cow::Owned("*".repeat(asterisks) + &shown)
    }

    fn partial_email(&self, value: &str, length: usize) -> Cow<'static, str> {
        let first = value.chars().next();
        let (Some(first), Some((local, domain))) = (first, value.rsplit_once('@')) else {
            return self.rest(value);
        };
        let hidden = local.chars().count().saturating_sub(1);
        if !self.preserve_length {
            return Cow::Owned(format!("{first}***@{domain}"));
        }
        if hidden < 3 {
            // Too short to look like a marker, which must not be found again.
            return Cow::Owned("*".repeat(length));
        }
        Cow::Owned(format!("{first}{}@{domain}", "*".repeat(hidden)))
    }
}

/// How many bytes of the hash a marker shows.
const HASH_BYTES: usize = 4;

fn key(config: &RedactionConfig) -> Result<Keyed, ConfigError> {
    if let Some(key) = &config.hash_key {
        return Ok(Keyed::new(key.expose()));
    }
    if let Some(reference) = &config.hash_key_ref {
        let key = std::env::var_os(&reference.env).filter(|key| !key.is_empty());
        return match key {
            Some(key) => Ok(Keyed::new(key.as_encoded_bytes())),
            None => Err(crate::error::unusable(
                "redaction.hash_key_ref.env",
                format!(
                    "the environment variable `{}` is not set; set it to a long random text",
                    reference.env
                ),
            )),
        };
    }
    Keyed::random().map_err(|_| {
        crate::error::unusable(
            "redaction.marker_format",
            "the system gave no random key; give one with `hash_key_ref`",
        )
    })
}

/// The end of a number that has enough before it to stay hidden.
fn last_of_number(value: &str) -> String {
    let all: Vec<char> = value.chars().filter(char::is_ascii_alphanumeric).collect();
    if all.len() < 2 * SHOWN {
        return String::new();
    }
    all.into_iter()
        .rev()
        .take(SHOWN)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect()
}

/// `marker` with asterisks up to a length; asterisks alone if it is longer than that.
fn fitted(marker: &str, length: usize) -> String {
    match length.checked_sub(marker.chars().count()) {
        Some(missing) => marker.to_owned() + &"*".repeat(missing),
        None => "*".repeat(length),
    }
}

/// Whether what was found is (a part of) a marker, which stands there since an earlier redaction.
///
/// Decided by the text before the end of what was found and by the bracket right after it. What looks like a
/// hash is one only where markers are hashes: eight digits may be a value.
pub(crate) fn is_marked(
    text: &str,
    range: &Range<usize>,
    hashes: bool,
    is_name: impl Fn(&str) -> bool,
) -> bool {
    let Some(found) = text.get(range.clone()) else {
        return false;
    };
    found.bytes().all(|byte| byte == b'*')
        || masked_email(found)
        || masked_number(text, range)
        || enclosing(text, range).is_some_and(|marker| is_marker(marker, hashes, is_name))
}

/// `a***@example.org`
fn masked_email(found: &str) -> bool {
    let Some((local, _)) = found.split_once('@') else {
        return false;
    };
    let mut chars = local.chars();
    let _first = chars.next();
    let hidden = chars.as_str();
    hidden.len() >= 3 && hidden.bytes().all(|byte| byte == b'*')
}

/// `****1111`. No more than a partial marker shows: asterisks before a whole value are an emphasis.
fn masked_number(text: &str, range: &Range<usize>) -> bool {
    let found = &text[range.clone()];
    let shown = found.trim_start_matches('*');
    let asterisks = text[..range.end - shown.len()]
        .bytes()
        .rev()
        .take_while(|byte| *byte == b'*');
    shown.len() <= SHOWN
        && shown.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && asterisks.take(SHOWN).count() == SHOWN
}

/// The text from the bracket before `range` to the one after it.
fn enclosing<'a>(text: &'a str, range: &Range<usize>) -> Option<&'a str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'-');
    let bytes = text.as_bytes();
    let found = bytes.get(range.clone())?;
    let start = if found.first() == Some(&b'[') {
        range.start
    } else {
        let before = bytes.get(..range.start)?.iter().rev().take(LONGEST);
        let letters = before.take_while(|byte| plain(**byte)).count();
        range.start.checked_sub(letters + 1)?
    };
    let end = if found.last() == Some(&b']') {
        range.end
    } else {
        let after = bytes.get(range.end..)?.iter().take(LONGEST);
        range.end + after.take_while(|byte| plain(**byte)).count() + 1
    };
    let marker = text.get(start..end)?;
    (marker.starts_with('[') && marker.ends_with(']')).then_some(marker)
}

/// Whether this is a marker that names a type.
fn is_marker(text: &str, hashes: bool, is_name: impl Fn(&str) -> bool) -> bool {
    let Some(inner) = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    else {
        return false;
    };
    if let Some(name) = inner.strip_prefix("REDACTED:") {
        return is_name(name);
    }
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if let Some((name, hash)) = inner.rsplit_once(':') {
        return hashes && hash.len() == 2 * HASH_BYTES && hash.bytes().all(hex) && is_name(name);
    }
    inner.rsplit_once('_').is_some_and(|(name, number)| {
        (1..=5).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && is_name(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markers(config: RedactionConfig) -> Markers {
        Markers::new(&config.hash_key("a key")).unwrap()
    }

    fn label(entity: Entity) -> Label<'static> {
        Label {
            name: entity.name(),
            entity: Some(entity),
        }
    }

    fn known(name: &str) -> bool {
        Entity::ALL.iter().any(|entity| entity.name() == name)
    }

    #[test]
    fn a_label_names_the_type() {
        let markers = markers(RedactionConfig::new());
        assert_eq!(
            markers.marker(label(Entity::Email), "a@b.example"),
            "[REDACTED:EMAIL]"
        );
    }

    #[test]
    fn partial_markers_show_the_end_of_numbers_and_the_domain_of_addresses() {
        let markers = markers(RedactionConfig::new().marker_format(MarkerFormat::Partial));
        for (entity, value, marker) in [
            (Entity::CreditCard, "4111 1111 1111 1234", "****1234"),
            (Entity::Phone, "+49 30 123-4567", "****4567"),
            (Entity::Phone, "11 22 33", "********"),
            (Entity::Email, "ann@example.org", "a***@example.org"),
            (Entity::Secret, "abcdefghijklmnop", "********"),
            (Entity::UsSsn, "536-22-1234", "********"),
        ] {
            assert_eq!(markers.marker(label(entity), value), marker);
        }
    }

    #[test]
    fn hashes_are_the_same_for_spellings_of_one_value() {
        let markers = markers(RedactionConfig::new().marker_format(MarkerFormat::Hash));
        let marker = |value| markers.marker(label(Entity::Email), value);
        assert_eq!(marker("Ann@example.org"), marker("ann@example.org"));
        assert_ne!(marker("bob@example.org"), marker("ann@example.org"));
        let shape = marker("ann@example.org");
        assert!(is_marker(&shape, true, known), "{shape}");
    }

    #[test]
    fn markers_keep_the_length_where_they_are_told_to() {
        for format in [
            MarkerFormat::Label,
            MarkerFormat::Asterisk,
            MarkerFormat::Partial,
            MarkerFormat::Hash,
        ] {
            let markers = markers(
                RedactionConfig::new()
                    .marker_format(format)
                    .preserve_length(true)
                    .custom_marker("PHONE", "<tel>"),
            );
            for entity in Entity::ALL {
                for value in [
                    "ab@example.org",
                    "annabella@example.org",
                    "4111",
                    "äöü 123 456 789",
                ] {
                    let marker = markers.marker(label(*entity), value);
                    assert_eq!(marker.chars().count(), value.chars().count(), "{marker}");
                }
            }
        }
    }

    #[test]
    fn a_marker_of_ones_own_may_be_named_by_another_detectors_name() {
        let markers = markers(RedactionConfig::new().custom_marker("EMAIL_ADDRESS", "<mail>"));
        assert_eq!(
            markers.marker(label(Entity::Email), "a@b.example"),
            "<mail>"
        );
    }

    #[test]
    fn what_stands_in_a_marker_is_marked() {
        for (text, found) in [
            ("is [REDACTED:PHONE] now", "PHONE"),
            ("is [BANK_ACCOUNT:12345678] now", "12345678"),
            ("is [EMAIL_1]", "[EMAIL_1]"),
            ("is ********", "********"),
            ("is ****1234.", "1234"),
            ("to a***@example.org", "a***@example.org"),
        ] {
            let start = text.find(found).unwrap();
            assert!(
                is_marked(text, &(start..start + found.len()), true, known),
                "{text}"
            );
        }
    }

    #[test]
    fn eight_digits_are_a_hash_only_where_markers_are_hashes() {
        let text = "is [BANK_ACCOUNT:12345678] now";
        assert!(is_marked(text, &(17..25), true, known));
        assert!(!is_marked(text, &(17..25), false, known));
    }

    #[test]
    fn what_only_looks_a_little_like_a_marker_is_not() {
        for (text, found) in [
            ("[x 12345678]", "12345678"),
            ("[NOTHING:12345678]", "12345678"),
            ("[PHONE:+4930123456]", "+4930123456"),
            ("****ann@example.org****", "ann@example.org"),
            ("****4111111111111111", "4111111111111111"),
            ("a**@example.org", "a**@example.org"),
        ] {
            let start = text.find(found).unwrap();
            assert!(
                !is_marked(text, &(start..start + found.len()), true, known),
                "{text}"
            );
        }
    }
}
