//! Trains, calibrates and evaluates the models of `fw-policy-injection` and `fw-policy-safety`.

pub mod baseline;
pub mod calibrate;
pub mod check;
pub mod data;
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
