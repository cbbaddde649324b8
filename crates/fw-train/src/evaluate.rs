//! Scores of rows whose source was left out.

use std::thread;

use crate::data::Row;
use crate::fit::{Lesson, fit, score};
use crate::folds::FOLDS;
use crate::prepare::{Prepared, Viewed};
use crate::recipe::Recipe;
use crate::solver::Linear;

/// What a model says of a row that it has not seen.
#[derive(Debug, Clone, Default)]
pub struct LeftOut {
    /// For each piece: the score of the n-grams, and how many phrases are in it.
    pub pieces: Vec<(f32, usize)>,
}

impl LeftOut {
    /// The best piece's score, when a phrase adds this much.
    #[must_use]
    pub fn raw(&self, phrase: f32) -> f32 {
        let raw = self
            .pieces
            .iter()
            .map(|(linear, hits)| linear + phrase * (*hits).min(2) as f32);
        raw.fold(-20.0, f32::max)
    }
}

/// Scores every row with a model that was learned without its fold.
#[must_use]
pub fn left_out(
    rows: &[Row],
    folds: &[Option<usize>],
    prepared: &Prepared,
    recipe: &Recipe,
    label: &(dyn Fn(&Row) -> Option<bool> + Sync),
    lists: &[usize],
) -> Vec<Option<LeftOut>> {
    let models = fold_models(rows, folds, prepared, recipe, label);
    scores(&models, folds, prepared, recipe, lists)
}

/// For each fold the model that was learned without it. Two at a time.
#[must_use]
pub fn fold_models(
    rows: &[Row],
    folds: &[Option<usize>],
    prepared: &Prepared,
    recipe: &Recipe,
    label: &(dyn Fn(&Row) -> Option<bool> + Sync),
) -> Vec<Linear> {
    thread::scope(|scope| {
        let one = |fold: usize| {
            fit(
                prepared,
                recipe,
                &lessons(rows, folds, recipe, label, Some(fold)),
            )
        };
        let half = scope.spawn(move || (0..FOLDS / 2).map(one).collect::<Vec<_>>());
        let rest: Vec<_> = (FOLDS / 2..FOLDS).map(one).collect();
        let mut models = half.join().unwrap_or_default();
        models.extend(rest);
        models
    })
}

/// What the model of its fold says of each row.
#[must_use]
pub fn scores(
    models: &[Linear],
    folds: &[Option<usize>],
    prepared: &Prepared,
    recipe: &Recipe,
    lists: &[usize],
) -> Vec<Option<LeftOut>> {
    let rows = folds.iter().enumerate();
    rows.map(|(at, fold)| {
        let model = models.get((*fold)?)?;
        Some(apply(model, prepared, recipe, at, lists))
    })
    .collect()
}

/// What a model says of a row.
#[must_use]
pub fn apply(
    model: &Linear,
    prepared: &Prepared,
    recipe: &Recipe,
    row: usize,
    lists: &[usize],
) -> LeftOut {
    let of = |view: &Viewed| -> Vec<(f32, usize)> {
        let pieces = view.pieces(recipe).into_iter();
        pieces
            .map(|piece| {
                (
                    score(model, prepared, recipe, &piece),
                    view.phrases(lists, &piece),
                )
            })
            .collect()
    };
    LeftOut {
        pieces: prepared.samples[row].views.iter().flat_map(of).collect(),
    }
}

/// The rows that are learned from when a fold is left out.
#[must_use]
pub fn lessons(
    rows: &[Row],
    folds: &[Option<usize>],
    recipe: &Recipe,
    label: &dyn Fn(&Row) -> Option<bool>,
    without: Option<usize>,
) -> Vec<Lesson> {
    let used = rows
        .iter()
        .enumerate()
        .filter(|(at, _)| folds[*at].is_none() || folds[*at] != without);
    used.filter_map(|(at, row)| {
        let weight = if row.is_corpus() { recipe.corpus } else { 1.0 };
        label(row).map(|label| Lesson {
            row: at,
            label,
            weight,
        })
    })
    .filter(|lesson| lesson.weight > 0.0)
    .collect()
}

/// What a phrase must add to weigh this many standard deviations of the score for one of the hits.
#[must_use]
pub fn phrase_weight(scores: &[Option<LeftOut>], share: f32) -> f32 {
    let linear = scores.iter().flatten().map(|row| row.raw(0.0));
    let hits = scores.iter().flatten().map(|row| {
        row.pieces
            .iter()
            .map(|(_, hits)| *hits)
            .max()
            .unwrap_or(0)
            .min(2) as f32
    });
    let (linear, hits) = (deviation(linear), deviation(hits));
    if hits > 0.0 {
        share * linear / hits
    } else {
        0.0
    }
}

fn deviation(values: impl Iterator<Item = f32> + Clone) -> f32 {
    let count = values.clone().count().max(1) as f32;
    let mean = values.clone().sum::<f32>() / count;
    (values.map(|value| (value - mean).powi(2)).sum::<f32>() / count).sqrt()
}
