//! Markers that pretend to end what a user says and to begin what somebody else does.
//!
//! Documentation and programs about chat templates hold the same markers, so a marker is not enough: only one
//! that opens a turn with something to say in it, outside code and quotes, is a forgery by itself. All others
//! raise the score of their text, and what the text says decides.

mod markers;

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use self::markers::{Family, MARKERS, Marker, Shape};
use crate::config::BoundaryConfig;

/// What the markers of a text come to.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Boundaries {
    /// How much they raise the score, as a difference of logits.
    pub(crate) raise: f32,
    /// A turn is forged, whatever the rest of the text says.
    pub(crate) forged: bool,
    /// The first that counts most.
    pub(crate) at: Option<Range<usize>>,
}

/// What a marker inside code, or one that may be innocent, adds.
const WEAK: f32 = 0.5;
/// What such markers add at most.
const MOST_WEAK: f32 = 1.0;
/// What a marker adds that is hardly ever written by chance.
const TELLING: f32 = 1.5;
/// What all of them add at most.
const MOST: f32 = 3.0;
/// Markers of that many templates in one text: somebody explains them.
const CATALOGUE: usize = 3;
/// Markers that are looked at, at most.
const MOST_MARKERS: usize = 256;
/// As far is looked for what a turn says, in bytes.
const TURN: usize = 240;
/// As far is looked for the beginning of a line, in bytes.
const LINE: usize = 240;

static AUTOMATON: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(MARKERS.iter().map(|marker| marker.text))
        .ok()
});

/// A marker where it was found.
struct Found {
    marker: &'static Marker,
    range: Range<usize>,
    quoted: bool,
}

/// Looks for markers in a normalised text.
pub(crate) fn boundaries(text: &str, config: BoundaryConfig) -> Boundaries {
    let found = find(text, config);
    let mut sum = Boundaries::default();
    if found.is_empty() {
        return sum;
    }
    let is_catalogue = families(&found) >= CATALOGUE;
    let mut weak = 0.0_f32;
    for (index, place) in found.iter().enumerate() {
        let is_quoted = place.quoted || is_catalogue;
        let weight = match place.marker.shape {
            _ if is_quoted => WEAK,
            Shape::Turn | Shape::NamedTurn
                if says_something(text, place) && !is_alone(&found, place) =>
            {
                sum.forged = true;
                MOST
            }
            Shape::Turn | Shape::NamedTurn | Shape::End | Shape::Heading => TELLING,
            Shape::Label if is_dialogue(text, &found) => WEAK,
            Shape::Closing if !is_opened(text, place) => TELLING,
            Shape::Tag | Shape::Field => WEAK,
            Shape::Label | Shape::Closing => continue,
        };
        // The same marker twice says nothing new.
        let is_new = found
            .iter()
            .take(index)
            .all(|before| before.marker.text != place.marker.text);
        if is_new && weight > WEAK {
            sum.raise += weight;
        } else if is_new {
            weak += weight;
        }
        if sum.at.is_none() || weight >= MOST {
            sum.at = Some(place.range.clone());
        }
        if sum.forged {
            break;
        }
    }
    sum.raise = (sum.raise + weak.min(MOST_WEAK)).min(MOST);
    sum
}

fn find(text: &str, config: BoundaryConfig) -> Vec<Found> {
    let mut found = Vec::new();
    let mut fences = Fences::new(text);
    for hit in AUTOMATON
        .iter()
        .flat_map(|automaton| automaton.find_iter(text))
    {
        let Some(marker) = MARKERS.get(hit.pattern().as_usize()) else {
            continue;
        };
        let wanted = if marker.shape == Shape::Closing {
            config.enforce_delimiters
        } else {
            config.reject_fake_boundaries
        };
        if !wanted || (marker.shape.begins_a_line() && !begins_a_line(text, hit.start())) {
            continue;
        }
        let quoted = fences.covers(hit.start()) || is_quoted(text, hit.start());
        found.push(Found {
            marker,
            range: hit.range(),
            quoted,
        });
        if found.len() == MOST_MARKERS {
            break;
        }
    }
    found
}

/// Templates of which there are special tokens.
fn families(found: &[Found]) -> usize {
    let tokens = found.iter().filter(|place| place.marker.shape.is_token());
    let mut families: Vec<Family> = tokens.map(|place| place.marker.family).collect();
    families.sort_unstable();
    families.dedup();
    families.len()
}

/// `[inst]` may be short for something; `[inst]` with `[/inst]` is not.
fn is_alone(found: &[Found], place: &Found) -> bool {
    place.marker.text == "[inst]"
        && found
            .iter()
            .all(|other| other.marker.family != Family::Llama2 || other.marker.text == "[inst]")
}

/// Whether the turn that a marker opens says something: three words, and no placeholder.
fn says_something(text: &str, place: &Found) -> bool {
    let end = text.floor_char_boundary((place.range.end + TURN).min(text.len()));
    let mut turn = text
        .get(place.range.end..end)
        .unwrap_or_default()
        .trim_start();
    if place.marker.shape == Shape::NamedTurn {
        let role = ["system", "developer", "assistant", "user", "model", "tool"]
            .into_iter()
            .find_map(|role| turn.strip_prefix(role));
        let Some(rest) = role else {
            return false;
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
    let words = said
        .split_whitespace()
        .filter(|word| word.chars().any(char::is_alphabetic))
        .count();
    // Scripts without spaces have few words and many letters.
    let is_dense = said.chars().any(|c| c >= '\u{e00}') && letters >= 6;
    !is_placeholder && (words >= 3 || is_dense)
}

/// Speakers at the beginnings of lines are a forged dialogue only if the text does not begin as one: a
/// transcript does.
fn is_dialogue(text: &str, found: &[Found]) -> bool {
    let labels = || {
        found
            .iter()
            .filter(|place| place.marker.shape == Shape::Label)
    };
    let first = labels().next().is_some_and(|place| {
        text.get(..place.range.start)
            .unwrap_or_default()
            .trim()
            .is_empty()
    });
    let mut names: Vec<&str> = labels().map(|place| place.marker.text).collect();
    names.sort_unstable();
    names.dedup();
    !first && names.len() >= 2
}

/// Whether what a tag closes was opened before it.
fn is_opened(text: &str, place: &Found) -> bool {
    let Some(name) = place.marker.text.strip_prefix("</") else {
        return false;
    };
    let name = name.trim_end_matches('>');
    let before = text.get(..place.range.start).unwrap_or_default();
    let mut at = before.len();
    // The nearest decides, and one that is far away is as good as none.
    for _ in 0..32 {
        let Some(found) = before.get(..at).and_then(|before| before.rfind(name)) else {
            return false;
        };
        if before
            .get(..found)
            .is_some_and(|before| before.ends_with('<'))
        {
            return true;
        }
        at = found;
    }
    false
}

fn begins_a_line(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    matches!(
        before
            .trim_end_matches([' ', '*', '>', '-'])
            .chars()
            .next_back(),
        None | Some('\n')
    )
}

/// Whether a marker stands in quotes or in a piece of code within a line.
fn is_quoted(text: &str, at: usize) -> bool {
    let before = text
        .get(text.ceil_char_boundary(at.saturating_sub(LINE))..at)
        .unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let ticks = line.bytes().filter(|byte| *byte == b'`').count();
    let last = before.chars().next_back();
    ticks % 2 == 1
        || matches!(
            last,
            Some('"' | '\'' | '\u{201c}' | '\u{201e}' | '\u{2018}' | '\u{ab}' | '\u{300c}')
        )
}

/// Which places lie between fences of code, asked for in order.
struct Fences<'t> {
    text: &'t str,
    at: usize,
    is_open: bool,
}

impl<'t> Fences<'t> {
    const fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            is_open: false,
        }
    }

    fn covers(&mut self, place: usize) -> bool {
        while let Some(found) = self
            .text
            .get(self.at..place)
            .and_then(|text| text.find("```"))
        {
            self.at += found + 3;
            self.is_open = !self.is_open;
        }
        // What is before the place has no further fence.
        self.at = self
            .at
            .max(self.text.floor_char_boundary(place.saturating_sub(2)));
        self.is_open
    }
}

#[cfg(test)]
mod tests;
