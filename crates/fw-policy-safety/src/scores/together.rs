//! What is unsafe only together: lists of phrases, and rules that say which of them have to follow each other.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use fw_classify::phrases::{Hit, SpacedWords};
use fw_classify::{ModelError, Phrases};

use crate::category::Category;

/// The lists and rules that come with the crate.
const TOGETHER: &str = include_str!("../../data/together.txt");

/// So much of a text is looked at at once, in bytes: fewer than hold as many phrases as are told in one go.
const PIECE: usize = 1024;

/// What two pieces share: longer than what any rule spans.
const OVERLAP: usize = 320;

/// How far around a find a phrase may be that excuses it, in bytes.
const AROUND: usize = 80;

/// The ages that `{age}` stands for.
const AGES: Range<usize> = 1..18;

/// Rules about phrases that follow each other.
#[derive(Debug)]
pub(crate) struct Together {
    phrases: Phrases,
    rules: Vec<Rule>,
    /// For each list the one that voids it.
    voids: Vec<(usize, usize)>,
}

#[derive(Debug)]
struct Rule {
    category: Category,
    gap: usize,
    lists: Vec<usize>,
    unless: Option<usize>,
}

/// The places of the phrases of each list, in the order of their ends.
type Places = BTreeMap<usize, Vec<Range<usize>>>;

impl Together {
    /// What comes with the crate.
    pub(crate) fn shipped() -> Result<&'static Self, ModelError> {
        static SHIPPED: LazyLock<Result<Together, ModelError>> =
            LazyLock::new(|| Together::parse(TOGETHER));
        SHIPPED.as_ref().map_err(Clone::clone)
    }

    fn parse(text: &str) -> Result<Self, ModelError> {
        let mut list = String::new();
        let mut rules = Vec::new();
        for line in text.lines() {
            if let Some(rule) = line.strip_prefix("= ") {
                rules.push(rule);
            } else if let Some((name, phrase)) = line.split_once('\t') {
                for phrase in spelt_out(phrase) {
                    list.extend([name, "\t", &phrase, "\n"]);
                }
            }
        }
        let phrases = Phrases::parse(&list)?;
        let rules: Vec<Rule> = rules
            .iter()
            .filter_map(|rule| Rule::parse(rule, &phrases))
            .collect();
        let names = list.lines().filter_map(|line| line.split_once('\t'));
        let voided = names.filter_map(|(name, _)| {
            let of = phrases.index(name.strip_prefix('!')?)?;
            Some((of, phrases.index(name)?))
        });
        let mut voids: Vec<(usize, usize)> = voided.collect();
        voids.sort_unstable();
        voids.dedup();
        Ok(Self {
            phrases,
            rules,
            voids,
        })
    }

    /// The categories of which a rule is met in a text, whose words are there already.
    pub(crate) fn find(&self, text: &str, words: &SpacedWords) -> Vec<Category> {
        let mut found = Vec::new();
        if text.len() <= PIECE {
            self.meet(self.phrases.hits_in(words), &mut found);
            return found;
        }
        let mut start = 0;
        loop {
            let end = text.floor_char_boundary(start + PIECE);
            let piece = text.get(start..end).unwrap_or_default();
            self.meet(self.phrases.hits(piece), &mut found);
            if end >= text.len() {
                return found;
            }
            start = text.floor_char_boundary(end - OVERLAP);
        }
    }

    /// Adds the categories of which a rule is met by the phrases of a piece.
    fn meet(&self, hits: Vec<Hit>, found: &mut Vec<Category>) {
        let mut places = Places::new();
        for hit in hits {
            places.entry(hit.head).or_default().push(hit.range);
        }
        for (list, void) in &self.voids {
            let Some(void) = places.get(void).cloned() else {
                continue;
            };
            if let Some(list) = places.get_mut(list) {
                list.retain(|place| {
                    !void
                        .iter()
                        .any(|it| it.start < place.end && place.start < it.end)
                });
            }
        }
        for rule in &self.rules {
            if !found.contains(&rule.category) && rule.is_met(&places) {
                found.push(rule.category);
            }
        }
    }
}

impl Rule {
    /// `CATEGORY BYTES: LIST LIST - LIST`
    fn parse(rule: &str, phrases: &Phrases) -> Option<Self> {
        let (head, lists) = rule.split_once(": ")?;
        let (category, gap) = head.split_once(' ')?;
        let (lists, unless) = match lists.split_once(" - ") {
            Some((lists, unless)) => (lists, Some(phrases.index(unless)?)),
            None => (lists, None),
        };
        let lists: Option<Vec<usize>> = lists.split(' ').map(|list| phrases.index(list)).collect();
        Some(Self {
            category: *Category::ALL.iter().find(|it| it.name() == category)?,
            gap: gap.parse().ok()?,
            lists: lists?,
            unless,
        })
    }

    fn is_met(&self, places: &Places) -> bool {
        let of = |list: &usize| places.get(list).map_or(&[][..], Vec::as_slice);
        let mut lists = self.lists.iter();
        // What has been read of the rule, in the order of ends.
        let mut read: Vec<Range<usize>> = lists.next().map_or(&[][..], of).to_vec();
        for list in lists {
            if read.is_empty() {
                return false;
            }
            let next = of(list).iter().filter_map(|place| {
                let before = read.partition_point(|it| it.end <= place.start);
                let before = read.get(before.checked_sub(1)?)?;
                (place.start - before.end <= self.gap).then_some(before.start..place.end)
            });
            read = next.collect();
        }
        let excuses = self.unless.as_ref().map_or(&[][..], of);
        read.iter().any(|it| {
            let (from, to) = (it.start.saturating_sub(AROUND), it.end + AROUND);
            !excuses
                .iter()
                .any(|excuse| excuse.start < to && from < excuse.end)
        })
    }
}

/// All that a line with `(a|b)` and `{age}` stands for.
fn spelt_out(phrase: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut depth = 0_usize;
    let mut from = 0;
    let mut choices: Vec<&str> = Vec::new();
    let add = |all: &mut Vec<String>, choices: &[&str]| {
        let longer = all
            .iter()
            .flat_map(|one| choices.iter().map(move |it| format!("{one}{it}")));
        *all = longer.collect();
    };
    for (at, c) in phrase.char_indices() {
        let piece = phrase.get(from..at).unwrap_or_default();
        match c {
            '(' => {
                if depth == 0 {
                    add(&mut all, &[piece]);
                    from = at + 1;
                }
                depth += 1;
            }
            '|' if depth == 1 => {
                choices.push(piece);
                from = at + 1;
            }
            ')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    choices.push(piece);
                    let inner: Vec<String> = choices
                        .drain(..)
                        .flat_map(|it| {
                            if it.contains('(') {
                                spelt_out(it)
                            } else {
                                vec![it.to_owned()]
                            }
                        })
                        .collect();
                    let inner: Vec<&str> = inner.iter().map(String::as_str).collect();
                    add(&mut all, &inner);
                    from = at + 1;
                }
            }
            _ => {}
        }
    }
    add(&mut all, &[phrase.get(from..).unwrap_or_default()]);
    all.into_iter()
        .flat_map(|one| {
            if one.contains("{age}") {
                AGES.map(|age| one.replace("{age}", &age.to_string()))
                    .collect()
            } else {
                vec![one]
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
