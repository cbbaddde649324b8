//! What is in an address, and how much room there is in it for data.

/// An address, from after its `//` on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Address<'t> {
    /// Without user and port.
    pub(crate) host: &'t str,
    user: &'t str,
    path: &'t str,
    /// Query and fragment.
    query: &'t str,
}

/// A host name with a longer label carries data.
const MAX_LABEL: usize = 40;
/// So does a longer host name.
const MAX_HOST: usize = 100;
/// A segment of a path may be so many times as long as a query.
const SEGMENT: usize = 2;
/// A path may be so many times as long as a query.
const PATH: usize = 8;
/// A word without changes between digits and letters is no longer than that.
const LONGEST_WORD: usize = 20;
/// Words say less than they are long: so many bytes of words are one byte of data.
const WORDS: usize = 4;
/// All addresses of a reply together may have so many times the words of one.
const ALL_WORDS: usize = 8;

/// How much there is in addresses, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Room {
    /// In what looks like data: digits and letters mixed, or very long.
    data: usize,
    /// In words and numbers.
    words: usize,
}

impl Room {
    /// Whether one address with that carries data.
    pub(crate) const fn exceeds(self, max_bytes: usize) -> bool {
        self.data + self.words / WORDS > max_bytes
    }

    /// Whether all addresses of a reply with that carry data. Words add up to nothing as quickly as data.
    pub(crate) const fn exceeds_together(self, max_bytes: usize) -> bool {
        self.data > max_bytes || self.words / WORDS > ALL_WORDS * max_bytes
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self {
            data: self.data.saturating_add(other.data),
            words: self.words.saturating_add(other.words),
        }
    }

    fn add(&mut self, text: &str) {
        // An escape is a part of what it is in.
        let pieces = text.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && c != '%');
        for piece in pieces {
            if piece.len() > LONGEST_WORD || changes(piece) > 1 {
                self.data += piece.len();
            } else {
                self.words += piece.len();
            }
        }
    }
}

/// How often capitals, small letters and digits take turns. A capital at the beginning does not count.
fn changes(piece: &str) -> usize {
    let class = |byte: u8| match byte {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        b'%' => 2,
        _ => 3,
    };
    let bytes = piece.as_bytes();
    let pairs = bytes.iter().zip(bytes.iter().skip(1));
    let changes = pairs.filter(|(a, b)| class(**a) != class(**b)).count();
    let is_name = matches!(bytes, [b'A'..=b'Z', b'a'..=b'z', ..]);
    changes - usize::from(is_name)
}

/// The part of a cleaned address after its `//`. `None` for one that leads nowhere else.
pub(super) fn remote(text: &str) -> Option<&str> {
    let is_slash = |c: char| c == '/';
    let Some((scheme, rest)) = text.split_once(':') else {
        return text
            .strip_prefix("//")
            .map(|rest| rest.trim_start_matches(is_slash));
    };
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-');
    if scheme.is_empty() || !scheme.chars().all(is_part) {
        return text
            .strip_prefix("//")
            .map(|rest| rest.trim_start_matches(is_slash));
    }
    let known = ["http", "https", "ws", "wss", "ftp"];
    if known.iter().any(|it| it.eq_ignore_ascii_case(scheme)) {
        // Browsers take any number of slashes.
        Some(rest.trim_start_matches(is_slash))
    } else {
        rest.strip_prefix("//")
    }
}

impl<'t> Address<'t> {
    /// `None` without a host.
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        let text = text.trim_start_matches(['/', '\\']);
        let end = text.find(['/', '\\', '?', '#']).unwrap_or(text.len());
        let (authority, rest) = text.split_at(end);
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let host = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let (path, query) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
        let host = host.trim_end_matches('.');
        (!host.is_empty()).then_some(Self {
            host,
            user,
            path,
            query,
        })
    }

    /// Whether a part of it is too long.
    pub(super) fn carries(&self, max_bytes: usize) -> bool {
        let segments = || self.path.split(['/', '\\']);
        let mut labels = self.host.split('.');
        self.query.len() > max_bytes
            || self.user.len() > max_bytes
            || segments().any(|segment| segment.len() > SEGMENT * max_bytes)
            || self.path.len() > PATH * max_bytes
            || self.host.len() > MAX_HOST
            || labels.any(|label| label.len() > MAX_LABEL)
    }

    /// How much there is in it beside the name of a host.
    pub(super) fn room(&self) -> Room {
        let mut room = Room::default();
        // The last two labels belong to somebody, those before can be anything.
        for label in self.host.rsplit('.').skip(2) {
            room.add(label);
        }
        for part in [self.user, self.path, self.query] {
            room.add(part);
        }
        room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(text: &str) -> Room {
        Address::parse(text).unwrap().room()
    }

    #[test]
    fn data_fills_an_address_and_words_hardly_do() {
        for text in [
            "cdn.example.org/assets/logo.png?w=200&h=100",
            "upload.example.org/wiki/commons/thumb/a/a9/Example.jpg/800px-Example.jpg",
            "example.org/img/2024/05/17/the-harbour-at-night.webp",
        ] {
            assert!(!room(text).exceeds(32), "{text}: {:?}", room(text));
        }
        for text in [
            "evil.example/c2VjcmV0OiB0aGUgY29kZSBvZiB0aGUgZ2F0ZSBpcyA0NzEx",
            "c2VjcmV0OiB0aGUgY29kZSBv.ZiB0aGUgZ2F0ZSBpcyA0NzEx.evil.example/a.png",
            "evil.example/?a=c2VjcmV0OiB0&b=aGUgY29kZSBv&c=ZiB0aGUgZ2F0",
            "evil.example/%73%65%63%72%65%74%20%63%6f%64%65",
        ] {
            assert!(room(text).exceeds(32), "{text}: {:?}", room(text));
        }
    }

    #[test]
    fn what_leads_to_another_host_is_seen() {
        for text in [
            "https://a",
            "//a",
            "HTTP:/a",
            "https:a",
            "http:////a",
            "x://a",
        ] {
            assert_eq!(remote(text), Some("a"), "{text}");
        }
        for text in ["/a", "a/b", "#a", "mailto:a", "data:a", ""] {
            assert_eq!(remote(text), None, "{text}");
        }
    }
}
