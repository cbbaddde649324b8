//! What a request asks for, as far as routing needs to know.

use std::mem;

use bytes::Bytes;
use fw_wire::{ApiError, Document, Endpoint, Operation, Value, encode_str};
use http::{HeaderMap, Method};

use crate::{
    caller::{self, StickyBy},
    fallbacks::{self, FALLBACKS},
    pool::{Pool, Stage},
    service::Shared,
};

/// What a request asks for, and the way it takes.
#[derive(Debug)]
pub(crate) struct Plan {
    /// `None` for a request that creates nothing, such as one for a stored response.
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) is_stream: bool,
    pub(crate) choices: usize,
    /// What keeps this caller on one target.
    pub(crate) key: Option<u64>,
    /// Where it goes first.
    pub(crate) first: Stage,
    /// Where it goes on to.
    pub(crate) later: Vec<Stage>,
    /// The body to send in the first stage.
    pub(crate) body: Bytes,
    /// Whether the request names its own fallbacks.
    pub(crate) has_fallbacks: bool,
}

impl Plan {
    /// A request of which nothing needs to be known.
    pub(crate) const fn unread(endpoint: Option<Endpoint>) -> Self {
        Self {
            endpoint,
            is_stream: false,
            choices: 1,
            key: None,
            first: Stage::new(0),
            later: Vec::new(),
            body: Bytes::new(),
            has_fallbacks: false,
        }
    }

    /// Reads the body. One that is not JSON is sent as it is, to the first pool: the target's answer is
    /// better than a guess. The error is about its fallbacks.
    pub(crate) fn read<S>(
        endpoint: Endpoint,
        headers: &HeaderMap,
        body: Bytes,
        shared: &Shared<S>,
    ) -> Result<Self, Box<ApiError>> {
        let (names, pools) = (&shared.names, &shared.pools);
        let Ok(mut document) = Document::parse(body.clone()) else {
            return Ok(Self {
                body,
                ..Self::unread(Some(endpoint))
            });
        };
        let root = document.root();
        let [model, stream, n, prompt, user, metadata, fallbacks] = root.get_many([
            "model", "stream", "n", "prompt", "user", "metadata", FALLBACKS,
        ]);
        let prompts = prompt
            .filter(|prompt| endpoint == Endpoint::Completions && prompt.is_array())
            .map_or(1, |prompts| prompts.elements().count());
        let choices = n.and_then(Value::as_u64).unwrap_or(1) as usize;
        let first = model
            .and_then(Value::as_str)
            .map_or_else(Stage::default, |model| names.find(&model));
        let later = match fallbacks {
            Some(fallbacks) => fallbacks::read(fallbacks, names)?,
            None => Vec::new(),
        };
        let sticky = pools.get(first.pool).and_then(|pool| pool.sticky.as_ref());
        let user = || {
            let user = user.or_else(|| metadata?.get("user_id"))?;
            user.as_str().map(|user| user.into_owned())
        };
        let key = sticky.and_then(|sticky: &StickyBy| {
            let key = sticky.key(headers, user);
            key.or_else(|| caller::session_key(headers))
        });
        let is_stream = stream.and_then(Value::as_bool).unwrap_or(false);
        let has_fallbacks = fallbacks.is_some();
        let remove = has_fallbacks && !shared.settings.leaves_fallbacks;
        let span = remove.then(|| root.span());
        let body = match span {
            Some(span) => {
                document.unset(span, FALLBACKS);
                document.finish()
            }
            None => body,
        };
        Ok(Self {
            endpoint: Some(endpoint),
            is_stream,
            choices: choices.saturating_mul(prompts).max(1),
            key,
            first,
            later,
            body,
            has_fallbacks,
        })
    }

    /// How many stages there are: at least one.
    pub(crate) fn stages(&self) -> usize {
        1 + self.later.len()
    }

    /// The stage at a place.
    pub(crate) fn stage(&self, place: usize) -> Option<&Stage> {
        match place.checked_sub(1) {
            None => Some(&self.first),
            Some(place) => self.later.get(place),
        }
    }

    /// Adds the pools that are tried when a stage's pool has failed, after the stage.
    pub(crate) fn add_fallback_pools(&mut self, pools: &[Pool]) {
        let named = mem::take(&mut self.later);
        self.later.extend(after(self.first.pool, pools));
        for stage in named {
            let pool = stage.pool;
            self.later.push(stage);
            self.later.extend(after(pool, pools));
        }
    }

    /// The stages after this one whose models the request itself names.
    pub(crate) fn named_after(&self, stage: usize) -> impl Iterator<Item = (usize, &Stage)> {
        // The first of those later is the second of all.
        let after = self.later.iter().zip(1..).skip(stage);
        let named = after.filter(|(stage, _)| stage.model.is_some());
        named.map(|(stage, place)| (place, stage))
    }

    /// The body of a stage that has a model of its own: the client's, with that model.
    pub(crate) fn body_of(&self, stage: &Stage) -> Option<Bytes> {
        let model = stage.model.as_ref()?;
        let mut document = Document::parse(self.body.clone()).ok()?;
        let root = document.root().span();
        let mut quoted = String::new();
        encode_str(&mut quoted, model);
        document.set(root, "model", quoted).ok()?;
        Some(document.finish())
    }
}

/// The pools that are tried one after the other when a pool has failed.
fn after(pool: usize, pools: &[Pool]) -> Vec<Stage> {
    let fallback = |pool: usize| pools.get(pool).and_then(|pool| pool.fallback);
    let mut after: Vec<Stage> = Vec::new();
    let mut next = fallback(pool);
    while let Some(next_pool) =
        next.filter(|next| *next != pool && !after.iter().any(|stage| stage.pool == *next))
    {
        after.push(Stage::new(next_pool));
        next = fallback(next_pool);
    }
    after
}

/// The endpoint of a request that creates something.
pub(crate) fn endpoint(method: &Method, path: &str) -> Option<Endpoint> {
    match Operation::route(method, path) {
        Ok(Operation::Create(endpoint)) => Some(endpoint),
        _ => None,
    }
}
