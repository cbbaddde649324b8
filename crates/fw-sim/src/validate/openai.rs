//! What a provider takes that has OpenAI's chat completions and nothing else.
//!
//! Members at the top and of messages are those of OpenAI's API reference; others are refused, so that a
//! gateway that lets another API's fields through is found out. The rules for tool messages are OpenAI's too
//! (the texts are observed).

use http::StatusCode;

use crate::json::Json;
use crate::refusal::Refusal;

const SHARED: [&str; 17] = [
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "max_tokens",
    "metadata",
    "model",
    "n",
    "presence_penalty",
    "prompt_cache_key",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "stream",
    "stream_options",
    "temperature",
    "top_p",
];

const CHAT: [&str; 19] = [
    "audio",
    "function_call",
    "functions",
    "max_completion_tokens",
    "messages",
    "modalities",
    "parallel_tool_calls",
    "prediction",
    "prompt_cache_retention",
    "reasoning_effort",
    "response_format",
    "store",
    "tool_choice",
    "tools",
    "top_logprobs",
    "user",
    "verbosity",
    "web_search_options",
    "prompt_cache_options",
];

const COMPLETIONS: [&str; 5] = ["best_of", "echo", "prompt", "suffix", "user"];

const EMBEDDINGS: [&str; 5] = ["dimensions", "encoding_format", "input", "model", "user"];

/// What a message of a role may have beside `role`.
const MESSAGE: [(&str, &[&str]); 6] = [
    ("system", &["content", "name"]),
    ("developer", &["content", "name"]),
    ("user", &["content", "name"]),
    (
        "assistant",
        &[
            "content",
            "name",
            "refusal",
            "audio",
            "annotations",
            "function_call",
            "tool_calls",
        ],
    ),
    ("tool", &["content", "tool_call_id"]),
    ("function", &["content", "name"]),
];

const PARTS: [&str; 5] = ["text", "image_url", "input_audio", "file", "refusal"];

/// Checks the body of a chat completion.
pub(crate) fn chat(body: &Json) -> Result<(), Refusal> {
    known(body, &[&SHARED, &CHAT])?;
    let messages = body.array("messages");
    if messages.is_empty() {
        return Err(missing("messages"));
    }
    for (index, message) in messages.iter().enumerate() {
        check_message(message, index)?;
    }
    tool_messages(messages)?;
    for (index, tool) in body.array("tools").iter().enumerate() {
        let kind = tool.str("type").unwrap_or_default();
        if !matches!(kind, "function" | "custom") {
            return Err(bad_value(&format!("tools[{index}].type"), kind));
        }
        if kind == "function" && tool.get("function").and_then(|f| f.str("name")).is_none() {
            return Err(missing(&format!("tools[{index}].function")));
        }
    }
    if body.get("stream_options").is_some() && body.bool("stream") != Some(true) {
        let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
        return Err(invalid(message, Some("stream_options")));
    }
    Ok(())
}

/// Checks the body of a text completion.
pub(crate) fn completions(body: &Json) -> Result<(), Refusal> {
    known(body, &[&SHARED, &COMPLETIONS])
}

/// Checks the body of an embedding request.
pub(crate) fn embeddings(body: &Json) -> Result<(), Refusal> {
    known(body, &[&EMBEDDINGS])
}

/// The refusal of a path that is not there.
pub(crate) fn no_such_path(method: &http::Method, path: &str) -> Refusal {
    let message = format!("Invalid URL ({method} {path})");
    Refusal::openai(StatusCode::NOT_FOUND, &message, None)
}

fn known(body: &Json, tables: &[&[&str]]) -> Result<(), Refusal> {
    let Json::Object(members) = body else {
        return Err(invalid("The body is no JSON object.", None));
    };
    if body.str("model").is_none_or(str::is_empty) {
        return Err(invalid("you must provide a model parameter", None));
    }
    let mut names = members.iter().map(|(name, _)| name.as_str());
    match names.find(|name| !tables.iter().any(|table| table.contains(name))) {
        Some(name) => Err(unknown(name)),
        None => Ok(()),
    }
}

fn check_message(message: &Json, index: usize) -> Result<(), Refusal> {
    let at = format!("messages[{index}]");
    let role = message.str("role").unwrap_or_default();
    let Some((_, fields)) = MESSAGE.iter().find(|(name, _)| *name == role) else {
        return Err(bad_value(&format!("{at}.role"), role));
    };
    if let Json::Object(members) = message
        && let Some((name, _)) = members
            .iter()
            .find(|(name, _)| name != "role" && !fields.contains(&name.as_str()))
    {
        return Err(unknown(&format!("{at}.{name}")));
    }
    let calls = message.array("tool_calls");
    let called = !calls.is_empty() || message.value("function_call").is_some();
    match message.value("content") {
        None if role == "assistant" && called => {}
        None => {
            let text = format!("Invalid value for 'content': expected a string, got null. ({at})");
            return Err(invalid(&text, Some(&format!("{at}.content"))));
        }
        Some(Json::Str(_)) => {}
        Some(Json::Array(parts)) => {
            for (place, part) in parts.iter().enumerate() {
                let kind = part.str("type").unwrap_or_default();
                if !PARTS.contains(&kind) {
                    return Err(bad_value(&format!("{at}.content[{place}].type"), kind));
                }
            }
        }
        Some(_) => return Err(bad_value(&format!("{at}.content"), "")),
    }
    for (place, call) in calls.iter().enumerate() {
        let at = format!("{at}.tool_calls[{place}]");
        let function = call.get("function");
        for (name, found) in [
            ("id", call.str("id")),
            ("type", call.str("type")),
            ("function.name", function.and_then(|f| f.str("name"))),
            (
                "function.arguments",
                function.and_then(|f| f.str("arguments")),
            ),
        ] {
            if found.is_none() {
                return Err(missing(&format!("{at}.{name}")));
            }
        }
    }
    Ok(())
}

/// Calls are answered, each of them, right after the message that made them.
fn tool_messages(messages: &[Json]) -> Result<(), Refusal> {
    let mut open: Vec<&str> = Vec::new();
    let mut called = false;
    for message in messages.iter() {
        if message.str("role") == Some("tool") {
            let id = message.str("tool_call_id").unwrap_or_default();
            let Some(place) = open.iter().position(|call| *call == id).filter(|_| called) else {
                return Err(invalid(
                    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
                    Some("messages"),
                ));
            };
            open.remove(place);
            continue;
        }
        all_answered(&open)?;
        let calls = message.array("tool_calls");
        open = calls.iter().filter_map(|call| call.str("id")).collect();
        called = !calls.is_empty();
    }
    all_answered(&open)
}

fn all_answered(open: &[&str]) -> Result<(), Refusal> {
    if open.is_empty() {
        return Ok(());
    }
    let message = format!(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: {}",
        open.join(", ")
    );
    Err(invalid(&message, Some("messages")))
}

fn unknown(name: &str) -> Refusal {
    invalid(
        &format!("Unrecognized request argument supplied: {name}"),
        None,
    )
}

fn missing(name: &str) -> Refusal {
    invalid(
        &format!("Missing required parameter: '{name}'."),
        Some(name),
    )
}

fn bad_value(name: &str, value: &str) -> Refusal {
    invalid(&format!("Invalid value: '{value}'. ({name})"), Some(name))
}

fn invalid(message: &str, param: Option<&str>) -> Refusal {
    Refusal::openai(StatusCode::BAD_REQUEST, message, param)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &str) -> String {
        let body = Json::parse(body.as_bytes()).unwrap();
        chat(&body)
            .err()
            .map_or_else(String::new, |refusal| refusal.message().to_owned())
    }

    #[test]
    fn what_openai_has_is_taken() {
        let body = r#"{"model":"m","store":true,"max_completion_tokens":9,"stream":true,
            "stream_options":{"include_usage":true},"messages":[
            {"role":"developer","content":"Be brief."},
            {"role":"user","name":"ada","content":[{"type":"text","text":"Hi"}]},
            {"role":"assistant","content":null,"tool_calls":[
              {"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},
              {"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"b","content":"2"},
            {"role":"tool","tool_call_id":"a","content":"1"},
            {"role":"user","content":"So?"}]}"#;
        assert_eq!(refused(body), "");
    }

    #[test]
    fn what_is_of_another_api_is_not() {
        let user = r#"{"role":"user","content":"Hi"}"#;
        for (body, name) in [
            (format!(r#"{{"model":"m","messages":[{user}],"top_k":1}}"#), "top_k"),
            (format!(r#"{{"model":"m","messages":[{user}],"thinking":{{}}}}"#), "thinking"),
            (
                r#"{"model":"m","messages":[{"role":"assistant","content":"x","reasoning_content":"y"}]}"#.to_owned(),
                "messages[0].reasoning_content",
            ),
        ] {
            assert_eq!(refused(&body), format!("Unrecognized request argument supplied: {name}"));
        }
    }

    #[test]
    fn every_call_is_answered_right_after_it() {
        let call = r#"{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}"#;
        let user = r#"{"role":"user","content":"Hi"}"#;
        let tool = r#"{"role":"tool","tool_call_id":"a","content":"1"}"#;
        let ask = |messages: &[&str]| {
            refused(&format!(
                r#"{{"model":"m","messages":[{}]}}"#,
                messages.join(",")
            ))
        };
        assert_eq!(ask(&[user, call, tool]), "");
        assert!(ask(&[user, call, user, tool]).contains("did not have response messages: a"));
        assert!(ask(&[user, call]).contains("did not have response messages: a"));
        assert!(ask(&[user, tool]).starts_with("Invalid parameter: messages with role 'tool'"));
        assert!(ask(&[user, call, tool, tool]).starts_with("Invalid parameter"));
    }
}
