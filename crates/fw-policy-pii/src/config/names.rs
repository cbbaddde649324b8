//! Names of types: ours, and those that other detectors use.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::entity::{Entity, EntitySet};

/// A type, by our name or by one that other detectors use for it.
///
/// A name that is narrower than any of our types stands for the whole type: `US_ITIN` is `TAX_ID`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct EntityName {
    name: Cow<'static, str>,
    set: EntitySet,
}

/// Names of [Presidio's recognisers](https://microsoft.github.io/presidio/supported_entities/) and of the
/// published examples, with the types that cover them.
pub(crate) const ALIASES: &[(&str, &[Entity])] = &[
    ("EMAIL_ADDRESS", &[Entity::Email]),
    ("PHONE_NUMBER", &[Entity::Phone]),
    ("CARD_NUMBER", &[Entity::CreditCard]),
    ("CREDIT_CARD_NUMBER", &[Entity::CreditCard]),
    ("CVC", &[Entity::Cvv]),
    ("IBAN_CODE", &[Entity::Iban]),
    ("SWIFT_CODE", &[Entity::Bic]),
    ("US_BANK_NUMBER", &[Entity::BankAccount]),
    ("BANK_ACCOUNT_NUMBER", &[Entity::BankAccount]),
    ("ABA_ROUTING_NUMBER", &[Entity::BankRouting]),
    ("SSN", &[Entity::UsSsn]),
    ("US_ITIN", &[Entity::TaxId]),
    ("TAX_NUMBER", &[Entity::TaxId]),
    ("US_PASSPORT", &[Entity::Passport]),
    ("UK_PASSPORT", &[Entity::Passport]),
    ("IT_PASSPORT", &[Entity::Passport]),
    ("IN_PASSPORT", &[Entity::Passport]),
    ("PASSPORT_NUMBER", &[Entity::Passport]),
    ("US_DRIVER_LICENSE", &[Entity::DriverLicense]),
    ("IT_DRIVER_LICENSE", &[Entity::DriverLicense]),
    ("UK_DRIVING_LICENCE", &[Entity::DriverLicense]),
    ("DRIVING_LICENCE", &[Entity::DriverLicense]),
    ("MEDICAL_LICENSE", &[Entity::MedicalId]),
    ("MEDICAL_RECORD_NUMBER", &[Entity::MedicalId]),
    ("MRN", &[Entity::MedicalId]),
    ("NPI", &[Entity::MedicalId]),
    ("UK_NHS", &[Entity::MedicalId]),
    ("US_MBI", &[Entity::MedicalId]),
    ("AU_MEDICARE", &[Entity::MedicalId]),
    ("UK_NINO", &[Entity::NationalId]),
    ("ES_NIF", &[Entity::NationalId, Entity::TaxId]),
    ("ES_NIE", &[Entity::NationalId, Entity::TaxId]),
    ("IT_FISCAL_CODE", &[Entity::NationalId, Entity::TaxId]),
    ("IT_VAT_CODE", &[Entity::TaxId]),
    ("IT_IDENTITY_CARD", &[Entity::NationalId]),
    ("PL_PESEL", &[Entity::NationalId]),
    ("SG_NRIC_FIN", &[Entity::NationalId]),
    ("AU_TFN", &[Entity::TaxId]),
    ("AU_ABN", &[Entity::TaxId]),
    ("AU_ACN", &[Entity::TaxId]),
    ("IN_PAN", &[Entity::TaxId]),
    ("IN_AADHAAR", &[Entity::NationalId]),
    ("IN_GSTIN", &[Entity::TaxId]),
    ("IN_VEHICLE_REGISTRATION", &[Entity::VehiclePlate]),
    ("UK_VEHICLE_REGISTRATION", &[Entity::VehiclePlate]),
    ("LICENSE_PLATE", &[Entity::VehiclePlate]),
    ("FI_PERSONAL_IDENTITY_CODE", &[Entity::NationalId]),
    ("KR_RRN", &[Entity::NationalId]),
    ("TH_TNIN", &[Entity::NationalId]),
    ("IP_ADDRESS", &[Entity::Ip]),
    ("MAC_ADDRESS", &[Entity::Mac]),
    ("CRYPTO_WALLET", &[Entity::Crypto]),
    ("API_KEY", &[Entity::Secret]),
    ("PASSWORD", &[Entity::Secret]),
    ("DATE_TIME", &[Entity::Date]),
    ("DATE_OF_BIRTH", &[Entity::Date]),
    ("DOB", &[Entity::Date]),
    ("STREET_ADDRESS", &[Entity::Address]),
    // Presidio's LOCATION is any place in the text: ours are street addresses and coordinates.
    ("LOCATION", &[Entity::Location, Entity::Address]),
    ("COORDINATES", &[Entity::Location]),
    ("NAME", &[Entity::Person]),
    ("PERSON_NAME", &[Entity::Person]),
];

impl EntityName {
    /// The type of this name. Case counts for nothing.
    ///
    /// # Errors
    ///
    /// The name is not known: what is, and what was probably meant.
    pub fn new(name: &str) -> Result<Self, String> {
        let alias = ALIASES
            .iter()
            .find(|(alias, _)| alias.eq_ignore_ascii_case(name));
        if let Some((alias, entities)) = alias {
            return Ok(Self {
                name: Cow::Borrowed(alias),
                set: entities.iter().copied().collect(),
            });
        }
        Entity::ALL
            .iter()
            .find(|entity| entity.name().eq_ignore_ascii_case(name))
            .map(|entity| Self::from(*entity))
            .ok_or_else(|| unknown(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The types that it stands for.
    pub fn entities(&self) -> impl Iterator<Item = Entity> {
        let set = self.set;
        Entity::ALL
            .iter()
            .copied()
            .filter(move |entity| set.contains(*entity))
    }

    pub(crate) const fn set(&self) -> EntitySet {
        self.set
    }
}

impl From<Entity> for EntityName {
    fn from(entity: Entity) -> Self {
        Self {
            name: Cow::Borrowed(entity.name()),
            set: EntitySet::EMPTY.with(entity),
        }
    }
}

impl TryFrom<String> for EntityName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::new(&name)
    }
}

impl fmt::Display for EntityName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Debug for EntityName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl JsonSchema for EntityName {
    fn schema_name() -> Cow<'static, str> {
        "EntityName".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "pii-entity" })
    }
}

/// Why a name is refused: it is repeated only as far as a name can be long.
fn unknown(name: &str) -> String {
    let given: String = name.chars().take(64).collect();
    let known = || {
        let aliases = ALIASES.iter().map(|(alias, _)| *alias);
        Entity::ALL
            .iter()
            .map(|entity| entity.name())
            .chain(aliases)
    };
    let folded = fold(&given);
    let nearest = known()
        .map(|name| (strsim::damerau_levenshtein(&folded, &fold(name)), name))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= folded.len().div_ceil(3));
    match nearest {
        Some((_, nearest)) => format!("unknown type `{given}`; did you mean `{nearest}`?"),
        None => {
            let names: Vec<&str> = Entity::ALL.iter().map(|entity| entity.name()).collect();
            format!("unknown type `{given}`; the types are {}", names.join(", "))
        }
    }
}

/// Spellings that people mix up count as the same.
fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '-' | '_' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_known_by_its_own_name() {
        for entity in Entity::ALL {
            let name = EntityName::new(entity.name()).unwrap();
            assert!(name.set().contains(*entity), "{entity}");
        }
    }

    #[test]
    fn names_of_other_detectors_are_known_in_any_case() {
        for (alias, entities) in ALIASES {
            let name = EntityName::new(&alias.to_lowercase()).unwrap();
            assert_eq!(name.entities().count(), entities.len(), "{alias}");
        }
    }

    #[test]
    fn a_name_that_is_not_known_gets_the_nearest_one() {
        let message = EntityName::new("EMIAL").unwrap_err();
        assert_eq!(message, "unknown type `EMIAL`; did you mean `EMAIL`?");
        let message = EntityName::new("ZODIAC_SIGN").unwrap_err();
        assert!(message.contains("the types are EMAIL, PHONE"), "{message}");
    }
}
