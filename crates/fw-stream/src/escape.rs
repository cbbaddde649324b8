//! The contents of JSON strings (RFC 8259, section 7), where the spelling has to stay what it was.

use std::ops::Range;

use fw_wire::encode_str;

/// Appends what the contents of a string say. `false`, and nothing appended, if they are not valid.
///
/// A lone surrogate is U+FFFD: some servers cut text between the halves of a pair.
#[inline]
pub(crate) fn decode_into(raw: &[u8], out: &mut String) -> bool {
    let mut special = false;
    for &byte in raw {
        special |= byte < 0x20 || byte == b'"' || byte == b'\\';
    }
    let Ok(text) = std::str::from_utf8(raw) else {
        return false;
    };
    if special {
        return decode_escapes(text, out);
    }
    out.push_str(text);
    true
}

fn decode_escapes(raw: &str, out: &mut String) -> bool {
    let before = out.len();
    let mut rest = raw;
    while !rest.is_empty() {
        match next_part(rest.as_bytes()) {
            Some(Part::Plain(length)) => {
                let (text, after) = rest.split_at(length);
                out.push_str(text);
                rest = after;
            }
            Some(Part::Escape(character, length)) => {
                out.push(character);
                rest = &rest[length..];
            }
            None => {
                out.truncate(before);
                return false;
            }
        }
    }
    true
}

/// Finds places of decoded text in the contents that spell it, each at or after the last one, so that all
/// of them together take one walk.
///
/// It does not borrow the contents: the same ones have to be given each time.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cursor {
    /// Where the part begins that was reached, in the contents and in what they say.
    at: usize,
    said: usize,
    /// How long the part is, and what it says.
    length: usize,
    says: usize,
    is_escape: bool,
}

impl Cursor {
    /// Where the range of the decoded text is in the contents.
    pub(crate) fn range(&mut self, raw: &[u8], decoded: Range<usize>) -> Range<usize> {
        self.place(raw, decoded.start)..self.place(raw, decoded.end)
    }

    fn place(&mut self, raw: &[u8], of: usize) -> usize {
        while of >= self.said + self.says {
            let next = self.at + self.length;
            let Some(part) = next_part(raw.get(next..).unwrap_or_default()) else {
                return next;
            };
            self.said += self.says;
            self.at = next;
            (self.length, self.says, self.is_escape) = match part {
                Part::Plain(length) => (length, length, false),
                Part::Escape(character, length) => (length, character.len_utf8(), true),
            };
        }
        let within = of.saturating_sub(self.said);
        match within {
            // Within an escape there is no place: then it is all in or all out.
            1.. if self.is_escape => self.at + self.length,
            _ => self.at + within,
        }
    }
}

/// `text` as the contents of a string.
pub(crate) fn encode(text: &str) -> String {
    let mut json = String::new();
    encode_str(&mut json, text);
    json.pop();
    json.remove(0);
    json
}

/// The same JSON with `\ufffd` for each escape of a lone surrogate, so that it can be read. All places
/// stay where they are. `None` if there is no such escape.
///
/// Servers that cut text between the two halves of a pair send such escapes; the JSON of
/// [`fw_wire`] is text, and text has no lone halves.
///
/// ```
/// use fw_stream::without_lone_surrogates;
/// use fw_wire::Value;
///
/// let cut = br#"{"text":"a\ud83d"}"#;
/// assert!(Value::parse(cut).is_err());
/// let mended = without_lone_surrogates(cut).unwrap();
/// assert_eq!(mended, br#"{"text":"a\ufffd"}"#);
/// assert!(Value::parse(&mended).is_ok());
/// assert_eq!(without_lone_surrogates(br#""\ud83d\ude00""#), None);
/// ```
#[must_use]
pub fn without_lone_surrogates(json: &[u8]) -> Option<Vec<u8>> {
    let mut mended: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(step) = memchr::memchr(b'\\', json.get(at..).unwrap_or_default()) {
        at += step;
        at += match unit(json, at) {
            None => 2,
            Some(0xD800..=0xDBFF) if matches!(unit(json, at + 6), Some(0xDC00..=0xDFFF)) => 12,
            Some(0xD800..=0xDFFF) => {
                mended
                    .get_or_insert_with(|| json.to_vec())
                    .splice(at..at + 6, *br"\ufffd");
                6
            }
            Some(_) => 6,
        };
    }
    mended
}

enum Part {
    /// So many bytes that stand for themselves.
    Plain(usize),
    /// A character, and the length of the escape that stands for it.
    Escape(char, usize),
}

/// `None` at the end, and where the contents are not valid.
fn next_part(bytes: &[u8]) -> Option<Part> {
    let plain = bytes
        .iter()
        .position(|&byte| byte == b'\\' || byte == b'"' || byte < 0x20)
        .unwrap_or(bytes.len());
    if plain > 0 {
        return Some(Part::Plain(plain));
    }
    if bytes.first() != Some(&b'\\') {
        return None;
    }
    let character = match bytes.get(1)? {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        byte @ (b'"' | b'\\' | b'/') => char::from(*byte),
        b'u' => {
            let high = unit(bytes, 0)?;
            if let (0xD800..=0xDBFF, Some(low @ 0xDC00..=0xDFFF)) = (high, unit(bytes, 6)) {
                let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                return Some(Part::Escape(char::from_u32(code)?, 12));
            }
            let character = char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER);
            return Some(Part::Escape(character, 6));
        }
        _ => return None,
    };
    Some(Part::Escape(character, 2))
}

/// The code unit of the escape `\uXXXX` that begins at `at`.
fn unit(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(br"\u")?;
    digits.iter().try_fold(0, |unit, &digit| {
        Some(unit << 4 | char::from(digit).to_digit(16)?)
    })
}

#[cfg(test)]
mod tests;
