//! Any bytes are taken for a line or not, without a panic; and whatever is done to the file of a log, opening
//! it either refuses and leaves the file alone, or removes a last line that is not whole, and nothing else.
#![no_main]

use std::{fs, path::PathBuf, sync::LazyLock};

use arbitrary::Arbitrary;
use fw_audit::{AuditLog, KeySource, Line, LogConfig, RecordKind, segment::file_name};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
enum Edit {
    Flip { at: u16, with: u8 },
    Insert { at: u16, bytes: Vec<u8> },
    Remove { at: u16, count: u8 },
    Cut { at: u16 },
    CopyLine { from: u8, to: u8 },
}

fn directory() -> PathBuf {
    std::env::temp_dir().join(format!("fw-fuzz-audit-{}", std::process::id()))
}

fn config() -> LogConfig {
    LogConfig::new(directory())
        .key(KeySource::Seed([7; 32].into()))
        .checkpoint_every(3)
}

/// A log with a few records.
static LOG: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let _ = fs::remove_dir_all(directory());
    let log = AuditLog::open(config()).expect("a new log opens");
    for n in 0..7 {
        let entry = serde_json::json!({"n": n});
        log.append(RecordKind::Finished, &entry)
            .expect("there is room");
    }
    drop(log);
    fs::read(directory().join(file_name(1))).expect("a file was begun")
});

fn apply(text: &mut Vec<u8>, edit: Edit) {
    match edit {
        Edit::Flip { at, with } => {
            if let Some(byte) = text.get_mut(usize::from(at)) {
                *byte ^= with;
            }
        }
        Edit::Insert { at, bytes } => {
            let at = usize::from(at).min(text.len());
            text.splice(at..at, bytes);
        }
        Edit::Remove { at, count } => {
            let at = usize::from(at).min(text.len());
            let end = (at + usize::from(count)).min(text.len());
            text.drain(at..end);
        }
        Edit::Cut { at } => text.truncate(usize::from(at)),
        Edit::CopyLine { from, to } => {
            let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
            if let Some(line) = lines.get(usize::from(from)) {
                let at: usize = lines
                    .iter()
                    .take(usize::from(to))
                    .map(|line| line.len())
                    .sum();
                let line = line.to_vec();
                text.splice(at..at, line);
            }
        }
    }
}

fuzz_target!(|input: (&[u8], Vec<Edit>)| {
    let (bytes, edits) = input;
    if let Ok(line) = Line::parse(bytes) {
        assert_eq!(line.bytes(), bytes);
        assert!(bytes.starts_with(line.body()));
        let _ = line.signed();
    }

    let whole = &*LOG;
    let mut text = whole.clone();
    edits.into_iter().for_each(|edit| apply(&mut text, edit));
    let path = directory().join(file_name(1));
    fs::write(&path, &text).expect("the disk is no part of this");
    match AuditLog::open(config()) {
        Ok(log) => {
            drop(log);
            let kept = text
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |at| at + 1);
            assert!(whole.starts_with(&text[..kept]), "a change was taken");
            let now = fs::read(&path).expect("the file is there");
            assert!(
                now.starts_with(&text[..kept]),
                "more was removed than the last line"
            );
        }
        Err(error) => {
            assert!(
                error.is_damaged() || error.to_string().contains("signed with the key"),
                "{error}"
            );
            assert_eq!(
                fs::read(&path).expect("the file is there"),
                text,
                "it was changed"
            );
        }
    }
    // What an opened log has written on is no part of the next run.
    for file in fs::read_dir(directory()).into_iter().flatten().flatten() {
        if file.path() != path && file.path().extension().is_some_and(|end| end == "jsonl") {
            let _ = fs::remove_file(file.path());
        }
    }
});
