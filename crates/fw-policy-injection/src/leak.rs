//! Replies that repeat the request's own system text.
//!
//! Words are compared, not spellings: case, punctuation, spacing and markup count for nothing.

mod words;

use std::collections::HashSet;
use std::collections::VecDeque;
use std::sync::Arc;

use self::words::{Rolling, Words};

/// So many words in a row have to be the same before text is held back. The words before that are out if it
/// is a leak after all.
const SHORT: usize = 4;

/// Words of system text that are remembered, at most.
const MOST_WORDS: usize = 64 * 1024;

/// What must not be repeated, as hashes of runs of words.
#[derive(Debug)]
pub(crate) struct Secrets {
    short: HashSet<u64>,
    long: HashSet<u64>,
    size: usize,
}

impl Secrets {
    /// Runs of `size` words of system text. What users wrote themselves is no secret. `None` if there are no
    /// such runs.
    pub(crate) fn new<'t>(
        system: impl Iterator<Item = &'t str>,
        said: impl Iterator<Item = &'t str>,
        size: usize,
    ) -> Option<Self> {
        let mut secrets = Self {
            short: HashSet::new(),
            long: HashSet::new(),
            size,
        };
        for text in system {
            secrets.add(text);
        }
        if !secrets.long.is_empty() {
            for text in said {
                secrets.remove(text);
            }
        }
        (!secrets.long.is_empty()).then_some(secrets)
    }

    fn add(&mut self, text: &str) {
        let mut short = Rolling::new(SHORT);
        let mut long = Rolling::new(self.size);
        let mut left = MOST_WORDS.saturating_sub(self.long.len());
        Words::new().whole(text, |word| {
            if left > 0 {
                left -= 1;
                self.short.extend(short.push(word));
                self.long.extend(long.push(word));
            }
        });
    }

    fn remove(&mut self, text: &str) {
        let mut long = Rolling::new(self.size);
        Words::new().whole(text, |word| {
            if let Some(run) = long.push(word) {
                self.long.remove(&run);
            }
        });
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
    /// How many of the last words are part of system text, as far as the short runs tell.
    run: usize,
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
            starts: VecDeque::with_capacity(secrets.size),
            run: 0,
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
        if self.starts.len() == self.secrets.size {
            self.starts.pop_front();
        }
        self.starts.push_back(start);
        let long = self.long.push(word);
        let goes_on = self
            .short
            .push(word)
            .is_some_and(|run| self.secrets.short.contains(&run));
        if !goes_on {
            self.run = 0;
            self.told = false;
            return 0;
        }
        self.run = if self.run == 0 { SHORT } else { self.run + 1 };
        let is_leak = long.is_some_and(|run| self.secrets.long.contains(&run)) && !self.told;
        self.told |= is_leak;
        u32::from(is_leak)
    }
}

#[cfg(test)]
mod tests;
