//! The paths that a server may take one path for.

use std::borrow::Cow;

/// The path as it is, and as more and more lenient servers read it, so that no spelling of a path gets
/// around the policies: in lower case with `\` as `/`, with percent-encoding decoded (RFC 3986 section
/// 2.1) once or twice, without the parameters of its segments (section 3.3), without what follows the
/// first `?`, `#`, `;` or NUL, without blanks around segments, and with its dot segments gone (section
/// 5.2.4). Those that are decoded most come first.
pub(super) fn spellings(path: &str) -> Vec<Cow<'_, str>> {
    if path.bytes().all(is_plain) && !path.contains("/.") {
        return vec![Cow::Borrowed(path)];
    }
    let mut found = Vec::new();
    let mut bytes = path.as_bytes().to_vec();
    for _ in 0..=MAX_DECODED {
        let text = String::from_utf8_lossy(&bytes)
            .to_ascii_lowercase()
            .replace('\\', "/");
        let ends = |at: char| matches!(at, '?' | '#' | '\0');
        let cut = text.split(ends).next().unwrap_or_default();
        let shorter = cut.split(';').next().unwrap_or_default();
        for reading in [shorter, cut, &text] {
            found.push(Cow::Owned(without_dots(reading)));
        }
        bytes = percent_decoded(&bytes);
    }
    found.reverse();
    found
}

/// Some servers decode what a proxy before them has decoded already.
const MAX_DECODED: usize = 2;

/// Whether a byte of a path means itself to every server.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'/' | b'_' | b'-' | b'.')
}

fn percent_decoded(path: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path;
    while let [first, tail @ ..] = rest {
        let hex = |at: usize| {
            tail.get(at)
                .and_then(|&digit| char::from(digit).to_digit(16))
        };
        let (byte, read) = match (first, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => ((high << 4 | low) as u8, 2),
            _ => (*first, 0),
        };
        bytes.push(byte);
        rest = tail.get(read..).unwrap_or_default();
    }
    bytes
}

/// The segments that are left when `.` and `..` are gone, each without its parameters and blanks.
fn without_dots(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        let name = segment.split(';').next().unwrap_or_default();
        match name.trim_matches(|at: char| at.is_whitespace() || at.is_control()) {
            "" | "." => {}
            ".." => drop(segments.pop()),
            name => segments.push(name),
        }
    }
    segments.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_path_is_not_copied() {
        let path = "/v1/chat/completions";
        let found = spellings(path);
        assert!(matches!(found[..], [Cow::Borrowed(same)] if same == path));
    }

    #[test]
    fn dot_segments_go_as_the_standard_says() {
        for (path, expected) in [
            // The examples of RFC 3986 section 5.2.4.
            ("/a/b/c/./../../g", "a/g"),
            ("mid/content=5/../6", "mid/6"),
            ("/../a/./b/..", "a"),
            ("/a;x=1/b ;y/", "a/b"),
        ] {
            assert_eq!(without_dots(path), expected, "{path}");
        }
    }

    #[test]
    fn a_path_may_be_encoded_twice() {
        for path in [
            "/a%2Fb", "/a%252fb", "/A%5Cb", "/a/b%00c", "/a/b%3Fc", "/a/b#c",
        ] {
            let found = spellings(path);
            assert!(found.iter().any(|path| path == "a/b"), "{path}");
        }
    }
}
