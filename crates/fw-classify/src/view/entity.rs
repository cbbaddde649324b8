//! Character references of HTML and XML: `&#65;`, `&#x41;`, `&amp;`.

use memchr::memchr_iter;

use super::inline::{Decoded, Inline};

/// How many letters and digits have to be written by number for a view.
const MIN_HIDDEN: usize = 3;
/// The longest reference: leading zeros are allowed, but not without end.
const MAX_LENGTH: usize = 16;

/// The names that stand for ASCII, and the space that does not break. Accented letters keep theirs.
const NAMES: [(&str, &str); 35] = [
    ("amp", "&"),
    ("AMP", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("vert", "|"),
    ("verbar", "|"),
    ("VerticalLine", "|"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("num", "#"),
    ("semi", ";"),
    ("colon", ":"),
    ("comma", ","),
    ("period", "."),
    ("excl", "!"),
    ("quest", "?"),
    ("percnt", "%"),
    ("sol", "/"),
    ("bsol", "\\"),
    ("lpar", "("),
    ("rpar", ")"),
    ("lbrack", "["),
    ("rbrack", "]"),
    ("lbrace", "{"),
    ("rbrace", "}"),
    ("lowbar", "_"),
    ("plus", "+"),
    ("equals", "="),
    ("ast", "*"),
    ("dollar", "$"),
    ("commat", "@"),
    ("grave", "`"),
    ("Tab", "\t"),
    ("NewLine", "\n"),
];

/// Decodes the references in `text`.
pub(super) fn decode(text: &str, room: usize) -> Option<Decoded> {
    let bytes = text.as_bytes();
    let mut inline = Inline::new(text, room);
    let mut hidden = 0;
    for start in memchr_iter(b'&', bytes) {
        let window = &bytes[start + 1..bytes.len().min(start + MAX_LENGTH)];
        if window.first() == Some(&b'#') {
            if let Some((len, c)) = numeric(&window[1..]) {
                hidden += usize::from(c.is_alphanumeric());
                inline.replace(start..start + 2 + len, c.encode_utf8(&mut [0; 4]));
            }
        } else if let Some(len) = window.iter().position(|byte| *byte == b';') {
            let name = NAMES
                .iter()
                .find(|(name, _)| name.as_bytes() == &window[..len]);
            if let Some((_, with)) = name {
                inline.replace(start..start + 2 + len, with);
            }
        }
    }
    inline.finish_if(|text| hidden >= MIN_HIDDEN || has_token(text))
}

/// Whether there is a sign in a text that only models write between two turns.
fn has_token(text: &str) -> bool {
    const TOKENS: [&[u8]; 8] = [
        b"<|",
        b"|>",
        b"<system>",
        b"</system>",
        b"<user>",
        b"<assistant>",
        b"<<sys>>",
        b"[inst]",
    ];
    let bytes = text.as_bytes();
    memchr::memchr3_iter(b'<', b'|', b'[', bytes).any(|at| {
        TOKENS.iter().any(|token| {
            bytes
                .get(at..at + token.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(token))
        })
    }) || text.contains("_of_turn>")
}

/// The length and the character of a number, with the semicolon if there is one.
fn numeric(bytes: &[u8]) -> Option<(usize, char)> {
    let (prefix, radix) = match bytes.first() {
        Some(b'x' | b'X') => (1, 16),
        _ => (0, 10),
    };
    let digits = bytes[prefix..]
        .iter()
        .take_while(|byte| char::from(**byte).is_digit(radix))
        .count();
    let end = prefix + digits;
    let digits = std::str::from_utf8(&bytes[prefix..end]).ok()?;
    let c = u32::from_str_radix(digits, radix)
        .ok()
        .and_then(char::from_u32)?;
    Some((end + usize::from(bytes.get(end) == Some(&b';')), c))
}
