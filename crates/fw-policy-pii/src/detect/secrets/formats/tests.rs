use std::collections::HashSet;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseError;

use super::*;

/// A token of this form: each run as long as `length` says, made of characters that `draw` gives.
fn token(format: &Format, draw: &mut impl FnMut(usize) -> usize, shortened: bool) -> String {
    let mut text = String::new();
    let mut run = |alphabet: Alphabet, length: usize| {
        // Padding stands at the end at most, and full stops and dashes do not.
        let characters: Vec<_> = alphabet
            .characters()
            .into_iter()
            .filter(|character| !b"=._~-".contains(character))
            .collect();
        (0..length)
            .map(|_| char::from(characters[draw(characters.len())]))
            .collect::<String>()
    };
    let last_run = format
        .body
        .iter()
        .rposition(|part| matches!(part, Part::Run(..)));
    if let Lead::Run(alphabet, least, _) = format.lead {
        text += &run(
            alphabet,
            least - usize::from(shortened && last_run.is_none()),
        );
    }
    if matches!(format.lead, Lead::Scheme) {
        text += "https://";
    }
    text += format.anchor;
    for (index, part) in format.body.iter().enumerate() {
        match *part {
            Part::Text(fixed) => text += fixed,
            Part::Run(alphabet, least, _) => {
                let short = usize::from(shortened && last_run == Some(index));
                text += &run(alphabet, least - short);
            }
        }
    }
    match format.check {
        Check::Ends(tail) => {
            text.truncate(text.len() - tail.len());
            text += tail;
        }
        Check::Contains(inner) => {
            let at = format.anchor.len() + 8;
            text.replace_range(at..at + inner.len(), inner);
        }
        _ => {}
    }
    text
}

fn found(text: &str) -> Vec<(&'static str, Range<usize>)> {
    let mut list = Vec::new();
    tokens(text, 0, |format, token| {
        list.push((format.name, token.range))
    });
    list
}

fn all() -> Vec<&'static Format> {
    TABLES.iter().flat_map(|table| table.iter()).collect()
}

#[test]
fn each_form_says_where_it_is_published() {
    for format in all() {
        assert!(format.source.starts_with("https://"), "{}", format.name);
    }
    let names: HashSet<_> = all().iter().map(|format| format.name).collect();
    assert!(names.len() >= 110, "{} kinds of tokens", names.len());
}

#[test]
fn no_form_is_listed_twice() {
    let mut seen = HashSet::new();
    for format in all() {
        let form = format!(
            "{} {:?} {:?} {:?}",
            format.anchor, format.lead, format.body, format.check
        );
        assert!(seen.insert(form), "{}", format.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn tokens_are_found_whole(which: Index, draws in proptest::collection::vec(any::<u32>(), 64)) {
        let format = *which.get(&all());
        let token = drawn(format, &draws, false)?;
        for (before, after) in [("", ""), ("key=", "&a=b"), ("(", ")"), ("\\n", "."), ("%3D", "%26"), ("https://a:", "@b")] {
            // A shorter form may not run on into what stands around it.
            let text = format!("{before}{token}{after}");
            let range = before.len()..before.len() + token.len();
            prop_assert!(
                found(&text).iter().any(|(_, found)| found.start <= range.start && found.end >= range.end),
                "{} in {} around", format.name, before
            );
        }
        let exact = found(&token);
        prop_assert_eq!(exact.len(), 1);
        prop_assert_eq!(&exact[0].1, &(0..token.len()));
    }

    #[test]
    fn shorter_ones_are_none(which: Index, draws in proptest::collection::vec(any::<u32>(), 64)) {
        let format = *which.get(&all());
        prop_assume!(!matches!(format.check, Check::Ends(_)));
        let token = drawn(format, &draws, true)?;
        let at = token.find(format.anchor).unwrap_or_default();
        prop_assert!(format.token(&token, 0, at).is_none(), "{}", format.name);
    }

    #[test]
    fn tokens_within_longer_words_are_none(which: Index, draws in proptest::collection::vec(any::<u32>(), 64)) {
        let format = *which.get(&all());
        let token = drawn(format, &draws, false)?;
        prop_assume!(!matches!(format.lead, Lead::Scheme));
        let text = format!("Q{token}");
        let at = text.find(format.anchor).unwrap_or_default();
        prop_assert!(format.token(&text, 0, at).is_none_or(|token| token.range.start == 0), "{}", format.name);
    }
}

/// A token that passes the check that it looks random.
fn drawn(format: &Format, draws: &[u32], shortened: bool) -> Result<String, TestCaseError> {
    let mut state = draws.iter().fold(0xcbf2_9ce4_8422_2325_u64, |state, draw| {
        (state ^ u64::from(*draw)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut draw = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let token = token(format, &mut draw, shortened);
    let body = &token[token.find(format.anchor).unwrap_or_default() + format.anchor.len()..];
    prop_assume!(format.holds(&token, body).is_some());
    prop_assume!(random::is_varied(body) || matches!(format.lead, Lead::Run(..)));
    Ok(token)
}

#[test]
fn repeated_characters_are_none() {
    let plain = |format: &&Format| {
        format.body.iter().all(|part| matches!(part, Part::Run(..)))
            && matches!(format.check, Check::Nothing | Check::Digit | Check::Crc32)
            && !matches!(format.lead, Lead::Run(..))
    };
    for format in all().into_iter().filter(plain) {
        let text = token(format, &mut |_| 0, false);
        let at = text.find(format.anchor).unwrap_or_default();
        assert!(format.token(&text, 0, at).is_none(), "{}", format.name);
    }
}

#[test]
fn a_right_checksum_is_noticed() {
    let random = "abcdefGHIJKLmnopqrstUVWXYZ0123";
    let sum = base62(crc32(random.as_bytes()));
    let sum = std::str::from_utf8(&sum).expect("digits and letters");
    let checked = |text: &str| {
        let mut checked = None;
        tokens(text, 0, |_, token| checked = Some(token.checksum));
        checked
    };
    let prefix = ["gh", "p_"].concat();
    assert_eq!(checked(&format!("{prefix}{random}{sum}")), Some(true));
    assert_eq!(checked(&format!("{prefix}{random}0a1B2c")), Some(false));
}

#[test]
fn the_crc_is_that_of_the_standards() {
    assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
}

#[test]
fn documentation_values_of_aws_are_none() {
    let text = ["AKIA", "IOSFODNN7", "EXAMPLE"].concat();
    assert_eq!(found(&text), []);
}
