//! Bank identifier codes (ISO 9362): four letters of the institution, the country (ISO 3166-1), two letters or
//! digits of the place, and three of the branch or none. Many upper-case words have that form, so only after a word
//! for it.

use crate::entity::Entity;
use crate::finding::{Finding, Findings, confidence};
use crate::region::{Region, Traits};

const BIC: &[&str] = &[
    "bic",
    "bics",
    "swift",
    "swift code",
    "swift bic",
    "bic swift",
    "swiftcode",
    "bank identifier code",
];

/// How far the word may be: `BIC code is`.
const NEAR: usize = 12;

/// ISO 3166-1 alpha-2, and XK for Kosovo.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI \
    FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR \
    IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM \
    MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT \
    PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM \
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

pub(crate) fn find(region: &Region<'_>, findings: &mut Findings) {
    if region.body().len() < 8
        || !region.traits().any(Traits::UPPER)
        || !findings.wants(Entity::Bic)
    {
        return;
    }
    let body = region.body();
    for (at, word) in words(body) {
        let start = region.start() + at;
        if is_bic(word)
            && region
                .words_before(start)
                .distance(BIC)
                .is_some_and(|far| far <= NEAR)
        {
            findings.push(Finding {
                range: start..start + word.len(),
                entity: Entity::Bic,
                scheme: "bic",
                confidence: confidence::LIKELY,
                checked: false,
            });
        }
    }
}

/// The stretches of letters and digits, and where they begin.
fn words(body: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    body.split(|char: char| !char.is_alphanumeric() && char != '_')
        .filter_map(move |word| {
            let start = body.get(at..)?.find(word)? + at;
            at = start + word.len();
            matches!(word.len(), 8 | 11).then_some((start, word))
        })
}

fn is_bic(word: &str) -> bool {
    let bytes = word.as_bytes();
    let Some((head, place)) = bytes.split_at_checked(6) else {
        return false;
    };
    let upper = |byte: &u8| byte.is_ascii_uppercase();
    let country = || {
        word.get(4..6)
            .is_some_and(|country| COUNTRIES.split(' ').any(|other| other == country))
    };
    head.iter().all(upper)
        && place
            .iter()
            .all(|byte| upper(byte) || byte.is_ascii_digit())
        && country()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::{find as find_in, find_after};

    fn found(context: &str, text: &str) -> usize {
        find_after(find, context, text).len()
    }

    #[test]
    fn codes_after_a_word_for_them() {
        for code in ["QWXYDEFF", "QWXYGB2LXXX", "QWXYXK22"] {
            for context in ["BIC: ", "SWIFT code is ", "\"swift_code\": \""] {
                assert_eq!(found(context, code), 1, "{context}{code}");
            }
            assert_eq!(found("", code), 0);
        }
        assert_eq!(find_in(find, "BIC:QWXYDEFF.")[0].2, "QWXYDEFF");
    }

    #[test]
    fn other_words_are_none() {
        for word in [
            "QWXYZZFF",
            "QWXYDEF",
            "QWXYDEFFX",
            "QWX1DEFF",
            "qwxydeff",
            "QWXYDEFF_1",
        ] {
            assert_eq!(found("BIC: ", word), 0, "{word}");
        }
    }
}
