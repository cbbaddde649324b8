//! The vocabulary of LLM traffic: endpoints, byte-exact JSON documents, text fields, usage and error shapes. Sans-IO.
