//! The future of a call.
