//! What normalisation does with a character.

use std::iter;
use std::sync::LazyLock;

use unicode_normalization::char::{canonical_combining_class, decompose_compatible};
use unicode_normalization::{IsNormalized, is_nfkc_quick};

/// What normalisation does with a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Stays, and begins something new.
    Plain,
    /// Becomes something else, and begins something new.
    Changes,
    /// A mark that stays after what is before it, in the order of this number.
    Mark(u8),
    /// May melt with what is before it.
    Joins,
    /// Is removed.
    Invisible,
}

/// Where the table ends: after it come Han and Hangul, mostly.
const TABLE: usize = 0x3400;

/// The classes of most letters, so that the tables of Unicode are asked once for each.
static CLASSES: LazyLock<Vec<Class>> =
    LazyLock::new(|| ('\0'..).take(TABLE).map(find_class).collect());

/// The class of a character that is not ASCII.
pub(super) fn class(c: char) -> Class {
    if let '一'..='\u{9FFF}' | '가'..='힣' = c {
        return Class::Plain;
    }
    CLASSES
        .get(c as usize)
        .copied()
        .unwrap_or_else(|| find_class(c))
}

fn find_class(c: char) -> Class {
    if is_invisible(c) {
        return Class::Invisible;
    }
    let order = canonical_combining_class(c);
    match is_nfkc_quick(iter::once(c)) {
        IsNormalized::Yes if order == 0 => Class::Plain,
        IsNormalized::Yes => Class::Mark(order),
        IsNormalized::Maybe => Class::Joins,
        IsNormalized::No if order != 0 => Class::Joins,
        IsNormalized::No => {
            // What it becomes may melt with what is before it: a half-wide voiced sound mark does.
            let mut first = None;
            decompose_compatible(c, |part| first = first.or(Some(part)));
            let joins = first.is_some_and(|part| {
                canonical_combining_class(part) != 0
                    || is_nfkc_quick(iter::once(part)) == IsNormalized::Maybe
            });
            if joins { Class::Joins } else { Class::Changes }
        }
    }
}

/// Whether a character has no ink and is no white space: default ignorable code points, controls, annotation marks.
pub(crate) fn is_invisible(c: char) -> bool {
    match c {
        '\0'..='\u{8}' | '\u{E}'..='\u{1F}' | '\u{7F}' => true,
        ' '..='~' | '\t'..='\r' | '\u{85}' => false,
        '\u{80}'..='\u{9F}' | '\u{AD}' | '\u{34F}' | '\u{61C}' => true,
        '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' => true,
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' => true,
        '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' => true,
        '\u{FFF0}'..='\u{FFFC}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' => true,
        '\u{E0000}'..='\u{E0FFF}' => true,
        _ => false,
    }
}
