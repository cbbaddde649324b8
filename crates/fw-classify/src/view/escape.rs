//! Escapes of programming languages: `\u0041`, `\u{41}`, `\x41`, `\101`, and `U+0041`.

use memchr::memchr2_iter;

use super::inline::{Decoded, Inline};

/// How many letters and digits have to be encoded for a view.
const MIN_HIDDEN: usize = 3;

/// Decodes what in `text` is escaped.
pub(super) fn decode(text: &str, room: usize) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let mut inline = Inline::new(text, room);
    let mut hidden = 0;
    let mut done = 0;
    for at in memchr2_iter(b'\\', b'+', bytes) {
        if at < done {
            continue;
        }
        let (start, end, decoded) = match bytes[at] {
            b'\\' => match escaped(bytes, at) {
                Some((end, decoded)) => (at, end, decoded),
                None => continue,
            },
            _ => match code_points(bytes, at, done) {
                Some(found) => found,
                None => continue,
            },
        };
        hidden += decoded.chars().filter(|c| c.is_alphanumeric()).count();
        inline.replace(start..end, &decoded);
        done = end;
    }
    inline.finish(hidden >= MIN_HIDDEN)
}

/// The value of `len` hexadecimal digits at `at`.
pub(super) fn hex_number(bytes: &[u8], at: usize, len: usize) -> Option<u32> {
    number(bytes.get(at..at + len)?, 16)
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    digits.iter().try_fold(0_u32, |sum, digit| {
        let digit = char::from(*digit).to_digit(radix)?;
        sum.checked_mul(radix)?.checked_add(digit)
    })
}

/// What the escape at `at` stands for, and where it ends. Bytes that follow one another are read together.
fn escaped(bytes: &[u8], at: usize) -> Option<(usize, String)> {
    let single = |end, value| Some((end, char::from_u32(value)?.to_string()));
    match bytes.get(at + 1)? {
        b'u' if bytes.get(at + 2) == Some(&b'{') => {
            let digits = bytes[at + 3..]
                .iter()
                .take(7)
                .take_while(|byte| byte.is_ascii_hexdigit())
                .count();
            let end = at + 3 + digits;
            if digits == 0 || bytes.get(end) != Some(&b'}') {
                return None;
            }
            single(end + 1, number(&bytes[at + 3..end], 16)?)
        }
        b'u' => {
            let high = hex_number(bytes, at + 2, 4)?;
            if (0xD800..0xDC00).contains(&high) && bytes.get(at + 6..at + 8) == Some(b"\\u") {
                let low =
                    hex_number(bytes, at + 8, 4).filter(|low| (0xDC00..0xE000).contains(low))?;
                return single(at + 12, 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
            }
            single(at + 6, high)
        }
        b'U' => single(at + 10, hex_number(bytes, at + 2, 8)?),
        b'x' | b'0'..=b'3' => {
            let mut run = Vec::new();
            let mut end = at;
            while let Some(byte) = byte_at(bytes, end) {
                run.push(byte);
                end += 4;
            }
            if run.is_empty() {
                return None;
            }
            let text = String::from_utf8(run)
                .unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect());
            Some((end, text))
        }
        _ => None,
    }
}

/// The byte that `\x41` or `\101` at `at` stands for.
fn byte_at(bytes: &[u8], at: usize) -> Option<u8> {
    let value = match bytes.get(at..at + 2)? {
        b"\\x" => hex_number(bytes, at + 2, 2)?,
        [b'\\', b'0'..=b'3'] => number(bytes.get(at + 1..at + 4)?, 8)?,
        _ => return None,
    };
    u8::try_from(value).ok()
}

/// The characters of `U+0041 U+0042`, whose first `+` is at `at`: where they start and end, and what they are.
fn code_points(bytes: &[u8], at: usize, done: usize) -> Option<(usize, usize, String)> {
    let start = at.checked_sub(1).filter(|start| *start >= done)?;
    if start > 0 && bytes[start - 1].is_ascii_alphanumeric() {
        return None;
    }
    let mut decoded = String::new();
    let mut end = start;
    let mut next = start;
    while bytes
        .get(next..next + 2)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case(b"u+"))
    {
        let digits = bytes[next + 2..]
            .iter()
            .take(6)
            .take_while(|byte| byte.is_ascii_hexdigit())
            .count();
        if digits < 4 {
            break;
        }
        end = next + 2 + digits;
        decoded.extend(number(&bytes[next + 2..end], 16).and_then(char::from_u32));
        let between = bytes[end..]
            .iter()
            .take(2)
            .take_while(|byte| matches!(byte, b' ' | b','))
            .count();
        next = end + between;
    }
    (!decoded.is_empty()).then_some((start, end, decoded))
}
