//! A name for some of the targets.

use crate::{
    caller::StickyBy,
    strategy::{Ordered, Strategy},
};

/// A name that clients use as `model`, and the targets behind it.
#[derive(Debug)]
pub struct Group {
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) members: Vec<(String, Option<f64>)>,
    pub(crate) strategy: Box<dyn Strategy>,
    pub(crate) sticky: Option<StickyBy>,
    pub(crate) fallback: Option<String>,
}

impl Group {
    /// A group without members yet.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            aliases: Vec::new(),
            members: Vec::new(),
            strategy: Box::new(Ordered::new()),
            sticky: None,
            fallback: None,
        }
    }

    /// Adds the target of this id.
    #[must_use]
    pub fn member(mut self, id: impl Into<String>) -> Self {
        self.members.push((id.into(), None));
        self
    }

    /// Adds the target of this id, with a share of its own in this group.
    #[must_use]
    pub fn weighted_member(mut self, id: impl Into<String>, weight: f64) -> Self {
        self.members.push((id.into(), Some(weight)));
        self
    }

    /// Another name of the group.
    #[must_use]
    pub fn alias(mut self, name: impl Into<String>) -> Self {
        self.aliases.push(name.into());
        self
    }

    /// How a target of the group is chosen. Default: [`Ordered`].
    #[must_use]
    pub fn strategy(mut self, strategy: impl Strategy + 'static) -> Self {
        self.strategy = Box::new(strategy);
        self
    }

    /// Keeps each caller on one target, as [`RouterBuilder::sticky_by`](crate::RouterBuilder::sticky_by).
    #[must_use]
    pub fn sticky_by(mut self, sticky: StickyBy) -> Self {
        self.sticky = Some(sticky);
        self
    }

    /// The group that is tried when all targets of this one have failed.
    #[must_use]
    pub fn fallback(mut self, group: impl Into<String>) -> Self {
        self.fallback = Some(group.into());
        self
    }
}
