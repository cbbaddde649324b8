//! JSON text in pieces.
