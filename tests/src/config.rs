//! The `policy-config.yaml` of a test.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::Target;

/// A configuration with one target or several. Text in, text out: what the gateway reads is what a person writes.
#[derive(Clone, Debug)]
pub struct Config {
    targets: Vec<Target>,
    providers: String,
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
        Self::of([Target::new("primary")]).providers("strategy: single")
    }
}

impl Config {
    /// The default configuration: a Fireworks target called `primary` and no policies.
    pub fn new() -> Self {
        Self::default()
    }

    /// A configuration with these targets, and with nothing said of the choice between them.
    pub fn of(targets: impl IntoIterator<Item = Target>) -> Self {
        Self {
            targets: targets.into_iter().collect(),
            providers: String::new(),
            chain: Vec::new(),
            policies: String::new(),
            chain_settings: String::new(),
            sections: String::new(),
        }
    }

    /// Changes the target with that id.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn target(mut self, id: &str, change: impl FnOnce(Target) -> Target) -> Self {
        let found = self.targets.iter().position(|target| target.id() == id);
        let position = found.unwrap_or_else(|| panic!("no target {id}"));
        let target = self.targets.remove(position);
        self.targets.insert(position, change(target));
        self
    }

    /// Adds a target after the others.
    pub fn add_target(mut self, target: Target) -> Self {
        self.targets.push(target);
        self
    }

    /// Text of the section `providers` beside its targets, such as `retry: { max_attempts: 3 }`.
    pub fn providers(mut self, yaml: &str) -> Self {
        for line in yaml.lines() {
            writeln!(self.providers, "  {line}").unwrap();
        }
        self
    }

    /// The first target's provider.
    pub fn provider(self, provider: &str) -> Self {
        self.first(|target| target.provider(provider))
    }

    /// The first target's own model.
    pub fn model(self, model: &str) -> Self {
        self.first(|target| target.model(model))
    }

    /// The variable that the first target's key is read from.
    pub fn key_variable(self, name: &str) -> Self {
        self.first(|target| target.key_variable(name))
    }

    /// Another field of the first target.
    pub fn target_field(self, name: &str, value: &str) -> Self {
        self.first(|target| target.field(name, value))
    }

    /// Where the first target is.
    pub fn base_url(self, url: &str) -> Self {
        self.first(|target| target.base_url(url))
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

    /// Names the simulator as the first target's upstream unless something else was named.
    pub(crate) fn upstream(mut self, url: &str) -> Self {
        self.targets[0].upstream(url);
        self
    }

    fn first(self, change: impl FnOnce(Target) -> Target) -> Self {
        let id = self.targets[0].id().to_owned();
        self.target(&id, change)
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
        write!(yaml, "providers:\n{}  targets:\n", self.providers).unwrap();
        for target in &self.targets {
            yaml.push_str(&target.to_yaml());
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
