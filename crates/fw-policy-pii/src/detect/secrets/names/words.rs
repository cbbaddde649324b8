//! Cuts names into words.

/// The words of a name, last first: `dbApiKey_2` is `2`, `Key`, `Api`, `db`.
pub(super) fn backwards(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        rest = rest.trim_end_matches(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric());
        let start = last_start(rest)?;
        let (left, word) = rest.split_at_checked(start)?;
        rest = left;
        Some(word)
    })
}

/// Where the last word begins.
fn last_start(name: &str) -> Option<usize> {
    let bytes = name.as_bytes();
    let last = *bytes.last()?;
    let kept = |byte: u8| byte.is_ascii_digit() == last.is_ascii_digit() && is_word(byte);
    let mut start = bytes.len();
    while let Some(byte) = start.checked_sub(1).and_then(|at| bytes.get(at)).copied() {
        if !kept(byte) {
            break;
        }
        let next = bytes.get(start).copied();
        // "aPi": a change from lower to upper case ends the word that begins here.
        if byte.is_ascii_lowercase() && next.is_some_and(|next| next.is_ascii_uppercase()) {
            break;
        }
        // "APIKey": an upper-case letter before a capitalised word belongs to another one.
        if byte.is_ascii_uppercase()
            && next.is_some_and(|next| next.is_ascii_uppercase())
            && bytes.get(start + 1).is_some_and(u8::is_ascii_lowercase)
        {
            break;
        }
        start -= 1;
    }
    (start < bytes.len()).then_some(start)
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_at_separators_case_and_digits() {
        let words = |name| backwards(name).collect::<Vec<_>>();
        assert_eq!(words("dbApiKey_2"), ["2", "Key", "Api", "db"]);
        assert_eq!(words("APIKey"), ["Key", "API"]);
        assert_eq!(words("X-Api-Key"), ["Key", "Api", "X"]);
        assert_eq!(words("SECRET_KEY"), ["KEY", "SECRET"]);
        assert_eq!(words("пароль"), ["пароль"]);
        assert_eq!(words("--"), Vec::<&str>::new());
    }
}
