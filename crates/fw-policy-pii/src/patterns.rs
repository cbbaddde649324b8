//! Patterns of the user's own.
//!
//! They are searched as one, leftmost first, the earlier in the list before the later. On a stream that needs
//! an answer to one question: up to where can more text change nothing? A deterministic automaton over all
//! patterns gives it. It runs over the text byte by byte; where it is in a state that goes on like its start
//! does, no match is under way, and the text is settled. Where a match is certain (the automaton is dead:
//! nothing can make it longer or put an earlier one in its place), the ordinary search says where it is.

mod ascii;
mod automaton;

use std::fmt;
use std::ops::Range;

use regex_automata::Input;
use regex_automata::meta::Regex;
use regex_syntax::hir::{Hir, Look};

use self::automaton::{Automaton, Stop};
use crate::config::PatternConfig;
use crate::entity::Entity;
use crate::error::{ConfigError, Problem};

/// Patterns of the user's own, ready to search.
pub(crate) struct Patterns {
    regex: Regex,
    automaton: Automaton,
    /// Longest text that a pattern can match.
    longest: usize,
    markers: usize,
}

/// Where a pattern matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) range: Range<usize>,
    /// Which pattern of the list. `None` is a marker of an earlier redaction, which is let alone.
    pub(crate) pattern: Option<usize>,
}

/// Longest text that a pattern may match. A stream may have to wait for that much.
const MAX_LENGTH: usize = 1024;

/// Most memory for the compiled patterns.
const MAX_MEMORY: usize = 4 << 20;

impl Patterns {
    /// Compiles the patterns. `None` if there are none. `hashes` says whether markers hold hashes.
    pub(crate) fn new(
        configs: &[PatternConfig],
        hashes: bool,
    ) -> Result<Option<Self>, ConfigError> {
        if configs.is_empty() {
            return Ok(None);
        }
        let names = configs.iter().map(PatternConfig::name);
        let names: Vec<&str> = Entity::ALL.iter().map(|e| e.name()).chain(names).collect();
        let mut hirs = markers(&names, hashes)?;
        let markers = hirs.len();
        let mut problems = Vec::new();
        for (index, config) in configs.iter().enumerate() {
            match parse(config.pattern()) {
                Ok(hir) => hirs.push(hir),
                Err(message) => {
                    problems.push(Problem::new(format!("detect_patterns[{index}]"), message));
                }
            }
        }
        crate::error::check(problems)?;
        let too_large = || {
            let message = format!(
                "together the patterns need more than {} MiB; shorten repetitions of large classes such as \
                 `.{{1,200}}` or `\\p{{L}}{{1,64}}`",
                MAX_MEMORY >> 20
            );
            crate::error::unusable("detect_patterns", message)
        };
        let longest = hirs.iter().filter_map(|hir| hir.properties().maximum_len());
        let longest = longest.max().unwrap_or(0);
        let regex = Regex::builder()
            .configure(Regex::config().nfa_size_limit(Some(MAX_MEMORY)))
            .build_many_from_hir(&hirs)
            .map_err(|_| too_large())?;
        Ok(Some(Self {
            regex,
            automaton: Automaton::new(&hirs, MAX_MEMORY).ok_or_else(too_large)?,
            longest,
            markers,
        }))
    }

    /// Appends the matches in `text` from `from` on that more text cannot change, and gives the position
    /// before which there are no others.
    pub(crate) fn scan(
        &self,
        text: &str,
        from: usize,
        is_end: bool,
        found: &mut Vec<Match>,
    ) -> usize {
        let mut at = from;
        loop {
            if !is_end && let Stop::Open(quiet) = self.automaton.run(text, at) {
                // Whatever is under way began within the length of the longest match.
                let oldest = text.len().saturating_sub(self.longest);
                return text.floor_char_boundary(oldest.max(quiet)).max(at);
            }
            let Some(matched) = self.regex.search(&Input::new(text).span(at..text.len())) else {
                return if is_end { text.len() } else { at };
            };
            found.push(Match {
                range: matched.range(),
                pattern: matched.pattern().as_usize().checked_sub(self.markers),
            });
            at = matched.end();
        }
    }
}

impl fmt::Debug for Patterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patterns")
            .field("longest", &self.longest)
            .finish_non_exhaustive()
    }
}

/// Reads a pattern, or says why it cannot be used.
fn parse(pattern: &str) -> Result<Hir, String> {
    let ascii = ascii::simplified(pattern).map_err(|error| syntax_problem(&error))?;
    let hir = regex_syntax::ParserBuilder::new()
        .nest_limit(100)
        .build()
        .parse(&ascii)
        .map_err(|error| syntax_problem(&error))?;
    let properties = hir.properties();
    let boundary = |look| {
        matches!(
            look,
            Look::WordAscii
                | Look::WordStartAscii
                | Look::WordEndAscii
                | Look::WordStartHalfAscii
                | Look::WordEndHalfAscii
        )
    };
    if !properties.look_set().iter().all(boundary) {
        return Err(
            "of the assertions only `\\b` can be used: text comes in pieces, so it has no `^`, `$` or `\\B`"
                .to_owned(),
        );
    }
    match properties.maximum_len() {
        None => Err(
            "the pattern has no upper length, so a stream would have to be held back without end; put a limit on \
             `*`, `+` and `{n,}`, such as `{1,64}`"
                .to_owned(),
        ),
        Some(length) if length > MAX_LENGTH => Err(format!(
            "the pattern can match {length} bytes, and at most {MAX_LENGTH} can be held back; lower its repetitions"
        )),
        Some(_) if properties.minimum_len() == Some(0) => {
            Err("the pattern matches nothing at all, such as `a*` does everywhere; require a character".to_owned())
        }
        Some(_) => Ok(hir),
    }
}

/// Why a pattern is none, without the pattern.
pub(crate) fn syntax_problem(error: &regex_syntax::Error) -> String {
    match error {
        regex_syntax::Error::Parse(error) => format!(
            "not a valid pattern at its character {}: {}",
            error.span().start.column,
            error.kind()
        ),
        regex_syntax::Error::Translate(error) => {
            format!("not a valid pattern: {}", error.kind())
        }
        _ => "not a valid pattern".to_owned(),
    }
}

/// What markers of these types look like. They come first: nothing is found within one.
fn markers(names: &[&str], hashes: bool) -> Result<Vec<Hir>, ConfigError> {
    let names = names.iter().map(|name| regex_syntax::escape(name));
    let names = names.collect::<Vec<_>>().join("|");
    let hash = if hashes { "|:[0-9a-f]{8}" } else { "" };
    let pattern = format!(r"\[(?:REDACTED:(?:{names})|(?:{names})(?:_[0-9]{{1,5}}{hash}))\]");
    let hir = regex_syntax::parse(&pattern);
    let hir =
        hir.map_err(|error| crate::error::unusable("detect_patterns", syntax_problem(&error)))?;
    Ok(vec![hir])
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    fn patterns(list: &[&str]) -> Patterns {
        let list: Vec<PatternConfig> = list.iter().map(|pattern| (*pattern).into()).collect();
        Patterns::new(&list, true).unwrap().unwrap()
    }

    fn refusal(pattern: &str) -> String {
        let error = Patterns::new(&[pattern.into()], true).unwrap_err();
        assert!(error.problems()[0].field().starts_with("detect_patterns"));
        error.problems()[0].message().to_owned()
    }

    fn whole(patterns: &Patterns, text: &str) -> Vec<Match> {
        let mut found = Vec::new();
        assert_eq!(patterns.scan(text, 0, true, &mut found), text.len());
        found
    }

    /// Shows the text piece by piece, and of what is settled only the last few bytes.
    fn in_pieces(patterns: &Patterns, text: &str, cuts: &[usize]) -> Vec<Match> {
        let mut all = Vec::new();
        let mut settled = 0;
        for (number, cut) in cuts.iter().chain([&text.len()]).enumerate() {
            let start = text.ceil_char_boundary(settled.max(4) - 4);
            let shown = &text[start..(*cut).max(settled)];
            let mut found = Vec::new();
            let at = patterns.scan(shown, settled - start, number == cuts.len(), &mut found);
            settled = start + at;
            all.extend(found.into_iter().map(|matched| Match {
                range: matched.range.start + start..matched.range.end + start,
                ..matched
            }));
        }
        assert_eq!(settled, text.len());
        all
    }

    #[test]
    fn matches_are_leftmost_and_earlier_patterns_win() {
        let patterns = patterns(&["EMP-[0-9]{4,6}", "EMP", r"\bX[0-9]\b"]);
        let found = whole(&patterns, "EMP-123456 EMP-1 aX1 X1");
        let found: Vec<_> = found.into_iter().map(|m| (m.range, m.pattern)).collect();
        assert_eq!(
            found,
            [(0..10, Some(0)), (11..14, Some(1)), (21..23, Some(2))]
        );
    }

    #[test]
    fn nothing_is_found_in_a_marker() {
        let patterns = patterns(&["[A-Z]{4,8}"]);
        let found = whole(
            &patterns,
            "[REDACTED:EMAIL] [PHONE_1] [CUSTOM:00ff00ff] [WORDS]",
        );
        let own: Vec<_> = found.into_iter().filter(|m| m.pattern.is_some()).collect();
        assert_eq!(own.len(), 1);
        assert_eq!(own[0].range, 46..51);
    }

    #[test]
    fn text_in_which_nothing_is_under_way_is_settled_at_once() {
        let patterns = patterns(&[r"EMP-\d{6}", r"\b[A-Z]{2}\d{4}\b"]);
        for (text, settled) in [
            ("hello there", 11),
            ("hello there ", 12),
            ("hello EM", 6),
            ("hello EMP-12345", 6),
            ("hello EMP-x", 11),
            ("grüße", 7),
            ("x [RED", 2),
            ("x [RAD", 6),
        ] {
            let at = patterns.scan(text, 0, false, &mut Vec::new());
            assert_eq!(at, settled, "{text}");
        }
    }

    #[test]
    fn a_match_is_reported_when_nothing_can_change_it() {
        let patterns = patterns(&["A[0-9]{2,4}"]);
        let scan = |text| {
            let mut found = Vec::new();
            (patterns.scan(text, 0, false, &mut found), found.len())
        };
        assert_eq!(scan("A12"), (0, 0));
        assert_eq!(scan("A12 "), (4, 1));
        assert_eq!(
            scan("A1234").1,
            0,
            "the match is seen with the byte after it"
        );
        assert_eq!(scan("A12345"), (6, 1));
    }

    #[test]
    fn patterns_without_an_upper_length_are_refused_with_a_hint() {
        for pattern in [r"\d+", "a.*b", "x{3,}", "(ab)*c"] {
            assert!(refusal(pattern).contains("`{1,64}`"), "{pattern}");
        }
        assert!(refusal("a{2000}").contains("2000 bytes"));
        assert!(refusal("a{0,3}").contains("require a character"));
        for pattern in ["^a", "a$", r"\Aab", r"a\Bb"] {
            assert!(refusal(pattern).contains(r"only `\b`"), "{pattern}");
        }
        assert!(refusal("(").contains("character 1"));
    }

    #[test]
    fn patterns_that_are_too_large_are_refused() {
        let message = refusal(r"(?s)[ab].{0,200}[cd].{0,40}x");
        assert!(message.contains("MiB"), "{message}");
    }

    #[test]
    fn perl_classes_are_ascii() {
        let patterns = patterns(&[r"n\d{2}[\s\d-]\w"]);
        assert_eq!(whole(&patterns, "n12 x n12-y n123z").len(), 3);
        assert_eq!(whole(&patterns, "n١٢ x n12 é").len(), 0);
    }

    const LISTS: &[&[&str]] = &[
        &[r"EMP-\d{2,4}", "EM", r"\bab\b"],
        &[r"\b[a-b]{1,3}\d{1,2}\b", r"[ab]{2}-[ab]{2}", "é{1,3}"],
        &[r"(?i)emp|em", r".{2}P", r"a\b", r"\bP"],
        &["(?:ab|a)(?:ba|b)?", "[A-Z]{5}", r"(?:a\b|ab)x?"],
    ];

    static COMPILED: LazyLock<Vec<Patterns>> =
        LazyLock::new(|| LISTS.iter().map(|list| patterns(list)).collect());

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2048))]

        /// The one rule of filters.
        #[test]
        fn matches_do_not_depend_on_cuts(
            list in 0..LISTS.len(),
            text in r"(EMP-|EM|[abPé12 \-]|\[EMAIL_|\]|\[REDACTED:|PHONE){0,24}",
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let patterns = &COMPILED[list];
            let mut cuts: Vec<usize> = cuts
                .iter()
                .map(|cut| text.floor_char_boundary(cut.index(text.len() + 1)))
                .collect();
            cuts.sort_unstable();
            prop_assert_eq!(in_pieces(patterns, &text, &cuts), whole(patterns, &text));
        }
    }
}
