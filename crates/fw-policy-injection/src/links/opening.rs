//! Where an address begins.
//!
//! What stands before it is read byte by byte and remembered in a few bytes, so that it does not matter how much
//! space there is between a bracket and its address, or how a stream is cut.

use super::decode::{self, Syntax};

/// How an address begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Opening {
    pub(super) end: End,
    pub(super) syntax: Syntax,
    /// It is fetched as soon as it is shown: an image, and not a link.
    pub(super) is_fetched: bool,
    /// There may be several addresses, and words between them.
    pub(super) is_list: bool,
}

/// What ends an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// White space, a quote, an angle bracket, or a parenthesis that was not opened in it.
    Bare,
    /// The same, but any parenthesis.
    Plain,
    /// This quote.
    Quote(u8),
    /// This quote, or the end of the line.
    Line(u8),
    /// `>`, or the end of the line.
    Angle,
}

impl End {
    /// Where it is, if it is within the first `limit` bytes. It is ASCII.
    pub(super) fn find(self, text: &str, limit: usize) -> Option<usize> {
        let mut depth = 0_u32;
        let bytes = text
            .as_bytes()
            .get(..limit.min(text.len()))
            .unwrap_or_default();
        bytes.iter().position(|&byte| match self {
            Self::Quote(quote) => byte == quote,
            Self::Line(quote) => byte == quote || byte == b'\n' || byte == b'\r',
            Self::Angle => byte == b'>' || byte == b'\n' || byte == b'\r',
            Self::Bare | Self::Plain => match byte {
                b'(' if self == Self::Bare => {
                    depth += 1;
                    false
                }
                b')' if depth > 0 => {
                    depth -= 1;
                    false
                }
                b')' | b'"' | b'\'' | b'<' | b'>' | b'`' => true,
                byte => byte.is_ascii_whitespace(),
            },
        })
    }

    /// What ends an address of which the beginning is gone.
    pub(super) const fn of_long(self) -> Self {
        match self {
            Self::Bare => Self::Plain,
            Self::Quote(quote) => Self::Line(quote),
            other => other,
        }
    }
}

impl Opening {
    const fn new(syntax: Syntax) -> Self {
        Self {
            end: End::Bare,
            syntax,
            is_fetched: true,
            is_list: false,
        }
    }

    const fn fetched(mut self, is_fetched: bool) -> Self {
        self.is_fetched = is_fetched;
        self
    }

    const fn list(mut self, is_list: bool) -> Self {
        self.is_list = is_list;
        self
    }

    const fn until(mut self, end: End) -> Self {
        self.end = end;
        self
    }
}

/// Attributes whose address is fetched, or followed by a click.
const ATTRIBUTES: [&str; 10] = [
    "src",
    "srcset",
    "href",
    "poster",
    "background",
    "data",
    "action",
    "formaction",
    "ping",
    // Of `<meta http-equiv=refresh>`.
    "content",
];
/// Those that hold more than one, or more than that.
const LISTS: [&str; 3] = ["srcset", "ping", "content"];
/// Those that are followed.
const FOLLOWED: [&str; 2] = ["action", "formaction"];

/// As many bytes are remembered: `\000075\000072\00006c(` is `url(`.
const TAIL: usize = 32;

/// Looks for where addresses begin, in a text that comes in pieces.
#[derive(Debug, Default)]
pub(super) struct Openings {
    /// The last bytes, in lower case and with one space for white space.
    tail: Vec<u8>,
    /// White space is skipped before an address that begins like this.
    expected: Option<Opening>,
    /// How many `![` had no address yet.
    images: u32,
    /// Each quote may begin an address.
    in_image_set: bool,
    tag: Tag,
}

/// What is known of the last tag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tag {
    #[default]
    Other,
    Open,
    A,
    Anchor,
}

impl Openings {
    /// The next one. Then `at` is where the address begins; without one it is at the end of the text.
    pub(super) fn next(&mut self, text: &[u8], at: &mut usize) -> Option<Opening> {
        while let Some(&byte) = text.get(*at) {
            if let Some(opening) = self.expected {
                if byte.is_ascii_whitespace() {
                    *at += 1;
                    continue;
                }
                self.expected = None;
                let end = match byte {
                    b'<' if opening.syntax == Syntax::Markdown => End::Angle,
                    b'"' | b'\'' if opening.syntax != Syntax::Markdown => End::Quote(byte),
                    _ => return Some(opening),
                };
                *at += 1;
                self.push(byte);
                return Some(opening.until(end));
            }
            *at += 1;
            let byte = self.push(byte);
            match self.after(byte) {
                Some(opening) if opening.end == End::Bare => self.expected = Some(opening),
                Some(opening) => return Some(opening),
                None => {}
            }
        }
        None
    }

    /// Only now the address begins.
    pub(super) const fn expect(&mut self, opening: Opening) {
        self.expected = Some(opening);
    }

    /// Remembers a byte, and gives what it says: the last one of `&quot;` is a quote.
    fn push(&mut self, byte: u8) -> u8 {
        let mut byte = byte.to_ascii_lowercase();
        if byte.is_ascii_whitespace() {
            byte = b' ';
            if self.tail.last() == Some(&b' ') {
                return byte;
            }
        }
        if byte == b';'
            && let Some(begin) = self.tail.iter().rposition(|byte| *byte == b'&')
            && let Some(name) = self.tail.get(begin + 1..)
            && let Some(c) = std::str::from_utf8(name).ok().and_then(decode::entity)
            && let Ok(decoded) = u8::try_from(c)
            && decoded.is_ascii()
        {
            self.tail.truncate(begin);
            byte = decoded.to_ascii_lowercase();
        }
        if self.tail.len() == TAIL {
            self.tail.drain(..TAIL / 4);
        }
        self.tail.push(byte);
        self.tag = match (self.tag, byte) {
            (_, b'<') => Tag::Open,
            (Tag::Open, b'a') => Tag::A,
            (Tag::A, b' ' | b'/') => Tag::Anchor,
            (Tag::Anchor, byte) if byte != b'>' => Tag::Anchor,
            _ => Tag::Other,
        };
        byte
    }

    /// What begins after this byte, which is the last of the tail.
    fn after(&mut self, byte: u8) -> Option<Opening> {
        match byte {
            b'[' if self.tail.ends_with(b"![") => self.images = self.images.saturating_add(1),
            b'(' if self.tail.ends_with(b"](") => {
                let is_image = self.images > 0;
                self.images = self.images.saturating_sub(1);
                return Some(Opening::new(Syntax::Markdown).fetched(is_image));
            }
            // An image may name it.
            b':' if self.tail.ends_with(b"]:") => {
                return Some(Opening::new(Syntax::Markdown).fetched(self.images > 0));
            }
            b'(' if self.ends_in_css("url(") => return Some(Opening::new(Syntax::Css)),
            b'(' if self.ends_in_css("image-set(") => self.in_image_set = true,
            b'"' | b'\'' if self.in_image_set || self.is_import() => {
                return Some(Opening::new(Syntax::Css).until(End::Quote(byte)));
            }
            b';' | b'}' | b'>' => self.in_image_set = false,
            b'<' => {
                let opening = Opening::new(Syntax::Html).until(End::Plain);
                return Some(opening.fetched(false));
            }
            b'=' => return self.attribute(),
            _ => {}
        }
        None
    }

    fn attribute(&self) -> Option<Opening> {
        let name = self.tail.strip_suffix(b"=")?.trim_ascii_end();
        let is = |attribute: &str| name.ends_with(attribute.as_bytes());
        ATTRIBUTES.iter().any(|it| is(it)).then(|| {
            let is_link = name.ends_with(b"href") && self.tag == Tag::Anchor;
            let is_followed = is_link || FOLLOWED.iter().any(|it| is(it));
            let is_list = LISTS.iter().any(|it| is(it));
            Opening::new(Syntax::Html)
                .fetched(!is_followed)
                .list(is_list)
        })
    }

    fn ends_in_css(&self, word: &str) -> bool {
        let Ok(tail) = std::str::from_utf8(self.tail.trim_ascii_start()) else {
            return self.tail.ends_with(word.as_bytes());
        };
        if tail.contains('\\') {
            let decoded = decode::decode(tail, Syntax::Css).to_ascii_lowercase();
            decoded.ends_with(word)
        } else {
            tail.ends_with(word)
        }
    }

    fn is_import(&self) -> bool {
        let before = self.tail.split_last().map(|(_, before)| before);
        before.is_some_and(|before| before.trim_ascii_end().ends_with(b"@import"))
    }
}
