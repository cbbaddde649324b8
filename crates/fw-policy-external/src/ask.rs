//! What a service is asked, and what its answer means.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::config::{ExternalConfig, ExternalFormat};

/// Longest name of a finding. The service chooses it.
const MAX_NAME: usize = 64;

/// The score from which a label counts, unless it is set.
const THRESHOLD: f64 = 0.5;

/// One question: its body, and about how many texts it is.
pub(crate) struct Question {
    pub(crate) body: Bytes,
    texts: usize,
}

/// The answer is none of the shape that was expected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

#[derive(Serialize)]
struct Moderation<'a> {
    input: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
}

#[derive(Serialize)]
struct Classification<'a> {
    inputs: &'a str,
}

#[derive(Serialize)]
struct Plain<'a> {
    text: &'a str,
}

#[derive(Deserialize)]
struct Results {
    results: Vec<Judgement>,
}

#[derive(Deserialize)]
struct Judgement {
    flagged: bool,
    #[serde(default)]
    categories: Map<String, Value>,
    #[serde(default)]
    category_scores: Map<String, Value>,
}

#[derive(Deserialize)]
struct Label {
    label: String,
    score: f64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Labels {
    Flat(Vec<Label>),
    Nested(Vec<Vec<Label>>),
}

#[derive(Deserialize)]
struct Score {
    score: f64,
}

/// The questions about these texts, to be asked one after the other.
pub(crate) fn questions(config: &ExternalConfig, texts: &[&str]) -> Vec<Question> {
    fn question(texts: usize, body: &impl Serialize) -> Option<Question> {
        // Texts and names are always JSON.
        let body = serde_json::to_vec(body).ok()?.into();
        Some(Question { body, texts })
    }
    match config.format {
        ExternalFormat::Moderation => {
            let body = Moderation {
                input: texts,
                model: config.model.as_deref(),
            };
            question(texts.len(), &body).into_iter().collect()
        }
        ExternalFormat::Classification => {
            let all = texts.iter();
            all.filter_map(|inputs| question(1, &Classification { inputs }))
                .collect()
        }
        ExternalFormat::Score => {
            let all = texts.iter();
            all.filter_map(|text| question(1, &Plain { text }))
                .collect()
        }
    }
}

/// What counts in the answer to a question, by name.
pub(crate) fn findings(
    config: &ExternalConfig,
    question: &Question,
    answer: &[u8],
) -> Result<Vec<String>, Unreadable> {
    match config.format {
        ExternalFormat::Moderation => {
            let answer: Results = serde_json::from_slice(answer).map_err(|_| Unreadable)?;
            if answer.results.len() != question.texts {
                return Err(Unreadable);
            }
            let found = answer.results.iter().map(|result| judged(config, result));
            Ok(found.collect::<Result<Vec<_>, _>>()?.concat())
        }
        ExternalFormat::Classification => {
            let answer: Labels = serde_json::from_slice(answer).map_err(|_| Unreadable)?;
            let labels = match answer {
                Labels::Flat(labels) => labels,
                Labels::Nested(lists) => lists.into_iter().flatten().collect(),
            };
            if labels.is_empty() {
                return Err(Unreadable);
            }
            let threshold = config.threshold.unwrap_or(THRESHOLD);
            let found = labels
                .iter()
                .filter(|it| it.score >= threshold && is_named(config, &it.label));
            Ok(found.map(|it| name(&it.label)).collect())
        }
        ExternalFormat::Score => {
            let answer: Score = serde_json::from_slice(answer).map_err(|_| Unreadable)?;
            let threshold = config.threshold.unwrap_or(THRESHOLD);
            Ok((answer.score >= threshold)
                .then(|| "score".to_owned())
                .into_iter()
                .collect())
        }
    }
}

fn judged(config: &ExternalConfig, result: &Judgement) -> Result<Vec<String>, Unreadable> {
    let counts = |category: &str| config.labels.is_empty() || is_named(config, category);
    if let Some(threshold) = config.threshold {
        if result.category_scores.is_empty() {
            return Err(Unreadable);
        }
        let scores = result.category_scores.iter();
        let found = scores.filter(|(category, score)| {
            counts(category) && score.as_f64().is_some_and(|score| score >= threshold)
        });
        return Ok(found.map(|(category, _)| name(category)).collect());
    }
    if !result.flagged {
        return Ok(Vec::new());
    }
    let categories = result.categories.iter();
    let found: Vec<String> = categories
        .filter(|(category, on)| counts(category) && on.as_bool() == Some(true))
        .map(|(category, _)| name(category))
        .collect();
    // Flagged, and it does not say for what.
    if found.is_empty() && config.labels.is_empty() {
        return Ok(vec!["flagged".to_owned()]);
    }
    Ok(found)
}

fn is_named(config: &ExternalConfig, label: &str) -> bool {
    let mut labels = config.labels.iter();
    labels.any(|name| name.eq_ignore_ascii_case(label))
}

/// A name that is fit for a record, whatever the service says.
fn name(label: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let letters = label.chars().take(MAX_NAME);
    letters.map(|c| if plain(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests;
