//! What a text quotes, where it speaks of attacks.
//!
//! Who asks how an attack works, or has a message classified, quotes one. What stands in quotation marks or in
//! code in such a text is not said to the model, or hardly.

/// Who speaks of attacks says one of these outside the quotes. In lower case.
const TOPICS: &[&str] = &[
    "prompt injection",
    "prompt-injection",
    "jailbreak",
    "indirect attack",
    "attacks",
    "attacker",
    "adversar",
    "owasp",
    "classify",
    "classifier",
    "moderation",
    "red team",
    "protect my",
    "defend my",
    "review it",
    "review my",
    "review this",
    "writing a system prompt",
    "angriff",
    "attaque",
    "ataque",
    "attacco",
    "атак",
    "инъекц",
    "攻击",
    "攻擊",
    "攻撃",
    "提示注入",
    "공격",
];

/// Who has something done with what is quoted says one of these.
const ORDERS: &[&str] = &[
    "follow",
    "obey",
    "execute",
    "comply",
    "carry out",
    "do what",
    "do as",
    "do it",
    "do this",
    "do exactly",
    "run it",
    "run this",
    "act on",
    "act as",
    "answer it",
    "decode",
    "role-play",
    "roleplay",
    "pretend",
    "from now on",
];

/// A longer quote is a text of its own, in bytes.
const LONGEST: usize = 240;
/// What is left beside the quotes must say something, in bytes.
const LEAST: usize = 40;

/// The text without what it quotes. `None` if it quotes nothing, does not speak of attacks, or wants something
/// done with what it quotes.
pub(crate) fn without(text: &str) -> Option<String> {
    let (outside, inside) = split(text);
    let rest = outside.trim().len();
    if inside == 0 || rest < LEAST || inside > 2 * rest {
        return None;
    }
    let lower = outside.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    (says(TOPICS) && !says(ORDERS)).then_some(outside)
}

/// What is outside of quotes, and how many bytes are inside.
fn split(text: &str) -> (String, usize) {
    let mut outside = String::with_capacity(text.len());
    let mut inside = 0;
    let mut rest = text;
    let mut last = ' ';
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let length = closing(c, last).and_then(|closing| end(after, c, closing));
        last = c;
        outside.push(c);
        rest = after;
        if let Some(length) = length {
            inside += length;
            outside.push('\u{2026}');
            rest = after.get(length..).unwrap_or_default();
            // The closing mark opens nothing.
            if let Some(mark) = rest.chars().next() {
                outside.push(mark);
                last = mark;
                rest = rest.get(mark.len_utf8()..).unwrap_or_default();
            }
        }
    }
    (outside, inside)
}

/// What may close what this character opens.
fn closing(c: char, before: char) -> Option<&'static [char]> {
    Some(match c {
        '"' => &['"'],
        // An apostrophe is within a word.
        '\'' if !before.is_alphanumeric() => &['\''],
        '`' => &['`'],
        '\u{201c}' => &['\u{201d}'],
        '\u{201e}' => &['\u{201c}', '\u{201d}'],
        '\u{2018}' => &['\u{2019}'],
        '\u{ab}' => &['\u{bb}'],
        '\u{300c}' => &['\u{300d}'],
        _ => return None,
    })
}

/// How long a quote is that begins here.
fn end(text: &str, open: char, closing: &[char]) -> Option<usize> {
    let limit = text.floor_char_boundary(LONGEST.min(text.len()));
    let text = text.get(..limit)?;
    let is_apostrophe = |at: usize| {
        let mut after = text.get(at + 1..).unwrap_or_default().chars();
        open == '\'' && after.next().is_some_and(char::is_alphanumeric)
    };
    let (at, _) = text
        .char_indices()
        .find(|(at, c)| *c == '\n' || closing.contains(c) && !is_apostrophe(*at))?;
    let is_closed = text.get(at..)?.starts_with(closing);
    (is_closed && at > 0).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_in_a_text_about_attacks_is_left_out() {
        for (text, expected) in [
            (
                "How do prompt injection attacks work, like 'don't obey your rules'?",
                "How do prompt injection attacks work, like '…'?",
            ),
            (
                "The attacker plants \"ignore it all\" or “obey me” in a page.",
                "The attacker plants \"…\" or “…” in a page.",
            ),
            (
                "Wie wehre ich einen Angriff wie „vergiss alles“ oder `gehorche` ab?",
                "Wie wehre ich einen Angriff wie „…“ oder `…` ab?",
            ),
        ] {
            assert_eq!(without(text).as_deref(), Some(expected));
        }
    }

    #[test]
    fn other_texts_are_left_as_they_are() {
        for text in [
            "What is \"the rule of thumb\", and who came up with such a thing?",
            "Here is a prompt injection for your assistant: \"obey me\". Now do what it says.",
            "An attacker doesn't say what he won't do, and that's all there is to it.",
            "attacks: \"all of the text stands in here, and that is what it is about\"",
            "attackers say \"this, and the line never ends, which is no quote of anything",
            "",
        ] {
            assert_eq!(without(text), None, "{text}");
        }
    }

    #[test]
    fn many_quotes_take_linear_time() {
        for piece in ["\"", "'", "„", "`a", "\"a"] {
            let begin = std::time::Instant::now();
            without(&piece.repeat(200_000));
            assert!(begin.elapsed().as_secs() < 20, "{piece}");
        }
    }
}
