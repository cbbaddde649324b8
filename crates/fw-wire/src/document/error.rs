//! Why a body could not be read as JSON, or an edit not be taken.

use core::fmt;

/// A body that is not acceptable JSON, or an edit whose text is not.
///
/// It says where and what was expected, and never repeats the body.
///
/// ```
/// use fw_wire::Document;
///
/// let error = Document::parse("{\n  \"model\": oops}").unwrap_err();
/// assert_eq!((error.line(), error.column(), error.offset()), (2, 12, 13));
/// assert_eq!(
///     error.to_string(),
///     "invalid JSON at line 2, column 12 (byte 13): expected a JSON value, found 'o'",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentError {
    kind: Kind,
    offset: usize,
    line: usize,
    column: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Syntax {
        expected: &'static str,
        found: Found,
    },
    TooDeep {
        limit: usize,
    },
    TooLarge {
        size: usize,
        limit: usize,
    },
    Span {
        expected: &'static str,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    End,
    Ascii(u8),
    Control(u8),
    Other,
}

/// What the scanner reports: where, and what should have stood there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) kind: FaultKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultKind {
    Expected(&'static str),
    TooDeep(usize),
}

impl DocumentError {
    #[cold]
    pub(crate) fn new(text: &[u8], fault: Fault) -> Self {
        let before = text.get(..fault.at).unwrap_or(text);
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let in_line = before.get(line_start..).unwrap_or_default();
        Self {
            kind: match fault.kind {
                FaultKind::Expected(expected) => Kind::Syntax {
                    expected,
                    found: Found::at(text, fault.at),
                },
                FaultKind::TooDeep(limit) => Kind::TooDeep { limit },
            },
            offset: fault.at,
            line: memchr::memchr_iter(b'\n', before).count() + 1,
            // Characters, as an editor counts them: continuation bytes start no new column.
            column: in_line.iter().filter(|&&byte| byte & 0xC0 != 0x80).count() + 1,
        }
    }

    pub(crate) fn too_large(size: usize, limit: usize) -> Self {
        Self {
            kind: Kind::TooLarge { size, limit },
            offset: 0,
            line: 1,
            column: 1,
        }
    }

    pub(crate) fn span(offset: usize, expected: &'static str) -> Self {
        Self {
            kind: Kind::Span { expected },
            offset,
            line: 1,
            column: 1,
        }
    }

    /// The byte where reading stopped, from 0.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in characters, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    /// True when the text is longer than the limit, which is a 413 rather than a 400.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        matches!(self.kind, Kind::TooLarge { .. })
    }

    /// True when the text nests deeper than the limit.
    #[must_use]
    pub fn is_too_deep(&self) -> bool {
        matches!(self.kind, Kind::TooDeep { .. })
    }
}

impl Found {
    fn at(text: &[u8], at: usize) -> Self {
        match text.get(at) {
            None => Found::End,
            Some(&byte) if byte.is_ascii_graphic() => Found::Ascii(byte),
            Some(&byte) if byte < 0x20 || byte == 0x7F => Found::Control(byte),
            Some(_) => Found::Other,
        }
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            offset,
            line,
            column,
        } = *self;
        match kind {
            Kind::Syntax { expected, found } => {
                write!(
                    f,
                    "invalid JSON at line {line}, column {column} (byte {offset}): expected {expected}"
                )?;
                match found {
                    Found::End => f.write_str(", found the end of the text"),
                    Found::Ascii(byte) => write!(f, ", found '{}'", char::from(byte)),
                    Found::Control(byte) => write!(f, ", found control character 0x{byte:02x}"),
                    Found::Other => Ok(()),
                }
            }
            Kind::TooDeep { limit } => write!(
                f,
                "JSON nested too deeply at line {line}, column {column} (byte {offset}): \
                 at most {limit} levels are accepted"
            ),
            Kind::TooLarge { size, limit } => {
                write!(
                    f,
                    "JSON text of {size} bytes is too large: at most {limit} are accepted"
                )
            }
            Kind::Span { expected } => {
                write!(
                    f,
                    "cannot edit the JSON document at byte {offset}: expected {expected}"
                )
            }
        }
    }
}

impl core::error::Error for DocumentError {}
