//! Who a model group stands for.

use fw_provider::TargetConfig;

use crate::config::{GroupModel, GroupTarget, ModelGroup};

/// One member of a group: a target, with its own model or with another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member<'c> {
    target: &'c TargetConfig,
    /// The group's model for this target, if it is not the target's own.
    other_model: Option<&'c str>,
    weight: f64,
}

impl<'c> Member<'c> {
    /// The members of a group, in its order. Those that lead nowhere were refused when the configuration
    /// was read.
    pub(crate) fn of(group: &'c ModelGroup, targets: &'c [TargetConfig]) -> Vec<Self> {
        let listed = group.targets.iter().flatten();
        let models = group.models.iter().flatten();
        listed
            .filter_map(|member| match member {
                GroupTarget::Id(id) => {
                    let target = targets.iter().find(|target| target.id == *id)?;
                    Some(Self {
                        target,
                        other_model: None,
                        weight: target.weight,
                    })
                }
                GroupTarget::Model(model) => Self::model_of(model, targets),
            })
            .chain(models.filter_map(|model| Self::model_of(model, targets)))
            .collect()
    }

    /// `provider` is a target's id, or a provider's name and then means its target for this model, else
    /// its first one.
    fn model_of(member: &'c GroupModel, targets: &'c [TargetConfig]) -> Option<Self> {
        let model = member.model.as_deref();
        let of_provider = || {
            let named = |target: &&TargetConfig| target.provider_name().name == member.provider;
            let serves = |target: &&TargetConfig| target.upstream_model() == model;
            let fitting = targets.iter().filter(named).find(serves);
            fitting.or_else(|| targets.iter().find(named))
        };
        let by_id = targets.iter().find(|target| target.id == member.provider);
        let target = by_id.or_else(of_provider)?;
        Some(Self {
            target,
            other_model: model.filter(|model| target.upstream_model() != Some(model)),
            weight: member.weight.unwrap_or(target.weight),
        })
    }

    pub(crate) fn target(&self) -> &'c TargetConfig {
        self.target
    }

    pub(crate) fn weight(&self) -> f64 {
        self.weight
    }

    /// The model that goes upstream.
    pub(crate) fn model(&self) -> Option<&'c str> {
        self.other_model.or_else(|| self.target.upstream_model())
    }

    /// The model that the group asks of the target instead of the target's own.
    pub(crate) fn other_model(&self) -> Option<&'c str> {
        self.other_model
    }

    /// What the member is called among targets: the target's id, and the model where it is another.
    pub(crate) fn id(&self) -> String {
        match self.other_model {
            Some(model) => format!("{}/{model}", self.target.id),
            None => self.target.id.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn members_are_targets_or_models_of_targets() {
        let config = Config::parse(
            "f.yaml",
            "
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers:
  targets:
    - {id: a, provider: fireworks, model: m1, weight: 3}
    - {id: b, provider: 'fireworks:chat:m2'}
    - {id: c, provider: openai, model: m3}
model_groups:
  - name: g
    strategy: weighted
    targets:
      - a
      - {provider: a}
      - {provider: a, model: m1, weight: 0.5}
      - {provider: a, model: m9}
      - {provider: fireworks, model: m2}
      - {provider: fireworks, model: m9}
      - {provider: openai}
  - {name: h, models: [{provider: openai, model: m9}]}
",
        );
        let config = config.unwrap();
        let targets = config.providers.unwrap().targets;
        let members = |group: &ModelGroup| {
            let members = Member::of(group, &targets).into_iter();
            let parts = |member: Member<'_>| {
                let model = member.model().unwrap_or_default().to_owned();
                (member.id(), model, member.weight())
            };
            members.map(parts).collect::<Vec<_>>()
        };
        let expected = |parts: &[(&str, &str, f64)]| {
            let owned = parts
                .iter()
                .map(|(id, model, weight)| ((*id).to_owned(), (*model).to_owned(), *weight));
            owned.collect::<Vec<_>>()
        };
        assert_eq!(
            members(&config.model_groups[0]),
            expected(&[
                ("a", "m1", 3.0),
                ("a", "m1", 3.0),
                ("a", "m1", 0.5),
                ("a/m9", "m9", 3.0),
                ("b", "m2", 1.0),
                ("a/m9", "m9", 3.0),
                ("c", "m3", 1.0),
            ])
        );
        assert_eq!(
            members(&config.model_groups[1]),
            expected(&[("c/m9", "m9", 1.0)])
        );
    }
}
