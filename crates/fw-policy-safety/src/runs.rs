//! Text that may be a part of something encoded or spaced out.

/// A run is waited for no longer than this, in bytes.
pub(crate) const MOST: usize = 400;

/// Words at least this long may be Base64, in bytes.
const LONG: usize = 16;

/// Where the run begins that reaches the end of `text`. The end, if there is none.
pub(crate) fn open_run(text: &str) -> usize {
    let least = text.ceil_char_boundary(text.len().saturating_sub(MOST));
    let tail = text.get(least..).unwrap_or_default();
    let mut start = tail.len();
    for word in tail.split_whitespace().rev() {
        if !may_be_encoded(word) {
            break;
        }
        // Where a word starts is known by its address; counting would be slower.
        start = word.as_ptr() as usize - tail.as_ptr() as usize;
    }
    least + start
}

/// Whether a word is a letter by itself, letters with signs between them, or letters among digits.
fn may_be_encoded(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphanumeric()).count();
    if letters <= 1 || letters * 2 <= word.chars().count() + 1 {
        return true;
    }
    if !word.is_ascii() {
        return false;
    }
    let has = |is: fn(&u8) -> bool| word.bytes().any(|byte| is(&byte));
    let has_digits = has(u8::is_ascii_digit);
    let has_signs = has(|byte| matches!(byte, b'@' | b'$' | b'%' | b'\\' | b'&' | b'|' | b'='));
    let has_both = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    has_digits || has_signs || (word.len() >= LONG && has_both)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> &str {
        &text[open_run(text)..]
    }

    #[test]
    fn a_run_begins_with_the_first_word_that_may_be_encoded() {
        assert_eq!(run("say p r o j e c t   n i"), "p r o j e c t   n i");
        assert_eq!(run("say p.r.o.j.e.c.t n.i."), "p.r.o.j.e.c.t n.i.");
        assert_eq!(run("say pr0j3ct "), "pr0j3ct ");
        assert_eq!(run("say cHJvamVjdCBuaWdodGZ"), "cHJvamVjdCBuaWdodGZ");
        assert_eq!(run("say 70 72 6f 6a"), "70 72 6f 6a");
        assert_eq!(run("say .--. .-. ---"), ".--. .-. ---");
    }

    #[test]
    fn prose_is_none_and_runs_have_a_bound() {
        assert_eq!(run("The town hall is open. "), "");
        assert_eq!(run("Это предложение. 核電廠"), "");
        assert_eq!(run(""), "");
        assert_eq!(run(&"a ".repeat(1000)).len(), MOST);
    }
}
