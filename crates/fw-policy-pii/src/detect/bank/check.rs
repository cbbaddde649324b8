//! Check digits of routing and account numbers.

fn weighted(digits: &[u8], weights: &[u32], fold: impl Fn(u32) -> u32) -> u32 {
    digits
        .iter()
        .zip(weights.iter().cycle())
        .map(|(digit, weight)| fold(u32::from(digit - b'0') * weight))
        .sum()
}

/// Weights 3, 7, 1 give a multiple of ten; the first two digits are a Federal Reserve district (01-12), a thrift
/// (21-32), electronic (61-72), the government (00) or traveller's cheques (80).
pub(super) fn aba(digits: &[u8]) -> bool {
    let district = digits
        .iter()
        .take(2)
        .fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
    matches!(district, 0..=12 | 21..=32 | 61..=72 | 80)
        && weighted(digits, &[3, 7, 1], |product| product).is_multiple_of(10)
}

/// Weights 3, 7, 1 over the first 17, each product modulo 10; the last digit fills up to ten.
pub(super) fn clabe(digits: &[u8]) -> bool {
    is_filled(digits, &[3, 7, 1])
}

/// Two blocks, each with its own digit: eight digits by 7, 1, 3, 9 and fourteen by 3, 9, 7, 1.
pub(super) fn cbu(digits: &[u8]) -> bool {
    digits.split_at_checked(8).is_some_and(|(bank, account)| {
        is_filled(bank, &[7, 1, 3, 9]) && is_filled(account, &[3, 9, 7, 1])
    })
}

fn is_filled(digits: &[u8], weights: &[u32]) -> bool {
    digits.split_last().is_some_and(|(last, rest)| {
        (weighted(rest, weights, |product| product % 10) + u32::from(last - b'0'))
            .is_multiple_of(10)
    })
}
