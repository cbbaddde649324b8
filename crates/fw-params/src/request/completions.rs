//! `POST /v1/completions` to Fireworks: the sampling fields of chat, with a prompt for messages.

use fw_wire::ApiError;

use super::{cache, chat, fields::Request, model, reasoning, rule::Rule, streaming};

/// The table of top-level fields.
pub(super) fn rule(field: &[u8]) -> Rule {
    match field {
        b"prompt" => Rule::Pass,
        b"images" => Rule::Keep,
        _ => chat::shared(field),
    }
}

pub(super) fn convert(request: &mut Request<'_, '_>) -> Result<(), ApiError> {
    request.walk(rule)?;
    let model = model::convert(request)?;
    cache::convert(request);
    cache::convert_user(request);
    reasoning::convert(request, model.as_deref());
    streaming::convert(request);
    Ok(())
}
