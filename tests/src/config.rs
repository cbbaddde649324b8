//! The `policy-config.yaml` of a test.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::MODEL;

/// A configuration with one target. Text in, text out: what the gateway reads is what a person writes.
#[derive(Clone, Debug)]
pub struct Config {
    provider: String,
    model: Option<String>,
    base_url: Option<String>,
    key_variable: String,
    target: Vec<(String, String)>,
    chain: Vec<String>,
    policies: String,
    chain_settings: String,
    sections: String,
}

/// A configuration on the disk, removed on drop.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    path: PathBuf,
}

// === impl Config ===

impl Default for Config {
    fn default() -> Self {
        Self {
            provider: "fireworks".into(),
            model: Some(MODEL.into()),
            base_url: None,
            key_variable: "FIREWORKS_API_KEY".into(),
            target: Vec::new(),
            chain: Vec::new(),
            policies: String::new(),
            chain_settings: String::new(),
            sections: String::new(),
        }
    }
}

impl Config {
    /// The default configuration: a Fireworks target and no policies.
    pub fn new() -> Self {
        Self::default()
    }

    /// The target's provider.
    pub fn provider(mut self, provider: &str) -> Self {
        self.provider = provider.into();
        self
    }

    /// The target's own model.
    pub fn model(mut self, model: &str) -> Self {
        self.model = Some(model.into());
        self
    }

    /// The variable that the target's key is read from.
    pub fn key_variable(mut self, name: &str) -> Self {
        self.key_variable = name.into();
        self
    }

    /// Another field of the target.
    pub fn target_field(mut self, name: &str, value: &str) -> Self {
        self.target.push((name.into(), value.into()));
        self
    }

    /// Where the target is.
    pub fn base_url(mut self, url: &str) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Adds a policy to the chain, with its settings as a YAML flow mapping such as `{ action: block }`.
    pub fn policy(mut self, kind: &str, settings: &str) -> Self {
        self.chain.push(kind.into());
        writeln!(self.policies, "  {kind}: {settings}").unwrap();
        self
    }

    /// A setting of the chain itself, such as `denial_status: 409`.
    pub fn chain_setting(mut self, yaml: &str) -> Self {
        writeln!(self.chain_settings, "  {yaml}").unwrap();
        self
    }

    /// More top-level text.
    pub fn section(mut self, yaml: &str) -> Self {
        self.sections.push_str(yaml);
        self.sections.push('\n');
        self
    }

    /// Names the simulator as the upstream unless something else was named.
    pub(crate) fn upstream(mut self, url: &str) -> Self {
        self.base_url.get_or_insert_with(|| url.into());
        self
    }

    /// The text of the file.
    pub fn to_yaml(&self) -> String {
        let mut yaml = format!(
            "pack:\n  name: end-to-end\n  version: 1.0.0\n  enabled: true\npolicies:\n  chain: [{}]\n{}",
            self.chain.join(", "),
            self.chain_settings
        );
        if !self.chain.is_empty() {
            write!(yaml, "policy:\n{}", self.policies).unwrap();
        }
        yaml.push_str("providers:\n  strategy: single\n  targets:\n    - id: primary\n");
        let mut field = |name: &str, value: &str| writeln!(yaml, "      {name}: {value}").unwrap();
        field("provider", &self.provider);
        if let Some(model) = &self.model {
            field("model", model);
        }
        if let Some(url) = &self.base_url {
            field("base_url", url);
        }
        field(
            "secret_key_ref",
            &format!("{{ env: {} }}", self.key_variable),
        );
        for (name, value) in &self.target {
            field(name, value);
        }
        yaml + &self.sections
    }

    pub(crate) fn write(&self) -> ConfigFile {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("fw-tests-{}-{number}.yaml", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, self.to_yaml()).unwrap();
        ConfigFile { path }
    }
}

// === impl ConfigFile ===

impl ConfigFile {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for ConfigFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
