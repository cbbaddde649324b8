//! What is in a file, and what happens to it.

use std::fs;

use fw_responses::{ListQuery, Owner, ResponseStore, ResponsesConfig};

use tokio_test::block_on;

use crate::support::{Clock, File, ids, items, owner, turn};

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
    block_on(store.delete(me, "r")).unwrap();
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
