//! Several simulators behind one gateway.

use fw_sim::Simulator;

use crate::{Config, Gateway, Launch, Sim, Target};

/// A gateway with several targets, each a simulator: `a`, `b`, `c` and so on.
#[derive(Debug)]
pub struct Fleet {
    /// The gateway. Declared first, so that it ends first.
    pub gateway: Gateway,
    /// Its upstreams, in the order of its targets.
    pub sims: Vec<Sim>,
    launch: Launch,
}

impl Fleet {
    /// Simulators with these knobs, see [`Sim::with`], and a gateway with this configuration of them.
    pub async fn start<const N: usize>(
        knobs: [&str; N],
        change: impl FnOnce(Config) -> Config,
    ) -> Self {
        let mut sims = Vec::new();
        for knobs in knobs {
            sims.push(Sim::with(knobs).await);
        }
        Self::launched(sims, |launch| launch.configure(change)).await
    }

    /// Simulators of one's own.
    pub async fn of<const N: usize>(
        simulators: [Simulator; N],
        change: impl FnOnce(Config) -> Config,
    ) -> Self {
        let mut sims = Vec::new();
        for simulator in simulators {
            sims.push(Sim::of(simulator).await);
        }
        Self::launched(sims, |launch| launch.configure(change)).await
    }

    /// Simulators that run already, and a gateway that is started in a way of one's own.
    pub async fn launched(sims: Vec<Sim>, change: impl FnOnce(Launch) -> Launch) -> Self {
        let targets = ('a'..).zip(&sims);
        let targets =
            targets.map(|(id, sim)| Target::new(&id.to_string()).base_url(&sim.base_url()));
        let launch = change(Launch::new(Config::of(targets)));
        let gateway = launch.clone().start().await;
        Self {
            gateway,
            sims,
            launch,
        }
    }

    /// Another gateway with the same configuration in front of the same simulators.
    pub async fn replica(&self) -> Gateway {
        self.launch.clone().start().await
    }

    /// How many requests each simulator got.
    pub fn requests(&self) -> Vec<u64> {
        self.sims
            .iter()
            .map(|sim| sim.counters().requests)
            .collect()
    }

    /// Waits until nothing is in flight, at the gateway as at every simulator.
    pub async fn idle(&self) {
        self.gateway
            .targets_when("no request in flight", |targets| {
                targets.values().all(|target| target["in_flight"] == 0)
            })
            .await;
        for sim in &self.sims {
            sim.wait_for("no request in flight", |counters| counters.in_flight == 0)
                .await;
        }
    }
}
