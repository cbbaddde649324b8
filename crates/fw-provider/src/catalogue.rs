//! What is known about Fireworks' models: windows, prices, abilities.

mod anthropic;
mod list;
mod price;

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

pub use self::list::ModelList;
pub use self::price::{Cost, Price, Quote, Rate, Tier};

/// The models of a file of known models and prices, looked up by name.
///
/// [`catalogue`] has the one that comes with this crate. It is a snapshot: see
/// [`date`](Self::date) and [`source`](Self::source). A model that is not in it
/// works all the same; only its window and its price are not known.
///
/// ```
/// let catalogue = fw_provider::catalogue();
/// let model = catalogue.get("fireworks/glm-5p3").unwrap();
/// assert_eq!(model.id, "accounts/fireworks/models/glm-5p3");
/// assert_eq!(model.context_length, Some(1_048_576));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    date: String,
    unix_time: u64,
    source: String,
    sizes: Vec<SizeClass>,
    mixture_sizes: Vec<SizeClass>,
    models: Vec<ModelInfo>,
    by_name: HashMap<String, usize>,
}

/// One model.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ModelInfo {
    /// The full name, as it goes upstream.
    pub id: String,
    /// What it does.
    pub kind: ModelKind,
    /// What its tokens cost.
    pub price: Price,
    /// What they cost with `service_tier: "priority"`, where that is listed.
    #[serde(default)]
    pub priority_price: Option<Price>,
    /// Most tokens of prompt and completion together.
    #[serde(default)]
    pub context_length: Option<u64>,
    /// Most tokens of a completion.
    #[serde(default)]
    pub max_output_tokens: Option<u64>,
    /// What it can do. `None` where no source says.
    #[serde(default)]
    pub capabilities: Option<Vec<Capability>>,
    /// The `reasoning_effort` values it takes, where it has its own set.
    #[serde(default)]
    pub reasoning_efforts: Vec<String>,
    /// The day (`YYYY-MM-DD`) it was or will be withdrawn.
    #[serde(default)]
    pub deprecation_date: Option<String>,
    /// An old model that documentation and examples still name; it may be gone.
    #[serde(default)]
    pub legacy: bool,
    /// Offered on dedicated deployments only.
    #[serde(default)]
    pub dedicated: bool,
    /// Anything else worth knowing.
    #[serde(default)]
    pub note: Option<String>,
}

/// What a model does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ModelKind {
    /// Chat, completions and responses.
    Chat,
    /// Embeddings.
    Embedding,
    /// Reranking of documents.
    Rerank,
}

/// What a chat model can do beyond text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Capability {
    /// Call tools.
    Tools,
    /// Look at images.
    Vision,
    /// Think before it answers.
    Reasoning,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SizeClass {
    #[allow(dead_code, reason = "names the class for readers of the file")]
    name: String,
    /// Billions of parameters, inclusive. The last class has no limit.
    #[serde(default)]
    max_billions: Option<f64>,
    price: Rate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    date: String,
    unix_time: u64,
    source: String,
    #[allow(dead_code, reason = "for readers of the file")]
    unit: String,
    size_classes: Vec<SizeClass>,
    mixture_size_classes: Vec<SizeClass>,
    models: Vec<ModelInfo>,
}

/// The catalogue of Fireworks' models that comes with this crate.
///
/// It is read once, when it is first needed.
#[must_use]
pub fn catalogue() -> &'static Catalogue {
    // A test reads the file, so the empty catalogue is never seen.
    static BUILT_IN: LazyLock<Catalogue> = LazyLock::new(|| {
        Catalogue::from_json(include_str!("../data/models.json")).unwrap_or_default()
    });
    &BUILT_IN
}

impl Catalogue {
    /// Reads a catalogue. For the shape see `data/models.json` of this crate.
    ///
    /// # Errors
    ///
    /// If the text is not JSON of that shape.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        let file: File = serde_json::from_str(text)?;
        let mut by_name = HashMap::with_capacity(2 * file.models.len());
        for (at, model) in file.models.iter().enumerate() {
            by_name.insert(model.id.clone(), at);
            // A model wins its short name over a router.
            by_name.entry(short(&model.id).to_owned()).or_insert(at);
        }
        Ok(Self {
            date: file.date,
            unix_time: file.unix_time,
            source: file.source,
            sizes: file.size_classes,
            mixture_sizes: file.mixture_size_classes,
            models: file.models,
            by_name,
        })
    }

    /// The day (`YYYY-MM-DD`) the data was gathered.
    #[must_use]
    pub fn date(&self) -> &str {
        &self.date
    }

    /// The same day in seconds since 1970.
    #[must_use]
    pub fn unix_time(&self) -> u64 {
        self.unix_time
    }

    /// Where the data is from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// All models, in the order of the file.
    pub fn models(&self) -> impl Iterator<Item = &ModelInfo> {
        self.models.iter()
    }

    /// The models that may be used by new applications: neither withdrawn by
    /// [`date`](Self::date), nor old, nor for dedicated deployments only.
    pub fn current(&self) -> impl Iterator<Item = &ModelInfo> {
        self.models.iter().filter(|model| {
            let withdrawn = model
                .deprecation_date
                .as_deref()
                .is_some_and(|day| day <= self.date.as_str());
            !withdrawn && !model.legacy && !model.dedicated
        })
    }

    /// A model by any of its names: the full one, the short one, either with
    /// the prefix `fireworks/`, the shorthand `fireworks:chat:<name>`, and with
    /// a deployment (`<name>#<deployment>`) or snapshot (`<name>@<snapshot>`).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&ModelInfo> {
        let name = plain_name(name);
        let at = self.by_name.get(name)?;
        self.models.get(*at)
    }

    /// What a model's tokens cost.
    ///
    /// A model that is not listed gets the price of its size, if its name tells
    /// it (`...-70b`, `...-8x22b`), marked as an estimate. `None` if nothing is
    /// known.
    #[must_use]
    pub fn quote(&self, name: &str, tier: Tier) -> Option<Quote> {
        if let Some(model) = self.get(name) {
            return Some(Quote {
                price: model.price(tier),
                estimated: false,
            });
        }
        let rate = match parameters(plain_name(name))? {
            Parameters::Dense(billions) => class_of(&self.sizes, billions),
            Parameters::Mixture(billions) => class_of(&self.mixture_sizes, billions),
        }?;
        Some(Quote {
            price: Price::flat(rate),
            estimated: true,
        })
    }
}

impl ModelInfo {
    /// What its tokens cost in a service tier. Where no price for priority is
    /// listed, it is the ordinary one.
    #[must_use]
    pub fn price(&self, tier: Tier) -> Price {
        match (tier, self.priority_price) {
            (Tier::Priority, Some(price)) => price,
            _ => self.price,
        }
    }

    /// Whether it can do something. `None` where no source says.
    #[must_use]
    pub fn can(&self, capability: Capability) -> Option<bool> {
        self.capabilities
            .as_ref()
            .map(|list| list.contains(&capability))
    }
}

/// A name without the decoration of routes and deployments.
fn plain_name(name: &str) -> &str {
    let name = name.strip_prefix("fireworks/").unwrap_or(name);
    let name = match name.strip_prefix("fireworks:") {
        Some(rest) => rest.split_once(':').map_or(rest, |(_, model)| model),
        None => name,
    };
    let end = name.find(['#', '@']).unwrap_or(name.len());
    &name[..end]
}

/// The last segment of a Fireworks name; other names are used whole.
fn short(id: &str) -> &str {
    id.strip_prefix("accounts/fireworks/models/")
        .or_else(|| id.strip_prefix("accounts/fireworks/routers/"))
        .unwrap_or(id)
}

enum Parameters {
    Dense(f64),
    /// Experts times their size.
    Mixture(f64),
}

/// The number of parameters in billions that a name tells: `70b`, `0p6b`,
/// `8x22b`.
fn parameters(name: &str) -> Option<Parameters> {
    let last = name.rsplit('/').next()?;
    last.split(['-', '_']).find_map(|part| {
        let number = part.strip_suffix(['b', 'B'])?;
        if let Some((experts, size)) = number.split_once('x') {
            return Some(Parameters::Mixture(billions(experts)? * billions(size)?));
        }
        Some(Parameters::Dense(billions(number)?))
    })
}

/// Fireworks writes the decimal point as `p`.
fn billions(text: &str) -> Option<f64> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'p' | b'.'));
    if !plain {
        return None;
    }
    text.replacen('p', ".", 1).parse().ok()
}

fn class_of(classes: &[SizeClass], billions: f64) -> Option<Rate> {
    classes
        .iter()
        .find(|class| class.max_billions.is_none_or(|most| billions <= most))
        .map(|class| class.price)
}

#[cfg(test)]
mod tests;
