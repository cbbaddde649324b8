//! Where an address begins and ends, and what is in it.

/// What ends an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// White space, a quote, an angle bracket, or a parenthesis that was not opened in it.
    Bare,
    /// The same, but any parenthesis.
    Plain,
    /// This quote, or the end of the line.
    Quote(u8),
    /// `>`, or the end of the line.
    Angle,
}

impl End {
    /// Where it is, if it is within the first `limit` bytes. It is ASCII.
    pub(crate) fn find(self, text: &str, limit: usize) -> Option<usize> {
        let mut depth = 0_u32;
        let bytes = text
            .as_bytes()
            .get(..limit.min(text.len()))
            .unwrap_or_default();
        bytes.iter().position(|&byte| match self {
            Self::Quote(quote) => byte == quote || byte == b'\n' || byte == b'\r',
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
            other => other,
        }
    }
}

/// Attributes whose address is fetched or followed.
const ATTRIBUTES: [&str; 7] = [
    "src",
    "srcset",
    "href",
    "poster",
    "background",
    "data",
    "action",
];

/// Whether an address that somebody's client fetches or shows as a link begins after this text, and what ends it.
/// The text goes up to the address's `//`.
pub(super) fn opening(before: &str) -> Option<End> {
    let before = without_scheme(before);
    let (outside, inner) = match before.as_bytes().last() {
        Some(b'<') => (before.get(..before.len() - 1)?, Some(End::Angle)),
        Some(&quote @ (b'"' | b'\'')) => (before.get(..before.len() - 1)?, Some(End::Quote(quote))),
        _ => (before, None),
    };
    let outside = outside.trim_end_matches([' ', '\t', '\n', '\r']);
    let is_markdown = outside.ends_with("](") || outside.ends_with("]:");
    match inner {
        Some(End::Angle) => is_markdown.then_some(End::Angle),
        Some(quote) => (is_attribute(outside) || is_css(outside)).then_some(quote),
        None => (is_markdown || is_attribute(outside) || is_css(outside)).then_some(End::Bare),
    }
}

/// Without `https:` or another scheme at the end.
fn without_scheme(text: &str) -> &str {
    let Some(scheme) = text.strip_suffix(':') else {
        return text;
    };
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-');
    let rest = scheme.trim_end_matches(is_part);
    // `]://` is a reference definition with an address without a scheme.
    if rest.len() == scheme.len() {
        text
    } else {
        rest
    }
}

fn is_attribute(text: &str) -> bool {
    let Some(name) = text.strip_suffix('=') else {
        return false;
    };
    let name = name.trim_end().as_bytes();
    ATTRIBUTES.iter().any(|attribute| {
        let start = name.len().checked_sub(attribute.len());
        let end = start.and_then(|start| name.get(start..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(attribute.as_bytes()))
    })
}

fn is_css(text: &str) -> bool {
    let start = text.len().checked_sub("url(".len());
    start
        .and_then(|start| text.as_bytes().get(start..))
        .is_some_and(|end| end.eq_ignore_ascii_case(b"url("))
}

/// An address, from after its `//` on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Address<'t> {
    /// Without user and port.
    pub(crate) host: &'t str,
    user: usize,
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
            user: user.len(),
            path,
            query,
        })
    }

    /// Whether there is room for data in it.
    pub(super) fn carries(&self, max_bytes: usize) -> bool {
        let segments = || self.path.split(['/', '\\']);
        let mut labels = self.host.split('.');
        self.query.len() > max_bytes
            || self.user > max_bytes
            || segments().any(|segment| segment.len() > SEGMENT * max_bytes)
            || self.path.len() > PATH * max_bytes
            || self.host.len() > MAX_HOST
            || labels.any(|label| label.len() > MAX_LABEL)
    }
}
