//! Deployments of one name become a model group; what follows a failure becomes `providers`.

use std::collections::HashMap;

use super::super::names::{Ids, MAX_NAME, is_name};
use super::super::notes::Notes;
use super::super::output::{Amount, Group, Member, Output};
use super::deployment::Deployment;
use super::reliability::{FallsBack, reliability};
use super::settings::{Chain, Settings};

/// Puts targets, groups and what holds for all of them into `output`.
pub(super) fn build(
    deployments: Vec<Deployment>,
    settings: &Settings,
    output: &mut Output,
    notes: &mut Notes,
) {
    let mut groups = Groups::default();
    for deployment in deployments {
        groups.add(deployment, output);
    }
    groups.share(settings.strategy, output, notes);
    groups.aliases(settings, notes);
    let falls_back = groups.fallbacks(settings, notes);
    groups.finish(settings.strategy, output);
    reliability(settings, &falls_back, output, notes);
}

/// The groups by name, in the order of the file.
#[derive(Default)]
struct Groups {
    list: Vec<Named>,
    index: HashMap<String, usize>,
    aliases: HashMap<String, String>,
}

/// A group, with what its members' places in `Output::targets` are.
struct Named {
    name: String,
    aliases: Vec<String>,
    members: Vec<Part>,
    fallback: Option<String>,
    /// For groups that were made up: in the order of their members.
    is_ordered: bool,
}

struct Part {
    path: String,
    target: usize,
    id: String,
    order: Option<f64>,
    /// `weight`, `rpm` and `tpm`.
    shares: [Option<f64>; 3],
}

impl Groups {
    fn add(&mut self, deployment: Deployment, output: &mut Output) {
        if !deployment.is_wildcard() {
            let place = self.place(&deployment.name);
            if let Some(group) = self.list.get_mut(place) {
                group.members.push(Part {
                    path: deployment.path,
                    target: output.targets.len(),
                    id: deployment.target.id.clone(),
                    order: deployment.order,
                    shares: [deployment.weight, deployment.rpm, deployment.tpm],
                });
            }
        }
        output.targets.push(deployment.target);
    }

    fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.index.get(name) {
            return *place;
        }
        self.index.insert(name.to_owned(), self.list.len());
        self.list.push(Named {
            name: name.to_owned(),
            aliases: Vec::new(),
            members: Vec::new(),
            fallback: None,
            is_ordered: false,
        });
        self.list.len() - 1
    }

    /// Shares within each group, and the order where it is given.
    fn share(&mut self, strategy: &str, output: &mut Output, notes: &mut Notes) {
        for group in &mut self.list {
            for part in &group.members {
                for (key, share) in ["weight", "rpm", "tpm"].iter().zip(part.shares) {
                    if share.is_some() && *key != "weight" {
                        notes.changed(
                            format!("{}.litellm_params.{key}", part.path),
                            "not a limit here: it only gives the share of its group's requests, as under LiteLLM's \
                             simple-shuffle",
                        );
                    }
                }
            }
            if group.members.iter().any(|part| part.order.is_some()) {
                // A group's order has no shares; those without a place come last.
                group.members.sort_by(|a, b| rank(a).total_cmp(&rank(b)));
                group.is_ordered = true;
                continue;
            }
            if strategy != "random" || group.members.len() < 2 {
                continue;
            }
            // LiteLLM takes the first of the three that is given.
            let given = (0..3).find(|kind| {
                let mut shares = group
                    .members
                    .iter()
                    .filter_map(|part| part.shares.get(*kind));
                shares.any(Option::is_some)
            });
            let share = |part: &Part| {
                let share = given.and_then(|kind| part.shares.get(kind).copied().flatten());
                share.unwrap_or(0.0)
            };
            // Shares are proportions, and a weight may be a million at most.
            let most = group.members.iter().map(share).fold(0.0, f64::max);
            if most <= 0.0 {
                continue;
            }
            let scale = if most > 1e6 { 1e6 / most } else { 1.0 };
            for part in &group.members {
                let weight = Amount::new(share(part) * scale);
                if weight.is_zero() {
                    notes.changed(
                        &part.path,
                        "has no share where others of its group have one; so it is with LiteLLM",
                    );
                }
                if let Some(target) = output.targets.get_mut(part.target) {
                    target.weight = (!weight.is_one()).then_some(weight);
                }
            }
            let weightless = |part: &Part| {
                let target = output.targets.get(part.target);
                target
                    .and_then(|target| target.weight)
                    .is_some_and(Amount::is_zero)
            };
            if group.members.iter().all(weightless) {
                for part in &group.members {
                    if let Some(target) = output.targets.get_mut(part.target) {
                        target.weight = None;
                    }
                }
            }
        }
    }

    fn aliases(&mut self, settings: &Settings, notes: &mut Notes) {
        for alias in &settings.aliases {
            let Some(place) = self.index.get(&alias.group).copied() else {
                notes.left_out(
                    &alias.path,
                    "an alias of a model that is not in `model_list`",
                );
                continue;
            };
            let is_free = !self.index.contains_key(&alias.name)
                && !self.aliases.contains_key(&alias.name)
                && is_name(&alias.name, MAX_NAME);
            match self.list.get_mut(place) {
                Some(group) if is_free => {
                    group.aliases.push(alias.name.clone());
                    self.aliases.insert(alias.name.clone(), alias.group.clone());
                }
                _ => notes.left_out(
                    &alias.path,
                    "the alias is also the name of a model, or already given; rename it",
                ),
            }
        }
    }

    /// The place of a group by its name or an alias.
    fn find(&self, name: &str) -> Option<usize> {
        let name = self.aliases.get(name).map_or(name, String::as_str);
        self.index.get(name).copied()
    }

    /// Gives each group the one that it falls back to.
    fn fallbacks(&mut self, settings: &Settings, notes: &mut Notes) -> FallsBack {
        let mut falls_back = FallsBack::default();
        let mut chains: HashMap<usize, Vec<usize>> = HashMap::new();
        for chain in &settings.fallbacks {
            self.chain(chain, &mut chains, notes);
        }
        for (special, flag, what) in [
            (
                &settings.on_context_window,
                &mut falls_back.on_context_window,
                "the context window",
            ),
            (
                &settings.on_content_policy,
                &mut falls_back.on_content_policy,
                "the content policy",
            ),
        ] {
            for chain in special {
                let known = self.find(&chain.from);
                let of_any = known.and_then(|from| chains.get(&from).cloned());
                let mut own = HashMap::new();
                self.chain(chain, &mut own, notes);
                let Some((from, to)) = own.into_iter().next() else {
                    continue;
                };
                *flag = true;
                match of_any {
                    Some(other) if other == to => {}
                    Some(_) => notes.changed(
                        &chain.path,
                        "a group has one fallback for all failures; that of `fallbacks` was taken",
                    ),
                    None => {
                        notes.changed(
                            &chain.path,
                            format!("the fallback also follows other failures, not only {what}"),
                        );
                        chains.insert(from, to);
                    }
                }
            }
        }
        let defaults = self.resolve("default_fallbacks", &settings.default_fallbacks, notes);
        if !defaults.is_empty() {
            for place in 0..self.list.len() {
                let others: Vec<usize> = defaults
                    .iter()
                    .copied()
                    .filter(|other| *other != place)
                    .collect();
                if !others.is_empty() && !defaults.contains(&place) {
                    chains.entry(place).or_insert(others);
                }
            }
        }
        falls_back.any = !chains.is_empty();
        self.link(chains);
        falls_back
    }

    /// The places of the groups of a chain, under the place of the one that it belongs to.
    fn chain(&self, chain: &Chain, chains: &mut HashMap<usize, Vec<usize>>, notes: &mut Notes) {
        let Some(from) = self.find(&chain.from) else {
            let message = if chain.from.contains('*') {
                "write `default_fallbacks` instead, and convert it again"
            } else {
                "the fallback of a model that is not in `model_list`"
            };
            notes.left_out(&chain.path, message);
            return;
        };
        let mut to = self.resolve(&chain.path, &chain.to, notes);
        to.retain(|place| *place != from);
        if !to.is_empty() {
            chains.entry(from).or_insert(to);
        }
    }

    fn resolve(&self, path: &str, names: &[String], notes: &mut Notes) -> Vec<usize> {
        let mut places = Vec::new();
        for name in names {
            match self.find(name) {
                Some(place) if !places.contains(&place) => places.push(place),
                Some(_) => {}
                None => notes.left_out(path, "falls back to a model that is not in `model_list`"),
            }
        }
        places
    }

    /// A group falls back to another where that has no fallback itself; else to a group of its own that holds
    /// the targets of those that it falls back to. So there are never circles.
    fn link(&mut self, chains: HashMap<usize, Vec<usize>>) {
        let mut chains: Vec<(usize, Vec<usize>)> = chains.into_iter().collect();
        chains.sort();
        let with_fallback: Vec<usize> = chains.iter().map(|(from, _)| *from).collect();
        let mut names = Ids::default();
        for name in self.index.keys().chain(self.aliases.keys()) {
            names.reserve(name);
        }
        for part in self.list.iter().flat_map(|group| &group.members) {
            names.reserve(&part.id);
        }
        for (from, to) in chains {
            let single = match to.as_slice() {
                [only] if with_fallback.binary_search(only).is_err() => self.list.get(*only),
                _ => None,
            };
            let name = match single {
                Some(group) => group.name.clone(),
                None => self.of_several(from, &to, &mut names),
            };
            if let Some(group) = self.list.get_mut(from) {
                group.fallback = Some(name);
            }
        }
    }

    /// A new group with the members of others, in their order.
    fn of_several(&mut self, from: usize, to: &[usize], names: &mut Ids) -> String {
        let base = self.list.get(from).map_or("", |group| group.name.as_str());
        let name = names.make(&format!("{base}-fallback"));
        let groups = to.iter().filter_map(|place| self.list.get(*place));
        let members = groups
            .flat_map(|group| &group.members)
            .map(|part| Part {
                path: part.path.clone(),
                target: part.target,
                id: part.id.clone(),
                order: None,
                shares: [None; 3],
            })
            .collect();
        self.list.push(Named {
            name: name.clone(),
            aliases: Vec::new(),
            members,
            fallback: None,
            is_ordered: true,
        });
        name
    }

    fn finish(self, strategy: &'static str, output: &mut Output) {
        let groups = self
            .list
            .into_iter()
            .filter(|group| !group.members.is_empty());
        for group in groups {
            let several = group.members.len() > 1;
            if several && !group.is_ordered {
                output.routing = Some(strategy);
            }
            output.groups.push(Group {
                name: group.name,
                aliases: group.aliases,
                strategy: (several && group.is_ordered).then_some("ordered"),
                targets: group
                    .members
                    .into_iter()
                    .map(|part| Member::Id(part.id))
                    .collect(),
                fallback_group: group.fallback,
            });
        }
    }
}

fn rank(part: &Part) -> f64 {
    part.order.unwrap_or(f64::MAX)
}
