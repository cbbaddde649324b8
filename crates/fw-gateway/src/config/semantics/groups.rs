//! `model_groups`: names that are told apart, members that exist, an end to
//! falling back.

use std::collections::HashMap;

use super::super::node::Node;
use super::super::path::Path;
use super::super::problem::Code;
use super::super::providers::Strategy;
use super::super::suggest::list;
use super::routing::{is_one, strategy};
use super::{Rules, is_zero, path};

impl<'d> Rules<'d> {
    pub(super) fn groups(&mut self) {
        let all = path(&["model_groups"]);
        let groups = self.list(&["model_groups"]);
        let mut names: HashMap<&str, u32> = HashMap::new();
        for (index, group) in groups.iter().enumerate() {
            let here = all.index(index);
            self.names(group, &here, &mut names);
            match (group.get("targets"), group.get("models")) {
                (Some(_), None) | (None, Some(_)) => {}
                (both, _) => self.add(
                    Code::Contradiction,
                    group.at,
                    here.clone(),
                    if both.is_some() {
                        "has both `targets` and `models`"
                    } else {
                        "has no targets"
                    },
                    "list its members under `targets`",
                ),
            }
            for key in ["targets", "models"] {
                self.members(group, key, &here);
            }
        }
        let known: Vec<&str> = groups.iter().filter_map(name).collect();
        for (index, group) in groups.iter().enumerate() {
            self.refers_to(
                group.get("fallback_group"),
                all.index(index).key("fallback_group"),
                "model group",
                &known,
            );
        }
        self.circles(groups, &all);
    }

    fn names(&mut self, group: &'d Node, here: &Path, names: &mut HashMap<&'d str, u32>) {
        let name = group.get("name").map(|name| (name, here.key("name")));
        let aliases = group
            .get("aliases")
            .map_or(&[][..], Node::items)
            .iter()
            .enumerate();
        let aliases = aliases.map(|(index, alias)| (alias, here.key("aliases").index(index)));
        for (node, at) in name.into_iter().chain(aliases.collect::<Vec<_>>()) {
            let Some(text) = node.text() else { continue };
            if let Some(line) = names.insert(text, node.at.line) {
                self.add(
                    Code::DuplicateId,
                    node.at,
                    at,
                    format!("the model name `{text}` is already used on line {line}"),
                    "give each group and alias its own name",
                );
            } else if self.target_ids().contains(&text) {
                self.add(
                    Code::Doubtful,
                    node.at,
                    at,
                    format!("`{text}` is also the id of a target; as a model it means this group"),
                    "give them different names",
                );
            }
        }
    }

    /// The members under `key`: ids of targets, or models of providers.
    fn members(&mut self, group: &'d Node, key: &str, here: &Path) {
        let members = group.get(key).map_or(&[][..], Node::items);
        for (index, member) in members.iter().enumerate() {
            let at = here.key(key).index(index);
            match member.text() {
                Some(_) if key == "targets" => self.refers_to_target(Some(member), at.clone()),
                Some(_) => continue,
                None => self.refers_to_provider(member.get("provider"), at.key("provider")),
            }
            if let Some(target) = self.target_of(member)
                && member.get("model").is_none()
                && !has_model(target)
            {
                self.add(
                    Code::Contradiction,
                    member.at,
                    at,
                    "the target has no model of its own, so it would be asked for the group's name",
                    "give the target a `model`, or this member one",
                );
            }
        }
        self.weights_of(group, members, &here.key(key));
    }

    fn weights_of(&mut self, group: &Node, members: &[Node], at: &Path) {
        let strategy = group.get("strategy").and_then(strategy);
        let strategy = strategy.unwrap_or_else(|| self.strategy());
        let weights: Vec<&Node> = members
            .iter()
            .filter_map(|member| member.get("weight"))
            .collect();
        let Some(first) = weights.first() else { return };
        if strategy == Strategy::WeightedRoundRobin
            && weights.len() == members.len()
            && weights.iter().all(|weight| is_zero(weight))
        {
            self.add(
                Code::Contradiction,
                first.at,
                at.clone(),
                "every member has weight zero, so none would get traffic",
                "give at least one member a weight above zero",
            );
        } else if !strategy.uses_weights() && weights.iter().any(|weight| !is_one(weight)) {
            self.add(
                Code::Doubtful,
                first.at,
                at.clone(),
                format!(
                    "the strategy `{}` does not look at weights",
                    strategy.as_str()
                ),
                "add `strategy: weighted_round_robin` to the group, or remove them",
            );
        }
    }

    /// The target that a member stands for: by its id, else the provider's first one.
    fn target_of(&self, member: &Node) -> Option<&'d Node> {
        let named = member.text().or_else(|| member.get("provider")?.text())?;
        let targets = self.list(&["providers", "targets"]);
        let by = |wanted: fn(&Node) -> Option<&str>| {
            targets.iter().find(|target| wanted(target) == Some(named))
        };
        by(|target| target.get("id")?.text()).or_else(|| by(provider_name))
    }

    fn refers_to_provider(&mut self, node: Option<&Node>, at: Path) {
        let mut known = self.target_ids();
        let targets = self.list(&["providers", "targets"]).iter();
        for provider in targets.filter_map(provider_name) {
            if !known.contains(&provider) {
                known.push(provider);
            }
        }
        self.refers_to(node, at, "target or provider", &known);
    }

    /// Groups that fall back to each other would never end.
    fn circles(&mut self, groups: &'d [Node], all: &Path) {
        let next: HashMap<&str, &str> = groups
            .iter()
            .filter_map(|group| Some((name(group)?, group.get("fallback_group")?.text()?)))
            .collect();
        for (index, group) in groups.iter().enumerate() {
            let Some(start) = name(group) else { continue };
            let mut way = vec![start];
            let mut at = start;
            while let Some(&to) = next.get(at)
                && to != start
                && way.len() <= groups.len()
            {
                way.push(to);
                at = to;
            }
            // Said once for each circle, at the group that stands first.
            let first = groups
                .iter()
                .filter_map(name)
                .find(|name| way.contains(name));
            if next.get(at) == Some(&start)
                && first == Some(start)
                && let Some(node) = group.get("fallback_group")
            {
                let (message, advice) = match way.as_slice() {
                    [only] => (
                        format!("the group `{only}` falls back to itself"),
                        "remove it, or name another group",
                    ),
                    _ => (
                        format!(
                            "the groups {} fall back to each other in a circle",
                            list(way.iter().copied())
                        ),
                        "let the last of them fall back to none",
                    ),
                };
                let at = all.index(index).key("fallback_group");
                self.add(Code::Contradiction, node.at, at, message, advice);
            }
        }
    }
}

fn provider_name(target: &Node) -> Option<&str> {
    target.get("provider")?.text()?.split(':').next()
}

fn has_model(target: &Node) -> bool {
    let in_provider = |provider: &str| provider.splitn(3, ':').nth(2).is_some();
    target.get("model").is_some()
        || target
            .get("provider")
            .and_then(Node::text)
            .is_some_and(in_provider)
}

fn name(group: &Node) -> Option<&str> {
    group.get("name")?.text()
}
