//! Settings by category.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::category::Category;

/// Settings of each category. A category that is not named has those of the whole policy.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct CategoriesConfig {
    /// Requests for help with something harmful, and answers that give it.
    pub harmful_request: Option<CategoryConfig>,
    /// Hatred against people for what they are.
    pub hate: Option<CategoryConfig>,
    /// Insults and threats to a person.
    pub harassment: Option<CategoryConfig>,
    /// Sexual content.
    pub sexual: Option<CategoryConfig>,
    /// Sexual content about minors.
    pub sexual_minors: Option<CategoryConfig>,
    /// Violence, praised or instructed.
    pub violence: Option<CategoryConfig>,
    /// Suicide and self-harm.
    pub self_harm: Option<CategoryConfig>,
    /// Making or getting weapons.
    pub weapons: Option<CategoryConfig>,
    /// Other crime: theft, fraud, drugs, breaking into computers.
    pub crime: Option<CategoryConfig>,
}

/// Settings of one category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct CategoryConfig {
    /// A score at or above this is a finding.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub threshold: Option<f64>,
    /// What happens on detection.
    pub action: Option<CategoryAction>,
}

/// What happens if a category is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CategoryAction {
    /// It is refused.
    Block,
    /// It passes, and the finding is recorded.
    Flag,
    /// It is refused until a person has decided.
    Escalate,
    /// It passes and is not looked for.
    Allow,
}

impl CategoriesConfig {
    /// The settings of one category, if it has any.
    #[must_use]
    pub const fn of(&self, category: Category) -> Option<&CategoryConfig> {
        match category {
            Category::HarmfulRequest => self.harmful_request.as_ref(),
            Category::Hate => self.hate.as_ref(),
            Category::Harassment => self.harassment.as_ref(),
            Category::Sexual => self.sexual.as_ref(),
            Category::SexualMinors => self.sexual_minors.as_ref(),
            Category::Violence => self.violence.as_ref(),
            Category::SelfHarm => self.self_harm.as_ref(),
            Category::Weapons => self.weapons.as_ref(),
            Category::Crime => self.crime.as_ref(),
        }
    }

    pub(super) const fn set(&mut self, category: Category, config: CategoryConfig) {
        let place = match category {
            Category::HarmfulRequest => &mut self.harmful_request,
            Category::Hate => &mut self.hate,
            Category::Harassment => &mut self.harassment,
            Category::Sexual => &mut self.sexual,
            Category::SexualMinors => &mut self.sexual_minors,
            Category::Violence => &mut self.violence,
            Category::SelfHarm => &mut self.self_harm,
            Category::Weapons => &mut self.weapons,
            Category::Crime => &mut self.crime,
        };
        *place = Some(config);
    }
}

impl CategoryConfig {
    /// The settings of the whole policy.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A score at or above this is a finding.
    #[must_use]
    pub const fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = Some(threshold);
        self
    }

    /// What happens on detection.
    #[must_use]
    pub const fn action(mut self, action: CategoryAction) -> Self {
        self.action = Some(action);
        self
    }
}
