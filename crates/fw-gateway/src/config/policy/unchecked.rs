//! Blocks of kinds whose settings are not modelled.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Settings that are read but not checked. Their keys are public knowledge only
/// in part, so a check would refuse valid files.
#[derive(Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("x-unchecked" = true))]
pub struct Unchecked(pub Map<String, Value>);

// The values may hold keys of outside services.
impl fmt::Debug for Unchecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
