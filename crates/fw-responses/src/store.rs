//! Responses that were answered, kept for later turns.
