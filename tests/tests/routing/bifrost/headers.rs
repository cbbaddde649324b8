//! Headers: a session, a key, and those that are sent on.

use fw_sim::Simulator;
use fw_tests::{Fleet, Sim, Stage, chat};

use crate::{ANSWER, NO_BREAKER, text};

const ONE: &str = "fw_test_first";
const TWO: &str = "fw_test_second";

#[tokio::test]
async fn nothing_of_bifrost_s_goes_to_the_provider() {
    let stage = Stage::start().await;
    let headers = [
        ("x-bf-vk", "sk-bf-secret"),
        ("x-bf-session-id", "session-7"),
        ("x-bf-session-ttl", "1h"),
        ("x-bf-api-key-id", "nobody"),
        ("x-bf-dim-team", "blue"),
        ("x-bf-cache-key", "k"),
        ("x-bf-eh-x-team", "blue"),
        ("x-bf-eh-authorization", "Bearer theirs"),
        ("x-bf-eh-content-length", "3"),
        ("x-bf-eh-host", "elsewhere"),
        ("x-bf-eh-x-forwarded-for", "10.0.0.1"),
    ];
    let mut call = stage.gateway.post("/v1/chat/completions");
    for (name, value) in headers {
        call = call.header(name, value);
    }
    let reply = call.json(&chat("Hello")).send().await;
    assert_eq!(text(&reply), ANSWER);
    let sent = stage.sim.last();
    for (name, _) in headers {
        assert_eq!(sent.header(name), None, "{name}");
    }
    for name in ["x-fw-key", "x-forwarded-for"] {
        assert_eq!(sent.header(name), None, "{name}");
    }
    assert_ne!(sent.header("host"), Some("elsewhere"));
    assert_eq!(sent.header("x-session-affinity"), Some("session-7"));
    assert_eq!(sent.header("x-team"), Some("blue"));
    let key = format!("Bearer {}", fw_tests::KEY);
    assert_eq!(sent.header("authorization"), Some(key.as_str()));
    let log = stage.gateway.log().text();
    assert!(!log.contains("sk-bf-secret"), "{log}");
}

/// A target with two keys.
async fn two_keys() -> Fleet {
    Fleet::launched(vec![Sim::start().await], |launch| {
        launch
            .environment("KEY_ONE", ONE)
            .environment("KEY_TWO", TWO)
            .configure(|config| {
                let keys = "[{ env: KEY_ONE, name: one }, { env: KEY_TWO, name: two }]";
                config
                    .providers(NO_BREAKER)
                    .target("a", |target| target.keys(keys))
            })
    })
    .await
}

/// The key that a request with this header was sent with.
async fn key_with(fleet: &Fleet, name: &str, value: &str) -> String {
    let call = fleet.gateway.post("/v1/chat/completions");
    let reply = call.header(name, value).json(&chat("Hello")).send().await;
    assert_eq!(text(&reply), ANSWER, "{name}: {value}");
    let sent = fleet.sims[0].last();
    let key = sent.header("authorization").unwrap();
    key.strip_prefix("Bearer ").unwrap().to_owned()
}

#[tokio::test]
async fn a_key_can_be_named_by_its_label() {
    let fleet = two_keys().await;
    for header in ["x-bf-api-key-id", "x-bf-api-key", "x-fw-key"] {
        for (label, key) in [("one", ONE), ("two", TWO)] {
            for _ in 0..3 {
                assert_eq!(key_with(&fleet, header, label).await, key, "{header}");
            }
        }
    }
    let mut unknown = Vec::new();
    for _ in 0..2 {
        unknown.push(key_with(&fleet, "x-bf-api-key-id", "nobody").await);
    }
    unknown.sort();
    assert_eq!(unknown, [ONE, TWO], "as if none were named");
}

#[tokio::test]
async fn a_session_keeps_its_key() {
    let fleet = two_keys().await;
    let mut keys = std::collections::BTreeSet::new();
    for session in 0..12 {
        let session = format!("session-{session}");
        let first = key_with(&fleet, "x-bf-session-id", &session).await;
        for header in ["x-bf-session-id", "x-session-affinity"] {
            assert_eq!(key_with(&fleet, header, &session).await, first, "{session}");
        }
        keys.insert(first);
    }
    assert_eq!(keys.len(), 2, "not all of them the same");
}

#[tokio::test]
async fn a_session_goes_on_with_another_key_when_its_own_is_refused() {
    let refused = |knobs: &mut fw_sim::Knobs| {
        knobs.fault = Some(fw_sim::Fault::status(401));
    };
    let sim = Sim::of(Simulator::new().key(ONE, refused)).await;
    let fleet = Fleet::launched(vec![sim], |launch| {
        launch
            .environment("KEY_ONE", ONE)
            .environment("KEY_TWO", TWO)
            .configure(|config| {
                let keys = "[{ env: KEY_ONE, name: one }, { env: KEY_TWO, name: two }]";
                config.target("a", |target| target.keys(keys))
            })
    })
    .await;
    for header in ["x-bf-api-key-id", "x-bf-session-id"] {
        assert_eq!(key_with(&fleet, header, "one").await, TWO, "{header}");
    }
}
