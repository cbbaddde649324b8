//! The members of a record that queries look at, borrowed from its line.
//!
//! A record is read leniently: a member that is missing, or of another type than this version writes, is as
//! good as absent. So logs of other versions can be searched.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What a query may ask for.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Row<'a> {
    #[serde(borrow)]
    pub(crate) time: Text<'a>,
    #[serde(borrow)]
    pub(crate) request_id: Text<'a>,
    #[serde(borrow)]
    pub(crate) client: Text<'a>,
    #[serde(borrow)]
    pub(crate) model: Text<'a>,
    #[serde(borrow)]
    pub(crate) model_served: Text<'a>,
    #[serde(borrow)]
    pub(crate) target: Text<'a>,
    #[serde(borrow)]
    pub(crate) verdict: Text<'a>,
    #[serde(borrow)]
    pub(crate) policies: Acted<'a>,
    pub(crate) accepted: Number,
}

/// A string; `None` for anything else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text<'a>(Option<Cow<'a, str>>);

/// A whole number that is not negative; `None` for anything else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Number(pub(crate) Option<u64>);

/// The names of the policies that did something: whose outcome is neither `allow` nor `skipped`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Acted<'a>(Vec<Text<'a>>);

/// Visits for values of types that are as good as absent.
macro_rules! absent {
    ($($visit:ident($type:ty)),*) => {$(
        fn $visit<E>(self, _: $type) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    )*};
    (unit) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
    (seq) => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
    (map) => {
        fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
            while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
}

// === impl Text ===

impl Text<'_> {
    pub(crate) fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor).map(Self)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    absent!(
        visit_bool(bool),
        visit_u64(u64),
        visit_i64(i64),
        visit_f64(f64)
    );
    absent!(unit);
    absent!(seq);
    absent!(map);
}

// === impl Number ===

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor).map(Self)
    }
}

struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Option<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number))
    }

    absent!(
        visit_bool(bool),
        visit_i64(i64),
        visit_f64(f64),
        visit_str(&str)
    );
    absent!(unit);
    absent!(seq);
    absent!(map);
}

// === impl Acted ===

impl Acted<'_> {
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(Text::as_str)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Acted<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ActedVisitor).map(Self)
    }
}

struct ActedVisitor;

impl<'de> Visitor<'de> for ActedVisitor {
    type Value = Vec<Text<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut acted = Vec::new();
        while let Some(Policy { policy, acts }) = items.next_element()? {
            if acts && !acted.contains(&policy) {
                acted.push(policy);
            }
        }
        Ok(acted)
    }

    absent!(
        visit_bool(bool),
        visit_u64(u64),
        visit_i64(i64),
        visit_f64(f64),
        visit_str(&str)
    );
    absent!(unit);
    absent!(map);
}

/// One entry of `policies`.
#[derive(Default)]
struct Policy<'a> {
    policy: Text<'a>,
    acts: bool,
}

impl<'de: 'a, 'a> Deserialize<'de> for Policy<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PolicyVisitor)
    }
}

struct PolicyVisitor;

impl<'de> Visitor<'de> for PolicyVisitor {
    type Value = Policy<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = Policy::default();
        while let Some(Text(name)) = members.next_key()? {
            match name.as_deref() {
                Some("policy") => found.policy = members.next_value()?,
                Some("outcome") => {
                    let outcome: Text<'_> = members.next_value()?;
                    found.acts = !matches!(outcome.as_str(), Some("allow" | "skipped"));
                }
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }

    absent!(
        visit_bool(bool),
        visit_u64(u64),
        visit_i64(i64),
        visit_f64(f64),
        visit_str(&str)
    );
    absent!(unit);
    absent!(seq);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_borrowed_where_they_can_be() {
        let line = br#"{"seq":1,"time":"t","client":"a\"b","model":"m","accepted":7,
            "policies":[{"policy":"p","outcome":"allow"},{"policy":"q","outcome":"redact"},
                        {"policy":"q","outcome":"flag"},{"policy":"r","outcome":"skipped"}]}"#;
        let row: Row<'_> = serde_json::from_slice(line).unwrap();
        assert!(matches!(row.time.0, Some(Cow::Borrowed("t"))));
        assert_eq!(row.client.as_str(), Some("a\"b"));
        assert_eq!(row.accepted, Number(Some(7)));
        assert_eq!(row.policies.names().collect::<Vec<_>>(), ["q"]);
    }

    #[test]
    fn what_is_of_another_type_is_absent() {
        for value in [
            "null",
            "true",
            "-1",
            "1.5",
            "[1,[2],{}]",
            r#"{"a":{"b":1}}"#,
        ] {
            let line = format!(
                r#"{{"time":{value},"accepted":{value},"policies":{value},"other":{value},"model":"m"}}"#
            );
            let row: Row<'_> = serde_json::from_str(&line).unwrap();
            assert_eq!(row.model.as_str(), Some("m"), "{value}");
            assert_eq!((row.time, row.accepted), (Text(None), Number(None)));
        }
        let row: Row<'_> = serde_json::from_str(r#"{"accepted":"7","time":7}"#).unwrap();
        assert_eq!((row.time, row.accepted), (Text(None), Number(None)));
    }
}
