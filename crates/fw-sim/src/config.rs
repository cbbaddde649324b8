//! The simulator before it listens.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::knobs::{KnobError, Knobs, UsageLayout};
use crate::server::{self, Running};
use crate::state::Shared;

/// A change of the knobs for some requests.
type Change = Arc<dyn Fn(&mut Knobs) + Send + Sync>;

/// A Fireworks simulator. The crate documentation says what it does.
///
/// Cheap to clone; every [`start`](Simulator::start) has a memory of its own.
#[derive(Clone, Debug, Default)]
pub struct Simulator {
    config: Config,
}

/// The settings of a simulator.
#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) knobs: Knobs,
    rules: Vec<(Match, Change)>,
    pub(crate) extra_models: BTreeSet<String>,
    pub(crate) missing_models: BTreeSet<String>,
    pub(crate) any_model: bool,
    pub(crate) any_key: bool,
    pub(crate) api: Api,
    pub(crate) replicas: u64,
    pub(crate) max_body_bytes: usize,
    pub(crate) recorded_requests: usize,
    pub(crate) recorded_bytes: usize,
}

/// Whose API is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Api {
    /// All of Fireworks'.
    #[default]
    Fireworks,
    /// OpenAI's chat completions, completions, embeddings and models, and nothing else.
    OpenAi,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Match {
    Key(String),
    Model(String),
}

// === impl Simulator ===

impl Simulator {
    /// A simulator that answers as Fireworks does, without delays or faults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes the knobs of every request.
    pub fn knobs(mut self, change: impl FnOnce(&mut Knobs)) -> Self {
        change(&mut self.config.knobs);
        self
    }

    /// Sets a knob of every request by name.
    ///
    /// # Errors
    ///
    /// As [`Knobs::set`].
    pub fn knob(mut self, name: &str, value: &str) -> Result<Self, KnobError> {
        self.config.knobs.set(name, value)?;
        Ok(self)
    }

    /// Changes the knobs of requests with that API key.
    pub fn key(
        self,
        key: impl Into<String>,
        change: impl Fn(&mut Knobs) + Send + Sync + 'static,
    ) -> Self {
        self.rule(Match::Key(key.into()), Arc::new(change))
    }

    /// Changes the knobs of requests for that model, and serves it.
    pub fn model(
        mut self,
        id: impl Into<String>,
        change: impl Fn(&mut Knobs) + Send + Sync + 'static,
    ) -> Self {
        let id = id.into();
        self.config.extra_models.insert(id.clone());
        self.rule(Match::Model(id), Arc::new(change))
    }

    /// Answers 404 for that model.
    pub fn without_model(mut self, id: impl Into<String>) -> Self {
        self.config.missing_models.insert(id.into());
        self
    }

    /// Serves every model name.
    pub fn any_model(mut self) -> Self {
        self.config.any_model = true;
        self
    }

    /// Takes every key, even none.
    pub fn any_key(mut self) -> Self {
        self.config.any_key = true;
        self
    }

    /// Answers as a provider that has OpenAI's chat completions, completions, embeddings and models, and
    /// nothing else: no Messages, no Responses, none of Fireworks' own fields. It serves every model name and
    /// takes every key; usage of streams comes when it is asked for, in a chunk of its own.
    pub fn openai(mut self) -> Self {
        self.config.api = Api::OpenAi;
        self.config.knobs.usage_layout = UsageLayout::B;
        self.config.any_model = true;
        self
    }

    /// How many replicas the prompt cache has; 4 unless set, at least 1.
    pub fn replicas(mut self, replicas: u32) -> Self {
        self.config.replicas = u64::from(replicas.max(1));
        self
    }

    /// The largest body taken; 32 MiB unless set.
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.config.max_body_bytes = bytes;
        self
    }

    /// How many requests are remembered; the last 256 unless set, and 64 MiB at most. Benchmarks set 0.
    pub fn recorded_requests(mut self, requests: usize) -> Self {
        self.config.recorded_requests = requests;
        self
    }

    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When no port can be bound.
    pub async fn start(self) -> io::Result<Running> {
        self.listen(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Listens on an address.
    ///
    /// # Errors
    ///
    /// When the address cannot be bound.
    pub async fn listen(self, address: SocketAddr) -> io::Result<Running> {
        self.serve(TcpListener::bind(address).await?)
    }

    /// Serves a listener. Must be called inside a tokio runtime.
    ///
    /// # Errors
    ///
    /// When the listener has no local address.
    pub fn serve(self, listener: TcpListener) -> io::Result<Running> {
        server::serve(Arc::new(Shared::new(self.config)), listener)
    }

    fn rule(mut self, applies: Match, change: Change) -> Self {
        self.config.rules.push((applies, change));
        self
    }
}

// === impl Config ===

impl Config {
    /// The knobs of a request before its own say.
    pub(crate) fn knobs_for(&self, key: &str, model: &str) -> Knobs {
        let mut knobs = self.knobs.clone();
        for (applies, change) in &self.rules {
            let hit = match applies {
                Match::Key(k) => k == key,
                Match::Model(m) => m == model,
            };
            if hit {
                change(&mut knobs);
            }
        }
        knobs
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            knobs: Knobs::default(),
            rules: Vec::new(),
            extra_models: BTreeSet::new(),
            missing_models: BTreeSet::new(),
            any_model: false,
            any_key: false,
            api: Api::default(),
            replicas: 4,
            max_body_bytes: 32 * 1024 * 1024,
            recorded_requests: 256,
            recorded_bytes: 64 * 1024 * 1024,
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rules name keys, so only their number is shown.
        f.debug_struct("Config")
            .field("knobs", &self.knobs)
            .field("rules", &self.rules.len())
            .finish_non_exhaustive()
    }
}
