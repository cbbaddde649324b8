//! `policy.audit-logger`, and its place in the chain.

use super::{Rules, path};
use crate::config::node::{Kind, Node};
use crate::config::problem::Code;

const KIND: &str = "audit-logger";

impl Rules<'_> {
    pub(super) fn audit_logger(&mut self) {
        self.audit_logger_is_last();
        let Some(section) = self.at(&["policy", KIND]) else {
            return;
        };
        if let Some(immutable) = section.get("immutable")
            && matches!(immutable.value, Kind::Bool(false))
        {
            self.add(
                Code::Contradiction,
                immutable.at,
                path(&["policy", KIND, "immutable"]),
                "the records of this log cannot be changed after they were written: each has a hash over all before it",
                "set it to true, or leave it out",
            );
        }
        if let Some(capture) = section.get("capture")
            && capture.text() == Some("redacted")
            && let Some(reason) = self.not_redacted()
        {
            self.add(
                Code::Contradiction,
                capture.at,
                path(&["policy", KIND, "capture"]),
                format!("text would be kept as it came: {reason}"),
                "use `none`, or have `pii-detector` redact, with the fail mode `block`",
            );
        }
    }

    /// It sees every verdict wherever it stands; those who read the file may think otherwise.
    fn audit_logger_is_last(&mut self) {
        let chain = self.list(&["policies", "chain"]);
        let place = chain.iter().position(|kind| kind.text() == Some(KIND));
        if let Some(place) = place
            && place + 1 < chain.len()
        {
            self.add(
                Code::Doubtful,
                chain[place].at,
                path(&["policies", "chain"]).index(place),
                "`audit-logger` is not the last of the chain",
                "place it last: it records what all others decided",
            );
        }
    }

    /// Why a request that goes on may hold personal data.
    fn not_redacted(&self) -> Option<&'static str> {
        let chain = self.list(&["policies", "chain"]);
        if !chain.iter().any(|kind| kind.text() == Some("pii-detector")) {
            return Some("`pii-detector` is not in the chain");
        }
        let text = |keys: &[&str]| self.at(keys).and_then(Node::text);
        if text(&["policy", "pii-detector", "action"]) == Some("flag") {
            return Some("`pii-detector` only flags");
        }
        if text(&["policies", "fail_mode"]) == Some("allow") {
            return Some("what cannot be read passes unchecked");
        }
        None
    }
}
