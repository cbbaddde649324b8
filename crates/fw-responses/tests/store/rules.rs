//! Owners, conversations, time, settings.

use fw_responses::{
    History, ListQuery, MAX_HISTORY_BYTES, MAX_HISTORY_TURNS, Owner, ResponseStore, ResponsesConfig,
};

use tokio_test::block_on;

use crate::support::{Clock, DAY, File, ids, items, turn};

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
    assert!(!block_on(store.delete(a, "resp_2")).unwrap());

    assert!(block_on(store.delete(a, "resp_1")).unwrap());
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
    block_on(store.delete(me, "r1")).unwrap();
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
    assert!(!block_on(store.delete(me, "old")).unwrap());
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
                block_on(store.delete(me, "r0")).unwrap();
            });
        }
    });
    for thread in 0..4 {
        let query = ListQuery::default().limit(100);
        let (ids, has_more) = ids(&store, Owner::new([thread]), &query).unwrap();
        assert_eq!((ids.len(), has_more), (49, false));
    }
}
