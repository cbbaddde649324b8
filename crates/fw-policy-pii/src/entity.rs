//! The kinds of things that are found.

use std::fmt;

macro_rules! entities {
    ($($(#[$doc:meta])* $name:ident = $label:literal,)*) => {
        /// A kind of personal data or secret.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Entity {
            $($(#[$doc])* $name,)*
        }

        impl Entity {
            /// All kinds.
            pub const ALL: &[Entity] = &[$(Entity::$name,)*];

            /// The kind's name in configurations, markers and reports.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Entity::$name => $label,)*
                }
            }
        }
    };
}

entities! {
    /// An e-mail address.
    Email = "EMAIL",
    /// A telephone number.
    Phone = "PHONE",
    /// The number of a payment card.
    CreditCard = "CREDIT_CARD",
    /// A card verification value, next to card data.
    Cvv = "CVV",
    /// A cardholder's name, next to card data.
    CardHolder = "CARD_HOLDER",
    /// An international bank account number.
    Iban = "IBAN",
    /// A bank identifier code.
    Bic = "BIC",
    /// A bank account number that is no IBAN.
    BankAccount = "BANK_ACCOUNT",
    /// A bank routing number or sort code.
    BankRouting = "BANK_ROUTING",
    /// A US social security number.
    UsSsn = "US_SSN",
    /// The number of a person in a national register.
    NationalId = "NATIONAL_ID",
    /// A tax number.
    TaxId = "TAX_ID",
    /// A passport number.
    Passport = "PASSPORT",
    /// The number of a driving licence.
    DriverLicense = "DRIVER_LICENSE",
    /// A number of a patient, an insured person or a prescriber.
    MedicalId = "MEDICAL_ID",
    /// A vehicle's number plate.
    VehiclePlate = "VEHICLE_PLATE",
    /// A vehicle identification number.
    Vin = "VIN",
    /// An IP address.
    Ip = "IP",
    /// A hardware address.
    Mac = "MAC",
    /// A URL that holds credentials.
    Url = "URL",
    /// An address of a crypto currency.
    Crypto = "CRYPTO",
    /// A key, token or password.
    Secret = "SECRET",
    /// A date of birth.
    Date = "DATE",
    /// A street address.
    Address = "ADDRESS",
    /// Geographic coordinates.
    Location = "LOCATION",
    /// A person's name.
    Person = "PERSON",
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct EntitySet(u64);

impl EntitySet {
    /// No kind.
    pub(crate) const EMPTY: Self = Self(0);

    /// Adds a kind.
    #[must_use]
    pub(crate) const fn with(self, entity: Entity) -> Self {
        Self(self.0 | 1 << entity as u64)
    }

    /// Takes a kind out.
    #[must_use]
    pub(crate) const fn without(self, entity: Entity) -> Self {
        Self(self.0 & !(1 << entity as u64))
    }

    /// What is in either.
    #[must_use]
    pub(crate) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub(crate) const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether it holds no kind.
    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the kind is in the set.
    pub(crate) const fn contains(self, entity: Entity) -> bool {
        self.0 & 1 << entity as u64 != 0
    }
}

impl FromIterator<Entity> for EntitySet {
    fn from_iter<I: IntoIterator<Item = Entity>>(entities: I) -> Self {
        entities.into_iter().fold(Self::EMPTY, Self::with)
    }
}
