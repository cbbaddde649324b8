//! `providers`: strategies, weights, variants, copies and probes.

use fw_provider::HealthProbe;
use serde::Deserialize;

use super::super::node::{Kind, Node};
use super::super::problem::{Code, Problem};
use super::super::providers::Strategy;
use super::{Rules, is_zero, path};

impl Rules<'_> {
    pub(super) fn routing(&mut self) {
        if let (Some(old), Some(new)) = (
            self.at(&["providers", "strategy"]),
            self.at(&["providers", "routing", "strategy"]),
        ) && old.to_json() != new.to_json()
        {
            self.add(
                Code::Doubtful,
                old.at,
                path(&["providers", "strategy"]),
                "`routing.strategy` is also given, and wins",
                "keep one of the two",
            );
        }
        self.variants();
        self.refers_to_target(
            self.at(&["providers", "mirror", "mirror_target"]),
            path(&["providers", "mirror", "mirror_target"]),
        );
        if let (Some(first), Some(longest)) = (
            self.at(&["providers", "retry", "initial_backoff_ms"]),
            self.at(&["providers", "retry", "max_backoff_ms"]),
        ) && let (Kind::Integer(wait), Kind::Integer(most)) = (&first.value, &longest.value)
            && wait > most
        {
            self.add(
                Code::Contradiction,
                first.at,
                path(&["providers", "retry", "initial_backoff_ms"]),
                "longer than `max_backoff_ms`",
                "make it shorter, or the other longer",
            );
        }
        self.second_targets();
    }

    fn variants(&mut self) {
        let variants = self.list(&["providers", "ab_test", "variants"]);
        let all = path(&["providers", "ab_test", "variants"]);
        self.unique(variants, &all, "provider_id", "variant");
        for (index, variant) in variants.iter().enumerate() {
            self.refers_to_target(
                variant.get("provider_id"),
                all.index(index).key("provider_id"),
            );
        }
        if let Some(first) = variants.first()
            && variants
                .iter()
                .all(|variant| variant.get("weight").is_some_and(is_zero))
        {
            self.add(
                Code::Contradiction,
                first.at,
                all,
                "every variant has weight zero, so none would get traffic",
                "give at least one variant a weight above zero",
            );
        }
    }

    /// What needs a second target and does not have one.
    fn second_targets(&mut self) {
        if self.list(&["providers", "targets"]).len() != 1 || self.at(&["model_groups"]).is_some() {
            return;
        }
        for (key, what) in [
            ("hedge", "there is no second target to ask"),
            ("fallback", "there is no second target to fall back to"),
        ] {
            if let Some(block) = self.at(&["providers", key])
                && is_on(block)
            {
                self.add(
                    Code::Doubtful,
                    block.at,
                    path(&["providers", key]),
                    what,
                    "add a target, or remove the block",
                );
            }
        }
    }

    /// Weights that mean nothing, or leave nobody.
    pub(super) fn weights(&mut self) {
        let targets = self.list(&["providers", "targets"]);
        let weights: Vec<(usize, &Node)> = targets
            .iter()
            .enumerate()
            .filter_map(|(index, target)| Some((index, target.get("weight")?)))
            .collect();
        let at = |index| path(&["providers", "targets"]).index(index).key("weight");
        let weighted = self.strategy() == Strategy::WeightedRoundRobin;
        if weighted
            && let Some((index, first)) = weights.first()
            && weights.len() == targets.len()
            && weights.iter().all(|(_, weight)| is_zero(weight))
        {
            self.add(
                Code::Contradiction,
                first.at,
                at(*index),
                "every target has weight zero, so none would get traffic",
                "give at least one target a weight above zero",
            );
        }
        // A group may look at the weights of the targets that it names.
        let anywhere = self.strategy().uses_weights()
            || self.list(&["model_groups"]).iter().any(|group| {
                group
                    .get("strategy")
                    .and_then(strategy)
                    .is_some_and(Strategy::uses_weights)
            });
        if !anywhere
            && let Some((index, weight)) = weights.iter().find(|(index, weight)| {
                !is_one(weight) && !self.broken.contains(at(*index).as_str())
            })
        {
            self.add(
                Code::Doubtful,
                weight.at,
                at(*index),
                format!(
                    "the strategy `{}` does not look at weights",
                    self.strategy().as_str()
                ),
                "use `weighted_round_robin`, or remove it",
            );
        }
    }

    /// `health_monitor` has the keys of a target's probe; those of targets are
    /// checked with the target.
    pub(super) fn probes(&mut self) {
        let here = path(&["health_monitor"]);
        let Some(node) = self.at(&["health_monitor"]) else {
            return;
        };
        let Some(probe) = self.sound::<HealthProbe>(node, &here) else {
            return;
        };
        for problem in probe.problems() {
            self.found.push(Problem::new(
                Code::OutOfBounds,
                node.at,
                here.clone(),
                problem,
            ));
        }
    }

    /// As [`Providers::strategy`](super::super::Providers::strategy).
    pub(super) fn strategy(&self) -> Strategy {
        [
            &["providers", "routing", "strategy"][..],
            &["providers", "strategy"],
        ]
        .into_iter()
        .find_map(|keys| strategy(self.at(keys)?))
        .unwrap_or_default()
    }
}

pub(super) fn strategy(node: &Node) -> Option<Strategy> {
    Strategy::deserialize(node.to_json()).ok()
}

/// Whether a block that may have `enabled` is on.
fn is_on(block: &Node) -> bool {
    !block
        .get("enabled")
        .is_some_and(|enabled| matches!(enabled.value, Kind::Bool(false)))
}

pub(super) fn is_one(node: &Node) -> bool {
    match node.value {
        Kind::Integer(number) => number == 1,
        Kind::Float(number) => number == 1.0,
        _ => true,
    }
}
