//! Card verification values: three or four digits (CVV2, CVC2, CID) right after a word for them.
//!
//! ISO/IEC 7813 leaves the value to the issuer, so there is nothing to check; PCI DSS 3.3 forbids keeping it.

use crate::detect::digits::runs;
use crate::entity::Entity;
use crate::finding::{Finding, Findings, confidence};
use crate::region::Region;

const VERIFICATION: &[&str] = &[
    "cvv",
    "cvv 2",
    "cvc",
    "cvc 2",
    "cvn",
    "csc",
    "cvd",
    "cav 2",
    "card verification value",
    "card verification code",
    "card verification number",
    "card verification",
    "card security code",
    "card code",
    "security code",
    "verification value",
    "prufziffer",
    "kartenprufnummer",
    "sicherheitscode",
    "cryptogramme",
    "codigo de seguridad",
    "codice di sicurezza",
    "codigo de seguranca",
    "安全码",
    "セキュリティコード",
];

/// `cid` is much else too.
const AMEX: &[&str] = &["cid"];
const CARD: &[&str] = &["card", "amex", "american express", "credit"];

/// How many letters may stand between the word and the value: `number is`.
const NEAR: usize = 12;

/// How many bytes a word and what may stand after it take up at most.
const FAR: usize = 48;

pub(super) fn find(region: &Region<'_>, findings: &mut Findings) {
    if region.traits().digits() < 3 || !findings.wants(Entity::Cvv) {
        return;
    }
    for run in runs(region.text(), region.start()) {
        let [group] = run.groups() else { continue };
        if !matches!(group.len(), 3 | 4) || !is_free(region.text(), group.start, group.end) {
            continue;
        }
        let before = &region.text()[..group.start];
        if !may_say(before.as_bytes()) {
            continue;
        }
        let words = region.words_before(group.start);
        let near = |names| words.distance(names).is_some_and(|far| far <= NEAR);
        if near(VERIFICATION) || (near(AMEX) && words.mentions(CARD)) {
            findings.push(Finding {
                range: group.start..group.end,
                entity: Entity::Cvv,
                scheme: "card-verification-value",
                confidence: confidence::LIKELY,
                checked: false,
            });
        }
    }
}

/// Whether any of the words may be near: all have one of these letters in a row, or are in other scripts. Small
/// numbers are many, and reading words takes longer.
fn may_say(before: &[u8]) -> bool {
    let tail = &before[before.len().saturating_sub(FAR)..];
    !tail.is_ascii()
        || tail.windows(3).any(|letters| {
            let [a, b, c] = letters else { return false };
            matches!(
                &[a | 0x20, b | 0x20, c | 0x20],
                b"cvv"
                    | b"cvc"
                    | b"cvn"
                    | b"cvd"
                    | b"csc"
                    | b"cav"
                    | b"cid"
                    | b"ard"
                    | b"ecu"
                    | b"egu"
                    | b"eri"
                    | b"pru"
                    | b"sic"
                    | b"cry"
                    | b"pto"
            )
        })
}

fn is_free(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let left = matches!(
        bytes[..start].last(),
        None | Some(
            b' ' | b'\n'
                | b'\t'
                | b'\r'
                | b':'
                | b'='
                | b'"'
                | b'\''
                | b'('
                | b'#'
                | b'/'
                | b'`'
                | b'>'
                | b'|'
                | b','
        )
    );
    let right = match &bytes[end..] {
        [b'.' | b'-' | b'/' | b':', after, ..] => !after.is_ascii_alphanumeric(),
        [next, ..] => !next.is_ascii_alphanumeric() && !matches!(next, b'%' | b'@' | b'_'),
        [] => true,
    };
    left && right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_may_say_it() {
        for word in VERIFICATION.iter().chain(AMEX) {
            assert!(may_say(word.as_bytes()), "{word}");
            assert!(may_say(word.to_uppercase().as_bytes()), "{word}");
        }
    }
    use crate::detect::testing::find_after;

    fn found(context: &str, text: &str) -> bool {
        !find_after(find, context, text).is_empty()
    }

    #[test]
    fn a_word_for_it_stands_right_before() {
        for context in [
            "CVV: ",
            "cvc2 ",
            "\"cvv\": ",
            "the security code is ",
            "card_verification_value=",
        ] {
            assert!(found(context, "731"), "{context}");
            assert!(found(context, "7310."), "{context}");
        }
        assert!(found("", "cvv=731"));
        assert!(found("amex card, CID ", "7310"));
    }

    #[test]
    fn other_numbers_are_none() {
        assert!(!found("room ", "731"));
        assert!(!found("cid ", "731"));
        for text in ["73", "73101", "731.5", "731-22", "a731", "731%"] {
            assert!(!found("cvv ", text), "{text}");
        }
        assert!(!found("cvv is asked for when you pay more than ", "731"));
    }
}
