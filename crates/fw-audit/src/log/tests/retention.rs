//! Old files go, and the log says so.

use super::*;

const DAY: u64 = 86_400_000_000;

struct Days {
    scratch: Scratch,
    disk: Faulty,
    micros: Arc<AtomicU64>,
}

impl Days {
    fn new() -> Self {
        Self {
            scratch: Scratch::new(),
            disk: Faulty::default(),
            micros: Arc::new(AtomicU64::new(2_000_000_000_000_000)),
        }
    }

    fn config(&self) -> LogConfig {
        let clock = self.micros.clone();
        config(&self.scratch)
            .durability(Durability::Sync)
            .retention(Some(Duration::from_secs(3 * 86_400)))
            .clock(move || Timestamp::from_micros(clock.load(Relaxed)))
    }

    /// A record a day, in a file of its own.
    fn pass(&self, days: std::ops::Range<u64>) {
        let log = open_on(self.config(), &self.disk).unwrap();
        for day in days {
            append(&log, day).wait_synced().unwrap();
            self.micros.fetch_add(DAY, Relaxed);
        }
    }

    fn days(&self) -> Vec<u64> {
        records(&check(&self.disk.files()))
    }
}

#[test]
fn old_files_go_and_what_is_left_verifies() {
    let days = Days::new();
    days.pass(0..10);
    let left = days.days();
    assert_eq!(left.last(), Some(&9));
    assert!((3..=6).contains(&left.len()), "{left:?}");
    let lines = check(&days.disk.files());
    let tombstone = lines.iter().rfind(|line| line.kind == Kind::Tombstone);
    let up_to = tombstone.unwrap().value["up_to"].as_u64().unwrap();
    assert_eq!(lines[0].seq, up_to + 1);
}

#[test]
fn nothing_goes_before_its_time() {
    let days = Days::new();
    days.pass(0..3);
    assert_eq!(days.days(), [0, 1, 2]);
    assert!(
        check(&days.disk.files())
            .iter()
            .all(|line| line.kind != Kind::Tombstone)
    );
}

#[test]
fn a_clock_that_went_back_keeps_what_there_is() {
    let days = Days::new();
    days.pass(0..3);
    days.micros.fetch_sub(100 * DAY, Relaxed);
    days.pass(3..5);
    assert_eq!(days.days(), [0, 1, 2, 3, 4]);
}

#[test]
fn a_file_that_cannot_be_removed_stays_and_the_log_still_verifies() {
    let days = Days::new();
    days.disk.fail(|faults| faults.removes = 3);
    days.pass(0..10);
    assert_eq!(days.days().last(), Some(&9));
}

#[test]
fn a_tombstone_is_on_the_disk_before_anything_is_removed() {
    let days = Days::new();
    days.pass(0..4);
    let log = open_on(days.config(), &days.disk).unwrap();
    for day in 4..12 {
        append(&log, day).wait_synced().unwrap();
        // Whatever is gone now, a power cut leaves the line that says so.
        let files = days.disk.after_power_cut().files();
        assert_eq!(records(&check(&files)).last(), Some(&day));
        days.micros.fetch_add(DAY, Relaxed);
    }
}

#[test]
fn what_readers_keep_beside_a_file_goes_with_it() {
    let days = Days::new();
    days.pass(0..2);
    let first = days.disk.files().into_keys().next().unwrap();
    let beside = format!("{first}.idx");
    let mut files = days.disk.files();
    files.insert(beside.clone(), b"index".to_vec());
    let days = Days {
        disk: Faulty::of(files),
        ..days
    };
    days.pass(2..10);
    assert!(!days.disk.files().contains_key(&first));
    assert!(!days.disk.files().contains_key(&beside));
}

#[test]
fn a_file_that_was_made_older_by_hand_lets_nothing_go() {
    let days = Days::new();
    let month = Some(Duration::from_secs(30 * 86_400));
    let log = open_on(days.config().retention(month), &days.disk).unwrap();
    let pass = |range: std::ops::Range<u64>| {
        for day in range {
            append(&log, day).wait_synced().unwrap();
            days.micros.fetch_add(DAY, Relaxed);
        }
    };
    pass(0..6);
    let whole = days.disk.files();
    let second = whole.keys().nth(1).unwrap();
    // Who can write to files, but has no key, changes when the second one was begun, waits until the log
    // removes the first one and signs that, and changes it back.
    days.disk.change(second, |bytes| {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let (before, time) = text.split_once("\"time\":\"").unwrap();
        let (_, after) = time.split_once('"').unwrap();
        let long_ago = Timestamp::from_micros(0);
        *bytes = format!("{before}\"time\":\"{long_ago}\"{after}").into_bytes();
    });
    pass(6..9);
    days.disk
        .change(second, |bytes| bytes.clone_from(&whole[second]));
    drop(log);
    assert_eq!(days.days(), (0..9).collect::<Vec<_>>());
}
