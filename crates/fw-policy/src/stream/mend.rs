//! JSON that is none because of half a character.

/// The same JSON with `\ufffd` for each escape of a surrogate that has no other half (RFC 8259 section 8.2
/// leaves open what those are), so that it can be read. All places stay where they are. `None` if there is
/// no such escape.
pub(super) fn without_lone_surrogates(json: &[u8]) -> Option<Vec<u8>> {
    let mut mended: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', json.get(at..).unwrap_or_default()) {
        at += found;
        at += match (unit(json, at), unit(json, at + ESCAPE)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 2 * ESCAPE,
            (Some(0xD800..=0xDFFF), _) => {
                let mended = mended.get_or_insert_with(|| json.to_vec());
                if let Some(escape) = mended.get_mut(at..at + ESCAPE) {
                    escape.copy_from_slice(br"\ufffd");
                }
                ESCAPE
            }
            (Some(_), _) => ESCAPE,
            (None, _) => br"\\".len(),
        };
    }
    mended
}

const ESCAPE: usize = br"\uffff".len();

/// The code unit that an escape at this place stands for.
fn unit(json: &[u8], at: usize) -> Option<u32> {
    let digits = json.get(at..at + ESCAPE)?.strip_prefix(br"\u")?;
    digits.iter().try_fold(0, |unit, &digit| {
        Some(unit << 4 | char::from(digit).to_digit(16)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_halves_of_characters_are_mended() {
        for (json, expected) in [
            (r#"["\ud83d"]"#, Some(r#"["\ufffd"]"#)),
            (
                r#"["\uDE00\ud83d\uDE00"]"#,
                Some(r#"["\ufffd\ud83d\uDE00"]"#),
            ),
            (
                r#"["\ud83d\ud83d\ude00"]"#,
                Some(r#"["\ufffd\ud83d\ude00"]"#),
            ),
            (r#"["\\ud83d \u0061\n"]"#, None),
            (r#"["\ud8"#, None),
        ] {
            let mended = without_lone_surrogates(json.as_bytes());
            assert_eq!(mended.as_deref(), expected.map(str::as_bytes), "{json}");
        }
    }
}
