//! Finds prompt injection and jailbreak attempts in LLM requests, in process.
