//! What is looked for, and what happens to it: the words of the configuration.
//!
//! Nothing here reads the environment or compiles a pattern. [`Detector::new`](crate::Detector::new) does.

mod allow;
mod names;
mod pattern;
mod redaction;

use schemars::JsonSchema;
use serde::Deserialize;

pub use self::allow::{AllowConfig, TextField};
pub use self::names::EntityName;
pub use self::pattern::{NamedPattern, PatternConfig};
pub use self::redaction::{HashKey, HashKeyRef, MarkerFormat, RedactionConfig};
use crate::entity::{Entity, EntitySet};
use crate::error::Problem;

/// The settings of `policy.pii-detector`.
///
/// Both published dialects are accepted: `action`, the two modes, `detect_patterns` and `redaction` of the
/// policy pages, and `entities` of the provider pages. What is looked for by default stands in the
/// [crate's docs](crate#what-is-found).
///
/// ```
/// use fw_policy_pii::{Action, PiiConfig};
///
/// let config = PiiConfig::new().action(Action::Block).only(["EMAIL", "US_SSN"])?;
/// assert_eq!(config.action, Action::Block);
/// assert!(config.problems().is_empty());
/// # Ok::<(), fw_policy_pii::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct PiiConfig {
    /// What happens to what was found.
    pub action: Action,
    /// Also medical record numbers, insurance ids and the numbers of prescribers (`MEDICAL_ID`).
    pub healthcare_mode: bool,
    /// Payment cards, card verification values and cardholder names.
    pub pci_mode: bool,
    /// Further identifiers, as regular expressions. Each needs an upper length.
    #[schemars(length(max = 1024))]
    pub detect_patterns: Vec<PatternConfig>,
    /// Only these types, such as `EMAIL` or `CREDIT_CARD`. Default: all but `PERSON`, with what the modes say.
    #[schemars(length(min = 1, max = 256))]
    pub entities: Option<Vec<EntityName>>,
    /// Findings below this confidence are ignored. Default: 0.5.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_confidence: Option<f64>,
    /// What takes the place of what was found.
    pub redaction: RedactionConfig,
    /// What is let alone.
    pub allow: AllowConfig,
    /// Whether requests are looked at.
    pub request: bool,
    /// Whether replies are looked at.
    pub response: bool,
}

/// What happens to personal data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// A marker takes its place.
    #[default]
    Redact,
    /// The request or the reply is refused.
    Block,
    /// It passes, and the finding is recorded.
    Flag,
    /// A numbered placeholder takes its place, the same for the same value.
    Pseudonymize,
}

/// Below this confidence nothing counts, if nothing else is said.
const DEFAULT_MIN_CONFIDENCE: f64 = 0.5;

impl Default for PiiConfig {
    fn default() -> Self {
        Self {
            action: Action::default(),
            healthcare_mode: false,
            pci_mode: true,
            detect_patterns: Vec::new(),
            entities: None,
            min_confidence: None,
            redaction: RedactionConfig::default(),
            allow: AllowConfig::default(),
            request: true,
            response: true,
        }
    }
}

impl PiiConfig {
    /// The defaults: everything that is on by default is redacted, in requests and in replies.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What happens to what was found.
    #[must_use]
    pub const fn action(mut self, action: Action) -> Self {
        self.action = action;
        self
    }

    /// Whether medical numbers are looked for.
    #[must_use]
    pub const fn healthcare_mode(mut self, on: bool) -> Self {
        self.healthcare_mode = on;
        self
    }

    /// Whether payment card data is looked for.
    #[must_use]
    pub const fn pci_mode(mut self, on: bool) -> Self {
        self.pci_mode = on;
        self
    }

    /// Looks only for these types, by our names or by those of Presidio.
    ///
    /// # Errors
    ///
    /// A name that is not known, with the nearest one that is.
    pub fn only<'n>(
        mut self,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Result<Self, crate::ConfigError> {
        let names: Result<Vec<_>, _> = names.into_iter().map(EntityName::new).collect();
        self.entities = Some(names.map_err(|message| crate::error::unusable("entities", message))?);
        Ok(self)
    }

    /// Looks for these types and no others.
    #[must_use]
    pub fn entities(mut self, entities: impl IntoIterator<Item = Entity>) -> Self {
        self.entities = Some(entities.into_iter().map(EntityName::from).collect());
        self
    }

    /// Adds a pattern whose findings are called `CUSTOM`.
    #[must_use]
    pub fn detect_pattern(mut self, pattern: impl Into<PatternConfig>) -> Self {
        self.detect_patterns.push(pattern.into());
        self
    }

    /// Findings below this confidence are ignored.
    #[must_use]
    pub const fn min_confidence(mut self, least: f64) -> Self {
        self.min_confidence = Some(least);
        self
    }

    /// What takes the place of what was found.
    #[must_use]
    pub fn redaction(mut self, redaction: RedactionConfig) -> Self {
        self.redaction = redaction;
        self
    }

    /// What is let alone.
    #[must_use]
    pub fn allow(mut self, allow: AllowConfig) -> Self {
        self.allow = allow;
        self
    }

    /// Whether requests are looked at.
    #[must_use]
    pub const fn request(mut self, on: bool) -> Self {
        self.request = on;
        self
    }

    /// Whether replies are looked at.
    #[must_use]
    pub const fn response(mut self, on: bool) -> Self {
        self.response = on;
        self
    }

    /// What is wrong with these settings as far as it can be seen without compiling patterns or reading the
    /// environment. Each problem names the setting.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        if self.entities.as_ref().is_some_and(Vec::is_empty) {
            let message = "names no type; leave it out to look for all";
            found.push(Problem::new("entities", message));
        }
        if !self.pci_mode
            && let Some(card) = self
                .entities
                .iter()
                .flatten()
                .find(|name| !name.set().intersection(PCI).is_empty())
        {
            let message = format!("`{card}` is payment card data, but `pci_mode` is false");
            found.push(Problem::new("entities", message));
        }
        if self
            .min_confidence
            .is_some_and(|least| !(0.0..=1.0).contains(&least))
        {
            found.push(Problem::new("min_confidence", "write a number from 0 to 1"));
        }
        for (index, pattern) in self.detect_patterns.iter().enumerate() {
            let field = format!("detect_patterns[{index}]");
            pattern.problems(&field, self.least(), &mut found);
        }
        self.redaction.problems(self, &mut found);
        if !self.request && !self.response {
            let message = "`request` and `response` are both false, so nothing is looked at; take the policy out \
                           of the chain instead";
            found.push(Problem::new("response", message));
        }
        found
    }

    /// The kinds that are looked for.
    pub(crate) fn wanted(&self) -> EntitySet {
        let mut wanted = match &self.entities {
            Some(names) => names
                .iter()
                .fold(EntitySet::EMPTY, |all, name| all.union(name.set())),
            None => Entity::ALL
                .iter()
                .copied()
                .collect::<EntitySet>()
                .without(Entity::Person)
                .without(Entity::MedicalId),
        };
        if self.healthcare_mode {
            wanted = wanted.with(Entity::MedicalId);
        }
        if !self.pci_mode {
            wanted = wanted
                .without(Entity::CreditCard)
                .without(Entity::Cvv)
                .without(Entity::CardHolder);
        }
        wanted
    }

    /// `min_confidence` in percent.
    pub(crate) fn least(&self) -> u8 {
        let least = self.min_confidence.unwrap_or(DEFAULT_MIN_CONFIDENCE);
        percent(least)
    }
}

/// Payment card data: what `pci_mode` is about.
const PCI: EntitySet = EntitySet::EMPTY
    .with(Entity::CreditCard)
    .with(Entity::Cvv)
    .with(Entity::CardHolder);

/// A share from 0 to 1 in percent, rounded.
pub(crate) fn percent(share: f64) -> u8 {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0..=100; a cast of NaN is 0"
    )]
    let percent = (share.clamp(0.0, 1.0) * 100.0).round() as u8;
    percent
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<PiiConfig, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    fn fields(config: &PiiConfig) -> Vec<String> {
        config
            .problems()
            .iter()
            .map(|problem| problem.field().to_owned())
            .collect()
    }

    #[test]
    fn an_empty_block_is_the_default() {
        assert_eq!(parse("{}").unwrap(), PiiConfig::new());
        assert!(PiiConfig::new().problems().is_empty());
    }

    #[test]
    fn both_dialects_are_read() {
        let config = parse(
            r#"{"action":"redact","healthcare_mode":true,"pci_mode":true,"detect_patterns":["EMP-\\d{6}"],
                "redaction":{"marker_format":"partial","include_metadata":false,"preserve_length":true,
                "custom_markers":{"EMAIL":"<mail>"}}}"#,
        )
        .unwrap();
        assert_eq!(config.redaction.marker_format, MarkerFormat::Partial);
        let config = parse(r#"{"action":"block","entities":["EMAIL_ADDRESS","SSN"]}"#).unwrap();
        assert!(config.wanted().contains(Entity::Email) && config.wanted().contains(Entity::UsSsn));
        assert!(!config.wanted().contains(Entity::Phone));
    }

    #[test]
    fn keys_that_are_not_known_are_refused_by_name() {
        assert!(parse(r#"{"acton":"block"}"#).unwrap_err().contains("acton"));
        let nested = r#"{"redaction":{"marker":"label"}}"#;
        assert!(parse(nested).unwrap_err().contains("marker"));
    }

    #[test]
    fn names_and_numbers_of_medicine_are_off_by_default_and_cards_are_on() {
        let wanted = PiiConfig::new().wanted();
        for off in [Entity::Person, Entity::MedicalId] {
            assert!(!wanted.contains(off), "{off}");
        }
        for on in [Entity::CreditCard, Entity::Cvv, Entity::CardHolder] {
            assert!(wanted.contains(on), "{on}");
            assert!(!PiiConfig::new().pci_mode(false).wanted().contains(on));
        }
        let health = PiiConfig::new().healthcare_mode(true).wanted();
        assert!(health.contains(Entity::MedicalId));
    }

    #[test]
    fn a_list_is_exact_and_healthcare_mode_adds_to_it() {
        let config = PiiConfig::new().entities([Entity::Email]);
        assert_eq!(config.wanted(), EntitySet::EMPTY.with(Entity::Email));
        let config = config.healthcare_mode(true);
        assert!(config.wanted().contains(Entity::MedicalId));
    }

    #[test]
    fn a_list_that_asks_for_cards_contradicts_pci_mode_false() {
        let config = PiiConfig::new()
            .pci_mode(false)
            .entities([Entity::CreditCard]);
        assert_eq!(fields(&config), ["entities"]);
    }

    #[test]
    fn settings_that_would_do_nothing_are_problems() {
        let nothing = PiiConfig::new().request(false).response(false);
        assert_eq!(fields(&nothing), ["response"]);
        assert_eq!(fields(&PiiConfig::new().entities([])), ["entities"]);
        let sure = PiiConfig::new().min_confidence(1.5);
        assert_eq!(fields(&sure), ["min_confidence"]);
        let restore = PiiConfig::new().redaction(RedactionConfig::new().restore(true));
        assert_eq!(fields(&restore), ["redaction.restore"]);
        let padded = PiiConfig::new()
            .action(Action::Pseudonymize)
            .redaction(RedactionConfig::new().preserve_length(true));
        assert_eq!(fields(&padded), ["redaction.preserve_length"]);
    }
}
