//! What holds for any text and any way to cut it.

use std::hash::{DefaultHasher, Hash, Hasher};

use proptest::prelude::*;

use super::*;
use crate::finding::Finding;
use crate::region::CONTEXT;

fn all() -> Wanted {
    Wanted {
        entities: Entity::ALL.iter().copied().collect(),
        min_confidence: 50,
    }
}

/// One scan of a growing text, as the stream engine does it.
struct Stream<'t> {
    text: &'t str,
    scanner: Scanner,
    families: &'static [Detect],
    shown: usize,
    settled: usize,
    found: Vec<Found>,
}

impl<'t> Stream<'t> {
    fn new(text: &'t str, families: &'static [Detect]) -> Self {
        Self {
            text,
            scanner: Scanner::new(),
            families,
            shown: 0,
            settled: 0,
            found: Vec::new(),
        }
    }

    fn grow(&mut self, to: usize, is_end: bool) {
        let context = self.settled.saturating_sub(CONTEXT);
        let context = self.text.ceil_char_boundary(context);
        let window = Window::new(
            &self.text[context..to],
            self.settled - context,
            self.shown - context,
            is_end,
        );
        let mut found = Vec::new();
        let settled = context
            + self
                .scanner
                .scan_with(&window, all(), self.families, &mut found);
        assert!(settled >= self.settled, "what is settled stays so");
        assert!(settled <= to);
        if is_end {
            assert_eq!(settled, to, "all is settled at the end");
        }
        for mut one in found {
            one.range = one.range.start + context..one.range.end + context;
            assert!(
                one.range.start >= self.settled,
                "findings are not in settled text"
            );
            assert!(
                one.range.end <= settled,
                "findings are in the text that is now settled"
            );
            assert!(
                self.text.get(one.range.clone()).is_some(),
                "a finding is whole characters"
            );
            match self.found.last_mut() {
                Some(last) if one.continued && last.range.end == one.range.start => {
                    last.range.end = one.range.end;
                }
                last => {
                    assert!(last.is_none_or(|last| last.range.end <= one.range.start));
                    self.found.push(one);
                }
            }
        }
        self.settled = settled;
        self.shown = to;
    }
}

fn whole(text: &str, families: &'static [Detect]) -> Vec<Found> {
    let mut stream = Stream::new(text, families);
    stream.grow(text.len(), true);
    stream.found
}

fn cut(text: &str, families: &'static [Detect], cuts: &[usize]) -> Vec<Found> {
    let mut stream = Stream::new(text, families);
    let mut cuts: Vec<_> = cuts
        .iter()
        .map(|at| text.floor_char_boundary(at % (text.len() + 1)))
        .collect();
    cuts.sort_unstable();
    for at in cuts {
        stream.grow(at, false);
    }
    stream.grow(text.len(), true);
    stream.found
}

fn finding(range: Range<usize>, scheme: &'static str) -> Finding {
    Finding {
        range,
        entity: Entity::Secret,
        scheme,
        confidence: 90,
        checked: false,
    }
}

/// Finds every region as a whole, so that all borders of regions show.
fn everything(region: &Region<'_>, findings: &mut Findings) {
    findings.push(finding(region.start()..region.text().len(), "region"));
}

/// Finds runs of digits in pieces, and says what the context was.
fn digits(region: &Region<'_>, findings: &mut Findings) {
    let mut hasher = DefaultHasher::new();
    region.context().hash(&mut hasher);
    let scheme = ["a", "b", "c", "d", "e", "f", "g"][(hasher.finish() % 7) as usize];
    let bytes = region.text().as_bytes();
    let mut at = region.start();
    while at < bytes.len() {
        let length = bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if length > 0 {
            findings.push(finding(at..at + length, scheme));
        }
        at += length.max(1);
    }
}

const EVERYTHING: &[Detect] = &[everything];
const DIGITS: &[Detect] = &[digits];

/// Texts of the things that decide where a region ends.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z]{1,9}",
        2 => "[A-Z][a-z]{0,6}",
        2 => "[A-Z]{1,9}",
        4 => "[0-9]{1,6}",
        4 => proptest::sample::select(vec![
            " ", " ", " ", "  ", "\n", ", ", ". ", ": ", "=", ":", "-", "/", "@", ".", "(", ")", "+", "\"",
            "'", "\\", "\\\"", "\\n", "\u{a0}", "\u{202f}", " – ", "–", "’", "é", "ß", "中", "🙂", "x", "ext.",
            "|", "{", "}", ">", "=> ", "::",
        ]).prop_map(str::to_owned),
        2 => proptest::sample::select(vec![
            "password: \"", "\"password\": \"", "pwd='", "-----BEGIN", " RSA PRIVATE KEY-----", "-----",
            "-----BEGIN PRIVATE KEY-----\n", "-----END PRIVATE KEY-----",
            "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n",
            "May 12, 1990", "12 Main Street", "Cardholder: Jane Roe", "+44 20 7946 0958",
            "GB82 WEST 1234 5698 7654 32", "4111 1111 1111 1111", "jane.roe@example.org", "192.0.2.1",
            "078-05-1120", "00:1A:2B:3C:4D:5E", "https://u:p@example.org/x",
        ]).prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

/// Texts with tokens that are too long to be judged at once.
fn long_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zA-Z]{1,9}".prop_map(|piece| piece.repeat(700)),
        "[a-z0-9/é]{1,30}".prop_map(|piece| piece.repeat(300)),
        "[0-9 ]{1,30}".prop_map(|piece| piece.repeat(60)),
        "[0-9]{1,30}",
        "[ ./]",
        Just("-----BEGIN PRIVATE KEY-----\n".to_owned()),
        "[a-zA-Z0-9+/]{64}\n".prop_map(|piece| piece.repeat(300)),
        "[ \\\\n]{1,9}".prop_map(|piece| piece.repeat(90)),
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn what_is_found_does_not_depend_on_the_cuts(
        text in text(),
        cuts in proptest::collection::vec(any::<usize>(), 0..20),
    ) {
        for families in [EVERYTHING, DIGITS, detect::ALL] {
            prop_assert_eq!(cut(&text, families, &cuts), whole(&text, families));
        }
    }

    #[test]
    fn what_is_found_does_not_depend_on_cuts_after_every_character(text in text()) {
        let cuts: Vec<_> = (0..=text.len()).collect();
        for families in [EVERYTHING, DIGITS, detect::ALL] {
            prop_assert_eq!(cut(&text, families, &cuts), whole(&text, families));
        }
    }

    #[test]
    fn what_was_found_in_settled_text_does_not_depend_on_what_follows(
        text in text(),
        other in text(),
        at in any::<usize>(),
    ) {
        let at = text.floor_char_boundary(at % (text.len() + 1));
        let mut stream = Stream::new(&text, detect::ALL);
        stream.grow(at, false);
        let changed = format!("{}{other}", &text[..at]);
        let mut after = whole(&changed, detect::ALL);
        after.retain(|one| one.range.start < stream.settled);
        // A private key may go on.
        if let Some(last) = after.last_mut() {
            last.range.end = last.range.end.min(stream.settled);
        }
        prop_assert_eq!(stream.found, after);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn very_long_tokens_are_found_in_the_same_whatever_the_cuts(
        text in long_text(),
        cuts in proptest::collection::vec(any::<usize>(), 0..40),
    ) {
        for families in [EVERYTHING, DIGITS] {
            prop_assert_eq!(cut(&text, families, &cuts), whole(&text, families));
        }
    }

    #[test]
    fn little_is_held(text in long_text()) {
        let mut stream = Stream::new(&text, DIGITS);
        let mut to = 0;
        while to < text.len() {
            to = text.ceil_char_boundary(to + 7);
            stream.grow(to, false);
            prop_assert!(to - stream.settled <= 4096 + 512 + 8, "{}", to - stream.settled);
        }
    }
}

/// The regions of a text.
fn regions(text: &str) -> Vec<&str> {
    whole(text, EVERYTHING)
        .into_iter()
        .map(|found| &text[found.range])
        .collect()
}

#[test]
fn plain_words_are_no_regions() {
    assert!(
        regions("nothing here, (really) nothing at all - e.g. and/or self.foo::bar(), snake_case!")
            .is_empty()
    );
}

#[test]
fn words_with_digits_and_marks_are_regions() {
    assert_eq!(
        regions("a b1 <jane@example.org> k=v http://h"),
        ["b1", "jane@example.org", "k=v", "http://h"]
    );
}

#[test]
fn groups_of_a_number_are_one_region() {
    assert_eq!(
        regions("call +44 (20) 7946 0958 now"),
        ["+44 (20) 7946 0958"]
    );
    assert_eq!(regions("ZZ 49 12 47 T."), ["ZZ 49 12 47 T."]);
    assert_eq!(
        regions("1111\u{202f}2222 – 3333\n4444"),
        ["1111\u{202f}2222 – 3333", "4444"]
    );
}

#[test]
fn what_is_assigned_is_a_region() {
    assert_eq!(
        regions("user: alice\n\"token\": \"abc\" <key>abc</key>"),
        ["alice", "abc", "abc"]
    );
}

#[test]
fn a_quoted_password_is_one_region() {
    assert_eq!(
        regions("password = \"two words, and 3\" x"),
        ["two words, and 3"]
    );
    assert_eq!(
        regions("{\\\"password\\\": \\\"two words\\\"}"),
        ["two words"]
    );
    assert_eq!(regions("password = 'it\\'s' x"), ["it\\'s"]);
    assert_eq!(regions("password = '' x1"), ["x1"]);
    let open = format!("password = '{}'", "a1 ".repeat(90));
    assert_eq!(
        regions(&open)[0],
        "a1",
        "too long for one: cut like other text"
    );
}

const LINE: &str = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";

fn keys(text: &str) -> Vec<&str> {
    whole(text, &[])
        .into_iter()
        .map(|found| {
            assert_eq!(
                (found.entity, found.scheme),
                (Entity::Secret, "pem-private-key")
            );
            &text[found.range]
        })
        .collect()
}

#[test]
fn a_private_key_is_found_from_its_header_to_its_footer() {
    for kind in ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "] {
        for line_break in ["\n", "\r\n", "\\n", " ", ""] {
            let key = [
                &format!("-----BEGIN {kind}PRIVATE KEY-----"),
                LINE,
                LINE,
                "AbC=",
                &format!("-----END {kind}PRIVATE KEY-----"),
            ]
            .join(line_break);
            let text = format!("key=\"{key}\" and more");
            assert_eq!(keys(&text), [&key], "{kind} {line_break:?}");
        }
    }
}

#[test]
fn fields_and_a_checksum_belong_to_a_private_key() {
    let text = format!(
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: X 1\n\n{LINE}\nAbC=\n=aBcD\n-----END PGP PRIVATE KEY BLOCK-----"
    );
    assert_eq!(keys(&text), [&text]);
}

#[test]
fn a_private_key_that_is_cut_short_ends_with_its_last_line() {
    let text = format!("-----BEGIN PRIVATE KEY-----\n{LINE}\n{LINE}\nand so on");
    assert_eq!(keys(&text), [text.strip_suffix("\nand so on").unwrap()]);
}

#[test]
fn a_header_alone_and_public_keys_are_no_private_key() {
    for text in [
        "A file with -----BEGIN PRIVATE KEY----- in it is private.".to_owned(),
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----".to_owned(),
        format!("-----BEGIN PUBLIC KEY-----\n{LINE}\n-----END PUBLIC KEY-----"),
        format!("-----BEGIN CERTIFICATE-----\n{LINE}\n-----END CERTIFICATE-----"),
    ] {
        assert!(keys(&text).is_empty(), "{text}");
    }
}

#[test]
fn what_is_found_at_the_end_of_a_long_tokens_piece_takes_the_rest_with_it() {
    let token = "a".repeat(20_000);
    let text = format!("x1 {token} y1");
    let found: Vec<_> = whole(&text, EVERYTHING)
        .into_iter()
        .map(|found| found.range)
        .collect();
    assert_eq!(found, [0..2, 3..20_003, 20_004..20_006]);
}

#[test]
fn a_number_across_the_pieces_of_a_long_token_is_found_once() {
    for before in 3500..4200 {
        let text = format!(
            "{}/1234567890123456/{}",
            "a".repeat(before),
            "b".repeat(9000)
        );
        let found: Vec<_> = whole(&text, DIGITS)
            .into_iter()
            .map(|found| &text[found.range])
            .collect();
        assert_eq!(found.concat(), "1234567890123456", "{before}");
    }
}

#[test]
fn no_other_family_finds_anything_in_a_small_number_or_a_uuid() {
    let labels = [
        "",
        "call ",
        "phone: ",
        "account number ",
        "account ending in ",
        "iban ",
        "passport no. ",
        "plate ",
        "license plate: ",
        "ssn ",
        "national id: ",
        "tax id ",
        "nhs number ",
        "lat ",
        "latitude: ",
        "ip ",
        "zip ",
        "routing ",
        "sort code ",
        "bic ",
        "btc ",
        "address: ",
        "born ",
        "cvv ",
        "pin: ",
        "password: ",
        "room ",
    ];
    for label in labels {
        let small =
            ["1", "12", "123", "1234", "1990", "0000"].map(|number| (number, detect::SMALL_NUMBER));
        let uuid = ("6a1c9a0e-5d0b-4d67-9a54-1f2d6f1b7c11", detect::UUID);
        for (number, fewer) in small.into_iter().chain([uuid]) {
            let text = format!("{label}{number}");
            let region = Region::new(&text, label.len());
            let ranges = |families: &[Detect]| {
                let mut findings = Findings::new(all().entities);
                families
                    .iter()
                    .for_each(|detect| detect(&region, &mut findings));
                findings
                    .list()
                    .iter()
                    .filter(|finding| finding.confidence >= 50)
                    .map(|finding| (finding.entity, finding.range.clone()))
                    .collect::<Vec<_>>()
            };
            assert_eq!(ranges(fewer), ranges(detect::ALL), "{text}");
        }
    }
}

#[test]
fn single_capitalised_words_are_regions_if_names_are_looked_for() {
    let regions = |entities: EntitySet| {
        let window = Window::new("Mark took a test. So did Ann.", 0, 0, true);
        let wanted = Wanted {
            entities,
            min_confidence: 50,
        };
        let mut found = Vec::new();
        Scanner::new().scan_with(&window, wanted, EVERYTHING, &mut found);
        found
            .into_iter()
            .map(|found| &window.text()[found.range])
            .collect::<Vec<_>>()
    };
    assert_eq!(regions(all().entities), ["Mark", "So", "Ann."]);
    assert!(regions(all().entities.without(Entity::Person)).is_empty());
}

/// A list of numbers with nothing but spaces between them is one region that has no end.
#[test]
fn a_number_in_a_long_list_is_found_wherever_it_stands() {
    let wanted = Wanted {
        entities: EntitySet::EMPTY.with(Entity::CreditCard),
        min_confidence: 50,
    };
    for shift in 0..40 {
        let before = "12 ".repeat(150 + shift);
        let list = format!("{before}4242424242424242 5555555555554444 {before}");
        let whole = scan_whole(&list, wanted);
        let places: Vec<Range<usize>> = whole.iter().map(|found| found.range.clone()).collect();
        let at = before.len();
        assert_eq!(places, [at..at + 16, at + 17..at + 33], "after {at} bytes");
        for piece in [1, 7, 64] {
            assert_eq!(
                scan_in_pieces(&list, wanted, piece),
                whole,
                "pieces of {piece}"
            );
        }
    }
}

fn scan_whole(text: &str, wanted: Wanted) -> Vec<Found> {
    let mut found = Vec::new();
    Scanner::new().scan(&Window::new(text, 0, 0, true), wanted, &mut found);
    found
}

fn scan_in_pieces(text: &str, wanted: Wanted, piece: usize) -> Vec<Found> {
    let (mut scanner, mut found, mut settled, mut seen) = (Scanner::new(), Vec::new(), 0, 0);
    while seen < text.len() {
        let end = (seen + piece).min(text.len());
        let window = Window::new(&text[..end], settled, seen, end == text.len());
        settled = scanner.scan(&window, wanted, &mut found);
        seen = end;
    }
    found
}

#[test]
fn a_time_is_nothing_but_a_date_of_birth() {
    for label in ["", "ssn ", "phone: ", "account number ", "order "] {
        assert!(
            scan_whole(&format!("{label}1990-05-12T00:00:00Z"), all()).is_empty(),
            "{label}"
        );
    }
    let found = scan_whole("born 1990-05-12T00:00:00Z", all());
    assert!(
        found.iter().all(|found| found.entity == Entity::Date),
        "{found:?}"
    );
}
