//! What a text may contain, told in one pass: most texts contain nothing, and most decoders need not look.

/// What a byte may be part of.
const ZERO_ONE: u8 = 1;
const DIGIT: u8 = 2;
const HEX: u8 = 4;
const LETTER: u8 = 8;
/// Of a character that is not ASCII, its first byte and the others.
const FIRST: u8 = 16;
const MORE: u8 = 32;

/// The kind of each byte. 0 for signs and spaces.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'0' | b'1' => ZERO_ONE,
            b'2'..=b'9' => DIGIT,
            b'a'..=b'f' | b'A'..=b'F' => HEX,
            b'g'..=b'z' | b'G'..=b'Z' => LETTER,
            0x80..=0xBF => MORE,
            0xC0.. => FIRST,
            _ => 0,
        };
        byte += 1;
    }
    kinds
};

/// How many separators a list of numbers has between two.
const MAX_GAP: usize = 3;

/// What a text may contain. What is not set is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hints {
    pub(super) base64: bool,
    pub(super) hex: bool,
    pub(super) binary: bool,
    pub(super) decimal: bool,
    pub(super) spaced: bool,
    pub(super) leet: bool,
    pub(super) morse: bool,
}

impl Hints {
    pub(super) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut hints = Self::default();
        let mut runs = Runs::default();
        let mut at = 0;
        while at < bytes.len() {
            let start = at;
            let mut kinds = 0;
            while let Some(kind) = bytes.get(at).map(|byte| KINDS[usize::from(*byte)])
                && kind != 0
            {
                kinds |= kind;
                at += 1;
            }
            if at > start {
                runs.word(&bytes[start..at], kinds, &mut hints);
            }
            let gap = at;
            let mut strokes = 0;
            while let Some(byte) = bytes.get(at)
                && KINDS[usize::from(*byte)] == 0
            {
                strokes += usize::from(matches!(byte, b'.' | b'-' | b'_'));
                at += 1;
            }
            runs.gap(&bytes[gap..at], strokes, bytes.get(at), &mut hints);
        }
        hints
    }
}

/// How long the runs are that may become something.
#[derive(Default)]
struct Runs {
    base64: usize,
    /// The length of the last word, and how many had it in a row.
    length: usize,
    same: usize,
    hex: usize,
    binary: usize,
    decimal: usize,
    single: usize,
    strokes: usize,
    leet: usize,
}

impl Runs {
    /// Letters and digits in a row.
    fn word(&mut self, word: &[u8], kinds: u8, hints: &mut Hints) {
        let len = word.len();
        self.base64 += len;
        self.same = if len == self.length { self.same + 1 } else { 1 };
        self.length = len;
        hints.base64 |= self.base64 >= 8 || (self.same >= 3 && len >= 4);

        let more = kinds & MORE != 0;
        let single =
            len == 1 || (more && len <= 4 && kinds & !(FIRST | MORE) == 0 && one_char(word));
        self.single = if single { self.single + 1 } else { 0 };
        hints.spaced |= self.single >= 5;
        // Letters with pictures or blanks between them.
        if more && kinds & FIRST != 0 && len >= 8 {
            let pictures = word
                .iter()
                .filter(|byte| matches!(byte, 0xE2 | 0xF0))
                .count();
            hints.spaced |= pictures >= 4;
        }
        // Dots and dashes of typography.
        let strokes = more && matches!(word, [0xC2 | 0xE2, ..]) && kinds & !(FIRST | MORE) == 0;
        self.strokes = if strokes { self.strokes + 1 } else { 0 };
        hints.morse |= self.strokes >= 5;

        let digits = kinds & (ZERO_ONE | DIGIT);
        if digits != 0 && kinds & (HEX | LETTER) != 0 && len >= 3 {
            self.leet += 1;
            hints.leet |= self.leet >= 2;
        }
        let prefixed = len > 2 && word.starts_with(b"0x") || word.starts_with(b"0X");
        let hex = prefixed || kinds & !(ZERO_ONE | DIGIT | HEX) == 0;
        self.hex = if hex && len.is_multiple_of(2) {
            self.hex + len / 2
        } else {
            0
        };
        hints.hex |= self.hex >= 6;

        let bits = kinds == ZERO_ONE && (len.is_multiple_of(8) || len.is_multiple_of(7));
        self.binary = if bits { self.binary + len / 7 } else { 0 };
        hints.binary |= self.binary >= 4;

        let code = kinds & !(ZERO_ONE | DIGIT) == 0 && (len == 2 || len == 3);
        self.decimal = if code { self.decimal + 1 } else { 0 };
        hints.decimal |= self.decimal >= 8;
    }

    /// Signs and spaces in a row, and what comes after them.
    fn gap(&mut self, gap: &[u8], strokes: usize, next: Option<&u8>, hints: &mut Hints) {
        if gap.len() > MAX_GAP {
            (self.hex, self.binary, self.decimal) = (0, 0, 0);
        }
        if !gap
            .iter()
            .all(|byte| matches!(byte, b'+' | b'/' | b'-' | b'_'))
        {
            self.base64 = 0;
        }
        if let [b'@' | b'$' | b'!' | b'|'] = gap
            && next.is_some()
        {
            self.leet += 1;
            hints.leet |= self.leet >= 2;
        }
        hints.morse |= strokes >= 6;
    }
}

fn one_char(word: &[u8]) -> bool {
    word.iter()
        .filter(|byte| KINDS[usize::from(**byte)] != MORE)
        .count()
        == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_has_few_hints() {
        let hints = Hints::of(
            "This is, as I said, a text. It was on 12 May 2024, at 10:30, in the morning.",
        );
        assert_eq!(hints, Hints::default());
    }

    #[test]
    fn each_encoding_is_a_hint() {
        assert!(Hints::of("x aGVsbG8gYWxs").base64);
        assert!(Hints::of("x 68656c6c6f21").hex);
        assert!(Hints::of("x 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x21").hex);
        assert!(Hints::of("x 01101000 01100101 01101100 01101100").binary);
        assert!(Hints::of("x 104 101 108 108 111 32 32 32").decimal);
        assert!(Hints::of("x h e l l o").spaced);
        assert!(Hints::of("忽 略 之 前 的").spaced);
        assert!(Hints::of("h3ll0 w0rld").leet);
        assert!(Hints::of("h@ck th$m").leet);
        assert!(Hints::of(".... . .-.. .-.. ---").morse);
        assert!(Hints::of("···· · ·–·· ·–·· –––").morse);
    }
}
