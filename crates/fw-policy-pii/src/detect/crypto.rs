//! Addresses of crypto currencies, by their checksums.

mod base58;
mod ethereum;
mod segwit;

use std::ops::Range;

use crate::entity::Entity;
use crate::finding::{Finding, Findings};
use crate::region::{Region, Traits};

/// The shortest address is one of Bitcoin with many leading zeros.
const SHORTEST: usize = 25;

/// The longest that is looked at: a Cardano base address has 103.
const LONGEST: usize = 110;

pub(crate) fn find(region: &Region<'_>, findings: &mut Findings) {
    let traits = region.traits();
    if region.body().len() < SHORTEST
        || !traits.all(Traits::DIGIT)
        || !traits.any(Traits::LOWER | Traits::UPPER)
        || !findings.wants(Entity::Crypto)
    {
        return;
    }
    let text = region.text();
    for word in words(text, region.start()) {
        let judged = text.get(word.clone()).and_then(|word_text| {
            ethereum::judge(word_text)
                .or_else(|| segwit::judge(word_text))
                .or_else(|| base58::judge(word_text, &text[..word.start]))
        });
        if let Some(Judged {
            scheme,
            confidence,
            checked,
        }) = judged
        {
            findings.push(Finding {
                range: word,
                entity: Entity::Crypto,
                scheme,
                confidence,
                checked,
            });
        }
    }
}

/// What one word was found to be.
struct Judged {
    scheme: &'static str,
    confidence: u8,
    checked: bool,
}

/// Runs of letters and digits of the right length that stand alone.
fn words(text: &str, start: usize) -> impl Iterator<Item = Range<usize>> + '_ {
    let bytes = text.as_bytes();
    let mut at = start;
    std::iter::from_fn(move || {
        loop {
            let begin = at
                + bytes
                    .get(at..)?
                    .iter()
                    .position(u8::is_ascii_alphanumeric)?;
            let rest = bytes.get(begin..)?;
            let len = rest
                .iter()
                .position(|byte| !byte.is_ascii_alphanumeric())
                .unwrap_or(rest.len());
            at = begin + len;
            let left = bytes.get(start..begin).unwrap_or_default();
            let alone = left_is_free(left) && right_is_free(rest.get(len..).unwrap_or_default());
            if (SHORTEST..=LONGEST).contains(&len) && alone {
                return Some(begin..at);
            }
        }
    })
}

fn left_is_free(left: &[u8]) -> bool {
    match left {
        [.., before, b'-' | b'.' | b'_' | b'+'] => !before.is_ascii_alphanumeric(),
        [.., last] => *last < 0x80 && *last != b'+',
        [] => true,
    }
}

fn right_is_free(right: &[u8]) -> bool {
    match right {
        [b'-' | b'.' | b'_' | b'+', next, ..] => !next.is_ascii_alphanumeric(),
        [b'=' | b'+', ..] => false,
        [next, ..] => *next < 0x80,
        [] => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing;

    fn found(text: &str) -> Vec<&str> {
        testing::find(find, text)
            .into_iter()
            .map(|(_, _, text, _)| text)
            .collect()
    }

    #[test]
    fn an_address_stands_alone() {
        let address = "0x52908400098527886e0f7030069857d2e4169ee7";
        for (lead, tail) in [
            ("", ""),
            ("wallet=", "."),
            ("ethereum:", "?value=1"),
            ("https://scan.example/address/", "/txs"),
            ("(", ")"),
        ] {
            assert_eq!(
                found(&format!("{lead}{address}{tail}")),
                [address],
                "{lead}{tail}"
            );
        }
        for (lead, tail) in [
            ("a-", ""),
            ("a_", ""),
            ("", "-b"),
            ("", ".b"),
            ("é", ""),
            ("", "="),
            ("f", ""),
        ] {
            assert!(
                found(&format!("{lead}{address}{tail}")).is_empty(),
                "{lead}{tail}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_looked_at(text in "(0x|bc1|1|3|r|T|addr1)[a-zA-Z0-9é]{0,110}") {
            let _ = found(&text);
        }
    }
}
