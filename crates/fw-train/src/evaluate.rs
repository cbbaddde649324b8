//! Scores of rows whose source was left out.

use std::collections::HashMap;
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
        let pieces = view.pieces(recipe);
        let cost = recipe.cost(0, pieces.len());
        let of = |piece| {
            let score = score(model, prepared, recipe, piece) - cost;
            (score, view.phrases(lists, piece))
        };
        pieces.iter().map(of).collect()
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
    let used: Vec<(usize, Group<'_>)> = used
        .filter_map(|(at, row)| Some((at, Group::of(row, label(row)?))))
        .collect();
    let mut counts: HashMap<Group<'_>, f32> = HashMap::new();
    for (_, group) in &used {
        *counts.entry(*group).or_default() += 1.0;
    }
    let share = |group: &Group<'_>| counts[group].powf(-group.power(recipe));
    // Rows with sources, and those of the corpus, weigh as much in all as before.
    let mut sums: HashMap<(bool, bool), [f32; 2]> = HashMap::new();
    for (_, group) in &used {
        let [rows, shares] = sums.entry((group.corpus, group.label)).or_default();
        *rows += 1.0;
        *shares += share(group);
    }
    let lesson = |(at, group): (usize, Group<'_>)| {
        let [rows, shares] = sums[&(group.corpus, group.label)];
        let weight = if group.corpus { recipe.corpus } else { 1.0 };
        Lesson {
            row: at,
            label: group.label,
            weight: weight * share(&group) * rows / shares,
        }
    };
    let lessons = used.into_iter().map(lesson);
    lessons.filter(|lesson| lesson.weight > 0.0).collect()
}

/// Rows that are alike: of one source or, in the corpus, of one family, and of one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Group<'a> {
    corpus: bool,
    name: &'a str,
    label: bool,
}

impl<'a> Group<'a> {
    fn of(row: &'a Row, label: bool) -> Self {
        let corpus = row.is_corpus();
        let name = if corpus { &row.family } else { &row.source };
        Self {
            corpus,
            name,
            label,
        }
    }

    /// How far its size does not count.
    const fn power(&self, recipe: &Recipe) -> f32 {
        if self.corpus {
            recipe.families
        } else {
            recipe.balance
        }
    }
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
