//! What fails on the way to the disk.

use super::*;
use crate::error::Failed;

fn sync_config(scratch: &Scratch) -> LogConfig {
    config(scratch).durability(Durability::Sync)
}

/// What must hold after any failure: all records are there, in one order, on the disk, and no descriptor was
/// synced again after it had failed to.
fn all_is_well(disk: &Faulty, log: AuditLog, count: u64) -> Vec<Read> {
    until("the log can be written to again", || log.health().is_ok());
    drop(log);
    assert_eq!(disk.tally().forbidden, 0);
    let lines = check(&disk.files());
    assert_eq!(records(&lines), (0..count).collect::<Vec<_>>());
    assert_eq!(
        records(&check(&disk.after_power_cut().files())),
        records(&lines)
    );
    lines
}

#[test]
fn a_failed_sync_begins_a_new_file_with_what_was_not_safe() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(sync_config(&scratch), &disk).unwrap();
    append(&log, 0).wait_synced().unwrap();
    disk.fail(|faults| faults.syncs = 1);
    let ticket = append(&log, 1);
    assert_eq!(ticket.wait_synced(), Err(Failed));
    assert_eq!(log.metrics().failures, 1);
    until("it is tried again", || ticket.is_synced());
    append(&log, 2);
    let lines = all_is_well(&disk, log, 3);
    assert_eq!(disk.files().len(), 2);
    let header = lines.iter().find(|line| line.value["cause"] == "failure");
    assert_eq!(header.unwrap().value["error"], "input/output error");
    let line = lines.iter().find(|line| line.n() == Some(1)).unwrap();
    assert_eq!(line.seq, ticket.seq(), "the number told stays");
}

#[test]
fn health_tells_why() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(sync_config(&scratch), &disk).unwrap();
    disk.fail(|faults| faults.syncs = 1);
    assert_eq!(append(&log, 0).wait_synced(), Err(Failed));
    let reason = "input/output error".to_owned();
    assert_eq!(log.health(), Health::Failing { reason });
    assert!(!log.metrics().healthy);
    all_is_well(&disk, log, 1);
}

#[test]
fn a_batched_log_writes_again_what_was_written_but_not_safe() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let config = config(&scratch).durability(Durability::Batched {
        sync_within: Duration::from_millis(50),
    });
    let log = open_on(config, &disk).unwrap();
    disk.fail(|faults| faults.syncs = 1);
    let tickets: Vec<Ticket> = (0..20).map(|n| append(&log, n)).collect();
    until("the sync failed", || log.metrics().failures > 0);
    all_is_well(&disk, log, 20);
    assert!(tickets.iter().all(Ticket::is_synced));
}

#[test]
fn half_a_write_is_taken_back() {
    for partly in [0, 1, 60, 150] {
        let (scratch, disk) = (Scratch::new(), Faulty::default());
        let log = open_on(sync_config(&scratch), &disk).unwrap();
        append(&log, 0).wait_synced().unwrap();
        disk.fail(|faults| {
            faults.writes = 1;
            faults.partly = partly;
        });
        assert_eq!(append(&log, 1).wait_written(), Err(Failed));
        all_is_well(&disk, log, 2);
    }
}

#[test]
fn a_full_disk_fills_the_queue_and_then_refuses() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(sync_config(&scratch).queue(50), &disk).unwrap();
    append(&log, 0).wait_synced().unwrap();
    let used: usize = disk.files().values().map(Vec::len).sum();
    disk.fail(|faults| faults.space = Some(used + 100));
    let mut taken = 1;
    while let Ok(ticket) = log.append(RecordKind::Finished, &json!({"n": taken})) {
        assert_eq!(ticket.wait_written(), Err(Failed));
        taken += 1;
    }
    assert_eq!(taken, 51);
    let Health::Failing { reason } = log.health() else {
        panic!("it must be failing");
    };
    assert_eq!(reason, "no storage space");
    disk.fail(|faults| faults.space = None);
    all_is_well(&disk, log, 51);
}

#[test]
fn everything_may_fail_more_than_once() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(sync_config(&scratch), &disk).unwrap();
    append(&log, 0).wait_synced().unwrap();
    disk.fail(|faults| {
        faults.syncs = 2;
        faults.creates = 1;
        faults.truncates = 1;
        faults.removes = 1;
        faults.directory_syncs = 1;
    });
    assert_eq!(append(&log, 1).wait_synced(), Err(Failed));
    all_is_well(&disk, log, 2);
}

#[test]
fn a_file_with_nothing_safe_in_it_is_begun_again_under_its_name() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(sync_config(&scratch), &disk).unwrap();
    disk.fail(|faults| faults.syncs = 1);
    assert_eq!(append(&log, 0).wait_synced(), Err(Failed));
    all_is_well(&disk, log, 1);
    assert_eq!(disk.files().len(), 1);
}

#[test]
fn a_failed_rotation_is_made_up_for() {
    for syncs in 1..4 {
        let (scratch, disk) = (Scratch::new(), Faulty::default());
        let log = open_on(sync_config(&scratch).segment_bytes(1), &disk).unwrap();
        append(&log, 0).wait_synced().unwrap();
        disk.fail(|faults| faults.syncs = syncs);
        append(&log, 1);
        append(&log, 2);
        until("they are written", || log.metrics().records == 3);
        all_is_well(&disk, log, 3);
    }
}

#[test]
fn a_log_that_ends_while_it_fails_tries_once_more() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(sync_config(&scratch), &disk).unwrap();
    append(&log, 0).wait_synced().unwrap();
    disk.fail(|faults| faults.syncs = 1);
    assert_eq!(append(&log, 1).wait_synced(), Err(Failed));
    drop(log);
    assert_eq!(records(&check(&disk.files())), [0, 1]);
}

#[test]
fn what_was_dropped_while_it_failed_is_told_before_the_end() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(sync_config(&scratch), &disk).unwrap();
    disk.fail(|faults| faults.writes = 1);
    assert_eq!(append(&log, 0).wait_written(), Err(Failed));
    log.note_dropped();
    drop(log);
    let lines = check(&disk.files());
    assert_eq!(records(&lines), [0]);
    let told = lines.iter().find(|line| line.kind == Kind::Dropped);
    assert_eq!(told.unwrap().value["count"], 1);
    assert_eq!(lines.last().unwrap().kind, Kind::Checkpoint);
}

#[test]
fn a_kill_while_it_fails_leaves_a_log_that_opens() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(sync_config(&scratch), &disk).unwrap();
    append(&log, 0).wait_synced().unwrap();
    disk.fail(|faults| {
        faults.writes = 1;
        faults.partly = 30;
        faults.truncates = u32::MAX;
    });
    assert_eq!(append(&log, 1).wait_synced(), Err(Failed));
    for left in [disk.after_kill(), disk.after_power_cut()] {
        let other = Scratch::new();
        let log = open_on(config(&other), &left).unwrap();
        append(&log, 1);
        drop(log);
        assert_eq!(records(&check(&left.files())), [0, 1]);
    }
}

#[test]
fn a_disk_that_fails_at_the_start_is_an_error() {
    let scratch = Scratch::new();
    for change in [
        (|faults| faults.creates = 1) as fn(&mut crate::storage::faulty::Faults),
        |faults| faults.syncs = 1,
        |faults| faults.directory_syncs = 1,
        |faults| faults.writes = 1,
    ] {
        let disk = Faulty::default();
        disk.fail(change);
        let error = open_on(config(&scratch), &disk).unwrap_err();
        assert!(error.to_string().ends_with("input/output error"), "{error}");
        assert!(!error.is_locked() && !error.is_damaged());
    }
}

#[test]
fn a_sync_that_fails_beside_takes_back_what_was_written_meanwhile() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let config = config(&scratch).durability(Durability::Batched {
        sync_within: Duration::ZERO,
    });
    let log = open_on(config, &disk).unwrap();
    append(&log, 0).wait_synced().unwrap();
    let syncs = disk.tally().syncs;
    disk.fail(|faults| (faults.hold_syncs, faults.syncs) = (true, 1));
    append(&log, 1);
    until("a sync goes on", || disk.tally().syncs > syncs);
    let ticket = append(&log, 2);
    ticket.wait_written().unwrap();
    disk.fail(|faults| faults.hold_syncs = false);
    until("it failed", || log.metrics().failures == 1);
    until("all is written again", || ticket.is_synced());
    all_is_well(&disk, log, 3);
}

#[test]
fn a_write_that_fails_while_a_sync_goes_on_leaves_what_that_made_safe() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let config = config(&scratch).durability(Durability::Batched {
        sync_within: Duration::ZERO,
    });
    let log = open_on(config, &disk).unwrap();
    let syncs = disk.tally().syncs;
    disk.fail(|faults| faults.hold_syncs = true);
    let first = append(&log, 0);
    until("a sync goes on", || disk.tally().syncs > syncs);
    disk.fail(|faults| (faults.writes, faults.partly) = (1, 40));
    append(&log, 1);
    until("the write failed", || disk.tally().writes > 2);
    disk.fail(|faults| faults.hold_syncs = false);
    until("the first is safe", || first.is_synced());
    all_is_well(&disk, log, 2);
    assert_eq!(disk.files().len(), 2);
}
