//! One item of a conversation, as JSON text.
