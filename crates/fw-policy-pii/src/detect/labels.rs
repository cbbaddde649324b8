//! Words that say of a number what it is, of no single country.

use std::sync::LazyLock;

use super::context::Words;

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

/// Whether words may name a number. Most texts do not, and are not looked at closer.
pub(crate) fn may_mention(words: &Words) -> bool {
    words.starts().any(|text| {
        let word = text.split(|byte| *byte == b' ').next().unwrap_or_default();
        GATE.has(word)
            || word.strip_suffix(b"s").is_some_and(|word| GATE.has(word))
            || text.get(..3).is_some_and(|start| GATE.has_start(start))
    })
}

/// The first words of all names, as two sets of hashes: whole words and first three bytes.
struct Gate {
    words: Vec<bool>,
    starts: Vec<bool>,
}

static GATE: LazyLock<Gate> = LazyLock::new(|| {
    let mut gate = Gate {
        words: vec![false; SLOTS],
        starts: vec![false; SLOTS],
    };
    let schemes = super::ids::tables()
        .flatten()
        .flat_map(|scheme| scheme.words);
    for name in NATIONAL.iter().chain(TAX).chain(schemes) {
        let words = Words::of_name(name);
        let first = words.split(' ').next().unwrap_or_default();
        match first.bytes().next() {
            Some(byte) if first.ends_with('*') || byte >= super::context::SPACELESS => {
                let start = first.trim_end_matches('*').as_bytes();
                gate.starts[slot(start.get(..3).unwrap_or(start))] = true;
            }
            _ => gate.words[slot(first.as_bytes())] = true,
        }
    }
    gate
});

impl Gate {
    fn has(&self, word: &[u8]) -> bool {
        self.words[slot(word)]
    }

    fn has_start(&self, start: &[u8]) -> bool {
        self.starts[slot(start)]
    }
}

const SLOTS: usize = 1 << 13;

/// FNV-1a, 13 bits of it.
fn slot(bytes: &[u8]) -> usize {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    });
    (hash >> 40) as usize % SLOTS
}
