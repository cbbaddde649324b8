//! `POST /v1/chat/completions`.

use crate::call::{Call, DEFAULT_MAX_TOKENS, Reply, uuid};
use crate::chunks::{Chunks, Header, Style, write_ids, write_number};
use crate::config::Api;
use crate::generate::{Ask, Choice, Format, MAX_REPLY_TOKENS, Tool, ToolChoice};
use crate::json::{Json, write_str};
use crate::logprobs::Logprobs;
use crate::prompt;
use crate::refusal::Refusal;
use crate::tokens;
use crate::validate;

pub(crate) fn create(call: &Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body;
    let model = match call.shared.config.api {
        Api::Fireworks => {
            validate::chat::shape(body)?;
            let model = call.find_model()?;
            validate::chat::rules(call, &model)?;
            model
        }
        Api::OpenAi => {
            validate::openai::chat(body)?;
            call.find_model()?
        }
    };

    let messages = body.array("messages");
    let mut prompt = call.prompt(&model);
    if wants_prompt(body) {
        prompt.keep();
    }
    prompt::chat(&mut prompt, body.array("tools"), messages);

    let mut ask = ask(call, messages);
    ask.max_tokens = call.allowed(limit(body, DEFAULT_MAX_TOKENS), &prompt, &model)?;
    let count = body.u64("n").unwrap_or(1);
    ask.max_tokens = ask.max_tokens.min(MAX_REPLY_TOKENS / count.max(1));
    let mut choices: Vec<Choice> = (0..count).map(|i| ask.choice(i, call.knobs)).collect();
    let kept = prompt.kept();
    for choice in &mut choices {
        choice.echo = echo(body, &kept.text);
    }
    Ok(reply(call, Style::Chat, &model.name, &prompt, choices))
}

/// The reply of chat and text completions, whole or streamed.
pub(crate) fn reply(
    call: &Call<'_>,
    style: Style,
    model: &str,
    prompt: &crate::cache::Prompt,
    choices: Vec<Choice>,
) -> Reply {
    let body = call.body;
    let mut usage = call.usage(prompt);
    call.count(&mut usage, &choices);
    let flag = |name: &str| body.bool(name).unwrap_or(false);
    let header = Header {
        style,
        id: uuid(call.identity()),
        created: crate::call::CREATED,
        model: model.to_owned(),
        include_usage: body
            .get("stream_options")
            .and_then(|o| o.bool("include_usage"))
            .unwrap_or(false),
        logprobs: Logprobs::of(body),
        usage,
        perf_metrics: call.perf_metrics(usage),
        prompt_token_ids: flag("return_token_ids").then(|| prompt.kept().ids.clone()),
    };
    let headers = call.headers(usage, call.stream());
    if call.stream() {
        return Reply::Stream {
            source: Box::new(Chunks::new(header, choices, call.knobs)),
            headers,
        };
    }
    Reply::Json {
        body: render(&header, &choices, flag("raw_output").then_some(prompt)),
        headers,
    }
}

fn render(header: &Header, choices: &[Choice], raw: Option<&crate::cache::Prompt>) -> Vec<u8> {
    let mut out = Vec::with_capacity(512 + choices.iter().map(|c| c.content.len()).sum::<usize>());
    out.extend_from_slice(b"{\"id\":");
    write_str(&mut out, &header.id);
    out.extend_from_slice(match header.style {
        Style::Chat => b",\"object\":\"chat.completion\",\"created\":".as_slice(),
        Style::Text => b",\"object\":\"text_completion\",\"created\":",
    });
    write_number(header.created, &mut out);
    out.extend_from_slice(b",\"model\":");
    write_str(&mut out, &header.model);
    if let Some(ids) = &header.prompt_token_ids {
        out.extend_from_slice(b",\"prompt_token_ids\":");
        write_ids(ids.iter().copied(), &mut out);
    }
    out.extend_from_slice(b",\"choices\":[");
    for (index, choice) in choices.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"index\":");
        write_number(index as u64, &mut out);
        match header.style {
            Style::Chat => write_message(choice, &mut out),
            Style::Text => {
                out.extend_from_slice(b",\"text\":");
                write_str(&mut out, &format!("{}{}", choice.echo, choice.content));
            }
        }
        out.extend_from_slice(b",\"finish_reason\":\"");
        out.extend_from_slice(choice.finish.chat().as_bytes());
        out.extend_from_slice(b"\",\"logprobs\":");
        header.logprobs.write(&choice.content, 0, &mut out);
        if header.prompt_token_ids.is_some() {
            out.extend_from_slice(b",\"token_ids\":");
            write_ids(tokens::tokens(&choice.content).map(tokens::id), &mut out);
        }
        if let Some(prompt) = raw {
            write_raw_output(choice, prompt, &mut out);
        }
        out.push(b'}');
    }
    out.extend_from_slice(b"],\"usage\":");
    header.usage.write(&mut out);
    out.extend_from_slice(&header.perf_metrics);
    out.push(b'}');
    out
}

fn write_message(choice: &Choice, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"message\":{\"role\":\"assistant\",\"content\":");
    if choice.tool_calls.is_empty() {
        if choice.echo.is_empty() {
            write_str(out, &choice.content);
        } else {
            write_str(out, &format!("{}{}", choice.echo, choice.content));
        }
    } else {
        out.extend_from_slice(b"null");
    }
    if !choice.reasoning.is_empty() {
        out.extend_from_slice(b",\"reasoning_content\":");
        write_str(out, &choice.reasoning);
    }
    if !choice.tool_calls.is_empty() {
        out.extend_from_slice(b",\"tool_calls\":[");
        for (i, call) in choice.tool_calls.iter().enumerate() {
            out.extend_from_slice(if i > 0 {
                b",{\"index\":"
            } else {
                b"{\"index\":"
            });
            write_number(i as u64, out);
            out.extend_from_slice(b",\"id\":");
            write_str(out, &call.id);
            out.extend_from_slice(b",\"type\":\"function\",\"function\":{\"name\":");
            write_str(out, &call.name);
            out.extend_from_slice(b",\"arguments\":");
            write_str(out, &call.arguments);
            out.extend_from_slice(b"}}");
        }
        out.push(b']');
    }
    out.push(b'}');
}

fn write_raw_output(choice: &Choice, prompt: &crate::cache::Prompt, out: &mut Vec<u8>) {
    let kept = prompt.kept();
    out.extend_from_slice(b",\"raw_output\":{\"completion\":");
    write_str(out, &choice.content);
    out.extend_from_slice(b",\"prompt_fragments\":[");
    write_str(out, &kept.text);
    out.extend_from_slice(b"],\"prompt_token_ids\":");
    write_ids(kept.ids.iter().copied(), out);
    out.extend_from_slice(b",\"completion_token_ids\":");
    write_ids(tokens::tokens(&choice.content).map(tokens::id), out);
    out.push(b'}');
}

/// Whether the reply repeats the prompt in some form.
pub(crate) fn wants_prompt(body: &Json) -> bool {
    ["echo", "raw_output", "return_token_ids"]
        .iter()
        .any(|k| body.bool(k).unwrap_or(false))
        || body.u64("echo_last").is_some()
}

/// The prompt, or its last tokens.
pub(crate) fn echo(body: &Json, prompt: &str) -> String {
    match (body.u64("echo_last"), body.bool("echo")) {
        (Some(last), _) => {
            let count = tokens::count(prompt);
            let (start, _) = tokens::prefix(prompt, count.saturating_sub(last));
            prompt[start..].to_owned()
        }
        (None, Some(true)) => prompt.to_owned(),
        _ => String::new(),
    }
}

/// The limit that the request sets, under either of its names.
pub(crate) fn limit(body: &Json, default: u64) -> u64 {
    body.u64("max_completion_tokens")
        .or_else(|| body.u64("max_tokens"))
        .unwrap_or(default)
}

/// The parts of a request that chat and text completions share.
pub(crate) fn sampling<'a>(call: &Call<'a>) -> Ask<'a> {
    let body = call.body;
    let stop = match body.get("stop") {
        Some(Json::Str(stop)) => vec![stop.as_str()],
        Some(Json::Array(stops)) => stops.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    };
    let effort = body.value("reasoning_effort");
    let thinking = body.get("thinking").and_then(|t| t.str("type"));
    let format = body.get("response_format");
    Ask {
        format: match format.and_then(|f| f.str("type")) {
            Some("json_object") => format
                .and_then(|f| f.value("schema"))
                .map_or(Format::JsonObject, Format::Schema),
            Some("json_schema") => format
                .and_then(schema)
                .map_or(Format::JsonObject, Format::Schema),
            _ => Format::Text,
        },
        stop,
        seed: body.u64("seed").unwrap_or(0),
        ignore_eos: body.bool("ignore_eos").unwrap_or(false),
        reasoning: match effort {
            Some(Json::Str(effort)) => effort != "none",
            Some(Json::Bool(on)) => *on,
            Some(_) => true,
            None => thinking == Some("enabled"),
        },
        max_reasoning_tokens: effort.and_then(Json::as_u64),
        identity: call.identity(),
        parallel_tools: true,
        ..Ask::default()
    }
}

fn ask<'a>(call: &Call<'a>, messages: &'a [Json]) -> Ask<'a> {
    let body = call.body;
    let last = messages
        .iter()
        .rev()
        .find(|m| matches!(m.str("role"), Some("user" | "tool")));
    let tools = body
        .array("tools")
        .iter()
        .filter_map(|tool| tool.get("function"));
    let tools = tools.chain(body.array("functions"));
    let choice = body
        .value("tool_choice")
        .or_else(|| body.value("function_call"));
    Ask {
        last: prompt::text_of(last.and_then(|m| m.get("content"))),
        from_tool: last.is_some_and(|m| m.str("role") == Some("tool")),
        tools: tools
            .filter_map(|f| {
                Some(Tool {
                    name: f.str("name")?,
                    parameters: f.value("parameters"),
                })
            })
            .collect(),
        tool_choice: match choice {
            Some(Json::Str(choice)) => match choice.as_str() {
                "none" => ToolChoice::None,
                "required" | "any" => ToolChoice::Required,
                _ => ToolChoice::Auto,
            },
            Some(named) => {
                let name = named.get("function").unwrap_or(named).str("name");
                name.map_or(ToolChoice::Auto, |name| ToolChoice::Named(name.to_owned()))
            }
            None => ToolChoice::Auto,
        },
        parallel_tools: body.bool("parallel_tool_calls").unwrap_or(true),
        ..sampling(call)
    }
}

/// The schema of a response format: `{name, schema}`, a bare schema, or a bare `schema`.
pub(crate) fn schema(format: &Json) -> Option<&Json> {
    let wrapped = format
        .value("json_schema")
        .or_else(|| format.value("schema"))?;
    Some(
        wrapped
            .get("schema")
            .filter(|_| wrapped.get("type").is_none())
            .unwrap_or(wrapped),
    )
}
