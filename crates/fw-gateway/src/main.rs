//! The `fw-gateway` command.
fn main() {}
