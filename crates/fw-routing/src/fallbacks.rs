//! The models that a request itself names, to be asked for when its own fails.

use std::sync::LazyLock;

use fw_wire::{ApiError, Value};
use memchr::memmem::Finder;

use crate::pool::{Names, Stage};

/// The member of a request that names them.
pub(crate) const FALLBACKS: &str = "fallbacks";

/// Most that count; the rest is left unread.
const MAX: usize = 8;

/// Longest part of a client's name that an error repeats, in characters.
const MAX_SHOWN: usize = 64;

/// How clients write the member's name. One with escapes in it is not looked for.
static WRITTEN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"fallbacks\""));

/// Whether a body may have the member: a search that is many times faster than reading it.
pub(crate) fn may_be_in(body: &[u8]) -> bool {
    WRITTEN.find(body).is_some()
}

/// The stages that the member's value asks for: an array of names, and of objects with `provider`, `model`
/// or both.
pub(crate) fn read(value: Value<'_>, names: &Names) -> Result<Vec<Stage>, Box<ApiError>> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    if !value.is_array() {
        return Err(malformed(FALLBACKS.to_owned()));
    }
    let entries = value.elements().take(MAX).enumerate();
    entries
        .map(|(place, entry)| stage(place, entry.value(), names))
        .collect()
}

fn stage(place: usize, entry: Value<'_>, names: &Names) -> Result<Stage, Box<ApiError>> {
    let text = |value: Option<Value<'_>>| {
        let text = value?.as_str()?.into_owned();
        (!text.is_empty()).then_some(text)
    };
    let (provider, model) = if entry.is_object() {
        let [provider, model] = entry.get_many(["provider", "model"]);
        (text(provider), text(model))
    } else {
        (None, text(Some(entry)))
    };
    let param = format!("{FALLBACKS}[{place}]");
    let found = match (&provider, &model) {
        (Some(provider), model) => names.of_provider(provider, model.as_deref()),
        (None, Some(model)) => names.fallback(model),
        (None, None) => return Err(malformed(param)),
    };
    found.map_err(|unknown| unknown_provider(param, unknown, names))
}

fn malformed(param: String) -> Box<ApiError> {
    let error = ApiError::invalid_request(format!(
        "`{param}` is no list of models. Write models to fall back to as \
         `\"fallbacks\": [\"provider/model\"]` or `[{{\"provider\": \"…\", \"model\": \"…\"}}]`."
    ))
    .code("invalid_fallbacks");
    Box::new(error.param(param))
}

fn unknown_provider(param: String, provider: &str, names: &Names) -> Box<ApiError> {
    let shown: String = provider
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_SHOWN)
        .collect();
    let known = names.providers().join(", ");
    let error = ApiError::invalid_request(format!(
        "`{param}` names the provider `{shown}`, which is not configured. Configured: {known}. A model whose \
         own name has a slash is written with its provider in front."
    ))
    .code("unknown_provider");
    Box::new(error.param(param))
}
