//! Words that are cut by tags (`ig<b></b>nore`) or by the ends of strings (`"ig" + "nore"`).

use memchr::{memchr_iter, memchr2_iter};

use super::inline::{Decoded, Inline};

/// The fewest cut words: a raised letter or a highlighted one is no disguise.
const MIN_CUTS: usize = 2;
/// The longest tag or comment.
const MAX_TAG: usize = 256;
/// The most white space around the sign between two strings.
const MAX_GAP: usize = 32;

/// The elements that end a word.
const BLOCKS: [&str; 24] = [
    "article",
    "blockquote",
    "br",
    "dd",
    "div",
    "dt",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "ol",
    "option",
    "p",
    "pre",
    "td",
    "th",
    "tr",
    "ul",
];

/// Takes tags, comments, and the ends of strings out of the words of `text`.
pub(super) fn decode(text: &str, room: usize) -> Option<Decoded> {
    let mut inline = Inline::new(text, room);
    let mut cuts = 0;
    let mut done = 0;
    let bytes = text.as_bytes();
    for start in memchr_iter(b'<', bytes) {
        if start < done {
            continue;
        }
        let (mut end, mut block) = (start, false);
        while let Some((len, ends)) = tag(&bytes[end..]) {
            end += len;
            block |= ends;
        }
        if end == start {
            continue;
        }
        done = end;
        let inside = between_letters(text, start, end);
        cuts += usize::from(inside && !block);
        inline.replace(start..end, if block { " " } else { "" });
    }
    (cuts >= MIN_CUTS).then(|| inline.finish(true)).flatten()
}

/// Joins the strings that are added up in `text`.
pub(super) fn joined(text: &str, room: usize) -> Option<Decoded> {
    let mut inline = Inline::new(text, room);
    let mut cuts = 0;
    let mut done = 0;
    let bytes = text.as_bytes();
    for start in memchr2_iter(b'"', b'\'', bytes) {
        if start < done {
            continue;
        }
        let Some(len) = joint(&bytes[start..]) else {
            continue;
        };
        done = start + len;
        cuts += usize::from(between_letters(text, start, done));
        inline.replace(start..done, "");
    }
    (cuts >= MIN_CUTS).then(|| inline.finish(true)).flatten()
}

fn between_letters(text: &str, start: usize, end: usize) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    letter(text[..start].chars().next_back()) && letter(text[end..].chars().next())
}

/// The length of the tag or comment at the beginning, and whether it ends a word.
fn tag(bytes: &[u8]) -> Option<(usize, bool)> {
    let window = &bytes[..bytes.len().min(MAX_TAG)];
    let name = window.strip_prefix(b"<")?;
    if name.starts_with(b"!--") {
        let end = window.windows(3).position(|end| end == b"-->")?;
        return Some((end + 3, false));
    }
    let name = name.strip_prefix(b"/").unwrap_or(name);
    let len = name
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    if !name.first()?.is_ascii_alphabetic() {
        return None;
    }
    let end = window.iter().position(|byte| *byte == b'>')?;
    let block = BLOCKS
        .iter()
        .any(|block| block.as_bytes().eq_ignore_ascii_case(&name[..len]));
    Some((end + 1, block))
}

/// The length of the end of one string, a sign, and the beginning of the next.
pub(super) fn joint(bytes: &[u8]) -> Option<usize> {
    let space = |at: usize| -> usize {
        bytes[at..]
            .iter()
            .take(MAX_GAP)
            .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'\\'))
            .count()
    };
    if !matches!(bytes.first(), Some(b'"' | b'\'')) {
        return None;
    }
    let mut at = 1 + space(1);
    at += match bytes[at..] {
        [b'.', b'.', ..] | [b'|', b'|', ..] => 2,
        [b'+' | b'.' | b'&' | b'~', ..] => 1,
        _ => return None,
    };
    at += space(at);
    matches!(bytes.get(at), Some(b'"' | b'\'')).then_some(at + 1)
}
