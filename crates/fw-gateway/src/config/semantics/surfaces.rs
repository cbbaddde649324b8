//! Messages and Responses: who has them, and the store for those who have not.

use fw_provider::{MessagesMode, ResponsesMode, TargetConfig};

use super::{Rules, path};
use crate::config::problem::Code;

impl Rules<'_> {
    /// OpenAI has never had Anthropic's API.
    pub(super) fn messages(&mut self) {
        let all = path(&["providers", "targets"]);
        for (index, node) in self.list(&["providers", "targets"]).iter().enumerate() {
            let here = all.index(index);
            let target: Option<TargetConfig> = self.sound(node, &here);
            let is_wrong = target.is_some_and(|target| {
                target.is_openai() && target.messages == Some(MessagesMode::Native)
            });
            if is_wrong && let Some(setting) = node.get("messages") {
                self.add(
                    Code::Doubtful,
                    setting.at,
                    here.key("messages"),
                    "OpenAI has no Messages API: it would refuse every such request",
                    "write `convert`, or leave it out",
                );
            }
        }
    }

    /// A store that nothing is put into may be one that somebody relies on.
    pub(super) fn responses_store(&mut self) {
        let Some(section) = self.at(&["responses_store"]) else {
            return;
        };
        let all = path(&["providers", "targets"]);
        let targets = self.list(&["providers", "targets"]);
        let emulates = |target: TargetConfig| target.responses_mode() == ResponsesMode::Emulate;
        let is_needed = targets.iter().enumerate().any(|(index, node)| {
            // What is wrong with a target is said elsewhere.
            self.sound(node, &all.index(index)).is_none_or(emulates)
        });
        if !is_needed {
            self.add(
                Code::Doubtful,
                section.at,
                path(&["responses_store"]),
                "every target has a Responses API of its own, so nothing is ever stored here",
                "remove the section, or set `responses: emulate` in a target",
            );
        }
    }
}
