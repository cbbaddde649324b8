//! A Responses request as a request for chat completions.
