//! Simulator and gateway, connected.

use crate::{Config, Gateway, Launch, Sim};

/// A gateway whose upstream is a simulator.
#[derive(Debug)]
pub struct Stage {
    /// The gateway. Declared first, so that it ends first.
    pub gateway: Gateway,
    /// Its upstream.
    pub sim: Sim,
}

impl Stage {
    /// Both, with the default configuration.
    pub async fn start() -> Self {
        Self::with(|launch| launch).await
    }

    /// Both, with a configuration of one's own.
    pub async fn configured(change: impl FnOnce(Config) -> Config) -> Self {
        Self::with(|launch| launch.configure(change)).await
    }

    /// Both, started in a way of one's own.
    pub async fn with(change: impl FnOnce(Launch) -> Launch) -> Self {
        let sim = Sim::start().await;
        let url = sim.base_url();
        let launch = change(Launch::new(Config::new()));
        let gateway = launch
            .configure(|config| config.upstream(&url))
            .start()
            .await;
        Self { gateway, sim }
    }
}
