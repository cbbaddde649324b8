//! The last turns of a user, put together.

/// How many turns are joined, from the fewest to the most.
const SPANS: [usize; 4] = [2, 3, 5, 8];

/// Longer turns are not joined: they were looked at by themselves, and what is spread over turns is short.
const MAX_TURN: usize = 600;

/// What each turn beyond the first costs, as a difference of logits: a long story has a bit of everything in it.
const DECAY: f32 = 0.35;

/// The last turns as one text, for each number of turns: with how many there are in it.
pub(crate) fn joined(turns: &[&str]) -> impl Iterator<Item = (String, usize)> {
    let most = SPANS.last().copied().unwrap_or_default();
    let last = turns.len().saturating_sub(most);
    let mut short: Vec<&str> = turns.iter().skip(last).copied().collect();
    short.retain(|turn| !turn.trim().is_empty() && turn.len() <= MAX_TURN);
    let count = short.len();
    let mut before = 1;
    SPANS.into_iter().filter_map(move |span| {
        let span = span.min(count);
        if span <= before {
            return None;
        }
        before = span;
        Some((short.get(count - span..)?.join("\n"), span))
    })
}

/// How much less the score of so many turns counts, as a difference of logits.
pub(crate) fn decay(count: usize) -> f32 {
    let further = u16::try_from(count.saturating_sub(1)).unwrap_or(u16::MAX);
    -DECAY * f32::from(further)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_three_five_and_eight_turns_are_joined() {
        let turns = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
        let joined: Vec<_> = joined(&turns).collect();
        let expected = [
            ("i\nj", 2),
            ("h\ni\nj", 3),
            ("f\ng\nh\ni\nj", 5),
            ("c\nd\ne\nf\ng\nh\ni\nj", 8),
        ];
        assert_eq!(
            joined,
            expected.map(|(text, count)| (text.to_owned(), count))
        );
    }

    #[test]
    fn one_turn_is_nothing_to_join_and_long_ones_are_left_out() {
        assert_eq!(joined(&[]).count(), 0);
        assert_eq!(joined(&["a"]).count(), 0);
        let long = "x".repeat(MAX_TURN + 1);
        assert_eq!(joined(&["a", &long, " "]).count(), 0);
        let both: Vec<_> = joined(&["a", &long, "b"]).collect();
        assert_eq!(both, [("a\nb".to_owned(), 2)]);
    }

    #[test]
    fn more_turns_count_less() {
        assert!(decay(8) < decay(4) && decay(4) < decay(2) && decay(2) < decay(1));
        assert!(decay(1).abs() < f32::EPSILON);
    }
}
