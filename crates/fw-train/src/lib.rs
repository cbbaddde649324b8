//! Trains, calibrates and evaluates the models of `fw-policy-injection` and `fw-policy-safety`.
