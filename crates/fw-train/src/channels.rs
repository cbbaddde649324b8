//! Calibrations for what people say and for documents.

use std::collections::BTreeMap;

use fw_classify::Calibration;

use crate::calibrate::calibrate;
use crate::data::Row;
use crate::folds::FOLDS;
use crate::heads::Head;
use crate::recipe::Recipe;
use crate::train::is_document;

/// For each fold the calibrations that the other folds ask for: thresholds are left out as well.
#[must_use]
pub fn fold_calibrations(
    recipe: &Recipe,
    rows: &[Row],
    folds: &[Option<usize>],
    head: &Head,
    raw: &[Option<f32>],
) -> Vec<[Calibration; 2]> {
    let without = |fold: usize| {
        channels(rows, raw, rates(recipe, head), &|row| {
            let used = folds[row].is_some_and(|of| of != fold);
            used.then(|| (head.label)(&rows[row])).flatten()
        })
    };
    (0..FOLDS).map(without).collect()
}

/// The calibrations for what people say and for documents, from scores and labels.
#[must_use]
pub fn channels(
    rows: &[Row],
    raw: &[Option<f32>],
    rates: [f64; 2],
    label: &dyn Fn(usize) -> Option<bool>,
) -> [Calibration; 2] {
    let labelled = || (0..rows.len()).filter_map(|row| Some((row, raw[row]?, label(row)?)));
    let all: Vec<(f32, bool)> = labelled().map(|(_, raw, label)| (raw, label)).collect();
    let mut sources: BTreeMap<&str, Vec<f32>> = BTreeMap::new();
    let mut documents: BTreeMap<&str, Vec<f32>> = BTreeMap::new();
    for (row, raw, _) in labelled().filter(|(.., label)| !label) {
        let row = &rows[row];
        sources.entry(&row.source).or_default().push(raw);
        if is_document(row) {
            documents.entry(&row.source).or_default().push(raw);
        }
    }
    let [user, document] = rates;
    [
        calibrate(sources.into_values(), user, &all),
        calibrate(documents.into_values(), document, &all),
    ]
}

/// The shares of innocent texts that a head may flag: of what people say, and of documents.
#[must_use]
pub fn rates(recipe: &Recipe, head: &Head) -> [f64; 2] {
    match head.name {
        "toxicity" => [recipe.toxicity_rate; 2],
        _ => [recipe.rate, recipe.document_rate],
    }
}
