//! Replies that repeat the request's own system text.
//!
//! Words are compared, not spellings: case, punctuation, spacing and markup count for nothing, and neither do a word
//! or two between them, such as the numbers of lines.

mod words;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use self::words::{Rolling, Words};

/// So many words in a row have to be the same before text is held back. The words before that are out if it
/// is a leak after all.
const SHORT: usize = 4;

/// So many other words may stand between two words of a passage.
const GAP: usize = 2;

/// Fewer words are no passage.
const LEAST: usize = 8;

/// Words of system text that are remembered, at most.
const MOST_WORDS: usize = 64 * 1024;

/// What must not be repeated, as hashes of runs of words, each with the place of its last word: for short runs, which
/// may come again and again, with all of them.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    short: HashMap<u64, Vec<usize>>,
    long: HashMap<u64, usize>,
    /// Places of words that a user wrote too.
    public: HashSet<usize>,
    words: usize,
    size: usize,
}

impl Secrets {
    /// Runs of `size` words of system text, or all of it if it is shorter. What users wrote themselves is no secret.
    /// `None` if there are no such runs.
    pub(crate) fn new<'t>(
        system: impl Iterator<Item = &'t str> + Clone,
        said: impl Iterator<Item = &'t str>,
        size: usize,
    ) -> Option<Self> {
        let mut words = 0;
        for text in system.clone() {
            Words::new().whole(text, |_| words += 1);
        }
        let mut secrets = Self {
            size: size.min(words),
            ..Self::default()
        };
        if secrets.size < LEAST {
            return None;
        }
        let mut short = Rolling::new(SHORT);
        let mut long = Rolling::new(secrets.size);
        for text in system {
            Words::new().whole(text, |word| secrets.add(word, &mut short, &mut long));
        }
        for text in said {
            secrets.remove(text);
        }
        (!secrets.long.is_empty()).then_some(secrets)
    }

    fn add(&mut self, word: u64, short: &mut Rolling, long: &mut Rolling) {
        if self.words == MOST_WORDS {
            return;
        }
        if let Some(run) = short.push(word) {
            self.short.entry(run).or_default().push(self.words);
        }
        if let Some(run) = long.push(word) {
            self.long.entry(run).or_insert(self.words);
        }
        self.words += 1;
    }

    fn remove(&mut self, text: &str) {
        let mut long = Rolling::new(self.size);
        Words::new().whole(text, |word| {
            if let Some(run) = long.push(word)
                && let Some(last) = self.long.remove(&run)
            {
                let first = (last + 1).saturating_sub(self.size);
                self.public.extend(first..=last);
            }
        });
    }

    /// The place of a short run: the next one after `last`, or the first.
    fn place(&self, run: u64, last: usize) -> Option<usize> {
        let places = self.short.get(&run)?;
        let next = places.partition_point(|place| *place <= last);
        places.get(next).or_else(|| places.first()).copied()
    }

    /// How many of these words are secret.
    fn secret(&self, words: std::ops::RangeInclusive<usize>) -> usize {
        words.filter(|place| !self.public.contains(place)).count()
    }
}

/// Follows one text as it grows.
#[derive(Debug)]
pub(crate) struct LeakScanner {
    secrets: Arc<Secrets>,
    words: Words,
    short: Rolling,
    long: Rolling,
    /// Where the last words begin: as many as the longest run has.
    starts: VecDeque<usize>,
    /// How many of the last words are part of system text, or between such words, as far as the short runs tell.
    run: usize,
    /// How many words of system text there are in it, one after the other.
    covered: usize,
    /// The place in the system text of the last of them, and how many words ago it was.
    place: usize,
    since: usize,
    /// Bytes read.
    read: usize,
    /// The run that goes on was told.
    told: bool,
}

/// What came of some text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// How many runs were found that had not been before.
    pub(crate) found: u32,
    /// Where in the whole text the run begins that may still become a leak; or its end.
    pub(crate) safe: usize,
}

impl LeakScanner {
    pub(crate) fn new(secrets: Arc<Secrets>) -> Self {
        Self {
            words: Words::new(),
            short: Rolling::new(SHORT),
            long: Rolling::new(secrets.size),
            starts: VecDeque::with_capacity(2 * secrets.size),
            run: 0,
            covered: 0,
            place: 0,
            since: 0,
            read: 0,
            told: false,
            secrets,
        }
    }

    /// Reads what comes next.
    pub(crate) fn read(&mut self, text: &str, is_end: bool) -> Look {
        let mut found = 0;
        let mut words = std::mem::take(&mut self.words);
        for c in text.chars() {
            words.push(c, self.read, |word, start| found += self.word(word, start));
            self.read += c.len_utf8();
        }
        if is_end {
            words.end(|word, start| found += self.word(word, start));
        }
        self.words = words;
        let held = self.run.min(self.starts.len());
        let first = self.starts.len() - held;
        let safe = match self.starts.get(first) {
            Some(start) if held > 0 && !is_end => *start,
            _ => self.read,
        };
        Look { found, safe }
    }

    /// Takes a word, and gives 1 if a leak is found with it.
    fn word(&mut self, word: u64, start: usize) -> u32 {
        if self.starts.len() == 2 * self.secrets.size {
            self.starts.pop_front();
        }
        self.starts.push_back(start);
        let long = self.long.push(word);
        let short = self.short.push(word);
        let place = short.and_then(|run| self.secrets.place(run, self.place));
        self.since += 1;
        // A word between two breaks four runs.
        let is_near = self.run > 0 && self.since < SHORT + GAP + usize::from(place.is_some());
        self.run = match (is_near, place) {
            (true, _) => self.run + 1,
            (false, Some(_)) => SHORT,
            (false, None) => 0,
        };
        let Some(place) = place else {
            if !is_near {
                self.told = false;
            }
            return 0;
        };
        let further = place.saturating_sub(self.place);
        if is_near && (1..=self.since + GAP).contains(&further) {
            let first = place + 1 - further.min(SHORT);
            self.covered += self.secrets.secret(first..=place);
        } else {
            self.told &= is_near && self.since == 1;
            self.covered = self
                .secrets
                .secret((place + 1).saturating_sub(SHORT)..=place);
        }
        self.place = place;
        self.since = 0;
        let is_run = long.is_some_and(|run| self.secrets.long.contains_key(&run));
        let is_leak = (is_run || self.covered >= self.secrets.size) && !self.told;
        self.told |= is_leak;
        u32::from(is_leak)
    }
}

#[cfg(test)]
mod tests;
