//! The blocks of policies that check their own settings.

use fw_policy_external::ExternalConfig;
use fw_policy_injection::{Detector as InjectionDetector, InjectionConfig};
use fw_policy_pii::{Detector as PiiDetector, PiiConfig};
use fw_policy_safety::SafetyConfig;
use serde::de::DeserializeOwned;

use super::{Rules, is_plain_http_elsewhere, path};
use crate::config::node::Node;
use crate::config::path::Path;
use crate::config::problem::{Code, Place, Problem};

/// A fault: the setting, from the block, and what to do about it.
type Fault = (String, String);

/// Keys that only say something wrong by saying something else than another key.
const CONTRADICTIONS: [(&str, &str); 3] = [
    ("prompt-injection", "action"),
    ("prompt-injection", "threshold"),
    ("prompt-injection", "detection.embedding_threshold"),
];

macro_rules! faults {
    ($problems:expr) => {
        $problems
            .iter()
            .map(|problem| (problem.field().to_owned(), problem.message().to_owned()))
            .collect::<Vec<Fault>>()
    };
}

impl Rules<'_> {
    pub(super) fn policies(&mut self) {
        self.block("prompt-injection", injection);
        self.block("pii-detector", pii);
        self.block("safety-filter", |config: SafetyConfig| {
            faults!(config.problems())
        });
        self.block("external-moderation", |config: ExternalConfig| {
            faults!(config.problems())
        });
        self.external_moderation();
    }

    /// It asks after all other policies wherever it stands; those who read the file may think otherwise.
    fn external_moderation(&mut self) {
        const KIND: &str = "external-moderation";
        let chain = self.list(&["policies", "chain"]);
        let place = chain.iter().position(|kind| kind.text() == Some(KIND));
        let Some(place) = place else { return };
        let is_other = |kind: &Node| kind.text().is_some_and(|kind| kind != "audit-logger");
        if chain[place + 1..].iter().any(is_other) {
            self.add(
                Code::Doubtful,
                chain[place].at,
                path(&["policies", "chain"]).index(place),
                "`external-moderation` is asked after all other policies, about what they left",
                "place it after them",
            );
        }
        let Some(block) = self.at(&["policy", KIND]) else {
            self.add(
                Code::Missing,
                chain[place].at,
                path(&["policies", "chain"]).index(place),
                "`external-moderation` has to know whom to ask",
                "write its address: `policy.external-moderation.url`",
            );
            return;
        };
        if let Some(url) = block.get("url")
            && url.text().is_some_and(is_plain_http_elsewhere)
        {
            self.add(
                Code::Doubtful,
                url.at,
                path(&["policy", KIND, "url"]),
                "keys and text travel unencrypted over `http://`",
                "use `https://` except on this machine",
            );
        }
    }

    /// What `check` finds in the block of a kind, each fault where its setting stands.
    fn block<T: DeserializeOwned>(&mut self, kind: &str, check: impl Fn(T) -> Vec<Fault>) {
        let here = path(&["policy", kind]);
        let Some(node) = self.at(&["policy", kind]) else {
            return;
        };
        let Some(config) = self.sound::<T>(node, &here) else {
            return;
        };
        for (field, message) in check(config) {
            let (at, path) = place(node, &here, &field);
            let code = if CONTRADICTIONS.contains(&(kind, &*field)) {
                Code::Contradiction
            } else {
                Code::OutOfBounds
            };
            self.found.push(Problem::new(code, at, path, message));
        }
    }
}

/// Patterns are compiled; files of weights are not read, because the file may be meant for another machine.
fn injection(mut config: InjectionConfig) -> Vec<Fault> {
    let faults = faults!(config.problems());
    config.weights = None;
    match InjectionDetector::new(&config) {
        Err(error) if faults.is_empty() => faults!(error.problems()),
        _ => faults,
    }
}

/// Patterns are compiled; the environment is not asked for keys.
fn pii(mut config: PiiConfig) -> Vec<Fault> {
    let faults = faults!(config.problems());
    config.redaction.hash_key_ref = None;
    match PiiDetector::new(&config) {
        Err(error) if faults.is_empty() => faults!(error.problems()),
        _ => faults,
    }
}

/// The place and the path of a field such as `redaction.custom_markers.EMAIL` or `detect_patterns[2]`: those of the
/// deepest part of it that is there.
fn place(block: &Node, here: &Path, field: &str) -> (Place, Path) {
    let mut at = block.at;
    let mut node = Some(block);
    let mut path = here.clone();
    for part in field.split('.') {
        let (key, index) = match part.split_once('[') {
            Some((key, index)) => (key, index.trim_end_matches(']').parse::<usize>().ok()),
            None => (part, None),
        };
        path = path.key(key);
        node = node.and_then(|node| node.get(key));
        at = node.map_or(at, |node| node.at);
        if let Some(index) = index {
            path = path.index(index);
            node = node.and_then(|node| node.items().get(index));
            at = node.map_or(at, |node| node.at);
        }
    }
    (at, path)
}
