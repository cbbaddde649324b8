//! Finds and redacts personal data and secrets in text, in LLM requests and in streamed replies.
//!
//! - [`Detector`] works on plain text: it finds, redacts, and restores what it pseudonymised.
//! - [`PiiFilter`] does the same to a text that comes in pieces, and holds back at most a word or a group of
//!   numbers. However the text is cut, the result is the same.
//! - [`PiiPolicy`] is a [`Policy`](fw_policy::Policy) for a chain, and [`PiiLayer`] a [tower] layer with that
//!   policy alone.
//!
//! All of it is offline and deterministic: published rules and check digits, no model, no network.
//!
//! [tower]: https://docs.rs/tower
//!
//! # Plain text
//!
//! ```
//! use fw_policy_pii::{Detector, PiiConfig};
//!
//! let detector = Detector::new(&PiiConfig::new())?;
//! let redacted = detector.redact("Müller: ann@example.org");
//! assert_eq!(redacted.text, "Müller: [REDACTED:EMAIL]");
//! let email = &redacted.detections[0];
//! assert_eq!((email.name(), email.bytes(), email.chars()), ("EMAIL", 9..24, 8..23));
//! # Ok::<(), fw_policy_pii::ConfigError>(())
//! ```
//!
//! # Around a service
//!
//! One line protects an axum router, or any other service: requests, plain replies and streams.
//!
//! ```
//! use axum::body::Body;
//! use axum::http::Request;
//! use axum::{Router, body, routing::post};
//! use fw_policy::PolicyRequestBody;
//! use fw_policy_pii::{PiiConfig, PiiLayer};
//! use tower::{Layer, ServiceExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! // Stands in for a provider: it says what it was sent.
//! let provider = Router::new()
//!     .route("/v1/completions", post(|body: String| async move { body }))
//!     .into_service::<PolicyRequestBody<Body>>();
//! let service = PiiLayer::new(&PiiConfig::new())?.layer(provider);
//!
//! let prompt = r#"{"model":"m","prompt":"Write to ann@example.org"}"#;
//! let request = Request::post("/v1/completions").body(Body::from(prompt))?;
//! let response = service.oneshot(request).await?;
//!
//! assert_eq!(response.headers()["x-fw-policy"], "pii-detector=redact(EMAIL:1)");
//! let sent = body::to_bytes(Body::new(response.into_body()), 1024).await?;
//! assert_eq!(sent, r#"{"model":"m","prompt":"Write to [REDACTED:EMAIL]"}"#);
//! # Ok(())
//! # }
//! ```
//!
//! # What is found
//!
//! Each rule names its source where it stands in the code; the table names the main ones. What has a check digit
//! counts only if it is right. What may be something else counts only with a word before it that says what it is
//! (`SSN`, `date of birth:`, `"passport_no"`). Digits that go on at either side are not a shorter match.
//!
//! | type | what | rule or source | by default |
//! |---|---|---|---|
//! | `EMAIL` | e-mail addresses | RFC 5321, RFC 5322 | on |
//! | `PHONE` | telephone numbers, international and national | ITU-T E.164 and national numbering plans | on |
//! | `CREDIT_CARD` | payment card numbers | ISO/IEC 7812 (issuer ranges, Luhn) | `pci_mode`, on |
//! | `CVV` | card verification values next to card data | PCI DSS glossary | `pci_mode`, on |
//! | `CARD_HOLDER` | cardholder names next to card data | PCI DSS glossary | `pci_mode`, on |
//! | `IBAN` | international bank account numbers | ISO 13616 (registry lengths, mod 97) | on |
//! | `BIC` | bank identifier codes | ISO 9362 | on |
//! | `BANK_ACCOUNT` | other account numbers, in context | national rules | on |
//! | `BANK_ROUTING` | routing numbers and sort codes | ABA check digit | on |
//! | `US_SSN` | US social security numbers | Social Security Administration | on |
//! | `NATIONAL_ID` | numbers in national registers | each country's rule and check digits | on |
//! | `TAX_ID` | tax numbers, ITIN, VAT numbers | OECD portal, VIES, national rules | on |
//! | `PASSPORT` | passport numbers, in context | ICAO Doc 9303 and national forms | on |
//! | `DRIVER_LICENSE` | driving licences, in context | forms of states and countries | on |
//! | `MEDICAL_ID` | MRN, NPI, DEA, NHS and insurance numbers | CMS, DEA, NHS | `healthcare_mode`, off |
//! | `VEHICLE_PLATE` | number plates, in context | national forms | on |
//! | `VIN` | vehicle identification numbers | ISO 3779 | on |
//! | `IP` | IPv4 and IPv6 addresses | RFC 791, RFC 4291 | on |
//! | `MAC` | hardware addresses | IEEE 802 | on |
//! | `URL` | URLs with credentials | RFC 3986 | on |
//! | `CRYPTO` | Bitcoin, Ethereum, Solana addresses | Base58Check, BIP 173 and 350, EIP-55 | on |
//! | `SECRET` | keys, tokens, passwords, private keys | vendors' published forms, RFC 7519, RFC 7468 | on |
//! | `DATE` | dates of birth, in context | ISO 8601 and usual forms | on |
//! | `ADDRESS` | street addresses | postal forms | on |
//! | `LOCATION` | geographic coordinates | ISO 6709 | on |
//! | `PERSON` | names of persons | a small tagger, see its module | off: list it in `entities` |
//!
//! # Settings
//!
//! [`PiiConfig`] is built in code or read from the `policy.pii-detector` block of a gateway's configuration. A
//! key that is not known is an error, and so is a setting that would do nothing.
//!
//! | key | default | what it does |
//! |---|---|---|
//! | `action` | `redact` | `redact`, `block`, `flag` or `pseudonymize`: [`Action`] |
//! | `pci_mode`, `healthcare_mode` | true, false | whether card data and medical numbers are looked for |
//! | `entities` | see above | exactly these types, by our names or [Presidio's][presidio]; `healthcare_mode: true` adds to them |
//! | `detect_patterns` | none | regular expressions of your own, as text or `{name, pattern, confidence}` |
//! | `min_confidence` | 0.5 | what is less sure does not count |
//! | `redaction.marker_format` | `label` | [below](#markers) |
//! | `redaction.custom_markers` | none | markers of your own, by type |
//! | `redaction.preserve_length` | false | the marker has as many characters as the value |
//! | `redaction.include_metadata` | true | types and counts go into the decision; never text |
//! | `redaction.hash_key_ref.env` | a random key for each process | the variable that holds the key of `hash` markers |
//! | `redaction.restore` | false | with `pseudonymize`: values come back in the reply |
//! | `allow.values`, `allow.patterns` | none | values that are let alone |
//! | `allow.fields` | none | kinds of text that are not looked at: [`TextField`] |
//! | `request`, `response` | true | which directions are looked at |
//!
//! [presidio]: https://microsoft.github.io/presidio/supported_entities/
//!
//! # Markers
//!
//! | `marker_format` | for `ann@example.org` | for `4111 1111 1111 1111` |
//! |---|---|---|
//! | `label` | `[REDACTED:EMAIL]` | `[REDACTED:CREDIT_CARD]` |
//! | `asterisk` | `********` | `********` |
//! | `partial` | `a***@example.org` | `****1111` |
//! | `hash` | `[EMAIL:1a2b3c4d]` | `[CREDIT_CARD:5e6f7a8b]` |
//!
//! `partial` shows the last four characters of cards, telephone numbers, IBANs and account numbers with at least
//! eight, and of anything else nothing. The hash is the first 32 bits of HMAC-SHA-256 over type and value: it
//! tells values apart in a log, and is too short to prove that two are equal. A marker that stands in a text is
//! not found again.
//!
//! # Placeholders
//!
//! With `action: pseudonymize` the model sees `[EMAIL_1]`, `[PHONE_1]`, `[EMAIL_2]`: numbered by type, in the
//! order in which values appear in the request, one number for all spellings of a value. A conversation is sent
//! whole with each request, so its values get the same numbers each time. The values are kept in memory for one
//! exchange, at most [`Pseudonyms::MAX_VALUES`] of them, and then wiped. Values beyond that, values over 1,024
//! bytes and private keys in PEM form get a marker.
//!
//! Only values of the request have numbers. In the reply, a value that the request held is known by its
//! placeholder, and any other gets a marker: what the model makes up or a tool brings is not the user's to see.
//! With `restore: true` the user sees neither: placeholders in the reply, in any case and in tool arguments too,
//! become the values again, and a value that the user sent stays.
//!
//! # Patterns of your own
//!
//! On a stream a pattern decides how much text has to wait, so it needs an upper length: `\d{1,12}`, not `\d+`.
//! `\d`, `\w`, `\s` and `\b` mean ASCII; `^`, `$` and `\B` cannot be used. All patterns together have to fit
//! into 4 MiB once compiled. Leftmost matches count, and of those at one place the earlier pattern's. Where a
//! match overlaps what a built-in detector found, the whole of both is one finding with the pattern's name.
//!
//! # Quality
//!
//! Measured on a development set of 6,357 lines with 6,263 annotated spans: synthetic records with decoys (CC0),
//! presidio-research (MIT), example numbers of libphonenumber (Apache-2.0), the test strings of gitleaks (MIT),
//! WNUT-17 (CC BY 4.0), and 2,222 clean lines of documentation, programs, chat and encyclopedia text in six
//! languages. The rules were written from the published sources and then read against this set, so text of other
//! origin will score lower. Repeat it on annotated lines of your own with
//! `cargo run --release -p fw-policy-pii --example score -- --all FILE`.
//!
//! | type | annotated | strict P | R | F1 | overlap F1 |
//! |---|---|---|---|---|---|
//! | `EMAIL` | 649 | 1.000 | 1.000 | 1.000 | 1.000 |
//! | `PHONE` | 751 | 1.000 | 0.999 | 0.999 | 0.999 |
//! | `CREDIT_CARD` | 340 | 1.000 | 1.000 | 1.000 | 1.000 |
//! | `IBAN` | 165 | 1.000 | 1.000 | 1.000 | 1.000 |
//! | `IP`, `MAC`, `CRYPTO` | 189, 120, 120 | 1.000 | 1.000 | 1.000 | 1.000 |
//! | `US_SSN` | 126 | 1.000 | 1.000 | 1.000 | 1.000 |
//! | `NATIONAL_ID` | 80 | 1.000 | 1.000 | 1.000 | 1.000 |
//! | `SECRET` | 262 | 0.965 | 0.954 | 0.960 | 0.990 |
//! | `DATE` (only births are looked for, all dates are annotated) | 250 | 1.000 | 0.632 | 0.775 | 0.775 |
//! | `ADDRESS` | 677 | 0.506 | 0.241 | 0.326 | 0.460 |
//! | `PERSON` (trained on this set) | 1,631 | 0.924 | 0.871 | 0.897 | 0.956 |
//! | clean lines with a finding | 2,222 | | | 0 | |
//!
//! Tax numbers, passports, medical numbers, bank numbers and plates have too few annotated lines here to say
//! anything; their rules are tested with generated numbers. Most annotated addresses are made-up words in random
//! order; the rules follow real forms. The name tagger, trained without a source, finds names of that source with
//! a strict F1 of 0.55 (synthetic records), 0.44 (presidio-research) and 0.28 (WNUT-17);
//! `training/names.py` prints these.
//!
//! # Costs
//!
//! A [`Detector`] is made once and cloned: the defaults take 1.2 us and the first text of a process 0.14 ms
//! (`cargo bench -p fw-policy-pii --bench construction`). `--bench throughput`, with all types of the default, on a
//! shared two-core virtual machine, medians:
//!
//! | text | whole | on a stream, for each 5 bytes |
//! |---|---|---|
//! | clean prose | 389 MB/s | 58 ns |
//! | program code | 73 MB/s | 94 ns |
//! | log lines, ten numbers each | 18 MB/s | 300 ns |
//! | every tenth word is a finding | 22 MB/s | 271 ns |
//!
//! Nothing is allocated for text in which nothing is found (`tests/allocations.rs`).
//! `cargo run --release -p fw-bench -- instructions` counts instructions, and CI holds them to the recorded counts.
//!
//! # Caveats
//!
//! - Only words before a value speak for it, because on a stream there is nothing else: in `123-45-6789 is my SSN`
//!   the form has to be telling by itself.
//! - Digits of other scripts and full-width digits are not read as numbers.
//! - A region of text that may hold one number goes on over single spaces, not over line ends.

mod allow;
mod config;
mod detect;
mod detector;
mod entity;
mod error;
mod filter;
mod finder;
mod finding;
mod keyed;
mod layer;
mod marker;
mod normal;
mod patterns;
mod policy;
mod pseudonym;
mod region;
mod restore;
mod scan;
mod segment;
mod shapes;

pub use crate::config::{
    Action, AllowConfig, EntityName, HashKey, HashKeyRef, MarkerFormat, NamedPattern,
    PatternConfig, PiiConfig, RedactionConfig, TextField,
};
pub use crate::detector::{Detection, Detector, Redacted};
pub use crate::entity::Entity;
pub use crate::error::{ConfigError, Problem};
pub use crate::filter::PiiFilter;
pub use crate::layer::PiiLayer;
pub use crate::policy::PiiPolicy;
pub use crate::pseudonym::Pseudonyms;
