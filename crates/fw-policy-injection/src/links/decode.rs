//! What an address says once a client has read it.

/// How an address is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    /// Entities, and a backslash before punctuation.
    Markdown,
    /// Entities.
    Html,
    /// Entities, in an attribute, and a backslash before a character or its number.
    Css,
}

/// Entities that say something in an address, or around one.
const ENTITIES: [(&str, char); 24] = [
    ("amp", '&'),
    ("sol", '/'),
    ("bsol", '\\'),
    ("colon", ':'),
    ("period", '.'),
    ("quest", '?'),
    ("equals", '='),
    ("num", '#'),
    ("commat", '@'),
    ("percnt", '%'),
    ("plus", '+'),
    ("comma", ','),
    ("semi", ';'),
    ("lowbar", '_'),
    ("hyphen", '\u{2010}'),
    ("tab", '\t'),
    ("newline", '\n'),
    ("quot", '"'),
    ("apos", '\''),
    ("lt", '<'),
    ("gt", '>'),
    ("lpar", '('),
    ("rpar", ')'),
    ("nbsp", '\u{a0}'),
];

/// Characters of the longest entity that is looked for.
const LONGEST: usize = 10;

/// The character of an entity, without `&` and `;`.
pub(super) fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let number = match hex {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return number.ok().and_then(char::from_u32);
    }
    let known = ENTITIES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    known.map(|(_, c)| *c)
}

/// A text with entities and escapes undone.
pub(super) fn decode(text: &str, syntax: Syntax) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['&', '\\']) {
        let (before, special) = rest.split_at(at);
        out.push_str(before);
        let decoded = if special.starts_with('&') {
            reference(special)
        } else {
            escape(special, syntax)
        };
        let (c, length) = decoded.unwrap_or((if special.starts_with('&') { '&' } else { '\\' }, 1));
        out.push(c);
        rest = special.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// An entity at the beginning of a text, and its length. Browsers do without the semicolon of a number.
fn reference(text: &str) -> Option<(char, usize)> {
    let name = text.get(1..)?;
    let limit = name.floor_char_boundary(LONGEST.min(name.len()));
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '#';
    let mut end = name
        .get(..limit)?
        .find(|c: char| !is_part(c))
        .unwrap_or(limit);
    let has_end = name.get(end..)?.starts_with(';');
    if !has_end && name.starts_with("#x") {
        end = digits(name, 2, |c| c.is_ascii_hexdigit());
    } else if !has_end && name.starts_with('#') {
        end = digits(name, 1, |c| c.is_ascii_digit());
    } else if !has_end {
        return None;
    }
    let length = 1 + end + usize::from(name.get(end..)?.starts_with(';'));
    Some((entity(name.get(..end)?)?, length))
}

fn digits(text: &str, from: usize, is_digit: impl Fn(char) -> bool) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest.find(|c| !is_digit(c)).unwrap_or(rest.len())
}

/// What a backslash at the beginning of a text says, and its length.
fn escape(text: &str, syntax: Syntax) -> Option<(char, usize)> {
    let next = text.chars().nth(1)?;
    match syntax {
        Syntax::Html => None,
        Syntax::Markdown => next.is_ascii_punctuation().then_some((next, 2)),
        Syntax::Css => {
            let end = digits(text, 1, |c| c.is_ascii_hexdigit()).min(7);
            let number = u32::from_str_radix(text.get(1..end)?, 16).ok();
            match number.and_then(char::from_u32) {
                Some(c) => {
                    let space = text.get(end..)?.starts_with([' ', '\t', '\n']);
                    Some((c, end + usize::from(space)))
                }
                None => Some((next, 1 + next.len_utf8())),
            }
        }
    }
}

/// An address as a browser takes it: without line ends and tabs, and with slashes for backslashes.
pub(super) fn cleaned(decoded: &str) -> String {
    let is_before = |c: char| c <= ' ' || matches!(c, '"' | '\'' | '<' | '\u{a0}');
    let text = decoded.trim_start_matches(is_before);
    text.chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
        .map(|c| if c == '\\' { '/' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_its_client_reads_it() {
        for (syntax, text, expected) in [
            (Syntax::Html, "https:&#x2f;&#47/a&amp;b", "https:///a&b"),
            (Syntax::Html, " h&#116;tps:\\\\a", "https://a"),
            (Syntax::Html, "https:/\t/a\n/b", "https://a/b"),
            (Syntax::Markdown, "https:\\/\\/a&sol;b\\_c", "https://a/b_c"),
            (Syntax::Css, "https:\\2f\\2f a\\.b", "https://a.b"),
            (Syntax::Html, "/a?b=1&c=2&copy;&", "/a?b=1&c=2&copy;&"),
            (Syntax::Css, "é\\", "é/"),
        ] {
            assert_eq!(cleaned(&decode(text, syntax)), expected, "{text}");
        }
    }
}
