//! What a forged turn says, and whether somebody only shows what a template looks like.

use super::markers::{Marker, Shape};

/// As far is looked for what a turn says, in bytes.
const TURN: usize = 240;

/// What a turn says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing, or a placeholder such as `{system}`.
    Nothing,
    /// What is said in every example: that somebody is a helpful assistant.
    Stock,
    /// So many words, or letters of a script without spaces.
    Words(usize),
}

/// What the turn says that a marker opens which ends here. Of one that names its speaker, after that name.
pub(super) fn said(text: &str, marker: &Marker, end: usize) -> Said {
    let until = text.floor_char_boundary((end + TURN).min(text.len()));
    let mut turn = text.get(end..until).unwrap_or_default().trim_start();
    if marker.shape == Shape::NamedTurn {
        let role = ["system", "developer", "assistant", "user", "model", "tool"]
            .into_iter()
            .find_map(|role| turn.strip_prefix(role));
        let Some(rest) = role else {
            return Said::Nothing;
        };
        turn = rest;
    }
    // Further tokens, as in a header.
    while let Some(rest) = turn.trim_start().strip_prefix("<|") {
        turn = rest.split_once("|>").map_or("", |(_, rest)| rest);
    }
    let said = turn.split(['<', '[', '`']).next().unwrap_or_default();
    let is_placeholder = said.contains(['{', '}', '$', '%', '\u{2026}']) || said.contains("...");
    let letters = said.chars().filter(|c| c.is_alphabetic()).count();
    let words = || {
        said.split(|c: char| !c.is_alphanumeric() && c != '\'')
            .filter(|word| word.chars().any(char::is_alphabetic))
    };
    // Scripts without spaces have few words and many letters.
    let is_dense = said.chars().any(|c| c >= '\u{e00}') && letters >= 6;
    let count = if is_dense { letters } else { words().count() };
    if is_placeholder || count < 3 {
        Said::Nothing
    } else if is_stock(words()) {
        Said::Stock
    } else {
        Said::Words(count)
    }
}

/// Words of the sentence that all examples have.
const STOCK: [&str; 28] = [
    "you",
    "are",
    "a",
    "an",
    "the",
    "and",
    "helpful",
    "friendly",
    "honest",
    "harmless",
    "respectful",
    "useful",
    "polite",
    "ai",
    "language",
    "model",
    "assistant",
    "chatbot",
    "bot",
    "named",
    "called",
    "trained",
    "by",
    "dolphin",
    "qwen",
    "llama",
    "created",
    "openai",
];

/// `You are a helpful assistant`, and nothing more.
fn is_stock<'t>(words: impl Iterator<Item = &'t str>) -> bool {
    let mut words = words.peekable();
    words.peek() == Some(&"you") && words.all(|word| STOCK.contains(&word))
}

/// What somebody says who shows a template.
const NAMES: [&str; 17] = [
    "template",
    "chat format",
    "prompt format",
    "instruct format",
    "special token",
    "tokenizer",
    "chatml",
    "jinja",
    "log prints",
    "log says",
    "console prints",
    "prints:",
    "vorlage",
    "plantilla",
    "шаблон",
    "模板",
    "テンプレート",
];

/// Whether a template is named in the sentence that a marker stands in, or in the line with a colon before it.
pub(super) fn is_named(before: &str) -> bool {
    let (line, above) = match before.rsplit_once('\n') {
        Some((above, line)) => (line, above),
        None => (before, ""),
    };
    let sentence = if line.trim().is_empty() {
        let above = above.trim_end();
        above
            .rsplit('\n')
            .next()
            .filter(|line| line.ends_with(':'))
            .unwrap_or_default()
    } else {
        line
    };
    NAMES.iter().any(|name| sentence.contains(name))
}
