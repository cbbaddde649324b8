//! The groups in which countries write national numbers.
//!
//! A shape is the lengths of the groups as hexadecimal digits: `0x334` is three, three and four digits. Which
//! shapes there are is from ITU-T E.123 and the notations that national plans and post offices recommend: NANP
//! (ATIS-0300051), Ofcom (GB), DIN 5008 (DE), Arcep (FR), OFCOM (CH), RTR (AT), CNMC (ES), AGCOM (IT), ACM (NL),
//! BIPT (BE), PTS (SE), UKE (PL), ACMA (AU), MIC (JP), MIIT (CN), TRAI (IN), Anatel (BR).

use crate::detect::digits::{Gap, Group};

/// The lengths of the groups, if there are at most seven of at most 15 digits.
pub(super) fn shape(groups: &[Group]) -> Option<u32> {
    let fits = groups.len() <= 7 && groups.iter().all(|group| group.len() <= 15);
    let shape = groups
        .iter()
        .fold(0, |shape, group| shape << 4 | (group.len() & 0xf) as u32);
    fits.then_some(shape)
}

/// Shapes of numbers that begin with the trunk prefix 0.
pub(super) const TRUNK: &[u32] = &[
    // Pairs: FR, TR, CH, BE, SE, AT, UA, NO.
    0x22222, 0x2322, 0x3222, 0x4222, 0x3322, 0x4322, 0x2332, 0x32222, 0x42222, 0x3332, 0x4332,
    0x5222, 0x5322,
    // Three groups: GB, AU, NZ, ZA, IE, IT, JP, KR, TW, NL, IL, RO, TH, VN, ID, PH, NG.
    0x234, 0x243, 0x244, 0x333, 0x334, 0x335, 0x343, 0x344, 0x345, 0x433, 0x434, 0x443, 0x444,
    0x424, 0x533, 0x534, 0x543, 0x523, 0x532,
    // Area code and number: DE, AT, IT, GB, NL, IN, HR, KE.
    0x28, 0x27, 0x36, 0x37, 0x38, 0x46, 0x47, 0x48, 0x55, 0x56, 0x57, 0x65,
];

/// Whether the gaps are those that one number has: of one kind after the area code.
pub(super) fn even_gaps(groups: &[Group]) -> bool {
    if let [trunk, number @ ..] = groups
        && trunk.len() == 1
        && !number.is_empty()
    {
        return even_gaps(number);
    }
    let mut gaps = groups.iter().skip(1).map(|group| group.gap);
    let Some(area) = gaps.next() else {
        return true;
    };
    if matches!(area, Gap::First | Gap::Open) {
        return false;
    }
    let rest: Option<Gap> = gaps.next();
    let even = gaps.all(|gap| {
        Some(gap) == rest
            || matches!(
                (gap, rest),
                (Gap::Space | Gap::Dash, Some(Gap::Space | Gap::Dash))
            )
    });
    let fit = match (area, rest) {
        (_, None) => area != Gap::Dot,
        (Gap::Dot, rest) => rest == Some(Gap::Dot),
        (Gap::Slash | Gap::Close | Gap::Wide, Some(rest)) => {
            matches!(rest, Gap::Space | Gap::Dash | Gap::Dot)
        }
        (Gap::Dash | Gap::Space, Some(rest)) => matches!(rest, Gap::Space | Gap::Dash),
        _ => false,
    };
    even && fit
}

/// Whether the groups read as a date or a range of years: 2024-05-06, 06.05.2024, 2023-2024.
pub(super) fn is_date(text: &str, groups: &[Group]) -> bool {
    let value = |group: &Group| text.get(group.start..group.end)?.parse::<u32>().ok();
    let is = |group: &Group, len: usize, range: std::ops::RangeInclusive<u32>| {
        group.len() == len && value(group).is_some_and(|value| range.contains(&value))
    };
    let year = |group: &Group| is(group, 4, 1900..=2099);
    let day = |group: &Group| is(group, 2, 1..=31) || is(group, 1, 1..=9);
    match groups {
        [a, b, c, ..] if year(a) && day(b) && day(c) => true,
        [a, b, c, ..] if day(a) && day(b) && year(c) => true,
        [a, b, ..] if year(a) && year(b) => true,
        [.., a, b] if year(a) && year(b) => true,
        [a] if a.len() == 8 => {
            is(a, 8, 1900_0101..=2099_1231) && {
                let rest = value(a).unwrap_or_default() % 10_000;
                (1..=12).contains(&(rest / 100)) && (1..=31).contains(&(rest % 100))
            }
        }
        _ => false,
    }
}
