use serde::Serialize;

use super::{Capability, Catalogue, ModelInfo, ModelKind, Price};

/// The answer to `GET /v1/models` and `GET /v1/models/{id}`.
///
/// It has the shape of OpenAI's list, with what is known beyond it in further
/// fields, as other OpenAI-compatible providers do: `context_length`,
/// `max_output_tokens`, `supports_*`, `pricing` (USD per million tokens),
/// `deprecation_date`. A field of which nothing is known is left out.
///
/// ```
/// use fw_provider::{ModelList, catalogue};
///
/// let list = ModelList::new(catalogue().unix_time())
///     .model("my-model", "openai", None)
///     .catalogue(catalogue());
/// assert!(list.to_json().starts_with(r#"{"object":"list","data":[{"id":"my-model""#));
/// assert!(list.model_json("my-model").is_some());
/// assert!(list.model_json("unheard-of").is_none());
/// ```
#[derive(Clone, Debug, Default)]
pub struct ModelList {
    created: u64,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, Serialize)]
struct Entry {
    id: String,
    object: &'static str,
    created: u64,
    owned_by: String,
    #[serde(flatten)]
    known: Option<Known>,
}

#[derive(Clone, Debug, Serialize)]
struct Known {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_length: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u64>,
    supports_chat: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    supports_tools: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supports_image_input: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supports_reasoning: Option<bool>,
    pricing: Pricing,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority_pricing: Option<Pricing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deprecation_date: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Pricing {
    prompt: f64,
    cached_prompt: f64,
    completion: f64,
}

#[derive(Serialize)]
struct Whole<'a> {
    object: &'static str,
    data: &'a [Entry],
}

impl ModelList {
    /// An empty list. `created` is the time (seconds since 1970) that every
    /// model gets, because providers do not publish theirs.
    #[must_use]
    pub fn new(created: u64) -> Self {
        Self {
            created,
            entries: Vec::new(),
        }
    }

    /// Adds a model, such as a target's or an alias, with what is known of it.
    /// A second one of the same name is left out.
    #[must_use]
    pub fn model(
        mut self,
        id: impl Into<String>,
        owned_by: impl Into<String>,
        info: Option<&ModelInfo>,
    ) -> Self {
        self.push(id.into(), owned_by.into(), info);
        self
    }

    /// Adds the [current](Catalogue::current) models of a catalogue.
    #[must_use]
    pub fn catalogue(mut self, catalogue: &Catalogue) -> Self {
        for model in catalogue.current() {
            self.push(model.id.clone(), "fireworks".to_owned(), Some(model));
        }
        self
    }

    /// The whole list as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        json(&Whole {
            object: "list",
            data: &self.entries,
        })
    }

    /// One model as JSON: by its name as listed, or by any name that
    /// [`Catalogue::get`] would accept for it. `/` may be percent-encoded, as
    /// clients do with names in paths.
    #[must_use]
    pub fn model_json(&self, name: &str) -> Option<String> {
        Some(json(self.entry(name)?))
    }

    /// The listed name of a model.
    pub(super) fn find(&self, name: &str) -> Option<&str> {
        Some(&self.entry(name)?.id)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.id.as_str())
    }

    pub(super) fn created(&self) -> u64 {
        self.created
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        let name = name.replace("%2F", "/").replace("%2f", "/");
        let named = |wanted: &str| self.entries.iter().find(|entry| entry.id == wanted);
        named(&name).or_else(|| {
            let plain = super::plain_name(&name);
            named(plain).or_else(|| {
                self.entries
                    .iter()
                    .find(|entry| super::short(&entry.id) == plain)
            })
        })
    }

    fn push(&mut self, id: String, owned_by: String, info: Option<&ModelInfo>) {
        if self.entries.iter().any(|entry| entry.id == id) {
            return;
        }
        self.entries.push(Entry {
            id,
            object: "model",
            created: self.created,
            owned_by,
            known: info.map(Known::from),
        });
    }
}

impl From<&ModelInfo> for Known {
    fn from(info: &ModelInfo) -> Self {
        Self {
            kind: match info.kind {
                ModelKind::Chat => "chat",
                ModelKind::Embedding => "embedding",
                ModelKind::Rerank => "rerank",
            },
            context_length: info.context_length,
            max_output_tokens: info.max_output_tokens,
            supports_chat: info.kind == ModelKind::Chat,
            supports_tools: info.can(Capability::Tools),
            supports_image_input: info.can(Capability::Vision),
            supports_reasoning: info.can(Capability::Reasoning),
            pricing: info.price.into(),
            priority_pricing: info.priority_price.map(Pricing::from),
            deprecation_date: info.deprecation_date.clone(),
        }
    }
}

impl From<Price> for Pricing {
    fn from(price: Price) -> Self {
        Self {
            prompt: price.input().as_usd_per_million(),
            cached_prompt: price.cached_input().as_usd_per_million(),
            completion: price.output().as_usd_per_million(),
        }
    }
}

/// Strings, numbers and lists of them always have a JSON form.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
