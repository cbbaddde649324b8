//! The models that a request itself names, to be asked for when its own fails.

use std::sync::LazyLock;

use fw_wire::{ApiError, Endpoint, Value};
use http::{Extensions, request};
use memchr::memmem::Finder;

use crate::{
    pool::{Names, Stage},
    service::Settings,
};

/// The member of a request that names them.
pub(crate) const FALLBACKS: &str = "fallbacks";

/// Most that count; the rest is left unread.
const MAX: usize = 8;

/// Longest part of a client's name that an error repeats, in characters.
const MAX_SHOWN: usize = 64;

/// How clients write the member's name. One with escapes in it is not looked for.
static WRITTEN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"fallbacks\""));

/// How the services of targets, which read bodies anyway, tell that one has the member:
/// [`RouterBuilder::fallbacks_below`](crate::RouterBuilder::fallbacks_below).
#[derive(Clone, Copy, Debug)]
pub(crate) struct FallbacksBelow {
    pub(crate) mark: fn(&mut Extensions),
    pub(crate) returned: fn(&mut Extensions) -> Option<request::Parts>,
}

/// Whether a request that needs to be read for nothing else has to be for this.
pub(crate) fn may_be_in(body: &[u8], endpoint: Endpoint, settings: &Settings) -> bool {
    let is_told = settings.fallbacks_below.is_some()
        && matches!(
            endpoint,
            Endpoint::ChatCompletions | Endpoint::Completions | Endpoint::Embeddings
        );
    !is_told && is_written_in(body)
}

/// A search that is many times faster than reading the body, and still some thousand instructions.
fn is_written_in(body: &[u8]) -> bool {
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

#[cfg(test)]
mod tests {
    use fw_wire::Document;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn names() -> Names {
        let known = |names: [&str; 2]| names.map(str::to_owned).into();
        Names {
            known_prefixes: known(["fireworks", "openai"]),
            known_ids: known(["main", "spare"]),
            ..Names::default()
        }
    }

    /// The models that a list asks for.
    fn models(list: &str) -> Result<Vec<String>, Box<ApiError>> {
        let document = Document::parse(list.to_owned()).unwrap();
        let stages = read(document.root(), &names())?;
        Ok(stages.into_iter().filter_map(|stage| stage.model).collect())
    }

    #[test]
    fn eight_entries_count() {
        let list = json!(vec!["fireworks/a"; 9]).to_string();
        assert_eq!(models(&list).unwrap().len(), 8);
        // What comes after them is not looked at.
        let list = json!(["a", "b", "c", "d", "e", "f", "g", "h", 1]).to_string();
        assert_eq!(models(&list).unwrap().len(), 8);
    }

    #[test]
    fn an_error_repeats_little_of_what_it_is_about() {
        let list = json!([format!("{}\n/m", "é".repeat(10_000))]).to_string();
        let error = models(&list).unwrap_err();
        assert_eq!(error.error_param(), Some("fallbacks[0]"));
        let message = error.message();
        assert!(message.len() < 400 && !message.contains('\n'), "{message}");
        assert!(
            message.contains("Configured: fireworks, openai."),
            "{message}"
        );
    }

    #[test]
    fn a_body_without_the_member_is_not_read_for_it() {
        assert!(is_written_in(br#"{"model":"m","fallbacks":[]}"#));
        assert!(!is_written_in(br#"{"model":"m","messages":[]}"#));
        assert!(!is_written_in(b"fallbacks"));
    }

    proptest! {
        /// Any list is understood or refused with a 400 that names a place, and no more models come of it than
        /// there are entries.
        #[test]
        fn any_list_is_understood_or_refused(
            entries in prop::collection::vec(
                prop_oneof![
                    "[a-z/:]{0,12}".prop_map(|name| json!(name)),
                    ("(fireworks|openai|main|other|)", "[a-z/]{0,6}")
                        .prop_map(|(provider, model)| json!({"provider": provider, "model": model})),
                    "[a-z/]{0,6}".prop_map(|model| json!({"model": model})),
                    any::<Option<bool>>().prop_map(|value| json!(value)),
                    any::<i32>().prop_map(|value| json!([value])),
                ],
                0..12,
            )
        ) {
            match models(&json!(entries).to_string()) {
                Ok(models) => {
                    prop_assert_eq!(models.len(), entries.len().min(MAX));
                    prop_assert!(models.iter().all(|model| !model.is_empty()));
                }
                Err(error) => {
                    prop_assert_eq!(error.status().as_u16(), 400);
                    prop_assert!(error.error_param().unwrap().starts_with("fallbacks["));
                }
            }
        }

        /// A name with a configured provider is sent as it was written.
        #[test]
        fn a_known_provider_s_model_keeps_its_name(model in "[ -~é]{1,20}") {
            for entry in [json!(format!("openai/{model}")), json!({"provider": "openai", "model": model})] {
                let models = models(&json!([entry]).to_string()).unwrap();
                prop_assert_eq!(models, [format!("openai/{model}")]);
            }
        }
    }
}
