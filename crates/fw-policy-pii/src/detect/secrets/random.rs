//! Tells text that a machine drew at random from text that people wrote.

/// Whether the text is varied enough to be a token, unlike `xxxxxxxx` and `00000000`.
pub(super) fn is_varied(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut seen = 0_u128;
    let mut run = 0;
    let mut longest = 0;
    let mut last = 0;
    for byte in bytes {
        seen |= 1 << (byte & 127);
        run = if *byte == last { run + 1 } else { 1 };
        longest = longest.max(run);
        last = *byte;
    }
    let distinct = seen.count_ones() as usize;
    distinct >= (bytes.len() / 3).min(8) && (longest < 6 || bytes.len() >= 40 * longest)
}

/// Shannon's entropy of the text's bytes, in bits per byte.
pub(super) fn entropy(text: &str) -> f32 {
    let mut counts = [0_u16; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] = counts[usize::from(byte)].saturating_add(1);
    }
    let total = text.len() as f32;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f32::from(*count) / total;
            -share * share.log2()
        })
        .sum()
}

/// Whether the text looks as if drawn at random: letters and digits mixed, not words put together.
pub(super) fn is_random(text: &str) -> bool {
    if text.len() < 10 || !is_varied(text) {
        return false;
    }
    let hex = text
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let least = match text.len() {
        _ if hex => 2.5,
        ..16 => 2.8,
        16..24 => 3.0,
        _ => 3.2,
    };
    mixes(text, hex) && !is_wordy(text) && !is_sequence(text) && entropy(text) >= least
}

/// Whether letters and digits change often enough.
fn mixes(text: &str, hex: bool) -> bool {
    let class = |byte: u8| match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    };
    let mut digits = 0;
    let mut letters = 0;
    let mut changes = 0;
    let mut last = 4;
    for byte in text.bytes() {
        let class = class(byte);
        digits += usize::from(class == 0);
        letters += usize::from(class == 1 || class == 2);
        // A capital and the word that it begins are one.
        changes += usize::from(class != last && class != 3 && last < 3 && (last, class) != (2, 1));
        last = class;
    }
    if letters < 2 {
        return false;
    }
    let many_digits = digits >= 3 && digits * 12 >= text.len();
    if hex {
        return many_digits || digits >= 2 && text.len() < 20;
    }
    // One change in five is what camel case and words with numbers have at most.
    many_digits && changes * 5 > letters + digits || changes * 10 >= (letters + digits) * 3
}

/// Whether most of the text is words set off by separators: `text-embedding-ada-002`, `/usr/share/dict2`.
fn is_wordy(text: &str) -> bool {
    let words: usize = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|chunk| chunk.len() >= 3 && is_word(chunk))
        .map(str::len)
        .sum();
    words * 2 > text.len()
}

/// Whether the letters are of one case, but for a capital.
fn is_word(chunk: &str) -> bool {
    let letters = chunk.trim_end_matches(|c: char| c.is_ascii_digit());
    let all = |is: fn(&u8) -> bool| letters.bytes().all(|byte| is(&byte));
    letters.len() >= 3
        && chunk.len() - letters.len() <= 2
        && letters.bytes().any(|byte| b"aeiouyAEIOUY".contains(&byte))
        && (all(u8::is_ascii_uppercase)
            || letters
                .get(1..)
                .is_some_and(|tail| tail.bytes().all(|byte| byte.is_ascii_lowercase())))
}

/// Whether much of the text counts up: `abcdefgh`, `12345678`.
fn is_sequence(text: &str) -> bool {
    let bytes = text.as_bytes();
    let steps = bytes
        .windows(2)
        .filter(|pair| pair[0].checked_add(1) == Some(pair[1]))
        .count();
    steps * 2 >= bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_texts_are_random() {
        for text in [
            "9fJ2kQ7xZp4LmR8sTb3V",
            "3fea6af1349166ea",
            "c4ed6c21-9dd5-4a05-8e3f-c56d1151cce8",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzQ8kLm2w9",
            "k3v9x1p7q2",
        ] {
            assert!(is_random(text), "{text}");
        }
    }

    #[test]
    fn written_texts_are_not() {
        for text in [
            "text-embedding-ada-002",
            "getUserByIdentifier2",
            "xxxxxxxxxxxxxxxxxxxxxxx1",
            "my-very-secret-token-1",
            "/usr/local/share/file2",
            "1234567890123456",
            "abcdefghijklmnop12345678",
            "MINIDUMP_SYSMEMINFO1",
            "00000000000000000000ab",
            "short1",
        ] {
            assert!(!is_random(text), "{text}");
        }
    }
}
