//! What holds for any pages, sizes and files.

use std::fs;

use fw_responses::{ListQuery, ResponseStore, ResponsesConfig};
use proptest::prelude::*;

use crate::support::{Clock, File, ids, name, owner, turn};

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_file_holds_it_is_told_of_or_read(
        flips in prop::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 0..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let file = File::new("any");
        let store = file.open();
        for n in 0..30 {
            let id = format!("r{n}");
            let text = id.repeat(n * n);
            store.put(owner(0), &turn(&id, None, &text)).unwrap();
        }
        drop(store);
        let mut content = fs::read(&file.0).unwrap();
        for (at, flip) in flips {
            let at = at.index(content.len());
            content[at] ^= flip;
        }
        if let Some(cut) = cut {
            content.truncate(cut.index(content.len()));
        }
        fs::write(&file.0, content).unwrap();
        match ResponseStore::open(&file.config()) {
            Err(error) => prop_assert!(error.to_string().contains("responses-any"), "{error}"),
            Ok(store) => {
                store.list(owner(0), &ListQuery::default().limit(100)).unwrap();
                store.put(owner(0), &turn("new", None, "x")).unwrap();
            }
        }
    }

    #[test]
    fn pages_put_together_are_the_list(count in 0..40_u8, limit in 1..9_usize, back in any::<bool>()) {
        let store = ResponseStore::in_memory().unwrap();
        for id in 0..count {
            store.put(owner(1), &turn(&name(id), None, "x")).unwrap();
        }
        let mut read: Vec<String> = Vec::new();
        let mut query = ListQuery::default().limit(limit);
        if back {
            // The oldest stands last; what is before it is read towards the newest.
            prop_assume!(count > 0);
            read.push(name(0));
            query = query.before(name(0));
        }
        loop {
            let (page, has_more) = ids(&store, owner(1), &query).unwrap();
            query = ListQuery::default().limit(limit);
            if back {
                query = query.before(page.first().cloned().unwrap_or_default());
                read.splice(0..0, page);
            } else {
                query = query.after(page.last().cloned().unwrap_or_default());
                read.extend(page);
            }
            if !has_more {
                break;
            }
        }
        prop_assert_eq!(read, (0..count).rev().map(name).collect::<Vec<_>>());
    }

    #[test]
    fn the_oldest_make_room_and_no_more_than_needed(
        sizes in prop::collection::vec(0..3_000_usize, 1..60),
        max_bytes in 4_000..20_000_u64,
    ) {
        let mut config = ResponsesConfig::default();
        config.max_bytes = max_bytes;
        let store = Clock::default().store(&config);
        let alone = ResponseStore::in_memory().unwrap();
        let mut bytes: Vec<u64> = Vec::new();
        for (id, size) in sizes.iter().enumerate() {
            let (id, text) = (format!("resp_{id}"), "x".repeat(*size));
            let turn = turn(&id, None, &text);
            let before = alone.bytes().unwrap();
            alone.put(owner(0), &turn).unwrap();
            bytes.push(alone.bytes().unwrap() - before);
            if bytes.last() > Some(&max_bytes) {
                prop_assert!(store.put(owner(0), &turn).unwrap_err().is_too_large());
                bytes.pop();
                break;
            }
            store.put(owner(0), &turn).unwrap();
            // What waits to be written comes on top.
            store.sync().unwrap();
            prop_assert!(store.bytes().unwrap() <= max_bytes);
        }
        // As many of the newest as have room together.
        let mut total = 0;
        let fits = |size: &&u64| {
            total += **size;
            total <= max_bytes
        };
        let kept = bytes.iter().rev().take_while(fits).count();
        let mut left = 0;
        for id in 0..bytes.len() {
            left += usize::from(store.find(owner(0), &format!("resp_{id}")).unwrap().is_some());
        }
        prop_assert_eq!(left, kept);
    }
}
