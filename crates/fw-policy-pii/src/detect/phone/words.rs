//! Words that speak for and against a telephone number.

use crate::detect::context::{NEAR, Words};
use crate::detect::word_list::WordList;

/// Grouped by language: English, German, Dutch, Nordic, French, Spanish, Portuguese, Italian, Romanian, Slavic,
/// Baltic, Hungarian, Turkish, Vietnamese, Indonesian, Swahili.
#[rustfmt::skip]
static PHONE: WordList = WordList::new(&[
    "phone", "phones", "telephone", "tel", "telno", "phoneno", "phonenumber", "mobile", "mobileno", "cell",
    "cellphone", "cellular", "fax", "landline", "hotline", "helpline", "pager", "whatsapp", "telegram",
    "signal", "viber", "wechat", "sms", "mms", "text me", "text him", "text her", "text us", "texted",
    "texting", "text", "call", "calls", "calling", "called", "call me", "caller", "callback", "dial",
    "dialed", "dialled", "ring", "rang", "voicemail", "contact number", "contact no", "support line",
    "reach me at", "reach me on", "reach us at", "reach her at", "reach him at", "answering", "answering at",
    "message", "messages", "messages to", "msisdn", "ph", "mob", "registered", "telefon", "telefonnummer",
    "telefonnr", "tel nr", "handy", "handynummer", "mobil", "mobilnummer", "mobiltelefon", "mobilfunk",
    "rufnummer", "durchwahl", "festnetz", "anrufen", "anruf", "ruf", "telefax", "telefoon", "telefoonnummer",
    "mobiel", "bel", "gsm", "puhelin", "puhelinnumero", "matkapuhelin", "telefonnummeret", "mobilnummeret",
    "ring meg", "tlf", "tfn", "simi", "farsimi", "portable", "appeler", "appelez", "appelle", "joindre",
    "numero de telephone", "fixe", "telefono", "telefonos", "movil", "celular", "llamar", "llame", "llama",
    "llamame", "fijo", "telefone", "telemovel", "ligar", "ligue", "zap", "cellulare", "chiamare", "chiama",
    "chiamami", "telefonare", "recapito", "mobilul", "suna", "komorka", "komorkowy", "telefonu", "zadzwon",
    "numer telefonu", "cislo", "volejte", "mobilni", "pozovi", "nazovi", "broj telefona", "telefonszam",
    "hivjon", "telefonas", "talrunis", "cep", "cep telefonu", "ara", "arayin", "gsm no", "dien thoai", "goi",
    "so dien thoai", "telepon", "nomor telepon", "nomor hp", "no hp", "hubungi", "simu", "nambari ya simu",
]);

/// Words in other scripts: Cyrillic, Greek, Chinese, Japanese, Korean, Thai, Hindi, Arabic, Persian, Hebrew. Only
/// looked for where there is such a letter.
#[rustfmt::skip]
const PHONE_ELSEWHERE: &[&str] = &[
    "телефон*", "тел", "моб", "мобильный", "мобильного", "звоните", "звони", "позвоните", "факс", "телефону",
    "дзвоніть", "τηλ", "τηλεφωνο", "τηλέφωνο", "κινητο", "κινητό", "电话", "電話", "手机", "手機", "携帯", "传真", "傳真",
    "联系方式", "전화", "휴대폰", "연락처", "핸드폰", "โทร", "โทรศัพท์", "มือถือ", "फोन", "मोबाइल", "هاتف", "جوال", "اتصل",
    "تلفن", "موبایل", "טלפון", "נייד",
];

/// Words that only count right before a number: `Office: 201-555-0123`.
const PLACE: &[&str] = &[
    "desk", "office", "work", "home", "direct", "m", "t", "f", "p", "buro", "privat", "bureau",
    "domicile",
];

/// Words of other numbers.
#[rustfmt::skip]
static OTHER: WordList = WordList::new(&[
    "order", "invoice", "ref", "reference", "ticket", "case", "tracking", "isbn", "issn", "ean", "upc",
    "gtin", "sku", "serial", "version", "release", "build", "revision", "id", "ids", "uuid", "identity",
    "ssn", "social security", "nhs", "tax", "vat", "tin", "ein", "passport", "licence", "license", "account",
    "acct", "iban", "routing", "sort code", "card", "cc", "policy", "membership", "pin", "otp", "passcode",
    "date", "dated", "born", "birth", "dob", "price", "total", "amount", "sum", "plate", "timestamp",
    "epoch", "port", "zip", "postcode", "postal", "pmid", "doi", "imei", "rfc", "page", "pages", "chapter",
    "section", "vin", "mrn", "patient", "npi", "row", "bestellung", "rechnung", "kundennummer", "commande",
    "facture", "pedido", "factura", "ordine", "fattura",
]);

const OTHER_ELSEWHERE: &[&str] = &["заказ", "订单"];

/// What the words before a candidate say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speak {
    /// A label for a telephone number stands right before.
    Label,
    /// A word that goes with telephone numbers is near.
    For,
    /// A label for another number stands right before.
    Against,
    Nothing,
}

/// How far a label's end may be from its number, in letters and spaces: `number is`, `no`.
const RIGHT_BEFORE: usize = 14;

pub(super) fn speak(words: &Words) -> Speak {
    let elsewhere = !words.last(NEAR).is_ascii();
    let distance = |list: &'static WordList, more| {
        let far = words.distance_in(list).unwrap_or(usize::MAX);
        match elsewhere {
            true => words.distance(more).map_or(far, |other| far.min(other)),
            false => far,
        }
    };
    let phone = distance(&PHONE, PHONE_ELSEWHERE);
    let other = distance(&OTHER, OTHER_ELSEWHERE);
    if words.distance(PLACE) == Some(0) {
        Speak::Label
    } else if phone < other {
        if phone <= RIGHT_BEFORE {
            Speak::Label
        } else {
            Speak::For
        }
    } else if other <= RIGHT_BEFORE {
        Speak::Against
    } else {
        Speak::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(before: &str) -> Speak {
        speak(&Words::before(before))
    }

    #[test]
    fn the_nearest_word_decides() {
        for before in [
            "Phone: ",
            "{\"contact_phone\": \"",
            "phoneNumber=",
            "Teléfono: ",
            "电话：",
            "call me at ",
        ] {
            assert_eq!(said(before), Speak::Label, "{before}");
        }
        assert_eq!(said("call me tomorrow or the day after at "), Speak::For);
        assert_eq!(said("call about order "), Speak::Against);
        assert_eq!(said("order 12, phone "), Speak::Label);
        assert_eq!(said("there were "), Speak::Nothing);
    }
}
