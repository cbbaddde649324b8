//! Quoted values of names that tell a secret: `password: "two words"` is one region between the quotes.

use super::context_before;
use crate::detect::secrets::is_secret_name;

/// A secret in quotes is this long at most. One that is longer is cut like any other text.
const LONGEST: usize = 128;

/// How the quote was written that opens a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening {
    quote: u8,
    /// It is `\"`, as in a program or a JSON text within another.
    escaped: bool,
}

/// Where the quoted value ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closing {
    /// The value ends at the first position, the closing quote at the second.
    At(usize, usize),
    /// Not before the text that is there ends.
    Unknown,
    /// Nowhere: this is no quoted value after all.
    Never,
}

/// Whether the quote at `at` opens the value of a secret.
pub(super) fn opening(text: &str, at: usize) -> Option<Opening> {
    let before = text.as_bytes().get(..at)?;
    // Most quotes come after something else, so this is looked at first.
    let operator = before
        .iter()
        .rev()
        .take(4)
        .find(|byte| !matches!(byte, b' ' | b'\\'));
    if !matches!(operator, Some(b':' | b'=' | b'>')) {
        return None;
    }
    is_secret_name(context_before(text, at + 1)).then(|| Opening {
        quote: text.as_bytes().get(at).copied().unwrap_or_default(),
        escaped: before.last() == Some(&b'\\'),
    })
}

/// Where the value that begins at `start` ends.
pub(super) fn closing(text: &str, start: usize, opening: Opening, is_end: bool) -> Closing {
    let bytes = text.as_bytes();
    let mut at = start;
    while at - start <= LONGEST {
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'\n'), _) => return Closing::Never,
            (Some(b'\\'), Some(next)) if opening.escaped && *next == opening.quote => {
                return Closing::At(at, at + 2);
            }
            (Some(b'\\'), Some(_)) => at += 2,
            (Some(quote), _) if *quote == opening.quote => return Closing::At(at, at + 1),
            (Some(b'\\') | None, None) if is_end => return Closing::Never,
            (Some(b'\\') | None, None) => return Closing::Unknown,
            _ => at += 1,
        }
    }
    Closing::Never
}
