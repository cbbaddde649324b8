//! A tower layer that converts request parameters and replies between OpenAI clients and a provider dialect.
