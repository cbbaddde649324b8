//! How many tokens a text is, by the look of it.

/// Counts are in hundredths of a token while they are added up.
pub(super) const TOKEN: u64 = 100;

/// A run of characters of one kind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    Word,
    Digits,
    Space,
    Marks,
    /// Scripts in which each character counts by itself.
    Other,
}

/// Hundredths of tokens.
///
/// A word of up to five letters is one token, a letter more a quarter. A letter with a mark counts as
/// three. Three digits are one, and so are two other signs next to each other. A space before a word
/// is part of it; white space with a line break, or longer than a space, is one. Characters of other
/// scripts count by themselves, from a third of a token (Cyrillic) to two and a half (emoji).
pub(super) fn hundredths(text: &str) -> u64 {
    let mut sum = 0_u64;
    let mut run = (Run::Other, 0_u64, false);
    for character in text.chars() {
        let (kind, weight) = weigh(character);
        let (last, length, broken) = &mut run;
        if kind != *last {
            sum = sum.saturating_add(of_run(run));
            run = (kind, weight, character == '\n');
        } else {
            *length = length.saturating_add(weight);
            *broken |= character == '\n';
        }
    }
    sum.saturating_add(of_run(run))
}

fn weigh(character: char) -> (Run, u64) {
    match character {
        'a'..='z' | 'A'..='Z' => (Run::Word, 1),
        '0'..='9' => (Run::Digits, 1),
        ' ' | '\t' | '\n' | '\r' => (Run::Space, 1),
        '\0'..='\u{7f}' => (Run::Marks, 1),
        '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => (Run::Word, 3),
        other => (Run::Other, of_character(other)),
    }
}

fn of_run((run, length, broken): (Run, u64, bool)) -> u64 {
    match run {
        Run::Word => TOKEN.saturating_add(length.saturating_sub(5).saturating_mul(25)),
        Run::Digits => length.div_ceil(3).saturating_mul(TOKEN),
        Run::Space if broken || length > 1 => TOKEN,
        Run::Space => 0,
        Run::Marks => length.div_ceil(2).saturating_mul(TOKEN),
        Run::Other => length,
    }
}

/// By the block of Unicode.
fn of_character(character: char) -> u64 {
    match u32::from(character) {
        // Greek, Cyrillic
        0x0250..0x0530 => 36,
        // Armenian, Hebrew
        0x0530..0x0600 => 52,
        // Arabic
        0x0600..0x0780 => 42,
        // the scripts of India and South-East Asia
        0x0780..0x1100 => 48,
        // Hiragana, Katakana
        0x3040..0x3100 => 75,
        // Han
        0x3400..0xa000 => 82,
        // Hangul
        0xac00..0xd7b0 => 80,
        // emoji, old scripts, rare Han
        0x1_0000.. => 250,
        _ => 100,
    }
}
