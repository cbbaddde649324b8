//! Which sources are left out together. Related ones (translations, the same templates, the same
//! authors) are in one fold, so that a left-out source is a new one indeed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use fw_classify::{ViewConfig, views};

use crate::data::Row;

/// How many folds there are.
pub const FOLDS: usize = 6;

/// What is learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Attempts to take over an assistant.
    Injection,
    /// Content that is unsafe or asks for unsafe help.
    Safety,
}

const INJECTION: [&[&str]; FOLDS] = [
    &[
        "cyberseceval_pi",
        "cyberseceval_pi_multilingual",
        "banking77",
        "xquad_ar",
        "xquad_ru",
        "xquad_hi",
        "xquad_tr",
    ],
    &[
        "inthewild_jailbreak",
        "self_reminder_jailbreak",
        "gptfuzzer",
        "awesome_chatgpt_prompts",
        "awesome_chatgpt_prompts_zh",
    ],
    &["hackaprompt", "clinc150", "docs_fastchat"],
    &[
        "spikee",
        "oasst_seed",
        "docs_presidio",
        "xquad_en",
        "xquad_de",
    ],
    &["gsm8k", "humaneval", "docs_axum", "own_hard_negative"],
    &[
        "bastioncorpus",
        "giskard",
        "self_instruct",
        "xquad_zh",
        "xquad_es",
    ],
];

const SAFETY: [&[&str]; FOLDS] = [
    &["davidson_tweets", "banking77", "xquad_de", "xquad_en"],
    &[
        "ailuminate_en",
        "ailuminate_fr",
        "own_sensitive_benign",
        "clinc150",
    ],
    &[
        "catqa",
        "dangerousqa",
        "harmfulqa",
        "oasst_seed",
        "docs_axum",
        "awesome_chatgpt_prompts_zh",
    ],
    &[
        "cyberseceval_interpreter",
        "cyberseceval_frr",
        "humaneval",
        "docs_fastchat",
    ],
    &["gptfuzz_responses", "self_instruct", "gsm8k"],
    &[
        "advbench",
        "harmbench",
        "awesome_chatgpt_prompts",
        "xquad_zh",
        "xquad_ar",
        "xquad_es",
        "xquad_hi",
        "xquad_ru",
        "xquad_tr",
    ],
];

/// The fold of each row, as sources are dealt: 0 is the deal written above, any other number a random one; `None` for rows that are always learned from.
///
/// Rows of the source `obfuscated` were made from rows of other sources. Each goes where its original went, so that
/// nothing is learned from an encoded copy of a left-out row, nor from the original of one.
#[must_use]
pub fn folds(task: Task, rows: &[Row], deal: u64) -> Vec<Option<usize>> {
    let table: Vec<Vec<&str>> = match (task, deal) {
        (Task::Injection, 0) => INJECTION.iter().map(|fold| fold.to_vec()).collect(),
        (Task::Safety, 0) => SAFETY.iter().map(|fold| fold.to_vec()).collect(),
        _ => dealt(rows, deal),
    };
    let of = |source: &str| {
        let known = table.iter().position(|fold| fold.contains(&source));
        known.unwrap_or_else(|| source.bytes().map(usize::from).sum::<usize>() % FOLDS)
    };
    let originals = originals(rows);
    let fold = |(at, row): (usize, &Row)| match (row.is_corpus(), originals.get(&at)) {
        (true, _) => None,
        (false, Some(original)) => Some(of(&rows[*original].source)),
        (false, None) if row.source == DERIVED => Some(4),
        (false, None) => Some(of(&row.source)),
    };
    rows.iter().enumerate().map(fold).collect()
}

/// Sources that stay together however they are dealt.
const RELATED: [&[&str]; 5] = [
    &["cyberseceval_pi", "cyberseceval_pi_multilingual"],
    &[
        "inthewild_jailbreak",
        "self_reminder_jailbreak",
        "gptfuzzer",
    ],
    &["ailuminate_en", "ailuminate_fr"],
    &["catqa", "dangerousqa", "harmfulqa"],
    &["advbench", "harmbench"],
];

/// Sources dealt to the folds at random: those with attacks first, so that every fold has some, then the others.
fn dealt(rows: &[Row], deal: u64) -> Vec<Vec<&str>> {
    let mut groups: BTreeMap<&str, (bool, BTreeSet<&str>)> = BTreeMap::new();
    for row in rows
        .iter()
        .filter(|row| !row.is_corpus() && row.source != DERIVED)
    {
        let related = RELATED
            .iter()
            .find(|group| group.contains(&row.source.as_str()));
        let name = related.map_or(row.source.as_str(), |group| group[0]);
        let group = groups.entry(name).or_default();
        group.0 |= row.label;
        group.1.insert(&row.source);
    }
    let mut random = fastrand::Rng::with_seed(deal);
    let (mut attacks, mut innocent): (Vec<_>, Vec<_>) =
        groups.into_values().partition(|(attacks, _)| *attacks);
    random.shuffle(&mut attacks);
    random.shuffle(&mut innocent);
    let mut table = vec![Vec::new(); FOLDS];
    for (at, (_, sources)) in attacks.into_iter().chain(innocent).enumerate() {
        table[at % FOLDS].extend(sources);
    }
    table
}

/// The source whose rows are made of others.
pub const DERIVED: &str = "obfuscated";

/// For rows of the derived source: the row that they were made of, as far as it can be told.
#[must_use]
pub fn originals(rows: &[Row]) -> HashMap<usize, usize> {
    let mut index: HashMap<u64, Vec<u32>> = HashMap::new();
    for (at, row) in rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.source != DERIVED && !row.is_corpus())
    {
        for key in keys(&row.text) {
            index.entry(key).or_default().push(at as u32);
        }
    }
    let mut found = HashMap::new();
    for (at, row) in rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.source == DERIVED)
    {
        let mut best: Option<(f64, u32)> = None;
        for view in views(&row.text, &ViewConfig::default()) {
            let own = keys(view.text());
            let mut shared: HashMap<u32, usize> = HashMap::new();
            for other in own
                .iter()
                .filter_map(|key| index.get(key))
                .filter(|rows| rows.len() < 400)
                .flatten()
            {
                *shared.entry(*other).or_default() += 1;
            }
            let likely = shared
                .into_iter()
                .map(|(other, count)| (count as f64 / own.len().max(1) as f64, other));
            let likely = likely.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
            if likely.is_some_and(|likely| best.is_none_or(|best| likely.0 > best.0)) {
                best = likely;
            }
        }
        if let Some((_, original)) = best.filter(|(share, _)| *share >= 0.4) {
            found.insert(at, original as usize);
        }
    }
    found
}

/// Pairs of words, each with its letters sorted, which also undoes letters that were shuffled.
fn keys(text: &str) -> HashSet<u64> {
    let text = text.to_lowercase();
    let words: Vec<Vec<char>> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| {
            let mut letters: Vec<char> = word.chars().collect();
            letters.sort_unstable();
            letters
        })
        .collect();
    let hash = |words: &[Vec<char>]| {
        let text: String = words
            .iter()
            .flat_map(|word| word.iter().copied().chain([' ']))
            .collect();
        let digest = blake3::hash(text.as_bytes());
        digest
            .as_bytes()
            .iter()
            .take(8)
            .fold(0, |hash, byte| hash << 8 | u64::from(*byte))
    };
    match words.len() {
        0 | 1 => words.chunks(1).map(hash).collect(),
        _ => words.windows(2).map(hash).collect(),
    }
}
