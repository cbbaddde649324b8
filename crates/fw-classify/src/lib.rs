//! Scores text with small linear models: normalisation, decoded views, hashed n-grams, calibrated scores.

mod normal;
mod offsets;
mod view;
