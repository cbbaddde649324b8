//! `POST /v1/messages`: Anthropic's Messages, as Fireworks serves them natively.

use crate::call::{CREATED, Call, DEFAULT_MAX_TOKENS, Reply};
use crate::generate::{Ask, Choice, Finish, Format, Tool, ToolChoice};
use crate::instance;
use crate::json::{Json, object};
use crate::prompt;
use crate::refusal::Refusal;
use crate::steps::{Step, Steps, Unit};
use crate::usage::Usage;
use crate::validate;

pub(crate) fn create(call: &Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body;
    validate::messages::shape(body)?;
    let model = call.find_model()?;
    let schema = body
        .get("output_config")
        .and_then(|c| c.get("format"))
        .and_then(|f| f.value("schema"));
    if let Some(message) = schema.and_then(instance::unsupported) {
        return Err(Refusal::invalid(&message));
    }
    let mut prompt = call.prompt(&model);
    if let Some(system) = body.value("system") {
        prompt.token(b"system");
        prompt::content(&mut prompt, Some(system));
        prompt.token(b"<end>");
    }
    prompt::chat(&mut prompt, body.array("tools"), body.array("messages"));

    let mut ask = ask(call, schema);
    ask.max_tokens = call.allowed(
        body.u64("max_tokens").unwrap_or(DEFAULT_MAX_TOKENS),
        &prompt,
        &model,
    )?;
    let choice = ask.choice(0, call.knobs);
    let mut usage = call.usage(&prompt);
    call.count(&mut usage, std::slice::from_ref(&choice));
    let headers = call.headers(usage, call.stream());
    let id = format!("msg_{:016x}{CREATED:08x}", call.identity());
    if call.stream() {
        let steps = steps(&id, &model.name, &choice, usage);
        return Ok(Reply::Stream {
            source: Box::new(Steps::new(steps, call.knobs, false)),
            headers,
        });
    }
    let mut message = start(&id, &model.name);
    if let Json::Object(members) = &mut message {
        members.extend([
            ("content".to_owned(), Json::Array(blocks(&choice))),
            ("stop_reason".to_owned(), Json::from(stop_reason(&choice))),
            (
                "stop_sequence".to_owned(),
                Json::from(choice.stopped_by.clone()),
            ),
            (
                "usage".to_owned(),
                object! { "input_tokens" => usage.prompt, "output_tokens" => usage.completion },
            ),
        ]);
    }
    Ok(Reply::Json {
        body: message.to_bytes(),
        headers,
    })
}

fn ask<'a>(call: &Call<'a>, schema: Option<&'a Json>) -> Ask<'a> {
    let body = call.body;
    let last = body
        .array("messages")
        .iter()
        .rev()
        .find(|m| m.str("role") == Some("user"));
    let content = last.and_then(|m| m.get("content"));
    let result = content
        .map_or(&[][..], Json::elements)
        .iter()
        .find(|b| b.str("type") == Some("tool_result"));
    let choice = body.get("tool_choice");
    let tool = |tool: &'a Json| {
        Some(Tool {
            name: tool.str("name")?,
            parameters: tool.value("input_schema"),
        })
    };
    Ask {
        last: match result {
            Some(result) => prompt::text_of(result.get("content")),
            None => prompt::text_of(content),
        },
        from_tool: result.is_some(),
        tools: body.array("tools").iter().filter_map(tool).collect(),
        tool_choice: match choice.and_then(|c| c.str("type")) {
            Some("any") => ToolChoice::Required,
            Some("none") => ToolChoice::None,
            Some("tool") => ToolChoice::Named(
                choice
                    .and_then(|c| c.str("name"))
                    .unwrap_or_default()
                    .to_owned(),
            ),
            _ => ToolChoice::Auto,
        },
        parallel_tools: choice.and_then(|c| c.bool("disable_parallel_tool_use")) != Some(true),
        format: schema.map_or(Format::Text, Format::Schema),
        stop: body
            .array("stop_sequences")
            .iter()
            .filter_map(Json::as_str)
            .collect(),
        reasoning: body.get("thinking").and_then(|t| t.str("type")) == Some("enabled"),
        identity: call.identity(),
        ..Ask::default()
    }
}

fn start(id: &str, model: &str) -> Json {
    object! { "id" => id, "type" => "message", "role" => "assistant", "model" => model }
}

/// A signature that only says which text it belongs to.
fn signature(thinking: &str) -> String {
    format!("sig_{:016x}", crate::tokens::hash(thinking.as_bytes()))
}

fn blocks(choice: &Choice) -> Vec<Json> {
    let mut blocks = Vec::new();
    if !choice.reasoning.is_empty() {
        blocks.push(object! {
            "type" => "thinking", "thinking" => &choice.reasoning, "signature" => signature(&choice.reasoning),
        });
    }
    if !choice.content.is_empty() {
        blocks.push(object! { "type" => "text", "text" => &choice.content });
    }
    for call in &choice.tool_calls {
        let input = Json::parse(call.arguments.as_bytes()).unwrap_or(Json::Null);
        blocks.push(object! { "type" => "tool_use", "id" => &call.id, "name" => &call.name, "input" => input });
    }
    blocks
}

fn stop_reason(choice: &Choice) -> &'static str {
    match choice.finish {
        Finish::ToolCalls => "tool_use",
        Finish::Length => "max_tokens",
        Finish::Stop if choice.stopped_by.is_some() => "stop_sequence",
        Finish::Stop => "end_turn",
    }
}

/// The events of a stream (Anthropic API documentation, streaming).
fn steps(id: &str, model: &str, choice: &Choice, usage: Usage) -> Vec<Step> {
    let mut message = start(id, model);
    if let Json::Object(members) = &mut message {
        members.extend([
            ("content".to_owned(), Json::Array(Vec::new())),
            ("stop_reason".to_owned(), Json::Null),
            ("stop_sequence".to_owned(), Json::Null),
            (
                "usage".to_owned(),
                object! { "input_tokens" => usage.prompt, "output_tokens" => 0u64 },
            ),
        ]);
    }
    let mut steps = vec![
        Step::event("message_start", &object! { "message" => message }),
        Step::event("ping", &object! {}),
    ];
    let mut index = 0;
    let mut block = |open: Json, deltas: Vec<Step>| {
        let at = |key: &str, value: Json| object! { "index" => index, key => value };
        steps.push(Step::event(
            "content_block_start",
            &at("content_block", open),
        ));
        steps.extend(deltas);
        steps.push(Step::event(
            "content_block_stop",
            &object! { "index" => index },
        ));
        index += 1;
        index
    };
    let delta = |index: usize, kind: &str, key: &str, text: &str, unit: Unit| {
        Step::nested_deltas("content_block_delta", index, kind, key, text, unit)
    };
    let mut next = 0;
    if !choice.reasoning.is_empty() {
        let open = object! { "type" => "thinking", "thinking" => "", "signature" => "" };
        let signature =
            object! { "type" => "signature_delta", "signature" => signature(&choice.reasoning) };
        next = block(
            open,
            vec![
                delta(
                    next,
                    "thinking_delta",
                    "thinking",
                    &choice.reasoning,
                    Unit::Tokens,
                ),
                Step::event(
                    "content_block_delta",
                    &object! { "index" => next, "delta" => signature },
                ),
            ],
        );
    }
    if !choice.content.is_empty() {
        let open = object! { "type" => "text", "text" => "" };
        next = block(
            open,
            vec![delta(
                next,
                "text_delta",
                "text",
                &choice.content,
                Unit::Tokens,
            )],
        );
    }
    for call in &choice.tool_calls {
        let open = object! { "type" => "tool_use", "id" => &call.id, "name" => &call.name, "input" => object! {} };
        next = block(
            open,
            vec![delta(
                next,
                "input_json_delta",
                "partial_json",
                &call.arguments,
                Unit::Characters,
            )],
        );
    }
    let end = object! {
        "stop_reason" => stop_reason(choice), "stop_sequence" => choice.stopped_by.clone(),
    };
    steps.push(Step::event(
        "message_delta",
        &object! { "delta" => end, "usage" => object! { "output_tokens" => usage.completion } },
    ));
    steps.push(Step::event("message_stop", &object! {}));
    steps
}
