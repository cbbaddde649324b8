//! `POST /v1/responses`, and the stored responses.

mod input;
mod output;
mod store;

use http::StatusCode;

use crate::call::{Call, DEFAULT_MAX_TOKENS, Reply};
use crate::instance;
use crate::json::{Json, object};
use crate::knobs::UsageLayout;
use crate::models::Found;
use crate::prompt;
use crate::refusal::Refusal;
use crate::state::lock;
use crate::steps::Steps;
use crate::usage::Usage;
use crate::validate;

use self::output::Output;
pub(crate) use self::store::Store;
use self::store::Stored;

/// Responses on a page of the list.
const DEFAULT_LIMIT: u64 = 20;
const MAX_LIMIT: u64 = 100;

pub(crate) fn create(call: &Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body;
    validate::responses::shape(body)?;
    let model = call.find_model()?;
    let format = body.get("text").and_then(|t| t.get("format"));
    if let Some(message) = format
        .and_then(|f| f.value("schema"))
        .and_then(instance::unsupported)
    {
        return Err(invalid(&message));
    }
    let mut items = match body.str("previous_response_id") {
        Some(id) => previous(call, id)?,
        None => Vec::new(),
    };
    let given = input::items(body.get("input"));
    items.extend(given.iter().cloned());

    let messages = input::messages(body.str("instructions"), &items);
    let mut prompt = call.prompt(&model);
    prompt::chat(&mut prompt, body.array("tools"), &messages);
    let mut ask = input::ask(call, &messages);
    ask.max_tokens = call.allowed(
        body.u64("max_output_tokens").unwrap_or(DEFAULT_MAX_TOKENS),
        &prompt,
        &model,
    )?;
    let mut choice = ask.choice(0, call.knobs);
    if let Some(max) = body.u64("max_tool_calls") {
        choice
            .tool_calls
            .truncate(usize::try_from(max).unwrap_or(usize::MAX));
    }
    let mut usage = call.usage(&prompt);
    call.count(&mut usage, std::slice::from_ref(&choice));

    // Stored responses must not share an id, so it is not made of the request alone.
    let unique = crate::tokens::hash_from(call.identity(), &call.shared.next().to_le_bytes());
    let output = Output::new(
        &choice,
        unique,
        if call.knobs.echo_input { &given } else { &[] },
    );
    let store = body.bool("store").unwrap_or(true);
    let id = store.then(|| {
        format!(
            "resp_{unique:016x}{:016x}",
            crate::tokens::hash(&unique.to_be_bytes())
        )
    });
    let frame = Frame {
        call,
        model: &model,
        id: id.as_deref(),
    };
    let whole = frame.response(
        output.status(),
        output.items(),
        Some(usage),
        output.incomplete(),
    );

    let stored = id.clone().map(|id| {
        items.extend(output.items());
        Stored::new(id, call.account, whole.clone(), items)
    });
    let headers = call.headers(usage, call.stream());
    if !call.stream() {
        if let Some(stored) = stored {
            lock(&call.shared.store).insert(stored);
        }
        return Ok(Reply::Json {
            body: whole.to_bytes(),
            headers,
        });
    }
    let begun = frame.response("in_progress", Vec::new(), None, None);
    let mut source = Steps::new(output.steps(&begun, &whole), call.knobs, true);
    if let Some(stored) = stored {
        // A stream that the client leaves is not stored.
        let shared = std::sync::Arc::clone(call.shared);
        source = source.at_end(move || lock(&shared.store).insert(stored));
    }
    Ok(Reply::Stream {
        source: Box::new(source),
        headers,
    })
}

pub(crate) fn get(call: &Call<'_>, id: &str) -> Result<Reply, Refusal> {
    let store = lock(&call.shared.store);
    let stored = store
        .find(call.account, id)
        .ok_or_else(|| not_found("Response not found"))?;
    Ok(Reply::json(stored.response.to_bytes()))
}

pub(crate) fn delete(call: &Call<'_>, id: &str) -> Result<Reply, Refusal> {
    if !lock(&call.shared.store).remove(call.account, id) {
        return Err(not_found("Response not found"));
    }
    Ok(Reply::json(
        br#"{"message":"Response deleted successfully"}"#.to_vec(),
    ))
}

/// Newest first, with cursors.
pub(crate) fn list(call: &Call<'_>) -> Result<Reply, Refusal> {
    let query = |name: &str| {
        let mut pairs = call
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    let limit = match query("limit").map(str::parse) {
        None => DEFAULT_LIMIT,
        Some(Ok(limit)) if (1..=MAX_LIMIT).contains(&limit) => limit,
        Some(_) => {
            let detail = object! {
                "loc" => vec![Json::from("query"), Json::from("limit")],
                "msg" => "Input should be a whole number between 1 and 100",
                "type" => "value_error",
            };
            let body = object! { "detail" => vec![detail] };
            return Err(Refusal::json(
                StatusCode::UNPROCESSABLE_ENTITY,
                body.to_bytes(),
            ));
        }
    };
    let store = lock(&call.shared.store);
    let (page, has_more) = store.page(
        call.account,
        query("after"),
        query("before"),
        limit as usize,
    );
    let reply = object! {
        "object" => "list",
        "data" => page.iter().map(|s| s.response.clone()).collect::<Vec<Json>>(),
        "has_more" => has_more,
        "first_id" => page.first().map(|s| s.id.as_str()),
        "last_id" => page.last().map(|s| s.id.as_str()),
    };
    Ok(Reply::json(reply.to_bytes()))
}

/// The items of an earlier response: what went in and what came out.
fn previous(call: &Call<'_>, id: &str) -> Result<Vec<Json>, Refusal> {
    let store = lock(&call.shared.store);
    let stored = store
        .find(call.account, id)
        .ok_or_else(|| not_found("Previous response not found"))?;
    Ok(stored.items.clone())
}

fn not_found(detail: &str) -> Refusal {
    Refusal::json(
        StatusCode::NOT_FOUND,
        object! { "detail" => detail }.to_bytes(),
    )
}

/// Model errors have no `object` here (observed).
fn invalid(message: &str) -> Refusal {
    let kind = "invalid_request_error";
    let error = object! { "type" => kind, "code" => kind, "message" => message };
    Refusal::json(
        StatusCode::BAD_REQUEST,
        object! { "error" => error }.to_bytes(),
    )
}

/// The parts of a response object that come from the request.
struct Frame<'a> {
    call: &'a Call<'a>,
    model: &'a Found,
    id: Option<&'a str>,
}

impl Frame<'_> {
    fn response(
        &self,
        status: &str,
        output: Vec<Json>,
        usage: Option<Usage>,
        incomplete: Option<&str>,
    ) -> Json {
        let body = self.call.body;
        let echo = |name: &str| body.get(name).cloned().unwrap_or(Json::Null);
        let or = |name: &str, default: Json| body.value(name).cloned().unwrap_or(default);
        let usage = usage.filter(|_| self.call.knobs.usage_layout != UsageLayout::C);
        object! {
            "id" => self.id,
            "object" => "response",
            "created_at" => crate::call::CREATED,
            "status" => status,
            "model" => &self.model.name,
            "output" => output,
            "previous_response_id" => echo("previous_response_id"),
            // Chat names, unlike OpenAI's (observed).
            "usage" => usage.map(Usage::to_json),
            "error" => Json::Null,
            "incomplete_details" => incomplete.map(|reason| object! { "reason" => reason }),
            "instructions" => echo("instructions"),
            "max_output_tokens" => echo("max_output_tokens"),
            "max_tool_calls" => echo("max_tool_calls"),
            "metadata" => or("metadata", object! {}),
            "parallel_tool_calls" => or("parallel_tool_calls", Json::Bool(true)),
            "reasoning" => or("reasoning", object! {}),
            "store" => or("store", Json::Bool(true)),
            "temperature" => or("temperature", Json::Float(1.0)),
            "text" => or("text", object! {}),
            "tool_choice" => or("tool_choice", Json::from("auto")),
            "tools" => or("tools", Json::Array(Vec::new())),
            "top_p" => or("top_p", Json::Float(1.0)),
            "truncation" => or("truncation", Json::from("disabled")),
            "user" => echo("user"),
        }
    }
}
