//! What a changed log looks like to [`verify`].

use std::fs;
use std::num::NonZero;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::chain::Hash;
use crate::format::Kind;
use crate::keys::SigningKey;
use crate::sample::{Sample, TIME, TempDir};

fn check(log: &Sample) -> Result<Verified, VerifyError> {
    check_with(log, &VerifyOptions::new())
}

fn check_with(log: &Sample, options: &VerifyOptions) -> Result<Verified, VerifyError> {
    let directory = log.write();
    verify(directory.path(), options, |_| ())
}

/// What is said about a log that is not as it was written.
fn flaw(log: &Sample) -> String {
    flaw_with(log, &VerifyOptions::new())
}

fn flaw_with(log: &Sample, options: &VerifyOptions) -> String {
    let error = check_with(log, options).unwrap_err();
    assert!(error.bad().is_some(), "{error}");
    error.to_string()
}

fn name(first: u64) -> String {
    crate::segment::file_name(first)
}

#[test]
fn a_log_as_it_was_written_is_right() {
    let log = Sample::three_files();
    let verified = check(&log).unwrap();
    assert_eq!(verified.segments(), 3);
    assert_eq!((verified.records(), verified.lines()), (15, 20));
    assert_eq!((verified.first(), verified.head().seq), (1, 20));
    assert_eq!(verified.head().hash, log.head());
    assert_eq!((verified.signatures(), verified.unsigned()), (5, 2));
    assert_eq!((verified.torn(), verified.dropped()), (0, 0));
    assert!(verified.key_beside_log());
    let bytes: usize = (0..3).map(|file| log.bytes(file).len()).sum();
    assert_eq!(verified.bytes(), bytes as u64);
}

#[test]
fn progress_comes_to_the_end() {
    let directory = Sample::three_files().write();
    let last = Mutex::new(None);
    verify(directory.path(), &VerifyOptions::new(), |progress| {
        let mut last = last.lock().unwrap();
        *last = (*last).max(Some(progress.bytes));
        assert!(progress.bytes <= progress.of);
    })
    .unwrap();
    let log = Sample::three_files();
    let bytes: usize = (0..3).map(|file| log.bytes(file).len()).sum();
    assert_eq!(last.into_inner().unwrap(), Some(bytes as u64));
}

#[test]
fn a_log_of_nothing_but_a_beginning_is_right() {
    let mut log = Sample::new();
    log.begin();
    let verified = check(&log).unwrap();
    assert_eq!((verified.lines(), verified.head().seq), (0, 0));
    assert_eq!(verified.head().hash, Hash::ZERO);
}

#[test]
fn a_directory_without_a_log_is_not() {
    let log = Sample::new();
    assert_eq!(flaw(&log), "the directory holds no line of a log");
    let directory = TempDir::new();
    let error = verify(directory.path(), &VerifyOptions::new(), |_| ()).unwrap_err();
    assert!(error.bad().is_none());
    assert!(error.to_string().contains("audit.pub"), "{error}");
}

// --- Lines

/// One bit of every byte.
#[test]
fn any_byte_that_is_changed_is_found() {
    let log = Sample::two_small_files();
    let directory = log.write();
    let options = VerifyOptions::new().threads(NonZero::<usize>::MIN);
    for (at, (name, _)) in log.files.iter().enumerate() {
        let path = directory.path().join(name);
        let whole = log.bytes(at);
        for byte in 0..whole.len() {
            let bit = 1 << (byte % 8);
            let mut changed = whole.clone();
            changed[byte] ^= bit;
            fs::write(&path, &changed).unwrap();
            let result = verify(directory.path(), &options, |_| ());
            let bad = result.as_ref().err().and_then(VerifyError::bad);
            assert!(bad.is_some(), "byte {byte} of {name}: {result:?}");
        }
        fs::write(&path, &whole).unwrap();
    }
    verify(directory.path(), &options, |_| ()).unwrap();
}

#[test]
fn the_first_bad_line_is_named() {
    let mut log = Sample::three_files();
    let line = &mut log.files[1].1[3];
    let place = line.windows(3).position(|part| part == b"1-2").unwrap();
    line[place] = b'9';
    log.files[2].1[2][20] ^= 1;
    assert_eq!(
        flaw(&log),
        format!(
            "{}:4 (sequence number 10): the hash is not that of the line and the one before",
            name(8)
        )
    );
}

#[test]
fn any_line_that_is_missing_is_found() {
    let whole = Sample::three_files();
    for file in 0..3 {
        for line in 0..whole.files[file].1.len() {
            let mut log = whole.clone();
            log.files[file].1.remove(line);
            // All but the last line of all, which nothing comes after.
            if (file, line) == (2, 6) {
                let verified = check(&log).unwrap();
                assert_eq!(verified.unsigned(), 1);
            } else {
                flaw(&log);
            }
        }
    }
}

#[test]
fn any_line_that_is_doubled_or_from_elsewhere_is_found() {
    let whole = Sample::three_files();
    let lines: Vec<Vec<u8>> = whole
        .files
        .iter()
        .flat_map(|(_, lines)| lines.clone())
        .collect();
    for file in 0..3 {
        for at in 0..=whole.files[file].1.len() {
            for line in &lines {
                let mut log = whole.clone();
                log.files[file].1.insert(at, line.clone());
                flaw(&log);
            }
        }
    }
}

#[test]
fn any_two_lines_that_change_places_are_found() {
    let whole = Sample::three_files();
    let places: Vec<(usize, usize)> = (0..3)
        .flat_map(|file| (0..whole.files[file].1.len()).map(move |line| (file, line)))
        .collect();
    for (at, one) in places.iter().enumerate() {
        for other in &places[at + 1..] {
            let mut log = whole.clone();
            let line = log.files[one.0].1[one.1].clone();
            log.files[one.0].1[one.1] = std::mem::replace(&mut log.files[other.0].1[other.1], line);
            flaw(&log);
        }
    }
}

// --- Rewriting with a chain that is right

#[test]
fn a_line_that_was_rewritten_with_all_after_it_breaks_the_next_signature() {
    let whole = Sample::three_files();
    for file in 0..3 {
        for line in 0..whole.files[file].1.len() {
            let mut log = whole.clone();
            let text = String::from_utf8(log.files[file].1[line].clone()).unwrap();
            log.files[file].1[line] = text.replace("000123", "000124").into_bytes();
            log.rechain(file, line);
            // The two records after the last signature.
            if file == 2 && line > 4 {
                assert_eq!(check(&log).unwrap().unsigned(), 2);
                let kept = VerifyOptions::new().expect_head(whole.head());
                assert!(flaw_with(&log, &kept).starts_with("no line has the expected hash"));
                continue;
            }
            let found = flaw(&log);
            assert!(
                found.ends_with("the signature is not made with a trusted key"),
                "{found}"
            );
        }
    }
}

#[test]
fn a_log_that_was_signed_anew_with_another_key_is_found_by_the_key_that_was_kept() {
    let key = Sample::new().key().public_key();
    let mut log = Sample::new();
    log.change_key(8);
    log.begin();
    log.finished(&json!({"time": TIME}));
    log.sign(Kind::Checkpoint);
    // The key beside the log was changed with it.
    check(&log).unwrap();
    let found = flaw_with(&log, &VerifyOptions::new().public_key(key));
    assert!(found.contains("is not among the trusted keys"), "{found}");

    let both = VerifyOptions::new()
        .public_key(key)
        .public_key(log.key().public_key());
    assert!(!check_with(&log, &both).unwrap().key_beside_log());
}

#[test]
fn a_file_that_names_the_trusted_key_but_is_signed_with_another_is_found() {
    let mut log = Sample::new();
    log.begin();
    log.finished(&json!({"time": TIME}));
    log.change_key(8);
    log.sign(Kind::Checkpoint);
    let trusted = SigningKey::from_seed(&[7; 32]).public_key();
    let found = flaw_with(&log, &VerifyOptions::new().public_key(trusted));
    assert!(
        found.contains(":3 (sequence number 2): the signature is not"),
        "{found}"
    );
}

#[test]
fn a_signature_must_be_there() {
    let mut log = Sample::three_files();
    let line = String::from_utf8(log.files[0].1[4].clone()).unwrap();
    let cut = line.find(",\"sig\":").unwrap();
    let end = line.find(",\"hash\":").unwrap();
    log.files[0].1[4] = [&line[..cut], &line[end..]].concat().into_bytes();
    log.rechain(0, 4);
    assert!(flaw(&log).ends_with("the signature is missing"));
}

// --- The end

#[test]
fn an_end_that_was_cut_off_shows_only_against_a_head_that_was_kept() {
    let whole = Sample::three_files();
    let kept = VerifyOptions::new().expect_head(whole.head());
    assert_eq!(check_with(&whole, &kept).unwrap().expected_head(), Some(20));
    for lines in 1..7 {
        let mut log = whole.clone();
        log.files[2].1.truncate(lines);
        check(&log).unwrap();
        let found = flaw_with(&log, &kept);
        assert!(
            found.starts_with("no line has the expected hash"),
            "{found}"
        );
    }
    // A head from before is somewhere in the middle by now.
    let earlier = crate::format::Line::parse(&whole.files[1].1[2]).unwrap();
    let earlier_kept = VerifyOptions::new().expect_head(earlier.hash());
    let verified = check_with(&whole, &earlier_kept).unwrap();
    assert_eq!(verified.expected_head(), Some(earlier.seq()));
}

#[test]
fn a_log_that_was_cut_off_before_a_signature_has_an_end_that_is_not_signed() {
    let strict = VerifyOptions::new().signed_end(true);
    let mut log = Sample::three_files();
    assert!(flaw_with(&log, &strict).starts_with("the last 2 records are not signed"));
    log.sign(Kind::Checkpoint);
    check_with(&log, &strict).unwrap();
    // The checkpoint and the record before it.
    let last = &mut log.files[2].1;
    last.truncate(last.len() - 2);
    assert!(flaw_with(&log, &strict).starts_with("the last 1 records are not signed"));
}

#[test]
fn a_file_in_the_middle_cannot_end_early() {
    for lines in 0..7 {
        let mut log = Sample::three_files();
        log.files[1].1.truncate(lines);
        flaw(&log);
    }
}

#[test]
fn a_line_that_is_not_whole_is_left_out_at_the_end_of_the_last_file_only() {
    let log = Sample::three_files();
    for file in 0..3 {
        let mut bytes = log.bytes(file);
        let line = log.files[file].1.last().unwrap().len();
        for torn in 1..=line {
            bytes.pop();
            let directory = log.write();
            let path = directory.path().join(&log.files[file].0);
            fs::write(path, &bytes).unwrap();
            let result = verify(directory.path(), &VerifyOptions::new(), |_| ());
            if file == 2 {
                let verified = result.unwrap();
                assert_eq!(verified.torn(), (line + 1 - torn) as u64);
                assert_eq!(verified.head().seq, 19);
            } else {
                assert!(result.unwrap_err().bad().is_some());
            }
            if torn > 20 {
                break;
            }
        }
    }
}

#[test]
fn a_file_that_was_just_begun_may_be_empty() {
    let log = Sample::three_files();
    let directory = log.write();
    fs::write(directory.path().join(name(21)), "").unwrap();
    let verified = verify(directory.path(), &VerifyOptions::new(), |_| ()).unwrap();
    assert_eq!(verified.segments(), 4);
    assert_eq!(verified.head().hash, log.head());
    fs::write(directory.path().join(name(22)), "").unwrap();
    let error = verify(directory.path(), &VerifyOptions::new(), |_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{}: the file holds no line", name(21))
    );
}

// --- Files

#[test]
fn a_file_that_is_missing_is_found() {
    for file in 0..2 {
        let mut log = Sample::three_files();
        log.files.remove(file);
        flaw(&log);
    }
    let mut log = Sample::three_files();
    log.files.remove(0);
    assert_eq!(
        flaw(&log),
        format!(
            "{}: everything up to number 7 is missing, and was not removed by retention",
            name(8)
        )
    );
}

#[test]
fn files_that_change_names_are_found() {
    let mut log = Sample::three_files();
    let (first, rest) = log.files.split_at_mut(1);
    std::mem::swap(&mut first[0].0, &mut rest[0].0);
    flaw(&log);
    let mut log = Sample::three_files();
    log.files[2].0 = name(16);
    assert!(flaw(&log).contains("a file of this name must begin with number 16"));
}

#[test]
fn what_retention_removed_is_not_missing() {
    let mut log = Sample::three_files();
    log.retain(2);
    let verified = check(&log).unwrap();
    assert_eq!((verified.first(), verified.segments()), (15, 1));
    assert_eq!(verified.removed().map(|head| head.seq), Some(14));
    // The hash of the last line that was removed can still be expected.
    let removed = VerifyOptions::new().expect_head(verified.removed().unwrap().hash);
    assert_eq!(
        check_with(&log, &removed).unwrap().expected_head(),
        Some(14)
    );
}

#[test]
fn files_may_outlive_their_removal() {
    let whole = Sample::three_files();
    for left in 0..2 {
        let mut log = whole.clone();
        log.retain(2);
        log.files.splice(0..0, whole.files[left..2].iter().cloned());
        let verified = check(&log).unwrap();
        assert_eq!(verified.first(), if left == 0 { 1 } else { 8 });
    }
}

#[test]
fn retention_speaks_for_no_more_than_it_removed() {
    let mut log = Sample::three_files();
    log.retain(1);
    check(&log).unwrap();
    log.files.remove(0);
    assert_eq!(
        flaw(&log),
        format!(
            "{}: everything up to number 14 is missing, and was removed by retention only up to 7",
            name(15)
        )
    );
}

#[test]
fn a_tombstone_must_be_signed() {
    let mut log = Sample::three_files();
    log.change_key(8);
    log.retain(2);
    let trusted = VerifyOptions::new().public_key(Sample::new().key().public_key());
    assert!(flaw_with(&log, &trusted).ends_with("not made with a trusted key"));
}

#[test]
fn what_was_dropped_is_counted() {
    let mut log = Sample::three_files();
    log.push(
        Kind::Dropped,
        &json!({"time": TIME, "count": 5, "reason": "queue full"}),
    );
    log.push(
        Kind::Dropped,
        &json!({"time": TIME, "count": 6, "reason": "queue full"}),
    );
    assert_eq!(check(&log).unwrap().dropped(), 11);
}

#[test]
fn a_log_that_was_written_anew_and_opened_again_has_too_few_signatures() {
    // Without the key nobody can sign, but a process that has it signs what it finds when it starts.
    let mut log = Sample::new();
    log.begin();
    (0..5000).for_each(|_| log.finished(&json!({"time": TIME})));
    let directory = log.write();
    let seed = zeroize::Zeroizing::new([7; 32]);
    let config = crate::LogConfig::new(directory.path()).key(crate::KeySource::Seed(seed));
    drop(crate::AuditLog::open(config).unwrap());

    let options = VerifyOptions::new()
        .public_key(log.key().public_key())
        .signed_end(true);
    let verified = verify(directory.path(), &options, |_| ()).unwrap();
    assert_eq!((verified.records(), verified.unsigned_most()), (5000, 5000));
    let error = verify(directory.path(), &options.max_unsigned(4096), |_| ()).unwrap_err();
    assert!(error.to_string().starts_with("5000 records in a row"));
}

#[test]
fn nothing_stands_behind_a_seal() {
    let mut log = Sample::three_files();
    log.sign(Kind::Seal);
    let directory = log.write();
    let mut bytes = log.bytes(2);
    bytes.extend_from_slice(b"{\"seq\":22");
    fs::write(directory.path().join(&log.files[2].0), bytes).unwrap();
    let error = verify(directory.path(), &VerifyOptions::new(), |_| ()).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("a line after the file was sealed")
    );
}

#[test]
fn a_number_at_the_end_of_all_numbers_is_no_overflow() {
    for seq in [0, u64::MAX] {
        let mut log = Sample::three_files();
        let line = String::from_utf8(log.files[0].1[1].clone()).unwrap();
        log.files[0].1[1] = line
            .replace("\"seq\":1,", &format!("\"seq\":{seq},"))
            .into_bytes();
        assert!(flaw(&log).contains("no line has this sequence number"));
    }
}

// --- Pieces

/// A log whose files have lines of these lengths, at least.
fn log_of(files: &[Vec<usize>]) -> Sample {
    let mut log = Sample::new();
    for lines in files {
        log.begin();
        for length in lines {
            log.finished(&json!({"time": TIME, "filler": "x".repeat(*length)}));
            if length % 3 == 0 {
                log.sign(Kind::Checkpoint);
            }
        }
        log.sign(Kind::Seal);
    }
    log
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the size of pieces, the result is that of one piece a file; and what is bad is as bad.
    #[test]
    fn how_a_log_is_cut_into_pieces_makes_no_difference(
        files in prop::collection::vec(prop::collection::vec(0_usize..600, 0..12), 1..4),
        piece in 1_u64..3000,
        harm in prop::option::of((any::<prop::sample::Index>(), any::<prop::sample::Index>())),
    ) {
        let log = log_of(&files);
        let directory = log.write();
        if let Some((file, byte)) = harm {
            let (name, _) = file.get(&log.files);
            let path = directory.path().join(name);
            let mut bytes = fs::read(&path).unwrap();
            let at = byte.index(bytes.len());
            bytes[at] ^= 1;
            fs::write(&path, bytes).unwrap();
        }
        let options = VerifyOptions::new().expect_head(log.head());
        let verify = |piece| {
            let verified = verify_in_pieces(directory.path(), &options, piece, |_| ());
            verified.map(|verified| format!("{verified:?}")).map_err(|error| error.to_string())
        };
        let one = verify(u64::MAX);
        prop_assert_eq!(one.is_err(), harm.is_some());
        prop_assert_eq!(verify(piece), one);
    }

    /// What stands behind the last line of a file, in however many pieces.
    #[test]
    fn garbage_behind_a_file_is_found(garbage in 1_usize..3000, piece in 1_u64..1000, file in 0_usize..2) {
        let log = Sample::three_files();
        let directory = log.write();
        let mut bytes = log.bytes(file);
        bytes.resize(bytes.len() + garbage, b'x');
        fs::write(directory.path().join(&log.files[file].0), bytes).unwrap();
        let error = verify_in_pieces(directory.path(), &VerifyOptions::new(), piece, |_| ()).unwrap_err();
        prop_assert!(error.bad().is_some());
    }

    /// Anything at all is an answer, and never a panic.
    #[test]
    fn any_bytes_are_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..400), at in 0_u64..5) {
        let directory = Sample::three_files().write();
        fs::write(directory.path().join(name(at * 7 + 1)), bytes).unwrap();
        let _ = verify(directory.path(), &VerifyOptions::new(), |_| ());
    }
}

/// A log that goes on meanwhile, in many files, is right at each moment.
#[test]
fn a_log_that_is_being_written_is_right() {
    let directory = TempDir::new();
    let config = crate::LogConfig::new(directory.path()).segment_bytes(3000);
    let log = crate::AuditLog::open(config).unwrap();
    let over = std::sync::atomic::AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..600 {
                let record = json!({"time": TIME, "request_id": number.to_string()});
                let ticket = log.append(crate::RecordKind::Finished, &record).unwrap();
                ticket.wait_written().unwrap();
            }
            over.store(true, Ordering::Relaxed);
        });
        let mut last = 0;
        while !over.load(Ordering::Relaxed) {
            let verified = verify(directory.path(), &VerifyOptions::new(), |_| ()).unwrap();
            assert!(verified.head().seq >= last);
            last = verified.head().seq;
            let found = crate::Query::new().run(directory.path()).unwrap();
            assert!(found.map(Result::unwrap).count() as u64 >= verified.records());
        }
    });
    let verified = verify(directory.path(), &VerifyOptions::new(), |_| ()).unwrap();
    assert_eq!(verified.records(), 600);
    assert!(verified.segments() > 20);
}
