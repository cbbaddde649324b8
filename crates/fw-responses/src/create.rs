//! One response, from the request's body to the store.

use bytes::Bytes;
use fw_params::{ChangeKind, ParamsChanges};
use fw_wire::ApiError;

use crate::{
    config::{Config, ResponsesMode},
    earlier, error,
    item::Item,
    request::{ChatRequest, chat_request},
    response::{Response, ResponseStatus, response},
    store::{Owner, ResponseStore, Turn},
    stream::ResponseStream,
};

/// What goes upstream, and what is known about the reply before it comes.
#[derive(Debug)]
pub(crate) struct Created {
    /// The body for upstream.
    pub(crate) body: Bytes,
    pub(crate) changes: ParamsChanges,
    /// What the reply becomes; `None` if the provider's reply is the response.
    pub(crate) pending: Option<Pending>,
}

/// A response that is being made.
#[derive(Debug)]
pub(crate) struct Pending {
    request: ChatRequest,
    id: String,
    created_at: u64,
    owner: Owner,
    store: ResponseStore,
    is_kept: bool,
}

/// Takes a request's body.
///
/// # Errors
///
/// What the client has to be answered with.
pub(crate) fn create(body: Bytes, owner: Owner, config: &Config) -> Result<Created, ApiError> {
    let store = &config.store;
    let mut changes = ParamsChanges::default();
    if config.mode == ResponsesMode::Expand {
        let expanded = earlier::expand(store, owner, &body)?;
        if let Some(expanded) = &expanded {
            changes.record(ChangeKind::Set, "input");
            if expanded.has_history {
                changes.record(ChangeKind::Removed, "previous_response_id");
            }
        }
        return Ok(Created {
            body: expanded.map_or(body, |expanded| expanded.body),
            changes,
            pending: None,
        });
    }
    let history = earlier::history(store, owner, &body)?;
    let body = earlier::resolve(store, owner, &body)?;
    let request = chat_request(&body, &history, &mut changes)?;
    Ok(Created {
        body: request.body().clone(),
        changes,
        pending: Some(Pending {
            is_kept: request.store(),
            request,
            id: response_id()?,
            created_at: store.now(),
            owner,
            store: store.clone(),
        }),
    })
}

// === impl Pending ===

impl Pending {
    /// Nothing is kept of it, whatever the request says.
    pub(crate) fn forget(&mut self) {
        self.is_kept = false;
    }

    pub(crate) fn is_stream(&self) -> bool {
        self.request.is_stream()
    }

    /// The response of a whole reply, which is kept before it is given.
    ///
    /// # Errors
    ///
    /// If the reply is no chat completion.
    pub(crate) fn finish(self, reply: &Bytes) -> Result<Bytes, ApiError> {
        let response = response(reply, &self.request, &self.id, self.created_at)?;
        self.keep(&response);
        Ok(response.json().clone())
    }

    /// What makes a response of a stream, and keeps it before its last event is sent.
    pub(crate) fn stream(self, max_bytes: usize) -> ResponseStream {
        let (request, id, created_at) = (self.request.clone(), self.id.clone(), self.created_at);
        let keep: Box<dyn FnOnce(Response) + Send> = Box::new(move |response| self.keep(&response));
        ResponseStream::new(&request, &id, created_at, keep).max_bytes(max_bytes)
    }

    /// The client has paid for the reply: if it cannot be kept, it gets it all the same.
    fn keep(&self, response: &Response) {
        if !self.is_kept || response.status() == ResponseStatus::Failed {
            return;
        }
        let turn = Turn {
            id: &self.id,
            previous: self.request.previous(),
            json: response.json(),
            input: self.request.input_items().iter().map(Item::json).collect(),
            output: response.output_items().iter().map(Item::json).collect(),
        };
        if let Err(error) = self.store.put(self.owner, &turn) {
            error::log(&error);
        }
    }
}

/// An id that nobody guesses, and that says who made it.
fn response_id() -> Result<String, ApiError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| error::no_id())?;
    let mut id = String::from("resp_fw");
    for byte in random {
        id.push_str(&format!("{byte:02x}"));
    }
    Ok(id)
}
