//! One form for all spellings of a value.

use zeroize::Zeroizing;

use crate::entity::Entity;

/// The form in which two spellings of one value are equal: the case of e-mail addresses and the separators of
/// numbers count for nothing. `None` is a type of the user's own.
pub(crate) fn normal(entity: Option<Entity>, value: &str) -> Zeroizing<String> {
    Zeroizing::new(match entity {
        None | Some(Entity::Secret | Entity::Crypto | Entity::Url) => value.to_owned(),
        Some(Entity::Email | Entity::Ip) => value.to_lowercase(),
        Some(Entity::Address | Entity::Person | Entity::CardHolder | Entity::Date) => words(value),
        Some(Entity::Location) => value.split_whitespace().collect(),
        Some(_) => digits_and_letters(value),
    })
}

/// Lower case, with single spaces.
fn words(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for word in value.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(word.chars().flat_map(char::to_lowercase));
    }
    out
}

/// Upper-case letters and digits without what stands between them. A `+` in front stays.
pub(crate) fn digits_and_letters(value: &str) -> String {
    value
        .char_indices()
        .filter(|(at, c)| c.is_alphanumeric() || (*at == 0 && *c == '+'))
        .flat_map(|(_, c)| c.to_uppercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_value_are_equal() {
        for (entity, one, other) in [
            (Entity::Email, "Ann@Example.org", "ann@example.ORG"),
            (Entity::Phone, "+49 (30) 1234-567", "+49 30 1234567"),
            (Entity::CreditCard, "4111-1111 11111111", "4111111111111111"),
            (Entity::Iban, "de89 3704", "DE893704"),
            (Entity::Address, "12  Main St", "12 main st"),
        ] {
            assert_eq!(normal(Some(entity), one), normal(Some(entity), other));
        }
        let secret = Some(Entity::Secret);
        assert_ne!(normal(secret, "aB"), normal(secret, "ab"));
    }
}
