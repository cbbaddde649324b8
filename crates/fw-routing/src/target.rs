//! What a router is made of: targets.

use std::{fmt, sync::Arc, time::Duration};

use crate::probe::Probe;

/// One target: a service, and how it is used.
///
/// The service takes an HTTP request and gives an HTTP reply, as `hyper`'s clients, `axum`'s routers and
/// `fw-provider`'s `Provider` do.
pub struct Target<S> {
    pub(crate) id: Arc<str>,
    pub(crate) keys: Vec<Key<S>>,
    pub(crate) weight: f64,
    pub(crate) price: Option<(f64, f64)>,
    pub(crate) first_token_timeout: Option<Duration>,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) stream_timeout: Option<Duration>,
    pub(crate) probe: Option<Probe>,
    pub(crate) available: bool,
    pub(crate) names: Vec<String>,
    pub(crate) prefixes: Vec<String>,
}

/// A way to use a target: its service with one of its keys.
pub(crate) struct Key<S> {
    pub(crate) label: Option<Arc<str>>,
    pub(crate) weight: f64,
    pub(crate) service: S,
}

// === impl Target ===

impl<S> Target<S> {
    /// A target with the defaults. The id is its name in headers, logs and configuration.
    pub fn new(id: impl Into<Arc<str>>, service: S) -> Self {
        Self {
            id: id.into(),
            keys: vec![Key {
                label: None,
                weight: 1.0,
                service,
            }],
            weight: 1.0,
            price: None,
            first_token_timeout: None,
            idle_timeout: None,
            stream_timeout: None,
            probe: None,
            available: true,
            names: Vec::new(),
            prefixes: Vec::new(),
        }
    }

    /// A target with several keys, each with a label, a weight and the service that uses it.
    ///
    /// Keys are used in proportion to their weights. One that is rate limited rests while the others go on;
    /// one that is refused (401, 402, 412) is put aside. So is one that is forbidden (403) what another key of the
    /// target is not; a request that is forbidden with all keys is itself at fault.
    pub fn with_keys<L: Into<Arc<str>>>(
        id: impl Into<Arc<str>>,
        keys: impl IntoIterator<Item = (L, f64, S)>,
    ) -> Option<Self> {
        let mut keys = keys.into_iter().map(|(label, weight, service)| Key {
            label: Some(label.into()),
            weight,
            service,
        });
        let first = keys.next()?;
        let mut target = Self::new(id, first.service);
        for key in &mut target.keys {
            key.label.clone_from(&first.label);
            key.weight = first.weight;
        }
        target.keys.extend(keys);
        Some(target)
    }

    /// Share of the traffic under strategies that go by weight. Default: 1. Zero takes it out of rotation;
    /// it is then used only when no other is ready.
    #[must_use]
    pub fn weight(mut self, weight: f64) -> Self {
        self.weight = weight;
        self
    }

    /// Price in USD per million prompt tokens and per million completion tokens, for
    /// [`LowestCost`](crate::strategy::LowestCost).
    #[must_use]
    pub fn price(mut self, prompt: f64, completion: f64) -> Self {
        self.price = Some((prompt, completion));
        self
    }

    /// Longest wait for the first content of a stream. Another target is tried after it, if there is one;
    /// the last one may take longer. Default: that of the router.
    #[must_use]
    pub fn first_token_timeout(mut self, timeout: Duration) -> Self {
        self.first_token_timeout = Some(timeout);
        self
    }

    /// Longest silence within a stream, keep-alive comments counted as silence. Only time spent waiting for
    /// the target counts. Default: none.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// Longest time for a whole stream, from the attempt to its last byte. Default: none.
    #[must_use]
    pub fn stream_timeout(mut self, timeout: Duration) -> Self {
        self.stream_timeout = Some(timeout);
        self
    }

    /// Probes this target's health, as long as [`Router::probes`](crate::Router::probes) runs.
    #[must_use]
    pub fn probe(mut self, probe: Probe) -> Self {
        self.probe = Some(probe);
        self
    }

    /// Keeps the target out of rotation for good, for example because it has no key. It still appears in
    /// [`Router::status`](crate::Router::status).
    #[must_use]
    pub fn unavailable(mut self) -> Self {
        self.available = false;
        self
    }

    /// Model names that mean this target. A request that names one goes to the targets that serve it first,
    /// whatever the strategy but [`Single`](crate::strategy::Single); others are tried only when those fail.
    /// The id is always such a name.
    #[must_use]
    pub fn serves<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.names.extend(names.into_iter().map(Into::into));
        self
    }

    /// A prefix of model names that means this target: with `openai`, `openai/gpt-5` does.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefixes.push(prefix.into());
        self
    }
}

impl<S> fmt::Debug for Target<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("id", &self.id)
            .field("keys", &self.keys.len())
            .field("weight", &self.weight)
            .field("available", &self.available)
            .finish_non_exhaustive()
    }
}
