//! What the clients of other languages talk to.

use std::fs;
use std::path::PathBuf;

use fw_sim::Simulator;

use crate::binary::target;
use crate::{Config, Gateway, Launch, Sim, Target};

/// Settings of every gateway here.
const LIMITS: &str = "size_limits:\n  max_body_bytes: 1048576";

/// Gateways for the tests of a client project: in front of Fireworks and of a provider that has chat completions
/// only, each once without policies and once with them.
#[derive(Debug)]
pub struct ClientStage {
    /// With the part that their variables' names end in. Declared first, so that they end first.
    gateways: Vec<(&'static str, Gateway)>,
    sims: Vec<(&'static str, Sim)>,
    logs: Vec<(&'static str, PathBuf)>,
}

// === impl ClientStage ===

impl ClientStage {
    /// Starts all of them for the project of that name.
    ///
    /// # Panics
    ///
    /// When one does not start.
    pub async fn start(project: &str) -> Self {
        let fireworks = Sim::start().await;
        let chat_only = Sim::of(Simulator::new().openai()).await;
        let target = Target::new("fireworks").base_url(&fireworks.base_url());
        let chat_target = Target::new("chat-only")
            .provider("openai")
            .base_url(&chat_only.base_url());
        let mut stage = Self {
            gateways: Vec::new(),
            sims: vec![("", fireworks), ("_CHAT_ONLY", chat_only)],
            logs: Vec::new(),
        };
        stage.gateways(project, "", target).await;
        stage.gateways(project, "_CHAT_ONLY", chat_target).await;
        stage
    }

    async fn gateways(&mut self, project: &str, name: &'static str, to: Target) {
        let log = target().join(format!("fw-tests/audit/{project}{name}"));
        let _ = fs::remove_dir_all(&log);
        let config = Config::of([to])
            .providers("strategy: single")
            .section(LIMITS);
        let policies = config
            .clone()
            .policy("pii-detector", "{ action: redact }")
            .policy("safety-filter", "{ block_if: [project nightfall] }")
            .policy(
                "audit-logger",
                &format!("{{ directory: '{}', durability: sync }}", log.display()),
            );
        let (open, guarded) = match name {
            "" => ("", "_POLICIES"),
            _ => ("_CHAT_ONLY", "_CHAT_ONLY_POLICIES"),
        };
        self.gateways
            .push((open, Launch::new(config).start().await));
        self.gateways
            .push((guarded, Launch::new(policies).start().await));
        self.logs.push((name, log));
    }

    /// Where everything is, as the projects read it.
    pub fn environment(&self) -> Vec<(String, String)> {
        let gateways = self
            .gateways
            .iter()
            .map(|(name, gateway)| (format!("FW_GATEWAY_URL{name}"), gateway.url()));
        let sims = self
            .sims
            .iter()
            .map(|(name, sim)| (format!("FW_SIM_URL{name}"), sim.url()));
        let logs = self
            .logs
            .iter()
            .map(|(name, log)| (format!("FW_AUDIT_LOG{name}"), log.display().to_string()));
        gateways.chain(sims).chain(logs).collect()
    }

    /// What the gateways said.
    pub fn text(&self) -> String {
        let said = self
            .gateways
            .iter()
            .map(|(name, gateway)| format!("GATEWAY{name}\n{}\n", gateway.log().text()));
        said.collect()
    }
}
