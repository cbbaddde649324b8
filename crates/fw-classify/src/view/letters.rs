//! How much a row of Latin letters is like a word.

use unicode_normalization::char::decompose_canonical;

/// How much more often than by chance a letter (column) follows another (row), in eighths of a bit. The first row and
/// column are the edge of a word. Counted in English, half of it, and 17 other languages that are written in Latin
/// letters, accents taken off.
#[rustfmt::skip]
const FOLLOWS: [[i8; 27]; 27] = [
    [-30, 12, 0, 5, 6, 3, -3, -7, -2, 6, -12, -3, -1, 3, -2, 0, 5, -18, -4, 8, 9, -6, -5, -2, -44, -7, -24],
    [18, -13, -7, 2, -3, -28, -19, -4, -20, 0, -24, -9, 10, -1, 17, -26, -10, -47, 11, 7, 11, -10, -11, -29, -37, -7, -20],
    [3, 14, -19, -26, -23, 19, -40, -24, -26, 14, -7, -25, 12, -21, -16, 12, -24, -45, 7, -7, -8, 7, -30, -36, -49, 0, -34],
    [6, 15, -31, -10, -26, 12, -41, -25, 16, 9, -32, -2, -2, -23, -14, 16, -27, -45, 0, -7, 10, 3, -33, -38, -49, -17, -35],
    [23, 13, -31, -24, -16, 22, -35, -20, -22, 13, -24, -30, -16, -24, -12, 8, -21, -48, -9, -7, -21, -2, -25, -31, -53, -19, -21],
    [23, -1, -23, -3, 0, -8, -19, -12, -24, -10, -40, -15, 2, -3, 14, -19, -14, -30, 14, 11, 5, -16, -12, -22, -11, -20, -25],
    [18, 14, -27, -24, -21, 10, -1, -19, -23, 16, -27, -20, -2, -19, -10, 16, -23, -42, 8, -13, 1, 4, -27, -32, -41, -15, -27],
    [22, 10, -34, -32, -27, 18, -41, -12, 4, 10, -33, -24, -2, -23, 3, 3, -9, -50, 6, -6, -14, 4, -34, -39, -51, -10, -35],
    [13, 20, -32, -20, -19, 23, -41, -28, -30, 13, -24, -29, -14, -20, -7, 13, -29, -47, -6, -16, 0, -1, -33, -36, -52, -16, -35],
    [12, 1, -12, 3, -1, 5, -10, 1, -25, -22, -20, -8, 6, -1, 19, 7, -14, -29, -2, 10, 10, -25, -5, -54, -39, -32, -18],
    [6, 18, -16, -26, -24, 25, -40, -22, -26, 6, -34, -26, -21, -23, -7, 15, -13, -43, -20, -2, -13, 12, -30, -38, -45, -32, -37],
    [22, 8, -29, -23, -21, 21, -31, -10, -17, 13, -39, -22, -4, -21, 0, 4, -26, -42, -10, 5, -1, -4, -31, -20, -49, -10, -37],
    [17, 16, -21, -23, -4, 18, -26, -25, -32, 16, -21, -20, 11, -15, -21, 8, -21, -37, -25, -5, -6, -1, -27, -24, -56, -1, -40],
    [15, 19, -7, -31, -26, 20, -31, -25, -35, 13, -27, -32, -14, 1, -16, 10, 6, -53, -27, -12, -22, 2, -37, -42, -55, -5, -40],
    [22, 8, -39, -3, 12, 9, -18, 11, -22, 5, -40, -17, -19, -26, -10, 3, -33, -43, -27, 5, 12, -16, -24, -44, -57, -4, -30],
    [14, -8, -17, -7, -4, -13, -3, -9, -18, -5, -21, -11, 3, 4, 19, -7, -5, -51, 14, 3, 1, 9, -8, -3, -37, -25, -27],
    [9, 15, -32, -24, -22, 15, -28, -27, -2, 0, -36, -27, 10, -21, -17, 16, -2, -49, 16, -10, 4, 4, -33, -24, -44, -24, -36],
    [6, 0, -13, -23, -19, -7, -34, -18, -22, -5, -25, -18, -10, -18, -9, -12, -22, -41, -11, -13, -11, 34, -25, -30, -43, -26, -27],
    [19, 15, -27, -11, -4, 19, -25, -9, -18, 12, -26, -13, -15, -6, -8, 9, -22, -44, -11, 0, 2, -1, -22, -33, -54, -10, -19],
    [25, 6, -29, -6, -30, 11, -32, -31, -4, 11, -42, -14, -12, -18, -17, 3, -4, -40, -25, 0, 17, -2, -27, -20, -56, -19, -14],
    [20, 14, -38, -28, -31, 16, -38, -26, 12, 14, -36, -23, -14, -24, -23, 11, -30, -59, 4, -6, -7, -2, -42, -24, -61, -10, -31],
    [14, 3, -9, -1, -6, 7, -20, -9, -26, -2, -10, -14, 8, 2, 14, -9, -5, -48, 13, 11, 8, -22, -22, -31, -25, -21, -13],
    [0, 16, -30, -28, -24, 28, -41, -23, -28, 19, -32, -24, -18, -24, -14, 9, -27, -47, -4, -14, -18, -13, -33, -35, -49, -19, -32],
    [15, 16, -26, -9, -20, 16, -26, -20, 11, 18, -29, -20, -13, -19, 0, 9, -23, -40, -3, -1, -12, -13, -25, -28, -44, -28, -32],
    [19, 11, -24, -1, -18, 7, -12, -18, -18, 12, -25, -18, -15, -16, -7, -8, 17, -38, -13, -12, 17, -2, -20, -25, -26, -17, -27],
    [28, 9, -20, -10, -14, 5, -33, -19, -27, -3, -24, -25, -6, -6, -5, 17, -5, -43, -14, 5, -4, -15, -22, -32, -32, -33, -22],
    [17, 17, -26, -22, -19, 23, -36, -18, -22, 14, -32, -18, -3, -16, -9, 4, -22, -39, -17, -15, -8, 5, -27, -23, -38, -9, -10],
];

/// A sum over the letters of words: how much the text is like a language. No text is long enough for an overflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Likeness {
    sum: i64,
    steps: i64,
}

impl Likeness {
    /// That of a text: of its Latin letters, all others are edges.
    pub(super) fn of(text: &str) -> Self {
        let mut likeness = Self::default();
        let mut last = 0;
        for c in text.chars() {
            let next = letter(c);
            likeness.step(last, next);
            last = next;
        }
        likeness.step(last, 0);
        likeness
    }

    /// From one letter to the next.
    pub(super) fn step(&mut self, last: u8, next: u8) {
        if last != 0 || next != 0 {
            self.sum += i64::from(follows(last, next));
            self.steps += 1;
        }
    }

    /// The number of steps.
    pub(super) fn steps(self) -> i32 {
        clamped(self.steps)
    }

    /// Whether a step is worth at least `eighths` of a bit on average. Prose has 8, a chance row of letters -9.
    pub(super) fn at_least(self, eighths: i32) -> bool {
        self.sum >= i64::from(eighths) * self.steps
    }

    /// Eighths of a bit that all steps are worth together.
    pub(super) fn sum(self) -> i32 {
        clamped(self.sum)
    }
}

/// The nearest number of 32 bits.
pub(super) fn clamped(sum: i64) -> i32 {
    let bounded = sum.clamp(i64::from(i32::MIN), i64::from(i32::MAX));
    i32::try_from(bounded).unwrap_or_default()
}

/// How much more often than by chance `next` follows `last`, in eighths of a bit. Both as [`letter`] has them.
#[inline]
pub(super) fn follows(last: u8, next: u8) -> i32 {
    i32::from(step(last, next).forwards)
}

/// What a step is worth as it is, backwards, and with both letters moved by 13.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Step {
    pub(super) forwards: i8,
    pub(super) back: i8,
    pub(super) half: i8,
}

/// The worth of all steps. With a power of two to each side they are found without a division.
static STEPS: [[Step; 32]; 32] = {
    const fn half(letter: usize) -> usize {
        if letter == 0 {
            0
        } else {
            (letter + 12) % 26 + 1
        }
    }
    let mut steps = [[Step {
        forwards: 0,
        back: 0,
        half: 0,
    }; 32]; 32];
    let mut last = 0;
    while last < 27 {
        let mut next = 0;
        while next < 27 {
            steps[last][next] = Step {
                forwards: FOLLOWS[last][next],
                back: FOLLOWS[next][last],
                half: FOLLOWS[half(last)][half(next)],
            };
            next += 1;
        }
        last += 1;
    }
    steps
};

/// How many ways there are to move letters, and how many a row of sums has room for.
pub(super) const SHIFTS: usize = 27;
const LANES: usize = 32;

/// A row of sums may have so many steps before it overflows: each is worth less than 64.
const STEPS_IN_A_ROW: i64 = 500;

/// What a step is worth with both letters moved by so many places; the last way is from A to Z.
static MOVED: [[[i8; LANES]; 32]; 32] = {
    let mut moved = [[[0; LANES]; 32]; 32];
    let mut last = 0;
    while last < 27 {
        let mut next = 0;
        while next < 27 {
            let mut shift = 0;
            while shift < SHIFTS {
                moved[last][next][shift] = FOLLOWS[place(last, shift)][place(next, shift)];
                shift += 1;
            }
            next += 1;
        }
        last += 1;
    }
    moved
};

/// Where a letter goes. Edges stay.
const fn place(letter: usize, shift: usize) -> usize {
    match letter {
        0 => 0,
        _ if shift == SHIFTS - 1 => 27 - letter,
        _ => (letter - 1 + shift) % 26 + 1,
    }
}

/// That of a text with its letters moved by 0 to 25 places, and from A to Z.
pub(super) fn moved(text: &str) -> [Likeness; SHIFTS] {
    let mut sums = [0_i64; LANES];
    let mut steps = 0;
    let mut row = [0_i16; LANES];
    let mut last = 0;
    for c in text.chars().chain([' ']) {
        let next = letter(c);
        if last != 0 || next != 0 {
            let worth = &MOVED[usize::from(last % 32)][usize::from(next % 32)];
            for (sum, worth) in row.iter_mut().zip(worth) {
                *sum += i16::from(*worth);
            }
            steps += 1;
            if steps % STEPS_IN_A_ROW == 0 {
                settle(&mut sums, &mut row);
            }
        }
        last = next;
    }
    settle(&mut sums, &mut row);
    std::array::from_fn(|shift| Likeness {
        sum: sums[shift],
        steps,
    })
}

/// Takes a row of sums over. Not inlined: the row stays an array, whose lanes are added side by side.
#[inline(never)]
fn settle(sums: &mut [i64; LANES], row: &mut [i16; LANES]) {
    for (sum, own) in sums.iter_mut().zip(row.iter()) {
        *sum += i64::from(*own);
    }
    *row = [0; LANES];
}

/// What it is worth that `next` follows `last`.
#[inline]
pub(super) fn step(last: u8, next: u8) -> Step {
    STEPS[usize::from(last % 32)][usize::from(next % 32)]
}

/// The number of a letter, 1 to 26, without its accent. 0 for everything else.
#[inline]
pub(super) fn letter(c: char) -> u8 {
    match c {
        'a'..='z' | 'A'..='Z' => c as u8 & 0x1F,
        '\0'..'\u{C0}' => 0,
        '\u{C0}'..='\u{17F}' | '\u{1A0}'..='\u{1B0}' | '\u{1E00}'..='\u{1EFF}' => accented(c),
        _ => 0,
    }
}

fn accented(c: char) -> u8 {
    match c {
        'ı' => return 9,
        'ł' | 'Ł' => return 12,
        'đ' | 'Đ' => return 4,
        'ø' | 'Ø' => return 15,
        'ß' => return 19,
        _ => {}
    }
    let mut base = 0;
    decompose_canonical(c, |part| {
        if part.is_ascii_alphabetic() {
            base = part.to_ascii_lowercase() as u8 - b'a' + 1;
        }
    });
    base
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ways_to_move_letters_are_added_up_at_once() {
        let text = "Gur dhvpx, brown fox; żółw! ".repeat(60);
        let all = moved(&text);
        assert_eq!(all[0], Likeness::of(&text));
        for (shift, likeness) in all.iter().enumerate() {
            let mut one = Likeness::default();
            let mut last = 0;
            for c in text.chars().chain([' ']) {
                let next = place(usize::from(letter(c)), shift) as u8;
                one.step(last, next);
                last = next;
            }
            assert_eq!(*likeness, one, "{shift}");
        }
    }

    #[test]
    fn words_are_told_from_rows_of_letters() {
        for text in [
            "the quick brown fox jumps over the lazy dog",
            "Können Sie mir bitte sagen, wie spät es ist?",
            "¿Dónde está la estación de tren más cercana?",
            "Où est la gare, s'il vous plaît ?",
            "Proszę powiedzieć mi, gdzie jest dworzec",
            "Bugün hava çok güzel, denize gitmek istiyorum",
        ] {
            assert!(
                Likeness::of(text).at_least(4),
                "{text} {:?}",
                Likeness::of(text)
            );
        }
        for text in [
            "gur dhvpx oebja sbk whzcf bire gur ynml qbt",
            "xkcd qwrt zzgh vbnm plkj",
            "aGVsbG8gd29ybGQ",
        ] {
            assert!(
                !Likeness::of(text).at_least(2),
                "{text} {:?}",
                Likeness::of(text)
            );
        }
        assert_eq!(Likeness::of("12 34 привет 你好").steps(), 0);
    }
}
