//! Words with their letters moved in the alphabet, or written backwards.
//!
//! The words of a text are added up as long as they look more like something moved, or backwards, than like words.
//! Only what remains is tried, so that plain prose costs one pass.

use std::ops::Range;

use super::Encoding;
use super::common::common;
use super::inline::Decoded;
use super::letters::{self, Likeness, clamped, letter, step};
use super::parts::Parts;

/// What a step from letter to letter is worth in prose at the least, in eighths of a bit: less is not prose.
const PROSE: i32 = 1;
/// What a step backwards has to be worth more than one forwards.
const BACKWARDS: i32 = 2;
/// What a step in noise counts at the least: it is not words backwards because it is not words.
const NOISE: i32 = -4;
/// What a run has to gain before it is tried.
const MIN_GAIN: i32 = 48;
/// A run ends when so much of its gain is lost again.
const MAX_LOSS: i32 = 80;
/// What the decoded run has to be worth: ten bits against chance, and more where more is tried.
const MIN_SUM: i32 = 80;
const MIN_SUM_OF_MANY: i32 = 160;
/// With so much it needs no common word.
const CERTAIN: i32 = 240;
/// What reading backwards has to gain: words are not as far from words backwards as from others.
const MIN_GAIN_BACKWARDS: i32 = 64;
/// What a step in it has to be worth.
const LIKE: i32 = 3;

/// How many words beside a run are looked at.
const MAX_BESIDE: usize = 3;
/// How far they are looked for: a text without spaces is no word.
const MAX_WORD: usize = 64;

/// By half the alphabet, there and back.
const HALF: Shift = Shift::By(13);

/// The part of a text that a cipher may have made.
type Run = Range<usize>;

/// Adds up gains until they are lost.
struct Gain {
    min: i32,
    start: usize,
    end: usize,
    sum: i32,
    best: i32,
}

impl Gain {
    fn new(min: i32) -> Self {
        Self {
            min,
            start: 0,
            end: 0,
            sum: 0,
            best: 0,
        }
    }

    /// Adds a word, and returns the run that ended with it.
    fn add(&mut self, word: &Range<usize>, gain: i32) -> Option<Run> {
        if self.sum <= 0 {
            self.start = word.start;
            self.sum = 0;
            self.best = 0;
        }
        self.sum = self.sum.saturating_add(gain);
        if self.sum > self.best {
            self.best = self.sum;
            self.end = word.end;
        }
        if self.sum <= 0 || self.best - self.sum > MAX_LOSS {
            return self.finish();
        }
        None
    }

    fn finish(&mut self) -> Option<Run> {
        let Self {
            start,
            end,
            best,
            min,
            ..
        } = *self;
        *self = Self::new(min);
        (best >= min).then_some(start..end)
    }
}

/// Decodes what in `text` has its letters moved, or is written backwards.
pub(super) fn decode(text: &str, room: usize) -> Vec<(Encoding, Decoded)> {
    let mut rot13 = Gain::new(MIN_GAIN);
    let mut moved = Gain::new(MIN_GAIN);
    let mut backwards = Gain::new(MIN_GAIN_BACKWARDS);
    let mut found = Found {
        text,
        rot13: Parts::new(room),
        caesar: Parts::new(room),
        reversed: Parts::new(room),
        words: Parts::new(room),
    };
    let mut word = Word::default();
    let mut settle = |word: &mut Word, at: usize| {
        let Word {
            start,
            forwards,
            back,
            half,
            steps,
            ..
        } = std::mem::take(word);
        let [forwards, back, half, steps] = [forwards, back, half, steps].map(clamped);
        let range = start..at;
        if let Some(run) = rot13.add(&range, half - forwards.max(0) - PROSE * steps) {
            found.rot13(&run);
        }
        if let Some(run) = moved.add(&range, PROSE * steps - forwards) {
            found.shift(&run);
        }
        let gain = back - forwards.max(NOISE * steps) - BACKWARDS * steps;
        if let Some(run) = backwards.add(&range, gain) {
            found.reverse(&run);
        }
    };
    for (at, c) in text.char_indices() {
        let next = letter(c);
        if next != 0 || word.last != 0 {
            word.step(at, next);
        }
        if next == 0 && word.steps > 0 {
            settle(&mut word, at);
        }
    }
    if word.last != 0 {
        word.step(text.len(), 0);
        settle(&mut word, text.len());
    }
    if let Some(run) = rot13.finish() {
        found.rot13(&run);
    }
    if let Some(run) = moved.finish() {
        found.shift(&run);
    }
    if let Some(run) = backwards.finish() {
        found.reverse(&run);
    }
    found.finish()
}

/// A word, as far as it was read.
#[derive(Default)]
struct Word {
    start: usize,
    last: u8,
    steps: i64,
    /// What it is worth as it is, backwards, and moved by half the alphabet. No word is long enough for an overflow.
    forwards: i64,
    back: i64,
    half: i64,
}

impl Word {
    fn step(&mut self, at: usize, next: u8) {
        if self.steps == 0 {
            self.start = at;
        }
        let step = step(self.last, next);
        self.forwards += i64::from(step.forwards);
        self.back += i64::from(step.back);
        self.half += i64::from(step.half);
        self.steps += 1;
        self.last = next;
    }
}

struct Found<'a> {
    text: &'a str,
    rot13: Parts,
    caesar: Parts,
    reversed: Parts,
    words: Parts,
}

impl Found<'_> {
    /// Moves letters by half the alphabet.
    fn rot13(&mut self, run: &Run) {
        let source = self.whole(self.extended(run, HALF));
        let run = &self.text[source.clone()];
        let likeness = likeness(run, HALF);
        if reads(likeness, MIN_SUM) {
            let text = moved(run, HALF);
            if likeness.sum() >= CERTAIN || has_more_words(&text, run) {
                self.rot13.add(&text, source);
            }
        }
    }

    /// Tries the other ways to move letters.
    fn shift(&mut self, run: &Run) {
        let written = &self.text[run.clone()];
        let ways = (0..26).map(Shift::By).chain([Shift::Mirror]);
        let others = letters::moved(written).into_iter().zip(ways);
        let best = others
            .filter(|(_, shift)| !matches!(shift, Shift::By(0 | 13)))
            .max_by_key(|(likeness, _)| likeness.sum());
        if let Some((likeness, shift)) = best
            && reads(likeness, MIN_SUM_OF_MANY)
        {
            let source = self.whole(self.extended(run, shift));
            let run = &self.text[source.clone()];
            let text = moved(run, shift);
            if has_more_words(&text, run) {
                self.caesar.add(&text, source);
            }
        }
    }

    /// A run with the words beside it that are better when they are moved: some read well either way.
    fn extended(&self, run: &Run, shift: Shift) -> Run {
        let better = |word: &Run| {
            let word = &self.text[word.clone()];
            likeness(word, shift).sum() > Likeness::of(word).sum().max(0) + 8
        };
        let mut run = run.clone();
        for _ in 0..MAX_BESIDE {
            match word_after(self.text, run.end).filter(better) {
                Some(word) => run.end = word.end,
                None => break,
            }
        }
        for _ in 0..MAX_BESIDE {
            match word_before(self.text, run.start).filter(better) {
                Some(word) => run.start = word.start,
                None => break,
            }
        }
        run
    }

    /// Reads a run backwards.
    fn reverse(&mut self, run: &Run) {
        let source = self.whole(run.clone());
        let text: String = self.text[source.clone()].chars().rev().collect();
        if !reads(Likeness::of(&text), MIN_SUM)
            || !has_more_words(&text, &self.text[source.clone()])
        {
            return;
        }
        self.reversed.add(&text, source.clone());
        // The words may be in their order, and only their letters are not.
        if text.contains(char::is_whitespace) {
            let words: Vec<&str> = text.split_whitespace().rev().collect();
            self.words.add(&words.join(" "), source);
        }
    }

    /// A run with the signs at its ends: they belong to the sentence.
    fn whole(&self, run: Run) -> Range<usize> {
        let sign = |c: char| !c.is_whitespace() && !c.is_alphanumeric();
        let before = self.text[..run.start].trim_end_matches(sign).len();
        let after = &self.text[run.end..];
        let end = run.end + (after.len() - after.trim_start_matches(sign).len());
        before..end
    }

    fn finish(self) -> Vec<(Encoding, Decoded)> {
        [
            (Encoding::Rot13, self.rot13),
            (Encoding::Caesar, self.caesar),
            (Encoding::Reversed, self.reversed),
            (Encoding::ReversedWords, self.words),
        ]
        .into_iter()
        .filter_map(|(encoding, parts)| parts.finish().map(|decoded| (encoding, decoded)))
        .collect()
    }
}

/// How letters are moved.
#[derive(Clone, Copy)]
enum Shift {
    /// By so many places, from Z on to A.
    By(u8),
    /// A to Z, B to Y.
    Mirror,
}

impl Shift {
    /// The place, 1 to 26, that `letter` goes to. Edges stay.
    fn place(self, letter: u8) -> u8 {
        match (letter, self) {
            (0, _) => 0,
            (_, Self::By(by)) => (letter - 1 + by) % 26 + 1,
            (_, Self::Mirror) => 27 - letter,
        }
    }
}

/// The word after `at`, unless it is far away or too long for a word.
fn word_after(text: &str, at: usize) -> Option<Range<usize>> {
    let near = &text[at..text.floor_char_boundary(at.saturating_add(MAX_WORD))];
    let word = near.trim_start();
    let start = at + (near.len() - word.len());
    let len = word.find(char::is_whitespace).unwrap_or(word.len());
    let ends = start + len == text.len() || len < word.len();
    (len > 0 && ends).then_some(start..start + len)
}

/// The word before `at`, unless it is far away or too long for a word.
fn word_before(text: &str, at: usize) -> Option<Range<usize>> {
    let near = &text[text.ceil_char_boundary(at.saturating_sub(MAX_WORD))..at];
    let word = near.trim_end();
    let end = at - (near.len() - word.len());
    let start = word
        .char_indices()
        .rev()
        .find(|(_, c)| c.is_whitespace())
        .map(|(index, c)| index + c.len_utf8());
    let begins = start.is_some() || end == word.len();
    let start = end - (word.len() - start.unwrap_or(0));
    (start < end && begins).then_some(start..end)
}

/// Whether there are more common words in `decoded` than in `written`.
fn has_more_words(decoded: &str, written: &str) -> bool {
    common(decoded) > common(written)
}

fn reads(likeness: Likeness, min: i32) -> bool {
    likeness.sum() >= min && likeness.at_least(LIKE)
}

/// How much `text` is like a language when its letters are moved.
fn likeness(text: &str, shift: Shift) -> Likeness {
    let mut likeness = Likeness::default();
    let mut last = 0;
    for c in text.chars() {
        let next = shift.place(letter(c));
        likeness.step(last, next);
        last = next;
    }
    likeness.step(last, 0);
    likeness
}

/// `text` with its unaccented letters moved.
fn moved(text: &str, shift: Shift) -> String {
    text.chars()
        .map(|c| {
            let first = match c {
                'a'..='z' => b'a',
                'A'..='Z' => b'A',
                _ => return c,
            };
            char::from(first + shift.place(letter(c)) - 1)
        })
        .collect()
}
