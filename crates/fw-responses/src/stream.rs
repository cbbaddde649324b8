//! Chat chunks as the events of a response.
