//! What a document promises, by example. `tests/document.rs` has the same as properties.
