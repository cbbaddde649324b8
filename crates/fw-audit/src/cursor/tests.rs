use serde_json::json;

use super::*;
use crate::sample::{Sample, TempDir};

/// Ships all that there is, and tells the first numbers of the files, with how many lines were missed before.
fn ship(cursor: &mut Cursor, directory: &Path) -> Vec<(u64, u64)> {
    let mut shipped = Vec::new();
    while let Some(closed) = cursor.next(directory).unwrap() {
        let missed = closed.missed().map_or(0, |missed| missed.count() as u64);
        shipped.push((closed.file().first(), missed));
        cursor.advance(&closed).unwrap();
    }
    shipped
}

#[test]
fn closed_files_are_shipped_once_and_in_order() {
    let place = TempDir::new();
    let path = place.path().join("cursor");
    let mut log = Sample::three_files();
    let directory = log.write();
    let mut cursor = Cursor::open(&path).unwrap();
    assert_eq!(ship(&mut cursor, directory.path()), [(1, 0), (8, 0)]);
    assert_eq!(cursor.next(directory.path()).unwrap(), None);
    assert_eq!(cursor.shipped().unwrap().seq, 14);

    // The third one is closed: by its last line, or because another one follows.
    let mut cursor = Cursor::open(&path).unwrap();
    log.sign(Kind::Seal);
    let directory = log.write();
    assert_eq!(ship(&mut cursor, directory.path()), [(15, 0)]);
    assert_eq!(cursor.next(directory.path()).unwrap(), None);
    log.begin();
    log.finished(&json!({}));
    let directory = log.write();
    assert_eq!(ship(&mut cursor, directory.path()), []);
}

#[test]
fn a_file_that_did_not_arrive_comes_again() {
    let place = TempDir::new();
    let directory = Sample::three_files().write();
    let path = place.path().join("cursor");
    let cursor = Cursor::open(&path).unwrap();
    let first = cursor.next(directory.path()).unwrap().unwrap();
    let again = Cursor::open(&path).unwrap();
    assert_eq!(again.next(directory.path()).unwrap(), Some(first));
}

#[test]
fn what_retention_removed_is_told() {
    let place = TempDir::new();
    let directory = Sample::three_files().write();
    let segments = Segments::list(directory.path()).unwrap();
    let first = segments.iter().next().unwrap();
    fs::remove_file(first.path()).unwrap();
    let mut cursor = Cursor::open(place.path().join("cursor")).unwrap();
    let closed = cursor.next(directory.path()).unwrap().unwrap();
    assert_eq!(closed.missed(), Some(1..=7));
    assert_eq!(ship(&mut cursor, directory.path()), [(8, 7)]);
}

#[test]
fn another_log_is_noticed() {
    let place = TempDir::new();
    let mut cursor = Cursor::open(place.path().join("cursor")).unwrap();
    ship(&mut cursor, Sample::three_files().write().path());

    let mut other = Sample::new();
    other.begin();
    other.finished(&json!({}));
    let error = cursor.next(other.write().path()).unwrap_err();
    assert!(error.to_string().contains("not the one"), "{error}");

    let mut other = Sample::new();
    for file in 0..3 {
        other.begin();
        for _ in 0..6 {
            other.finished(&json!({"another": file}));
        }
        other.sign(Kind::Seal);
    }
    let error = cursor.next(other.write().path()).unwrap_err();
    assert!(error.to_string().contains("does not follow"), "{error}");
}

#[test]
fn what_is_no_cursor_is_said() {
    let place = TempDir::new();
    let path = place.path().join("cursor");
    for text in ["", "{}", "{\"segment\":1}"] {
        fs::write(&path, text).unwrap();
        let error = Cursor::open(&path).unwrap_err();
        assert!(error.to_string().contains("is no cursor"), "{error}");
    }
}

#[test]
fn a_directory_without_a_log_has_nothing_to_ship() {
    let place = TempDir::new();
    let cursor = Cursor::open(place.path().join("cursor")).unwrap();
    assert_eq!(cursor.next(place.path()).unwrap(), None);
}
