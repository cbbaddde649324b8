//! Letters that stand alone: `i g n o r e   a l l`, `i.g.n.o.r.e a.l.l`.

use std::ops::Range;

use super::inline::{Decoded, Inline};
use super::letters::{Likeness, letter};

/// The fewest letters: fewer are initials and abbreviations.
const MIN_LETTERS: usize = 6;
/// The fewest characters of what may be encoded besides.
const MIN_ENCODED: usize = 12;
/// What a step from letter to letter has to be worth, in eighths of a bit.
const LIKE: i32 = 2;

/// Joins the letters that stand alone in `text`.
pub(super) fn decode(text: &str, room: usize) -> Option<Decoded> {
    let mut inline = Inline::new(text, room);
    let mut run = Run::default();
    let mut end = 0;
    for token in text.split_whitespace() {
        // Where a token starts is known by its address; counting would be slower.
        let start = token.as_ptr() as usize - text.as_ptr() as usize;
        let gap = &text[end..start];
        end = start + token.len();
        let item = item(token, start);
        match item {
            Some(item) => {
                run.gaps
                    .push(gap.chars().count() + if gap.contains('\n') { 100 } else { 0 });
                run.items.push(item);
            }
            None => run.settle(&mut inline),
        }
    }
    run.settle(&mut inline);
    inline.finish(run.hidden)
}

/// A token of which each letter stands alone.
struct Item {
    source: Range<usize>,
    /// What it says.
    text: String,
    /// It is one character.
    single: bool,
    /// It is a sign alone, or a letter with one.
    sign: bool,
}

/// Tokens in a row.
#[derive(Default)]
struct Run {
    items: Vec<Item>,
    /// The width of the space before each item.
    gaps: Vec<usize>,
    /// Whether one of the runs was text.
    hidden: bool,
}

impl Run {
    /// Ends the run, and replaces it if it may be text.
    fn settle(&mut self, inline: &mut Inline<'_>) {
        if let Some((source, text, reads)) = self.joined() {
            self.hidden |= reads;
            inline.replace(source, &text);
        }
        self.items.clear();
        self.gaps.clear();
    }

    /// Where the run is, what it says, and whether that is text. It may also be encoded.
    fn joined(&self) -> Option<(Range<usize>, String, bool)> {
        let characters: usize = self.items.iter().map(|item| item.text.len()).sum();
        if characters < MIN_LETTERS {
            return None;
        }
        // Between two characters of a word there is the narrowest space.
        let pairs = || self.items.windows(2).zip(self.gaps.iter().skip(1));
        let narrow = pairs()
            .filter(|(pair, _)| pair.iter().all(|item| item.single))
            .map(|(_, gap)| *gap)
            .min()
            .unwrap_or(1);
        let mut text = String::new();
        let mut wide = true;
        for (index, (item, gap)) in self.items.iter().zip(&self.gaps).enumerate() {
            let before = index
                .checked_sub(1)
                .and_then(|before| self.items.get(before));
            let joins = item.single && *gap <= narrow && before.is_none_or(|before| before.single);
            let sign = !item.text.contains(char::is_alphanumeric);
            let parts = matches!(item.text.as_str(), "/" | "|" | "_");
            if item.single && (parts || (sign && item.sign)) {
                wide = true;
                continue;
            }
            if (wide || !joins) && !text.is_empty() {
                text.push(' ');
            }
            wide = false;
            text.push_str(&item.text);
        }
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        let latin = text.chars().filter(|c| letter(*c) != 0).count();
        let likeness = Likeness::of(&text);
        let reads = letters >= MIN_LETTERS
            && letters * 3 >= self.items.len() * 2
            && (latin * 2 < letters || likeness.at_least(LIKE));
        let source = self.items.first()?.source.start..self.items.last()?.source.end;
        (reads || self.items.len() >= MIN_ENCODED).then_some((source, text, reads))
    }
}

fn item(token: &str, start: usize) -> Option<Item> {
    let source = start..start + token.len();
    let mut chars = token.chars();
    let first = chars.next()?;
    let Some(second) = chars.next() else {
        return Some(Item {
            source,
            text: first.to_string(),
            single: true,
            sign: matches!(first, '.' | ',' | '-' | ';'),
        });
    };
    // `.a.l.l.`: the space between two words stands between two signs.
    let letters = token.trim_start_matches(first);
    let (letters, separator) = if first.is_alphanumeric() {
        (token, second)
    } else {
        (letters, first)
    };
    if letters.is_empty() || separator.is_alphanumeric() {
        return None;
    }
    let alone = chars.next().is_none() && first.is_alphanumeric();
    if alone && matches!(second, '.' | ',' | '-' | ';') {
        return Some(Item {
            source,
            text: first.to_string(),
            single: true,
            sign: true,
        });
    }
    let text = split(letters, separator).filter(|text| !text.is_empty())?;
    Some(Item {
        source,
        text,
        single: false,
        sign: false,
    })
}

/// A sign that is not ASCII: one is as good as another.
fn is_picture(c: char) -> bool {
    !c.is_ascii() && !c.is_alphanumeric()
}

/// The characters of a token that are parted by `separator`, with a space where there are several. Signs at the end
/// stay.
fn split(token: &str, separator: char) -> Option<String> {
    let mut text = String::new();
    let mut gap = 1;
    let mut chars = token.chars();
    for c in chars.by_ref() {
        if c == separator || (is_picture(c) && is_picture(separator)) {
            gap += 1;
        } else if c.is_alphanumeric() && gap > 0 {
            if gap > 1 && !text.is_empty() {
                text.push(' ');
            }
            text.push(c);
            gap = 0;
        } else if c.is_alphanumeric() {
            return None; // Two in a row.
        } else {
            text.push(c);
            break;
        }
    }
    chars.all(|c| !c.is_alphanumeric()).then_some(text)
}
