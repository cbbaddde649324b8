//! A cardholder's name after a label that says so.

use crate::detect::context::Words;
use crate::entity::Entity;
use crate::finding::{Finding, Findings, confidence};
use crate::region::Region;
use crate::region::Traits;

const HOLDER: &[&str] = &[
    "cardholder",
    "cardholder name",
    "card holder",
    "card holder name",
    "cardholders name",
    "card holders name",
    "name on card",
    "name on the card",
    "name on your card",
    "karteninhaber",
    "titulaire de la carte",
    "titular de la tarjeta",
    "intestatario della carta",
    "titular do cartao",
    "kaarthouder",
];

/// Most words of a name.
const WORDS: usize = 5;

pub(super) fn find(region: &Region<'_>, findings: &mut Findings) {
    let body = region.body();
    if region
        .traits()
        .any(Traits::DIGIT | Traits::AT | Traits::UNDERSCORE | Traits::EQUALS)
        || !findings.wants(Entity::CardHolder)
        || !body.starts_with(char::is_uppercase)
        || !is_label(region.context())
    {
        return;
    }
    let name = body.trim_end_matches(|end: char| !end.is_alphabetic());
    let mut words = 0;
    let is_name = name.split_whitespace().all(|word| {
        words += 1;
        words <= WORDS
            && word
                .chars()
                .all(|char| char.is_alphabetic() || ".-'’".contains(char))
    });
    let labelled = || {
        Words::before(region.context())
            .distance(HOLDER)
            .is_some_and(|far| far <= 3)
    };
    if is_name && labelled() {
        findings.push(Finding {
            range: region.start()..region.start() + name.len(),
            entity: Entity::CardHolder,
            scheme: "cardholder-name",
            confidence: confidence::LIKELY,
            checked: false,
        });
    }
}

/// Whether the text before ends as a label does. It is looked at first, since most text does not.
fn is_label(context: &str) -> bool {
    let context = context.trim_end();
    context.ends_with([':', '=', '"', '\'', '>', '-']) || context.ends_with(" is")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::find_after;

    #[test]
    fn a_name_after_its_label() {
        let found = find_after(find, "Cardholder: ", "MARA J. VOSS.");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].2, 0..12);
        assert_eq!(
            find_after(find, "\"name_on_card\": \"", "Mara Voss").len(),
            1
        );
    }

    #[test]
    fn no_label_or_no_name() {
        assert!(find_after(find, "holder: ", "Mara Voss").is_empty());
        assert!(find_after(find, "Cardholder: ", "mara").is_empty());
        assert!(find_after(find, "Cardholder: ", "Voss12").is_empty());
        assert!(find_after(find, "The cardholder shall notify ", "Acme").is_empty());
    }
}
