//! A key of a provider: what it is, what it serves, where.

use super::super::names::{MAX_MODEL, MAX_NAME, is_name};
use super::super::output::Amount;
use super::super::provider::{Address, Api, Known};
use super::super::section::{Section, unexpected};
use super::super::tree::Tree;
use super::Reader;

/// The models that a key serves. `None`: all.
pub(super) type Models = Option<Vec<String>>;

/// A key.
pub(super) struct Key {
    pub(super) env: Option<String>,
    pub(super) name: Option<String>,
    pub(super) weight: Amount,
    pub(super) serves: Serves,
}

/// What keys of one target have in common.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Serves {
    pub(super) models: Models,
    /// Names that clients use, and the models that they mean.
    pub(super) aliases: Vec<(String, String)>,
    /// The address, where the key has one of its own.
    pub(super) base_url: Option<String>,
    /// The model, where the key's server has one alone.
    pub(super) own_model: Option<String>,
}

impl Reader<'_> {
    /// `None`, and a note, for a key that cannot be used.
    pub(super) fn key(
        &mut self,
        mut section: Section<'_>,
        usual: &str,
        known: Known,
    ) -> Option<Key> {
        let path = section.path().to_owned();
        if section.flag("enabled", self.notes) == Some(false) {
            self.notes.left_out(path, "the key is switched off");
            return None;
        }
        let name = section.text("name", self.notes);
        let models = self.models(&mut section)?;
        let mut aliases = self.aliases(&mut section, "aliases");
        let weight = section.number("weight", self.notes).unwrap_or(1.0);
        let mut own_model = None;
        let mut base_url = None;
        for kind in ["azure", "ollama", "vllm", "sgl"] {
            let Some(mut own) = section.section(&format!("{kind}_key_config"), self.notes) else {
                continue;
            };
            if kind == "azure" {
                aliases.extend(self.aliases(&mut own, "deployments"));
                own.leave(
                    &["api_version"],
                    "not sent: Azure's v1 API needs none",
                    self.notes,
                );
            }
            own_model = own
                .text("model_name", self.notes)
                .filter(|model| is_name(model, MAX_MODEL))
                .map(str::to_owned);
            let address = if kind == "azure" { "endpoint" } else { "url" };
            let at = own.at(address);
            if let Some(text) = own.take(address) {
                base_url = Some(self.base_url(text, at, known)?);
            }
            own.leave_rest("not known here, or without an equivalent", self.notes);
        }
        let at = section.at("value");
        let key = self.variables.key(section.take("value"));
        let env = self.variables.variable(key, usual, &at, self.notes);
        section.take("id");
        section.leave(
            &["use_for_batch_api"],
            "batches are not served; clients talk to the provider for them",
            self.notes,
        );
        section.leave(
            &["blacklisted_models"],
            "nothing is forbidden by name; the group of a model says who serves it",
            self.notes,
        );
        section.leave(
            &["use_anthropic_endpoints"],
            "nothing to set: requests to /v1/messages always reach Fireworks' own endpoint",
            self.notes,
        );
        section.leave_rest("not known here, or without an equivalent", self.notes);
        // The search for one relies on it.
        aliases.sort();
        aliases.dedup_by(|a, b| a.0 == b.0);
        Some(Key {
            env,
            name: name
                .filter(|name| is_name(name, MAX_NAME))
                .map(str::to_owned),
            weight: Amount::new(weight),
            serves: Serves {
                models,
                aliases,
                base_url,
                own_model,
            },
        })
    }

    /// The outer `None`, and a note, for a key that serves nothing.
    fn models(&mut self, section: &mut Section<'_>) -> Option<Models> {
        let path = section.at("models");
        match section.take("models") {
            None => Some(None),
            Some(Tree::List(models)) if models.is_empty() => {
                if self.empty_is_all {
                    return Some(None);
                }
                self.notes.left_out(
                    path,
                    "an empty list allows no model, since Bifrost 1.5; write [\"*\"] and convert it again",
                );
                None
            }
            Some(Tree::List(models)) => {
                let mut names: Vec<String> = Vec::new();
                for model in models {
                    match model.text() {
                        Some("*") => return Some(None),
                        Some(name) if is_name(name, MAX_NAME) => names.push(name.to_owned()),
                        Some(_) => self.notes.left_out(&path, "not the name of a model"),
                        None => unexpected(&path, "names of models", model, self.notes),
                    }
                }
                names.sort();
                names.dedup();
                (!names.is_empty()).then_some(Some(names))
            }
            Some(other) => {
                unexpected(&path, "a list of models", other, self.notes);
                None
            }
        }
    }

    /// Names to models, as text or with `model_id`.
    fn aliases(&mut self, section: &mut Section<'_>, key: &str) -> Vec<(String, String)> {
        let mut aliases = Vec::new();
        let Some(mut map) = section.section(key, self.notes) else {
            return aliases;
        };
        for (name, value) in map.rest() {
            let path = map.at(name);
            let model = match value {
                Tree::Text(model) => Some(model.as_str()),
                Tree::Map(_) => {
                    let mut alias = Section::new(value, path.clone(), self.notes);
                    let model = alias
                        .as_mut()
                        .and_then(|alias| alias.text("model_id", self.notes));
                    if let Some(alias) = alias {
                        alias.leave_rest("the alias is its `model_id` alone", self.notes);
                    }
                    model
                }
                other => {
                    unexpected(&path, "the name of a model", other, self.notes);
                    None
                }
            };
            match model {
                Some(model) if is_name(name, MAX_NAME) && is_name(model, MAX_MODEL) => {
                    aliases.push((name.to_owned(), model.to_owned()));
                }
                Some(_) => self.notes.left_out(path, "not the name of a model"),
                None => {}
            }
        }
        aliases
    }

    /// An address that was given. `None`, and a note, for one that cannot be used.
    pub(super) fn base_url(&mut self, value: &Tree, path: String, known: Known) -> Option<String> {
        let Some(text) = value.text() else {
            unexpected(&path, "an address", value, self.notes);
            return None;
        };
        let mut address = Address::read(text, self.variables.reference(text));
        if known.api == Api::Azure {
            address = address.with_path("/openai/v1");
        }
        match address {
            Address::Given(address) => Some(address),
            Address::Variable(address, variable) => {
                self.notes.todo(
                    path,
                    format!(
                        "a `base_url` is no reference; put what {variable} holds in the place of {address}"
                    ),
                );
                Some(address)
            }
            Address::Unusable(problem) => {
                self.notes
                    .left_out(path, format!("the address cannot be used: {problem}"));
                None
            }
        }
    }
}
