//! What clients of Bifrost send beside a request: a list of fallbacks, and headers of its own.

use fw_sim::Simulator;
use fw_tests::{Fleet, MODEL, Sim, Stage, chat, streamed};
use serde_json::{Value, json};

use super::{ANSWER, NO_BREAKER, assert_answered, operations, send, target, text};

const KIMI: &str = "accounts/fireworks/models/kimi-k3";

const ONE: &str = "fw_test_first";
const TWO: &str = "fw_test_second";

/// A target of Fireworks and one of OpenAI, with these knobs.
async fn two_providers(knobs: [&str; 2]) -> Fleet {
    Fleet::start(knobs, |config| {
        config
            .providers(NO_BREAKER)
            .target("b", |target| target.provider("openai"))
    })
    .await
}

fn asking(model: &str, fallbacks: Value) -> Value {
    let mut body = chat("Hello");
    body["model"] = model.into();
    body["fallbacks"] = fallbacks;
    body
}

// === fallbacks ===

#[tokio::test]
async fn fallbacks_are_names_or_objects() {
    for entry in [
        json!(format!("openai/{KIMI}")),
        json!({ "provider": "openai", "model": KIMI }),
        json!({ "provider": "b", "model": KIMI }),
        json!(format!("b/{KIMI}")),
    ] {
        let fleet = two_providers(["status=500", ""]).await;
        let reply = send(&fleet.gateway, &asking("fireworks/glm-5p3", json!([entry]))).await;
        assert_eq!(text(&reply), ANSWER, "{entry}");
        assert_eq!(target(&reply), "b", "{entry}");
        let sent = fleet.sims[1].last().json();
        assert_eq!(sent["model"], KIMI, "{entry}");
        assert_eq!(sent.get("fallbacks"), None, "{entry}");
        let changes = reply.header("x-fw-params").unwrap();
        assert!(changes.contains("removed fallbacks"), "{changes}");
    }
}

#[tokio::test]
async fn fallbacks_are_tried_in_their_order() {
    let missing = || Simulator::new().without_model(MODEL).without_model(KIMI);
    let fleet = Fleet::of([missing()], |config| config).await;
    let oss = "accounts/fireworks/models/gpt-oss-20b";
    let fallbacks = json!([format!("fireworks/{KIMI}"), "fireworks/gpt-oss-20b", MODEL]);
    let reply = send(&fleet.gateway, &asking(MODEL, fallbacks)).await;
    assert_answered(&reply, "a", "3", "the second fallback");
    let asked = fleet.sims[0].requests();
    let asked: Vec<Value> = asked
        .iter()
        .map(|request| request.json()["model"].clone())
        .collect();
    assert_eq!(asked, [MODEL, KIMI, oss]);
}

#[tokio::test]
async fn a_stream_falls_back_before_its_first_content() {
    let fleet = two_providers(["status=503", ""]).await;
    let mut body = streamed("Hello");
    body["model"] = "fireworks/glm-5p3".into();
    body["fallbacks"] = json!([format!("openai/{KIMI}")]);
    let reply = send(&fleet.gateway, &body).await;
    assert_eq!(text(&reply), ANSWER);
    assert_eq!(target(&reply), "b");
}

#[tokio::test]
async fn messages_and_responses_fall_back_to_a_provider_that_has_only_chat() {
    for (path, body, _) in operations() {
        let kind = match path {
            "/v1/messages" => ("type", "message"),
            "/v1/responses" => ("object", "response"),
            _ => continue,
        };
        let fleet = two_providers(["status=500", ""]).await;
        let mut body = body;
        body["model"] = "fireworks/glm-5p3".into();
        body["fallbacks"] = json!([format!("openai/{KIMI}")]);
        let reply = fleet.gateway.post(path).json(&body).send().await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        assert_eq!(reply.json()[kind.0], kind.1, "{path}: {}", reply.text());
        assert_eq!(target(&reply), "b", "{path}");
        let sent = fleet.sims[1].last();
        assert!(sent.path.ends_with("/chat/completions"), "{}", sent.path);
        assert_eq!(sent.json()["model"], KIMI, "{path}");
        assert_eq!(sent.json().get("fallbacks"), None, "{path}");
        let changes = reply.header("x-fw-params").unwrap_or_default();
        assert!(changes.contains("removed fallbacks"), "{path}: {changes}");
    }
}

#[tokio::test]
async fn no_operation_sends_its_fallbacks_on() {
    let fleet = two_providers(["", ""]).await;
    let stage = Stage::start().await;
    for (path, body, _) in operations() {
        for (gateway, sim) in [
            (&fleet.gateway, &fleet.sims[0]),
            (&stage.gateway, &stage.sim),
        ] {
            let mut body = body.clone();
            body["fallbacks"] = json!(["fireworks/glm-5p3"]);
            let reply = gateway.post(path).json(&body).send().await;
            assert_eq!(reply.status, 200, "{path}: {}", reply.text());
            assert_eq!(sim.last().json().get("fallbacks"), None, "{path}");
            let changes = reply.header("x-fw-params").unwrap();
            assert!(changes.contains("removed fallbacks"), "{path}: {changes}");
        }
    }
}

#[tokio::test]
async fn a_provider_that_is_not_configured_is_refused_by_name() {
    let fleet = two_providers(["", ""]).await;
    let fallbacks = json!(["openai/gpt-5", { "provider": "groq", "model": "llama" }]);
    for (path, mut body, _) in operations() {
        body["fallbacks"] = fallbacks.clone();
        let reply = fleet.gateway.post(path).json(&body).send().await;
        assert_eq!(reply.status, 400, "{path}: {}", reply.text());
        let error = reply.json()["error"].clone();
        assert_eq!(error["type"], "invalid_request_error", "{path}");
        let message = error["message"].as_str().unwrap();
        for word in ["fallbacks[1]", "`groq`", "fireworks, openai"] {
            assert!(message.contains(word), "{path}: {message}");
        }
        if path == "/v1/messages" {
            assert_eq!(reply.json()["type"], "error");
        } else {
            assert_eq!(error["code"], "unknown_provider", "{path}");
            assert_eq!(error["param"], "fallbacks[1]", "{path}");
        }
    }
    assert_eq!(fleet.requests(), [0, 0]);
}

#[tokio::test]
async fn what_is_no_list_of_models_is_refused() {
    let stage = Stage::start().await;
    for fallbacks in [json!("fireworks/x"), json!({}), json!([1]), json!([{}])] {
        let reply = send(&stage.gateway, &asking(MODEL, fallbacks.clone())).await;
        assert_eq!(reply.status, 400, "{fallbacks}: {}", reply.text());
        assert_eq!(reply.error()["code"], "invalid_fallbacks", "{fallbacks}");
    }
    for fallbacks in [json!(null), json!([])] {
        let reply = send(&stage.gateway, &asking(MODEL, fallbacks)).await;
        assert_eq!(text(&reply), ANSWER);
    }
}

/// A gateway with one target does not search the bodies of chat completions: what converts them finds the list.
#[tokio::test]
async fn with_one_target_a_list_is_found_however_it_is_written() {
    let fleet = Fleet::of([Simulator::new().without_model(KIMI)], |config| config).await;
    for name in ["fallbacks", "fallback\\u0073"] {
        for (list, status, code) in [
            (format!("[\"fireworks/{MODEL}\"]"), 200, Value::Null),
            ("[]".into(), 404, "NOT_FOUND".into()),
            ("\"x\"".into(), 400, "invalid_fallbacks".into()),
            ("[\"groq/llama\"]".into(), 400, "unknown_provider".into()),
        ] {
            let before = fleet.sims[0].requests().len();
            let body = format!(
                r#"{{"{name}":{list},"model":"{KIMI}","messages":[{{"role":"user","content":"Hello"}}]}}"#
            );
            let call = fleet.gateway.post("/v1/chat/completions");
            let reply = call.body(body).send().await;
            assert_eq!(reply.status, status, "{name}: {list}: {}", reply.text());
            let sent = fleet.sims[0].requests().len() - before;
            if status == 200 {
                assert_answered(&reply, "a", "2", "the fallback");
                let changes = reply.header("x-fw-params").unwrap();
                assert!(changes.contains("removed fallbacks"), "{changes}");
            } else {
                assert_eq!(reply.error()["code"], code, "{name}: {list}");
            }
            assert_eq!(
                sent,
                [0, 2][usize::from(status == 200)] + usize::from(status == 404)
            );
        }
    }
}

/// Neither within a message nor below another member is it a list of fallbacks.
#[tokio::test]
async fn the_word_elsewhere_in_a_request_means_nothing() {
    let stage = Stage::start().await;
    let fleet = two_providers(["", ""]).await;
    for gateway in [&stage.gateway, &fleet.gateway] {
        let mut body = chat("{\"fallbacks\": [1]}, \"fallbacks\"");
        body["metadata"] = json!({"fallbacks": "1"});
        body["messages"][0]["fallbacks"] = json!([1]);
        let reply = send(gateway, &body).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.header("x-fw-attempts"), Some("1"));
    }
}

/// The same entry over and over, and a circle of them, end after eight.
#[tokio::test]
async fn a_circle_of_fallbacks_ends() {
    let fleet = two_providers(["status=503", "status=503"]).await;
    let circle: Vec<String> = (0..40)
        .map(|place| format!("{}/{KIMI}", ["fireworks", "openai"][place % 2]))
        .collect();
    let reply = send(&fleet.gateway, &asking(MODEL, json!(circle))).await;
    assert_eq!(reply.status, 503, "{}", reply.text());
    let attempts: u64 = fleet.requests().iter().sum();
    assert!((9..=18).contains(&attempts), "{attempts}");
}

#[tokio::test]
async fn a_refusal_by_the_provider_is_the_answer() {
    let fleet = two_providers(["status=400", ""]).await;
    let body = asking("fireworks/glm-5p3", json!([format!("openai/{KIMI}")]));
    let reply = send(&fleet.gateway, &body).await;
    assert_eq!(reply.status, 400, "{}", reply.text());
    assert_eq!(fleet.requests(), [1, 0]);
}

// === headers ===

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
