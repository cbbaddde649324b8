//! Where a JSON object ends that comes in pieces.

/// Follows the brackets of a JSON object through its pieces.
///
/// It does not validate: what is no object never ends, and what is no JSON may not.
#[derive(Clone, Debug, Default)]
pub(super) struct JsonEnd {
    start: Start,
    depth: u32,
    in_string: bool,
    escaped: bool,
    complete: bool,
}

/// What the text begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Start {
    /// Nothing but white space so far.
    #[default]
    Unknown,
    Object,
    Other,
}

// === impl JsonEnd ===

impl JsonEnd {
    /// Whether there was nothing but white space.
    pub(super) fn is_blank(&self) -> bool {
        self.start == Start::Unknown
    }

    /// Whether it begins like something else than an object.
    pub(super) fn is_no_object(&self) -> bool {
        self.start == Start::Other
    }

    /// Whether the last bracket was closed.
    pub(super) const fn is_complete(&self) -> bool {
        self.complete
    }

    /// Takes the next piece. Returns how many of its bytes belong to the object.
    pub(super) fn push(&mut self, piece: &str) -> usize {
        if self.complete {
            return 0;
        }
        if self.start == Start::Unknown
            && let Some(first) = piece.trim_ascii_start().bytes().next()
        {
            self.start = if first == b'{' {
                Start::Object
            } else {
                Start::Other
            };
        }
        if self.start != Start::Object {
            return piece.len();
        }
        for (at, byte) in piece.bytes().enumerate() {
            if std::mem::take(&mut self.escaped) {
                continue;
            }
            match byte {
                b'\\' => self.escaped = self.in_string,
                b'"' => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        self.complete = true;
                        return at + 1;
                    }
                }
                _ => {}
            }
        }
        piece.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_object_ends_with_its_last_bracket_and_nothing_belongs_to_it_after_that() {
        let mut end = JsonEnd::default();
        let piece = r#" {"a":"}\"]","#;
        assert_eq!(end.push(piece), piece.len());
        assert!(!end.is_complete());
        let last = r#""b":[{}]}"#;
        assert_eq!(end.push(&format!(r#"{last} {{"c""#)), last.len());
        assert!(end.is_complete());
        assert_eq!(end.push("}"), 0);
    }

    #[test]
    fn what_is_no_object_never_ends() {
        for text in ["[{}]", "\"{}\"", "7", "x{}"] {
            let mut end = JsonEnd::default();
            assert_eq!(end.push("  "), 2);
            assert!(!end.is_no_object());
            assert_eq!(end.push(text), text.len());
            assert!(end.is_no_object() && !end.is_complete(), "{text}");
        }
    }

    #[test]
    fn an_escape_may_be_cut() {
        let mut end = JsonEnd::default();
        for piece in [r#"{"a":"\"#, r#"""#, "}", r#"""#, "}"] {
            assert!(!end.is_complete());
            assert_eq!(end.push(piece), piece.len());
        }
        assert!(end.is_complete());
    }

    proptest! {
        /// However an object is cut, it is complete with its last byte and not before.
        #[test]
        fn every_cut_ends_at_the_same_place(
            keys in proptest::collection::vec(r#"[a-z{}\[\]"\\é]{0,6}"#, 0..4),
            cuts in proptest::collection::vec(0_usize..64, 0..6),
        ) {
            let object: serde_json::Map<_, _> =
                keys.into_iter().map(|key| (key.clone(), serde_json::json!([{ "x": key }]))).collect();
            let json = serde_json::Value::Object(object).to_string();
            let mut end = JsonEnd::default();
            let mut rest = json.as_str();
            for cut in cuts {
                let Some((piece, after)) = rest.split_at_checked(cut) else { continue };
                prop_assert!(!end.is_complete() || rest.is_empty());
                prop_assert_eq!(end.push(piece), piece.len());
                rest = after;
            }
            prop_assert_eq!(end.push(rest), rest.len());
            prop_assert!(end.is_complete());
        }
    }
}
