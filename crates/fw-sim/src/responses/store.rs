//! Responses kept in memory.

use std::collections::VecDeque;

use crate::json::Json;

/// Responses kept, and roughly the bytes that they take; the oldest go first.
const MAX_RESPONSES: usize = 1_000;
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// A stored response.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(super) id: String,
    account: String,
    pub(super) response: Json,
    /// The conversation up to and with this response.
    pub(super) items: Vec<Json>,
    bytes: usize,
}

/// All of them, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Store {
    responses: VecDeque<Stored>,
    bytes: usize,
}

// === impl Stored ===

impl Stored {
    pub(super) fn new(id: String, account: &str, response: Json, items: Vec<Json>) -> Self {
        let bytes = response.weight() + items.iter().map(Json::weight).sum::<usize>();
        Self {
            id,
            account: account.to_owned(),
            response,
            items,
            bytes,
        }
    }
}

// === impl Store ===

impl Store {
    pub(super) fn insert(&mut self, stored: Stored) {
        self.bytes += stored.bytes;
        self.responses.push_back(stored);
        while self.responses.len() > MAX_RESPONSES || self.bytes > MAX_BYTES {
            let Some(old) = self.responses.pop_front() else {
                break;
            };
            self.bytes -= old.bytes;
        }
    }

    pub(super) fn find(&self, account: &str, id: &str) -> Option<&Stored> {
        self.responses
            .iter()
            .rev()
            .find(|s| s.id == id && s.account == account)
    }

    pub(super) fn remove(&mut self, account: &str, id: &str) -> bool {
        let Some(at) = self
            .responses
            .iter()
            .position(|s| s.id == id && s.account == account)
        else {
            return false;
        };
        if let Some(old) = self.responses.remove(at) {
            self.bytes -= old.bytes;
        }
        true
    }

    /// A page, newest first: what comes after one cursor and before another. Also whether there is more.
    pub(super) fn page(
        &self,
        account: &str,
        after: Option<&str>,
        before: Option<&str>,
        limit: usize,
    ) -> (Vec<&Stored>, bool) {
        let all: Vec<&Stored> = self
            .responses
            .iter()
            .rev()
            .filter(|s| s.account == account)
            .collect();
        let at = |id: &str| all.iter().position(|s| s.id == id);
        let start = after.and_then(at).map_or(0, |i| i + 1);
        let end = before.and_then(at).unwrap_or(all.len()).max(start);
        let window = &all[start..end];
        (
            window.iter().take(limit).copied().collect(),
            window.len() > limit,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(id: usize, bytes: usize) -> Stored {
        let item = Json::Str("x".repeat(bytes));
        Stored::new(format!("resp_{id}"), "acme", Json::Null, vec![item])
    }

    #[test]
    fn the_oldest_go_first() {
        let mut store = Store::default();
        (0..MAX_RESPONSES + 5).for_each(|i| store.insert(stored(i, 10)));
        assert!(store.find("acme", "resp_4").is_none());
        assert!(store.find("acme", "resp_5").is_some());
        store.insert(stored(9_999, MAX_BYTES));
        assert!(
            store.responses.is_empty(),
            "one response alone is over the limit"
        );
    }

    #[test]
    fn pages_are_newest_first_and_of_one_account() {
        let mut store = Store::default();
        (0..5).for_each(|i| store.insert(stored(i, 1)));
        store.insert(Stored::new(
            "resp_x".into(),
            "other",
            Json::Null,
            Vec::new(),
        ));
        let ids = |(page, more): (Vec<&Stored>, bool)| {
            (page.iter().map(|s| s.id.clone()).collect::<Vec<_>>(), more)
        };
        assert_eq!(
            ids(store.page("acme", None, None, 2)),
            (vec!["resp_4".into(), "resp_3".into()], true)
        );
        assert_eq!(ids(store.page("acme", Some("resp_3"), None, 9)).0.len(), 3);
        assert_eq!(
            ids(store.page("acme", Some("resp_4"), Some("resp_2"), 9)),
            (vec!["resp_3".into()], false)
        );
    }
}
