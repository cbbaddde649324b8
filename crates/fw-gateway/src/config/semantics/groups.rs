//! `model_groups`: names that are told apart, members that exist, an end to
//! falling back.

use std::collections::HashMap;

use super::super::node::Node;
use super::super::path::Path;
use super::super::problem::Code;
use super::super::providers::Strategy;
use super::super::suggest::list;
use super::routing::strategy;
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
            if member.text().is_some() {
                if key == "targets" {
                    self.refers_to_target(Some(member), at);
                }
                continue;
            }
            let mut known = self.target_ids();
            for provider in self.provider_names() {
                if !known.contains(&provider) {
                    known.push(provider);
                }
            }
            self.refers_to(
                member.get("provider"),
                at.key("provider"),
                "target or provider",
                &known,
            );
        }
        let weighted =
            group.get("strategy").and_then(strategy) == Some(Strategy::WeightedRoundRobin);
        if weighted
            && let Some(first) = members.first()
            && members
                .iter()
                .all(|member| member.get("weight").is_some_and(is_zero))
        {
            self.add(
                Code::Contradiction,
                first.at,
                here.key(key),
                "every member has weight zero, so none would get traffic",
                "give at least one member a weight above zero",
            );
        }
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

    fn provider_names(&self) -> impl Iterator<Item = &'d str> {
        let targets = self.list(&["providers", "targets"]).iter();
        targets.filter_map(|target| target.get("provider")?.text()?.split(':').next())
    }
}

fn name(group: &Node) -> Option<&str> {
    group.get("name")?.text()
}
