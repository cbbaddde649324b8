//! What the account numbers of each country are made of.

/// The structure of the part after country and check digits, as the registry writes it, fixed lengths:
/// `n` digits, `a` letters, `c` both.
///
/// SWIFT, "IBAN Registry" (the registration authority of ISO 13616), release 100. The countries of the second
/// list are not in it: their banks use the form they list here.
const REGISTRY: &[(&str, &str)] = &[
    ("AD", "8n12c"),
    ("AE", "19n"),
    ("AL", "8n16c"),
    ("AT", "16n"),
    ("AZ", "4a20c"),
    ("BA", "16n"),
    ("BE", "12n"),
    ("BG", "4a6n8c"),
    ("BH", "4a14c"),
    ("BI", "23n"),
    ("BR", "23n1a1c"),
    ("BY", "4c4n16c"),
    ("CH", "5n12c"),
    ("CR", "18n"),
    ("CY", "8n16c"),
    ("CZ", "20n"),
    ("DE", "18n"),
    ("DJ", "23n"),
    ("DK", "14n"),
    ("DO", "4c20n"),
    ("EE", "16n"),
    ("EG", "25n"),
    ("ES", "20n"),
    ("FI", "14n"),
    ("FK", "2a12n"),
    ("FO", "14n"),
    ("FR", "10n11c2n"),
    ("GB", "4a14n"),
    ("GE", "2a16n"),
    ("GI", "4a15c"),
    ("GL", "14n"),
    ("GR", "7n16c"),
    ("GT", "24c"),
    ("HN", "4a20n"),
    ("HR", "17n"),
    ("HU", "24n"),
    ("IE", "4a14n"),
    ("IL", "19n"),
    ("IQ", "4a15n"),
    ("IS", "22n"),
    ("IT", "1a10n12c"),
    ("JO", "4a4n18c"),
    ("KW", "4a22c"),
    ("KZ", "3n13c"),
    ("LB", "4n20c"),
    ("LC", "4a24c"),
    ("LI", "5n12c"),
    ("LT", "16n"),
    ("LU", "3n13c"),
    ("LV", "4a13c"),
    ("LY", "21n"),
    ("MC", "10n11c2n"),
    ("MD", "20c"),
    ("ME", "18n"),
    ("MK", "3n10c2n"),
    ("MN", "16n"),
    ("MR", "23n"),
    ("MT", "4a5n18c"),
    ("MU", "4a19n3a"),
    ("NI", "4a20n"),
    ("NL", "4a10n"),
    ("NO", "11n"),
    ("OM", "3n16c"),
    ("PK", "4a16c"),
    ("PL", "24n"),
    ("PS", "4a21c"),
    ("PT", "21n"),
    ("QA", "4a21c"),
    ("RO", "4a16c"),
    ("RS", "18n"),
    ("RU", "14n15c"),
    ("SA", "2n18c"),
    ("SC", "4a20n3a"),
    ("SD", "14n"),
    ("SE", "20n"),
    ("SI", "15n"),
    ("SK", "20n"),
    ("SM", "1a10n12c"),
    ("SO", "19n"),
    ("ST", "21n"),
    ("SV", "4a20n"),
    ("TL", "19n"),
    ("TN", "20n"),
    ("TR", "6n16c"),
    ("UA", "6n19c"),
    ("VA", "18n"),
    ("VG", "4a16n"),
    ("XK", "16n"),
    ("YE", "4a4n18c"),
];

const OTHERS: &[(&str, &str)] = &[
    ("AO", "21n"),
    ("BF", "2c22n"),
    ("BJ", "2c22n"),
    ("CF", "23n"),
    ("CG", "23n"),
    ("CI", "2c22n"),
    ("CM", "23n"),
    ("CV", "21n"),
    ("DZ", "22n"),
    ("GA", "23n"),
    ("GQ", "23n"),
    ("GW", "2c19n"),
    ("IR", "22n"),
    ("KM", "23n"),
    ("MA", "24n"),
    ("MG", "23n"),
    ("ML", "2c22n"),
    ("MZ", "21n"),
    ("NE", "2a22n"),
    ("SN", "2c22n"),
    ("TD", "23n"),
    ("TG", "2a22n"),
];

/// The structure of the numbers of a country (two letters in upper case).
pub(super) fn structure(country: [u8; 2]) -> Option<Structure> {
    let of = |list: &'static [(&str, &'static str)]| {
        let found = list
            .binary_search_by_key(&country.as_slice(), |entry| entry.0.as_bytes())
            .ok()?;
        list.get(found).map(|entry| Structure(entry.1))
    };
    of(REGISTRY).or_else(|| of(OTHERS))
}

/// A structure such as `4a14n`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Structure(&'static str);

impl Structure {
    /// How many letters and digits there are.
    pub(super) fn len(self) -> usize {
        self.parts().map(|(len, _)| len).sum()
    }

    /// Whether these letters and digits are of the right kinds, as far as they go.
    pub(super) fn fits(self, text: &[u8]) -> bool {
        let kinds = self
            .parts()
            .flat_map(|(len, kind)| std::iter::repeat_n(kind, len));
        text.len() <= self.len()
            && text.iter().zip(kinds).all(|(byte, kind)| match kind {
                b'n' => byte.is_ascii_digit(),
                b'a' => byte.is_ascii_alphabetic(),
                _ => byte.is_ascii_alphanumeric(),
            })
    }

    fn parts(self) -> impl Iterator<Item = (usize, u8)> {
        let mut len = 0;
        self.0.bytes().filter_map(move |byte| {
            if byte.is_ascii_digit() {
                len = len * 10 + usize::from(byte - b'0');
                None
            } else {
                Some((std::mem::take(&mut len), byte))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lists_are_in_order_and_within_the_standard() {
        for list in [REGISTRY, OTHERS] {
            assert!(list.is_sorted_by(|left, right| left.0 < right.0));
            for (country, structure) in list {
                let len = Structure(structure).len();
                assert!((11..=30).contains(&len), "{country}");
            }
        }
    }

    #[test]
    fn lengths_are_those_of_the_registry() {
        let len = |country: &[u8; 2]| structure(*country).map(|structure| structure.len() + 4);
        for (country, expected) in [
            (b"NO", 15),
            (b"BE", 16),
            (b"DE", 22),
            (b"FR", 27),
            (b"GB", 22),
            (b"MT", 31),
            (b"RU", 33),
            (b"SC", 31),
            (b"LC", 32),
            (b"CI", 28),
        ] {
            assert_eq!(len(country), Some(expected));
        }
        assert_eq!(len(b"US"), None);
    }

    #[test]
    fn kinds_are_told_apart() {
        let structure = Structure("2a3n1c");
        assert!(structure.fits(b"AB123C") && structure.fits(b"ab1234") && structure.fits(b"AB123"));
        for wrong in [b"A1123C".as_slice(), b"AB12CC", b"AB123CC"] {
            assert!(!structure.fits(wrong));
        }
    }
}
