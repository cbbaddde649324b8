//! A store does what the plainest thing does that could be one.

use std::collections::HashSet;

use fw_responses::{ListQuery, Order, ResponseStore, ResponsesConfig};
use proptest::prelude::*;

use tokio_test::block_on;

use crate::support::{Clock, DAY, File, ids, items, name, owner, turn};

#[derive(Clone, Debug)]
enum Step {
    Put {
        owner: u8,
        id: u8,
        previous: Option<u8>,
        text: String,
    },
    Delete {
        owner: u8,
        id: u8,
    },
    Pass(u64),
    Sync,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let owner = 0..3_u8;
    let id = 0..12_u8;
    prop_oneof![
        6 => (owner.clone(), id.clone(), prop::option::of(0..12_u8), "[a-z\"é]{0,20}")
            .prop_map(|(owner, id, previous, text)| Step::Put { owner, id, previous, text }),
        2 => (owner, id).prop_map(|(owner, id)| Step::Delete { owner, id }),
        1 => (0..3 * DAY).prop_map(Step::Pass),
        2 => Just(Step::Sync),
        1 => Just(Step::Reopen),
    ]
}

/// The plainest thing that does the same: entries in the order in which they came.
#[derive(Clone, Debug, Default)]
struct Model {
    entries: Vec<Entry>,
    now: u64,
}

#[derive(Clone, Debug)]
struct Entry {
    owner: u8,
    id: u8,
    previous: Option<u8>,
    text: String,
    time: u64,
}

impl Model {
    const RETENTION: u64 = 5 * DAY;

    fn of(&self, owner: u8) -> Vec<&Entry> {
        let is_there =
            |entry: &&Entry| entry.owner == owner && entry.time + Self::RETENTION > self.now;
        self.entries.iter().filter(is_there).collect()
    }

    fn find(&self, owner: u8, id: u8) -> Option<&Entry> {
        self.of(owner).into_iter().find(|entry| entry.id == id)
    }

    fn remove(&mut self, owner: u8, id: u8) -> bool {
        let was_there = self.find(owner, id).is_some();
        self.entries
            .retain(|entry| (entry.owner, entry.id) != (owner, id));
        was_there
    }

    fn list(
        &self,
        owner: u8,
        limit: usize,
        after: Option<u8>,
        before: Option<u8>,
        order: Order,
    ) -> Option<(Vec<String>, bool)> {
        let mut ids: Vec<u8> = self.of(owner).iter().map(|entry| entry.id).collect();
        if order == Order::Descending {
            ids.reverse();
        }
        let place = |id: u8| ids.iter().position(|other| *other == id);
        let from = match after {
            Some(id) => place(id)? + 1,
            None => 0,
        };
        let to = match before {
            Some(id) => place(id)?,
            None => ids.len(),
        };
        let all: &[u8] = ids.get(from..to).unwrap_or_default();
        let kept = all.len().min(limit);
        let page = if before.is_some() && after.is_none() {
            &all[all.len() - kept..]
        } else {
            &all[..kept]
        };
        Some((page.iter().map(|id| name(*id)).collect(), kept < all.len()))
    }

    /// Turns may go on from each other in a circle here, where ids are not random.
    fn history(&self, owner: u8, id: u8) -> Option<Vec<String>> {
        let (mut turns, mut seen, mut next) = (Vec::new(), HashSet::new(), Some(id));
        while let Some(id) = next {
            if !seen.insert(id) {
                return None;
            }
            let entry = self.find(owner, id)?;
            turns.push([entry.text.clone(), name(id)]);
            next = entry.previous;
        }
        Some(turns.into_iter().rev().flatten().collect())
    }
}

fn apply(step: &Step, store: &mut ResponseStore, model: &mut Model, clock: &Clock, file: &File) {
    match step {
        Step::Put {
            owner: by,
            id,
            previous,
            text,
        } => {
            let before = previous.map(name);
            let put = store.put(owner(*by), &turn(&name(*id), before.as_deref(), text));
            put.unwrap();
            model.remove(*by, *id);
            model.entries.push(Entry {
                owner: *by,
                id: *id,
                previous: *previous,
                text: text.clone(),
                time: model.now,
            });
        }
        Step::Delete { owner: by, id } => {
            let deleted = block_on(store.delete(owner(*by), &name(*id))).unwrap();
            assert_eq!(deleted, model.remove(*by, *id));
        }
        Step::Pass(seconds) => {
            clock.pass(*seconds);
            model.now += seconds;
        }
        Step::Sync => store.sync().unwrap(),
        Step::Reopen => {
            *store = ResponseStore::in_memory().unwrap();
            *store = clock.store(&config(file));
        }
    }
}

fn config(file: &File) -> ResponsesConfig {
    let mut config = file.config();
    config.retention_days = 5;
    config
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_store_is_a_list_by_owner(
        steps in prop::collection::vec(step(), 1..60),
        limit in 1..6_usize,
        after in prop::option::of(0..12_u8),
        before in prop::option::of(0..12_u8),
    ) {
        let (file, clock) = (File::new("model"), Clock::default());
        let (mut store, mut model) = (clock.store(&config(&file)), Model::default());
        for step in &steps {
            apply(step, &mut store, &mut model, &clock, &file);
        }
        for by in 0..3 {
            for id in 0..12 {
                let found = store.find(owner(by), &name(id)).unwrap();
                let expected = model.find(by, id).map(|entry| entry.text.clone());
                prop_assert_eq!(found.as_deref(), expected.as_deref().map(str::as_bytes));
                let inputs = store.input_items(owner(by), &name(id)).unwrap();
                prop_assert_eq!(inputs, expected.map(|text| vec![text]));
                let history = store.history(owner(by), &name(id)).unwrap();
                prop_assert_eq!(items(history), model.history(by, id));
            }
            for order in [Order::Ascending, Order::Descending] {
                let mut query = ListQuery::default().limit(limit).order(order);
                if let Some(id) = after {
                    query = query.after(name(id));
                }
                if let Some(id) = before {
                    query = query.before(name(id));
                }
                let expected = model.list(by, limit, after, before, order);
                prop_assert_eq!(ids(&store, owner(by), &query), expected);
            }
        }
    }
}
