//! Text with a form, checked once, when it is read.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::formats;

macro_rules! text_types {
    ($($(#[$doc:meta])* $name:ident = $format:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Defaults that are written in the code.
            #[allow(dead_code, reason = "not every type has defaults")]
            pub(crate) fn all(texts: &[&str]) -> Vec<Self> {
                texts.iter().map(|text| Self((*text).to_owned())).collect()
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                formats::check($format, &text).unwrap_or(Ok(()))?;
                Ok(Self(text))
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "format": $format })
            }
        }
    )*};
}

text_types! {
    /// A version as in Semantic Versioning 2.0.0.
    Version = "semver";
    /// A regular expression of the `regex` crate.
    Pattern = "rust-regex";
    /// A network such as `10.0.0.0/8`, or a single address.
    Network = "cidr";
    /// The name of a header.
    HeaderName = "header-name";
    /// What keeps a caller on one variant: `user_id`, or the name of a header.
    StickyBy = "sticky-by";
    /// An HTTP method in capitals.
    Method = "http-method";
    /// A path that begins with `/`.
    UrlPath = "url-path";
    /// The name of an entity type, such as `EMAIL`.
    EntityType = "entity";
}
