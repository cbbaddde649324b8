//! A chat reply as a response object.
