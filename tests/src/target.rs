//! One target of a configuration.

use std::fmt::Write as _;

use crate::MODEL;

/// A target as a person writes it. By default a Fireworks target with the test's key and model.
#[derive(Clone, Debug)]
pub struct Target {
    id: String,
    provider: String,
    model: Option<String>,
    base_url: Option<String>,
    key: Option<String>,
    fields: Vec<(String, String)>,
}

impl Target {
    /// A target with that id.
    pub fn new(id: &str) -> Self {
        Self {
            id: id.into(),
            provider: "fireworks".into(),
            model: Some(MODEL.into()),
            base_url: None,
            key: Some("FIREWORKS_API_KEY".into()),
            fields: Vec::new(),
        }
    }

    /// Its provider.
    pub fn provider(mut self, provider: &str) -> Self {
        self.provider = provider.into();
        self
    }

    /// Its own model.
    pub fn model(mut self, model: &str) -> Self {
        self.model = Some(model.into());
        self
    }

    /// Where it is.
    pub fn base_url(mut self, url: &str) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The variable that its key is read from.
    pub fn key_variable(mut self, name: &str) -> Self {
        self.key = Some(name.into());
        self
    }

    /// Several keys in place of one, as a YAML list such as `[{ env: ONE }, { env: TWO, weight: 2 }]`.
    pub fn keys(mut self, yaml: &str) -> Self {
        self.key = None;
        self.field("keys", yaml)
    }

    /// Another field.
    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// Names a place unless it has one.
    pub(crate) fn upstream(&mut self, url: &str) {
        self.base_url.get_or_insert_with(|| url.into());
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn to_yaml(&self) -> String {
        let mut yaml = format!("    - id: {}\n", self.id);
        let mut field = |name: &str, value: &str| writeln!(yaml, "      {name}: {value}").unwrap();
        field("provider", &self.provider);
        if let Some(model) = &self.model {
            field("model", model);
        }
        if let Some(url) = &self.base_url {
            field("base_url", url);
        }
        if let Some(key) = &self.key {
            field("secret_key_ref", &format!("{{ env: {key} }}"));
        }
        for (name, value) in &self.fields {
            field(name, value);
        }
        yaml
    }
}
