//! `testing`: test cases for the policies. Never used while running.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Test suites.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Testing {
    /// Score from which a case passes.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub default_threshold: Option<f64>,
    /// Plugins. Their shape is not published.
    pub plugins: Vec<Value>,
    /// Strategies. Their shape is not published.
    pub strategies: Vec<Value>,
    /// The suites.
    pub suites: Vec<Suite>,
}

/// Test cases with one purpose.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// Name.
    pub name: String,
    /// Label for people.
    #[serde(default)]
    pub description: Option<String>,
    /// What is tested.
    #[serde(default)]
    pub target: Option<String>,
    /// Assertions about every case. Their shape is not published.
    #[serde(default)]
    pub assertions: Vec<Value>,
    /// The cases.
    #[serde(default)]
    pub cases: Vec<TestCase>,
}

/// One test case.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestCase {
    /// Name.
    pub name: String,
    /// The request: `messages`, `headers` and more.
    pub input: Map<String, Value>,
    /// What must come of it: `verdict` and more.
    pub expected: Map<String, Value>,
}
