//! The simulator, in this process.

use std::fmt;
use std::sync::{Arc, Mutex};

use fw_sim::{Counters, Knobs, Recorded, Running, Simulator};

use crate::{Call, Client, KEY, within};

/// A running simulator and a client that talks to it directly.
#[derive(Debug)]
pub struct Sim {
    running: Running,
    client: Client,
    script: Script,
}

/// The knobs of the next requests.
#[derive(Clone, Default)]
struct Script(Arc<Mutex<Option<Knobs>>>);

impl Sim {
    /// Starts a simulator that answers as Fireworks does, without delays or faults.
    pub async fn start() -> Self {
        Self::of(Simulator::new()).await
    }

    /// Starts a simulator with knobs, written as `status=429&retry-after=1`. [`Sim::set`] changes them.
    pub async fn with(knobs: &str) -> Self {
        let sim = Self::start().await;
        sim.set(knobs);
        sim
    }

    /// Starts a simulator of one's own.
    ///
    /// # Panics
    ///
    /// When no port can be bound.
    pub async fn of(simulator: Simulator) -> Self {
        let script = Script::default();
        let now = script.clone();
        let scripted = simulator.key(KEY, move |knobs| now.apply(knobs));
        let running = scripted.start().await.expect("a free port");
        let client = Client::new(running.addr());
        Self {
            running,
            client,
            script,
        }
    }

    /// Sets the knobs of all requests from now on; those set before are gone. They hold for requests with
    /// [`KEY`].
    ///
    /// # Panics
    ///
    /// When there is no such knob.
    pub fn set(&self, knobs: &str) {
        self.script.set(knobs);
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

impl Script {
    fn set(&self, knobs: &str) {
        let mut set = Knobs::default();
        set.set_all(knobs).expect("knobs of the simulator");
        *self.0.lock().unwrap() = Some(set);
    }

    fn apply(&self, knobs: &mut Knobs) {
        if let Some(set) = &*self.0.lock().unwrap() {
            *knobs = set.clone();
        }
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Script").finish_non_exhaustive()
    }
}
