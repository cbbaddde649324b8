//! Queue, slots, tickets.

use std::task::{Context, Poll, Wake, Waker};

use super::*;

#[derive(Default)]
struct Count(AtomicU64);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

#[test]
fn a_full_queue_takes_nothing_but_what_has_a_slot() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(config(&scratch).queue(4), &disk).unwrap();
    disk.fail(|faults| faults.hold = true);
    let slot = log.reserve().unwrap();
    let unused = log.reserve().unwrap();
    append(&log, 0);
    append(&log, 1);
    assert_eq!(
        log.append(RecordKind::Finished, &json!({})).unwrap_err(),
        Full
    );
    assert_eq!(log.reserve().unwrap_err(), Full);
    drop(unused);
    append(&log, 2);
    let ticket = slot.append(RecordKind::Finished, &json!({"n": 3}));
    assert_eq!(log.reserve().unwrap_err(), Full);
    assert_eq!((log.metrics().queue_depth, log.metrics().reserved), (4, 0));
    disk.fail(|faults| faults.hold = false);
    ticket.wait_written().unwrap();
    assert_eq!(log.metrics().queue_depth, 0);
    assert!(log.reserve().is_ok());
    drop(log);
    assert_eq!(records(&check(&disk.files())), [0, 1, 2, 3]);
}

#[test]
fn a_queue_is_full_by_bytes_too() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(config(&scratch).queue_bytes(1000), &disk).unwrap();
    let text = "x".repeat(600);
    disk.fail(|faults| faults.hold = true);
    log.append(RecordKind::Finished, &json!({"a": text}))
        .unwrap();
    let second = log.append(RecordKind::Finished, &json!({"a": text}));
    assert_eq!(second.unwrap_err(), Full);
    let slot = log.reserve().unwrap();
    slot.append(RecordKind::Finished, &json!({"a": text}));
    // What has a place comes on top of that, but no more places are given.
    assert_eq!(log.reserve().unwrap_err(), Full);
    disk.fail(|faults| faults.hold = false);
}

#[test]
fn what_was_dropped_is_told_in_the_log() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(config(&scratch), &disk).unwrap();
    let writing = held(&log, &disk);
    for _ in 0..3 {
        log.note_dropped();
    }
    disk.fail(|faults| faults.hold = false);
    writing.join().unwrap();
    until("they are told of", || {
        disk.files().len() == 1 && read(&disk.files()).len() == 3
    });
    assert_eq!(log.metrics().dropped, 3);
    drop(log);
    let lines = check(&disk.files());
    assert_eq!(lines[2].kind, Kind::Dropped);
    assert_eq!(lines[2].value["count"], 3);
    assert_eq!(lines[3].kind, Kind::Checkpoint);
}

/// A record that another thread is about to write, and cannot.
fn held(log: &AuditLog, disk: &Faulty) -> thread::JoinHandle<()> {
    disk.fail(|faults| faults.hold = true);
    let waiting = disk.tally().waiting;
    let ticket = append(log, 0);
    let writing = thread::spawn(move || ticket.wait_written().unwrap());
    until("it is being written", || disk.tally().waiting > waiting);
    writing
}

#[test]
fn a_ticket_wakes_once_when_its_record_is_written() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(config(&scratch), &disk).unwrap();
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let mut cx = Context::from_waker(&waker);
    let writing = held(&log, &disk);
    let ticket = append(&log, 1);
    for _ in 0..10 {
        assert_eq!(ticket.poll_written(&mut cx), Poll::Pending);
        assert_eq!(ticket.poll_synced(&mut cx), Poll::Pending);
    }
    let clone = ticket.clone();
    assert_eq!(clone.poll_written(&mut cx), Poll::Pending);
    disk.fail(|faults| faults.hold = false);
    writing.join().unwrap();
    until("it is woken", || count.0.load(Relaxed) == 2);
    assert_eq!(ticket.poll_written(&mut cx), Poll::Ready(Ok(())));
    assert_eq!(ticket.poll_synced(&mut cx), Poll::Pending);
    drop(log);
    assert_eq!(count.0.load(Relaxed), 3);
    assert_eq!(ticket.poll_synced(&mut cx), Poll::Ready(Ok(())));
}

#[test]
fn who_waits_writes_itself_and_what_came_before_too() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(config(&scratch), &disk).unwrap();
    let before = append(&log, 0);
    let ticket = append(&log, 1);
    let mut cx = Context::from_waker(Waker::noop());
    // At once, unless the log's own thread is at it just then.
    while ticket.poll_written(&mut cx).is_pending() {
        thread::yield_now();
    }
    assert!(before.is_written());
}

#[test]
fn who_waits_writes_itself_while_the_file_is_synced() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let config = config(&scratch).durability(Durability::Batched {
        sync_within: Duration::ZERO,
    });
    let log = open_on(config, &disk).unwrap();
    disk.fail(|faults| faults.hold_syncs = true);
    let syncs = disk.tally().syncs;
    append(&log, 0);
    until("a sync goes on", || disk.tally().syncs > syncs);
    let ticket = append(&log, 1);
    let mut cx = Context::from_waker(Waker::noop());
    // At once, unless the log's own thread is at it just then.
    while ticket.poll_written(&mut cx).is_pending() {
        thread::yield_now();
    }
    assert!(!ticket.is_synced());
    disk.fail(|faults| faults.hold_syncs = false);
    ticket.wait_synced().unwrap();
}

#[test]
fn a_record_that_nobody_waits_for_is_written_soon() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(config(&scratch), &disk).unwrap();
    for n in 0..3 {
        let ticket = append(&log, n);
        until("it is written", || ticket.is_written());
    }
}

#[test]
fn nobody_waits_behind_who_cannot_write() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(config(&scratch), &disk).unwrap();
    let writing = held(&log, &disk);
    // This thread is free all the while.
    let tickets: Vec<Ticket> = (1..100).map(|n| append(&log, n)).collect();
    let mut cx = Context::from_waker(Waker::noop());
    assert!(
        tickets
            .iter()
            .all(|ticket| ticket.poll_written(&mut cx).is_pending())
    );
    disk.fail(|faults| faults.hold = false);
    writing.join().unwrap();
    for ticket in tickets {
        ticket.wait_written().unwrap();
    }
}

#[test]
fn a_write_that_fails_where_one_waits_is_put_right_by_the_log() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(config(&scratch), &disk).unwrap();
    append(&log, 0).wait_written().unwrap();
    disk.fail(|faults| {
        faults.writes = 1;
        faults.partly = 7;
    });
    let ticket = append(&log, 1);
    let _ = ticket.wait_written();
    until("it is written", || ticket.is_written());
    drop(log);
    assert_eq!(records(&check(&disk.files())), [0, 1]);
}

#[test]
fn many_threads_share_a_log() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(config(&scratch).segment_bytes(20_000), &disk).unwrap();
    thread::scope(|scope| {
        for of in 0..4 {
            let log = log.clone();
            scope.spawn(move || {
                for n in 0..500 {
                    let slot = log.reserve().unwrap();
                    if n % 3 == 0 {
                        append(&log, of * 1000 + n).wait_written().unwrap();
                    } else {
                        slot.append(RecordKind::Finished, &json!({"n": of * 1000 + n}));
                    }
                }
            });
        }
    });
    drop(log);
    let written = records(&check(&disk.files()));
    assert_eq!(written.len(), 2000);
    for of in 0..4 {
        let own: Vec<u64> = written.iter().copied().filter(|n| n / 1000 == of).collect();
        assert!(own.is_sorted(), "each thread's records are in its order");
    }
}

#[test]
fn the_last_slot_keeps_the_log_open() {
    let (scratch, disk) = (Scratch::new(), Faulty::default());
    let log = open_on(config(&scratch), &disk).unwrap();
    let slot = log.reserve().unwrap();
    drop(log);
    assert!(open_on(config(&scratch), &disk).unwrap_err().is_locked());
    let ticket = slot.append(RecordKind::Finished, &json!({"n": 9}));
    assert!(ticket.is_synced());
    assert_eq!(records(&check(&disk.files())), [9]);
    assert!(open_on(config(&scratch), &disk).is_ok());
}
