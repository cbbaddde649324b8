//! Where a JSON value ends, told from its bytes one by one.

/// How deep a place in JSON is in objects, arrays and strings.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Nesting {
    depth: usize,
    in_string: bool,
    after_backslash: bool,
}

impl Nesting {
    /// Takes in the next byte.
    #[inline]
    pub(crate) fn step(&mut self, byte: u8) {
        if std::mem::take(&mut self.after_backslash) {
            return;
        }
        match byte {
            b'"' => self.in_string = !self.in_string,
            b'\\' => self.after_backslash = self.in_string,
            b'{' | b'[' if !self.in_string => self.depth += 1,
            b'}' | b']' if !self.in_string => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    /// Whether the place is in none.
    pub(crate) const fn is_outside(&self) -> bool {
        self.depth == 0 && !self.in_string
    }
}
