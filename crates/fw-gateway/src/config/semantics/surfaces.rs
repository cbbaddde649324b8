//! `responses_store`, and the targets that need it.

use fw_provider::{ResponsesMode, TargetConfig};

use super::{Rules, path};
use crate::config::problem::Code;

impl Rules<'_> {
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
