//! Log probabilities in their two shapes (Fireworks API documentation).

use crate::json::{Json, object};
use crate::tokens;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Logprobs {
    None,
    /// `logprobs: true`, with so many alternatives.
    Content(u64),
    /// `logprobs: 0..5`, with so many alternatives.
    Legacy(u64),
}

// === impl Logprobs ===

impl Logprobs {
    pub(crate) fn of(body: &Json) -> Self {
        match body.get("logprobs") {
            Some(Json::Bool(true)) => Self::Content(body.u64("top_logprobs").unwrap_or(0)),
            Some(Json::Int(n)) => Self::Legacy(u64::try_from(*n).unwrap_or(0)),
            _ => Self::None,
        }
    }

    /// Appends the object for a text that starts at an offset of the reply.
    pub(crate) fn write(self, text: &str, offset: usize, out: &mut Vec<u8>) {
        match self {
            Self::None => Json::Null,
            Self::Content(top) => content(text, offset, top),
            Self::Legacy(top) => legacy(text, offset, top),
        }
        .write(out);
    }
}

fn content(text: &str, offset: usize, top: u64) -> Json {
    let mut at = offset;
    let each = tokens::tokens(text).map(|token| {
        let here = at;
        at += token.len();
        let top: Vec<Json> = alternatives(token, top)
            .map(|(token, logprob)| {
                object! {
                    "token" => token, "logprob" => logprob, "token_id" => tokens::id(token), "bytes" => bytes(token),
                }
            })
            .collect();
        let logprob = tokens::logprob(token);
        object! {
            "token" => token,
            "logprob" => logprob,
            "sampling_logprob" => logprob,
            "bytes" => bytes(token),
            "token_id" => tokens::id(token),
            "text_offset" => here,
            "top_logprobs" => top,
        }
    });
    object! { "content" => each.collect::<Vec<Json>>() }
}

fn legacy(text: &str, offset: usize, top: u64) -> Json {
    let mut at = offset;
    let (mut names, mut logprobs, mut tops, mut offsets, mut ids) =
        (vec![], vec![], vec![], vec![], vec![]);
    for token in tokens::tokens(text) {
        names.push(Json::from(token));
        logprobs.push(Json::from(tokens::logprob(token)));
        let top = alternatives(token, top)
            .map(|(token, logprob)| (token.to_owned(), Json::from(logprob)));
        tops.push(Json::Object(top.collect()));
        offsets.push(Json::from(at));
        ids.push(Json::from(tokens::id(token)));
        at += token.len();
    }
    object! {
        "tokens" => names, "token_logprobs" => logprobs, "top_logprobs" => tops, "text_offset" => offsets,
        "token_ids" => ids,
    }
}

/// The token itself, then fillers that are less likely.
fn alternatives(token: &str, count: u64) -> impl Iterator<Item = (&str, f64)> {
    let own = tokens::logprob(token);
    let others = (0..)
        .map(tokens::filler)
        .filter(move |other| *other != token);
    let others = others
        .zip(1..)
        .map(move |(other, i)| (other, own - f64::from(i)));
    std::iter::once((token, own))
        .chain(others)
        .take(count as usize)
}

fn bytes(token: &str) -> Vec<Json> {
    token.bytes().map(|b| Json::from(u64::from(b))).collect()
}
