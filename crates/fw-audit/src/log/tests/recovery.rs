//! What is found at the start.

use proptest::prelude::*;

use super::*;

/// A log of `count` records in files of their own size, closed as by a kill.
fn written(scratch: &Scratch, count: u64, segment_bytes: u64) -> Faulty {
    let disk = Faulty::default();
    let config = config(scratch)
        .segment_bytes(segment_bytes)
        .checkpoint_every(5);
    let log = open_on(config, &disk).unwrap();
    for n in 0..count {
        append(&log, n).wait_written().unwrap();
    }
    disk.after_kill()
}

fn last(disk: &Faulty) -> String {
    disk.files().into_keys().next_back().unwrap()
}

#[test]
fn a_last_line_cut_anywhere_is_removed_and_nothing_else() {
    let scratch = Scratch::new();
    let whole = written(&scratch, 8, u64::MAX);
    let name = last(&whole);
    let text = whole.files()[&name].clone();
    let start = text[..text.len() - 1]
        .iter()
        .rposition(|b| *b == b'\n')
        .unwrap()
        + 1;
    for cut in start..text.len() {
        let disk = whole.after_kill();
        disk.change(&name, |bytes| bytes.truncate(cut));
        let log = open_on(config(&scratch), &disk).unwrap();
        assert_eq!(disk.files()[&name], text[..start], "cut at {cut}");
        append(&log, 7);
        drop(log);
        let lines = read(&disk.files());
        assert_eq!(records(&lines), (0..8).collect::<Vec<_>>());
    }
}

#[test]
fn a_first_line_cut_anywhere_begins_the_file_again() {
    let scratch = Scratch::new();
    for count in [0, 3] {
        // With one record a file, the last one ends with a seal: the next open begins another.
        let whole = written(&scratch, count, 1);
        let disk = whole.after_kill();
        drop(open_on(config(&scratch).segment_bytes(1), &disk).unwrap());
        let name = last(&disk);
        let text = disk.files()[&name].clone();
        assert_eq!(text.iter().filter(|b| **b == b'\n').count(), 1);
        for cut in 0..text.len() {
            let disk = disk.after_kill();
            disk.change(&name, |bytes| bytes.truncate(cut));
            let log = open_on(config(&scratch), &disk).unwrap();
            append(&log, count);
            drop(log);
            let lines = read(&disk.files());
            assert_eq!(records(&lines), (0..=count).collect::<Vec<_>>());
        }
    }
}

#[test]
fn what_was_not_signed_is_signed_soon_after_the_start() {
    let scratch = Scratch::new();
    let disk = written(&scratch, 3, u64::MAX);
    assert_eq!(check(&disk.files()).last().unwrap().kind, Kind::Finished);
    drop(open_on(config(&scratch), &disk).unwrap());
    assert_eq!(check(&disk.files()).last().unwrap().kind, Kind::Checkpoint);
}

#[test]
fn zeros_after_the_last_line_are_a_line_that_is_not_whole() {
    let scratch = Scratch::new();
    let disk = written(&scratch, 3, u64::MAX);
    disk.change(&last(&disk), |bytes| bytes.extend([0; 4096]));
    drop(open_on(config(&scratch), &disk).unwrap());
    assert_eq!(records(&check(&disk.files())), [0, 1, 2]);
}

/// Whatever is wrong, nothing is touched.
fn refused(disk: &Faulty, what: &str) {
    let scratch = Scratch::new();
    let before = disk.files();
    let error = open_on(config(&scratch), disk).unwrap_err();
    assert!(error.is_damaged(), "{error}");
    assert!(error.to_string().contains(what), "{error}");
    assert_eq!(disk.files(), before);
}

#[test]
fn damage_is_reported_and_not_touched() {
    let scratch = Scratch::new();
    let whole = written(&scratch, 8, u64::MAX);
    let name = last(&whole);
    let lines: Vec<Vec<u8>> = whole.files()[&name]
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    let with = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        let disk = whole.after_kill();
        disk.change(&name, |bytes| *bytes = lines.concat());
        disk
    };
    let change = with(&|lines| {
        let at = lines[3].iter().position(|b| *b == b'2').unwrap();
        lines[3][at + 10] ^= 1;
    });
    refused(&change, "line 4");
    refused(
        &with(&|lines| drop(lines.remove(3))),
        "line 4: sequence number 4 where 3 must be",
    );
    refused(&with(&|lines| lines.swap(3, 4)), "line 4");
    refused(&with(&|lines| lines.insert(3, lines[2].clone())), "line 4");
    refused(&with(&|lines| drop(lines.remove(0))), "line 1");
    refused(&with(&|lines| lines.push(b"\n".to_vec())), "line 11");
    refused(&with(&|lines| lines.push(lines[0].clone())), "line 11");
}

#[test]
fn a_suffix_with_a_new_chain_is_found_out_by_its_checkpoint() {
    let scratch = Scratch::new();
    let whole = written(&scratch, 8, u64::MAX);
    let name = last(&whole);
    let text = String::from_utf8(whole.files()[&name].clone()).unwrap();
    let mut chain = Chain::new(Head::default(), Hash::ZERO);
    let mut forged = Vec::new();
    for line in text.lines() {
        let line = Line::parse(line.as_bytes()).unwrap();
        let body = String::from_utf8_lossy(line.body()).replace("\"n\":3", "\"n\":9");
        let hash = crate::chain::line_hash(chain.last(), body.as_bytes());
        forged.extend_from_slice(body.as_bytes());
        format::push_end(&mut forged, &hash);
        chain.advance(line.kind(), hash);
    }
    whole.change(&name, |bytes| *bytes = forged);
    refused(&whole, "line 7: the signature");
}

#[test]
fn files_that_do_not_follow_one_another_are_refused() {
    let scratch = Scratch::new();
    let whole = written(&scratch, 6, 1);
    let names: Vec<String> = whole.files().into_keys().collect();
    let without = |at: usize| {
        let mut files = whole.files();
        files.remove(&names[at]);
        Faulty::of(files)
    };
    refused(&without(names.len() - 2), "but the next file begins with");
    let cut = whole.after_kill();
    cut.change(&names[names.len() - 2], |bytes| {
        bytes.truncate(bytes.len() - 1)
    });
    refused(&cut, "not whole, and another file follows");
    let empty = whole.after_kill();
    empty.change(&names[names.len() - 2], Vec::clear);
    refused(&empty, "an empty file, and another one follows");
    let tail = whole.after_kill();
    tail.change(&names[names.len() - 1], |bytes| bytes.extend(b"{"));
    refused(&tail, "something after the seal");
}

#[test]
fn another_key_is_refused() {
    let scratch = Scratch::new();
    let disk = written(&scratch, 1, u64::MAX);
    let other = Scratch::new();
    let config = config(&other).key(KeySource::Seed(Zeroizing::new([8; 32])));
    let error = open_on(config, &disk).unwrap_err();
    assert!(error.to_string().contains("signed with the key"), "{error}");
    let beside = open_on(
        super::config(&scratch).key(KeySource::Seed(Zeroizing::new([8; 32]))),
        &Faulty::default(),
    );
    assert!(beside.unwrap_err().to_string().contains("another key"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_flipped_bit_is_refused_or_was_in_a_line_that_is_not_whole(
        at in any::<prop::sample::Index>(), bit in 0..8_u8,
    ) {
        let scratch = Scratch::new();
        let disk = written(&scratch, 6, u64::MAX);
        let name = last(&disk);
        let text = disk.files()[&name].clone();
        let at = at.index(text.len());
        disk.change(&name, |bytes| bytes[at] ^= 1 << bit);
        let changed = disk.files();
        match open_on(config(&scratch), &disk) {
            Err(_) => prop_assert_eq!(disk.files(), changed),
            // The line feed at the end of all: the last line counts as not whole.
            Ok(log) => {
                drop(log);
                prop_assert_eq!(at, text.len() - 1);
                prop_assert_eq!(records(&check(&disk.files())), (0..5).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn whatever_the_moment_of_a_power_cut_all_that_was_safe_is_there(
        counts in prop::collection::vec(0..30_u64, 1..6), segment_bytes in 1_u64..5000,
    ) {
        let mut disk = Faulty::default();
        let mut expected = 0;
        for count in counts {
            let scratch = Scratch::new();
            let config = config(&scratch).segment_bytes(segment_bytes).checkpoint_every(7);
            let log = open_on(config, &disk).unwrap();
            let mut last = None;
            for n in expected..expected + count {
                last = Some(append(&log, n));
            }
            if let Some(last) = last {
                last.wait_written().unwrap();
            }
            let killed = disk.after_kill();
            let cut = disk.after_power_cut();
            drop(log);
            let safe = records(&check(&cut.files()));
            prop_assert!(safe.iter().copied().eq(0..safe.len() as u64));
            expected += count;
            prop_assert_eq!(records(&check(&killed.files())).len() as u64, expected);
            disk = killed;
        }
    }
}
