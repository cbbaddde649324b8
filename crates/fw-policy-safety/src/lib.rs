//! Finds unsafe content in LLM requests and in streamed replies, in process.
