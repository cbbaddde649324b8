use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use proptest::option::of as maybe;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::record::{Accepted, Captured, End, Hipaa, Unknown, Verdict};

/// Text as clients send it, with what has to be escaped.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9-]{0,80}",
        any::<String>(),
        "[ -~]{0,20}[\"\\\\\n\r\t\u{0}\u{7f}é\u{2028}]{1,3}[ -~]{0,20}",
    ]
}

fn word() -> impl Strategy<Value = Cow<'static, str>> {
    text().prop_map(Cow::Owned)
}

fn time() -> impl Strategy<Value = Timestamp> {
    any::<u64>().prop_map(Timestamp::from_micros)
}

fn attempt() -> impl Strategy<Value = AttemptRecord> {
    (text(), maybe(word()), maybe(any::<f64>())).prop_map(|(target, fault, ms)| AttemptRecord {
        target,
        fault,
        ms,
    })
}

fn policy() -> impl Strategy<Value = PolicyRecord> {
    let findings = prop::collection::btree_map(word(), any::<u32>(), 0..3);
    (
        word(),
        word(),
        word(),
        maybe(word()),
        findings,
        maybe(any::<u64>()),
    )
        .prop_map(
            |(policy, phase, outcome, reason, findings, us)| PolicyRecord {
                policy,
                phase,
                outcome,
                reason,
                findings,
                us,
            },
        )
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop::sample::select(vec![
        Verdict::Allow,
        Verdict::Redact,
        Verdict::Flag,
        Verdict::Block,
        Verdict::Escalate,
        Verdict::Error,
        Verdict::Unknown,
    ])
}

fn end() -> impl Strategy<Value = End> {
    prop::sample::select(vec![
        End::Complete,
        End::Denied,
        End::Refused,
        End::UpstreamError,
        End::Truncated,
        End::ClientGone,
        End::Panic,
        End::Unknown,
    ])
}

fn other() -> impl Strategy<Value = Unknown> {
    prop::collection::btree_map(text(), text(), 0..3).prop_map(|members| {
        members
            .into_iter()
            .map(|(name, value)| (name, json!([value, null, {"n": 1.5}])))
            .collect()
    })
}

prop_compose! {
    /// What both records have.
    fn origin()(
        time in time(),
        request_id in maybe(text()),
        trace_id in maybe(text()),
        client in maybe(text()),
        endpoint in word(),
        model in maybe(text()),
        stream in any::<bool>(),
        bytes in any::<u64>(),
        prompt in maybe(text()),
    ) -> Finished {
        Finished {
            time, request_id, trace_id, client, endpoint, model, stream, bytes, prompt,
            ..Finished::default()
        }
    }
}

prop_compose! {
    fn ends()(
        accepted in maybe(any::<u64>()),
        model_served in maybe(text()),
        target in maybe(text()),
        attempts in prop::collection::vec(attempt(), 0..3),
        verdict in verdict(),
        policies in prop::collection::vec(policy(), 0..3),
        changes in prop::collection::vec(text(), 0..3),
        tokens in maybe(any::<(u64, u64, u64)>()),
        numbers in (maybe(any::<f64>()), maybe(any::<f64>()), any::<f64>()),
        status in maybe(any::<u16>()),
        end in end(),
        reply in (any::<u64>(), maybe(text())),
    ) -> Finished {
        Finished {
            accepted, model_served, target, attempts, verdict, policies, changes, status, end,
            tokens: tokens.map(|(prompt, cached, completion)| Tokens::new(prompt, cached, completion)),
            cost_usd: numbers.0,
            ttft_ms: numbers.1,
            total_ms: numbers.2,
            reply_bytes: reply.0,
            reply: reply.1,
            ..Finished::default()
        }
    }
}

prop_compose! {
    fn finished()(
        origin in origin(),
        ends in ends(),
        config in maybe((text(), text(), text())),
        hipaa in maybe((time(), maybe(text()), prop::collection::vec(word(), 0..3))),
        captured in maybe(maybe(text())),
        other in other(),
    ) -> Finished {
        Finished {
            time: origin.time,
            request_id: origin.request_id,
            trace_id: origin.trace_id,
            client: origin.client,
            endpoint: origin.endpoint,
            model: origin.model,
            stream: origin.stream,
            bytes: origin.bytes,
            prompt: origin.prompt,
            config: config.map(|(name, version, digest)| Arc::new(ConfigIdentity { name, version, digest })),
            hipaa: hipaa.map(|(access_time, user, data_categories)| Hipaa { access_time, user, data_categories }),
            captured: captured.map(|request| Captured { request }),
            other,
            ..ends
        }
    }
}

fn accepted(record: Finished) -> Accepted {
    Accepted {
        time: record.time,
        request_id: record.request_id,
        trace_id: record.trace_id,
        client: record.client,
        endpoint: record.endpoint,
        model: record.model,
        stream: record.stream,
        bytes: record.bytes,
        prompt: record.prompt,
        other: Unknown::new(),
    }
}

fn written(write: impl Fn(&mut Vec<u8>) -> Result<()>) -> String {
    let mut out = b"{".to_vec();
    write(&mut out).unwrap();
    out.push(b'}');
    String::from_utf8(out).unwrap()
}

proptest! {
    #[test]
    fn a_finished_record_is_what_serde_makes_of_it(record in finished()) {
        prop_assert_eq!(
            written(|out| push_finished(out, &record)),
            serde_json::to_string(&record).unwrap()
        );
    }

    #[test]
    fn an_accepted_record_is_what_serde_makes_of_it(record in origin()) {
        prop_assert_eq!(
            written(|out| push_accepted(out, &record)),
            serde_json::to_string(&accepted(record)).unwrap()
        );
    }
}

#[test]
fn what_is_no_number_is_null() {
    let record = Finished {
        total_ms: f64::NAN,
        policies: vec![PolicyRecord {
            findings: BTreeMap::from([("EMAIL".into(), 1)]),
            ..PolicyRecord::default()
        }],
        ..Finished::default()
    };
    let text = written(|out| push_finished(out, &record));
    assert_eq!(text, serde_json::to_string(&record).unwrap());
    assert!(text.contains("\"total_ms\":null") && text.contains("\"findings\":{\"EMAIL\":1}"));
}
