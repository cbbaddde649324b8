//! A faithful, deterministic simulator of the Fireworks AI inference API for tests, demos and benchmarks.
