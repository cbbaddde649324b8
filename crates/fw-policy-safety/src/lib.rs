//! Finds unsafe content in text, in LLM requests and in streamed replies: in process, without a network, in
//! microseconds.
//!
//! - [`Detector`] works on plain text: it gives scores by category, and the terms that were found.
//! - [`SafetyFilter`] judges a text that comes in pieces, and stops it before what is unsafe has left. However the
//!   text is cut, the result is the same.
//! - [`SafetyPolicy`] is a [`Policy`](fw_policy::Policy) for a chain, and [`SafetyLayer`] a [tower] layer with that
//!   policy alone.
//!
//! Two things are looked for. *Categories* are scored by a small linear model that comes with the crate, on the text
//! and on what it decodes to (see [`fw_classify`]). *Terms* are words and phrases, built in or of your own, found
//! exactly or with a few edits.
//!
//! [tower]: https://docs.rs/tower
//!
//! # Plain text
//!
//! ```
//! use fw_policy_safety::{Detector, SafetyConfig, SafetyVerdict, TermSet};
//!
//! let detector = Detector::new(&SafetyConfig::new().block_if(["project nightfall"]))?;
//!
//! let scan = detector.scan("How do I kill a process that hangs?");
//! assert_eq!(scan.verdict, SafetyVerdict::Allow);
//!
//! let scan = detector.scan("Where is PROJECT-NIGHTFALL now?");
//! assert_eq!(scan.verdict, SafetyVerdict::Block);
//! assert_eq!((scan.terms[0].set, scan.terms[0].range.clone()), (TermSet::BlockIf, 9..26));
//! # Ok::<(), fw_policy_safety::ConfigError>(())
//! ```
//!
//! # Around a service
//!
//! One line protects an axum router, or any other service: requests, plain replies and streams.
//!
//! ```
//! use axum::body::Body;
//! use axum::http::{Request, StatusCode};
//! use axum::{Router, body, routing::post};
//! use fw_policy::PolicyRequestBody;
//! use fw_policy_safety::{SafetyConfig, SafetyLayer, SafetyMode};
//! use tower::{Layer, ServiceExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! // Stands in for a provider: it says what it was sent.
//! let provider = Router::new()
//!     .route("/v1/completions", post(|body: String| async move { body }))
//!     .into_service::<PolicyRequestBody<Body>>();
//! let config = SafetyConfig::new().mode(SafetyMode::Automotive);
//! let service = SafetyLayer::new(&config)?.layer(provider);
//!
//! let prompt = r#"{"model":"m","prompt":"How can I roll back the odometer?"}"#;
//! let request = Request::post("/v1/completions").body(Body::from(prompt))?;
//! let response = service.oneshot(request).await?;
//!
//! assert_eq!(response.status(), StatusCode::BAD_REQUEST);
//! assert_eq!(response.headers()["x-fw-policy"], "safety-filter=block(terms.automotive:1)");
//! let sent = body::to_bytes(Body::new(response.into_body()), 1024).await?;
//! let error = String::from_utf8(sent.to_vec())?;
//! assert!(error.contains("unsafe content: a term of the automotive mode"));
//! # Ok(())
//! # }
//! ```
//!
//! # Categories
//!
//! | category | what it is about | scored by |
//! |---|---|---|
//! | `harmful_request` | requests for help with something harmful, and answers that give it | the head `harm` |
//! | `harassment` | insults, threats, abusive language | the head `toxicity`; phrases |
//! | `hate` | hatred against people for what they are | the head `hate` if the weights have one, or `toxicity`; phrases |
//! | `sexual`, `sexual_minors`, `violence`, `self_harm`, `weapons`, `crime` | what the name says | the head of that name if the weights have one; phrases |
//!
//! Harmful intent and abuse are two questions with two heads. A head of a category says which kind of unsafe text
//! it is, and counts at most as much as the higher one of those two, so that categories add no false alarms of
//! their own. Kinds are easily mistaken for each other: the surest one counts in full, the others half. Beside that
//! each category has some phrases that are hardly ever written in good faith, in up to twenty languages
//! (`data/phrases.txt`), and rules of what is unsafe together (`data/together.txt`): a request for an erotic story
//! with the age of a child, a way to make with a weapon. One find scores 0.8, more of them 0.95. Words of
//! prevention, law, news and games close by excuse some of them; the rules about erotic stories with minors know no
//! excuse.
//!
//! A category counts from its threshold on. The weights are calibrated so that 0.5 is the threshold they were shipped
//! with. Each category may have its own threshold and action:
//!
//! ```
//! use fw_policy_safety::{Category, CategoryAction, CategoryConfig, SafetyConfig};
//!
//! let config = SafetyConfig::new()
//!     .category(Category::Harassment, CategoryConfig::new().action(CategoryAction::Flag))
//!     .category(Category::Violence, CategoryConfig::new().threshold(0.8))
//!     .category(Category::Sexual, CategoryConfig::new().action(CategoryAction::Allow));
//! assert!(config.problems().is_empty());
//! ```
//!
//! # Terms
//!
//! A mode has built-in terms: phrases of several words, in English, German, French, Spanish, Portuguese, Italian,
//! Russian, Turkish, Arabic, Chinese, Japanese and Korean, that say what is to be done to what
//! (`data/terms/`). They are exact, and most say who wants it done (`how to ...`): in each sector its people speak of
//! the same things in good faith.
//!
//! | mode | terms about |
//! |---|---|
//! | `critical_infrastructure`, the default | attacks on energy, water, transport and industrial control |
//! | `automotive` | tampering that endangers people, theft, fraud with mileage and emissions |
//! | `education` | cheating and fakes, bullying, violence and drugs at school, grooming |
//! | `law_enforcement` | evidence, witnesses and officers; evading arrest; impersonation |
//! | `strict` | all four |
//!
//! `block_if` takes terms of your own. **They take the place of the built-in ones.** With `built_in_terms: true` they
//! are added to them, and with `built_in_terms: false` there are no built-in ones in any case. Categories are scored
//! all the same.
//!
//! Terms are compared in normal form: case, wide letters, invisible characters, and look-alikes of other scripts in
//! a word make no difference, and nor do accents on Latin, Greek and Cyrillic letters, or `ss` for `ß`: `ano` and
//! `año` are one word. Words are matched whole: `bomb` is not in `bombard`. White space, hyphens, dots, commas,
//! quotation marks, brackets, underscores, slashes, apostrophes, tags of markup and `%20` between words are the
//! same; a full stop with a space after it parts them, and other signs are words of their own, so `C++` is a term
//! and `c` is not one of its spellings. `ProjectNightfall` is two words if its letters say so; `projectnightfall`
//! is one. Chinese, Japanese (but for katakana), Korean and Thai characters are words each, so terms are found
//! anywhere in such text. Terms are also looked for in what the text decodes to.
//!
//! With `fuzzy_matching` words may be misspelt: letters added, left out, replaced, or swapped with the next. A term may
//! have `max_distance` edits, and each of its words fewer if it is short, because short words have too many
//! neighbours: `kill` is one edit from `bill`. Where only one edit is allowed, a word of five letters has to begin with
//! the right one. A space that is missing between two words of a term is one edit. Words of scripts without spaces have
//! to be right.
//!
//! | letters | edits |
//! |---|---|
//! | up to 4 | none |
//! | 5 to 8 | 1 |
//! | 9 to 12 | 2 |
//! | more | 3 |
//!
//! # Minors
//!
//! `max_age` is the age of the oldest users of an audience of minors. From 13 to 17 all thresholds are multiplied by
//! 0.75, up to 12 by 0.5, and the terms of the education mode apply as well. At 0, and from 18 on, nothing changes.
//!
//! # Streams
//!
//! A streamed reply is judged in blocks. A block ends with a sentence or a line once it has 64 bytes, and at the latest
//! after 480; it is scored together with the 600 bytes before it, and leaves when nothing was found. So the reader waits
//! for the first sentence to end, and from then on the text runs a sentence behind. Where blocks end depends on the
//! text alone: the same reply is judged the same however it was cut, streamed or not. A term that goes over the end of
//! a block is waited for, and so are up to 400 bytes that may be spaced out or encoded. If every action is `flag`,
//! nothing waits.
//!
//! A long reply is judged many times, and each time is a chance for a false alarm. So in a reply a score below
//! `response.threshold` does not count, whatever the other thresholds are. With 0.5, 5 % of 356 READMEs of Rust crates
//! and 22 % of 450 Python source files were stopped (the first 8 kB of each, taken for replies); with the default of 0.8
//! it was none and 1.6 %, with 0.9 none.
//!
//! What is stopped ends with an error event; what had left until then was judged and passed. A reply that becomes
//! unsafe only with its last sentence has shown the ones before.
//!
//! # Bounds
//!
//! What a text decodes to has room for four times the text's length, at least 16 KiB and at most 1 MiB, three encodings
//! in one another, and 48 texts to search. Where there is more, the longest pieces are cut, and the text was not looked
//! at as a whole: somebody may have hidden something behind it. Such a text, in a request or in a reply, is flagged
//! with the finding `incomplete`, and [`Scan::is_complete`] says so. With `incomplete: block` nothing passes that was
//! not looked at as a whole. Half a megabyte of Base64 and pages full of escapes are within the bounds; kilobytes in
//! many encodings at once are not.
//!
//! # Denials
//!
//! A denial says which categories or which kind of terms it was because of, never the text or the term.
//! `response.message` takes the place of that message, for requests and for replies.
//!
//! If self-harm is among the reasons, the client is told `self_harm.message` instead, or a few supportive words that
//! name no telephone number, because those differ by country. It comes as the message of the denial, in the client's own
//! error form and with the status of denials (an error event in a stream): an application shows it like any other
//! denial. It is not made up as an answer of the model.
//!
//! # Settings
//!
//! [`SafetyConfig`] is built in code or read from the `policy.safety-filter` block of a gateway's configuration. A key
//! that is not known is an error, and so is a setting that would do nothing.
//!
//! | key | default | what it does |
//! |---|---|---|
//! | `mode` | `critical_infrastructure` | which [built-in terms](#terms) apply |
//! | `block_if` | none | terms of your own, instead of the built-in ones |
//! | `built_in_terms` | only without `block_if` | whether the built-in terms apply |
//! | `action` | `block` | `block`, `flag` or `escalate` |
//! | `incomplete` | `flag` | what happens to a text that holds [more than is decoded](#bounds): `flag`, `block` or `escalate` |
//! | `fuzzy_matching`, `max_distance` | false, 1 | whether terms may be [misspelt](#terms), and by how much: 1 to 3; 2 and 3 are errors without fuzzy matching |
//! | `max_age` | 0 | stricter rules for [minors](#minors) |
//! | `threshold` | 0.5 | the score from which a category counts |
//! | `categories.NAME.threshold` | `threshold` | the same for one category |
//! | `categories.NAME.action` | `action` | the same for one category; `allow` turns it off |
//! | `request`, `response` | true | which directions are looked at |
//! | `response.message` | names the kinds | what a denied client is told |
//! | `response.threshold` | 0.8 | the least score of a finding in a [reply](#streams) |
//! | `self_harm.message` | see [above](#denials) | what is said when the matter is self-harm |
//! | `weights` | built in | a weights file of your own, made by `fw-train` |
//!
//! All texts of a request are looked at, whoever speaks: a system message is as easily sent by a client as any other.
//! Log probabilities are not, since they only spell a text that is.
//!
//! # Quality
//!
//! Measured leave-one-source-out: the sources that are scored were not trained on. Repeat it with
//! `cargo run --release -p fw-train -- evaluate --task safety`, and with texts of your own with
//! `fw-gateway classify --policy safety-filter --jsonl < TEXTS`.
//!
//! <!-- evaluation: begin -->
//! | left out | AUROC | recall at 1 % | recall at 0.1 % | AP, pooled | F1 at 0.5 | FPR at 0.5 | ECE |
//! |---|---|---|---|---|---|---|---|
//! | patterns | 0.659 | 0.234 | 0.024 | 0.577 | – | – | – |
//! | linear, dev only | 0.803 | 0.143 | 0.056 | 0.715 | – | – | – |
//! | shipped | 0.884 | 0.255 | 0.127 | 0.803 | 0.550 | 0.045 | 0.210 |
//!
//! Means over six folds of sources that were left out: `patterns` is a list of regular expressions, `linear` a model
//! without views, windows, phrases and corpus. At its threshold the detector finds a minority of what is unsafe in a way
//! that it has not seen. Each source, language and kind is in [`evaluation`]; how to repeat it is told in the
//! documentation of `fw-train`.
//! <!-- evaluation: end -->
//!
//! # Costs
//!
//! Microseconds per KiB with the mode `strict`, on one core of a virtual machine that was shared with other work. Whole
//! texts of 1 KiB: of three runs of `cargo bench -p fw-policy-safety --bench percentiles`, the one that was disturbed
//! least. On a stream in deltas of five bytes: the median of the benchmark `streamed` of `--bench throughput`.
//!
//! | text | whole, p50 | whole, p99 | on a stream |
//! |---|---|---|---|
//! | prose, in English | 44 | 66 | 376 |
//! | program code | 48 | 67 | 474 |
//! | Chinese and Japanese | 46 | 68 | 425 |
//! | all of it in one disguise, leet | 100 | 135 | 1,010 |
//! | six disguises, a line each | 278 | 348 | 2,090 |
//!
//! Each way to read a text is scored like a text, so what is disguised in many ways costs more than the hundred that we
//! aim at.
//!
//! Ten thousand terms of your own cost no more than the built-in ones, and fuzzy matching of them 20 to 30 microseconds
//! per KiB. With a distance of 3, text of words that come only once, each made to be near to many of ten thousand terms,
//! takes 3.5 milliseconds per KiB. On a stream the text before a block is scored again with each block; a model that
//! writes 100 words a second makes about half a KiB in a second. The weights take 2 MB. The first detector takes 43 to
//! 52 ms, with the weights, the phrases and all terms of all modes, and ten thousand terms with fuzzy matching 24 ms more.
//!
//! What it takes is linear in the length of the text, whatever is in it: of texts that are made to be expensive a KiB
//! takes about the same at 16 KiB and at 1 MiB. Medians per KiB of what the benchmark `hostile` repeats:
//!
//! | text | 16 KiB | 128 KiB | 1 MiB |
//! |---|---|---|---|
//! | a letter with two accents | 238 | 242 | 241 |
//! | Base64 | 43 | 43 | 35 |
//! | `a. ` | 68 | 91 | 89 |
//! | one letter without an end | 28 | 28 | 27 |
//! | the first word of a term | 59 | 59 | 60 |
//! | one Chinese character | 43 | 43 | 43 |
//!
//! # Limits
//!
//! - A linear model on runs of characters knows words and ways of speaking, not what is meant. At a low rate of false
//!   alarms it finds a part of what is unsafe, and from people it has never seen a smaller part. For more there has to
//!   be a larger model, by way of an external moderation service.
//! - The parts of a message, and messages of one speaker in a row, are looked at together as well, with and without a
//!   space between them: whole up to 2 KiB, of longer ones 1 KiB at each end. What is spread over turns with somebody else
//!   between them, or over several kinds of text in a reply, is not put together.
//! - Fiction, history, law and medicine talk about harm; a text is scored by its words all the same.
//! - A phrase at the end of one block and the beginning of the next is scored when the second has come; the first has
//!   left by then. Terms are waited for.
//! - Terms are not found in plurals and other forms, in words run together in small letters (without fuzzy matching), in
//!   words with a tag or an emoji in them or between them, without the dots or hyphens they are written with
//!   (`US Steel`), in leet, ROT13 or reversed text that is only as long as the term, in the other spelling of Chinese, or
//!   where a letter that stands alone comes right before letters that are spaced out. A space that is put into a word is
//!   no misspelling. In a reply, what a term takes up must not be longer than 600 bytes.
//! - On a stream, ROT13 and reversed text cannot be told from text: what left with a block before is out.
//! - A phrase that somebody else is quoted with is a phrase, unless its rule knows the word of quoting.
//! - The built-in terms are those of a few languages, in their usual forms.

mod blocks;
mod category;
mod config;
mod detector;
mod error;
mod filter;
mod fuzzy;
mod layer;
mod messages;
mod policy;
mod runs;
mod scan;
mod scores;
mod terms;

#[doc = include_str!("../EVALUATION.md")]
pub mod evaluation {}

pub use crate::category::Category;
pub use crate::config::{
    CategoriesConfig, CategoryAction, CategoryConfig, ResponseConfig, ResponseSettings,
    SafetyAction, SafetyConfig, SafetyMode, SelfHarmConfig,
};
pub use crate::detector::Detector;
pub use crate::error::{ConfigError, Problem};
pub use crate::filter::SafetyFilter;
pub use crate::layer::SafetyLayer;
pub use crate::policy::SafetyPolicy;
pub use crate::scan::{CategoryScore, SafetyVerdict, Scan, Term};
pub use crate::terms::TermSet;
