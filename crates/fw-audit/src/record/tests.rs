use serde_json::json;

use super::*;

fn finished() -> Finished {
    let mut policy = PolicyRecord::new("pii-detector", "request", "redact");
    policy.findings.insert("EMAIL".into(), 2);
    policy.us = Some(41);
    Finished {
        time: Timestamp::from_micros(1_795_283_174_000_123),
        accepted: Some(12),
        request_id: Some("r-1".to_owned()),
        endpoint: "chat_completions".into(),
        model: Some("m".to_owned()),
        target: Some("a".to_owned()),
        attempts: vec![AttemptRecord {
            target: "a".to_owned(),
            fault: Some("rate_limited".into()),
            ms: Some(1.5),
        }],
        verdict: Verdict::Redact,
        policies: vec![policy],
        changes: vec!["removed store".to_owned()],
        tokens: Some(Tokens::new(9, 4, 3)),
        cost_usd: Some(0.000_25),
        ttft_ms: Some(12.25),
        total_ms: 20.5,
        status: Some(200),
        end: End::Complete,
        bytes: 100,
        reply_bytes: 200,
        ..Finished::default()
    }
}

#[test]
fn a_record_reads_as_what_it_is() {
    assert_eq!(
        serde_json::to_value(finished()).unwrap(),
        json!({
            "time": "2026-11-21T17:46:14.000123Z",
            "accepted": 12,
            "request_id": "r-1",
            "endpoint": "chat_completions",
            "model": "m",
            "target": "a",
            "attempts": [{"target": "a", "fault": "rate_limited", "ms": 1.5}],
            "verdict": "redact",
            "policies": [{
                "policy": "pii-detector",
                "phase": "request",
                "outcome": "redact",
                "findings": {"EMAIL": 2},
                "us": 41,
            }],
            "changes": ["removed store"],
            "tokens": {"prompt": 9, "cached": 4, "completion": 3},
            "cost_usd": 0.000_25,
            "ttft_ms": 12.25,
            "total_ms": 20.5,
            "status": 200,
            "end": "complete",
            "bytes": 100,
            "reply_bytes": 200,
        })
    );
}

#[test]
fn what_was_written_is_read_again() {
    let mut record = finished();
    record.config = Some(Arc::new(ConfigIdentity {
        name: "n".to_owned(),
        version: "1.0.0".to_owned(),
        digest: "d".to_owned(),
    }));
    record.hipaa = Some(Hipaa {
        user: Some("u".to_owned()),
        data_categories: vec!["EMAIL".into()],
        ..Hipaa::default()
    });
    let text = serde_json::to_string(&record).unwrap();
    assert_eq!(serde_json::from_str::<Finished>(&text).unwrap(), record);
}

#[test]
fn a_later_version_s_members_and_words_are_kept_or_known_as_such() {
    let line =
        json!({"seq": 7, "kind": "finished", "verdict": "maybe", "end": "abducted", "new": [1]});
    let record: Finished = serde_json::from_value(line).unwrap();
    assert_eq!(
        (record.verdict, record.end),
        (Verdict::Unknown, End::Unknown)
    );
    assert_eq!(record.other["new"], json!([1]));
    assert_eq!(record.other["seq"], 7);
    let again = serde_json::to_value(&record).unwrap();
    assert_eq!(again["new"], json!([1]));
}

#[test]
fn the_weightiest_word_is_the_verdict() {
    let said = |outcomes: &[&'static str]| {
        let said = outcomes
            .iter()
            .map(|outcome| PolicyRecord::new("p", "request", *outcome));
        Verdict::of(&said.collect::<Vec<_>>())
    };
    assert_eq!(said(&[]), Verdict::Allow);
    assert_eq!(said(&["allow", "flag", "redact"]), Verdict::Redact);
    assert_eq!(said(&["redact", "block", "skipped"]), Verdict::Block);
    assert_eq!(said(&["escalate", "block"]), Verdict::Escalate);
}
