//! What a request asks for, as far as routing needs to know.

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
    /// At least one.
    pub(crate) stages: Vec<Stage>,
    /// The body to send in the first stage.
    pub(crate) body: Bytes,
    /// Whether the request names its own fallbacks.
    pub(crate) has_fallbacks: bool,
}

impl Plan {
    /// A request of which nothing needs to be known.
    pub(crate) fn unread(endpoint: Option<Endpoint>, body: Bytes) -> Self {
        Self {
            endpoint,
            is_stream: false,
            choices: 1,
            key: None,
            stages: vec![Stage::default()],
            body,
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
            return Ok(Self::unread(Some(endpoint), body));
        };
        let root = document.root();
        let [model, stream, n, prompt, user, metadata, fallbacks] = root.get_many([
            "model", "stream", "n", "prompt", "user", "metadata", FALLBACKS,
        ]);
        let prompts = prompt
            .filter(|prompt| endpoint == Endpoint::Completions && prompt.is_array())
            .map_or(1, |prompts| prompts.elements().count());
        let choices = n.and_then(Value::as_u64).unwrap_or(1) as usize;
        let mut stages = vec![
            model
                .and_then(Value::as_str)
                .map_or_else(Stage::default, |model| names.find(&model)),
        ];
        if let Some(fallbacks) = fallbacks {
            stages.extend(fallbacks::read(fallbacks, names)?);
        }
        let first = stages.first().map_or(0, |stage| stage.pool);
        let sticky = pools.get(first).and_then(|pool| pool.sticky.as_ref());
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
            stages,
            body,
            has_fallbacks,
        })
    }

    /// Adds the pools that are tried when a stage's pool has failed, after the stage.
    pub(crate) fn add_fallback_pools(&mut self, pools: &[Pool]) {
        let mut stages = Vec::with_capacity(self.stages.len());
        for stage in self.stages.drain(..) {
            let mut seen = vec![stage.pool];
            let mut next = pools.get(stage.pool).and_then(|pool| pool.fallback);
            stages.push(stage);
            while let Some(pool) = next.filter(|pool| !seen.contains(pool)) {
                seen.push(pool);
                stages.push(Stage {
                    pool,
                    ..Stage::default()
                });
                next = pools.get(pool).and_then(|pool| pool.fallback);
            }
        }
        self.stages = stages;
    }

    /// The stages after this one whose models the request itself names.
    pub(crate) fn named_after(&self, stage: usize) -> impl Iterator<Item = (usize, &Stage)> {
        let after = self.stages.iter().enumerate().skip(stage + 1);
        after.filter(|(_, stage)| stage.model.is_some())
    }

    /// The body of a stage: the client's, with the stage's model.
    pub(crate) fn body_of(&self, stage: &Stage) -> Bytes {
        let Some(model) = &stage.model else {
            return self.body.clone();
        };
        let Ok(mut document) = Document::parse(self.body.clone()) else {
            return self.body.clone();
        };
        let root = document.root().span();
        let mut quoted = String::new();
        encode_str(&mut quoted, model);
        match document.set(root, "model", quoted) {
            Ok(_) => document.finish(),
            Err(_) => self.body.clone(),
        }
    }
}

/// The endpoint of a request that creates something.
pub(crate) fn endpoint(method: &Method, path: &str) -> Option<Endpoint> {
    match Operation::route(method, path) {
        Ok(Operation::Create(endpoint)) => Some(endpoint),
        _ => None,
    }
}
