//! Where a text that grows is judged.
//!
//! The places depend on the text alone, not on the pieces it comes in: the end of a sentence or of a line, once
//! a block has some length, and at the latest after [`MOST`] bytes.

/// A block shorter than this goes on over the end of a sentence, so that lists and code are not judged line by
/// line.
const LEAST: usize = 64;

/// No block is longer than this, in bytes.
pub(crate) const MOST: usize = 480;

/// Where the first block of `text` ends, if that can be said yet.
pub(crate) fn first_end(text: &str) -> Option<usize> {
    let mut before = ' ';
    let mut space = None;
    for (at, c) in text.char_indices() {
        let next = at + c.len_utf8();
        if next > MOST {
            return Some(space.unwrap_or(at));
        }
        let is_space = c.is_whitespace();
        if next >= LEAST {
            if c == '\n' || ends_sentence(c) || (is_space && may_end_sentence(before)) {
                return Some(next);
            }
            if is_space {
                space = Some(next);
            }
        }
        before = c;
    }
    None
}

/// Whether a sentence ends here, whatever comes next.
const fn ends_sentence(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '｡' | '।' | '۔' | '។' | '။')
}

/// Whether a sentence has ended if a space comes next.
const fn may_end_sentence(c: char) -> bool {
    matches!(
        c,
        '.' | '!' | '?' | '…' | ':' | ';' | '؟' | '"' | '\'' | '”' | '’' | '»' | ')' | ']'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "This is the beginning of a sentence that is long enough to be a block";

    #[test]
    fn a_block_ends_after_a_sentence() {
        let text = format!("{LONG}. And more");
        assert_eq!(first_end(&text), Some(LONG.len() + 2));
        assert_eq!(first_end(&format!("{LONG}.")), None, "3.5 may be a number");
        assert_eq!(first_end(&format!("{LONG}\nAnd")), Some(LONG.len() + 1));
        assert_eq!(first_end(&format!("{LONG}。")), Some(LONG.len() + 3));
    }

    #[test]
    fn short_sentences_are_one_block() {
        assert_eq!(first_end("Yes. No. Perhaps.\n\n1. 2. 3. "), None);
        let text = "Yes. ".repeat(20);
        assert_eq!(first_end(&text), Some(65));
    }

    #[test]
    fn a_block_without_an_end_is_cut_at_a_space() {
        let text = "word ".repeat(200);
        assert_eq!(first_end(&text), Some(480));
        assert_eq!(first_end(&"x".repeat(MOST)), None);
        assert_eq!(first_end(&"x".repeat(MOST + 1)), Some(MOST));
        let wide = "語".repeat(200);
        assert_eq!(first_end(&wide), Some(480));
    }
}
