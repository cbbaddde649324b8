//! Models: which names are served, and the listing.

use crate::config::{Api, Config};
use crate::json::{Json, object};

/// The text for a model that is not there (observed).
pub(crate) const NOT_FOUND: &str = "Model not found, inaccessible, and/or not deployed";

/// When every model was made, as far as the listing goes.
const CREATED: u64 = 1_795_246_800;

/// A model of the catalogue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Model {
    /// The last part of `accounts/fireworks/models/…`, or a whole name with a slash.
    id: &'static str,
    kind: Kind,
    context: u64,
    vision: bool,
    /// Accepts a reasoning effort of `none`.
    pub(crate) effort_none: bool,
    /// Its chat template takes a system message only in the first place.
    pub(crate) system_first: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Chat,
    Router,
    Embedding,
    Reranker,
}

const fn chat(id: &'static str, context: u64) -> Model {
    Model {
        id,
        kind: Kind::Chat,
        context,
        vision: false,
        effort_none: true,
        system_first: false,
    }
}

const fn of(kind: Kind, id: &'static str, context: u64) -> Model {
    Model {
        kind,
        ..chat(id, context)
    }
}

const fn vision(id: &'static str, context: u64) -> Model {
    Model {
        vision: true,
        ..chat(id, context)
    }
}

/// What the simulator serves. Contexts are those of public price lists, 2026-11.
static CATALOGUE: [Model; 48] = [
    vision("kimi-k3", 1_048_576),
    chat("glm-5p3", 1_048_576),
    vision("glm-5p3-flash", 1_048_576),
    vision("deepseek-v4p1-flash", 1_048_576),
    Model {
        system_first: true,
        ..vision("qwen3p8-max", 262_144)
    },
    vision("qwen3p7-plus", 262_144),
    vision("minimax-m3", 512_000),
    vision("minimax-m3p1-flash", 1_048_576),
    vision("ember-1", 1_048_576),
    vision("muse-spark-open", 1_048_576),
    chat("glm-5p1", 202_752),
    chat("glm-4p7", 202_752),
    chat("kimi-k2p5", 262_144),
    Model {
        effort_none: false,
        ..chat("gpt-oss-20b", 131_072)
    },
    Model {
        effort_none: false,
        ..chat("gpt-oss-120b", 131_072)
    },
    vision("kimi-k2p6", 262_144),
    chat("nemotron-3-ultra-nvfp4", 262_144),
    chat("qwen3-coder-480b-a35b-instruct", 262_144),
    chat("llama-v3p1-70b-instruct", 131_072),
    chat("llama-v3p3-70b-instruct", 131_072),
    vision("qwen2p5-vl-72b-instruct", 128_000),
    chat("llama-v3p1-8b-instruct", 131_072),
    chat("qwen3-8b", 40_960),
    chat("deepseek-v3p2", 163_840),
    chat("mixtral-8x22b-instruct", 65_536),
    chat("llama-v3p1-405b-instruct", 131_072),
    chat("firefunction-v2", 8_192),
    chat("qwen2-72b-instruct", 131_072),
    chat("phi-3-medium-4k-instruct", 4_096),
    chat("sim", 1_048_576),
    of(Kind::Router, "kimi-k3-fast", 1_048_576),
    of(Kind::Router, "kimi-k3-spot", 1_048_576),
    of(Kind::Router, "glm-5p3-fast", 1_048_576),
    of(Kind::Router, "glm-5p3-spot", 1_048_576),
    of(Kind::Router, "glm-5p3-us", 1_048_576),
    of(Kind::Router, "auto", 1_048_576),
    of(Kind::Router, "firerouter", 1_048_576),
    of(Kind::Embedding, "qwen3-embedding-8b", 40_960),
    of(Kind::Embedding, "qwen3-embedding-4b", 40_960),
    of(Kind::Embedding, "qwen3-embedding-0p6b", 32_768),
    of(Kind::Embedding, "nomic-ai/nomic-embed-text-v1", 8_192),
    of(Kind::Embedding, "nomic-ai/nomic-embed-text-v1.5", 8_192),
    of(Kind::Embedding, "thenlper/gte-base", 512),
    of(Kind::Embedding, "thenlper/gte-large", 512),
    of(Kind::Embedding, "WhereIsAI/UAE-Large-V1", 512),
    of(Kind::Embedding, "text-embedding-v1", 8_192),
    of(Kind::Reranker, "qwen3-reranker-8b", 40_960),
    of(Kind::Reranker, "qwen3-reranker-4b", 40_960),
];

/// A model found under the name that a request used.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The full resource name, echoed in replies.
    pub(crate) name: String,
    pub(crate) context: u64,
    pub(crate) effort_none: bool,
    pub(crate) system_first: bool,
}

// === impl Model ===

impl Model {
    fn name(&self) -> String {
        match self.kind {
            Kind::Router => format!("accounts/fireworks/routers/{}", self.id),
            _ if self.id.contains('/') => self.id.to_owned(),
            _ => format!("accounts/fireworks/models/{}", self.id),
        }
    }

    fn to_json(self) -> Json {
        let chat = matches!(self.kind, Kind::Chat | Kind::Router);
        object! {
            "id" => self.name(),
            "object" => "model",
            "owned_by" => "fireworks",
            "created" => CREATED,
            "kind" => match self.kind {
                Kind::Embedding => "EMBEDDING_MODEL",
                Kind::Reranker => "RERANKER_MODEL",
                _ => "HF_BASE_MODEL",
            },
            "supports_chat" => chat,
            "supports_image_input" => self.vision,
            "supports_tools" => chat,
            "context_length" => self.context,
        }
    }
}

/// Splits `model?knob=value&…` into the name and the knobs.
pub(crate) fn split_knobs(model: &str) -> (&str, &str) {
    model.split_once('?').unwrap_or((model, ""))
}

/// Finds a model by any of its names. The account's own models and deployments are all there.
pub(crate) fn find(config: &Config, account: &str, model: &str) -> Option<Found> {
    if config.missing_models.contains(model) {
        return None;
    }
    if config.api == Api::OpenAi {
        return Some(own(model));
    }
    // `<model>#<deployment>` is the model, served by that deployment.
    let base = model.split_once('#').map_or(model, |(base, _)| base);
    if let Some(found) = CATALOGUE.iter().find(|m| m.is_named(base)) {
        return Some(Found {
            name: found.name(),
            context: found.context,
            effort_none: found.effort_none,
            system_first: found.system_first,
        });
    }
    let is_own = base
        .strip_prefix("accounts/")
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(owner, rest)| {
            owner == account && (rest.starts_with("models/") || rest.starts_with("deployments/"))
        });
    (is_own || config.any_model || config.extra_models.contains(model)).then(|| own(model))
}

/// A model of which nothing is known but its name.
fn own(model: &str) -> Found {
    Found {
        name: model.to_owned(),
        context: 131_072,
        effort_none: true,
        system_first: false,
    }
}

impl Model {
    fn is_named(&self, name: &str) -> bool {
        if self.id.contains('/') {
            return name == self.id;
        }
        let rest = name
            .strip_prefix(match self.kind {
                Kind::Router => "accounts/fireworks/routers/",
                _ => "accounts/fireworks/models/",
            })
            .or_else(|| name.strip_prefix("fireworks/"));
        rest == Some(self.id)
    }
}

/// The reply to `GET /v1/models`.
pub(crate) fn list(config: &Config) -> Json {
    if config.api == Api::OpenAi {
        let names = ["gpt-sim"].into_iter();
        let names = names.chain(config.extra_models.iter().map(String::as_str));
        let data: Vec<Json> = names.map(openai).collect();
        return object! { "object" => "list", "data" => data };
    }
    let mut data: Vec<Json> = CATALOGUE
        .iter()
        .filter(|m| !config.missing_models.contains(&m.name()))
        .map(|m| m.to_json())
        .collect();
    data.extend(config.extra_models.iter().map(|id| {
        object! { "id" => id, "object" => "model", "owned_by" => "fireworks", "created" => CREATED }
    }));
    object! { "object" => "list", "data" => data }
}

fn openai(id: &str) -> Json {
    object! { "id" => id, "object" => "model", "created" => CREATED, "owned_by" => "openai" }
}

/// One model of the listing.
pub(crate) fn get(config: &Config, account: &str, id: &str) -> Option<Json> {
    let found = find(config, account, id)?;
    if config.api == Api::OpenAi {
        return Some(openai(&found.name));
    }
    let known = CATALOGUE.iter().find(|m| m.name() == found.name);
    Some(known.map_or_else(
        || object! { "id" => &found.name, "object" => "model", "owned_by" => "fireworks", "created" => CREATED },
        |m| m.to_json(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(model: &str) -> Option<String> {
        find(&Config::default(), "acme", model).map(|f| f.name)
    }

    #[test]
    fn names_are_found_in_every_documented_form() {
        for (asked, full) in [
            (
                "accounts/fireworks/models/glm-5p3",
                "accounts/fireworks/models/glm-5p3",
            ),
            ("fireworks/glm-5p3", "accounts/fireworks/models/glm-5p3"),
            (
                "accounts/fireworks/models/glm-5p3#accounts/acme/deployments/x",
                "accounts/fireworks/models/glm-5p3",
            ),
            (
                "accounts/fireworks/routers/auto",
                "accounts/fireworks/routers/auto",
            ),
            (
                "nomic-ai/nomic-embed-text-v1.5",
                "nomic-ai/nomic-embed-text-v1.5",
            ),
            (
                "accounts/acme/deployments/d1",
                "accounts/acme/deployments/d1",
            ),
        ] {
            assert_eq!(name(asked).as_deref(), Some(full), "{asked}");
        }
    }

    #[test]
    fn other_names_are_not_found() {
        for asked in [
            "glm-5p3",
            "gpt-4o",
            "accounts/other/models/x",
            "accounts/fireworks/models/nope",
            "",
        ] {
            assert_eq!(name(asked), None, "{asked}");
        }
    }
}
