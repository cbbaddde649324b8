//! Makes the model that is shipped: weights from all rows, calibration from left-out ones.

use std::io;

use fw_classify::{Head as ModelHead, Model, Phrases};
use serde_json::{Value, json};

use crate::assemble::{bank, column, model};
use crate::calibrate::even;
use crate::channels::{channels, rates};
use crate::data::{Digest, Row};
use crate::evaluate::{LeftOut, left_out, lessons, phrase_weight};
use crate::fit::fit;
use crate::folds::{Task, folds};
use crate::heads::{Head, deciding, numbers, telling};
use crate::metrics;
use crate::prepare::{Prepared, prepare};
use crate::recipe::Recipe;
use crate::sources::licence;

/// Bits of a slot's number in the table of the heads that tell kinds apart.
pub const SMALL: u8 = 16;

/// Learns every head of a task.
///
/// # Errors
/// If the parts do not make a model.
pub fn train(
    task: Task,
    rows: &[Row],
    digests: &[Digest],
    phrases: &Phrases,
    recipe: &Recipe,
) -> io::Result<Model> {
    let folds = folds(task, rows, recipe.deal);
    let large = prepare(rows, recipe, phrases);
    let mut banks = Vec::new();
    let mut heads = Vec::new();
    let mut figures = serde_json::Map::new();
    let small_recipe = Recipe {
        bits: SMALL.min(recipe.bits),
        ..recipe.clone()
    };
    let groups = [
        (deciding(task), recipe.clone()),
        (telling(task), small_recipe),
    ];
    for (group, recipe) in groups.into_iter().filter(|(group, _)| !group.is_empty()) {
        let small = (recipe.bits < large.bits).then(|| large.narrowed(recipe.bits));
        let prepared = small.as_ref().unwrap_or(&large);
        let mut columns = Vec::new();
        for head in group {
            let lists = numbers(phrases, &head);
            let out = left_out(rows, &folds, prepared, &recipe, &head.label, &lists);
            let (mut made, raw) = calibrated(rows, &out, &head, &recipe);
            if !head.decides && weak(rows, &head, &raw) {
                continue;
            }
            figures.insert(head.name.to_owned(), figure(rows, &head, &raw, &made));
            let linear = fit(
                prepared,
                &recipe,
                &lessons(rows, &folds, &recipe, &head.label, None),
            );
            columns.push(column(&linear, &recipe, &mut made));
            heads.push(made);
        }
        banks.push(bank(recipe.bits, &columns)?);
    }
    let provenance = provenance(task, rows, digests, phrases, recipe, figures);
    let provenance = serde_json::to_string_pretty(&provenance)?;
    model(recipe, banks, heads, provenance)
}

/// Whether a head tells unseen sources' kinds apart too badly to be of use.
fn weak(rows: &[Row], head: &Head, raw: &[Option<f32>]) -> bool {
    let pairs = rows
        .iter()
        .zip(raw)
        .filter_map(|(row, raw)| Some(((*raw)?, (head.label)(row)?)));
    metrics::auroc(&pairs.collect::<Vec<_>>()).is_none_or(|area| area < WORTH)
}

/// The least area under the ROC curve, on sources that were left out, of a head that tells kinds apart.
const WORTH: f64 = 0.65;

/// Texts that a model is given to read.
#[must_use]
pub fn is_document(row: &Row) -> bool {
    let kind = row.category.as_str();
    row.source.starts_with("docs_")
        || ["document_qa", "indirect_payload", "indirect_injection"].contains(&kind)
}

fn calibrated(
    rows: &[Row],
    out: &[Option<LeftOut>],
    head: &Head,
    recipe: &Recipe,
) -> (ModelHead, Vec<Option<f32>>) {
    let phrase = phrase_weight(out, recipe.phrases);
    let raw: Vec<Option<f32>> = out
        .iter()
        .map(|row| row.as_ref().map(|row| row.raw(phrase)))
        .collect();
    let calibrations = if head.decides {
        channels(rows, &raw, rates(recipe, head), &|row| {
            (head.label)(&rows[row])
        })
    } else {
        let pairs = rows
            .iter()
            .zip(&raw)
            .filter_map(|(row, raw)| Some(((*raw)?, (head.label)(row)?)));
        let even = even(&pairs.collect::<Vec<_>>());
        [even.clone(), even]
    };
    let made = ModelHead {
        name: head.name.to_owned(),
        bias: 0.0,
        scale: 1.0,
        phrase,
        lists: head.lists.iter().copied().map(str::to_owned).collect(),
        calibrations,
    };
    (made, raw)
}

fn figure(rows: &[Row], head: &Head, raw: &[Option<f32>], made: &ModelHead) -> Value {
    let labelled = rows
        .iter()
        .zip(raw)
        .filter_map(|(row, raw)| Some(((*raw)?, (head.label)(row)?)));
    let pairs: Vec<(f32, bool)> = labelled.collect();
    let round = |value: Option<f64>| value.map(|value| (value * 1000.0).round() / 1000.0);
    let [user, document] = [0, 1].map(|channel| {
        let scores: Vec<(f32, bool)> = pairs
            .iter()
            .map(|(raw, label)| (made.calibrations[channel].score(*raw), *label))
            .collect();
        json!({
            "recall": round(metrics::recall(&scores, 0.5)),
            "false_positives": round(metrics::false_positives(&scores, 0.5)),
        })
    });
    json!({
        "auroc": round(metrics::auroc(&pairs)),
        "average_precision": round(metrics::average_precision(&pairs)),
        "recall_at_1_percent": round(metrics::recall_at(&pairs, 0.01)),
        "at_user_threshold": user,
        "at_document_threshold": document,
    })
}

fn provenance(
    task: Task,
    rows: &[Row],
    digests: &[Digest],
    phrases: &Phrases,
    recipe: &Recipe,
    figures: serde_json::Map<String, Value>,
) -> Value {
    let mut sources = std::collections::BTreeMap::new();
    for row in rows {
        let counts = sources.entry(row.source.as_str()).or_insert([0_usize; 2]);
        counts[usize::from(row.label)] += 1;
    }
    let sources: Vec<Value> = sources
        .into_iter()
        .map(|(name, [innocent, unsafe_])| {
            json!({ "name": name, "innocent": innocent, "labelled": unsafe_, "licence": licence(name) })
        })
        .collect();
    let files: Vec<Value> = digests
        .iter()
        .map(|file| json!({ "file": file.name, "blake3": file.blake3, "rows": file.rows }))
        .collect();
    json!({
        "task": if task == Task::Injection { "injection" } else { "safety" },
        "made_by": concat!("fw-train ", env!("CARGO_PKG_VERSION")),
        "recipe": recipe.to_string().trim(),
        "phrases": phrases.len(),
        "left_out": { "note": "every source scored by a model that has not seen it, in six folds", "heads": figures },
        "sources": sources,
        "data": files,
    })
}

impl Prepared {
    /// The same texts for a smaller table, or for the same if it is small.
    #[must_use]
    pub fn narrowed(&self, bits: u8) -> Self {
        let bits = bits.min(self.bits);
        let by = self.bits - bits;
        let narrow = |slot: &u32| {
            let group = slot >> self.bits;
            let inner = slot & ((1 << self.bits) - 1);
            group << bits | inner >> by
        };
        Self {
            bits,
            slots: self.slots.iter().map(narrow).collect(),
            samples: self.samples.clone(),
        }
    }
}
