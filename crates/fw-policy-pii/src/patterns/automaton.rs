//! Says up to where more text can change no match.

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};
use regex_syntax::hir::Hir;

/// A deterministic automaton over all patterns.
pub(super) struct Automaton {
    dfa: dense::DFA<Vec<u32>>,
    /// For each state the starts that it goes on like, one bit each, and [`FINAL`].
    quiet: Vec<u8>,
    /// For each byte the start that follows it, as its bit.
    after: [u8; 256],
    /// The state from which a search begins after each byte.
    starts: [StateID; 256],
    first: StateID,
}

/// The bit of states from which nothing goes on.
const FINAL: u8 = 1 << 7;

/// How far the automaton came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// There is a match, and more text does not change it.
    Match,
    /// More text may bring one or change it. Before this position none begins.
    Open(usize),
}

impl Automaton {
    /// `None` if it needs more than `limit` bytes.
    pub(super) fn new(hirs: &[Hir], limit: usize) -> Option<Self> {
        let nfa = thompson::Compiler::new()
            .configure(thompson::Config::new().nfa_size_limit(Some(limit)))
            .build_many_from_hir(hirs)
            .ok()?;
        let config = dense::Config::new()
            .match_kind(MatchKind::LeftmostFirst)
            .start_kind(StartKind::Unanchored)
            .accelerate(false)
            .dfa_size_limit(Some(limit))
            .determinize_size_limit(Some(limit));
        let dfa = dense::Builder::new()
            .configure(config)
            .build_from_nfa(&nfa)
            .ok()?;
        let start = |before| {
            let config = start::Config::new()
                .anchored(Anchored::No)
                .look_behind(before);
            dfa.start_state(&config).ok()
        };
        let first = start(None)?;
        let mut starts = [first; 256];
        for (byte, state) in (0..=u8::MAX).zip(&mut starts) {
            *state = start(Some(byte))?;
        }
        let mut kinds = starts.to_vec();
        kinds.sort_unstable();
        kinds.dedup();
        // Starts differ only in what kind of byte is before them, so there are few.
        if kinds.len() > 7 {
            return None;
        }
        let bit = |state| {
            let kind = kinds.iter().position(|kind| *kind == state);
            kind.and_then(|kind| 1_u8.checked_shl(u32::try_from(kind).ok()?))
        };
        let mut after = [0; 256];
        for (bits, state) in after.iter_mut().zip(starts) {
            *bits = bit(state)?;
        }
        let quiet = quiet(&dfa, first, &kinds);
        Some(Self {
            dfa,
            quiet,
            after,
            starts,
            first,
        })
    }

    /// Runs over `text` from `from` on.
    pub(super) fn run(&self, text: &str, from: usize) -> Stop {
        let (before, rest) = text.as_bytes().split_at(from.min(text.len()));
        let mut state = match before.last() {
            None => self.first,
            Some(byte) => self.starts[usize::from(*byte)],
        };
        let stride = self.dfa.stride2();
        let mut quiet = from;
        let mut matched = false;
        for (at, byte) in (from + 1..).zip(rest) {
            state = self.dfa.next_state(state, *byte);
            let bits = self.quiet.get(state.as_usize() >> stride);
            let bits = bits.copied().unwrap_or_default();
            if self.dfa.is_special_state(state) {
                // It cannot have given up, for no pattern looks at Unicode words: it matches or is dead.
                matched |= self.dfa.is_match_state(state);
                if matched && bits & FINAL != 0 {
                    return Stop::Match;
                }
            } else if !matched
                && bits & self.after[usize::from(*byte)] != 0
                && text.is_char_boundary(at)
            {
                quiet = at;
            }
        }
        Stop::Open(quiet)
    }
}

/// For each state the starts whose row of transitions is its own, and whether all of its row is dead.
fn quiet(dfa: &dense::DFA<Vec<u32>>, first: StateID, starts: &[StateID]) -> Vec<u8> {
    // One byte of each class: the others have the same transitions.
    let classes: Vec<u8> = dfa
        .byte_classes()
        .representatives(0..=u8::MAX)
        .filter_map(|unit| unit.as_u8())
        .collect();
    let stride = dfa.stride2();
    let mut quiet: Vec<u8> = Vec::new();
    let mut seen: Vec<bool> = Vec::new();
    let mut todo = starts.to_vec();
    todo.push(first);
    while let Some(state) = todo.pop() {
        let index = state.as_usize() >> stride;
        if seen.len() <= index {
            seen.resize(index + 1, false);
            quiet.resize(index + 1, 0);
        }
        if std::mem::replace(&mut seen[index], true) {
            continue;
        }
        for (kind, start) in starts.iter().enumerate() {
            let same = dfa.next_eoi_state(state) == dfa.next_eoi_state(*start)
                && classes
                    .iter()
                    .all(|byte| dfa.next_state(state, *byte) == dfa.next_state(*start, *byte));
            quiet[index] |= u8::from(same) << kind;
        }
        let goes_on = classes
            .iter()
            .any(|byte| !dfa.is_dead_state(dfa.next_state(state, *byte)));
        if !goes_on && dfa.is_dead_state(dfa.next_eoi_state(state)) {
            quiet[index] |= FINAL;
        }
        todo.extend(classes.iter().map(|byte| dfa.next_state(state, *byte)));
    }
    quiet
}
