//! The upstream client of the fw gateway as a tower service: Fireworks, OpenAI and anything compatible.
