//! Places in a JSON text.

use core::ops::Range;

/// A range of bytes in a JSON text: a value, a key, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    start: usize,
    end: usize,
}

impl Span {
    pub(super) const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The first byte.
    #[must_use]
    pub const fn start(self) -> usize {
        self.start
    }

    /// One past the last byte.
    #[must_use]
    pub const fn end(self) -> usize {
        self.end
    }

    /// The bytes as a range, for slicing the text.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// Whether `other` lies within this span; a span contains itself.
    #[must_use]
    pub const fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// Where a member of an object is: its key, its value, and the object it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MemberSpan {
    object: usize,
    key: Span,
    value: Span,
}

impl MemberSpan {
    pub(super) const fn new(object: usize, key: Span, value: Span) -> Self {
        Self { object, key, value }
    }

    /// The key, quotes included.
    #[must_use]
    pub const fn key(self) -> Span {
        self.key
    }

    /// The value.
    #[must_use]
    pub const fn value(self) -> Span {
        self.value
    }

    /// Key, colon and value.
    #[must_use]
    pub const fn whole(self) -> Span {
        Span::new(self.key.start, self.value.end)
    }

    pub(super) const fn object(self) -> usize {
        self.object
    }
}

/// Where an element of an array is, and the array it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ElementSpan {
    array: usize,
    value: Span,
}

impl ElementSpan {
    pub(super) const fn new(array: usize, value: Span) -> Self {
        Self { array, value }
    }

    /// The value.
    #[must_use]
    pub const fn value(self) -> Span {
        self.value
    }

    pub(super) const fn array(self) -> usize {
        self.array
    }
}
