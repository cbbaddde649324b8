//! Server-sent events for LLM traffic: a zero-copy framer, a transforming body and an observer.
