//! What a store keeps, for whom, for how long, and how much.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::HashSet,
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use fw_responses::{
    History, ListQuery, MAX_HISTORY_BYTES, MAX_HISTORY_TURNS, Order, Owner, ResponseStore,
    ResponsesConfig, Turn,
};
use proptest::prelude::*;

const DAY: u64 = 86_400;

/// A clock that stands until it is moved.
#[derive(Clone, Debug, Default)]
struct Clock(Arc<AtomicU64>);

impl Clock {
    fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }

    fn store(&self, config: &ResponsesConfig) -> ResponseStore {
        let time = Arc::clone(&self.0);
        ResponseStore::with_clock(config, move || time.load(Ordering::Relaxed)).unwrap()
    }
}

/// A file that goes when the test is over.
#[derive(Debug)]
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let path = directory.join(format!("responses-{name}-{}.redb", std::process::id()));
        fs::remove_file(&path).ok();
        Self(path)
    }

    fn config(&self) -> ResponsesConfig {
        let mut config = ResponsesConfig::default();
        config.path = Some(self.0.clone());
        config
    }

    fn open(&self) -> ResponseStore {
        ResponseStore::open(&self.config()).unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}

fn turn<'a>(id: &'a str, previous: Option<&'a str>, text: &'a str) -> Turn<'a> {
    Turn {
        id,
        previous,
        json: text.as_bytes(),
        input: vec![text],
        output: vec![id],
    }
}

fn items(history: History) -> Option<Vec<String>> {
    match history {
        History::Found(items) => Some(items),
        _ => None,
    }
}

fn ids(store: &ResponseStore, owner: Owner, query: &ListQuery) -> Option<(Vec<String>, bool)> {
    let page = store.list(owner, query).unwrap()?;
    Some((page.ids().map(str::to_owned).collect(), page.has_more()))
}

// === against a model ===

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

fn name(id: u8) -> String {
    format!("resp_{id}")
}

fn owner(number: u8) -> Owner {
    Owner::new([number])
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
            let deleted = store.delete(owner(*by), &name(*id)).unwrap();
            assert_eq!(deleted, model.remove(*by, *id));
        }
        Step::Pass(seconds) => {
            clock.pass(*seconds);
            model.now += seconds;
        }
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

// === owners ===

#[test]
fn one_owner_s_responses_are_not_there_for_another() {
    let store = ResponseStore::in_memory().unwrap();
    let (a, b) = (Owner::new("a"), Owner::new("b"));
    store.put(a, &turn("resp_1", None, "of a")).unwrap();
    store.put(b, &turn("resp_1", None, "of b")).unwrap();
    store
        .put(b, &turn("resp_2", Some("resp_1"), "more of b"))
        .unwrap();

    assert_eq!(store.find(a, "resp_1").unwrap().unwrap(), "of a");
    assert_eq!(store.find(a, "resp_2").unwrap(), None);
    assert_eq!(store.input_items(a, "resp_2").unwrap(), None);
    assert_eq!(store.history(a, "resp_2").unwrap(), History::Missing);
    assert_eq!(ids(&store, a, &ListQuery::default().after("resp_2")), None);
    assert!(!store.delete(a, "resp_2").unwrap());

    assert!(store.delete(a, "resp_1").unwrap());
    assert_eq!(store.find(b, "resp_1").unwrap().unwrap(), "of b");
}

// === conversations ===

#[test]
fn a_conversation_is_found_up_to_the_response_that_is_named() {
    let store = ResponseStore::in_memory().unwrap();
    let me = Owner::new("me");
    store.put(me, &turn("r1", None, "i1")).unwrap();
    store.put(me, &turn("r2", Some("r1"), "i2")).unwrap();
    // Two answers to the same: branches do not see each other.
    store.put(me, &turn("r3a", Some("r2"), "i3a")).unwrap();
    store.put(me, &turn("r3b", Some("r2"), "i3b")).unwrap();
    let history = |id| items(store.history(me, id).unwrap()).unwrap();
    assert_eq!(history("r1"), ["i1", "r1"]);
    assert_eq!(history("r3a"), ["i1", "r1", "i2", "r2", "i3a", "r3a"]);
    assert_eq!(history("r3b"), ["i1", "r1", "i2", "r2", "i3b", "r3b"]);
}

#[test]
fn a_conversation_with_a_hole_is_none() {
    let store = ResponseStore::in_memory().unwrap();
    let me = Owner::new("me");
    store.put(me, &turn("r1", None, "i1")).unwrap();
    store.put(me, &turn("r2", Some("r1"), "i2")).unwrap();
    store.delete(me, "r1").unwrap();
    assert!(store.find(me, "r2").unwrap().is_some());
    assert_eq!(store.history(me, "r2").unwrap(), History::Missing);
}

#[test]
fn a_conversation_has_an_end() {
    let store = ResponseStore::in_memory().unwrap();
    let me = Owner::new("me");
    let id = |n: usize| format!("r{n}");
    for n in 0..=MAX_HISTORY_TURNS {
        let previous = n.checked_sub(1).map(id);
        store
            .put(me, &turn(&id(n), previous.as_deref(), "i"))
            .unwrap();
    }
    let history = |n| store.history(me, &id(n)).unwrap();
    assert_eq!(history(MAX_HISTORY_TURNS), History::TooLong);
    let items = items(history(MAX_HISTORY_TURNS - 1)).unwrap();
    assert_eq!(items.len(), 2 * MAX_HISTORY_TURNS);

    let half = "x".repeat(MAX_HISTORY_BYTES / 2);
    store.put(me, &turn("half", None, &half)).unwrap();
    assert!(matches!(
        store.history(me, "half").unwrap(),
        History::Found(_)
    ));
    store.put(me, &turn("whole", Some("half"), &half)).unwrap();
    assert_eq!(store.history(me, "whole").unwrap(), History::TooLong);

    // A circle cannot come about with random ids, and ends all the same.
    store.put(me, &turn("round", Some("round"), "i")).unwrap();
    assert_eq!(store.history(me, "round").unwrap(), History::TooLong);
}

// === time ===

#[test]
fn a_response_is_kept_for_its_time() {
    let (file, clock) = (File::new("time"), Clock::default());
    let store = clock.store(&file.config());
    let me = Owner::new("me");
    store.put(me, &turn("old", None, "x")).unwrap();
    clock.pass(29 * DAY);
    store.put(me, &turn("new", Some("old"), "x")).unwrap();
    clock.pass(DAY - 1);
    assert!(store.find(me, "old").unwrap().is_some());
    clock.pass(1);
    assert_eq!(store.find(me, "old").unwrap(), None);
    assert!(!store.delete(me, "old").unwrap());
    assert_eq!(store.history(me, "new").unwrap(), History::Missing);
    let all = ids(&store, me, &ListQuery::default()).unwrap();
    assert_eq!(all, (vec!["new".to_owned()], false));

    // What is too old is not only hidden: the next response, or a restart, removes it.
    let both = {
        let other = ResponseStore::in_memory().unwrap();
        other.put(me, &turn("new", Some("old"), "x")).unwrap();
        other.bytes().unwrap()
    };
    clock.pass(29 * DAY - 1);
    drop(store);
    assert_eq!(clock.store(&file.config()).bytes().unwrap(), both);
    clock.pass(1);
    assert_eq!(clock.store(&file.config()).bytes().unwrap(), 0);
}

// === files ===

#[test]
fn what_was_kept_is_there_after_a_restart() {
    let file = File::new("restart");
    let me = Owner::new("me");
    for n in 0..3 {
        let store = file.open();
        let (id, previous) = (format!("r{n}"), format!("r{}", n - 1));
        let previous = (n > 0).then_some(previous.as_str());
        store.put(me, &turn(&id, previous, "x")).unwrap();
    }
    let history = items(file.open().history(me, "r2").unwrap()).unwrap();
    assert_eq!(history, ["x", "r0", "x", "r1", "x", "r2"]);
}

#[test]
fn what_was_synced_outlives_a_process_that_is_killed() {
    let (file, left) = (File::new("killed"), File::new("left"));
    let me = Owner::new("me");
    let store = file.open();
    store.put(me, &turn("safe", None, "x")).unwrap();
    store.sync().unwrap();
    store.put(me, &turn("late", Some("safe"), "x")).unwrap();
    // What such a process leaves is the file as it is now.
    fs::copy(&file.0, &left.0).unwrap();
    let store = left.open();
    assert!(store.find(me, "safe").unwrap().is_some());
    // Within a second of the last sync: this one was not safe yet, and nothing else suffered.
    assert_eq!(ids(&store, me, &ListQuery::default()).unwrap().0, ["safe"]);
    store.put(me, &turn("next", Some("safe"), "x")).unwrap();
}

#[test]
fn what_was_deleted_does_not_come_back() {
    let (file, left) = (File::new("deleted"), File::new("deleted-left"));
    let me = Owner::new("me");
    let store = file.open();
    store.put(me, &turn("r", None, "x")).unwrap();
    store.sync().unwrap();
    store.delete(me, "r").unwrap();
    fs::copy(&file.0, &left.0).unwrap();
    assert_eq!(left.open().find(me, "r").unwrap(), None);
}

#[test]
fn what_is_in_memory_ends_with_the_store() {
    let me = Owner::new("me");
    let store = ResponseStore::in_memory().unwrap();
    store.clone().put(me, &turn("r", None, "x")).unwrap();
    assert!(store.find(me, "r").unwrap().is_some());
    drop(store);
    assert_eq!(
        ResponseStore::in_memory().unwrap().find(me, "r").unwrap(),
        None
    );
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let file = File::new("mode");
    let mode = || fs::metadata(&file.0).unwrap().permissions().mode() & 0o777;
    drop(file.open());
    assert_eq!(mode(), 0o600);
    // Nor one that was copied here.
    fs::set_permissions(&file.0, fs::Permissions::from_mode(0o644)).unwrap();
    drop(file.open());
    assert_eq!(mode(), 0o600);
}

#[test]
fn a_file_does_not_grow_for_ever() {
    let file = File::new("growth");
    let mut config = file.config();
    config.max_bytes = 512 * 1024;
    let store = Clock::default().store(&config);
    let text = "x".repeat(1500);
    let mut sizes = Vec::new();
    // Ten times what it may keep.
    for n in 0..1_500 {
        let id = format!("r{n}");
        store.put(owner(0), &turn(&id, None, &text)).unwrap();
        if n % 50 == 0 {
            store.sync().unwrap();
            sizes.push(fs::metadata(&file.0).unwrap().len());
        }
    }
    assert!(store.bytes().unwrap() > config.max_bytes - 10_000);
    let grown = sizes.iter().position(|size| size == sizes.last().unwrap());
    assert!(grown.unwrap() < sizes.len() / 2, "{sizes:?}");
    // A file grows by doubling, and pages are free for new responses only after a sync.
    assert!(sizes.last().unwrap() / config.max_bytes <= 5, "{sizes:?}");
}

#[test]
fn a_file_is_open_once() {
    let file = File::new("once");
    let store = file.open();
    let error = ResponseStore::open(&file.config()).unwrap_err();
    assert!(error.is_locked() && !error.is_damaged(), "{error}");
    assert!(error.to_string().contains("open already"), "{error}");
    drop(store);
    file.open();
}

#[test]
fn a_file_of_something_else_is_told_of_and_left_as_it_is() {
    for (name, content) in [
        ("text", b"Dear diary,\n".repeat(1000)),
        ("short", b"x".to_vec()),
        ("zeroes", vec![0; 100_000]),
    ] {
        let file = File::new(name);
        fs::write(&file.0, &content).unwrap();
        let error = ResponseStore::open(&file.config()).unwrap_err();
        assert!(error.is_damaged(), "{name}: {error}");
        let message = error.to_string();
        assert!(message.contains(file.0.to_str().unwrap()), "{message}");
        assert!(message.contains("move the file away"), "{message}");
        assert_eq!(fs::read(&file.0).unwrap(), content);
    }
}

#[test]
fn a_damaged_file_is_told_of() {
    let file = File::new("damaged");
    let store = file.open();
    let text = "A sentence that is easily found. ".repeat(200);
    for n in 0..20 {
        let id = format!("r{n}");
        store
            .put(Owner::new("me"), &turn(&id, None, &text))
            .unwrap();
    }
    drop(store);
    let mut content = fs::read(&file.0).unwrap();
    let needle = b"easily";
    let at = content
        .windows(needle.len())
        .position(|bytes| bytes == needle);
    content[at.unwrap()] ^= 1;
    fs::write(&file.0, &content).unwrap();
    let error = ResponseStore::open(&file.config()).unwrap_err();
    assert!(error.is_damaged(), "{error}");
}

#[test]
fn a_file_that_cannot_be_made_is_told_of() {
    let mut config = ResponsesConfig::default();
    config.path = Some("/no/such/directory/responses.redb".into());
    let error = ResponseStore::open(&config).unwrap_err();
    assert!(!error.is_damaged() && !error.is_locked());
    assert!(
        error.to_string().contains("its directory has to be there"),
        "{error}"
    );
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let (mut none, mut never) = (ResponsesConfig::default(), ResponsesConfig::default());
    none.max_bytes = 0;
    never.retention_days = 0;
    for (config, name) in [(none, "max_bytes"), (never, "retention_days")] {
        let error = ResponseStore::open(&config).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
    assert!(serde_json::from_str::<ResponsesConfig>(r#"{"max_byte": 1}"#).is_err());
}

#[test]
fn what_is_kept_is_not_shown() {
    let store = ResponseStore::in_memory().unwrap();
    let turn = turn("r", None, "secret");
    store.put(Owner::new("me"), &turn).unwrap();
    let page = store.list(Owner::new("me"), &ListQuery::default()).unwrap();
    let history = store.history(Owner::new("me"), "r").unwrap();
    let shown = format!("{store:?} {turn:?} {page:?} {history:?}");
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
fn writers_and_readers_may_come_from_many_threads() {
    let file = File::new("threads");
    let store = file.open();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let store = store.clone();
            scope.spawn(move || {
                let me = Owner::new([thread]);
                for n in 0..50 {
                    let id = format!("r{n}");
                    store.put(me, &turn(&id, None, "x")).unwrap();
                    assert!(store.find(me, &id).unwrap().is_some());
                }
                store.delete(me, "r0").unwrap();
            });
        }
    });
    for thread in 0..4 {
        let query = ListQuery::default().limit(100);
        let (ids, has_more) = ids(&store, Owner::new([thread]), &query).unwrap();
        assert_eq!((ids.len(), has_more), (49, false));
    }
}
