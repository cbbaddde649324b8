//! `POST /v1/rerank`: documents are ranked by how many of the query's words they hold.

use std::collections::HashSet;

use crate::call::{Call, Reply};
use crate::json::{Json, object};
use crate::models;
use crate::refusal::Refusal;
use crate::tokens;
use crate::usage::Usage;
use crate::validate;

/// The model of a request that names none.
const DEFAULT_MODEL: &str = "accounts/fireworks/models/qwen3-reranker-8b";

pub(crate) fn create(call: &Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body;
    validate::embeddings::rerank(body)?;
    let asked = if call.model.is_empty() {
        DEFAULT_MODEL
    } else {
        call.model
    };
    let model =
        models::find(&call.shared.config, call.account, asked).ok_or_else(|| call.no_model())?;
    let query = words(body.str("query").unwrap_or(""));
    let documents = body.array("documents");
    let mut prompt = tokens::count(body.str("query").unwrap_or(""));
    let mut ranked: Vec<(usize, f64, &str)> = Vec::with_capacity(documents.len());
    for (index, document) in documents.iter().filter_map(Json::as_str).enumerate() {
        prompt += tokens::count(document);
        let held = words(document).intersection(&query).count();
        let share = held as f64 / query.len().max(1) as f64;
        ranked.push((index, ((0.01 + 0.98 * share) * 1e4).round() / 1e4, document));
    }
    // The sort is stable, so documents of the same score stay in order.
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked.truncate(
        body.u64("top_n")
            .map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX)),
    );
    let give = body.bool("return_documents").unwrap_or(true);
    let data = ranked.into_iter().map(|(index, score, document)| {
        if give {
            object! { "index" => index, "relevance_score" => score, "document" => document }
        } else {
            object! { "index" => index, "relevance_score" => score }
        }
    });
    let reply = object! {
        "object" => "list",
        "model" => model.name,
        "data" => data.collect::<Vec<Json>>(),
        "usage" => object! { "prompt_tokens" => prompt, "total_tokens" => prompt, "completion_tokens" => 0u64 },
    };
    let usage = Usage {
        prompt,
        ..Usage::default()
    };
    Ok(Reply::Json {
        body: reply.to_bytes(),
        headers: call.headers(usage, false),
    })
}

fn words(text: &str) -> HashSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_lowercase)
        .collect()
}
