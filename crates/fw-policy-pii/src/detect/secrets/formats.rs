//! The forms of tokens that vendors publish, so that a token is known by itself.

mod ai;
mod cloud;
mod code;
mod messages;
mod monitoring;
mod payments;
mod services;

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::alphabet::Alphabet;
use super::random;

/// The form of one kind of token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Format {
    pub(super) name: &'static str,
    /// Where the form is published.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "for those who read the tables, and their tests")
    )]
    pub(super) source: &'static str,
    /// What it is found by: its prefix, or a fixed part further on.
    anchor: &'static str,
    lead: Lead,
    body: &'static [Part],
    check: Check,
}

/// What comes before the anchor.
#[derive(Clone, Copy, Debug)]
enum Lead {
    Nothing,
    Run(Alphabet, usize, usize),
    /// `https://` or `http://`, if it is there.
    Scheme,
}

/// A stretch of what comes after the anchor.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// As many characters as there are: at least, at most.
    Run(Alphabet, usize, usize),
    Text(&'static str),
}

/// What has to hold besides.
#[derive(Clone, Copy, Debug)]
enum Check {
    Nothing,
    /// There is a digit in what comes after the anchor: names in programs may look like the token otherwise.
    Digit,
    Ends(&'static str),
    Contains(&'static str),
    /// It does not end in `EXAMPLE`, as the values in the vendor's documentation do.
    NoExample,
    /// There are letters of both cases.
    MixedCase,
    /// It looks random, where the anchor alone tells little.
    Random,
    /// The last six characters are the CRC-32 of the rest in base 62. It need not be right.
    Crc32,
}

impl Format {
    const fn new(
        name: &'static str,
        anchor: &'static str,
        body: &'static [Part],
        source: &'static str,
    ) -> Self {
        Self {
            name,
            source,
            anchor,
            lead: Lead::Nothing,
            body,
            check: Check::Nothing,
        }
    }

    const fn after(mut self, alphabet: Alphabet, least: usize, most: usize) -> Self {
        self.lead = Lead::Run(alphabet, least, most);
        self
    }

    const fn after_scheme(mut self) -> Self {
        self.lead = Lead::Scheme;
        self
    }

    const fn check(mut self, check: Check) -> Self {
        self.check = check;
        self
    }

    /// The token around the anchor at `at`, if `text` from `start` on has one there.
    fn token(&self, text: &str, start: usize, at: usize) -> Option<Token> {
        let bytes = text.as_bytes();
        let before = bytes.get(start..at)?;
        let first = match self.lead {
            Lead::Nothing => at,
            Lead::Run(alphabet, least, most) => {
                let run = alphabet.run_backwards(before);
                // What an escape stands for ends the run, its letters do not.
                let run = if run > most && is_escaped(text, at - most) {
                    most
                } else {
                    run
                };
                (least..=most).contains(&run).then_some(at - run)?
            }
            Lead::Scheme => ["https://", "http://"]
                .iter()
                .find(|scheme| before.ends_with(scheme.as_bytes()))
                .map_or(at, |scheme| at - scheme.len()),
        };
        if !begins(text, start, first) {
            return None;
        }
        let body = at + self.anchor.len();
        let end = self.end(bytes, body)?;
        let secret = text.get(body..end)?;
        let checked = self.holds(text.get(first..end)?, secret)?;
        // Where the anchor is the token's middle, what comes before it varies too.
        let random = if matches!(self.lead, Lead::Run(..)) {
            text.get(first..end)?
        } else {
            secret
        };
        random::is_varied(random).then_some(Token {
            range: first..end,
            checksum: checked,
        })
    }

    /// Where the token ends whose body begins at `at`.
    fn end(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let mut at = at;
        let mut last = Alphabet::ALNUM;
        for part in self.body {
            let rest = bytes.get(at..)?;
            match *part {
                Part::Text(text) => {
                    at += rest.starts_with(text.as_bytes()).then_some(text.len())?;
                    last = Alphabet::ALNUM;
                }
                Part::Run(alphabet, least, most) => {
                    let run = alphabet.run(rest.get(..most).unwrap_or(rest));
                    at += (run >= least).then_some(run)?;
                    last = alphabet;
                }
            }
        }
        let goes_on = |byte: u8| last.contains(byte) || Alphabet::WORD.contains(byte);
        // A full stop or a dash at the end of a token of open length is the sentence's.
        if let Some(Part::Run(_, least, most)) = self.body.last()
            && least < most
        {
            while matches!(bytes.get(at - 1), Some(b'.' | b'~')) {
                at -= 1;
            }
            return (!bytes
                .get(at)
                .is_some_and(|byte| *byte != b'.' && goes_on(*byte)))
            .then_some(at);
        }
        (!bytes.get(at).is_some_and(|byte| goes_on(*byte))).then_some(at)
    }

    /// Whether the check holds, and whether it was a checksum.
    fn holds(&self, token: &str, secret: &str) -> Option<bool> {
        match self.check {
            Check::Nothing => Some(false),
            Check::Digit => secret
                .bytes()
                .any(|byte| byte.is_ascii_digit())
                .then_some(false),
            Check::Ends(tail) => token.ends_with(tail).then_some(false),
            Check::Contains(inner) => secret.contains(inner).then_some(false),
            Check::NoExample => (!token.ends_with("EXAMPLE")).then_some(false),
            Check::MixedCase => (secret.bytes().any(|byte| byte.is_ascii_lowercase())
                && secret.bytes().any(|byte| byte.is_ascii_uppercase()))
            .then_some(false),
            Check::Random => random::is_random(secret).then_some(false),
            Check::Crc32 => Some(has_crc32(secret)),
        }
    }
}

/// A token that was found.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) range: Range<usize>,
    /// It has a checksum, and that is right.
    pub(super) checksum: bool,
}

/// The longest token of each stretch of `text` from `start` on.
pub(super) fn tokens(text: &str, start: usize, mut found: impl FnMut(&'static Format, Token)) {
    let Some(region) = text.get(start..) else {
        return;
    };
    let Some((anchors, formats)) = ANCHORS.as_ref() else {
        return;
    };
    let mut best: Option<(&'static Format, Token)> = None;
    for hit in anchors.find_overlapping_iter(region) {
        let Some(format) = formats.get(hit.pattern().as_usize()).copied() else {
            continue;
        };
        let Some(token) = format.token(text, start, start + hit.start()) else {
            continue;
        };
        match &best {
            Some((_, other)) if token.range.start < other.range.end => {
                if token.range.len() > other.range.len() {
                    best = Some((format, token));
                }
            }
            _ => {
                if let Some((format, token)) = best.replace((format, token)) {
                    found(format, token);
                }
            }
        }
    }
    if let Some((format, token)) = best {
        found(format, token);
    }
}

const TABLES: [&[Format]; 7] = [
    ai::FORMATS,
    cloud::FORMATS,
    code::FORMATS,
    messages::FORMATS,
    monitoring::FORMATS,
    payments::FORMATS,
    services::FORMATS,
];

/// Finds anchors. `None` never happens: the anchors are few and short.
static ANCHORS: LazyLock<Option<(AhoCorasick, Vec<&Format>)>> = LazyLock::new(|| {
    let formats: Vec<_> = TABLES.iter().flat_map(|table| table.iter()).collect();
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .build(formats.iter().map(|format| format.anchor))
        .ok()
        .map(|anchors| (anchors, formats))
});

/// Whether a token may begin at `at`: not within a word, but after an escape or a percent-encoded character.
pub(super) fn begins(text: &str, start: usize, at: usize) -> bool {
    let bytes = text.as_bytes();
    let Some(before) = at.checked_sub(1).filter(|before| *before >= start) else {
        return true;
    };
    let byte = bytes.get(before).copied().unwrap_or_default();
    !Alphabet::WORD.contains(byte) || is_escaped(text, at)
}

/// Whether an escaped character ends at `at`: `\n`, `%3D`, `\u003d`.
fn is_escaped(text: &str, at: usize) -> bool {
    let back = |count: usize| {
        at.checked_sub(count)
            .and_then(|index| text.as_bytes().get(index))
            .copied()
            .unwrap_or_default()
    };
    matches!(back(1), b'n' | b't' | b'r') && back(2) == b'\\'
        || back(1).is_ascii_hexdigit() && (back(3) == b'%' || back(5) == b'u' && back(6) == b'\\')
}

/// Whether the last six characters are the CRC-32 of those before, in base 62.
/// <https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>
fn has_crc32(secret: &str) -> bool {
    secret
        .len()
        .checked_sub(6)
        .and_then(|at| secret.split_at_checked(at))
        .is_some_and(|(random, sum)| base62(crc32(random.as_bytes())) == sum.as_bytes())
}

/// CRC-32 as in ISO/IEC 13239 and IEEE 802.3.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg())
        })
    })
}

fn base62(number: u32) -> [u8; 6] {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rest = number as usize;
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[rest % 62];
        rest /= 62;
    }
    digits
}

#[cfg(test)]
mod tests;
