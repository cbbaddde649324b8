//! Puts learned heads together to a model.

use std::io;

use fw_classify::{Bank, Head, Model, Parts, Windows, quantize};

use crate::recipe::Recipe;
use crate::solver::Linear;

/// A head's weights as small integers, with the value of words in them. The head takes their scale and the bias.
#[must_use]
pub fn column(linear: &Linear, recipe: &Recipe, head: &mut Head) -> Vec<i8> {
    let half = linear.weights.len() / 2;
    let value = |(slot, weight): (usize, &f32)| {
        if slot < half {
            weight * recipe.word_value
        } else {
            *weight
        }
    };
    let weights: Vec<f32> = linear.weights.iter().enumerate().map(value).collect();
    let (scale, column) = quantize(&weights);
    head.bias = linear.bias;
    head.scale = scale;
    column
}

/// The table of some heads.
///
/// # Errors
/// If the columns do not fit its size.
pub fn bank(bits: u8, columns: &[Vec<i8>]) -> io::Result<Bank> {
    let weights = (0..2_usize << bits).flat_map(|slot| columns.iter().map(move |it| it[slot]));
    let bank = Bank::new(bits, columns.len() as u8, weights.collect());
    bank.ok_or_else(|| io::Error::other("the tables do not fit"))
}

/// The model of these tables and heads.
///
/// # Errors
/// If they do not fit each other.
pub fn model(
    recipe: &Recipe,
    banks: Vec<Bank>,
    heads: Vec<Head>,
    provenance: String,
) -> io::Result<Model> {
    let parts = Parts {
        windows: (recipe.window > 0).then(|| Windows::new(recipe.window, recipe.over)),
        word_norm: recipe.word_value * recipe.word_value,
        pad: recipe.pad,
        length_cost: recipe.length_cost,
        window_cost: recipe.window_cost,
        banks,
        heads,
        provenance,
    };
    Model::new(parts).map_err(io::Error::other)
}
