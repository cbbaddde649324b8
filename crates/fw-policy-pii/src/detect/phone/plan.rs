//! Country codes and how long national numbers are.
//!
//! Codes: ITU-T, "List of Recommendation ITU-T E.164 assigned country codes". Lengths: the national numbering
//! plans that administrations report to ITU-T (Operational Bulletin, E.129 communications), without trunk prefix,
//! subscriber numbers of all kinds; where old and new numbers are in use together the range covers both. No
//! number is longer than 15 digits with its country code (E.164, 6.2.1).

/// Country code, shortest and longest national number.
type Plan = (u16, u8, u8);

/// By country code. No code is the beginning of another.
const PLANS: &[Plan] = &[
    (1, 10, 10),
    (7, 10, 10),
    (20, 8, 10),
    (27, 9, 10),
    (30, 10, 12),
    (31, 7, 11),
    (32, 8, 9),
    (33, 9, 9),
    (34, 9, 9),
    (36, 8, 9),
    (39, 6, 11),
    (40, 9, 9),
    (41, 9, 9),
    (43, 6, 13),
    (44, 9, 10),
    (45, 8, 8),
    (46, 7, 10),
    (47, 8, 8),
    (48, 9, 9),
    (49, 6, 13),
    (51, 8, 9),
    (52, 10, 11),
    (53, 6, 8),
    (54, 10, 11),
    (55, 10, 11),
    (56, 9, 9),
    (57, 8, 10),
    (58, 10, 10),
    (60, 8, 10),
    (61, 9, 10),
    (62, 8, 12),
    (63, 8, 10),
    (64, 8, 10),
    (65, 8, 11),
    (66, 8, 9),
    (81, 9, 10),
    (82, 8, 11),
    (84, 9, 10),
    (86, 9, 11),
    (90, 10, 10),
    (91, 10, 10),
    (92, 9, 10),
    (93, 9, 9),
    (94, 9, 9),
    (95, 7, 10),
    (98, 8, 10),
    (211, 9, 9),
    (212, 9, 9),
    (213, 8, 9),
    (216, 8, 8),
    (218, 8, 10),
    (220, 7, 7),
    (221, 9, 9),
    (222, 8, 8),
    (223, 8, 8),
    (224, 8, 9),
    (225, 8, 10),
    (226, 8, 8),
    (227, 8, 8),
    (228, 8, 8),
    (229, 8, 10),
    (230, 7, 8),
    (231, 7, 9),
    (232, 8, 8),
    (233, 9, 9),
    (234, 7, 11),
    (235, 8, 8),
    (236, 8, 8),
    (237, 8, 9),
    (238, 7, 7),
    (239, 7, 7),
    (240, 9, 9),
    (241, 7, 8),
    (242, 9, 9),
    (243, 7, 10),
    (244, 9, 9),
    (245, 7, 9),
    (246, 7, 7),
    (247, 4, 6),
    (248, 6, 7),
    (249, 9, 9),
    (250, 8, 9),
    (251, 9, 9),
    (252, 6, 9),
    (253, 8, 8),
    (254, 7, 10),
    (255, 9, 9),
    (256, 9, 9),
    (257, 8, 8),
    (258, 8, 9),
    (260, 9, 9),
    (261, 9, 10),
    (262, 9, 9),
    (263, 7, 10),
    (264, 7, 9),
    (265, 7, 9),
    (266, 8, 8),
    (267, 7, 10),
    (268, 8, 9),
    (269, 7, 7),
    (290, 4, 5),
    (291, 7, 7),
    (297, 7, 7),
    (298, 6, 6),
    (299, 6, 6),
    (350, 8, 8),
    (351, 9, 9),
    (352, 5, 11),
    (353, 7, 10),
    (354, 7, 9),
    (355, 6, 9),
    (356, 8, 8),
    (357, 8, 8),
    (358, 5, 12),
    (359, 7, 9),
    (370, 8, 8),
    (371, 8, 8),
    (372, 7, 8),
    (373, 8, 8),
    (374, 8, 8),
    (375, 9, 10),
    (376, 6, 9),
    (377, 8, 9),
    (378, 6, 10),
    (380, 9, 9),
    (381, 7, 12),
    (382, 8, 9),
    (383, 8, 9),
    (385, 7, 9),
    (386, 7, 8),
    (387, 8, 9),
    (389, 8, 8),
    (420, 9, 9),
    (421, 9, 9),
    (423, 7, 9),
    (500, 5, 5),
    (501, 7, 7),
    (502, 8, 8),
    (503, 7, 8),
    (504, 8, 8),
    (505, 8, 8),
    (506, 8, 8),
    (507, 7, 8),
    (508, 6, 9),
    (509, 8, 8),
    (590, 9, 9),
    (591, 8, 8),
    (592, 7, 7),
    (593, 8, 9),
    (594, 9, 9),
    (595, 7, 9),
    (596, 9, 9),
    (597, 6, 7),
    (598, 7, 8),
    (599, 7, 8),
    (670, 7, 8),
    (672, 5, 6),
    (673, 7, 7),
    (674, 7, 7),
    (675, 7, 8),
    (676, 5, 7),
    (677, 5, 7),
    (678, 5, 7),
    (679, 7, 7),
    (680, 7, 7),
    (681, 6, 6),
    (682, 5, 5),
    (683, 4, 7),
    (685, 5, 7),
    (686, 5, 8),
    (687, 6, 6),
    (688, 5, 7),
    (689, 6, 8),
    (690, 4, 7),
    (691, 7, 7),
    (692, 7, 7),
    (800, 8, 8),
    (808, 8, 8),
    (850, 8, 10),
    (852, 8, 8),
    (853, 8, 8),
    (855, 8, 9),
    (856, 8, 10),
    (870, 9, 9),
    (878, 12, 12),
    (880, 8, 10),
    (881, 8, 9),
    (882, 7, 12),
    (883, 7, 12),
    (886, 8, 9),
    (888, 8, 12),
    (960, 7, 7),
    (961, 7, 8),
    (962, 8, 9),
    (963, 8, 9),
    (964, 8, 10),
    (965, 7, 8),
    (966, 9, 9),
    (967, 7, 9),
    (968, 8, 8),
    (970, 8, 9),
    (971, 8, 9),
    (972, 8, 9),
    (973, 8, 8),
    (974, 7, 8),
    (975, 7, 8),
    (976, 8, 8),
    (977, 8, 10),
    (979, 9, 9),
    (992, 9, 9),
    (993, 8, 8),
    (994, 9, 9),
    (995, 9, 9),
    (996, 9, 9),
    (998, 9, 9),
];

/// What a number that begins with a country code may be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Country {
    /// How many digits the country code has.
    pub(super) code: usize,
    pub(super) shortest: usize,
    pub(super) longest: usize,
}

/// The country code that `digits` (ASCII) begin with.
pub(super) fn country(digits: &[u8]) -> Option<Country> {
    if digits.first() == Some(&b'0') {
        return None;
    }
    let mut code = 0;
    digits.iter().take(3).enumerate().find_map(|(at, digit)| {
        code = code * 10 + u16::from(digit - b'0');
        let found = PLANS.binary_search_by_key(&code, |plan| plan.0).ok()?;
        let (_, shortest, longest) = *PLANS.get(found)?;
        Some(Country {
            code: at + 1,
            shortest: usize::from(shortest),
            longest: usize::from(longest),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_are_in_order_and_no_code_begins_another() {
        assert!(PLANS.is_sorted_by(|left, right| left.0 < right.0));
        for (code, ..) in PLANS {
            let mut shorter = code / 10;
            while shorter > 0 {
                assert!(PLANS.iter().all(|plan| plan.0 != shorter), "{code}");
                shorter /= 10;
            }
        }
    }

    #[test]
    fn no_number_is_longer_than_the_standard_allows() {
        for (code, shortest, longest) in PLANS {
            assert!(shortest <= longest, "{code}");
            assert!(code.ilog10() + 1 + u32::from(*longest) <= 15, "{code}");
        }
    }

    #[test]
    fn the_code_is_read_from_the_first_digits() {
        let code = |digits: &[u8]| country(digits).map(|country| country.code);
        assert_eq!(code(b"12015550123"), Some(1));
        assert_eq!(code(b"49301234567"), Some(2));
        assert_eq!(code(b"35312345678"), Some(3));
        assert_eq!(code(b"2101234567"), None);
        assert_eq!(code(b"0301234567"), None);
        assert_eq!(code(b"4"), None);
    }
}
