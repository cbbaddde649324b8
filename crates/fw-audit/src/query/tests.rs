//! What is found, and that it is the same with an index and without one.

use std::fs;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::sample::{Sample, TempDir};
use crate::{AuditLog, LogConfig, RecordKind};

/// Three files of two requests each; the last one has not finished.
fn log() -> Sample {
    let mut log = Sample::new();
    let mut number = 0;
    for file in 0..3 {
        log.begin();
        for _ in 0..2 {
            number += 1;
            let time = Timestamp::from_micros(number * 1_000_000);
            let id = format!("r{number}");
            let model = format!("accounts/x/models/m{}", number % 2);
            log.push(
                Kind::Accepted,
                &json!({"time": time, "request_id": id, "model": model}),
            );
            if number == 6 {
                break;
            }
            let accepted = log
                .files
                .iter()
                .map(|(_, lines)| lines.len() - 1)
                .sum::<usize>();
            let outcome = if number % 2 == 1 { "redact" } else { "allow" };
            log.finished(&json!({
                "time": time, "accepted": accepted, "request_id": id, "model": model,
                "model_served": "other", "client": format!("c\"{}", number % 2), "target": "t",
                "verdict": outcome,
                "policies": [
                    {"policy": "pii", "phase": "request", "outcome": outcome},
                    {"policy": "dlp", "phase": "request", "outcome": "skipped"},
                ],
            }));
        }
        if file < 2 {
            log.sign(Kind::Seal);
        }
    }
    log
}

fn ids(query: Query, directory: &TempDir) -> Vec<String> {
    let found = |query: Query| -> Vec<String> {
        let records = query.run(directory.path()).unwrap();
        records
            .map(|found| {
                let found = found.unwrap();
                let members: Value = found.read().unwrap();
                format!(
                    "{}:{}",
                    found.kind(),
                    members["request_id"].as_str().unwrap()
                )
            })
            .collect()
    };
    let scanned = found(query.clone().scan());
    // Without an index yet, and with one.
    assert_eq!(found(query.clone()), scanned);
    assert_eq!(found(query), scanned);
    scanned
}

#[test]
fn everything_is_found_in_order() {
    let directory = log().write();
    let all = ids(Query::new(), &directory);
    assert_eq!(all.len(), 11);
    assert_eq!(all[..3], ["accepted:r1", "finished:r1", "accepted:r2"]);
    let mut newest = ids(Query::new().newest_first(), &directory);
    newest.reverse();
    assert_eq!(newest, all);
    assert_eq!(ids(Query::new().limit(3), &directory), all[..3]);
    assert_eq!(
        ids(Query::new().newest_first().limit(2), &directory),
        ["accepted:r6", "finished:r5"]
    );
}

#[test]
fn each_filter_finds_its_own() {
    let directory = log().write();
    let finished = || Query::new().kind(Kind::Finished);
    let odd = ["finished:r1", "finished:r3", "finished:r5"];
    assert_eq!(ids(finished(), &directory).len(), 5);
    assert_eq!(ids(finished().verdict("redact"), &directory), odd);
    assert_eq!(ids(finished().policy("pii"), &directory), odd);
    assert!(ids(finished().policy("dlp"), &directory).is_empty());
    assert_eq!(ids(finished().client("c\"1"), &directory), odd);
    assert_eq!(ids(finished().model("m1"), &directory), odd);
    assert_eq!(
        ids(finished().model("accounts/x/models/m1"), &directory),
        odd
    );
    assert_eq!(ids(finished().model("other"), &directory).len(), 5);
    assert!(ids(finished().model("1"), &directory).is_empty());
    assert_eq!(ids(finished().target("t"), &directory).len(), 5);
    assert!(ids(finished().target("u"), &directory).is_empty());
    assert_eq!(
        ids(Query::new().request_id("r4"), &directory),
        ["accepted:r4", "finished:r4"]
    );
    let (from, to) = (
        Timestamp::from_micros(2_000_000),
        Timestamp::from_micros(4_000_000),
    );
    assert_eq!(
        ids(finished().since(from).until(to), &directory),
        ["finished:r2", "finished:r3"]
    );
    assert_eq!(
        ids(finished().since(from).model("m1").limit(1), &directory),
        ["finished:r3"]
    );
}

#[test]
fn what_is_absent_is_nothing_that_can_be_asked_for() {
    let directory = log().write();
    assert!(ids(Query::new().kind(Kind::Accepted).verdict(""), &directory).is_empty());
    assert!(ids(Query::new().client(""), &directory).is_empty());
    assert!(ids(Query::new().policy(""), &directory).is_empty());
}

#[test]
fn requests_that_never_finished_are_found() {
    let directory = log().write();
    assert_eq!(ids(Query::new().unfinished(), &directory), ["accepted:r6"]);
}

#[test]
fn an_index_is_kept_for_closed_segments_and_made_anew_when_it_does_not_fit() {
    let log = log();
    let directory = log.write();
    let all = ids(Query::new(), &directory);
    let index = |file: usize| {
        directory
            .path()
            .join(&log.files[file].0)
            .with_extension("jsonl.idx")
    };
    assert!(index(0).exists() && index(1).exists() && !index(2).exists());
    let whole = fs::read(index(0)).unwrap();

    // Damaged anywhere, cut anywhere, of another segment.
    for byte in 0..whole.len() {
        let mut changed = whole.clone();
        changed[byte] ^= 1;
        fs::write(index(0), changed).unwrap();
        assert_eq!(
            Query::new().run(directory.path()).unwrap().count(),
            all.len()
        );
        assert_eq!(fs::read(index(0)).unwrap(), whole);
        if byte % 10 == 0 {
            fs::write(index(0), &whole[..byte]).unwrap();
            assert_eq!(
                Query::new().run(directory.path()).unwrap().count(),
                all.len()
            );
        }
    }
    fs::copy(index(1), index(0)).unwrap();
    assert_eq!(ids(Query::new(), &directory), all);
    assert_eq!(fs::read(index(0)).unwrap(), whole);
}

#[test]
fn a_line_that_is_none_is_an_error_that_names_it() {
    let log = log();
    let directory = log.write();
    let path = directory.path().join(&log.files[0].0);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\"seq\":2", "\"sex\":2", 1)).unwrap();
    let error = Query::new().run(directory.path()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&format!("{}:3: ", log.files[0].0)),
        "{error}"
    );
}

#[test]
fn a_line_that_is_being_written_is_left_out() {
    let log = log();
    let directory = log.write();
    let path = directory.path().join(&log.files[2].0);
    let mut bytes = fs::read(&path).unwrap();
    bytes.truncate(bytes.len() - 5);
    fs::write(path, bytes).unwrap();
    assert_eq!(ids(Query::new(), &directory).len(), 10);
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("a\"b\\\n".to_owned()),
        "[a-c]{1,2}",
        any::<String>(),
    ]
}

prop_compose! {
    fn record()(
        finished in any::<bool>(),
        time in 0_u64..5,
        words in prop::collection::vec(word(), 5),
        policies in prop::collection::vec(("[p-r]", prop::sample::select(vec!["allow", "redact", "skipped"])), 0..3),
        filler in 0_usize..400,
    ) -> (bool, Value) {
        let policies: Vec<Value> = policies
            .iter()
            .map(|(policy, outcome)| json!({"policy": policy, "outcome": outcome}))
            .collect();
        (finished, json!({
            "time": Timestamp::from_micros(time), "request_id": words[0], "client": words[1],
            "model": words[2], "target": words[3], "verdict": words[4], "policies": policies,
            "filler": "x".repeat(filler),
        }))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// What was written is what is found: all of it, in order, byte for byte as it was serialized; and a
    /// filter finds what a look at each record finds.
    #[test]
    fn what_was_written_is_what_is_found(
        records in prop::collection::vec(record(), 1..40),
        segment_bytes in 1_u64..6000,
        wanted in record(),
        which in 0_usize..7,
    ) {
        let directory = TempDir::new();
        let config = LogConfig::new(directory.path()).segment_bytes(segment_bytes);
        let log = AuditLog::open(config).unwrap();
        for (finished, record) in &records {
            let kind = if *finished { RecordKind::Finished } else { RecordKind::Accepted };
            // One by one, so that there are as many files as there may be.
            log.append(kind, record).unwrap().wait_written().unwrap();
        }
        drop(log);
        let found = |query: Query| -> Vec<Value> {
            query.run(directory.path()).unwrap().map(|found| {
                let mut members: Value = found.unwrap().read().unwrap();
                let members = members.as_object_mut().unwrap();
                for name in ["seq", "kind", "hash"] {
                    members.remove(name).unwrap();
                }
                Value::Object(members.clone())
            }).collect()
        };
        let all: Vec<Value> = records.iter().map(|(_, record)| record.clone()).collect();
        prop_assert_eq!(&found(Query::new()), &all);

        let wanted = &wanted.1;
        let text = |name: &str| wanted[name].as_str().unwrap().to_owned();
        let time = text("time");
        let query = Query::new();
        let (query, name) = match which {
            0 => (query.verdict(text("verdict")), "verdict"),
            1 => (query.client(text("client")), "client"),
            2 => (query.target(text("target")), "target"),
            3 => (query.request_id(text("request_id")), "request_id"),
            4 => (query.model(text("model")), "model"),
            5 => (query.since(time.parse().unwrap()), "time"),
            _ => (query.policy("p"), "policies"),
        };
        let expected: Vec<Value> = all.into_iter().filter(|record| {
            let found = record[name].as_str().unwrap_or_default();
            let wanted = wanted[name].as_str().unwrap_or_default();
            match name {
                "time" => found >= wanted,
                "policies" => record[name].as_array().unwrap().iter().any(|policy| {
                    policy["policy"] == "p" && policy["outcome"] == "redact"
                }),
                // What is empty is absent.
                "model" => !found.is_empty() && (found == wanted || found.ends_with(&format!("/{wanted}"))),
                "request_id" => found == wanted,
                _ => !found.is_empty() && found == wanted,
            }
        }).collect();
        prop_assert_eq!(&found(query.clone()), &expected);
        prop_assert_eq!(&found(query.clone()), &expected);
        prop_assert_eq!(&found(query.scan()), &expected);
    }
}
