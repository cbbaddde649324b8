//! A chat reply as a response object.

pub(crate) mod chat;
pub(crate) mod head;
pub(crate) mod output;

use std::fmt;

use bytes::Bytes;
use fw_wire::{ApiError, Usage, Value};

use crate::item::Item;
use crate::object::array;
use crate::request::ChatRequest;

use self::chat::{MAX_CALLS, Said, incomplete_reason, too_many_calls};
use self::head::{Ending, Head};
use self::output::{FunctionCall, Output, Part, Stage};

/// How a response ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResponseStatus {
    /// The model finished.
    Completed,
    /// The token limit or a content filter ended it.
    Incomplete,
    /// It broke off.
    Failed,
}

impl ResponseStatus {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Incomplete => "incomplete",
            Self::Failed => "failed",
        }
    }
}

/// A response object.
#[derive(Clone)]
pub struct Response {
    json: Bytes,
    output: Vec<Item>,
    status: ResponseStatus,
}

/// Makes a response of a whole chat reply.
///
/// ```
/// use bytes::Bytes;
/// use fw_params::ParamsChanges;
///
/// let body = Bytes::from_static(br#"{"model":"m","input":"Hi"}"#);
/// let request = fw_responses::chat_request(&body, &[], &mut ParamsChanges::default())?;
/// let reply = Bytes::from_static(
///     br#"{"choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}]}"#,
/// );
/// let response = fw_responses::response(&reply, &request, "resp_fw01", 1_795_246_800)?;
/// assert_eq!(
///     response.output_items()[0].json(),
///     r#"{"type":"message","id":"msg_fw01_0","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hello","annotations":[],"logprobs":[]}]}"#,
/// );
/// # Ok::<(), fw_wire::ApiError>(())
/// ```
///
/// # Errors
///
/// A 502 if the reply is no chat completion or has more than 1024 tool calls, or the error that it holds.
pub fn response(
    reply: &Bytes,
    request: &ChatRequest,
    id: &str,
    created_at: u64,
) -> Result<Response, ApiError> {
    let root = Value::parse(reply).map_err(|_| no_completion())?;
    let [error, choices, model] = root.get_many(["error", "choices", "model"]);
    if error.is_some_and(|error| !error.is_null()) {
        return Err(ApiError::from_event(root).unwrap_or_else(no_completion));
    }
    let choice = choices.and_then(|choices| choices.index(0));
    let choice = choice.ok_or_else(no_completion)?;
    let [message, finish] = choice.get_many(["message", "finish_reason"]);
    let message = message.filter(|message| message.is_object());
    let said = Said::read(message.ok_or_else(no_completion)?);
    if said.calls.len() > MAX_CALLS {
        return Err(too_many_calls());
    }

    let mut head = Head::new(request, id, created_at);
    if let Some(model) = model.and_then(Value::as_str) {
        head.model = Some(model.into_owned());
    }
    let finish = finish.and_then(Value::as_str);
    let ending = match incomplete_reason(&finish.unwrap_or_default()) {
        Some(reason) => Ending::Incomplete(reason),
        None => Ending::Completed,
    };
    let usage = root.get("usage").and_then(Usage::from_value);
    Ok(Response::new(&head, &outputs(said, id), &ending, usage))
}

/// Reasoning, the message, the calls: each only if there is any.
fn outputs(said: Said<'_>, response_id: &str) -> Vec<Output> {
    let mut outputs = Vec::new();
    if !said.reasoning.is_empty() {
        outputs.push(Output::Reasoning(said.reasoning.into_owned()));
    }
    let mut parts = Vec::new();
    if !said.content.is_empty() {
        parts.push(Part::Text(said.content.into_owned()));
    }
    if !said.refusal.is_empty() {
        parts.push(Part::Refusal(said.refusal.into_owned()));
    }
    if !parts.is_empty() {
        outputs.push(Output::Message(parts));
    }
    for (i, call) in said.calls.into_iter().enumerate() {
        let call_id = FunctionCall::new_id(&call.id, &outputs, response_id, i);
        outputs.push(Output::Call(FunctionCall {
            call_id,
            name: call.name.into_owned(),
            arguments: call.arguments.into_owned(),
        }));
    }
    outputs
}

fn no_completion() -> ApiError {
    ApiError::upstream("The upstream's reply is no chat completion.")
}

// === impl Response ===

impl Response {
    /// Of an incomplete response the last item is cut short. Of a failed one so are all calls: none may be run.
    pub(crate) fn new(
        head: &Head,
        outputs: &[Output],
        ending: &Ending<'_>,
        usage: Option<Usage>,
    ) -> Self {
        let last = outputs.len().saturating_sub(1);
        let items = outputs.iter().enumerate().map(|(i, output)| {
            let stage = match ending {
                Ending::Completed => Stage::Completed,
                _ if i == last => Stage::CutShort,
                Ending::Failed(_) if matches!(output, Output::Call(_)) => Stage::CutShort,
                _ => Stage::Completed,
            };
            output.json(&output.id(&head.id, i), stage, head.thoughts)
        });
        let items: Vec<String> = items.collect();
        let json = head.object(ending, &array(&items), usage);
        Self {
            json: json.into(),
            output: items.into_iter().map(Item::written).collect(),
            status: match ending {
                Ending::Incomplete(_) => ResponseStatus::Incomplete,
                Ending::Failed(_) => ResponseStatus::Failed,
                Ending::NotYet | Ending::Completed => ResponseStatus::Completed,
            },
        }
    }

    /// The response object.
    #[must_use]
    pub fn json(&self) -> &Bytes {
        &self.json
    }

    /// The items of its output.
    #[must_use]
    pub fn output_items(&self) -> &[Item] {
        &self.output
    }

    /// How it ended.
    #[must_use]
    pub fn status(&self) -> ResponseStatus {
        self.status
    }
}

/// Shows sizes only: the rest is what a model said.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("len", &self.json.len())
            .field("items", &self.output.len())
            .field("status", &self.status)
            .finish()
    }
}
