//! The simulator, in this process.

use std::sync::Arc;

use fw_sim::{Counters, Recorded, Running, Simulator};

use crate::{Call, Client, KEY, within};

/// A running simulator and a client that talks to it directly.
#[derive(Debug)]
pub struct Sim {
    running: Running,
    client: Client,
}

impl Sim {
    /// Starts a simulator that answers as Fireworks does, without delays or faults.
    pub async fn start() -> Self {
        Self::of(Simulator::new()).await
    }

    /// Starts a simulator of one's own.
    ///
    /// # Panics
    ///
    /// When no port can be bound.
    pub async fn of(simulator: Simulator) -> Self {
        let running = simulator.start().await.expect("a free port");
        let client = Client::new(running.addr());
        Self { running, client }
    }

    /// The base URL that a configuration names.
    pub fn base_url(&self) -> String {
        self.running.base_url()
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        self.running.url()
    }

    /// A `POST` straight to the simulator, with a key that it takes.
    pub fn post(&self, path: &str) -> Call {
        self.client
            .post(path)
            .header("authorization", &format!("Bearer {KEY}"))
    }

    /// The requests it got, oldest first.
    pub fn requests(&self) -> Vec<Arc<Recorded>> {
        self.running.requests()
    }

    /// The last request it got.
    ///
    /// # Panics
    ///
    /// When it got none.
    pub fn last(&self) -> Arc<Recorded> {
        self.requests().pop().expect("the simulator got a request")
    }

    /// What happened so far.
    pub fn counters(&self) -> Counters {
        self.running.counters()
    }

    /// Waits until the counters satisfy a condition.
    ///
    /// # Panics
    ///
    /// When they do not in time.
    pub async fn wait_for(&self, what: &str, condition: impl FnMut(&Counters) -> bool) -> Counters {
        within(what, self.running.wait_for(condition)).await
    }
}
