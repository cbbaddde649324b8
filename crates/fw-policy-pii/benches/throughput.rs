//! How fast text is searched: `cargo bench -p fw-policy-pii`.
//!
//! `whole`: one text of 64 KiB, per byte. `streamed`: the same text in deltas of about five bytes, per delta,
//! called as the stream engine does it: each call sees what is not settled yet and the new piece.

#![allow(clippy::unwrap_used)]

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use fw_policy_pii::{Detector, PiiConfig};
use fw_stream::{Edits, Scan, TextFilter, Window};

/// The length of the texts.
const LENGTH: usize = 64 * 1024;

/// The length of a delta, about that of a token of a model.
const DELTA: usize = 5;

fn main() {
    divan::main();
}

/// Numbers that look random and are the same in each run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count)
            .map(|_| char::from(b'0' + u8::try_from(self.below(10)).unwrap()))
            .collect()
    }
}

/// Kinds of text.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Prose,
    Code,
    Log,
    /// About every tenth word is something that is found.
    Private,
}

const KINDS: [Kind; 4] = [Kind::Prose, Kind::Code, Kind::Log, Kind::Private];

const WORDS: &[&str] = &[
    "the",
    "a",
    "of",
    "and",
    "in",
    "to",
    "is",
    "was",
    "with",
    "river",
    "bridge",
    "winter",
    "slowly",
    "between",
    "station",
    "garden",
    "remember",
    "however",
    "children",
    "mountain",
    "perhaps",
    "morning",
    "because",
    "question",
    "small",
    "water",
    "light",
    "carefully",
    "answer",
    "it",
    "for",
    "on",
    "nothing",
    "window",
];

const CODE: &[&str] = &[
    "let total = items.iter().map(|item| item.price).sum::<u64>();\n",
    "if self.is_ready() && !queue.is_empty() {\n    return Ok(None);\n}\n",
    "pub(crate) fn next_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Frame>> {\n",
    "    for (index, value) in values.iter().enumerate().skip(2) {\n",
    "        assert_eq!(buffer.len(), 128, \"the buffer is full\");\n",
    "    // Two passes: the first one counts, the second one writes.\n",
    "const LIMIT: usize = 16 * 1024;\n",
    "    result.push_str(&format!(\"{name}={value}\"));\n",
    "}\n\nimpl Default for Settings {\n    fn default() -> Self {\n",
    "        Self { retries: 3, timeout: Duration::from_millis(2_500) }\n",
    "import { readFile } from \"node:fs/promises\";\n",
    "def parse(line: str, *, strict: bool = False) -> dict[str, int]:\n",
];

fn piece(kind: Kind, random: &mut Random, text: &mut String) {
    match kind {
        Kind::Prose => {
            let words = 6 + random.below(12);
            for index in 0..words {
                let word = random.of(WORDS);
                match index {
                    0 => {
                        text.push_str(&word[..1].to_uppercase());
                        text.push_str(&word[1..]);
                    }
                    _ if random.below(60) == 0 => text.push_str(&random.below(2000).to_string()),
                    _ => text.push_str(word),
                }
                text.push_str(if index + 1 == words { ".\n" } else { " " });
                if random.below(14) == 0 && text.ends_with(' ') {
                    text.pop();
                    text.push_str(", ");
                }
            }
        }
        Kind::Code => text.push_str(random.of(CODE)),
        Kind::Log => {
            let line = format!(
                "2026-03-{:02}T{:02}:{:02}:{:02}.{}Z {} http::server: {} method=GET path=/v1/{}/{} status={} took={}.{}ms\n",
                1 + random.below(28),
                random.below(24),
                random.below(60),
                random.below(60),
                random.digits(6),
                random.of(&["INFO", "WARN", "DEBUG"]),
                random.of(&["request done", "retrying", "connection closed"]),
                random.of(&["items", "orders", "models"]),
                random.digits(4),
                200 + random.below(300),
                random.below(900),
                random.digits(3),
            );
            text.push_str(&line);
        }
        Kind::Private => {
            for _ in 0..10 {
                text.push_str(random.of(WORDS));
                text.push(' ');
            }
            let found = match random.below(4) {
                0 => format!("{}.{}@example.org", random.of(WORDS), random.of(WORDS)),
                1 => format!("+44 20 7946 0{}", random.digits(3)),
                2 => format!("from 203.0.113.{}", random.below(255)),
                _ => "card 4111 1111 1111 1111".to_owned(),
            };
            text.push_str(&found);
            text.push_str(".\n");
        }
    }
}

fn text(kind: Kind) -> String {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut text = String::new();
    while text.len() < LENGTH {
        piece(kind, &mut random, &mut text);
    }
    text
}

fn detector() -> Detector {
    Detector::new(&PiiConfig::default()).unwrap()
}

#[divan::bench(args = KINDS)]
fn whole(bencher: Bencher<'_, '_>, kind: Kind) {
    let text = text(kind);
    let detector = detector();
    let mut edits = Edits::new();
    bencher
        .counter(BytesCount::new(text.len()))
        .bench_local(|| {
            edits.clear();
            let window = Window::new(&text, 0, 0, true);
            detector.filter().scan(black_box(&window), &mut edits)
        });
}

#[divan::bench(args = KINDS)]
fn streamed(bencher: Bencher<'_, '_>, kind: Kind) {
    let text = text(kind);
    let detector = detector();
    let mut edits = Edits::new();
    bencher
        .counter(ItemsCount::new(text.len() / DELTA))
        .bench_local(|| {
            let mut filter = detector.filter();
            let mut settled = 0_usize;
            let mut shown = 0;
            while shown < text.len() {
                let to = text.ceil_char_boundary(shown + DELTA);
                let from = text.ceil_char_boundary(settled.saturating_sub(filter.context()));
                let window = Window::new(
                    &text[from..to],
                    settled - from,
                    shown - from,
                    to == text.len(),
                );
                edits.clear();
                if let Scan::Settled(position) = filter.scan(black_box(&window), &mut edits) {
                    settled = from + position;
                }
                shown = to;
            }
            settled
        });
}
