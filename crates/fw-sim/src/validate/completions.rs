//! The schema of text completions, and the rules beyond it.

use crate::call::Call;
use crate::json::Json;
use crate::models::Found;
use crate::refusal::Refusal;

use super::chat::{COMPLETION, shared_rules};
use super::schema::Type;

/// Checks the body against the schema.
pub(crate) fn shape(body: &Json) -> Result<(), Refusal> {
    super::check(body, &Type::Object(&COMPLETION))
}

/// Checks what no schema says.
pub(crate) fn rules(call: &Call<'_>, model: &Found) -> Result<(), Refusal> {
    shared_rules(call, model)
}
