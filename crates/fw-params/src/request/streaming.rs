//! Token limits, streams and their usage: chat and text completions.

use super::{fields::Request, rule::Slot};

/// Fireworks: one name for the token limit, a stream where the limit asks for one, usage always.
pub(crate) fn convert(request: &mut Request<'_, '_>) {
    let tokens = token_limit(request);
    let most = request.config().max_tokens_without_stream;
    let stream = request.slot(Slot::Stream);
    let asked = stream.map_or(Some(false), |field| field.value.as_bool());
    request.plan.stream = asked == Some(true);
    if asked == Some(false) && tokens.is_some_and(|tokens| tokens > most) {
        request.plan.aggregate = true;
        match stream {
            Some(field) => request
                .edits
                .set(field.value.span(), "true", Slot::Stream.name()),
            None => request.add(Slot::Stream.name(), "true"),
        }
    }
    options(request, true);
}

/// `max_completion_tokens` is OpenAI's newer name for `max_tokens`; Fireworks takes only one of the
/// two at a time. Returns the limit, if it is a number.
fn token_limit(request: &mut Request<'_, '_>) -> Option<u64> {
    let (old, new) = (
        request.slot(Slot::MaxTokens),
        request.slot(Slot::MaxCompletionTokens),
    );
    if let Some(new) = new {
        if let Some(old) = old {
            request.edits.remove(old.span, Slot::MaxTokens.name());
        }
        let (from, to) = (Slot::MaxCompletionTokens.name(), Slot::MaxTokens.name());
        request.edits.rename(new.span, to, from);
    }
    new.or(old).and_then(|field| field.value.as_u64())
}

/// Asks for usage on every stream, so that it can always be accounted for, and notes whether the
/// client asked for it too: if not, the chunk that only carries usage is taken out of the reply.
pub(crate) fn options(request: &mut Request<'_, '_>, closed: bool) {
    const INCLUDE_USAGE: &str = "include_usage";
    const PATH: &str = "stream_options.include_usage";
    let options = request.slot(Slot::StreamOptions);
    let streams = request.plan.stream || request.plan.aggregate;
    let Some(options) = options else {
        if streams {
            let options = format!("{{\"{INCLUDE_USAGE}\":true}}");
            request.edits.add(
                request.root.span(),
                Slot::StreamOptions.name(),
                options,
                PATH,
            );
        }
        return;
    };
    let mut include = None;
    for member in options.value.members() {
        if member.key_is(INCLUDE_USAGE) {
            include = Some(member.value());
        } else if closed {
            request.edits.remove(member.span(), path_of(&member.key()));
        }
    }
    if !streams || !options.value.is_object() {
        return;
    }
    let asked = include.and_then(|include| include.as_bool());
    request.plan.client_usage = asked == Some(true) && request.plan.stream;
    match include {
        Some(_) if asked == Some(true) => {}
        Some(include) => request.edits.set(include.span(), "true", PATH),
        None => request
            .edits
            .add(options.value.span(), INCLUDE_USAGE, "true", PATH),
    }
}

fn path_of(name: &str) -> String {
    format!("stream_options.{}", crate::changes::shown(name))
}
