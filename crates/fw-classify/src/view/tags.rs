//! Text in characters that do not show: tag characters, variation selectors, zero-width digits.

use std::ops::Range;

use super::inline::Decoded;
use super::parts::Parts;
use super::reads::from_bytes;

/// The fewest characters: a flag of tag characters has five or six, and is in the text for the flag.
const MIN_CHARS: usize = 8;

/// What an invisible character adds.
enum Sign {
    /// A tag character: the ASCII character.
    Char(u8),
    /// A variation selector: a byte.
    Byte(u8),
    /// A zero-width character: a binary digit.
    Bit(bool),
}

fn sign(c: char) -> Option<Sign> {
    let code = u32::from(c);
    let low = code as u8;
    match c {
        '\u{E0020}'..='\u{E007E}' => Some(Sign::Char(low)),
        '\u{FE00}'..='\u{FE0F}' => Some(Sign::Byte(low & 0xF)),
        '\u{E0100}'..='\u{E01EF}' => Some(Sign::Byte(low.wrapping_add(16))),
        '\u{200B}' | '\u{2062}' => Some(Sign::Bit(false)),
        '\u{200C}' | '\u{2064}' => Some(Sign::Bit(true)),
        _ => None,
    }
}

/// Decodes what is written in characters of `text` that do not show. Expects the text as it was written.
pub(super) fn decode(text: &str, room: usize) -> Option<Decoded> {
    // The first bytes of all these characters.
    if !text.bytes().any(|byte| matches!(byte, 0xE2 | 0xEF | 0xF3)) {
        return None;
    }
    let mut parts = Parts::new(room);
    let mut kinds = [Run::default(), Run::default(), Run::default()];
    // What is hidden may be spread over the text.
    for (at, c) in text.char_indices().filter(|(_, c)| !c.is_ascii()) {
        let (kind, byte) = match sign(c) {
            Some(Sign::Char(byte)) => (0, byte),
            Some(Sign::Byte(byte)) => (1, byte),
            Some(Sign::Bit(bit)) => (2, u8::from(bit)),
            None => continue,
        };
        kinds[kind].push(byte, at..at + c.len_utf8());
    }
    let [chars, bytes, bits] = kinds;
    for run in [chars, bytes, bits.packed()] {
        if run.bytes.len() >= MIN_CHARS
            && let Some(text) = from_bytes(run.bytes)
        {
            parts.add(&text, run.source);
        }
    }
    parts.finish()
}

#[derive(Default)]
struct Run {
    bytes: Vec<u8>,
    source: Range<usize>,
}

impl Run {
    fn push(&mut self, byte: u8, source: Range<usize>) {
        if self.bytes.is_empty() {
            self.source.start = source.start;
        }
        self.source.end = source.end;
        self.bytes.push(byte);
    }

    /// Eight digits a byte.
    fn packed(self) -> Self {
        let (bytes, _) = self.bytes.as_chunks::<8>();
        Self {
            bytes: bytes
                .iter()
                .map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit))
                .collect(),
            source: self.source,
        }
    }
}
