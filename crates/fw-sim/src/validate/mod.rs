//! Closed-schema validation, with the messages of the model server.
//!
//! Fireworks answers a request with fields that it does not know with
//! `Extra inputs are not permitted, field: '<path>', value: <repr>` (observed). The messages are those
//! of pydantic; the path grammar joins members with dots, puts indexes in brackets, and names the
//! branch of a union: `messages[0].content.list[ChatMessageContent][0].cache_control`.

pub(crate) mod chat;
pub(crate) mod completions;
pub(crate) mod embeddings;
mod errors;
pub(crate) mod messages;
pub(crate) mod openai;
pub(crate) mod repr;
pub(crate) mod responses;
mod schema;

#[cfg(test)]
mod tests;

use crate::json::Json;
use crate::refusal::Refusal;

use errors::{Errors, Path};
use schema::Type;

/// Checks a body and words the errors as the model server does (E2).
fn check(body: &Json, schema: &Type) -> Result<(), Refusal> {
    let mut errors = Errors::default();
    schema.check(body, &Path::Root, &mut errors);
    errors
        .message()
        .map_or(Ok(()), |message| Err(Refusal::invalid(&message)))
}
