//! What each head learns.

use fw_classify::Phrases;

use crate::data::Row;
use crate::folds::Task;

/// A head, and what it learns of a row: yes, no, or nothing.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    /// Its name in the model.
    pub name: &'static str,
    /// Whether it says that a text is unsafe; otherwise it says of which kind an unsafe text is.
    pub decides: bool,
    /// The lists of phrases that count for it.
    pub lists: &'static [&'static str],
    /// What it learns of a row.
    pub label: fn(&Row) -> Option<bool>,
}

/// Every list of phrases for unsafe texts.
const UNSAFE: &[&str] = &[
    "harm",
    "toxicity",
    "hate",
    "harassment",
    "sexual",
    "sexual_minors",
    "violence",
    "self_harm",
    "weapons",
    "crime",
    "harmful_request",
];

/// The numbers of a head's lists.
#[must_use]
pub fn numbers(phrases: &Phrases, head: &Head) -> Vec<usize> {
    head.lists
        .iter()
        .filter_map(|list| phrases.index(list))
        .collect()
}

/// The heads that decide, which share the large table.
#[must_use]
pub fn deciding(task: Task) -> Vec<Head> {
    match task {
        Task::Injection => vec![Head {
            name: "injection",
            decides: true,
            lists: &["injection"],
            label: |row| Some(row.label),
        }],
        Task::Safety => {
            let head = |name, lists, label| Head {
                name,
                decides: true,
                lists,
                label,
            };
            let all = head("harm", UNSAFE, |row| Some(row.label));
            let toxic = head("toxicity", &["toxicity", "hate", "harassment"], toxicity);
            vec![all, toxic]
        }
    }
}

/// The heads that tell kinds of unsafe texts apart, which share a small table.
#[must_use]
pub fn telling(task: Task) -> Vec<Head> {
    macro_rules! kinds {
        ($($name:literal)*) => {
            vec![$(Head { name: $name, decides: false, lists: &[$name], label: |row| kind(row, $name) }),*]
        };
    }
    match task {
        Task::Injection => Vec::new(),
        Task::Safety => {
            kinds!["hate" "harassment" "sexual" "sexual_minors" "violence" "self_harm" "weapons" "crime" "harmful_request"]
        }
    }
}

/// Posts that are collected by their words, not by what they ask for.
const POSTS: &str = "davidson_tweets";

fn toxicity(row: &Row) -> Option<bool> {
    match kinds(row) {
        _ if !row.label => Some(false),
        ["hate", ..] | ["harassment", ..] => Some(true),
        _ => None,
    }
}

/// Kinds are told apart among unsafe texts: whether a text is unsafe at all is for the deciding heads to say.
fn kind(row: &Row, name: &str) -> Option<bool> {
    match kinds(row) {
        _ if !row.label => None,
        // Unsafe in a way that nobody wrote down.
        [] => None,
        // Many of them are of a kind as well, which nobody wrote down.
        ["harmful_request"] if name != "harmful_request" => None,
        kinds => Some(kinds.contains(&name) || (name == "harmful_request" && is_request(row))),
    }
}

/// Collections of requests, as opposed to posts.
fn is_request(row: &Row) -> bool {
    !row.is_corpus() && row.source != POSTS
}

/// The kinds that a collection's own name for a kind stands for, the main one first.
fn kinds(row: &Row) -> &'static [&'static str] {
    match row.category.as_str() {
        "hate" | "hte" => &["hate"],
        "harassment" | "harassment_bullying" | "dfm" => &["harassment"],
        "hate/harass/violence" => &["hate", "harassment", "violence"],
        "sexual" | "sxc_prn" | "adult_content" => &["sexual"],
        "sexual_minors" | "cse" | "child_abuse" => &["sexual_minors"],
        "violence" | "vcr" | "physical_harm" => &["violence"],
        "self_harm" | "ssh" => &["self_harm"],
        "weapons" | "iwp" | "chemical_biological" => &["weapons"],
        "crime"
        | "ncr"
        | "src"
        | "prv"
        | "cybercrime_intrusion"
        | "illegal"
        | "illegal_activity"
        | "fraud/deception"
        | "malware_viruses"
        | "privacy_violation_activity"
        | "code_interpreter_abuse" => &["crime"],
        "harmful_request"
        | "harmful"
        | "harmful_behaviour"
        | "harmful_question"
        | "misinformation_disinformation"
        | "economic_harm" => &["harmful_request"],
        _ => &[],
    }
}
