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
//! # Costs
//!
//! A [`Detector`] is made once and cloned: `cargo bench -p fw-policy-pii --bench construction` says how long it
//! takes, and `--bench throughput` how fast text is searched.

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
