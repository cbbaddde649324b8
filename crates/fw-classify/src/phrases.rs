//! Short lists of phrases that are hardly ever said in good faith.

use std::collections::HashMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::error::ModelError;
use crate::features::{Class, Script, Word, class, words};
use crate::normal::{Normal, NormalConfig};

/// Words that `*` may stand for.
const GAP_WORDS: usize = 4;
const GAP_BYTES: usize = 64;
/// Bytes that a star at the end of a word may stand for.
const REST_BYTES: usize = 32;
/// Bytes of a word and the space after it, about, and the words of a text for which there is room from the start.
const WORD_BYTES: usize = 5;
const FIRST_WORDS: usize = 256;
/// More hits than these are not told apart.
const MOST_HITS: usize = 256;

/// Phrases for some heads, found together in one pass.
///
/// One phrase a line: the head, a tab, the phrase. `*` between words stands for up to four words, a `*`
/// at the end of a word for any ending. Case, punctuation and spacing do not count; words are matched
/// whole, except in scripts that do not separate them. Empty lines and lines with `#` are skipped.
///
/// ```
/// use fw_classify::Phrases;
///
/// let phrases = Phrases::parse("# overrides\ninjection\tignore * previous instruction*\n")?;
/// assert_eq!(phrases.len(), 1);
/// assert_eq!(phrases.find("injection", "please IGNORE all of the previous, instructions!"), 1);
/// assert_eq!(phrases.find("injection", "the previous instructions were ignored"), 0);
/// # Ok::<(), fw_classify::ModelError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Phrases {
    automaton: Option<AhoCorasick>,
    /// Where the patterns of the automaton are used, pattern by pattern.
    uses: Vec<Use>,
    /// For each pattern, where its uses begin; and where the last ones end.
    starts: Vec<usize>,
    /// Segments in all phrases together that are not the last one.
    begun: usize,
    phrases: usize,
    heads: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
struct Use {
    head: usize,
    /// The number of the segment before it, and what lies between; `None` for the first.
    before: Option<(usize, Gap)>,
    /// Its number among the segments that are not the last one; `None` for the last.
    number: Option<usize>,
    /// The next character must not belong to the same word.
    whole: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    Words,
    Ending,
}

/// A phrase that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The number of its head: see [`Phrases::index`].
    pub head: usize,
    /// Where, in the text that was searched.
    pub range: Range<usize>,
}

/// The words of a text with one space between them, and where each came from: what phrases are looked for in.
///
/// Made once, it serves several lists of phrases.
///
/// ```
/// use fw_classify::Phrases;
/// use fw_classify::phrases::SpacedWords;
///
/// let orders = Phrases::parse("order\tforget the rules\n")?;
/// let names = Phrases::parse("name\tgrandma\n")?;
/// let text = "forget  the rules, grandma";
/// let words = SpacedWords::new(text);
/// assert_eq!(&text[orders.hits_in(&words)[0].range.clone()], "forget  the rules");
/// assert_eq!(&text[names.hits_in(&words)[0].range.clone()], "grandma");
/// # Ok::<(), fw_classify::ModelError>(())
/// ```
#[derive(Debug, Clone)]
pub struct SpacedWords {
    text: String,
    /// Start in `text`, range in the original.
    words: Vec<(usize, Range<usize>)>,
}

impl SpacedWords {
    /// The words of a text that is normalised already.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut spaced = Self {
            text: String::with_capacity(text.len() + 2),
            words: Vec::with_capacity((text.len() / WORD_BYTES).min(FIRST_WORDS)),
        };
        let mut dense_end = None;
        for Word { range, script } in words(text) {
            let dense = script == Script::Dense;
            if !(dense && dense_end == Some(range.start)) {
                spaced.text.push(' ');
            }
            dense_end = dense.then_some(range.end);
            spaced.words.push((spaced.text.len(), range.clone()));
            let word = text.get(range).unwrap_or_default();
            if script == Script::Mixed {
                let heard = word.chars().filter(|c| class(*c) != Class::Silent);
                spaced.text.extend(heard);
            } else {
                spaced.text.push_str(word);
            }
        }
        spaced.text.push(' ');
        spaced
    }

    fn original(&self, range: Range<usize>) -> Range<usize> {
        // A segment begins with the space before its first word.
        let first = self
            .words
            .partition_point(|(start, _)| *start <= range.start + 1)
            .saturating_sub(1);
        let last = self
            .words
            .partition_point(|(start, _)| *start < range.end)
            .saturating_sub(1);
        match (self.words.get(first), self.words.get(last.max(first))) {
            (Some((_, first)), Some((_, last))) => first.start..last.end.max(first.end),
            _ => 0..0,
        }
    }
}

impl Phrases {
    /// Most lines of a list.
    pub const MAX_LINES: usize = 100_000;

    /// Reads a list of phrases.
    ///
    /// # Errors
    /// If a line has no tab, or nothing but stars after it.
    pub fn parse(list: &str) -> Result<Self, ModelError> {
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut uses: Vec<(usize, Use)> = Vec::new();
        let mut phrases = Self::default();
        for (at, line) in list.lines().enumerate() {
            let line_number = at + 1;
            let text = line.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            if line_number > Self::MAX_LINES {
                return Err(ModelError::phrase(line_number, "the list is too long"));
            }
            let (head, phrase) = text.split_once('\t').ok_or(ModelError::phrase(
                line_number,
                "there is no tab after the head",
            ))?;
            let head = phrases.head(head.trim());
            let segments = segments(phrase);
            if segments.is_empty() {
                return Err(ModelError::phrase(line_number, "there are no words"));
            }
            let last = segments.len() - 1;
            for (at, (gap, segment, whole)) in segments.into_iter().enumerate() {
                let next = known.len();
                let pattern = *known.entry(segment).or_insert(next);
                let place = Use {
                    head,
                    before: phrases.begun.checked_sub(1).zip(gap),
                    number: (at < last).then_some(phrases.begun),
                    whole,
                };
                phrases.begun += usize::from(at < last);
                uses.push((pattern, place));
            }
            phrases.phrases += 1;
        }
        // Stable: the uses of a pattern stay in the order of the list.
        uses.sort_by_key(|(pattern, _)| *pattern);
        let starts = (0..=known.len()).map(|pattern| uses.partition_point(|it| it.0 < pattern));
        phrases.starts = starts.collect();
        phrases.uses = uses.into_iter().map(|(_, place)| place).collect();
        let mut patterns: Vec<(usize, String)> =
            known.into_iter().map(|(text, at)| (at, text)).collect();
        patterns.sort_unstable();
        let patterns = patterns.iter().map(|(_, text)| text);
        if patterns.len() > 0 {
            let automaton = AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .build(patterns);
            phrases.automaton =
                Some(automaton.map_err(|_| {
                    ModelError::phrase(0, "the list is too long for one automaton")
                })?);
        }
        Ok(phrases)
    }

    /// How many phrases there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.phrases
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.phrases == 0
    }

    /// How many phrases of a head are in a text, those that overlap counted once.
    #[must_use]
    pub fn find(&self, head: &str, text: &str) -> usize {
        let Some(head) = self.index(head) else {
            return 0;
        };
        let normal = Normal::new(text, &NormalConfig::default());
        let hits = self.hits(normal.as_str());
        apart(
            hits.iter()
                .filter(|hit| hit.head == head)
                .map(|hit| &hit.range),
        )
    }

    /// The number by which [`hits`](Self::hits) name a head; `None` if no phrase is for it.
    #[must_use]
    pub fn index(&self, head: &str) -> Option<usize> {
        self.heads.iter().position(|known| known == head)
    }

    fn uses_of(&self, pattern: usize) -> &[Use] {
        let range = self.starts.get(pattern).zip(self.starts.get(pattern + 1));
        range
            .and_then(|(start, end)| self.uses.get(*start..*end))
            .unwrap_or_default()
    }

    /// The name of the head with this number.
    pub(crate) fn name(&self, head: usize) -> Option<&str> {
        self.heads.get(head).map(String::as_str)
    }

    fn head(&mut self, name: &str) -> usize {
        self.index(name).unwrap_or_else(|| {
            self.heads.push(name.to_owned());
            self.heads.len() - 1
        })
    }

    /// Every hit in a text that is normalised already, in the order of their ends. At most 256.
    #[must_use]
    pub fn hits(&self, text: &str) -> Vec<Hit> {
        if self.is_empty() {
            return Vec::new();
        }
        self.hits_in(&SpacedWords::new(text))
    }

    /// [`hits`](Self::hits) in the words of a text, in which other phrases may be looked for as well. Ranges are in the
    /// text that the words were made of.
    #[must_use]
    pub fn hits_in(&self, spaced: &SpacedWords) -> Vec<Hit> {
        let Some(automaton) = &self.automaton else {
            return Vec::new();
        };
        let mut hits = Vec::new();
        let mut reached: Vec<Option<(usize, usize)>> = Vec::new();
        for found in automaton.find_overlapping_iter(&spaced.text) {
            for place in self.uses_of(found.pattern().as_usize()) {
                if place.whole && !ends_word(&spaced.text, found.end()) {
                    continue;
                }
                let mut start = found.start();
                if let Some((before, gap)) = place.before {
                    let Some((first, end)) = reached.get(before).copied().flatten() else {
                        continue;
                    };
                    if !fits(gap, &spaced.text, end..start) {
                        continue;
                    }
                    start = first;
                }
                let Some(number) = place.number else {
                    hits.push(Hit {
                        head: place.head,
                        range: spaced.original(start..found.end()),
                    });
                    if hits.len() == MOST_HITS {
                        return hits;
                    }
                    continue;
                };
                reached.resize(self.begun, None);
                if let Some(reached) = reached.get_mut(number) {
                    *reached = Some((start, found.end()));
                }
            }
        }
        hits
    }
}

/// How many ranges there are, those that overlap an earlier one left out. They are in the order of their ends.
#[must_use]
pub fn apart<'a>(ranges: impl Iterator<Item = &'a Range<usize>>) -> usize {
    let mut end = 0;
    let mut count = 0;
    for range in ranges {
        if count == 0 || range.start >= end {
            count += 1;
            end = range.end;
        }
    }
    count
}

fn ends_word(text: &str, end: usize) -> bool {
    let rest = text.get(end..).unwrap_or_default();
    let before = text.get(..end).and_then(|text| text.chars().next_back());
    rest.starts_with(' ') || before.is_some_and(|c| class(c) == Class::Dense)
}

fn fits(gap: Gap, text: &str, between: Range<usize>) -> bool {
    let Some(between) = text.get(between) else {
        return false;
    };
    match gap {
        Gap::Ending => between.len() <= REST_BYTES && !between.contains(' '),
        Gap::Words => between.len() <= GAP_BYTES && between.matches(' ').count() <= GAP_WORDS,
    }
}

/// The pieces of a phrase: what is between a piece and the one before, the piece, and whether it ends with a whole word.
fn segments(phrase: &str) -> Vec<(Option<Gap>, String, bool)> {
    struct Piece {
        before: Option<Gap>,
        text: String,
        whole: bool,
    }
    let mut pieces: Vec<Piece> = Vec::new();
    let mut gap = None;
    let mut open = false;
    for token in phrase.split_whitespace() {
        let count = token.split('*').count();
        for (at, part) in token.split('*').enumerate() {
            let cut = at + 1 < count;
            if part.is_empty() {
                // A star by itself, or before a word.
                if cut && at == 0 {
                    (gap, open) = (gap.map(|_| Gap::Words), false);
                }
                continue;
            }
            match pieces.last_mut() {
                Some(last) if open => {
                    last.text.push(' ');
                    last.text.push_str(part);
                    last.whole = !cut;
                }
                _ => pieces.push(Piece {
                    before: gap,
                    text: part.to_owned(),
                    whole: !cut,
                }),
            }
            open = !cut;
            gap = Some(if cut { Gap::Ending } else { Gap::Words });
        }
    }
    let mut segments: Vec<(Option<Gap>, String, bool)> = Vec::new();
    for piece in pieces {
        let normal = Normal::new(&piece.text, &NormalConfig::default());
        let spaced = SpacedWords::new(normal.as_str()).text;
        let text = spaced.trim();
        let Some(first) = text.chars().next() else {
            continue;
        };
        // Scripts without spaces are looked for anywhere, also inside a run of them.
        let dense = class(first) == Class::Dense;
        let text = if dense { text } else { spaced.trim_end() };
        let before = piece.before.filter(|_| !segments.is_empty());
        segments.push((before, text.to_owned(), piece.whole));
    }
    segments
}
