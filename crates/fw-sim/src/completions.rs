//! `POST /v1/completions`.

use crate::call::{Call, DEFAULT_MAX_TOKENS, Reply};
use crate::chat;
use crate::chunks::Style;
use crate::config::Api;
use crate::generate::{Ask, Choice, MAX_REPLY_TOKENS};
use crate::json::Json;
use crate::refusal::Refusal;
use crate::validate;

/// Choices of one request: the limit is the simulator's own.
const MAX_CHOICES: u64 = 2_048;

pub(crate) fn create(call: &Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body;
    let model = match call.shared.config.api {
        Api::Fireworks => {
            validate::completions::shape(body)?;
            let model = call.find_model()?;
            validate::completions::rules(call, &model)?;
            model
        }
        Api::OpenAi => {
            validate::openai::completions(body)?;
            call.find_model()?
        }
    };

    let prompts = prompts(body);
    let n = body.u64("n").unwrap_or(1);
    let count = n.saturating_mul(prompts.len() as u64);
    if count > MAX_CHOICES {
        return Err(Refusal::invalid(&format!(
            "Too many choices: {count}, the maximum is {MAX_CHOICES}"
        )));
    }
    let mut prompt = call.prompt(&model);
    if chat::wants_prompt(body) {
        prompt.keep();
    }
    for text in &prompts {
        prompt.text(text);
    }

    let mut choices: Vec<Choice> = Vec::new();
    let limit = call
        .allowed(chat::limit(body, DEFAULT_MAX_TOKENS), &prompt, &model)?
        .min(MAX_REPLY_TOKENS / count.max(1));
    for text in &prompts {
        let ask = Ask {
            last: text.clone(),
            max_tokens: limit,
            reasoning: false,
            ..chat::sampling(call)
        };
        choices.extend((0..n).map(|i| {
            let mut choice = ask.choice(i, call.knobs);
            // Text completions have no field for reasoning.
            choice.reasoning.clear();
            choice.echo = chat::echo(body, text);
            choice
        }));
    }
    Ok(chat::reply(
        call,
        Style::Text,
        &model.name,
        &prompt,
        choices,
    ))
}

/// The prompts as text, token ids included.
fn prompts(body: &Json) -> Vec<String> {
    match body.get("prompt") {
        Some(Json::Str(text)) => vec![text.clone()],
        Some(Json::Array(items)) if items.iter().all(|i| i.as_u64().is_some()) => {
            vec![ids_as_text(items)]
        }
        Some(Json::Array(items)) => items
            .iter()
            .map(|item| {
                item.as_str()
                    .map_or_else(|| ids_as_text(item.elements()), str::to_owned)
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Token ids as text of the same number of tokens.
pub(crate) fn ids_as_text(ids: &[Json]) -> String {
    // One symbol of the private use area per id is one token each.
    let symbol = |id: u64| char::from_u32(0xE000 + (id % 0x1900) as u32).unwrap_or('\u{E000}');
    ids.iter().filter_map(Json::as_u64).map(symbol).collect()
}
