//! Targets that a request may go to, and the strategy between them.

use std::{
    collections::{BTreeSet, HashMap},
    time::Instant,
};

use crate::{
    caller::StickyBy,
    strategy::{Candidates, Member, Strategy},
    tried::Tried,
};

/// The targets behind a name.
#[derive(Debug)]
pub(crate) struct Pool {
    members: Vec<Member>,
    /// The target of each member.
    targets: Vec<usize>,
    strategy: Box<dyn Strategy>,
    pub(crate) sticky: Option<StickyBy>,
    /// The pool that is tried when this one fails.
    pub(crate) fallback: Option<usize>,
}

/// What is known about names that clients use as `model`.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Pools by the names and aliases of groups.
    pub(crate) pools: HashMap<String, usize>,
    /// Targets by what they serve.
    pub(crate) targets: HashMap<String, Vec<usize>>,
    /// Targets by prefix.
    pub(crate) prefixes: HashMap<String, Vec<usize>>,
    /// All prefixes and ids, also where no name matters because there is nowhere else to go.
    pub(crate) known_prefixes: BTreeSet<String>,
    pub(crate) known_ids: BTreeSet<String>,
}

/// The first part of the names of resources: no provider.
const ACCOUNTS: &str = "accounts";

/// The way to a target: a pool, who comes first in it, and the model to ask for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stage {
    pub(crate) pool: usize,
    /// Targets that come before all others. Empty: no target does.
    pub(crate) first: Vec<usize>,
    /// The model to ask for in place of the client's.
    pub(crate) model: Option<String>,
}

// === impl Stage ===

impl Stage {
    /// Any target of a pool.
    pub(crate) const fn new(pool: usize) -> Self {
        Self {
            pool,
            first: Vec::new(),
            model: None,
        }
    }
}

// === impl Pool ===

impl Pool {
    pub(crate) fn new(
        members: Vec<Member>,
        targets: Vec<usize>,
        mut strategy: Box<dyn Strategy>,
    ) -> Self {
        strategy.prepare(&members);
        Self {
            members,
            targets,
            strategy,
            sticky: None,
            fallback: None,
        }
    }

    /// A target that is ready and not among those `done`; those in `first` before the others.
    pub(crate) fn pick(
        &self,
        first: &[usize],
        done: &Tried,
        key: Option<u64>,
        now: Instant,
    ) -> Option<usize> {
        if !first.is_empty() {
            let others = |target: usize| done.contains(target) || !first.contains(&target);
            if let Some(target) = self.pick_without(others, key, now) {
                return Some(target);
            }
        }
        self.pick_without(|target| done.contains(target), key, now)
    }

    fn pick_without(
        &self,
        without: impl Fn(usize) -> bool,
        key: Option<u64>,
        now: Instant,
    ) -> Option<usize> {
        let mut tried = Tried::new();
        for (position, &target) in self.targets.iter().enumerate() {
            if without(target) {
                tried.insert(position);
            }
        }
        let candidates = Candidates::new(&self.members, &tried, now, key);
        let position = self.strategy.pick(&candidates)?;
        self.targets.get(position).copied()
    }

    pub(crate) fn targets(&self) -> &[usize] {
        &self.targets
    }

    /// The members' state, to find out when one may be ready.
    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }
}

// === impl Names ===

impl Names {
    /// Whether the model's name can matter.
    pub(crate) fn is_empty(&self) -> bool {
        self.pools.is_empty() && self.targets.is_empty() && self.prefixes.is_empty()
    }

    /// Where requests for `model` go. Names that nobody knows go to the first pool.
    pub(crate) fn find(&self, model: &str) -> Stage {
        if let Some(&pool) = self.pools.get(model) {
            return Stage {
                pool,
                ..Stage::default()
            };
        }
        let prefixed = || {
            let (prefix, _) = model.split_once('/')?;
            self.prefixes.get(prefix)
        };
        Stage {
            first: self
                .targets
                .get(model)
                .or_else(prefixed)
                .cloned()
                .unwrap_or_default(),
            ..Stage::default()
        }
    }

    /// Where a request goes on to that names `model` as a fallback. The error is the provider that it names
    /// and that nobody knows.
    pub(crate) fn fallback<'m>(&self, model: &'m str) -> Result<Stage, &'m str> {
        let is_name = self.pools.contains_key(model) || self.targets.contains_key(model);
        let provider = model.split_once('/').filter(|(provider, _)| {
            !is_name && *provider != ACCOUNTS && !self.known_prefixes.is_empty()
        });
        match provider {
            Some((provider, model)) => self.of_provider(provider, Some(model)),
            None => Ok(Stage {
                model: Some(model.to_owned()),
                ..self.find(model)
            }),
        }
    }

    /// The same for a provider, by its prefix or by the id of a target, and one of its models.
    pub(crate) fn of_provider<'m>(
        &self,
        provider: &'m str,
        model: Option<&str>,
    ) -> Result<Stage, &'m str> {
        if self.known_prefixes.contains(provider) {
            // The target's service knows which model the prefix alone means.
            let name = format!("{provider}/{}", model.unwrap_or_default());
            return Ok(Stage {
                model: Some(name.clone()),
                ..self.find(&name)
            });
        }
        if self.known_ids.contains(provider) {
            return Ok(Stage {
                model: Some(model.unwrap_or(provider).to_owned()),
                ..self.find(provider)
            });
        }
        Err(provider)
    }

    /// What a fallback may name as its provider, in order.
    pub(crate) fn providers(&self) -> Vec<&str> {
        let known = if self.known_prefixes.is_empty() {
            &self.known_ids
        } else {
            &self.known_prefixes
        };
        known.iter().map(String::as_str).collect()
    }
}
