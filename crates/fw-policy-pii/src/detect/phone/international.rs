//! Numbers with a country code: `+49 30 1234567`, `0049 30 1234567`, `011 49 30 1234567` (ITU-T E.123).

use super::plan::{Country, country};
use super::words::{Speak, speak};
use super::{Candidate, Digits};
use crate::detect::digits::{Gap, Group};
use crate::finding::{Finding, confidence};

/// More groups than any country writes.
const GROUPS: usize = 9;

pub(super) fn find(candidate: &Candidate<'_>) -> Option<Finding> {
    let first = candidate.groups.first()?;
    let digits = candidate.text.as_bytes().get(first.start..first.end)?;
    let prefix = match digits {
        _ if candidate.plus => 0,
        [b'0', b'1', b'1', ..] => 3,
        [b'0', b'0', ..] => 2,
        _ => return None,
    };
    // `011` is also the beginning of area codes.
    if prefix == 3 && first.len() != 3 && candidate.groups.len() > 1 {
        return None;
    }
    let count = (1..=candidate.groups.len().min(GROUPS))
        .rev()
        .filter(|count| candidate.may_end_before(*count))
        .find(|count| fits(candidate, prefix, *count))?;
    let end = candidate.end_of(count)?;
    let extended = super::extension::end(candidate.text, end).is_some();
    if !extended && !candidate.right_is_free(end) && count == candidate.groups.len() {
        return None;
    }
    let confidence = match (prefix, count) {
        (0, _) => confidence::CERTAIN,
        (_, 3..) => confidence::LIKELY,
        _ if matches!(
            speak(&candidate.region.words_before(candidate.start)),
            Speak::Label | Speak::For
        ) =>
        {
            confidence::LIKELY
        }
        (_, 2) => confidence::CONTEXT,
        _ => confidence::WEAK,
    };
    Some(candidate.finding(end, "international", confidence))
}

/// Whether the first `count` groups are a country code and as many digits as that country has.
fn fits(candidate: &Candidate<'_>, prefix: usize, count: usize) -> bool {
    let Some(groups) = candidate.groups.get(..count) else {
        return false;
    };
    let trunk = |group: &&Group| {
        // `+41 (0)71`: the zero is dialled only within the country.
        group.gap == Gap::Open
            && group.len() == 1
            && candidate.text.as_bytes().get(group.start) == Some(&b'0')
    };
    let trunks = groups.iter().filter(trunk).count();
    let Some(digits) = Digits::of(candidate.text, groups) else {
        return false;
    };
    let Some(digits) = digits.as_slice().get(prefix..) else {
        return false;
    };
    let Some(Country {
        code,
        shortest,
        longest,
    }) = country(digits)
    else {
        return false;
    };
    let national = digits.len() - code;
    let in_plan = trunks <= 1 && (shortest + trunks..=longest + trunks).contains(&national);
    let (first, second) = (digits.get(code), digits.get(code + 1));
    // Some countries keep the zero (Italy, Ivory Coast, Gabon), but two of them begin no number. No area code of
    // the North American plan begins with 0 or 1.
    let zeros = first == Some(&b'0') && second == Some(&b'0');
    let no_area = code == 1 && matches!(first, Some(b'0' | b'1'));
    in_plan && !zeros && !no_area
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::detect::phone;
    use crate::detect::testing;

    fn found(text: &str) -> Vec<&str> {
        testing::find(phone::find, text)
            .into_iter()
            .filter(|(.., confidence)| *confidence >= 50)
            .map(|(_, _, text, _)| text)
            .collect()
    }

    #[test]
    fn numbers_of_all_countries_in_all_notations() {
        for text in [
            "+12015550123",
            "+1 201-555-0123",
            "+1 (201) 555-0123",
            "+1-201-555-0123x45",
            "+1.201.555.0123",
            "+49 30 1234567",
            "+49 (0)30 1234567",
            "+49 (30) 123 45-67",
            "+49/30/1234567",
            "+(44) 20 7946 0018",
            "(+44) 20 7946 0018",
            "+33 1 23 45 67 89",
            "+39 06 698 12345",
            "+290 22158",
            "+500 27123",
            "+687 20.12.34",
            "+995\u{a0}32\u{a0}212\u{a0}34\u{a0}56",
            "+54 9 11 2345-6789",
            "+86 131 2345 6789",
            "+882 1234567",
            "0049 30 1234567",
            "011 44 20 7946 0018",
            "001-253-555-9781",
        ] {
            assert_eq!(found(text), [text]);
            assert_eq!(found(&format!("tel:{text}.")), [text]);
            assert_eq!(found(&format!("12 {text}")), [text]);
        }
    }

    #[test]
    fn unknown_codes_and_wrong_lengths_are_none() {
        for text in [
            "+0301234567",
            "+2101234567",
            "+1 101-555-0123",
            "+120155501234",
            "+1201555012",
            "+4930123456789012",
            "a+12015550123",
            "2+12015550123",
            "+12015550123abc",
            "+12015550123.5",
            "0000012345678",
            "0012015550123",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn another_number_after_it_is_left_alone() {
        assert_eq!(found("+12015550123 4242424242424242"), ["+12015550123"]);
        assert_eq!(
            found("+45 34 41 93 06 +47 21 22 06 77"),
            ["+45 34 41 93 06", "+47 21 22 06 77"]
        );
    }

    proptest! {
        #[test]
        fn any_subscriber_in_north_america(area in 200_u32..1000, office in 200_u32..1000, line in 0_u32..10_000) {
            let text = format!("+1 {area}-{office}-{line:04}");
            prop_assert_eq!(found(&text), [text.as_str()]);
        }

        #[test]
        fn any_text_can_be_looked_at(text in "[0-9 +().x\u{a0}a-c/-]{0,80}") {
            let _ = found(&text);
        }
    }
}
