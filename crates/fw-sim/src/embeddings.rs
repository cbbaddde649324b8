//! `POST /v1/embeddings`.
//!
//! A vector is the sum of a pseudo-random vector for each token, so that texts with common words are
//! close to each other.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::call::{Call, Reply};
use crate::chunks::write_number;
use crate::completions::ids_as_text;
use crate::config::Api;
use crate::json::{Json, write_str};
use crate::refusal::Refusal;
use crate::tokens;
use crate::usage::Usage;
use crate::validate;

/// Tokens that count towards a vector.
const MAX_TOKENS: usize = 256;

/// Native dimensions where they differ from the default.
const DIMENSIONS: [(&str, usize); 5] = [
    ("qwen3-embedding-8b", 4096),
    ("qwen3-embedding-4b", 2560),
    ("qwen3-embedding-0p6b", 1024),
    ("thenlper/gte-large", 1024),
    ("WhereIsAI/UAE-Large-V1", 1024),
];
const DEFAULT_DIMENSIONS: usize = 768;

pub(crate) fn create(call: &Call<'_>) -> Result<Reply, Refusal> {
    let body = call.body;
    match call.shared.config.api {
        Api::Fireworks => validate::embeddings::shape(body)?,
        Api::OpenAi => validate::openai::embeddings(body)?,
    }
    let model = call.find_model()?;
    let native = DIMENSIONS
        .iter()
        .find(|(id, _)| model.name.ends_with(id))
        .map_or(DEFAULT_DIMENSIONS, |(_, n)| *n);
    let dimensions = body
        .u64("dimensions")
        .map_or(native, |n| usize::try_from(n).unwrap_or(usize::MAX));
    if dimensions > native {
        return Err(Refusal::invalid(&format!(
            "Input should be less than or equal to {native}, field: 'dimensions', value: {dimensions}"
        )));
    }
    let inputs = inputs(body);
    let usage = Usage {
        prompt: inputs.iter().map(|text| tokens::count(text)).sum(),
        ..Usage::default()
    };
    let logits: Option<Vec<u64>> = match body.value("return_logits") {
        Some(Json::Array(ids)) => Some(ids.iter().filter_map(Json::as_u64).collect()),
        _ => None,
    };
    let normalize = body.bool("normalize").unwrap_or(false);
    let base64 = body.str("encoding_format") == Some("base64") && call.knobs.base64;

    let mut out = b"{\"object\":\"list\",\"model\":".to_vec();
    write_str(&mut out, &model.name);
    out.extend_from_slice(b",\"data\":[");
    for (index, text) in inputs.iter().enumerate() {
        out.extend_from_slice(if index > 0 {
            b",{\"object\":\"embedding\",\"index\":"
        } else {
            b"{\"object\":\"embedding\",\"index\":"
        });
        write_number(index as u64, &mut out);
        out.extend_from_slice(b",\"embedding\":");
        let vector = match &logits {
            Some(ids) => softmax(logits_of(text, ids), normalize),
            None => unit(embed(text, dimensions), normalize),
        };
        write_vector(&vector, base64, &mut out);
        out.push(b'}');
    }
    out.extend_from_slice(b"],\"usage\":{\"prompt_tokens\":");
    write_number(usage.prompt, &mut out);
    out.extend_from_slice(b",\"total_tokens\":");
    write_number(usage.prompt, &mut out);
    out.push(b'}');
    out.extend_from_slice(&call.perf_metrics(usage));
    out.push(b'}');
    Ok(Reply::Json {
        body: out,
        headers: call.headers(usage, false),
    })
}

/// The inputs as text, after the template.
fn inputs(body: &Json) -> Vec<String> {
    let template = body.str("prompt_template");
    let one = |input: &Json| match (input, template) {
        (Json::Str(text), None) => text.clone(),
        (Json::Str(text), Some(template)) => template.replace("{text}", text),
        (Json::Array(ids), _) => ids_as_text(ids),
        (object, template) => {
            let members = object.members().iter();
            let fill = |text: String, (key, value): &(String, Json)| {
                text.replace(&format!("{{{key}}}"), value.as_str().unwrap_or_default())
            };
            match template {
                Some(template) => members.fold(template.to_owned(), fill),
                None => object.to_text(),
            }
        }
    };
    match body.get("input") {
        Some(Json::Array(items)) if items.iter().all(|i| i.as_u64().is_some()) => {
            vec![ids_as_text(items)]
        }
        Some(Json::Array(items)) => items.iter().map(one).collect(),
        Some(input) => vec![one(input)],
        None => Vec::new(),
    }
}

fn embed(text: &str, dimensions: usize) -> Vec<f32> {
    let mut vector = vec![0.0; dimensions];
    for token in tokens::tokens(text).take(MAX_TOKENS) {
        let mut state = tokens::hash(token.trim_start().to_lowercase().as_bytes()) | 1;
        for value in &mut vector {
            *value += noise(&mut state);
        }
    }
    vector
}

/// The next number between −0.5 and 0.5 (xorshift64, Marsaglia 2003).
fn noise(state: &mut u64) -> f32 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
}

fn logits_of(text: &str, ids: &[u64]) -> Vec<f32> {
    let seed = tokens::hash(text.as_bytes());
    ids.iter()
        .map(|id| noise(&mut (tokens::hash_from(seed, &id.to_le_bytes()) | 1)))
        .collect()
}

fn unit(mut vector: Vec<f32>, normalize: bool) -> Vec<f32> {
    let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
    if normalize && length > 0.0 {
        vector.iter_mut().for_each(|v| *v /= length);
    }
    vector
}

fn softmax(mut logits: Vec<f32>, normalize: bool) -> Vec<f32> {
    if normalize {
        logits.iter_mut().for_each(|v| *v = v.exp());
        let sum: f32 = logits.iter().sum();
        logits.iter_mut().for_each(|v| *v /= sum);
    }
    logits
}

fn write_vector(vector: &[f32], base64: bool, out: &mut Vec<u8>) {
    if base64 {
        // 32-bit floats, little endian, as OpenAI clients decode them.
        let bytes: Vec<u8> = vector.iter().flat_map(|v| v.to_le_bytes()).collect();
        write_str(out, &STANDARD.encode(bytes));
        return;
    }
    out.push(b'[');
    for (i, value) in vector.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        out.extend_from_slice(format!("{value:?}").as_bytes());
    }
    out.push(b']');
}
