//! Words that say of a number what it is, of no single country.

use std::sync::LazyLock;

use super::context::{SPACELESS, Words, length_if_begins};

/// Names of national numbers.
pub(crate) const NATIONAL: &[&str] = &[
    // English
    "national id",
    "national identity",
    "national identification",
    "national number",
    "nationalid",
    "nid",
    "id number",
    "id no",
    "id nr",
    "id num",
    "identity number",
    "identity no",
    "identity card",
    "id card",
    "identity document",
    "identification number",
    "identification no",
    "personal id",
    "personal number",
    "personal no",
    "personal code",
    "personal identification",
    "personal identity",
    "citizen id",
    "citizen number",
    "citizenship number",
    "civil id",
    "civil number",
    "resident id",
    "resident registration",
    "resident number",
    "government id",
    "population register",
    "social security",
    "social insurance",
    "ssn",
    "national register",
    "birth number",
    // French, Spanish, Catalan, Portuguese, Italian, Romanian
    "d identite",
    "numero national",
    "securite sociale",
    "piece identite",
    "documento de identidad",
    "numero de identidad",
    "numero de identificacion",
    "carne de identidad",
    "cedula",
    "documento nacional",
    "carnet d identitat",
    "seguridad social",
    "documento de identidade",
    "numero de identidade",
    "bilhete de identidade",
    "cartao de cidadao",
    "carta d identita",
    "documento d identita",
    "numero di identita",
    "carte de identitate",
    "buletin",
    "act de identitate",
    // German, Dutch, Scandinavian, Finnish
    "ausweisnummer",
    "personalausweis*",
    "ausweis nr",
    "personenkennz*",
    "identitatsnummer",
    "identitatskarte",
    "sozialversicherungs*",
    "identiteitskaart*",
    "identiteitsnummer",
    "id nummer",
    "idnummer",
    "personnummer*",
    "personnr",
    "id kort",
    "henkilotunnu*",
    "kennitala*",
    // Slavic, Baltic, Greek, Hungarian, Turkish
    "dowod osobisty",
    "dowodu osobistego",
    "numer identyfikacyjny",
    "obcansk*",
    "rodne cislo",
    "cislo op",
    "osobna iskaznica",
    "osebna izkaznica",
    "licna karta",
    "лична карта",
    "личен номер",
    "удостоверени*",
    "идентификационный номер",
    "ідентифікаційний номер",
    "asmens kod*",
    "personas kod*",
    "isikukood*",
    "ταυτοτητα*",
    "ταυτότητα*",
    "szemelyi*",
    "kimlik*",
    // Semitic, Indian, East Asian
    "תעודת זהות",
    "מספר זהות",
    "رقم الهوية",
    "الهوية",
    "رقم البطاقة",
    "الرقم القومي",
    "الرقم الوطني",
    "पहचान",
    "身份证",
    "身份證",
    "身分證",
    "证件号",
    "證件號",
    "個人番号",
    "주민등록",
    "주민번호",
    "ประจำตัวประชาชน",
    "ktp",
    "cccd",
    "cmnd",
    "can cuoc cong dan",
];

/// Names of tax numbers.
pub(crate) const TAX: &[&str] = &[
    "tax id",
    "taxid",
    "tax number",
    "tax no",
    "tax identification",
    "tax identifier",
    "tax payer",
    "taxpayer",
    "tax registration",
    "tax reference",
    "tax file",
    "tax code",
    "tin",
    "vat",
    "vat id",
    "vat number",
    "vatin",
    "fiscal number",
    "fiscal code",
    "fiscal id",
    "numero fiscal",
    "identification fiscale",
    "identifiant fiscal",
    "identificacion fiscal",
    "numero de identificacion tributaria",
    "identificacao fiscal",
    "identificativo fiscale",
    "codice fiscale",
    "cod fiscal",
    "codul fiscal",
    "steuernummer",
    "steuernr",
    "steuer nr",
    "steuer id",
    "steuerid",
    "steueridentifikation*",
    "identifikationsnummer",
    "idnr",
    "umsatzsteuer*",
    "ust id",
    "ust idnr",
    "ustid",
    "mwst",
    "uid nummer",
    "tva",
    "btw",
    "iva",
    "fiscaal nummer",
    "skattenummer",
    "skatte id",
    "verotunniste",
    "numer podatnika",
    "dane podatkowe",
    "dic",
    "danove cislo",
    "porezni broj",
    "poreski broj",
    "davcna stevilka",
    "adoszam",
    "adoazonosito*",
    "afm",
    "αφμ",
    "а ф м",
    "инн",
    "іпн",
    "vergi*",
    "税号",
    "納稅*",
    "纳税人*",
    "법인번호",
    "사업자등록번호",
    "npwp",
    "ma so thue",
    "เลขประจำตัวผู้เสียภาษี",
];

/// Names of other numbers. What stands nearer to one of these than to its own name is not taken for it.
pub(crate) const OTHER: &[&str] = &[
    "order*",
    "invoice*",
    "ticket*",
    "tracking",
    "phone*",
    "tel",
    "telephone",
    "telefon*",
    "telefono",
    "mobile",
    "cell",
    "handy",
    "fax",
    "whatsapp",
    "call",
    "timestamp",
    "ts",
    "version",
    "build",
    "amount",
    "price",
    "total",
    "sum",
    "balance",
    "iban",
    "bic",
    "swift",
    "account*",
    "konto*",
    "compte",
    "cuenta",
    "card number",
    "credit card",
    "debit card",
    "commit",
    "request",
    "request id",
    "transaction*",
    "trace",
    "span",
    "session",
    "port",
    "isbn",
    "issn",
    "ean",
    "upc",
    "sku",
    "zip",
    "zip code",
    "postcode",
    "postal code",
    "plz",
    "imei",
    "serial",
    "hash",
    "uuid",
    "guid",
    "routing",
    "sort code",
    "aba",
    "user id",
    "user id number",
    "order id",
    "order id number",
    "customer id",
    "customer number",
    "product id",
    "item id",
    "transaction id number",
    "message id",
    "device id",
    "case number",
    "reference number",
    "ref",
    "batch",
    "model",
    "part number",
    "bestell*",
    "rechnung*",
    "kundennummer",
    "facture",
    "commande",
    "pedido",
    "factura",
    "fattura",
    "ordine",
    "заказ*",
    "телефон*",
    "тел",
    "订单*",
    "电话*",
    "注文*",
    "電話*",
];

/// What a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    National,
    Tax,
    Other,
    Plate,
    /// This scheme, by its place among all.
    Scheme(usize),
}

/// The most names that are remembered of one text.
const MOST: usize = 48;

/// The names in a text and how far they are from its end.
#[derive(Debug)]
pub(crate) struct Named {
    names: [(Meaning, usize); MOST],
    len: usize,
}

impl Named {
    /// The names among words. All are looked up in one pass.
    pub(crate) fn of(words: &Words) -> Self {
        let mut named = Self {
            names: [(Meaning::Other, usize::MAX); MOST],
            len: 0,
        };
        for text in words.starts() {
            let word = text.split(|byte| *byte == b' ').next().unwrap_or_default();
            let singular = word.strip_suffix(b"s").unwrap_or_default();
            let start = text.get(..START).unwrap_or(text);
            named.add(text, INDEX.words.get(slot(word)));
            if !singular.is_empty() {
                named.add(
                    text,
                    INDEX
                        .words
                        .get(slot(singular))
                        .filter(|_| slot(singular) != slot(word)),
                );
            }
            named.add(text, INDEX.starts.get(slot(start)));
        }
        named
    }

    /// How far the nearest name with this meaning is.
    pub(crate) fn distance(&self, meaning: Meaning) -> Option<usize> {
        self.names[..self.len]
            .iter()
            .filter(|(other, _)| *other == meaning)
            .map(|(_, distance)| *distance)
            .min()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn add(&mut self, text: &[u8], names: Option<&Vec<Name>>) {
        for name in names.into_iter().flatten() {
            let Some(len) = length_if_begins(text, name.text) else {
                continue;
            };
            for meaning in &name.meanings {
                // Names come from left to right: when there is no room, the farthest goes.
                if self.len == MOST {
                    self.names.rotate_left(1);
                    self.len -= 1;
                }
                self.names[self.len] = (*meaning, text.len() - len);
                self.len += 1;
            }
        }
    }
}

#[derive(Debug)]
struct Name {
    text: &'static str,
    meanings: Vec<Meaning>,
}

/// All names, by a hash of their first word, or of their first bytes where they need not be whole words.
struct Index {
    words: Vec<Vec<Name>>,
    starts: Vec<Vec<Name>>,
}

/// How many bytes of a beginning are hashed.
const START: usize = 3;

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index {
        words: (0..SLOTS).map(|_| Vec::new()).collect(),
        starts: (0..SLOTS).map(|_| Vec::new()).collect(),
    };
    let general = [
        (NATIONAL, Meaning::National),
        (TAX, Meaning::Tax),
        (OTHER, Meaning::Other),
        (super::vehicle::PLATE, Meaning::Plate),
    ];
    let schemes = super::ids::tables()
        .flatten()
        .enumerate()
        .map(|(place, scheme)| (scheme.words, Meaning::Scheme(place)));
    for (names, meaning) in general.into_iter().chain(schemes) {
        for name in names {
            index.insert(name, meaning);
        }
    }
    index
});

impl Index {
    fn insert(&mut self, text: &'static str, meaning: Meaning) {
        let folded = Words::of_name(text);
        let first = folded.split(' ').next().unwrap_or_default();
        let is_start = first.ends_with('*') || folded.bytes().any(|byte| byte >= SPACELESS);
        let bucket = if is_start {
            let start = first.trim_end_matches('*').as_bytes();
            &mut self.starts[slot(start.get(..START).unwrap_or(start))]
        } else {
            &mut self.words[slot(first.as_bytes())]
        };
        match bucket.iter_mut().find(|name| name.text == text) {
            Some(name) => name.meanings.push(meaning),
            None => bucket.push(Name {
                text,
                meanings: vec![meaning],
            }),
        }
    }
}

const SLOTS: usize = 1 << 12;

/// FNV-1a, some bits of it.
fn slot(bytes: &[u8]) -> usize {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    });
    (hash >> 40) as usize % SLOTS
}
