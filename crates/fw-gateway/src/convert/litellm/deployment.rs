//! An entry of `model_list`.

use super::super::keys::{Key, variable_of};
use super::super::names::{MAX_MODEL, MAX_NAME, is_name};
use super::super::notes::Notes;
use super::super::output::{self, Amount, Pricing, SecretKeyRef, Target};
use super::super::provider::{ANTHROPIC, Address, Api, Known, known};
use super::super::section::Section;
use super::Reader;
use super::settings::Settings;

/// What people write where a server wants no key.
const NO_KEYS: [&str; 9] = [
    "any",
    "dummy",
    "empty",
    "fake",
    "fake-key",
    "na",
    "none",
    "not-needed",
    "sk-no-key-required",
];

/// A deployment of a model.
pub(super) struct Deployment {
    pub(super) path: String,
    /// `model_name`.
    pub(super) name: String,
    pub(super) target: Target,
    /// Lower comes first.
    pub(super) order: Option<f64>,
    pub(super) weight: Option<f64>,
    pub(super) rpm: Option<f64>,
    pub(super) tpm: Option<f64>,
}

impl Deployment {
    /// Whether it stands for many models.
    pub(super) fn is_wildcard(&self) -> bool {
        self.name.contains('*') || self.target.model.is_none()
    }
}

impl Reader<'_> {
    /// The deployment of an entry; `None`, and a note, if it cannot be one.
    pub(super) fn deployment(
        &mut self,
        mut entry: Section<'_>,
        settings: &Settings,
        credentials: &mut [Section<'_>],
    ) -> Option<Deployment> {
        let path = entry.path().to_owned();
        let name = entry.text("model_name", self.notes).unwrap_or_default();
        let Some(mut params) = entry.section("litellm_params", self.notes) else {
            self.notes.left_out(
                path,
                "the entry has no `litellm_params`, so it names no model",
            );
            return None;
        };
        let model = params.text("model", self.notes).unwrap_or_default();
        if !is_name(name, MAX_NAME) || !is_name(model, MAX_MODEL) {
            self.notes.left_out(
                path,
                "the entry needs a `model_name` of up to 128 characters and a model of up to 512",
            );
            return None;
        }
        let custom = params.text("custom_llm_provider", self.notes);
        let (provider, model) = split(model, custom);
        let mut credential = params
            .text("litellm_credential_name", self.notes)
            .and_then(|wanted| credential(credentials, wanted, self.notes));
        let known = known(provider);
        let mut target = Target::default();
        if !self.address(
            &mut params,
            credential.as_mut(),
            provider,
            known,
            &mut target,
        ) {
            return None;
        }
        self.key(
            &mut params,
            credential.as_mut(),
            provider,
            known,
            &mut target,
        );
        target.model = (!model.contains('*')).then(|| model.to_owned());
        let (name, order) = (name.to_owned(), params.number("order", self.notes));
        let timeout = params.number("timeout", self.notes);
        let timeout = timeout.unwrap_or(settings.timeout);
        let stream = params.number("stream_timeout", self.notes);
        let stream = stream.or(settings.stream_timeout);
        target.timeout_seconds = Some(output::seconds(timeout));
        target.stream_timeout_seconds = stream.map(output::seconds);
        target.id = self.ids.make_numbered(&name.replace('*', "any"));
        let deployment = Deployment {
            weight: params.number("weight", self.notes),
            rpm: params.number("rpm", self.notes),
            tpm: params.number("tpm", self.notes),
            path,
            name,
            order,
            target: Target {
                pricing: self.pricing(&mut params, &mut entry),
                ..target
            },
        };
        if deployment.is_wildcard() {
            self.wildcard(&deployment, model);
        }
        self.parameters(params);
        entry.leave_rest("not known here, or without an equivalent", self.notes);
        Some(deployment)
    }

    /// Where the provider is. `false`, and a note, if it cannot be reached.
    fn address(
        &mut self,
        params: &mut Section<'_>,
        credential: Option<&mut Section<'_>>,
        provider: &str,
        known: Known,
        target: &mut Target,
    ) -> bool {
        let mut given = params
            .text("api_base", self.notes)
            .map(|base| (base, params.at("api_base")));
        if given.is_none() {
            let base = params.text("base_url", self.notes);
            given = base.map(|base| (base, params.at("base_url")));
        }
        if let (None, Some(credential)) = (&given, credential) {
            let base = credential.text("api_base", self.notes);
            given = base.map(|base| (base, credential.at("api_base")));
        }
        provider.clone_into(&mut target.provider);
        if let Some(name) = known.name {
            name.clone_into(&mut target.provider);
        }
        if known.api == Api::Other {
            self.notes.left_out(
                params.path(),
                format!(
                    "no OpenAI-compatible API is known for the provider `{provider}`; if it has one, add a target \
                     with its `base_url`"
                ),
            );
            return false;
        }
        let (address, path) = match given {
            Some((base, path)) => (Address::read(base, self.variables.reference(base)), path),
            None if known.base_url.is_some() || known.api == Api::OpenAi => {
                target.base_url = known.base_url.map(str::to_owned);
                self.anthropic(params.path(), known, target);
                return true;
            }
            // LiteLLM then looks for it in the environment.
            None => {
                let variable = variable_of(provider).replace("_API_KEY", "_API_BASE");
                (Address::read("", Some(&variable)), params.path().to_owned())
            }
        };
        let address = match known.api {
            Api::Azure => {
                target.api_key_header = Some("api-key");
                target.api_key_prefix = Some("");
                self.notes.changed(
                    &path,
                    "the deployment is reached through Azure's v1 API, which needs no `api_version`",
                );
                address.with_path("/openai/v1")
            }
            _ => address,
        };
        self.anthropic(params.path(), known, target);
        match address {
            Address::Given(address) => {
                if target.provider == "openai" && !address.starts_with("https://api.openai.com/") {
                    "openai_compatible".clone_into(&mut target.provider);
                }
                target.base_url = Some(address);
                true
            }
            Address::Variable(address, variable) => {
                self.notes.todo(
                    path,
                    format!("a `base_url` is no reference; put what {variable} holds in the place of {address}"),
                );
                target.base_url = Some(address);
                true
            }
            Address::Unusable(problem) => {
                self.notes
                    .left_out(path, format!("the address cannot be used: {problem}"));
                false
            }
        }
    }

    fn anthropic(&mut self, path: &str, known: Known, target: &mut Target) {
        if known.api == Api::Anthropic {
            target.messages = Some("native");
            self.notes.changed(path, ANTHROPIC);
        }
    }

    fn key(
        &mut self,
        params: &mut Section<'_>,
        credential: Option<&mut Section<'_>>,
        provider: &str,
        known: Known,
        target: &mut Target,
    ) {
        let mut path = params.at("api_key");
        let mut key = self.variables.key(params.take("api_key"));
        if let (Key::Absent, Some(credential)) = (&key, credential) {
            path = credential.at("api_key");
            key = self.variables.key(credential.take("api_key"));
        }
        let own = known.api == Api::OwnServer || target.provider == "openai_compatible";
        let is_none = |key: &str| NO_KEYS.contains(&key.to_ascii_lowercase().as_str());
        if own && matches!(&key, Key::Literal(key) if is_none(key)) {
            return;
        }
        let usual = known
            .variable
            .map_or_else(|| variable_of(provider), str::to_owned);
        let named = self.variables.variable(key, &usual, &path, self.notes);
        let env = named.or_else(|| (known.api != Api::OwnServer).then_some(usual));
        target.secret_key_ref = env.map(|env| SecretKeyRef { env });
    }

    /// Prices stand with the parameters or with the model's description, in USD for one token.
    fn pricing(&mut self, params: &mut Section<'_>, entry: &mut Section<'_>) -> Option<Pricing> {
        let mut info = entry.section("model_info", self.notes);
        let mut price = |key: &str| {
            let price = params.number(key, self.notes);
            let described = info.as_mut().and_then(|info| info.number(key, self.notes));
            price.or(described).map(|price| Amount::new(price * 1e6))
        };
        let prompt = price("input_cost_per_token");
        let completion = price("output_cost_per_token");
        let cached_prompt = price("cache_read_input_token_cost");
        if let Some(mut info) = info {
            // Names it, or says what it is for: the request's own path does.
            for key in ["id", "mode"] {
                info.take(key);
            }
            info.leave_rest(
                "describes the model; nothing here depends on it",
                self.notes,
            );
        }
        let zero = Amount::new(0.0);
        (prompt.is_some() || completion.is_some()).then(|| Pricing {
            prompt: prompt.unwrap_or(zero),
            completion: completion.unwrap_or(zero),
            cached_prompt,
        })
    }

    /// What clients have to know of a deployment that stands for many models.
    fn wildcard(&mut self, deployment: &Deployment, model: &str) {
        if deployment.name == "*" && model == "*" {
            self.notes.todo(
                &deployment.path,
                "lets each request name its provider; a target for OpenAI was written, add one for each other",
            );
            return;
        }
        let ours = &deployment.target.provider;
        let prefix = deployment
            .name
            .split_once('/')
            .map_or("", |(prefix, _)| prefix);
        if prefix.is_empty() || prefix == ours {
            return;
        }
        self.notes.todo(
            &deployment.path,
            format!("requests for `{prefix}/...` are told by their provider: let clients write `{ours}/...`"),
        );
    }

    /// What else stands in `litellm_params`.
    fn parameters(&mut self, mut params: Section<'_>) {
        let notes = &mut *self.notes;
        params.leave(
            &["api_version"],
            "not sent: Azure's v1 API needs none",
            notes,
        );
        params.leave(
            &["extra_headers", "headers", "organization"],
            "headers are not added to requests; let the client send them",
            notes,
        );
        params.leave(
            &["max_retries", "num_retries"],
            "retries are the same for all targets: `providers.retry`",
            notes,
        );
        params.leave(
            &["max_parallel_requests"],
            "there is no limit of requests in flight; `strategy: least_busy` spreads them",
            notes,
        );
        params.leave(
            &["tags", "max_budget", "budget_duration"],
            "there are neither tags nor budgets; give each its own model group",
            notes,
        );
        params.leave_rest(
            "parameters are not added to requests; set it in the client",
            notes,
        );
    }
}

/// Provider and model: as LiteLLM has them in one text.
fn split<'t>(model: &'t str, custom: Option<&'t str>) -> (&'t str, &'t str) {
    if let Some(provider) = custom {
        let rest = model.strip_prefix(provider);
        return (
            provider,
            rest.and_then(|rest| rest.strip_prefix('/'))
                .unwrap_or(model),
        );
    }
    match model.split_once('/') {
        Some((provider, model)) if !model.is_empty() => (provider, model),
        _ if model.starts_with("claude") => ("anthropic", model),
        _ if model.starts_with("gemini") => ("vertex_ai", model),
        _ => ("openai", model),
    }
}

/// The values of the credential `wanted`.
fn credential<'t>(
    credentials: &mut [Section<'t>],
    wanted: &str,
    notes: &mut Notes,
) -> Option<Section<'t>> {
    let found = credentials.iter_mut().find_map(|credential| {
        (credential.text("credential_name", notes) == Some(wanted)).then_some(credential)
    })?;
    found.section("credential_values", notes)
}
