//! JSON Web Tokens, by what their header says when it is decoded.

use std::ops::Range;

use super::alphabet::Alphabet;
use super::formats::begins;

/// How the header of a token begins: `{"` in base64.
const ANCHOR: &str = "eyJ";

/// The JSON Web Tokens (RFC 7519) in `text` from `start` on: signed ones of three parts (RFC 7515), encrypted
/// ones of five (RFC 7516).
pub(super) fn tokens(text: &str, start: usize, mut found: impl FnMut(Range<usize>)) {
    let mut from = start;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(ANCHOR)) {
        let first = from + at;
        from = first + ANCHOR.len();
        if begins(text, start, first)
            && let Some(end) = end(text, first)
        {
            found(first..end);
            from = end;
        }
    }
}

/// Where the token that begins at `first` ends.
fn end(text: &str, first: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = first;
    let mut parts = 0;
    let mut lengths = [0; 5];
    for length in &mut lengths {
        let run = Alphabet::URL64.run(bytes.get(at..)?);
        *length = run;
        parts += 1;
        at += run;
        // Padding is not allowed, and written all the same.
        at += bytes
            .get(at..)?
            .iter()
            .take(2)
            .take_while(|byte| **byte == b'=')
            .count();
        if parts == 5 || bytes.get(at) != Some(&b'.') {
            break;
        }
        at += 1;
    }
    let [header, payload, signature, ..] = lengths;
    if parts < 3 || header < 16 || parts == 3 && (payload < 8 || (1..16).contains(&signature)) {
        return None;
    }
    let header = decode(text.get(first..first + header)?);
    let header = std::str::from_utf8(&header).ok()?;
    (header.starts_with('{') && header.contains("\"alg\"")).then_some(at)
}

/// Decodes base64 as RFC 4648, section 5, has it, up to the first character that is none.
pub(super) fn decode(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len() * 3 / 4);
    let mut bits = 0_u32;
    let mut count = 0;
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' | b'+' => 62,
            b'_' | b'/' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            decoded.push((bits >> count & 0xFF) as u8);
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let mut list = Vec::new();
        tokens(text, 0, |range| list.push(range));
        list.into_iter().map(|range| &text[range]).collect()
    }

    /// Three parts: `{"alg":"HS256","typ":"JWT"}`, `{"sub":"12345678"}` and a signature.
    fn token() -> String {
        let header = ["eyJhbGciOiJIUzI1Ni", "IsInR5cCI6IkpXVCJ9"].concat();
        let payload = ["eyJzdWIiOiIx", "MjM0NTY3OCJ9"].concat();
        format!("{header}.{payload}.Zm9yIHRoZSB0ZXN0c29ubHk")
    }

    #[test]
    fn a_token_is_known_by_its_header() {
        let token = token();
        assert_eq!(found(&token), [token.as_str()]);
        let text = format!("token={token}&x=1 {token}.");
        assert_eq!(found(&text)[0], token);
    }

    #[test]
    fn other_base64_is_no_token() {
        let no_algorithm = ["eyJ0eXAiOiJKV1Qi", "LCJhIjoxfQ"].concat();
        for text in [
            format!("{no_algorithm}.eyJzdWIiOiIxIn0.Zm9yIHRoZSB0ZXN0c29ubHk"),
            token().rsplit_once('.').expect("three parts").0.to_owned(),
            format!("a{}", token()),
            "eyJ".to_owned(),
        ] {
            assert_eq!(found(&text), Vec::<&str>::new(), "{text}");
        }
    }
}
