//! Forms of document that exist in public samples but are not this one.

use super::node::{Kind, Node};
use super::path::Path;
use super::problem::{Code, Problem};

/// The policy kinds for which single-policy documents are published, by a
/// section that only they have.
const SINGLE_POLICY: [&str; 4] = [
    "prompt-injection",
    "agent-firewall",
    "citation-verifier",
    "quality-scorer",
];

/// Why `node` as a whole is another form of document, if it is. Its details are
/// then not worth checking.
pub(crate) fn foreign(node: &Node) -> Option<Problem> {
    if !matches!(node.value, Kind::Map(_)) {
        return Some(
            Problem::new(
                Code::Shape,
                node.at,
                Path::root(),
                format!("a configuration is a mapping, found {}", node.kind_name()),
            )
            .suggest("begin with `pack:` and `policies:`"),
        );
    }
    if let Some(policies) = node.entry("policies")
        && matches!(policies.value.value, Kind::List(_))
    {
        return Some(
            Problem::new(
                Code::Shape,
                policies.at,
                Path::root().key("policies"),
                "`policies` as a list belongs to an old form of document that is not supported",
            )
            .suggest(
                "list the kinds under `policies.chain` and their settings under `policy.<kind>`",
            ),
        );
    }
    // A single-policy document has the policy's own name where a pack has kinds.
    if node.get("pack").is_none()
        && let Some(policy) = node.entry("policy")
        && ["name", "version"].iter().any(|key| {
            policy
                .value
                .get(key)
                .is_some_and(|value| value.text().is_some())
        })
    {
        let kind = policy
            .value
            .get("name")
            .and_then(Node::text)
            .filter(|name| SINGLE_POLICY.contains(name));
        return Some(
            Problem::new(
                Code::Shape,
                policy.at,
                Path::root().key("policy"),
                "single-policy documents are not supported",
            )
            .suggest(format!(
                "write a pack: `pack` with name and version, `policies.chain: [{kind}]`, and the settings under \
                 `policy.{kind}`",
                kind = kind.unwrap_or("<kind>")
            )),
        );
    }
    None
}
