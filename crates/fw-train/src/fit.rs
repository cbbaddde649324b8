//! Learns the weights of a head from some rows.

use crate::prepare::{Piece, Prepared, Sample};
use crate::recipe::Recipe;
use crate::solver::{Instance, Linear, Problem, solve};

/// A row that is learned from.
#[derive(Debug, Clone, Copy)]
pub struct Lesson {
    /// Its number among the samples.
    pub row: usize,
    /// What is to be learned.
    pub label: bool,
    /// How much it counts.
    pub weight: f32,
}

/// Learns from rows; first from the whole of each, then again with the best window of each attack.
#[must_use]
pub fn fit(prepared: &Prepared, recipe: &Recipe, lessons: &[Lesson]) -> Linear {
    let mut sum: Option<Linear> = None;
    for copy in 0..recipe.average.max(1) {
        let problem = Problem {
            size: 2 << recipe.bits,
            word_value: recipe.word_value,
            c: recipe.c,
            epochs: recipe.epochs,
            seed: recipe.seed + copy as u64,
            smoothing: recipe.smoothing,
            keep: recipe.keep,
        };
        let mut model = solve(
            &problem,
            &prepared.slots,
            &instances(prepared, recipe, lessons, None),
        );
        for _ in 0..recipe.rounds {
            model = solve(
                &problem,
                &prepared.slots,
                &instances(prepared, recipe, lessons, Some(&model)),
            );
        }
        sum = Some(match sum {
            None => model,
            Some(mut sum) => {
                sum.weights
                    .iter_mut()
                    .zip(&model.weights)
                    .for_each(|(sum, weight)| *sum += weight);
                sum.bias += model.bias;
                sum
            }
        });
    }
    let mut model = sum.unwrap_or(Linear {
        weights: vec![0.0; 2 << recipe.bits],
        bias: 0.0,
    });
    let count = recipe.average.max(1) as f32;
    model.weights.iter_mut().for_each(|weight| *weight /= count);
    model.bias /= count;
    model
}

/// The score of a piece, as if it were the only one of its view.
#[must_use]
pub fn score(model: &Linear, prepared: &Prepared, recipe: &Recipe, piece: &Piece) -> f32 {
    let sum = model.sum(&prepared.slots[piece.slots.clone()], recipe.word_value);
    sum * piece.value(recipe) + model.bias - recipe.cost(piece.slots.len(), 1)
}

fn instances(
    prepared: &Prepared,
    recipe: &Recipe,
    lessons: &[Lesson],
    model: Option<&Linear>,
) -> Vec<Instance> {
    let mut instances = Vec::new();
    for lesson in lessons {
        let sample = &prepared.samples[lesson.row];
        let mut add = |piece: &Piece, weight: f32| {
            if !piece.slots.is_empty() && weight > 0.0 {
                let value = piece.value(recipe);
                instances.push(Instance {
                    slots: piece.slots.clone(),
                    value,
                    label: lesson.label,
                    weight,
                });
            }
        };
        if lesson.label {
            attack(prepared, recipe, sample, model, lesson.weight, &mut add);
        } else {
            innocent(recipe, sample, lesson.weight * recipe.negatives, &mut add);
        }
    }
    instances
}

/// Every view and every window of an innocent text is innocent.
fn innocent(recipe: &Recipe, sample: &Sample, weight: f32, add: &mut impl FnMut(&Piece, f32)) {
    for view in sample.views.iter().filter(|view| !view.blocks.is_empty()) {
        let pieces = view.pieces(recipe);
        let long = pieces.len() > 1;
        if !long || recipe.whole > 0.0 {
            add(
                &view.piece(0..view.blocks.len()),
                if long { weight * recipe.whole } else { weight },
            );
        }
        if long && recipe.train_windows {
            let each = weight * recipe.negative_windows / (pieces.len() as f32).sqrt();
            pieces.iter().for_each(|piece| add(piece, each));
        }
    }
}

/// Some view and some window of an attack is one: the best, as far as a model can tell already.
fn attack(
    prepared: &Prepared,
    recipe: &Recipe,
    sample: &Sample,
    model: Option<&Linear>,
    weight: f32,
    add: &mut impl FnMut(&Piece, f32),
) {
    let views = sample.views.iter().filter(|view| !view.blocks.is_empty());
    let Some(model) = model else {
        // Encoded text is taken for what it decodes to; a little also for what it is.
        let decoded = sample.views.iter().skip(1).max_by_key(|view| view.total);
        let decoded = decoded.filter(|view| !view.blocks.is_empty());
        let plain = sample.views.first().filter(|view| !view.blocks.is_empty());
        let share = if decoded.is_some() { 0.5 } else { 1.0 };
        for view in plain.into_iter().chain(decoded) {
            add(&view.piece(0..view.blocks.len()), weight * share);
        }
        return;
    };
    let mut best: Option<(f32, &crate::prepare::Viewed, Piece, bool)> = None;
    for view in views {
        let pieces = view.pieces(recipe);
        let long = pieces.len() > 1;
        for piece in pieces {
            let score = score(model, prepared, recipe, &piece);
            if best.as_ref().is_none_or(|(best, ..)| score > *best) {
                best = Some((score, view, piece, long));
            }
        }
    }
    if let Some((_, view, piece, long)) = best {
        if long {
            add(&view.piece(0..view.blocks.len()), weight * recipe.whole);
            if recipe.train_windows {
                add(&piece, weight * recipe.positive_window);
            }
        } else {
            add(&piece, weight);
        }
    }
}
