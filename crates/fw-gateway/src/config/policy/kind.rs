//! The names of policy kinds.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

/// A policy kind, as the public catalogue names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(extend("x-values" = "policy-kind"))]
#[non_exhaustive]
pub enum PolicyKind {
    /// Attempts to take over the model's instructions. Input.
    PromptInjection,
    /// Personal data. Input and output.
    PiiDetector,
    /// Unsafe content. Input and output.
    SafetyFilter,
    /// The audit trail. Place it last.
    AuditLogger,
    /// Only targets that declare the required data handling. Before routing.
    DataRoutingPolicy,
    /// Who may do what. Input.
    Rbac,
    /// Which tools an agent may use. Tool calls.
    AgentFirewall,
    /// Confidential terms and patterns. Input.
    DlpFilter,
    /// HIPAA Safe Harbor identifiers. Input.
    HipaaPhiDetector,
    /// Semantic detector. Input.
    EmbeddingDetector,
    /// Allowed and denied languages. Input and output.
    LanguageValidator,
    /// Automated abuse. Input.
    BotDetector,
    /// An outside moderation service. Input.
    ExternalModeration,
    /// External content. Input.
    ContentExtractor,
    /// Criminal-justice information. Input.
    CjisMode,
    /// Student records. Input.
    StudentPrivacy,
    /// Case files. Input.
    CasePrivacy,
    /// Export-controlled technical data. Input.
    ItarEarFilter,
    /// Listed entities. Input.
    EntityListFilter,
    /// Dual-use technology. Input.
    DualUseFilter,
    /// Source code.
    CodeSanitation,
    /// Quality assertions. Output.
    QualityScorer,
    /// Grounding and citations. Output.
    CitationVerifier,
    /// Rewriting rules. Output.
    ResponseRewriter,
    /// Escalates every output of a category. Output.
    HumanOversight,
    /// Escalates borderline outputs. Output.
    FlaggedReview,
}

impl PolicyKind {
    /// The name in configuration files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PromptInjection => "prompt-injection",
            Self::PiiDetector => "pii-detector",
            Self::SafetyFilter => "safety-filter",
            Self::AuditLogger => "audit-logger",
            Self::DataRoutingPolicy => "data-routing-policy",
            Self::Rbac => "rbac",
            Self::AgentFirewall => "agent-firewall",
            Self::DlpFilter => "dlp-filter",
            Self::HipaaPhiDetector => "hipaa-phi-detector",
            Self::EmbeddingDetector => "embedding-detector",
            Self::LanguageValidator => "language-validator",
            Self::BotDetector => "bot-detector",
            Self::ExternalModeration => "external-moderation",
            Self::ContentExtractor => "content-extractor",
            Self::CjisMode => "cjis-mode",
            Self::StudentPrivacy => "student-privacy",
            Self::CasePrivacy => "case-privacy",
            Self::ItarEarFilter => "itar-ear-filter",
            Self::EntityListFilter => "entity-list-filter",
            Self::DualUseFilter => "dual-use-filter",
            Self::CodeSanitation => "code-sanitation",
            Self::QualityScorer => "quality-scorer",
            Self::CitationVerifier => "citation-verifier",
            Self::ResponseRewriter => "response-rewriter",
            Self::HumanOversight => "human-oversight",
            Self::FlaggedReview => "flagged-review",
        }
    }
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
