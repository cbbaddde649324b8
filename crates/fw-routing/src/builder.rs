//! How a router is put together.

use std::{
    collections::{HashMap, HashSet},
    error::Error as StdError,
    fmt,
    sync::Arc,
    time::Duration,
};

use fw_wire::ApiError;
use http::{Extensions, HeaderValue, request};

use crate::{
    Breaker, Mirror,
    body::Describe,
    caller::StickyBy,
    config::{Fallback, Hedge, Retry},
    error::{self, ConfigError},
    fallbacks::FallbacksBelow,
    fault::Fault,
    group::Group,
    keys::KeyRing,
    mirror::MirrorHandle,
    pool::{Names, Pool},
    service::{RoutedTarget, Router, Settings, Shared},
    stats::TargetStats,
    strategy::{Member, Ordered, Strategy},
    target::Target,
};

/// Largest request body that is read, unless the router is told otherwise: 10 MiB.
pub const DEFAULT_MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// Largest plain reply that is held until it is whole, unless the router is told otherwise: 32 MiB.
pub const DEFAULT_MAX_REPLY_BYTES: usize = 32 * 1024 * 1024;

/// Settings of a [`Router`]. The defaults work alone: targets in their order, the next one when one fails.
pub struct RouterBuilder<S> {
    targets: Vec<Target<S>>,
    strategy: Box<dyn Strategy>,
    sticky: Option<StickyBy>,
    groups: Vec<Group>,
    default_targets: Option<Vec<String>>,
    retry: Retry,
    fallback: Option<Fallback>,
    breaker: Option<Breaker>,
    hedge: Option<Hedge>,
    mirror: Option<Mirror>,
    first_token_timeout: Option<Duration>,
    sample_window: Option<Duration>,
    max_body_bytes: usize,
    max_reply_bytes: usize,
    classify: fn(&(dyn StdError + 'static)) -> Fault,
    describe: Describe,
    leaves_fallbacks: bool,
    fallbacks_below: Option<FallbacksBelow>,
}

/// A group whose names were looked up.
struct FoundGroup {
    /// The place of each target, and its weight in this group.
    members: Vec<(usize, Option<f64>)>,
    /// The pool that is tried when this one fails.
    fallback: Option<usize>,
}

impl<S> RouterBuilder<S> {
    pub(crate) fn new() -> Self {
        Self {
            targets: Vec::new(),
            strategy: Box::new(Ordered::new()),
            sticky: None,
            groups: Vec::new(),
            default_targets: None,
            retry: Retry::none(),
            fallback: None,
            breaker: None,
            hedge: None,
            mirror: None,
            first_token_timeout: None,
            sample_window: None,
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
            max_reply_bytes: DEFAULT_MAX_REPLY_BYTES,
            classify: Fault::of_error,
            describe: error::describe,
            leaves_fallbacks: false,
            fallbacks_below: None,
        }
    }

    /// Adds a target.
    #[must_use]
    pub fn target(mut self, target: Target<S>) -> Self {
        self.targets.push(target);
        self
    }

    /// How a target is chosen. Default: [`Ordered`].
    #[must_use]
    pub fn strategy(mut self, strategy: impl Strategy + 'static) -> Self {
        self.strategy = Box::new(strategy);
        self
    }

    /// The targets of requests that name no group, by their ids. Default: all of them.
    #[must_use]
    pub fn default_targets<N: Into<String>>(mut self, ids: impl IntoIterator<Item = N>) -> Self {
        self.default_targets = Some(ids.into_iter().map(Into::into).collect());
        self
    }

    /// Keeps each caller on one target, as far as it is ready, under the strategy
    /// [`Split`](crate::strategy::Split).
    #[must_use]
    pub fn sticky_by(mut self, sticky: StickyBy) -> Self {
        self.sticky = Some(sticky);
        self
    }

    /// Adds a name for some of the targets.
    #[must_use]
    pub fn group(mut self, group: Group) -> Self {
        self.groups.push(group);
        self
    }

    /// When the same target is tried again. Default: never.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// When another target is tried. Default: [`Fallback::new`].
    #[must_use]
    pub fn fallback(mut self, fallback: Fallback) -> Self {
        self.fallback = Some(fallback);
        self
    }

    /// When a target that keeps failing is left alone. Default: never.
    #[must_use]
    pub fn breaker(mut self, breaker: Breaker) -> Self {
        self.breaker = Some(breaker);
        self
    }

    /// A second attempt when the first is slow. Default: none.
    #[must_use]
    pub fn hedge(mut self, hedge: Hedge) -> Self {
        self.hedge = Some(hedge);
        self
    }

    /// Copies of requests to another target. Default: none.
    #[must_use]
    pub fn mirror(mut self, mirror: Mirror) -> Self {
        self.mirror = Some(mirror);
        self
    }

    /// Longest wait for the first content of a stream, for targets that do not set their own.
    #[must_use]
    pub fn first_token_timeout(mut self, timeout: Duration) -> Self {
        self.first_token_timeout = Some(timeout);
        self
    }

    /// Over how long successes count as samples for [`LowestLatency`](crate::strategy::LowestLatency).
    #[must_use]
    pub fn sample_window(mut self, window: Duration) -> Self {
        self.sample_window = Some(window);
        self
    }

    /// Largest request body that is read; more is answered with a 413. Default:
    /// [10 MiB](DEFAULT_MAX_BODY_BYTES).
    #[must_use]
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// Largest plain reply that is held until it is whole. A larger one is passed on from there, and cannot
    /// fail over any more. It is also the limit for one event of a stream. Default:
    /// [32 MiB](DEFAULT_MAX_REPLY_BYTES).
    #[must_use]
    pub fn max_reply_bytes(mut self, bytes: usize) -> Self {
        self.max_reply_bytes = bytes;
        self
    }

    /// Whose fault an error of a target's service or body is. Default: [`Fault::of_error`].
    #[must_use]
    pub fn classify(mut self, classify: fn(&(dyn StdError + 'static)) -> Fault) -> Self {
        self.classify = classify;
        self
    }

    /// What a client is told of such an error. The default names no cause but timeouts and connections.
    /// Errors of the router itself ([`AttemptError`](crate::AttemptError)) may be among the causes.
    #[must_use]
    pub fn describe(mut self, describe: fn(&(dyn StdError + 'static)) -> ApiError) -> Self {
        self.describe = describe;
        self
    }

    /// Leaves the member `fallbacks` in the bodies it was read from, for targets whose services take it out
    /// themselves, as `fw-params` does, which also says so in the reply.
    #[must_use]
    pub fn leave_fallbacks(mut self) -> Self {
        self.leaves_fallbacks = true;
        self
    }

    /// Leaves it to the targets' services to find the member `fallbacks`, which saves a router with nothing else to
    /// learn from a body the search in each. A service that finds one sends nothing: it answers with an error in whose
    /// extensions `returned` finds the head of the request. The router then reads the body, and sends the request
    /// again, after `mark` has told the service so in its extensions.
    ///
    /// That is for chat and text completions and for embeddings. The other operations are searched all the same: a
    /// target's service may have to convert them first.
    #[must_use]
    pub fn fallbacks_below(
        mut self,
        mark: fn(&mut Extensions),
        returned: fn(&mut Extensions) -> Option<request::Parts>,
    ) -> Self {
        self.fallbacks_below = Some(FallbacksBelow { mark, returned });
        self
    }

    /// The router.
    ///
    /// # Errors
    ///
    /// When there is no target, ids or names occur twice, a group or the mirror names a target that there is
    /// not, or a probe has a path that is none.
    pub fn build(self) -> Result<Router<S>, ConfigError>
    where
        S: Clone,
    {
        let ids = self.ids()?;
        let find = |named_by: &str, id: &str| {
            ids.get(id)
                .copied()
                .ok_or_else(|| ConfigError::unknown_target(named_by, id))
        };
        let default = match &self.default_targets {
            Some(named) => named
                .iter()
                .map(|id| find("the list of default targets", id))
                .collect::<Result<Vec<_>, _>>()?,
            None => (0..self.targets.len()).collect(),
        };
        if default.is_empty() {
            return Err(ConfigError::no_target());
        }
        let mirror = self.mirror.as_ref();
        let mirror_target = mirror
            .map(|mirror| find("the mirror", mirror.target()))
            .transpose()?;

        let mut names: HashMap<String, usize> = HashMap::new();
        for (place, group) in self.groups.iter().enumerate() {
            for name in std::iter::once(&group.name).chain(&group.aliases) {
                // The first pool is the default one.
                if names.insert(name.clone(), place + 1).is_some() {
                    return Err(ConfigError::two_names(name));
                }
            }
        }
        let mut members = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            let named_by = format!("the group `{}`", group.name);
            let found: Result<Vec<_>, _> = group
                .members
                .iter()
                .map(|(id, weight)| Ok((find(&named_by, id)?, *weight)))
                .collect();
            let found = found?;
            if found.is_empty() {
                return Err(ConfigError::empty_group(&group.name));
            }
            let fallback = match &group.fallback {
                Some(name) => Some(
                    *names
                        .get(name)
                        .ok_or_else(|| ConfigError::unknown_group(&named_by, name))?,
                ),
                None => None,
            };
            members.push(FoundGroup {
                members: found,
                fallback,
            });
        }
        Ok(self.assemble(&default, names, members, mirror_target))
    }

    /// A router with one target, which nothing can be wrong with.
    pub(crate) fn single(mut self, target: Target<S>) -> Router<S>
    where
        S: Clone,
    {
        self.targets = vec![target];
        self.groups.clear();
        self.assemble(&[0], HashMap::new(), Vec::new(), None)
    }

    fn ids(&self) -> Result<HashMap<String, usize>, ConfigError> {
        if self.targets.is_empty() {
            return Err(ConfigError::no_target());
        }
        let mut ids = HashMap::new();
        for (place, target) in self.targets.iter().enumerate() {
            if ids.insert(target.id.to_string(), place).is_some() {
                return Err(ConfigError::two_targets(&target.id));
            }
            if target
                .probe
                .as_ref()
                .is_some_and(|probe| probe.uri().is_none())
            {
                return Err(ConfigError::probe_path(&target.id));
            }
        }
        Ok(ids)
    }

    /// Puts together what was checked: the targets of the default pool, names of pools, and the members of
    /// each group with their weights.
    fn assemble(
        self,
        default: &[usize],
        mut pools_by_name: HashMap<String, usize>,
        groups: Vec<FoundGroup>,
        mirror_target: Option<usize>,
    ) -> Router<S>
    where
        S: Clone,
    {
        let mut targets_by_name: HashMap<String, Vec<usize>> = HashMap::new();
        let mut prefixes: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, target) in self.targets.iter().enumerate() {
            let own = [target.id.to_string()];
            let names: HashSet<&String> = own.iter().chain(&target.names).collect();
            for name in names {
                targets_by_name.entry(name.clone()).or_default().push(place);
            }
            for prefix in &target.prefixes {
                prefixes.entry(prefix.clone()).or_default().push(place);
            }
        }
        let known_ids = self.targets.iter().map(|target| target.id.to_string());
        let known_ids = known_ids.collect();
        let known_prefixes = prefixes.keys().cloned().collect();
        // With one target and no groups there is nowhere else to go, whatever the name.
        let only = self.targets.len() == 1 && groups.is_empty();
        if only {
            targets_by_name.clear();
            prefixes.clear();
        }

        let weights: Vec<f64> = self.targets.iter().map(|target| target.weight).collect();
        let alone = only && self.targets.iter().all(|target| target.keys.len() == 1);
        let first_token = self.first_token_timeout;
        let mirror = self.mirror.zip(mirror_target).and_then(|(mirror, place)| {
            let key = self.targets.get(place)?.keys.first()?;
            Some(MirrorHandle::new(mirror, key.service.clone()))
        });
        let targets: Vec<RoutedTarget<S>> = self
            .targets
            .into_iter()
            .map(|target| {
                let mut stats = TargetStats::new(target.id.clone()).retry_budget(self.retry.budget);
                if let Some(breaker) = self.breaker {
                    stats = stats.breaker(breaker);
                }
                if let Some((prompt, completion)) = target.price {
                    stats = stats.price(prompt, completion);
                }
                if let Some(window) = self.sample_window {
                    stats = stats.samples_window(window);
                }
                if alone {
                    // Nobody is helped by a refusal of ours in place of the target's answer.
                    stats = stats.cooldown_cap(Duration::ZERO);
                }
                let stats = Arc::new(stats);
                stats.set_available(target.available);
                let weights: Vec<f64> = target.keys.iter().map(|key| key.weight).collect();
                RoutedTarget {
                    header: HeaderValue::from_str(&target.id).ok(),
                    keys: KeyRing::new(&weights),
                    services: target
                        .keys
                        .into_iter()
                        .map(|key| (key.label, key.service))
                        .collect(),
                    first_token: target.first_token_timeout.or(first_token),
                    idle: target.idle_timeout,
                    total: target.stream_timeout,
                    probe: target.probe,
                    stats,
                }
            })
            .collect();

        let member = |place: usize, weight: Option<f64>| Member {
            stats: Arc::clone(&targets[place].stats),
            weight: weight.unwrap_or(weights[place]),
        };
        let mut pool = Pool::new(
            default.iter().map(|place| member(*place, None)).collect(),
            default.to_vec(),
            self.strategy,
        );
        pool.sticky = self.sticky;
        let mut pools = vec![pool];
        for (group, found) in self.groups.into_iter().zip(groups) {
            let FoundGroup { members, fallback } = found;
            let places = members.iter().map(|(place, _)| *place).collect();
            let members = members
                .into_iter()
                .map(|(place, weight)| member(place, weight))
                .collect();
            let mut pool = Pool::new(members, places, group.strategy);
            pool.sticky = group.sticky;
            pool.fallback = fallback;
            pools.push(pool);
        }

        // A name of targets that are in none but groups has a pool of its own, with the default one behind it.
        for (name, places) in &targets_by_name {
            if pools_by_name.contains_key(name)
                || places.iter().any(|place| default.contains(place))
            {
                continue;
            }
            let members = places.iter().map(|place| member(*place, None)).collect();
            let mut pool = Pool::new(members, places.clone(), Box::new(Ordered::new()));
            pool.fallback = Some(0);
            pools_by_name.insert(name.clone(), pools.len());
            pools.push(pool);
        }

        let names = Names {
            pools: pools_by_name,
            targets: targets_by_name,
            prefixes,
            known_prefixes,
            known_ids,
        };
        let sticky = pools.iter().any(|pool| pool.sticky.is_some());
        let streams = targets.iter().any(|target| target.first_token.is_some());
        let fallback = self.fallback.unwrap_or_default();
        let settings = Settings {
            reads_requests: !names.is_empty() || sticky || streams,
            leaves_fallbacks: self.leaves_fallbacks,
            fallbacks_below: self.fallbacks_below,
            repeats: !alone || self.retry.max_attempts > 1 || mirror.is_some(),
            retry: self.retry,
            fallback,
            hedge: self.hedge,
            max_body_bytes: self.max_body_bytes,
            max_reply_bytes: self.max_reply_bytes,
            classify: self.classify,
            describe: self.describe,
        };
        Router {
            shared: Arc::new(Shared {
                targets,
                pools,
                names,
                settings,
                mirror,
            }),
        }
    }
}

impl<S> fmt::Debug for RouterBuilder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouterBuilder")
            .field("targets", &self.targets)
            .field("strategy", &self.strategy)
            .field("groups", &self.groups)
            .finish_non_exhaustive()
    }
}
