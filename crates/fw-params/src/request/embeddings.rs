//! `POST /v1/embeddings` to Fireworks.

use fw_wire::ApiError;

use crate::error;

use super::{
    fields::Request,
    model,
    rule::{Rule, Slot},
};

/// The table of top-level fields.
///
/// Both cache keys are native here, and pass.
pub(super) fn rule(field: &[u8]) -> Rule {
    match field {
        b"input" => Rule::Pass,
        b"model" => Rule::Read(Slot::Model),
        b"encoding_format" => Rule::Read(Slot::EncodingFormat),
        b"stream" => Rule::Read(Slot::Stream),
        b"dimensions"
        | b"prompt_template"
        | b"return_logits"
        | b"normalize"
        | b"fanout_size"
        | b"raw_output"
        | b"perf_metrics_in_response"
        | b"user"
        | b"prompt_cache_key"
        | b"prompt_cache_isolation_key" => Rule::Keep,
        _ => Rule::Unknown,
    }
}

pub(super) fn convert(request: &mut Request<'_, '_>) -> Result<(), ApiError> {
    request.walk(rule)?;
    no_stream(request)?;
    model::convert(request)?;
    read_encoding(request);
    Ok(())
}

/// Embeddings are not streamed. Saying so (`stream: false`) is fine, asking for it is not.
pub(super) fn no_stream(request: &mut Request<'_, '_>) -> Result<(), ApiError> {
    let Some(stream) = request.slot(Slot::Stream) else {
        return Ok(());
    };
    if stream.value.as_bool() == Some(true) {
        return Err(error::no_streaming_embeddings(&request.config().provider));
    }
    request.edits.remove(stream.span, Slot::Stream.name());
    Ok(())
}

/// Notes which form of vectors the client asked for; the reply is brought into that form.
pub(super) fn read_encoding(request: &mut Request<'_, '_>) {
    let asked = request.slot(Slot::EncodingFormat);
    request.plan.encoding =
        asked.and_then(|field| crate::reply::embeddings::Encoding::of(field.value));
}
