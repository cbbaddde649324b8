//! The index of a small segment.

use serde_json::json;

use super::*;
use crate::reader::Segments;
use crate::sample::{Sample, TIME};

#[test]
fn columns_tell_of_each_line() {
    let mut log = Sample::new();
    log.begin();
    log.push(Kind::Accepted, &json!({"time": TIME, "request_id": "r"}));
    log.finished(&json!({"time": TIME, "request_id": "r", "accepted": 1, "model": "m"}));
    log.finished(&json!({"time": "yesterday", "model": "m"}));
    log.sign(Kind::Checkpoint);
    let directory = log.write();
    let segments = Segments::list(directory.path()).unwrap();
    let index = Index::of(segments.last().unwrap(), true).unwrap();
    let kept = Index::of(segments.last().unwrap(), true).unwrap();
    assert_eq!(index, kept);

    let kinds = [
        Kind::Segment,
        Kind::Accepted,
        Kind::Finished,
        Kind::Finished,
        Kind::Checkpoint,
    ];
    assert_eq!(index.kinds(), kinds.map(code));
    let time = TIME.parse::<crate::Timestamp>().unwrap().as_micros();
    assert_eq!(index.times(), [0, time, time, 0, 0]);
    let request = request_code("r");
    assert_eq!(index.requests(), [0, request, request, 0, 0]);
    assert_eq!(index.accepted(), [0, 0, 1, 0, 0]);
    assert_eq!(index.dictionary(), ["", "m"]);
    assert_eq!(index.texts(Column::Model), [0, 0, 1, 1, 0]);
    assert_eq!(index.texts(Column::Client), [0; 5]);
    let bytes = log.bytes(0);
    let (from, to) = index.place(2).unwrap();
    assert!(bytes[from as usize..to as usize].starts_with(b"{\"seq\":2,"));
    assert_eq!(index.place(4).unwrap().1, bytes.len() as u64);
    assert_eq!(index.place(5), None);
}
