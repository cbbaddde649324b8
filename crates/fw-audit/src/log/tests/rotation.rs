//! When a file ends and the next one begins.

use super::*;

fn names(disk: &Faulty) -> Vec<String> {
    disk.files().into_keys().collect()
}

#[test]
fn a_file_ends_by_its_size() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(config(&scratch).segment_bytes(4000), &disk).unwrap();
    for n in 0..200 {
        append(&log, n);
    }
    drop(log);
    let lines = check(&disk.files());
    assert_eq!(records(&lines), (0..200).collect::<Vec<_>>());
    let files = disk.files();
    assert!(files.len() > 5, "{} files", files.len());
    for (name, bytes) in files {
        assert!(bytes.len() < 6000, "{name} has {} bytes", bytes.len());
    }
}

#[test]
fn a_file_ends_by_its_age() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let micros = Arc::new(AtomicU64::new(2_000_000_000_000_000));
    let clock = micros.clone();
    let config = config(&scratch)
        .segment_age(Duration::from_secs(60))
        .clock(move || Timestamp::from_micros(clock.load(Relaxed)));
    let log = open_on(config, &disk).unwrap();
    append(&log, 0).wait_written().unwrap();
    micros.fetch_add(59_000_000, Relaxed);
    append(&log, 1).wait_written().unwrap();
    micros.fetch_add(1_000_000, Relaxed);
    append(&log, 2).wait_written().unwrap();
    until("it has ended", || {
        names(&disk).len() == 2
            || read(&disk.files())
                .iter()
                .any(|line| line.kind == Kind::Seal)
    });
    append(&log, 3).wait_written().unwrap();
    drop(log);
    let lines = check(&disk.files());
    assert_eq!(records(&lines), [0, 1, 2, 3]);
    assert_eq!(names(&disk).len(), 2);
    assert_eq!(
        lines.iter().filter(|line| line.kind == Kind::Seal).count(),
        1
    );
}

#[test]
fn a_log_that_is_sealed_goes_on_in_another_file() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(config(&scratch).segment_bytes(1), &disk).unwrap();
    append(&log, 0);
    drop(log);
    assert_eq!(check(&disk.files()).last().unwrap().kind, Kind::Seal);
    let log = open_on(config(&scratch).segment_bytes(1), &disk).unwrap();
    append(&log, 1);
    drop(log);
    let lines = check(&disk.files());
    assert_eq!(records(&lines), [0, 1]);
    assert_eq!(lines[3].value["cause"], "start");
    assert_eq!(names(&disk).len(), 2);
}

#[test]
fn a_file_and_its_name_are_on_the_disk_before_anything_is_in_it() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let config = config(&scratch)
        .segment_bytes(1)
        .durability(Durability::Sync);
    let log = open_on(config, &disk).unwrap();
    for n in 0..5 {
        append(&log, n).wait_synced().unwrap();
        let lines = check(&disk.after_power_cut().files());
        assert_eq!(records(&lines), (0..=n).collect::<Vec<_>>());
    }
}

#[test]
fn a_file_that_is_removed_while_it_is_written_to_is_followed_by_another_and_missed() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(config(&scratch), &disk).unwrap();
    append(&log, 0).wait_written().unwrap();
    let first = names(&disk).remove(0);
    disk.lose(&first);
    until("it is noticed", || {
        append(&log, 1).wait_written().unwrap();
        !names(&disk).is_empty()
    });
    append(&log, 1_000_000).wait_written().unwrap();
    assert!(log.metrics().failures > 0);
    drop(log);
    let files = disk.files();
    assert!(!files.contains_key(&first));
    let text = files.values().flatten().copied().collect::<Vec<u8>>();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains(&format!("\"previous\":\"{first}\"")));
    assert!(text.contains("\"n\":1000000"));
}
