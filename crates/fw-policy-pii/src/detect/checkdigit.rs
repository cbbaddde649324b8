//! Check digits of national and tax numbers. All functions take ASCII digits (and capitals where they say so).

/// The value of a digit, or of a letter with A = 10.
pub(crate) const fn value(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => (byte - b'0') as u32,
        b'A'..=b'Z' => (byte - b'A') as u32 + 10,
        _ => 0,
    }
}

/// The digits as one number.
pub(crate) fn number(digits: &[u8]) -> u64 {
    digits
        .iter()
        .fold(0, |number, digit| number * 10 + u64::from(value(*digit)))
}

/// The sum of each digit times its weight. Digits without a weight do not count.
pub(crate) fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits
        .iter()
        .zip(weights)
        .map(|(digit, weight)| value(*digit) * weight)
        .sum()
}

/// The digit at a place, 0 beyond the end.
pub(crate) fn at(digits: &[u8], place: usize) -> u32 {
    digits.get(place).map_or(0, |digit| value(*digit))
}

/// The last digit.
pub(crate) fn last(digits: &[u8]) -> u32 {
    digits.last().map_or(0, |digit| value(*digit))
}

/// All but the last digit.
pub(crate) fn body(digits: &[u8]) -> &[u8] {
    digits.split_last().map_or(&[], |(_, body)| body)
}

/// Whether all digits are the same, as made-up numbers often are.
pub(crate) fn all_same(digits: &[u8]) -> bool {
    digits.windows(2).all(|pair| pair[0] == pair[1])
}

/// Whether the number is right by ISO/IEC 7064 MOD 11,10.
pub(crate) fn mod_11_10(digits: &[u8]) -> bool {
    let product = body(digits).iter().fold(10, |product, digit| {
        let sum = (product + value(*digit)) % 10;
        2 * (if sum == 0 { 10 } else { sum }) % 11
    });
    (product + last(digits)) % 10 == 1
}

/// Whether the number is right by ISO/IEC 7064 MOD 11-2: its last place is a digit or X.
pub(crate) fn mod_11_2(number: &[u8]) -> bool {
    let check = match number.last() {
        Some(b'X') => 10,
        Some(digit @ b'0'..=b'9') => value(*digit),
        _ => return false,
    };
    let sum = body(number)
        .iter()
        .fold(0, |sum, digit| (sum + value(*digit)) * 2 % 11);
    (sum + check) % 11 == 1
}

/// Whether the number is right by Verhoeff's scheme, which computes in the dihedral group D5
/// (J. Verhoeff, "Error Detecting Decimal Codes", 1969).
pub(crate) fn verhoeff(digits: &[u8]) -> bool {
    let sum = digits
        .iter()
        .rev()
        .enumerate()
        .fold(0, |sum, (place, digit)| {
            let mut permuted = value(*digit);
            for _ in 0..place % 8 {
                permuted = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4][permuted as usize % 10];
            }
            d5(sum, permuted)
        });
    sum == 0
}

/// The product in D5: 0 to 4 are rotations, 5 to 9 reflections.
const fn d5(left: u32, right: u32) -> u32 {
    match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => (left + right) % 5 + 5,
        (false, true) => (left - right) % 5 + 5,
        (false, false) => (5 + left - right) % 5,
    }
}

/// Whether there is such a day. Without a century, the year of a leap day is not known to be one: any will do.
pub(crate) const fn is_day(year: Option<u32>, month: u32, day: u32) -> bool {
    let days = match month {
        2 => match year {
            Some(year) if !is_leap(year) => 28,
            _ => 29,
        },
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return false,
    };
    1 <= day && day <= days
}

const fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// Two digits from a place on.
pub(crate) fn two(digits: &[u8], place: usize) -> u32 {
    at(digits, place) * 10 + at(digits, place + 1)
}

/// Whether a number begins with a day as YYMMDD.
pub(crate) fn is_yymmdd(digits: &[u8]) -> bool {
    is_day(None, two(digits, 2), two(digits, 4))
}

/// Whether a number begins with a day as DDMMYY.
pub(crate) fn is_ddmmyy(digits: &[u8]) -> bool {
    is_day(None, two(digits, 2), two(digits, 0))
}

/// Whether a number begins with a day as YYYYMMDD on which someone alive may be born.
pub(crate) fn is_yyyymmdd(digits: &[u8]) -> bool {
    let year = two(digits, 0) * 100 + two(digits, 2);
    (1890..=2040).contains(&year) && is_day(Some(year), two(digits, 4), two(digits, 6))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The body with the check digit that makes it valid, or with X if no digit does.
    fn with_last(body: &str, is_valid: fn(&[u8]) -> bool) -> Vec<String> {
        let valid = |check: char| {
            Some(format!("{body}{check}")).filter(|number| is_valid(number.as_bytes()))
        };
        let digits: Vec<_> = ('0'..='9').filter_map(valid).collect();
        if digits.is_empty() {
            valid('X').into_iter().collect()
        } else {
            digits
        }
    }

    #[test]
    fn published_examples_are_right() {
        // ISO/IEC 7064, the examples of its sections on MOD 11,10 and MOD 11-2.
        assert_eq!(with_last("0794", mod_11_10), ["07945"]);
        assert_eq!(with_last("0794", mod_11_2), ["07940"]);
        assert_eq!(with_last("236", verhoeff), ["2363"]);
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        assert!(is_day(Some(2000), 2, 29) && !is_day(Some(1900), 2, 29));
        assert!(
            is_day(None, 2, 29)
                && !is_day(None, 4, 31)
                && !is_day(None, 13, 1)
                && !is_day(None, 1, 0)
        );
    }

    proptest::proptest! {
        #[test]
        fn one_changed_digit_and_two_swapped_are_seen(body in "[0-9]{4,12}", place in 0_usize..4, other in b'0'..=b'9') {
            for scheme in [mod_11_10 as fn(&[u8]) -> bool, mod_11_2, verhoeff] {
                let right = with_last(&body, scheme);
                proptest::prop_assert_eq!(right.len(), 1);
                let mut wrong = right[0].clone().into_bytes();
                if wrong[place] != other {
                    wrong[place] = other;
                    proptest::prop_assert!(!scheme(&wrong));
                }
            }
            for scheme in [mod_11_2 as fn(&[u8]) -> bool, verhoeff] {
                let mut swapped = with_last(&body, scheme)[0].clone().into_bytes();
                if swapped[place] != swapped[place + 1] && swapped[place + 1] != b'X' {
                    swapped.swap(place, place + 1);
                    proptest::prop_assert!(!scheme(&swapped));
                }
            }
        }
    }
}
