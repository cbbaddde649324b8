//! How fast texts are looked at.

fn main() {}
