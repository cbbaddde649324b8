//! The rules of each country, on made-up numbers. Their check digits were computed by another implementation of the
//! same rules, or are those of the issuers' published examples.

use super::super::ids;
use super::super::scheme::Scheme;
use super::super::testing::{find, find_after};
use crate::entity::Entity;

fn scheme(name: &str, len: usize) -> &'static Scheme {
    ids::tables()
        .flatten()
        .find(|scheme| scheme.name == name && scheme.forms.iter().any(|form| form.len() == len))
        .unwrap()
}

fn is_valid(name: &str, number: &str) -> bool {
    (scheme(name, number.len()).valid)(number.as_bytes())
}

/// Their check digits see every single wrong digit.
const STRICT: &[(&str, &str)] = &[
    ("es-nif", "95080938L"),
    ("es-nie", "Z2822167A"),
    ("es-cif", "U64106347"),
    ("it-codice-fiscale", "PEKFSH72T44L721F"),
    ("it-partita-iva", "45100800676"),
    ("nl-bsn", "73505122"),
    ("ch-ahv", "7562359268171"),
    ("ch-uid", "CHE267486677"),
    ("se-personnummer", "6607030662"),
    ("no-fodselsnummer", "25071957309"),
    ("dk-cvr", "82540555"),
    ("pl-pesel", "31093061085"),
    ("pl-nip", "4812108043"),
    ("gr-amka", "08047981868"),
    ("hr-oib", "03012749349"),
    ("rs-pib", "310326228"),
    ("tr-tckn", "86111955590"),
    ("il-teudat-zehut", "510503055"),
    ("in-aadhaar", "369079602927"),
    ("cn-resident-id", "362225196903257069"),
    ("au-abn", "19050930377"),
    ("ca-sin", "780506994"),
    ("do-cedula", "61121934766"),
    ("za-id", "5310090198100"),
    ("uk-nhs", "9912114981"),
    ("cl-rut", "400415579"),
    ("fr-siren", "700605629"),
    ("us-npi", "1234567893"),
];

/// Numbers whose rule maps two remainders to one check digit, has a second way to be valid, or no check digit.
const VALID: &[(&str, &str)] = &[
    ("fr-nir", "255081416802538"),
    ("fr-spi", "2622805635023"),
    ("de-steuer-id", "48021262570"),
    ("de-kvnr", "A123456780"),
    ("de-rentenversicherung", "15070649C103"),
    ("be-rijksregister", "71050890986"),
    ("be-id", "750527185361"),
    ("at-svnr", "9912171110"),
    ("fi-hetu", "030848308P"),
    ("ee-isikukood", "83508260449"),
    ("lt-asmens-kodas", "83508260449"),
    ("cz-rodne-cislo", "7103192745"),
    ("hu-taj", "111111110"),
    ("pl-regon", "591419860"),
    ("ro-cnp", "2491122241813"),
    ("ro-cui", "77073213"),
    ("bg-egn", "6208098801"),
    ("bg-lnch", "5283789619"),
    ("gr-afm", "427366613"),
    ("cy-tic", "73112332M"),
    ("emso", "1609017071716"),
    ("si-davcna", "56497440"),
    ("ru-inn", "7101180722"),
    ("ru-snils", "11223344595"),
    ("ua-rnokpp", "3010112170"),
    ("tr-vkn", "1012208785"),
    ("in-pan", "XYUPN3514D"),
    ("in-gstin", "01SDMHP4972N8ZS"),
    ("sg-nric", "S1234567D"),
    ("th-id", "8109087883042"),
    ("vn-mst", "9408266637"),
    ("cn-uscc", "48636560CK05ED3AF9"),
    ("hk-hkid", "A1234563"),
    ("tw-id", "A123456789"),
    ("jp-my-number", "123456789018"),
    ("jp-houjin-bangou", "4007104787623"),
    ("kr-rrn", "7706193684616"),
    ("my-nric", "611018145252"),
    ("au-tfn", "61886362"),
    ("au-medicare", "2123456701"),
    ("nz-ird", "43412043"),
    ("br-cpf", "80020135149"),
    ("br-cnpj", "6505289AG71768"),
    ("mx-curp", "WMXZ350614HMCDGW59"),
    ("mx-rfc", "GODE561231GR8"),
    ("ar-cuit", "23095101649"),
    ("co-nit", "7126659745"),
    ("pe-ruc", "20031129037"),
    ("uy-ci", "12345672"),
    ("ec-cedula", "0455458026"),
    ("ve-rif", "J036861869"),
    ("is-kennitala", "0312148909"),
    ("uk-utr", "7709235002"),
    ("ie-pps", "0370955I"),
    ("uk-nino", "AB123456C"),
    ("us-ssn", "721121196"),
    ("us-itin", "970704061"),
    ("us-ein", "740401942"),
    ("us-dea", "AB1234563"),
    ("nz-nhi", "ZZZ0016"),
    ("vin", "1M8GDM9AXKP042788"),
];

#[test]
fn right_numbers_are_valid() {
    let wrong: Vec<_> = STRICT
        .iter()
        .chain(VALID)
        .filter(|(name, number)| !is_valid(name, number))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn most_wrong_digits_are_seen() {
    for (name, number) in VALID
        .iter()
        .filter(|(name, number)| scheme(name, number.len()).checked)
    {
        let digits = number
            .bytes()
            .enumerate()
            .filter(|(_, byte)| byte.is_ascii_digit());
        let (mut wrong, mut unseen) = (0, 0);
        for (place, digit) in digits {
            for other in (b'0'..=b'9').filter(|other| *other != digit) {
                let mut changed = (*number).to_owned().into_bytes();
                changed[place] = other;
                wrong += 1;
                unseen += u32::from((scheme(name, number.len()).valid)(&changed));
            }
        }
        assert!(unseen * 5 < wrong, "{name}: {unseen} of {wrong}");
    }
}

proptest::proptest! {
    #[test]
    fn one_changed_digit_is_refused(which in 0..STRICT.len(), place in 0_usize..18, other in b'0'..=b'9') {
        let (name, number) = STRICT[which];
        let place = place % number.len();
        let mut changed = number.to_owned().into_bytes();
        if changed[place].is_ascii_digit() && changed[place] != other {
            changed[place] = other;
            let valid = (scheme(name, number.len()).valid)(&changed);
            proptest::prop_assert!(!valid, "{} {}", name, String::from_utf8_lossy(&changed));
        }
    }

    #[test]
    fn digits_alone_are_rarely_a_number(digits in "[0-9]{7,12}") {
        // Of these lengths only the Norwegian number is found without a word or separators.
        let found = find(ids::find, &digits);
        proptest::prop_assert!(found.iter().all(|(_, scheme, ..)| *scheme == "no-fodselsnummer"), "{found:?}");
    }

    #[test]
    fn any_text_can_be_judged(text in ".{0,80}", ids in "(ssn|id number|nif|vat)?[ -~]{0,60}") {
        find(ids::find, &text);
        find(ids::find, &ids);
        find_after(ids::find, "national id number ", &ids);
    }
}

#[test]
fn numbers_that_tell_are_found_alone() {
    for (text, name) in [
        ("721-12-1196", "us-ssn"),
        ("2 55 08 14 168 025 38", "fr-nir"),
        ("255081416802538", "fr-nir"),
        ("95080938L", "es-nif"),
        ("95.080.938-L", "es-nif"),
        ("PEKFSH72T44L721F", "it-codice-fiscale"),
        ("AB 12 34 56 C", "uk-nino"),
        ("756.2359.2681.71", "ch-ahv"),
        ("71.05.08-909.86", "be-rijksregister"),
        ("660703-0662", "se-personnummer"),
        ("030848-308P", "fi-hetu"),
        ("800.201.351-49", "br-cpf"),
        ("362225196903257069", "cn-resident-id"),
        ("A123456(3)", "hk-hkid"),
        ("112-233-445 95", "ru-snils"),
        ("WMXZ350614HMCDGW59", "mx-curp"),
    ] {
        let found: Vec<_> = find(ids::find, text)
            .into_iter()
            .map(|(_, scheme, text, _)| (scheme, text))
            .collect();
        assert_eq!(found, [(name, text)]);
    }
}

#[test]
fn others_need_a_word() {
    for (context, number, name) in [
        ("BSN: ", "73505122", "nl-bsn"),
        ("nr PESEL ", "31093061085", "pl-pesel"),
        ("{\"pesel\": \"", "31093061085", "pl-pesel"),
        ("NHS number ", "991 211 4981", "uk-nhs"),
        ("nhsNumber=", "9912114981", "uk-nhs"),
        ("Steuer-ID ", "48021262570", "de-steuer-id"),
        ("T.C. Kimlik No: ", "86111955590", "tr-tckn"),
        ("ИНН ", "7101180722", "ru-inn"),
        ("マイナンバーは", "123456789018", "jp-my-number"),
        ("Aadhaar no. ", "369079602927", "in-aadhaar"),
        ("my SIN is ", "780 506 994", "ca-sin"),
        ("passport no. ", "C01X00T47", "passport"),
        ("driver's license: ", "D1234567", "driving-licence"),
        ("MRN ", "00123456", "mrn"),
        ("licence plate ", "AB12 CDE", "plate"),
    ] {
        assert!(find(ids::find, number).is_empty(), "{number} alone");
        let found = find_after(ids::find, context, number);
        let found = found
            .first()
            .map(|(_, scheme, range, _)| (*scheme, &number[range.clone()]));
        assert_eq!(found, Some((name, number)), "{context}");
    }
}

#[test]
fn the_word_decides_between_numbers_of_the_same_form() {
    for (context, number, entity) in [
        ("My national ID is ", "780506994", Entity::NationalId),
        ("SSN ", "721121196", Entity::UsSsn),
        ("tax id ", "PEKFSH72T44L721F", Entity::TaxId),
        ("national id ", "PEKFSH72T44L721F", Entity::NationalId),
        ("id number ", "123456789012", Entity::NationalId),
        ("tax number ", "123456789012", Entity::TaxId),
    ] {
        let found = find_after(ids::find, context, number);
        assert_eq!(
            found.first().map(|found| found.0),
            Some(entity),
            "{context}"
        );
    }
}

#[test]
fn what_is_called_something_else_is_left() {
    for (context, number) in [
        ("ssn given. Order number ", "721121196"),
        ("tax id? My phone is ", "7101180722"),
        ("my SSN. Call me at +", "1 721 121 1964"),
        ("at ", "1700123199999"),
        ("ticket ", "31093061085"),
        ("version ", "1.2.3.4567"),
        ("", "7c21100c-8de4-4687-8952-5de3ac5e42b3"),
        ("commit ", "0001234567abcdef0001234567abcdef00012345"),
        ("", "2024-05-12 10:11:12"),
        ("", "192.168.100.200"),
    ] {
        assert_eq!(
            find_after(ids::find, context, number),
            [],
            "{context}{number}"
        );
    }
}

#[test]
fn a_number_beside_its_name_is_found_with_a_wrong_check_digit_too() {
    let found = find_after(ids::find, "PESEL: ", "31093061086");
    assert_eq!(
        found.first().map(|found| (found.1, found.3)),
        Some(("pl-pesel", 55))
    );
}
