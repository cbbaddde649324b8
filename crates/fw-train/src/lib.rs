//! Trains, calibrates and evaluates the models of `fw-policy-injection` and `fw-policy-safety`.
//!
//! A model is a table of weights for hashed words, pairs of words and runs of characters, learned by logistic
//! regression. Everything that the policies do to a text, [`fw_classify`] does for the trainer as well: normal forms,
//! decoded views, windows, phrases. The same data, settings and version give the same file.
//!
//! # How to retrain
//!
//! Rows are JSON lines: `{"id", "text", "label", "source", "category"}` for data with sources, and
//! `{"text", "label", "lang", "category", "family", "pair"}` for a corpus, which is only learned from. `label` is 1 for
//! what is looked for. From the root of the workspace:
//!
//! ```text
//! cargo run --release -p fw-train -- check --task injection --data injection/dev.jsonl --corpus corpora/injection \
//!     --innocent corpora/safety
//! cargo run --release -p fw-train -- evaluate --task injection --data injection/dev.jsonl --corpus corpora/injection \
//!     --innocent corpora/safety --phrases crates/fw-policy-injection/data/phrases.txt
//! cargo run --release -p fw-train -- train --task injection --data injection/dev.jsonl --corpus corpora/injection \
//!     --innocent corpora/safety --phrases crates/fw-policy-injection/data/phrases.txt \
//!     --out crates/fw-policy-injection/data/injection.fwm
//! ```
//!
//! `check` fails if a row of the corpus is there twice, or nearly the same as a row of the data (half of their runs of
//! three words are shared). `evaluate` prints tables in Markdown. `try` prints one line for each `--set`, to compare
//! settings: `--set c=40,pad=100`. For safety, swap `safety` and `injection`. `--innocent` takes the innocent rows of the
//! other task's corpus: what is no attack is seldom unsafe.
//!
//! To add your own texts, put a file in a folder and name the folder with one more `--corpus`. Write pairs that differ
//! in what they want and not in their subject, and as many innocent texts as attacks: see `corpora/README.md`.
//!
//! # What is measured
//!
//! A random split says nothing: texts of one collection are alike. Whole sources are left out, attacks and innocent
//! ones together, in six [`folds`]; related sources (translations, the same templates or authors) are in one fold. Rows
//! that were made by encoding rows of other sources go where their originals go; originals are found by the words
//! after decoding, and rows without one have a fold of their own. AUROC and the recall at 1 % false positives are taken
//! inside each fold and averaged. What is said at the threshold of 0.5 uses, for each fold, the threshold that the other
//! five ask for. Differences under 0.01 are noise; `--set deal=1` deals the sources to the folds in another way, which
//! changes the figures by more than that.
//!
//! What is scored is what is shipped: the policy's own [detector](detect), with the weights and thresholds of a fold.
//! Markers, quotes, lists of phrases and rules of what is unsafe together count as they do in traffic, and are those
//! that the policies' crates were built with; `--phrases` says what a phrase weighs, and should name the same list.
//!
//! # What is learned
//!
//! - Weights: [`solver`], logistic regression with L2 on the dual. Every window of an innocent text is innocent; of a
//!   long or encoded attack, the window or view that a first model likes best is one ([`fit`]).
//! - Counts: sources differ in size, and so do the families of the corpus. For injection a row counts less the more rows
//!   its source or family has, and a row of the corpus less than one of the data.
//! - Length: for injection, a window costs something for each logarithm of its number of features, and a view for that
//!   of its windows: many words, and the best of many windows, score high by chance. The costs are in the model.
//! - Phrases: their weight is half the standard deviation of the score for one of the hits. It is not learned.
//! - Calibration: 0.5 is the threshold that flags 0.6 % (safety: 1.5 %) of left-out innocent texts, in the mean of their
//!   sources without the worst of them; documents have a threshold of their own. The slope is that of a logistic curve
//!   through the left-out scores. A score is therefore the probability of an attack for traffic in which an attack at the
//!   threshold is as likely as not, and no estimate for yours.
//! - Heads: the safety model has `harm`, which learns every unsafe text, `toxicity`, which learns abuse and raises the
//!   score at a strict threshold of its own, and heads that tell kinds of unsafe texts apart. Of these only the ones stay
//!   that reach an AUROC of 0.65 on sources that they have not seen.

pub mod assemble;
pub mod baseline;
pub mod calibrate;
pub mod channels;
pub mod check;
pub mod data;
pub mod detect;
pub mod evaluate;
pub mod fit;
pub mod folds;
pub mod heads;
pub mod metrics;
pub mod prepare;
pub mod recipe;
pub mod report;
pub mod solver;
pub mod sources;
pub mod train;
