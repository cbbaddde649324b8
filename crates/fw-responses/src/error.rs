//! The answers this layer gives itself, and what can go wrong with a store.
