//! Bank accounts and routing numbers that are no IBANs.
//!
//! Most are plain digits, so they count only after a word for them; what the country checks is checked:
//! routing numbers of the American Bankers Association (ANSI X9.9 check digit and Federal Reserve ranges), CLABE of
//! Mexico (Banxico, modulus 10), CBU of Argentina (BCRA). Forms: sort codes (GB, IE), BSB (AU), transit numbers (CA),
//! IFSC (Reserve Bank of India).

mod check;
mod kind;

use self::kind::{KINDS, Kind};
use super::digits::{Gap, Group, Run, runs};
use crate::entity::Entity;
use crate::finding::{Finding, Findings, confidence};
use crate::region::{Region, Traits};

/// Most digits of any of them: CBU has 22.
const LONGEST: usize = 22;

pub(crate) fn find(region: &Region<'_>, findings: &mut Findings) {
    if region.traits().digits() < 4
        || !(findings.wants(Entity::BankAccount) || findings.wants(Entity::BankRouting))
    {
        return;
    }
    if region.traits().any(Traits::UPPER) {
        ifsc(region, findings);
    }
    let text = region.text();
    for run in runs(text, region.start()) {
        let range = run.range();
        let digits: usize = run.groups().iter().map(Group::len).sum();
        if !(4..=LONGEST).contains(&digits) || run.cut || !is_free(text, &range, region.start()) {
            continue;
        }
        let before = &text[..range.start];
        if !kind::may_say(before.as_bytes()) {
            continue;
        }
        let words = region.words_before(range.start);
        let nearest = KINDS
            .iter()
            .filter_map(|kind| {
                Some((
                    words.distance(kind.words).filter(|far| *far <= kind.near)?,
                    kind,
                ))
            })
            .min_by_key(|(far, _)| *far);
        if let Some((_, kind)) = nearest
            && let Some(checked) = fits(kind, text, &run)
        {
            findings.push(Finding {
                range,
                entity: kind.entity,
                scheme: kind.scheme,
                confidence: if checked {
                    confidence::CERTAIN
                } else {
                    confidence::CONTEXT + 5
                },
                checked,
            });
        }
    }
}

/// Whether the digits are of this kind; if so, whether a check digit was right.
fn fits(kind: &Kind, text: &str, run: &Run) -> Option<bool> {
    let mut digits = [0; LONGEST];
    let mut len = 0;
    for group in run.groups() {
        let bytes = text.as_bytes().get(group.start..group.end)?;
        digits
            .get_mut(len..len + bytes.len())?
            .copy_from_slice(bytes);
        len += bytes.len();
    }
    let digits = digits.get(..len)?;
    let even = run
        .groups()
        .iter()
        .skip(1)
        .all(|group| matches!(group.gap, Gap::Space | Gap::Dash));
    if !even || !kind.lengths.contains(&len) || digits.iter().all(|digit| digit == &digits[0]) {
        return None;
    }
    match kind.check {
        Some(check) => check(digits).then_some(true),
        None => Some(false),
    }
}

fn is_free(text: &str, range: &std::ops::Range<usize>, region: usize) -> bool {
    let bytes = text.as_bytes();
    let left = match &bytes[region..range.start] {
        [.., before, b'-' | b'.' | b'/' | b'+'] => !before.is_ascii_alphanumeric(),
        [.., b'$' | b'+' | b'@' | b'%'] => false,
        [.., last] => !last.is_ascii_alphanumeric() && *last < 0x80,
        [] => true,
    };
    let right = match &bytes[range.end..] {
        [b'-' | b'.' | b'/' | b':' | b'_', next, ..] => !next.is_ascii_alphanumeric(),
        [next, ..] => !next.is_ascii_alphanumeric() && *next < 0x80 && !matches!(next, b'%' | b'@'),
        [] => true,
    };
    left && right
}

/// IFSC: four letters of the bank, a zero, six letters or digits of the branch.
fn ifsc(region: &Region<'_>, findings: &mut Findings) {
    const WORDS: &[&str] = &["ifsc", "ifsc code", "neft", "rtgs", "imps"];
    let body = region.body();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
    let mut start = region.start();
    for word in body.as_bytes().split(|byte| !is_part(byte)) {
        let fits = word.len() == 11
            && word[..4].iter().all(u8::is_ascii_uppercase)
            && word[4] == b'0'
            && word[5..]
                .iter()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if fits && region.words_before(start).mentions(WORDS) {
            findings.push(Finding {
                range: start..start + word.len(),
                entity: Entity::BankRouting,
                scheme: "in-ifsc",
                confidence: confidence::LIKELY,
                checked: false,
            });
        }
        start += word.len() + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::find_after;

    fn found(context: &str, text: &str) -> Option<&'static str> {
        find_after(find, context, text).first().map(|found| found.1)
    }

    #[test]
    fn numbers_after_their_words() {
        for (context, text, scheme) in [
            ("routing number: ", "011000015", "us-aba"),
            ("\"routing_number\": \"", "122105155", "us-aba"),
            ("Sort code: ", "20-30-40", "gb-sort-code"),
            ("sort code ", "203040", "gb-sort-code"),
            ("BSB ", "062-000", "au-bsb"),
            ("transit number ", "12345-003", "ca-transit"),
            ("CLABE: ", "032180000118359719", "mx-clabe"),
            ("CBU ", "2850590940090418135201", "ar-cbu"),
            ("account number is ", "12345678", "account"),
            ("\"bank_account\": \"", "000123456789", "account"),
            ("Kontonummer: ", "1234567890", "account"),
            ("IFSC code ", "QWXY0123456", "in-ifsc"),
        ] {
            assert_eq!(found(context, text), Some(scheme), "{context}{text}");
            assert_eq!(found("", text), None, "{text}");
        }
    }

    #[test]
    fn wrong_check_digits_and_lengths_are_none() {
        for (context, text) in [
            ("routing number: ", "011000016"),
            ("routing number: ", "911000015"),
            ("routing number: ", "01100001"),
            ("CLABE: ", "032180000118359718"),
            ("CBU ", "2850590940090418135202"),
            ("sort code ", "20-30-4"),
            ("account number ", "123"),
            ("account number ", "1234.56"),
            ("my account has ", "12345678"),
            ("IFSC code ", "QWXY1123456"),
            ("account number ", "00000000"),
        ] {
            assert_eq!(found(context, text), None, "{context}{text}");
        }
    }

    #[test]
    fn the_nearest_word_decides() {
        assert_eq!(
            found("sort code 20-30-40, account number ", "12345678"),
            Some("account")
        );
        assert_eq!(
            found("account number 12345678 sort code ", "203040"),
            Some("gb-sort-code")
        );
    }
}
