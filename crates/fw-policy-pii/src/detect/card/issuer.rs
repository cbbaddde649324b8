//! Who issues a card, by its first digits.
//!
//! A card number is an issuer identification number, an account number and a Luhn digit: 8 to 19 digits
//! (ISO/IEC 7812-1). Ranges and lengths are those that the schemes publish: Visa Core Rules, Mastercard
//! Transaction Processing Rules (51-55 and 2221-2720), American Express, Discover Network Dynamic IIN bulletin
//! (with Diners Club, JCB and UnionPay), UnionPay International (62, 81), RuPay (60, 65, 81, 82, 508, 353, 356),
//! Mir (2200-2204), Elo, Hipercard, Troy (9792, 65), Verve (506099-506198, 650002-650027, 507865-507964),
//! Maestro (50, 56-69), UATP (1), Dankort (5019), InterPayment (636), LankaPay (357111), UzCard and Humo
//! (8600, 9860), BORICA (2205), Meeza (5078).

/// A scheme's range of numbers.
struct Issuer {
    scheme: &'static str,
    /// First and last value of the first digits, both of the same number of digits.
    first: (u32, u32),
    /// Bit n: n digits are allowed.
    lengths: u32,
    /// The range is so narrow, or its cards so common, that the number tells by itself.
    telling: bool,
}

const fn of(scheme: &'static str, first: (u32, u32), lengths: u32) -> Issuer {
    Issuer {
        scheme,
        first,
        lengths,
        telling: true,
    }
}

const fn vague(scheme: &'static str, first: (u32, u32), lengths: u32) -> Issuer {
    Issuer {
        scheme,
        first,
        lengths,
        telling: false,
    }
}

const fn digits(shortest: u32, longest: u32) -> u32 {
    (1 << (longest + 1)) - (1 << shortest)
}

const N13: u32 = digits(13, 13);
const N14: u32 = digits(14, 14);
const N15: u32 = digits(15, 15);
const N16: u32 = digits(16, 16);
const N19: u32 = digits(19, 19);

/// Narrow ranges first: the first that fits is taken.
const ISSUERS: &[Issuer] = &[
    of("verve", (506_099, 506_198), digits(16, 19)),
    of("verve", (507_865, 507_964), digits(16, 19)),
    of("verve", (650_002, 650_027), digits(16, 19)),
    of("elo", (401_178, 401_179), N16),
    of("elo", (431_274, 431_274), N16),
    of("elo", (438_935, 438_935), N16),
    of("elo", (451_416, 451_416), N16),
    of("elo", (457_631, 457_632), N16),
    of("elo", (504_175, 504_175), N16),
    of("elo", (506_699, 506_778), N16),
    of("elo", (509_000, 509_999), N16),
    of("elo", (627_780, 627_780), N16),
    of("elo", (636_297, 636_297), N16),
    of("elo", (636_368, 636_368), N16),
    of("hipercard", (606_282, 606_282), N16),
    of("hipercard", (637_095, 637_095), N16),
    of("lankapay", (357_111, 357_111), N16),
    of("visa", (4, 4), N16 | N19),
    vague("visa", (4, 4), N13),
    of("mastercard", (51, 55), N16),
    of("mastercard", (2221, 2720), N16),
    of("american-express", (34, 34), N15),
    of("american-express", (37, 37), N15),
    of("diners-club", (300, 305), digits(14, 19)),
    of("diners-club", (3095, 3095), digits(14, 19)),
    of("diners-club", (36, 36), N14),
    of("diners-club", (38, 39), N14),
    of("diners-club", (36, 36), digits(15, 19)),
    of("diners-club", (38, 39), digits(16, 19)),
    of("rupay", (353, 353), N16),
    of("rupay", (356, 356), N16),
    of("jcb", (3528, 3589), digits(16, 19)),
    // Not given to anyone outside 3528-3589, but often seen in made-up numbers.
    of("jcb", (35, 35), N16),
    of("jcb", (2131, 2131), N15),
    of("jcb", (1800, 1800), N15),
    of("mir", (2200, 2204), digits(16, 19)),
    of("borica", (2205, 2205), N16),
    of("discover", (6011, 6011), digits(16, 19)),
    of("discover", (644, 649), digits(16, 19)),
    of("discover", (65, 65), digits(16, 19)),
    of("unionpay", (62, 62), digits(16, 19)),
    of("unionpay", (81, 81), digits(16, 19)),
    of("rupay", (508, 508), N16),
    of("rupay", (60, 60), N16),
    of("rupay", (82, 82), N16),
    of("troy", (9792, 9792), N16),
    of("interpayment", (636, 636), digits(16, 19)),
    of("uzcard", (8600, 8600), N16),
    of("humo", (9860, 9860), N16),
    of("dankort", (5019, 5019), N16),
    of("maestro", (50, 50), N16),
    of("maestro", (56, 58), N16),
    of("maestro", (61, 61), N16),
    of("maestro", (63, 64), N16),
    of("maestro", (66, 69), N16),
    vague("maestro", (50, 50), digits(12, 19)),
    vague("maestro", (56, 58), digits(12, 19)),
    vague("maestro", (60, 69), digits(12, 19)),
    vague("uatp", (1, 1), N15),
];

/// The scheme of a card number, and whether the number tells by itself.
pub(super) fn of_number(digits: &[u8]) -> Option<(&'static str, bool)> {
    let length = 1_u32.checked_shl(u32::try_from(digits.len()).ok()?)?;
    ISSUERS
        .iter()
        .find(|issuer| {
            let (first, last) = issuer.first;
            issuer.lengths & length != 0
                && (first..=last).contains(&leading(digits, first.ilog10() + 1))
        })
        .map(|issuer| (issuer.scheme, issuer.telling))
}

/// The number of the first `count` digits.
fn leading(digits: &[u8], count: u32) -> u32 {
    digits
        .iter()
        .take(count as usize)
        .fold(0, |value, digit| value * 10 + u32::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_digits_and_length_name_the_scheme() {
        for (number, scheme) in [
            ("4000000000000000", "visa"),
            ("4000000000000", "visa"),
            ("4000000000000000000", "visa"),
            ("5100000000000000", "mastercard"),
            ("2221000000000000", "mastercard"),
            ("2720990000000000", "mastercard"),
            ("340000000000000", "american-express"),
            ("36000000000000", "diners-club"),
            ("3528000000000000", "jcb"),
            ("6011000000000000", "discover"),
            ("620000000000000000", "unionpay"),
            ("2200000000000000", "mir"),
            ("5066990000000000", "elo"),
            ("5060990000000000", "verve"),
            ("9792000000000000", "troy"),
            ("6079000000000000", "rupay"),
            ("584500000000", "maestro"),
            ("100000000000000", "uatp"),
        ] {
            let found = of_number(number.as_bytes()).map(|(scheme, _)| scheme);
            assert_eq!(found, Some(scheme), "{number}");
        }
    }

    #[test]
    fn other_ranges_and_lengths_are_no_card() {
        for number in [
            "400000000000000",
            "5100000000000",
            "2220000000000000",
            "2721000000000000",
            "34000000000000",
            "0000000000000000",
            "7000000000000000",
            "40000000000000000000",
        ] {
            assert_eq!(of_number(number.as_bytes()), None, "{number}");
        }
    }
}
