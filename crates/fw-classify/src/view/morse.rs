//! Morse code: `.. --. -. --- .-. .`

use super::inline::Decoded;
use super::parts::Parts;

/// The fewest signs in a row.
const MIN_SIGNS: usize = 6;
/// The longest sign.
const MAX_SIGN: usize = 6;

/// The sign of each letter from A to Z, and of each digit.
const SIGNS: [&str; 36] = [
    ".-", "-...", "-.-.", "-..", ".", "..-.", "--.", "....", "..", ".---", "-.-", ".-..", "--",
    "-.", "---", ".--.", "--.-", ".-.", "...", "-", "..-", "...-", ".--", "-..-", "-.--", "--..",
    "-----", ".----", "..---", "...--", "....-", ".....", "-....", "--...", "---..", "----.",
];

/// Decodes the Morse code in `text`.
pub(super) fn decode(text: &str, room: usize) -> Option<Decoded> {
    let mut parts = Parts::new(room);
    let mut run = Run::default();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let len = rest.find(char::is_whitespace).unwrap_or(rest.len());
        // It may stand in quotes.
        let token = rest[..len].trim_matches(|c: char| "\"'`()[]:,".contains(c));
        if let Some(letter) = letter(token) {
            run.push(letter, at, len);
        } else if matches!(token, "/" | "|" | "//") && !run.text.is_empty() {
            run.gap = true;
        } else if len > 0 {
            run.settle(&mut parts);
        }
        let spaces = rest[len..]
            .find(|c: char| !c.is_whitespace())
            .unwrap_or(rest.len() - len);
        run.gap |= spaces > 1;
        at += len + spaces;
    }
    run.settle(&mut parts);
    parts.finish()
}

#[derive(Default)]
struct Run {
    text: String,
    start: usize,
    end: usize,
    gap: bool,
}

impl Run {
    fn push(&mut self, letter: char, at: usize, len: usize) {
        if self.text.is_empty() {
            self.start = at;
        } else if self.gap {
            self.text.push(' ');
        }
        self.gap = false;
        self.text.push(letter);
        self.end = at + len;
    }

    fn settle(&mut self, parts: &mut Parts) {
        if self.text.len() >= MIN_SIGNS {
            parts.add(&self.text, self.start..self.end);
        }
        *self = Self::default();
    }
}

fn letter(token: &str) -> Option<char> {
    // As it is written, or with the dots and dashes of typography.
    let mut sign = String::new();
    for c in token.chars().take(MAX_SIGN + 1) {
        sign.push(match c {
            '.' | '·' | '•' => '.',
            '-' | '–' | '—' | '−' | '_' => '-',
            _ => return None,
        });
    }
    let index = SIGNS.iter().position(|known| **known == *sign)?;
    "abcdefghijklmnopqrstuvwxyz0123456789".chars().nth(index)
}
