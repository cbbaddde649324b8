//! Weights with all that belongs to them, as one file.

mod format;

use std::sync::Arc;

use crate::calibration::{Calibration, Channel};
use crate::error::ModelError;
use crate::weights::Bank;
use crate::windows::Windows;

/// A model: heads (one question each: is it an attack, is it hateful), their weights, and what is known of their origin.
///
/// Cheap to clone. A file that is damaged, of another version or too large is refused.
#[derive(Debug, Clone)]
pub struct Model {
    inner: Arc<Parts>,
}

/// What a model is made of. Trainers fill it in, [`Model::new`] checks it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// How long texts are cut; `None`: they are not.
    pub windows: Option<Windows>,
    /// How much more a feature of words counts in the length of a text than one of characters.
    pub word_norm: f32,
    /// Added to the number of features before a text's length is taken: very short texts say less.
    pub pad: f32,
    /// Taken from a window's score for each natural logarithm of its number of features: what many words say by chance
    /// is more than what few do.
    pub length_cost: f32,
    /// The same for the number of windows of a view, of which at most [`COUNTED_WINDOWS`](Self::COUNTED_WINDOWS) count:
    /// the highest of many scores is high by chance.
    pub window_cost: f32,
    /// Tables, in the order of the heads.
    pub banks: Vec<Bank>,
    /// Heads, those of the first bank first.
    pub heads: Vec<Head>,
    /// Where it comes from: a JSON object.
    pub provenance: String,
}

impl Parts {
    /// Windows of which more cost nothing: text around an attack must not hide it.
    pub const COUNTED_WINDOWS: usize = 8;

    /// What is taken from the score of a window with so many features, of a view with so many windows.
    #[must_use]
    pub fn cost(&self, features: usize, windows: usize) -> f32 {
        if self.length_cost == 0.0 && self.window_cost == 0.0 {
            return 0.0; // Logarithms take time.
        }
        let windows = windows.clamp(1, Self::COUNTED_WINDOWS);
        self.length_cost * (features as f32).ln_1p() + self.window_cost * (windows as f32).ln()
    }
}

/// What a head adds to its weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// Its name: lower case, digits, `_`; at most 32 bytes.
    pub name: String,
    /// Added to every score.
    pub bias: f32,
    /// What an integer weight is multiplied with.
    pub scale: f32,
    /// What a phrase found adds; at most two count.
    pub phrase: f32,
    /// The lists of phrases that count for it: names of heads.
    pub lists: Vec<String>,
    /// One for each of [`Channel::ALL`].
    pub calibrations: [Calibration; 2],
}

impl Head {
    /// The calibration for texts of a channel.
    #[must_use]
    pub const fn calibration(&self, channel: Channel) -> &Calibration {
        let [user, document] = &self.calibrations;
        match channel {
            Channel::User => user,
            Channel::Document => document,
        }
    }
}

impl Model {
    /// Most bytes of a model file.
    pub const MAX_BYTES: usize = 32 << 20;

    /// A model of these parts.
    ///
    /// # Errors
    /// If they do not fit each other.
    pub fn new(parts: Parts) -> Result<Self, ModelError> {
        format::check(&parts)?;
        Ok(Self {
            inner: Arc::new(parts),
        })
    }

    /// Reads a model file.
    ///
    /// # Errors
    /// If it is no model, damaged, of another version, or does not fit together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        Self::new(format::decode(bytes)?)
    }

    /// The model as a file. [`from_bytes`](Self::from_bytes) gives the same model again.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        format::encode(&self.inner)
    }

    /// The names of its heads.
    pub fn heads(&self) -> impl ExactSizeIterator<Item = &str> {
        self.inner.heads.iter().map(|head| head.name.as_str())
    }

    /// Where it comes from, as a JSON object: data, licences, seed, figures.
    #[must_use]
    pub fn provenance(&self) -> &str {
        &self.inner.provenance
    }

    /// All of it.
    #[must_use]
    pub fn parts(&self) -> &Parts {
        &self.inner
    }

    pub(crate) fn head(&self, name: &str) -> Result<usize, ModelError> {
        self.inner
            .heads
            .iter()
            .position(|head| head.name == name)
            .ok_or_else(|| {
                let known: Vec<String> = self.heads().map(str::to_owned).collect();
                ModelError::unknown_head(name, &known)
            })
    }
}
