//! What is asked of a list, and what it gives.

use bytes::Bytes;

/// Most responses on one page, as at OpenAI and Fireworks.
pub const MAX_PAGE: usize = 100;

/// Responses on a page where nothing else is asked for.
pub const DEFAULT_PAGE: usize = 20;

/// Which responses of a list are asked for.
///
/// With `after` the page begins behind that response, with `before` it ends right before it; with both
/// it begins behind the one and does not reach the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListQuery {
    pub(crate) limit: usize,
    pub(crate) after: Option<String>,
    pub(crate) before: Option<String>,
    pub(crate) order: Order,
}

/// How a list is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Oldest first.
    Ascending,
    /// Newest first.
    #[default]
    Descending,
}

/// One page of a list.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The responses as JSON, each with its id, in the order that was asked for.
    pub(crate) data: Vec<(String, Bytes)>,
    /// There are more in this direction.
    pub(crate) has_more: bool,
}

// === impl ListQuery ===

impl Default for ListQuery {
    /// The 20 newest, newest first.
    fn default() -> Self {
        Self {
            limit: DEFAULT_PAGE,
            after: None,
            before: None,
            order: Order::default(),
        }
    }
}

impl ListQuery {
    /// Most responses on the page: from 1 to [`MAX_PAGE`]; what is outside counts as the nearest.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit.clamp(1, MAX_PAGE);
        self
    }

    /// The response that the page begins behind.
    #[must_use]
    pub fn after(mut self, id: impl Into<String>) -> Self {
        self.after = Some(id.into());
        self
    }

    /// The response that the page ends before.
    #[must_use]
    pub fn before(mut self, id: impl Into<String>) -> Self {
        self.before = Some(id.into());
        self
    }

    /// How the list is ordered.
    #[must_use]
    pub const fn order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }
}

// === impl Page ===

impl Page {
    /// The ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.data.iter().map(|(id, _)| id.as_str())
    }

    /// The responses as JSON, in order.
    pub fn responses(&self) -> impl Iterator<Item = &Bytes> {
        self.data.iter().map(|(_, json)| json)
    }

    /// Whether there are more in this direction.
    #[must_use]
    pub const fn has_more(&self) -> bool {
        self.has_more
    }
}

/// Replies are not shown.
impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Page")
            .field("len", &self.data.len())
            .field("has_more", &self.has_more)
            .finish()
    }
}
