//! What has to happen to the reply, as far as the request tells.

use bytes::Bytes;
use fw_wire::{Endpoint, ErrorShape};

use crate::{changes::ParamsChanges, dialect::Dialect};

use super::{
    chat,
    embeddings::{self, Encoding},
    responses,
};

/// What has to happen to the reply.
#[derive(Clone, Debug)]
pub(crate) struct ReplyPlan {
    pub(crate) endpoint: Endpoint,
    pub(crate) shape: ErrorShape,
    pub(crate) dialect: Dialect,
    /// The client asked for a stream.
    pub(crate) stream: bool,
    /// The client did not, but the provider is asked for one.
    pub(crate) aggregate: bool,
    /// The client asked for the usage of a stream.
    pub(crate) client_usage: bool,
    /// How many choices a stream has to finish before it is whole.
    pub(crate) choices: usize,
    /// There are tools that the reply may call.
    pub(crate) tools: bool,
    /// The client sent `functions`, the provider got `tools`.
    pub(crate) legacy_functions: bool,
    /// The form of vectors that the client asked for.
    pub(crate) encoding: Option<Encoding>,
    /// The stored response that is being deleted.
    pub(crate) deleted: Option<Box<str>>,
}

// === impl ReplyPlan ===

impl ReplyPlan {
    pub(crate) fn new(endpoint: Endpoint, shape: ErrorShape, dialect: Dialect) -> Self {
        Self {
            endpoint,
            shape,
            dialect,
            stream: false,
            aggregate: false,
            client_usage: false,
            choices: 1,
            tools: false,
            legacy_functions: false,
            encoding: None,
            deleted: None,
        }
    }

    pub(crate) const fn streams(&self) -> bool {
        self.stream
    }

    pub(crate) const fn aggregates(&self) -> bool {
        self.aggregate
    }

    /// Whether the events of a stream have to be looked at.
    pub(crate) fn reads_events(&self) -> bool {
        matches!(
            self.endpoint,
            Endpoint::ChatCompletions
                | Endpoint::Completions
                | Endpoint::Messages
                | Endpoint::Responses
        )
    }

    /// Whether a plain reply has to be looked at.
    pub(crate) fn reads_reply(&self) -> bool {
        if self.deleted.is_some() {
            return self.dialect == Dialect::Fireworks;
        }
        match self.endpoint {
            Endpoint::ChatCompletions => {
                self.legacy_functions || (self.tools && self.dialect == Dialect::Fireworks)
            }
            Endpoint::Embeddings => self.encoding.is_some(),
            Endpoint::Responses => self.dialect == Dialect::Fireworks,
            _ => false,
        }
    }

    /// Converts a whole reply of success. What cannot be read is left as it is.
    pub(crate) fn convert(&self, body: Bytes, changes: &mut ParamsChanges) -> Bytes {
        if let Some(id) = &self.deleted {
            return responses::deleted(id, body, changes);
        }
        match (self.endpoint, self.encoding) {
            (Endpoint::ChatCompletions, _) => chat::convert(body, self.legacy_functions, changes),
            (Endpoint::Embeddings, Some(encoding)) => embeddings::convert(body, encoding, changes),
            (Endpoint::Responses, _) => responses::convert(body, changes),
            _ => body,
        }
    }
}
