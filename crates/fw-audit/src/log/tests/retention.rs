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
