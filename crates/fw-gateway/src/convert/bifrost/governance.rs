//! `governance`: rules for a model become groups; the rest has no equivalent.

use super::super::names::{MAX_MODEL, MAX_NAME, is_name};
use super::super::output::{Amount, Group, Member};
use super::super::section::Section;
use super::super::tree::Tree;
use super::groups::{Groups, serves, weighted};
use super::provider::Provider;
use super::{Reader, places};

impl Reader<'_> {
    /// Whether a rule falls back to another provider.
    pub(super) fn governance(
        &mut self,
        root: &mut Section<'_>,
        providers: &[Provider],
        groups: &mut Groups,
    ) -> bool {
        let Some(mut section) = root.section("governance", self.notes) else {
            return false;
        };
        let mut falls_back = false;
        for rule in section.sections("routing_rules", self.notes) {
            falls_back |= self.rule(rule, providers, groups);
        }
        section.leave(
            &["auth_config", "customers", "projects", "teams", "virtual_keys"],
            "clients are not authenticated, and have no keys of their own; listen on loopback, or put a proxy that \
             checks keys in front",
            self.notes,
        );
        section.leave(
            &["budgets", "model_configs", "rate_limits"],
            "there are no budgets or limits for clients; `fw-gateway audit stats` sums up tokens and cost",
            self.notes,
        );
        section.leave(
            &["pricing_overrides"],
            "prices of Fireworks' models are known; others stand in `pricing` of a target",
            self.notes,
        );
        section.leave_rest("not known here, or without an equivalent", self.notes);
        falls_back
    }

    /// A rule that looks at the model alone becomes the group of that model.
    fn rule(&mut self, mut rule: Section<'_>, providers: &[Provider], groups: &mut Groups) -> bool {
        let path = rule.path().to_owned();
        if rule.flag("enabled", self.notes) == Some(false) {
            return false;
        }
        let condition = rule.text("cel_expression", self.notes).unwrap_or_default();
        let scope = rule.text("scope", self.notes).unwrap_or("global");
        let Some(model) = model_of(condition).filter(|_| scope == "global") else {
            self.notes.left_out(
                path,
                "only rules for all clients that look at the model alone, as `model == \"name\"`, become groups; \
                 write a model group, and let clients ask for its name",
            );
            return false;
        };
        let places = places(providers);
        let mut members = Vec::new();
        for mut target in rule.sections("targets", self.notes) {
            let provider = target.text("provider", self.notes);
            let asked = target
                .text("model", self.notes)
                .filter(|model| !model.is_empty());
            let weight = target.number("weight", self.notes).map(Amount::new);
            target.leave(
                &["key_id"],
                "a key is not chosen by a rule; all keys of the target share its requests",
                self.notes,
            );
            let weight = weight.filter(|weight| !weight.is_one());
            let found = provider
                .and_then(|name| places.get(name))
                .and_then(|place| providers.get(*place));
            members.extend(self.member(target.path(), found, asked.unwrap_or(model), weight));
        }
        let zero = |member: &Member| matches!(member, Member::Model { weight: Some(weight), .. } if weight.is_zero());
        if members.iter().all(zero) {
            members.clear();
        }
        let mut others = Vec::new();
        for (at, item) in rule.list("fallbacks") {
            let Some((name, asked)) = fallback_of(item) else {
                self.notes
                    .left_out(at, "not a provider, nor `provider/model`");
                continue;
            };
            let found = places.get(name).and_then(|place| providers.get(*place));
            others.extend(self.member(&at, found, asked.unwrap_or(model), None));
        }
        for key in ["id", "name", "description", "priority", "scope_id"] {
            rule.take(key);
        }
        rule.leave_rest("not known here, or without an equivalent", self.notes);
        if members.is_empty() {
            self.notes
                .left_out(path, "none of its targets was carried over with a share");
            return false;
        }
        let fallback = format!("{model}-fallback");
        if !groups.is_free(model) {
            self.notes
                .left_out(path, "an earlier rule already says where this model goes");
            return false;
        }
        let falls_back =
            !others.is_empty() && is_name(&fallback, MAX_NAME) && groups.is_free(&fallback);
        let several = members.len() > 1;
        groups.add(Group {
            name: model.to_owned(),
            aliases: Vec::new(),
            strategy: several.then_some("random"),
            targets: members,
            fallback_group: falls_back.then(|| fallback.clone()),
        });
        if falls_back {
            groups.add(Group {
                name: fallback,
                aliases: Vec::new(),
                strategy: (others.len() > 1).then_some("ordered"),
                targets: others,
                fallback_group: None,
            });
        }
        self.notes.changed(
            path,
            "holds for requests that name the model without a provider; `provider/model` goes to that provider",
        );
        falls_back
    }

    /// The target of a provider that serves a model.
    fn member(
        &mut self,
        path: &str,
        provider: Option<&Provider>,
        model: &str,
        weight: Option<Amount>,
    ) -> Option<Member> {
        let parts = provider.map_or(&[][..], |provider| &provider.parts);
        let part = parts.iter().find(|part| serves(part, model));
        if part.is_none() || !is_name(model, MAX_MODEL) {
            self.notes.left_out(
                path,
                "names a provider that was not carried over, or none of whose keys serves the model",
            );
            return None;
        }
        part.map(|part| weighted(part, model, weight))
    }
}

/// The model that a condition compares with, if it does nothing else.
fn model_of(condition: &str) -> Option<&str> {
    let (left, right) = condition.split_once("==")?;
    if !matches!(left.trim(), "model" | "request.model") {
        return None;
    }
    let right = right.trim();
    let quote = right.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let model = right.strip_prefix(quote)?.strip_suffix(quote)?;
    let plain = !model.contains(['\'', '"', '\\']) && is_name(model, MAX_NAME);
    plain.then_some(model)
}

/// Provider and model of a fallback.
fn fallback_of(item: &Tree) -> Option<(&str, Option<&str>)> {
    match item {
        Tree::Text(text) => match text.split_once('/') {
            Some((provider, model)) => Some((provider, Some(model))),
            None => Some((text, None)),
        },
        Tree::Map(entries) => {
            let of = |wanted: &str| {
                let entry = entries.iter().find(|(key, _)| key == wanted)?;
                entry.1.text().filter(|text| !text.is_empty())
            };
            Some((of("provider")?, of("model")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_for_a_model_if_it_looks_at_nothing_else() {
        assert_eq!(model_of("model == \"gpt-4o\""), Some("gpt-4o"));
        assert_eq!(model_of("request.model=='a/b'"), Some("a/b"));
        for other in [
            "",
            "true",
            "model != 'x'",
            "model == x",
            "model == 'x' && team == 'y'",
            "headers['model'] == 'x'",
        ] {
            assert_eq!(model_of(other), None, "{other}");
        }
    }
}
