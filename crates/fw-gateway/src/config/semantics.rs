//! Rules that a schema cannot say: names that must be unique, references that
//! must lead somewhere, settings that must agree.
//!
//! They read the tree, not the types, so they also run, and report, where some
//! other part of the document is wrong.

mod audit;
mod groups;
mod policies;
mod routing;
mod surfaces;

use std::collections::{HashMap, HashSet};

use fw_provider::TargetConfig;
use serde::de::DeserializeOwned;

use super::node::{Kind, Node};
use super::path::Path;
use super::problem::{Code, Place, Problem};
use super::suggest::{list, nearest};

/// Every fault of this sort. `broken` holds the paths that the schema check
/// already refused.
pub(crate) fn check(root: &Node, broken: &HashSet<String>) -> Vec<Problem> {
    let mut rules = Rules {
        root,
        broken,
        holds_broken: broken.iter().flat_map(|path| prefixes(path)).collect(),
        found: Vec::new(),
    };
    rules.pack();
    rules.chains();
    rules.policies();
    rules.audit_logger();
    rules.targets();
    rules.messages();
    rules.responses_store();
    rules.routing();
    rules.weights();
    rules.groups();
    rules.probes();
    rules.routes();
    rules.consumers();
    rules.cors();
    rules.found
}

struct Rules<'d> {
    root: &'d Node,
    broken: &'d HashSet<String>,
    /// The paths in `broken` and of everything that holds one of them.
    holds_broken: HashSet<&'d str>,
    found: Vec<Problem>,
}

impl<'d> Rules<'d> {
    fn at(&self, keys: &[&str]) -> Option<&'d Node> {
        keys.iter().try_fold(self.root, |node, key| node.get(key))
    }

    fn list(&self, keys: &[&str]) -> &'d [Node] {
        self.at(keys).map_or(&[], Node::items)
    }

    fn add(
        &mut self,
        code: Code,
        at: Place,
        path: Path,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.found
            .push(Problem::new(code, at, path, message).suggest(advice));
    }

    fn pack(&mut self) {
        if let Some(enabled) = self.at(&["pack", "enabled"])
            && matches!(enabled.value, Kind::Bool(false))
        {
            self.add(
                Code::Doubtful,
                enabled.at,
                path(&["pack", "enabled"]),
                "this configuration is switched off",
                "the gateway will refuse to run it",
            );
        }
    }

    /// The global chain, and those of routes and consumer groups.
    fn chains(&mut self) {
        let mut chains = vec![(
            path(&["policies", "chain"]),
            self.list(&["policies", "chain"]),
        )];
        for section in ["routes", "consumer_groups"] {
            for (index, owner) in self.list(&[section]).iter().enumerate() {
                if let Some(chain) = owner
                    .get("policies")
                    .and_then(|policies| policies.get("chain"))
                {
                    chains.push((
                        path(&[section]).index(index).key("policies").key("chain"),
                        chain.items(),
                    ));
                }
            }
        }
        let blocks = self.at(&["policy"]).map_or(&[][..], Node::entries);
        let mut used = HashSet::new();
        for (at, chain) in chains {
            let mut seen = HashMap::new();
            for (index, item) in chain.iter().enumerate() {
                let Some(kind) = item.text() else { continue };
                let here = at.index(index);
                if let Some(first) = seen.insert(kind, index) {
                    self.add(
                        Code::DuplicateId,
                        item.at,
                        here,
                        format!(
                            "`{kind}` is already in the chain, at position {}",
                            first + 1
                        ),
                        "list each kind once",
                    );
                } else if used.insert(kind)
                    && !self.broken.contains(here.as_str())
                    && !blocks.iter().any(|entry| entry.key == kind)
                    // It has no default for whom to ask.
                    && kind != "external-moderation"
                {
                    self.add(
                        Code::NoBlock,
                        item.at,
                        here,
                        format!("`{kind}` has no block under `policy`"),
                        "its defaults apply",
                    );
                }
            }
        }
        for entry in blocks {
            let here = path(&["policy"]).key(&entry.key);
            if !used.contains(entry.key.as_str()) && !self.broken.contains(here.as_str()) {
                self.add(
                    Code::NeverRuns,
                    entry.at,
                    here,
                    format!(
                        "`{}` is configured but not in `policies.chain`, so it never runs",
                        entry.key
                    ),
                    "add it to the chain, or remove the block",
                );
            }
        }
    }

    /// The section at `node` without those of its keys that are already refused,
    /// so that the others are checked all the same.
    fn sound<T: DeserializeOwned>(&self, node: &Node, path: &Path) -> Option<T> {
        let mut sound = node.to_json();
        if let Some(object) = sound.as_object_mut() {
            object.retain(|key, _| !self.holds_broken.contains(path.key(key).as_str()));
        }
        T::deserialize(sound).ok()
    }

    fn targets(&mut self) {
        let all = path(&["providers", "targets"]);
        let targets = self.list(&["providers", "targets"]);
        self.unique(targets, &all, "id", "target");
        for (index, node) in targets.iter().enumerate() {
            let here = all.index(index);
            let target = self.sound::<TargetConfig>(node, &here);
            for problem in target.iter().flat_map(TargetConfig::problems) {
                let at = node.get(problem.field).map_or(node.at, |value| value.at);
                let code = match problem.field {
                    "zdr" | "escalation_routing" => Code::Contradiction,
                    _ => Code::OutOfBounds,
                };
                self.found.push(Problem::new(
                    code,
                    at,
                    here.key(problem.field),
                    problem.message,
                ));
            }
            if let Some(key) = node.get("api_key") {
                self.add(
                    Code::Doubtful,
                    key.at,
                    here.key("api_key"),
                    "the key stands in the file",
                    "prefer `secret_key_ref: {env: NAME}`",
                );
            }
            if let Some(url) = node.get("base_url")
                && url.text().is_some_and(is_plain_http_elsewhere)
            {
                self.add(
                    Code::Doubtful,
                    url.at,
                    here.key("base_url"),
                    "keys and text travel unencrypted over `http://`",
                    "use `https://` except on this machine",
                );
            }
        }
    }

    fn routes(&mut self) {
        let all = path(&["routes"]);
        let routes = self.list(&["routes"]);
        self.unique(routes, &all, "name", "route");
        for (index, route) in routes.iter().enumerate() {
            self.refers_to_target(route.get("upstream"), all.index(index).key("upstream"));
        }
    }

    fn consumers(&mut self) {
        let all = path(&["consumer_groups"]);
        let groups = self.list(&["consumer_groups"]);
        self.unique(groups, &all, "name", "consumer group");
        let mut keys: HashMap<Option<&str>, u32> = HashMap::new();
        for (index, group) in groups.iter().enumerate() {
            let here = all.index(index);
            self.refers_to_target(group.get("upstream"), here.key("upstream"));
            let key = group.get("api_key");
            if let Some(line) = keys.insert(key.and_then(Node::text), group.at.line) {
                let message = match key {
                    Some(_) => format!("the group on line {line} has the same key"),
                    None => format!(
                        "the group on line {line} has no key either, so both would be the default group"
                    ),
                };
                let at = key.map_or(group.at, |key| key.at);
                self.add(
                    Code::DuplicateId,
                    at,
                    here.key("api_key"),
                    message,
                    "give each group a key of its own",
                );
            }
        }
    }

    fn cors(&mut self) {
        let Some(cors) = self.at(&["cors"]) else {
            return;
        };
        let origins = cors
            .get("allow_origins")
            .or_else(|| cors.get("allowed_origins"));
        let credentials = cors
            .entry("credentials")
            .or_else(|| cors.entry("allow_credentials"));
        if let Some(credentials) = credentials
            && matches!(credentials.value.value, Kind::Bool(true))
            && origins.is_some_and(|origins| {
                origins
                    .items()
                    .iter()
                    .any(|origin| origin.text() == Some("*"))
            })
        {
            self.add(
                Code::Contradiction,
                credentials.value.at,
                path(&["cors"]).key(&credentials.key),
                "credentials cannot be allowed for every origin (`*`)",
                "list the origins, or set this to false",
            );
        }
    }

    /// Reports every value of `key` that an earlier item already has.
    fn unique(&mut self, items: &'d [Node], at: &Path, key: &str, what: &str) {
        let mut seen: HashMap<&str, u32> = HashMap::new();
        for (index, item) in items.iter().enumerate() {
            let Some((node, text)) = item.get(key).and_then(|node| Some((node, node.text()?)))
            else {
                continue;
            };
            if let Some(line) = seen.get(text) {
                self.add(
                    Code::DuplicateId,
                    node.at,
                    at.index(index).key(key),
                    format!("another {what} is already called `{text}`, on line {line}"),
                    format!("give each {what} its own `{key}`"),
                );
            } else {
                seen.insert(text, node.at.line);
            }
        }
    }

    fn refers_to_target(&mut self, node: Option<&Node>, at: Path) {
        let ids = self.target_ids();
        self.refers_to(node, at, "target", &ids);
    }

    fn target_ids(&self) -> Vec<&'d str> {
        let targets = self.list(&["providers", "targets"]).iter();
        targets
            .filter_map(|target| target.get("id")?.text())
            .collect()
    }

    fn refers_to(&mut self, node: Option<&Node>, at: Path, what: &str, known: &[&str]) {
        let Some((node, text)) = node.and_then(|node| Some((node, node.text()?))) else {
            return;
        };
        if known.contains(&text) {
            return;
        }
        let advice = match nearest(text, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => format!("no {what} is defined"),
            None => format!("defined are {}", list(known.iter().take(16).copied())),
        };
        self.add(
            Code::Unresolved,
            node.at,
            at,
            format!("there is no {what} `{text}`"),
            advice,
        );
    }
}

fn path(keys: &[&str]) -> Path {
    keys.iter().fold(Path::root(), |path, key| path.key(key))
}

/// `path` and the paths of all that it lies in.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    let ends = path
        .char_indices()
        .filter(|(_, c)| matches!(c, '.' | '['))
        .map(|(index, _)| index);
    ends.chain([path.len()]).filter_map(|end| path.get(..end))
}

fn is_zero(node: &Node) -> bool {
    match node.value {
        Kind::Integer(number) => number == 0,
        Kind::Float(number) => number == 0.0,
        _ => false,
    }
}

/// Whether `url` sends a key in the clear over a network.
fn is_plain_http_elsewhere(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let local = host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    uri.scheme_str() == Some("http") && !local
}
