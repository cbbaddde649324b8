//! Markers that pretend to end what a user says and to begin what somebody else does.
//!
//! Documentation and programs about chat templates hold the same markers, so a marker is not enough: only one
//! that opens a turn with something to say in it, outside code and quotes, is a forgery by itself. All others
//! raise the score of their text, and what the text says decides.

mod markers;
mod turn;

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use self::markers::{Family, MARKERS, Marker, Shape};
use self::turn::Said;
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
/// Markers of that many templates in one text: somebody explains them, in turns of a few words.
const CATALOGUE: usize = 3;
/// A turn of so many words is no example in a list.
const MANY_WORDS: usize = 8;
/// Markers that are looked at, at most: of those in quotes, and of the others. Those that open a turn in which
/// something is said are always looked at.
const MOST_MARKERS: usize = 256;
/// As far is looked for the beginning of a line, in bytes.
const LINE: usize = 240;

/// Finds the markers as they are, and with spaces inside the bars.
static AUTOMATON: LazyLock<Option<(AhoCorasick, Vec<&'static Marker>)>> = LazyLock::new(|| {
    let mut patterns = Vec::new();
    let mut markers = Vec::new();
    for marker in MARKERS {
        let spaced = [
            marker.text.replace("<|", "<| "),
            marker.text.replace("|>", " |>"),
            marker.text.replace("<|", "<| ").replace("|>", " |>"),
        ];
        let spaced = spaced.into_iter().filter(|text| *text != marker.text);
        for text in std::iter::once(marker.text.to_owned()).chain(spaced) {
            patterns.push(text);
            markers.push(marker);
        }
    }
    let automaton = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(patterns);
    Some((automaton.ok()?, markers))
});

/// A marker where it was found.
struct Found {
    marker: &'static Marker,
    range: Range<usize>,
    quoted: bool,
    said: Said,
    /// Its template is named beside it.
    named: bool,
}

impl Found {
    /// Whether somebody shows what a template looks like, rather than says something.
    const fn is_example(&self) -> bool {
        self.named || matches!(self.said, Said::Stock)
    }
}

/// Looks for markers in a normalised text.
pub(crate) fn boundaries(text: &str, config: BoundaryConfig) -> Boundaries {
    let found = find(text, config);
    let mut sum = Boundaries::default();
    if found.is_empty() {
        return sum;
    }
    let is_catalogue = families(&found) >= CATALOGUE;
    let forges = |place: &Found| {
        let enough = if is_catalogue { MANY_WORDS } else { 0 };
        let says = matches!(place.said, Said::Words(count) if count >= enough);
        says && !place.quoted && !place.named && !is_alone(&found, place)
    };
    if let Some(place) = found.iter().find(|place| forges(place)) {
        return Boundaries {
            raise: MOST,
            forged: true,
            at: Some(place.range.clone()),
        };
    }
    let is_example = is_catalogue || found.iter().any(Found::is_example);
    let mut weak = 0.0_f32;
    for (index, place) in found.iter().enumerate() {
        let weight = match place.marker.shape {
            _ if place.quoted => WEAK,
            shape if shape.is_token() && is_example => WEAK,
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
        if sum.at.is_none() {
            sum.at = Some(place.range.clone());
        }
    }
    sum.raise = (sum.raise + weak.min(MOST_WEAK)).min(MOST);
    sum
}

fn find(text: &str, config: BoundaryConfig) -> Vec<Found> {
    let mut found = Vec::new();
    let Some((automaton, markers)) = &*AUTOMATON else {
        return found;
    };
    let mut fences = Fences::new(text);
    let mut left = [MOST_MARKERS; 2];
    for hit in automaton.find_iter(text) {
        let Some(marker) = markers.get(hit.pattern().as_usize()) else {
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
        let opens = matches!(marker.shape, Shape::Turn | Shape::NamedTurn);
        let said = if opens {
            turn::said(text, marker, hit.end())
        } else {
            Said::Nothing
        };
        let named = opens && turn::is_named(before(text, hit.start()));
        let left = &mut left[usize::from(quoted)];
        let is_many = *left == 0;
        // One that decides is kept, and no more are of use than a few.
        if is_many
            && (quoted
                || named
                || !matches!(said, Said::Words(_))
                || found.len() > 4 * MOST_MARKERS)
        {
            continue;
        }
        *left = left.saturating_sub(1);
        found.push(Found {
            marker,
            range: hit.range(),
            quoted,
            said,
            named,
        });
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

/// The text before a place, as far as it is looked at.
fn before(text: &str, at: usize) -> &str {
    text.get(text.ceil_char_boundary(at.saturating_sub(LINE))..at)
        .unwrap_or_default()
}

/// Whether a marker stands in quotes or in a piece of code within a line.
fn is_quoted(text: &str, at: usize) -> bool {
    let before = before(text, at);
    let line = before.rsplit('\n').next().unwrap_or_default();
    let ticks = line.bytes().filter(|byte| *byte == b'`').count();
    let last = before.chars().next_back();
    ticks % 2 == 1
        || matches!(
            last,
            Some('"' | '\'' | '\u{201c}' | '\u{201e}' | '\u{2018}' | '\u{ab}' | '\u{300c}')
        )
}

/// Which places lie between fences of code, asked for in order. A fence that is never closed fences nothing.
struct Fences<'t> {
    text: &'t str,
    at: usize,
    is_open: bool,
    last: usize,
}

impl<'t> Fences<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            is_open: false,
            last: text.rfind("```").unwrap_or_default(),
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
        self.is_open && self.last >= place
    }
}

#[cfg(test)]
mod tests;
