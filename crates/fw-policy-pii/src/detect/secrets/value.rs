//! Which values of secret-like names are secrets.

use super::names::{Kind, Label, Operator};
use super::placeholder::{is_identifier, is_placeholder};
use super::random::is_random;
use crate::finding::confidence;

/// How sure it is that `value` is a secret, where `label` names it.
pub(super) fn judge(value: &str, kind: Kind, label: &Label<'_>) -> Option<u8> {
    if value.len() < 4 || is_place(value) || is_placeholder(value) {
        return None;
    }
    let direct = matches!(label.operator, Operator::Assign | Operator::Flag);
    let sure = if direct {
        confidence::LIKELY
    } else {
        confidence::CONTEXT
    };
    let holds = match kind {
        Kind::Password => is_password(value, label),
        Kind::Key => is_key(value),
        Kind::BareKey => value.len() >= 24 && Classes::of(value).all_three() && is_key(value),
    };
    holds.then_some(sure)
}

/// Whether the value looks like a key or token that a machine made.
pub(super) fn is_key(value: &str) -> bool {
    let digest = [
        "sha1-", "sha256-", "sha384-", "sha512-", "sha1:", "sha256:", "sha512:", "md5:",
    ];
    is_random(value)
        && !digest.iter().any(|prefix| value.starts_with(prefix))
        && !value.contains([' ', '(', ')'])
        && !is_mailbox(value)
}

/// `someone@host.example`.
fn is_mailbox(value: &str) -> bool {
    value.split_once('@').is_some_and(|(_, host)| {
        host.contains('.')
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
    })
}

fn is_password(value: &str, label: &Label<'_>) -> bool {
    let classes = Classes::of(value);
    let mixed = classes.letters && (classes.digits || classes.symbols);
    if value.len() > 128 || repeats(value, label.name) {
        return false;
    }
    if value.contains(' ') {
        return label.quoted && is_passphrase(value);
    }
    match label.operator {
        Operator::Prose => mixed && value.len() >= 5 && classes.digits,
        Operator::Call | Operator::Pair => mixed && classes.digits && value.len() >= 6,
        Operator::Assign | Operator::Flag if label.quoted => {
            mixed
                || classes.digits
                || value.is_ascii()
                    && value.len() >= 8
                    && (classes.lower != classes.upper || classes.mixes)
        }
        Operator::Assign | Operator::Flag => {
            let shell = label.tight
                && label.name.bytes().all(|byte| !byte.is_ascii_lowercase())
                && value.len() >= 6;
            // In programs, what stands there without quotes is a name.
            let name = value.split('.').all(is_identifier) && !classes.digits
                || value.contains('.') && value.split('.').all(is_identifier);
            let name = name || value.contains("::") || is_symbol(value, label.tight);
            shell || mixed && !name || label.operator == Operator::Flag && mixed
        }
    }
}

/// What programs write without quotes: `*mut`, `0x100`, `MESSAGE_TYPE_2`.
fn is_symbol(value: &str, tight: bool) -> bool {
    let number = value
        .strip_prefix("0x")
        .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let pointer = value.trim_start_matches(['*', '&']);
    number
        || pointer.len() < value.len() && is_identifier(pointer)
        || !tight && value.contains('_') && is_identifier(value)
}

/// `password = user_password`: the value says the name again.
fn repeats(value: &str, name: &str) -> bool {
    let plain = |text: &str| {
        text.bytes()
            .filter(u8::is_ascii_alphabetic)
            .map(|byte| byte.to_ascii_lowercase())
            .collect::<Vec<_>>()
    };
    let (value_letters, name) = (plain(value), plain(name));
    let words = [
        b"password".as_slice(),
        b"passwd",
        b"passphrase",
        b"passwort",
    ];
    value_letters == name
        || value
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || b"_-".contains(&byte))
            && words.iter().any(|word| {
                value_letters
                    .windows(word.len())
                    .any(|window| window == *word)
            })
}

/// Words that make no sentence: `correct horse battery staple`, and not `must be at least 8 characters`.
fn is_passphrase(value: &str) -> bool {
    let mut count = 0;
    for word in value.split(' ').filter(|word| !word.is_empty()) {
        if SENTENCE
            .iter()
            .any(|known| known.eq_ignore_ascii_case(word.trim_end_matches(['.', ':', '?', '!'])))
        {
            return false;
        }
        count += 1;
    }
    (2..=12).contains(&count) && !value.ends_with(['.', ':', '?', '!'])
}

const SENTENCE: &[&str] = &[
    "is",
    "are",
    "was",
    "must",
    "be",
    "the",
    "a",
    "an",
    "your",
    "please",
    "should",
    "not",
    "required",
    "field",
    "at",
    "least",
    "of",
    "for",
    "to",
    "and",
    "or",
    "enter",
    "password",
    "new",
    "old",
    "current",
    "confirm",
    "repeat",
    "with",
    "in",
    "on",
    "from",
    "this",
    "that",
    "characters",
    "invalid",
    "incorrect",
    "wrong",
    "if",
    "no",
    "user",
    "reset",
    "forgot",
    "change",
    "do",
    "does",
    "match",
    "cannot",
    "can",
    "will",
    "le",
    "la",
    "der",
    "die",
    "das",
    "el",
    "de",
    "und",
    "mot",
    "passe",
    "secret",
    "key",
    "token",
    "api",
    "=",
    "==",
    "+",
    "||",
    "&&",
    "?",
];

/// A path or an address rather than a secret.
fn is_place(value: &str) -> bool {
    value.contains("://")
        || ["/", "./", "../", "~/", "C:"]
            .iter()
            .any(|start| value.starts_with(start))
            && value
                .split('/')
                .filter(|part| part.bytes().all(|byte| byte.is_ascii_lowercase()))
                .count()
                > 1
        || FILES.iter().any(|end| value.ends_with(end))
}

const FILES: &[&str] = &[
    ".pem", ".key", ".json", ".yaml", ".yml", ".txt", ".py", ".js", ".ts", ".go", ".rs", ".java",
    ".html", ".css", ".png", ".jpg", ".xml", ".toml", ".env", ".crt", ".p12", ".jks", ".md",
];

/// Which characters a value has.
#[derive(Clone, Copy, Debug, Default)]
struct Classes {
    letters: bool,
    lower: bool,
    upper: bool,
    digits: bool,
    symbols: bool,
    /// Cases change more than once.
    mixes: bool,
}

impl Classes {
    fn of(value: &str) -> Self {
        let mut classes = Self::default();
        let mut changes = 0;
        let mut upper = None;
        for byte in value.bytes() {
            match byte {
                b'0'..=b'9' => classes.digits = true,
                b'_' | b'-' | b'.' | b':' | b'/' | b',' => {}
                0x80.. => classes.letters = true,
                _ if byte.is_ascii_alphabetic() => {
                    let is_upper = byte.is_ascii_uppercase();
                    classes.letters = true;
                    classes.upper |= is_upper;
                    classes.lower |= !is_upper;
                    changes += usize::from(upper.is_some_and(|was| was != is_upper));
                    upper = Some(is_upper);
                }
                _ => classes.symbols = true,
            }
        }
        classes.mixes = changes > 3;
        classes
    }

    const fn all_three(self) -> bool {
        self.lower && self.upper && self.digits
    }
}
