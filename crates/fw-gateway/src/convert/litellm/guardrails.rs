//! `guardrails`: what a policy here does as well.

use fw_policy_pii::EntityName;

use super::super::keys::Key;
use super::super::names::is_name;
use super::super::output::{Moderation, Output, Pii, SecretKeyRef};
use super::super::section::Section;
use super::super::tree::Tree;
use super::Reader;

/// Guardrails that look for personal data or secrets.
const PERSONAL_DATA: [&str; 3] = ["presidio", "hide-secrets", "hide_secrets"];

/// Guardrails that look for prompt injection.
const INJECTION: [&str; 6] = [
    "aim",
    "lakera",
    "lakera_v2",
    "lasso",
    "pangea",
    "prompt_security",
];

impl Reader<'_> {
    /// Those that run for every request become policies, the others suggestions.
    pub(super) fn guardrails(&mut self, root: &mut Section<'_>, output: &mut Output) {
        for mut entry in root.sections("guardrails", self.notes) {
            let path = entry.path().to_owned();
            entry.take("guardrail_name");
            entry.take("guardrail_info");
            let Some(mut params) = entry.section("litellm_params", self.notes) else {
                self.notes
                    .left_out(path, "the entry has no `litellm_params`");
                continue;
            };
            let kind = params.text("guardrail", self.notes).unwrap_or_default();
            let default_on = params.flag("default_on", self.notes) == Some(true);
            match (kind, default_on) {
                ("presidio", true) if output.policy.pii.is_none() => {
                    self.presidio(&mut params, output);
                    params.leave_rest("has no equivalent in `pii-detector`", self.notes);
                }
                ("openai_moderation", true) if output.policy.moderation.is_none() => {
                    self.moderation(&mut params, output);
                    params.leave_rest("has no equivalent in `external-moderation`", self.notes);
                }
                _ => self.notes.left_out(path, suggestion(kind)),
            }
        }
    }

    fn presidio(&mut self, params: &mut Section<'_>, output: &mut Output) {
        let (request, response) = self.modes(params);
        let path = params.at("pii_entities_config");
        let mut entities = Vec::new();
        let (mut blocks, mut masks) = (false, false);
        if let Some(mut section) = params.section("pii_entities_config", self.notes) {
            for (name, action) in section.rest() {
                let blocked = action.text() == Some("BLOCK");
                blocks |= blocked;
                masks |= !blocked;
                if is_name(name, 64) && entities.len() < 256 && EntityName::new(name).is_ok() {
                    entities.push(name.to_owned());
                } else {
                    self.notes.left_out(
                        section.at(name),
                        "`pii-detector` has no such type; write a pattern under `detect_patterns`",
                    );
                }
            }
        }
        if blocks && masks {
            self.notes.changed(
                path,
                "`pii-detector` has one action for all types; `block` was taken, the stricter one",
            );
        }
        params.leave(
            &["presidio_analyzer_api_base", "presidio_anonymizer_api_base"],
            "not needed: `pii-detector` works within the gateway",
            self.notes,
        );
        params.leave(
            &["presidio_language"],
            "not needed: what is found does not depend on one language",
            self.notes,
        );
        self.notes.changed(
            params.path(),
            "`pii-detector` takes the place of Presidio: look at what it finds with `fw-gateway redact`",
        );
        output.chain.push("pii-detector");
        output.policy.pii = Some(Pii {
            action: if blocks { "block" } else { "redact" },
            entities,
            request,
            response,
        });
    }

    fn moderation(&mut self, params: &mut Section<'_>, output: &mut Output) {
        let (_, response) = self.modes(params);
        if response {
            self.notes.changed(
                params.at("mode"),
                "`external-moderation` is asked about requests only; `safety-filter` looks at replies",
            );
        }
        let path = params.at("api_key");
        let key = self.variables.key(params.take("api_key"));
        let usual = "OPENAI_API_KEY";
        let env = match key {
            Key::Absent => usual.to_owned(),
            key => self
                .variables
                .variable(key, usual, &path, self.notes)
                .unwrap_or_else(|| usual.to_owned()),
        };
        let model = params.text("model", self.notes);
        output.chain.push("external-moderation");
        output.policy.moderation = Some(Moderation {
            url: "https://api.openai.com/v1/moderations",
            format: "moderation",
            model: model.filter(|model| is_name(model, 128)).map(str::to_owned),
            secret_key_ref: SecretKeyRef { env },
        });
    }

    /// Whether requests and replies are looked at.
    fn modes(&mut self, params: &mut Section<'_>) -> (bool, bool) {
        let modes = match params.take("mode") {
            Some(Tree::Text(mode)) => vec![mode.as_str()],
            Some(Tree::List(modes)) => modes.iter().filter_map(Tree::text).collect(),
            _ => Vec::new(),
        };
        let has = |wanted: &[&str]| modes.iter().any(|mode| wanted.contains(mode));
        let (request, response) = (has(&["pre_call", "during_call"]), has(&["post_call"]));
        if has(&["logging_only", "pre_mcp_call"]) {
            self.notes.changed(
                params.at("mode"),
                "requests and replies are looked at, not logs or tools of MCP",
            );
        }
        // It has to look at something.
        (request || !response, response)
    }
}

/// What to write instead of a guardrail that was not carried over.
fn suggestion(kind: &str) -> &'static str {
    if PERSONAL_DATA.contains(&kind) {
        "clients cannot ask for it request by request; `pii-detector` in `policies.chain` finds personal data and \
         secrets in every request and reply"
    } else if INJECTION.contains(&kind) {
        "`prompt-injection` in `policies.chain` looks for attacks within the gateway"
    } else if kind == "openai_moderation" {
        "`external-moderation` in `policies.chain` asks OpenAI's moderation about every request"
    } else {
        "this service is not asked; `prompt-injection`, `safety-filter` and `pii-detector` work within the gateway, \
         and `external-moderation` asks a service with a compatible API"
    }
}
