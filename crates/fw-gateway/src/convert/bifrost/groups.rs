//! Model groups: listed models, aliases, and what routing rules say.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::notes::Notes;
use super::super::output::{Amount, Group, MAX_NAME, Member, is_name};
use super::provider::{Part, Provider};

/// The groups that come out.
#[derive(Default)]
pub(super) struct Groups {
    list: Vec<Group>,
    names: HashSet<String>,
}

impl Groups {
    /// Whether no group has the name yet.
    pub(super) fn is_free(&self, name: &str) -> bool {
        !self.names.contains(name)
    }

    /// Adds a group. `false` if its name is taken, or it has no members.
    pub(super) fn add(&mut self, group: Group) -> bool {
        if group.targets.is_empty() || !self.names.insert(group.name.clone()) {
            return false;
        }
        self.list.push(group);
        true
    }

    pub(super) fn has_several(&self) -> bool {
        self.list.iter().any(|group| group.targets.len() > 1)
    }

    pub(super) fn finish(self) -> Vec<Group> {
        self.list
    }

    /// A group `provider/model` for every model that a key lists and for every alias, with all targets of the
    /// provider that serve it.
    pub(super) fn of_models(&mut self, providers: &[Provider], notes: &mut Notes) {
        let mut shorts: HashMap<String, usize> = HashMap::new();
        let mut made: Vec<(usize, String)> = Vec::new();
        for provider in providers {
            let mut members: BTreeMap<&str, Vec<Member>> = BTreeMap::new();
            for name in provider.parts.iter().flat_map(listed) {
                members.entry(name).or_default();
            }
            let several = provider.parts.len() > 1;
            for (name, members) in &mut members {
                // A key for all models does not know the aliases of others.
                let parts = provider.parts.iter();
                let is_listed = parts.clone().any(|part| lists(part, name));
                let serving = parts.filter(|part| match is_listed {
                    true => serves(part, name),
                    false => part.serves.aliases.iter().any(|(alias, _)| alias == name),
                });
                let serving: Vec<&Part> = serving.collect();
                let shares = several && serving.iter().any(|part| !part.weight.is_zero());
                let member = |part: &&Part| {
                    let weight = Some(part.weight).filter(|weight| shares && !weight.is_one());
                    weighted(part, name, weight)
                };
                *members = serving.iter().map(member).collect();
            }
            for (name, targets) in members {
                let full = format!("{}/{name}", provider.name);
                if !is_name(&full, MAX_NAME) {
                    notes.left_out(
                        format!("providers.{}", provider.name),
                        "a model whose name is too long for a group",
                    );
                    continue;
                }
                let several = targets.len() > 1;
                let group = Group {
                    name: full,
                    aliases: Vec::new(),
                    strategy: several.then_some("random"),
                    targets,
                    fallback_group: None,
                };
                if self.add(group) {
                    *shorts.entry(name.to_owned()).or_default() += 1;
                    made.push((self.list.len() - 1, name.to_owned()));
                }
            }
        }
        // A model that only one provider lists is known without its provider too.
        for (place, short) in made {
            if shorts.get(&short) == Some(&1)
                && self.names.insert(short.clone())
                && let Some(group) = self.list.get_mut(place)
            {
                group.aliases.push(short);
            }
        }
    }
}

/// The names that a target is asked for by name.
fn listed(part: &Part) -> impl Iterator<Item = &str> {
    let models = part.serves.models.iter().flatten().map(String::as_str);
    models.chain(part.serves.aliases.iter().map(|(name, _)| name.as_str()))
}

/// Whether a key lists the model itself.
fn lists(part: &Part, name: &str) -> bool {
    let mut models = part.serves.models.iter().flatten();
    models.any(|model| model == name)
}

/// Whether a target serves the model `name`.
pub(super) fn serves(part: &Part, name: &str) -> bool {
    part.serves.models.is_none() || listed(part).any(|listed| listed == name)
}

/// What the target calls the model `name`.
pub(super) fn upstream<'p>(part: &'p Part, name: &'p str) -> &'p str {
    let alias = part.serves.aliases.iter().find(|(alias, _)| alias == name);
    alias
        .map(|(_, model)| model.as_str())
        .or(part.serves.own_model.as_deref())
        .unwrap_or(name)
}

/// The target, asked for what it calls the model, with a share of the group's requests.
pub(super) fn weighted(part: &Part, model: &str, weight: Option<Amount>) -> Member {
    Member::Model {
        provider: part.id.clone(),
        model: upstream(part, model).to_owned(),
        weight,
    }
}
