//! Private keys as [RFC 7468] writes them: a header line, lines of base64, a footer line.
//!
//! A key may be kilobytes long. It is recognised by its beginning and then removed line by line, so that
//! little has to be held.
//!
//! Also what other programs make of it: OpenSSL's and OpenPGP's header fields, a line break that is written
//! `\n`, or a space in its place.
//!
//! [RFC 7468]: https://www.rfc-editor.org/rfc/rfc7468

/// How a header begins. The token that ends so is followed by a space.
pub(super) const BEGIN: &str = "-----BEGIN";
/// How far from its header a key's first line may begin: OpenSSL and OpenPGP write fields before it.
const FIELDS: usize = 200;
/// A label is this long at most.
const LABEL: usize = 48;
/// As many base64 characters in a row are taken for a line of a key. Only the last line is shorter.
const LINE: usize = 24;
/// So many bytes tell whether a key goes on.
const LOOK: usize = 256;
/// No key goes on longer than this.
pub(super) const LONGEST: usize = 16 * 1024;

/// How a text begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// With a private key. So many bytes of it are header and the beginning of its first line.
    Key(usize),
    /// Not with a private key.
    Other,
    /// That depends on what follows.
    Unknown,
}

/// Whether `text`, which begins with [`BEGIN`], begins with a private key.
pub(super) fn start(text: &str, is_end: bool) -> Start {
    let open = if is_end { Start::Other } else { Start::Unknown };
    let bytes = text.as_bytes();
    let mut at = BEGIN.len();
    while let Some(b'A'..=b'Z' | b'0'..=b'9' | b' ') = bytes.get(at) {
        at += 1;
        if at > BEGIN.len() + LABEL {
            return Start::Other;
        }
    }
    if at == bytes.len() {
        return open;
    }
    let label = text.get(BEGIN.len()..at).unwrap_or_default();
    if !(label.ends_with(" PRIVATE KEY") || label.ends_with(" PRIVATE KEY BLOCK")) {
        return Start::Other;
    }
    match dashes(bytes.get(at..).unwrap_or_default()) {
        Some(length) => at += length,
        None if bytes.len() - at < 5 => return open,
        None => return Start::Other,
    }
    let limit = at + FIELDS;
    while at < limit {
        let rest = bytes.get(at..).unwrap_or_default();
        let run = base64(rest);
        if run >= LINE {
            return Start::Key(at + LINE);
        }
        if run == rest.len() {
            return open;
        }
        // The footer, or another header: there is no key.
        if rest.starts_with(b"-----") {
            return Start::Other;
        }
        at += run.max(1);
    }
    Start::Other
}

/// What becomes of the next bytes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// So many bytes belong to it, and it goes on.
    More(usize),
    /// So many bytes belong to it, and no more.
    Done(usize),
    /// That depends on what follows.
    Unknown,
}

/// The next bytes of a key, or what follows it. `in_line`: the bytes before are part of a line.
pub(super) fn body(text: &str, in_line: bool, is_end: bool) -> Step {
    let bytes = text.as_bytes();
    if in_line {
        let run = base64(bytes);
        if run > 0 {
            return Step::More(run);
        }
    }
    // More is never needed to decide, and never held.
    let is_end = is_end || bytes.len() >= LOOK;
    let bytes = bytes.get(..LOOK).unwrap_or(bytes);
    let mut at = 0;
    // The last line and a checksum may be short, but only a footer proves them part of the key.
    for _ in 0..3 {
        at += separators(bytes.get(at..).unwrap_or_default());
        let rest = bytes.get(at..).unwrap_or_default();
        let run = base64(rest);
        if run >= LINE {
            return Step::More(at + run);
        }
        at += run;
        if at == bytes.len() {
            return if is_end { Step::Done(0) } else { Step::Unknown };
        }
        if run == 0 {
            break;
        }
    }
    at += separators(bytes.get(at..).unwrap_or_default());
    footer(bytes, at, is_end)
}

fn footer(bytes: &[u8], start: usize, is_end: bool) -> Step {
    const END: &[u8] = b"-----END";
    let rest = bytes.get(start..).unwrap_or_default();
    let known = rest.len().min(END.len());
    if rest.get(..known) != END.get(..known) {
        return Step::Done(0);
    }
    let label = rest.get(known..).unwrap_or_default();
    let length = label
        .iter()
        .take(LABEL)
        .position(|byte| !matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b' '));
    let end = length.and_then(|length| Some((length, label.get(length..)?)));
    match end {
        Some((length, end)) => match dashes(end) {
            Some(dashes) => Step::Done(start + known + length + dashes),
            None if end.len() < 5 && end.iter().all(|byte| *byte == b'-') && !is_end => {
                Step::Unknown
            }
            None => Step::Done(start + known + length),
        },
        None if is_end || label.len() >= LABEL => Step::Done(0),
        None => Step::Unknown,
    }
}

/// The length of `-----`, if `bytes` begin with it.
fn dashes(bytes: &[u8]) -> Option<usize> {
    bytes.starts_with(b"-----").then_some(5)
}

/// How many base64 characters `bytes` begin with.
fn base64(bytes: &[u8]) -> usize {
    let is = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    bytes
        .iter()
        .position(|byte| !is(byte))
        .unwrap_or(bytes.len())
}

/// How many bytes between two lines `bytes` begin with: white space, `\n`, and what joins strings.
fn separators(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b',') => at += 1,
            Some(b'\\') => {
                at += 1;
                if let Some(b'n' | b'r') = bytes.get(at) {
                    at += 1;
                }
            }
            _ => return at,
        }
    }
}
