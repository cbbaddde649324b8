//! What is known of one kind of number, and how all kinds are looked up by the form of a candidate.

use std::sync::LazyLock;

use super::candidate::{Candidate, LONGEST};
use crate::entity::Entity;

/// One kind of number.
#[derive(Debug)]
pub(crate) struct Scheme {
    pub(crate) entity: Entity,
    pub(crate) name: &'static str,
    /// Forms without separators: `9` is a digit, `A` a letter, `*` either.
    pub(crate) forms: &'static [&'static str],
    /// The rules of the number: dates, ranges, check digits. Gets letters (upper case) and digits only, in one
    /// of the forms.
    pub(crate) valid: fn(&[u8]) -> bool,
    /// Whether the rules have a check digit.
    pub(crate) checked: bool,
    /// How sure it is in one of the forms, without a word near it.
    pub(crate) compact: u8,
    /// Forms with separators that tell what it is, and how sure it is then, without a word near it.
    pub(crate) written: (&'static [&'static str], u8),
    /// Names of the number, as [`context`](super::context) wants them.
    pub(crate) words: &'static [&'static str],
}

impl Scheme {
    pub(crate) const fn new(
        entity: Entity,
        name: &'static str,
        forms: &'static [&'static str],
        valid: fn(&[u8]) -> bool,
    ) -> Self {
        Self {
            entity,
            name,
            forms,
            valid,
            checked: true,
            compact: 0,
            written: (&[], 0),
            words: &[],
        }
    }

    /// There is no check digit.
    pub(crate) const fn unchecked(mut self) -> Self {
        self.checked = false;
        self
    }

    /// It needs no word near it when it is written without separators.
    pub(crate) const fn alone(mut self, confidence: u8) -> Self {
        self.compact = confidence;
        self
    }

    /// It needs no word near it when it is written like this: `9`, `A` and `*` as in the forms, other characters
    /// are themselves (a hyphen also a dash, a space any space).
    pub(crate) const fn written(mut self, forms: &'static [&'static str], confidence: u8) -> Self {
        self.written = (forms, confidence);
        self
    }

    /// What it is called.
    pub(crate) const fn words(mut self, words: &'static [&'static str]) -> Self {
        self.words = words;
        self
    }

    /// How sure it is that a valid candidate is this, by its form alone.
    pub(crate) fn sure_alone(&self, candidate: &Candidate<'_>) -> u8 {
        if !candidate.stands_alone() {
            0
        } else if candidate.is_compact() {
            self.compact
        } else if self
            .written
            .0
            .iter()
            .any(|form| is_written_as(candidate.written(), form))
        {
            self.written.1
        } else {
            0
        }
    }
}

/// Where each place of a form is a letter or may be.
#[derive(Clone, Copy, Debug)]
struct Form {
    letters: u32,
    either: u32,
    /// The scheme's place among all.
    place: usize,
    scheme: &'static Scheme,
}

/// All schemes, by the length of their forms.
static BY_LENGTH: LazyLock<[Vec<Form>; LONGEST + 1]> = LazyLock::new(|| {
    let mut by_length = [const { Vec::new() }; LONGEST + 1];
    for (place, scheme) in super::ids::tables().flatten().enumerate() {
        for form in scheme.forms {
            if let Some(same_length) = by_length.get_mut(form.len()) {
                same_length.push(Form {
                    letters: places(form, b'A'),
                    either: places(form, b'*'),
                    place,
                    scheme,
                });
            }
        }
    }
    by_length
});

fn places(form: &str, class: u8) -> u32 {
    form.bytes()
        .enumerate()
        .filter(|(_, byte)| *byte == class)
        .fold(0, |places, (at, _)| places | 1 << at)
}

/// The schemes that a candidate has the form of, with their places among all.
pub(crate) fn with_form_of(
    candidate: &Candidate<'_>,
) -> impl Iterator<Item = (usize, &'static Scheme)> {
    let letters = candidate.letters();
    BY_LENGTH
        .get(candidate.compact().len())
        .into_iter()
        .flatten()
        .filter(move |form| (form.letters ^ letters) & !form.either == 0)
        .map(|form| (form.place, form.scheme))
}

fn is_written_as(text: &str, form: &str) -> bool {
    let mut chars = text.chars();
    form.bytes().all(|wanted| {
        chars.next().is_some_and(|char| match wanted {
            b'9' => char.is_ascii_digit(),
            b'A' => char.is_ascii_alphabetic(),
            b'*' => char.is_ascii_alphanumeric(),
            b'-' => matches!(char, '-' | '\u{2010}'..='\u{2013}'),
            b' ' => matches!(char, ' ' | '\u{A0}' | '\u{202F}' | '\u{2009}'),
            other => char == char::from(other),
        })
    }) && chars.next().is_none()
}

/// The rule of numbers without rules.
pub(crate) const fn any(_: &[u8]) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_forms_are_exact() {
        assert!(is_written_as("123-45-6789", "999-99-9999"));
        assert!(is_written_as("123\u{2013}45-6789", "999-99-9999"));
        assert!(!is_written_as("123-45-67890", "999-99-9999"));
        assert!(!is_written_as("123-45-678", "999-99-9999"));
        assert!(!is_written_as("123 45 6789", "999-99-9999"));
    }

    #[test]
    fn tables_are_well_formed() {
        for scheme in super::super::ids::tables().flat_map(|table| table.iter()) {
            for form in scheme.forms {
                assert!(
                    form.len() <= LONGEST && form.bytes().all(|byte| b"9A*".contains(&byte)),
                    "{}",
                    scheme.name
                );
            }
            for written in scheme.written.0 {
                let compact: String = written
                    .chars()
                    .filter(|char| "9A*".contains(*char))
                    .collect();
                assert!(
                    scheme.forms.contains(&&*compact),
                    "{}: {written}",
                    scheme.name
                );
            }
            assert!(scheme.compact > 0 || !scheme.written.0.is_empty() || !scheme.words.is_empty());
        }
    }
}
