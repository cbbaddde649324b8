//! Model groups: listed models, aliases, and what routing rules say.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::names::{MAX_NAME, is_name};
use super::super::notes::Notes;
use super::super::output::{Amount, Group, MAX_MEMBERS, Member};
use super::provider::{Part, Provider};

/// The groups that come out.
#[derive(Default)]
pub(super) struct Groups {
    list: Vec<Group>,
    names: HashSet<String>,
    /// Of all groups together.
    members: usize,
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
        self.members += group.targets.len();
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
            for (name, parts) in serving(&provider.parts) {
                // What comes out is then refused as too large.
                if self.members > MAX_MEMBERS {
                    return;
                }
                let full = format!("{}/{name}", provider.name);
                if !is_name(&full, MAX_NAME) {
                    notes.left_out(
                        format!("providers.{}", provider.name),
                        "a model whose name is too long for a group",
                    );
                    continue;
                }
                let several = parts.len() > 1;
                let shares = several && parts.iter().any(|part| !part.weight.is_zero());
                let member = |part: &&Part| {
                    let weight = Some(part.weight).filter(|weight| shares && !weight.is_one());
                    weighted(part, name, weight)
                };
                let group = Group {
                    name: full,
                    aliases: Vec::new(),
                    strategy: several.then_some("random"),
                    targets: parts.iter().map(member).collect(),
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

/// The targets that serve each model that is listed, and each alias. A key for all models serves those that
/// others list, but does not know their aliases.
fn serving(parts: &[Part]) -> impl Iterator<Item = (&str, Vec<&Part>)> {
    let mut listing: BTreeMap<&str, (bool, Vec<usize>)> = BTreeMap::new();
    for (place, part) in parts.iter().enumerate() {
        for model in part.serves.models.iter().flatten() {
            let (is_listed, places) = listing.entry(model).or_default();
            *is_listed = true;
            places.push(place);
        }
        for (alias, _) in &part.serves.aliases {
            let (_, places) = listing.entry(alias).or_default();
            places.push(place);
        }
    }
    let for_all = |part: &&Part| part.serves.models.is_none();
    listing
        .into_iter()
        .map(move |(name, (is_listed, mut places))| {
            if is_listed {
                let all = parts.iter().enumerate();
                places.extend(
                    all.filter(|(_, part)| for_all(part))
                        .map(|(place, _)| place),
                );
            }
            places.sort_unstable();
            places.dedup();
            (
                name,
                places
                    .iter()
                    .filter_map(|place| parts.get(*place))
                    .collect(),
            )
        })
}

/// Whether a target serves the model `name`.
pub(super) fn serves(part: &Part, name: &str) -> bool {
    let listed = |models: &Vec<String>| models.iter().any(|model| model == name);
    part.serves.models.as_ref().is_none_or(listed) || alias(part, name).is_some()
}

/// The model that `name` means for a target. Aliases are sorted.
fn alias<'p>(part: &'p Part, name: &str) -> Option<&'p str> {
    let aliases = &part.serves.aliases;
    let place = aliases.binary_search_by(|(alias, _)| alias.as_str().cmp(name));
    let (_, model) = aliases.get(place.ok()?)?;
    Some(model)
}

/// What the target calls the model `name`.
fn upstream<'p>(part: &'p Part, name: &'p str) -> &'p str {
    alias(part, name)
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
