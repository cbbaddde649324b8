//! Base64, with and without padding, in one line or many.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::inline::Decoded;
use super::markup::joint;
use super::parts::Parts;
use super::reads::{from_bytes, is_printable, reads};

/// The shortest run that is decoded: nine bytes. Shorter ones are words.
const MIN_RUN: usize = 12;
/// With padding it is no word.
const MIN_PADDED: usize = 8;
/// The shortest line that is no word: it goes on in the next one.
const MIN_LINE: usize = 40;
/// The shortest piece that goes on in the next one.
const MIN_CHUNK: usize = 4;
/// How much is decoded to see where in a run the data begins.
const PROBE: usize = 24;

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// Decodes what in `text` is Base64 of text.
pub(super) fn decode(text: &str, room: usize) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let mut parts = Parts::new(room);
    // The same memory for all runs: most words are looked at as one.
    let mut lines = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !is_digit(bytes[at]) {
            at += 1;
            continue;
        }
        let first = digits(bytes, at);
        if first.len() < MIN_CHUNK {
            // Too short, and it does not go on.
            at = first.end;
            continue;
        }
        let mut run = run(bytes, first.clone(), lines);
        let end = run.end;
        let found = run.text(bytes).or_else(|| {
            run.leave_last()?;
            run.text(bytes)
        });
        if let Some((start, text)) = found {
            parts.add(&text, at + start..run.end);
            at = run.end;
        } else if run.apart && run.len <= 2 * PROBE {
            // Its first word is none of it, perhaps. A long run is not gone through again.
            at = first.end;
        } else {
            at = end;
        }
        lines = run.lines;
    }
    parts.finish()
}

/// Digits that are read together.
struct Run {
    lines: Vec<Range<usize>>,
    len: usize,
    /// Where its padding ends.
    end: usize,
    /// Short pieces, which may as well be words.
    apart: bool,
}

impl Run {
    /// Leaves out the last piece, which may be a word that comes after.
    fn leave_last(&mut self) -> Option<()> {
        let apart = self.apart;
        let last = self.lines.pop_if(|_| apart)?;
        self.len -= last.len();
        self.end = self.lines.last()?.end;
        self.apart = self.lines.len() > 1;
        Some(())
    }

    /// What it says, and where in the run that begins.
    fn text(&self, bytes: &[u8]) -> Option<(usize, String)> {
        let padded = bytes[..self.end].ends_with(b"=");
        let min = if padded { MIN_PADDED } else { MIN_RUN };
        let lines = || self.lines.iter().map(|line| &bytes[line.clone()]);
        if self.len < min || !is_mixed(lines()) {
            return None;
        }
        let data: Vec<u8> = lines().flatten().map(|byte| standard(*byte)).collect();
        decode_run(&data).filter(|(_, text)| !self.apart || reads(text))
    }
}

/// The digits from `first` on. Lines of the same length, and a shorter last one, are one run, and so are short words of
/// the same length, and strings that are added up, if they begin like text. `lines` is memory for them.
fn run(bytes: &[u8], first: Range<usize>, mut lines: Vec<Range<usize>>) -> Run {
    let width = first.len();
    lines.clear();
    lines.push(first.clone());
    let mut run = Run {
        lines,
        len: width,
        end: first.end,
        apart: width < MIN_LINE,
    };
    let mut line = first;
    let (mut last, mut probed) = (false, false);
    while !last {
        let Some((next, joined)) = next_line(bytes, &line, width, run.apart) else {
            break;
        };
        // Words of the same length are no run: what does not begin like text is left at once.
        if run.apart && !probed && run.len >= PROBE {
            if !begins(bytes, &run.lines) {
                break;
            }
            probed = true;
        }
        last = !joined && next.len() < width;
        run.len += next.len();
        run.end = next.end;
        run.lines.push(next.clone());
        line = next;
    }
    if run.lines.len() == 1 {
        run.apart = false;
    }
    let padding = bytes[run.end..]
        .iter()
        .take(2)
        .take_while(|byte| **byte == b'=')
        .count();
    run.end += padding;
    run
}

/// The line or piece after `line`, and whether it is another string.
fn next_line(
    bytes: &[u8],
    line: &Range<usize>,
    width: usize,
    apart: bool,
) -> Option<(Range<usize>, bool)> {
    let rest = &bytes[line.end..];
    let joint = apart.then(|| joint(rest)).flatten();
    let between = joint.unwrap_or(match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        [b' ', ..] if apart => 1,
        _ => 0,
    });
    if between == 0 || (joint.is_none() && line.len() != width) {
        return None;
    }
    let start = line.end + between;
    let most = if joint.is_some() { MIN_LINE } else { width };
    let len = bytes[start..]
        .iter()
        .take(most + 1)
        .take_while(|byte| is_digit(**byte))
        .count();
    let after = bytes.get(start + len).copied().unwrap_or(b'\n');
    let ends = apart || matches!(after, b'\r' | b'\n' | b'=' | b'"' | b'\'' | b'`');
    (len > 0 && len <= most && ends).then_some((start..start + len, joint.is_some()))
}

/// Whether the first digits say something.
fn begins(bytes: &[u8], lines: &[Range<usize>]) -> bool {
    let digits = lines.iter().flat_map(|line| &bytes[line.clone()]);
    let data: Vec<u8> = digits.take(PROBE).map(|byte| standard(*byte)).collect();
    self::bytes(&data).is_some_and(|probe| looks_like_text(&probe))
}

/// A digit in the standard alphabet.
fn standard(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => byte,
    }
}

/// The digits from `start` on.
fn digits(bytes: &[u8], start: usize) -> Range<usize> {
    let len = bytes[start..]
        .iter()
        .take_while(|byte| is_digit(**byte))
        .count();
    start..start + len
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Whether a run is more than a word: there is a digit, or a capital inside.
fn is_mixed<'a>(lines: impl Iterator<Item = &'a [u8]>) -> bool {
    lines
        .flatten()
        .skip(1)
        .any(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// The text of a run, and where in the run it begins: a few digits before it may belong to a name or a path.
fn decode_run(data: &[u8]) -> Option<(usize, String)> {
    (0..4).find_map(|start| {
        let data = &data[start..];
        let probe = bytes(&data[..data.len().min(PROBE)])?;
        looks_like_text(&probe)
            .then(|| bytes(data))
            .flatten()
            .and_then(from_bytes)
            .map(|text| (start, text))
    })
}

/// What the digits stand for. A last digit alone stands for nothing.
fn bytes(digits: &[u8]) -> Option<Vec<u8>> {
    let len = if digits.len() % 4 == 1 {
        digits.len() - 1
    } else {
        digits.len()
    };
    ENGINE.decode(&digits[..len]).ok()
}

/// Whether some bytes, which may end inside a character, begin a text.
fn looks_like_text(bytes: &[u8]) -> bool {
    if bytes.len() >= 8 && (bytes[1] == 0 || bytes[0] == 0) {
        return true; // UTF-16, perhaps.
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => is_printable(text),
        Err(error) => {
            let valid = error.valid_up_to();
            error.error_len().is_none()
                && std::str::from_utf8(&bytes[..valid]).is_ok_and(is_printable)
        }
    }
}
