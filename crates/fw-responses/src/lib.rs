//! OpenAI's Responses API over any service of chat completions, with a store of its own, as a tower layer.
