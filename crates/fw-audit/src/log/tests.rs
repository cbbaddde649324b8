use serde_json::json;

use super::*;
use crate::chain::{Chain, Hash};
use crate::format::Line;

#[test]
fn what_is_appended_is_in_the_file() {
    let directory = std::env::temp_dir().join(format!("fw-audit-first-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&directory);
    let log = AuditLog::open(LogConfig::new(&directory)).unwrap();
    for n in 0..10 {
        let ticket = log.append(RecordKind::Finished, &json!({"n": n})).unwrap();
        ticket.wait_written().unwrap();
    }
    drop(log);
    let text = std::fs::read_to_string(directory.join("audit-00000000000000000001.jsonl")).unwrap();
    let mut chain = Chain::new(Default::default(), Hash::ZERO);
    for line in text.lines() {
        chain.check(&Line::parse(line.as_bytes()).unwrap()).unwrap();
    }
    assert_eq!(chain.head().seq, 11);
    drop(AuditLog::open(LogConfig::new(&directory)).unwrap());
    std::fs::remove_dir_all(&directory).unwrap();
}
