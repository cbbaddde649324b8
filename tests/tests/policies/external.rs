//! An outside service that is asked about requests.

use fw_tests::{ByHand, Canned, Config, Gateway, Launch, MODEL, Sim, chat, streamed};
use serde_json::{Value, json};

const PATH: &str = "/v1/chat/completions";

/// The key of the moderation service.
const SECRET: &str = "sk-moderation-4d1f";

fn safe() -> Value {
    json!({"id":"m","results":[{"flagged":false,"categories":{"violence":false}}]})
}

fn harmful() -> Value {
    json!({"id":"m","results":[{"flagged":true,"categories":{"violence":true,"hate":false}}]})
}

fn launch(sim: &Sim, url: &str, settings: &str) -> Launch {
    let settings = format!(
        "{{ url: '{url}/moderations', secret_key_ref: {{ env: MODERATION_KEY }}, {settings} }}"
    );
    let config = Config::new()
        .base_url(&sim.base_url())
        .policy("pii-detector", "{ action: redact }")
        .policy("external-moderation", &settings);
    Launch::new(config).environment("MODERATION_KEY", SECRET)
}

async fn gateway(sim: &Sim, service: &Canned, settings: &str) -> Gateway {
    launch(sim, &service.base_url(), settings).start().await
}

#[tokio::test]
async fn it_is_asked_about_what_was_redacted_and_the_request_goes_on() {
    let (sim, service) = (Sim::start().await, Canned::json(&safe()).await);
    let gateway = gateway(&sim, &service, "model: omni").await;
    for body in [
        chat("Write to jane@corp.example"),
        streamed("Write to jane@corp.example"),
    ] {
        let reply = gateway.post(PATH).json(&body).send().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let heard: Value = serde_json::from_slice(service.heard().last().unwrap()).unwrap();
        assert_eq!(
            heard,
            json!({"input":["Write to [REDACTED:EMAIL]"],"model":"omni"})
        );
        assert!(String::from_utf8_lossy(&sim.last().body).contains("[REDACTED:EMAIL]"));
    }
    assert_eq!(sim.requests().len(), 2);
}

#[tokio::test]
async fn what_it_flags_is_denied_like_by_any_policy() {
    let (sim, service) = (Sim::start().await, Canned::json(&harmful()).await);
    let gateway = gateway(&sim, &service, "").await;
    let messages =
        json!({"model":MODEL,"max_tokens":9,"messages":[{"role":"user","content":"Hello"}]});
    let reply = gateway.post(PATH).json(&chat("Hello")).send().await;
    assert_eq!(reply.status, 400, "{}", reply.text());
    let error = reply.error();
    assert_eq!(error["type"], "policy_violation");
    assert_eq!(error["code"], "input_blocked");
    assert_eq!(reply.json()["error"]["policy"], "external-moderation");
    assert_eq!(reply.header("x-should-retry"), Some("false"));
    assert_eq!(
        reply.header("x-fw-policy"),
        Some("external-moderation=block(violence:1)")
    );
    let reply = gateway.post("/v1/messages").json(&messages).send().await;
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["type"], "error");
    assert_eq!(sim.requests().len(), 0);
}

#[tokio::test]
async fn what_a_policy_blocks_is_never_sent_there() {
    let (sim, service) = (Sim::start().await, Canned::json(&safe()).await);
    let launch = launch(&sim, &service.base_url(), "");
    let gateway = launch
        .configure(|config| config.policy("safety-filter", "{ block_if: [nightfall] }"))
        .start()
        .await;
    let reply = gateway.post(PATH).json(&chat("Nightfall")).send().await;
    assert_eq!(reply.status, 400);
    assert!(service.heard().is_empty());
}

#[tokio::test]
async fn without_an_answer_the_fail_mode_decides() {
    let (sim, nonsense) = (Sim::start().await, Canned::json(&json!({})).await);
    let silent = ByHand::start().await;
    for (url, settings) in [
        (nonsense.base_url(), ""),
        (silent.base_url(), "timeout_ms: 200,"),
        // Nobody listens there.
        ("http://127.0.0.1:9".to_owned(), ""),
    ] {
        let closed = launch(&sim, &url, settings).start().await;
        let reply = closed.post(PATH).json(&chat("Hello")).send().await;
        assert_eq!(reply.status, 503, "{}", reply.text());
        assert_eq!(reply.error()["code"], "moderation_unavailable");
        assert_eq!(sim.requests().len(), 0);
    }
    let settings = "timeout_ms: 200, fail_mode: allow";
    let open = launch(&sim, &silent.base_url(), settings).start().await;
    let reply = open.post(PATH).json(&chat("Hello")).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(
        reply.header("x-fw-policy"),
        Some("external-moderation=flag(unavailable:1)")
    );
}

#[tokio::test]
async fn the_key_goes_to_the_service_alone_and_never_into_the_log() {
    let sim = Sim::start().await;
    let mut service = ByHand::start().await;
    let gateway = launch(&sim, &service.base_url(), "")
        .environment("RUST_LOG", "trace")
        .start()
        .await;
    let call = gateway.post(PATH).json(&chat("a private thought"));
    let client = tokio::spawn(call.send());
    let asked = service.next().await;
    assert_eq!(asked.headers["authorization"], format!("Bearer {SECRET}"));
    asked.reply(200, &[], &harmful());
    assert_eq!(client.await.unwrap().status, 400);
    gateway.terminate().await;
    let log = gateway.log().to_end().await;
    for secret in [SECRET, "private thought"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn a_client_that_goes_away_takes_the_question_back() {
    let sim = Sim::start().await;
    let mut service = ByHand::start().await;
    let gateway = launch(&sim, &service.base_url(), "").start().await;
    let client = tokio::spawn(gateway.post(PATH).json(&chat("Hello")).open());
    let asked = service.next().await;
    client.abort();
    asked.abandoned().await;
}

#[tokio::test]
async fn the_audit_record_names_it() {
    let (sim, service) = (Sim::start().await, Canned::json(&harmful()).await);
    let directory = std::env::temp_dir().join(format!("fw-tests-external-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&directory);
    let gateway = launch(&sim, &service.base_url(), "")
        .configure(|config| {
            config.policy(
                "audit-logger",
                &format!("{{ directory: '{}' }}", directory.display()),
            )
        })
        .start()
        .await;
    let reply = gateway.post(PATH).json(&chat("Hello")).send().await;
    assert_eq!(reply.status, 400);
    let record = super::finished(&directory);
    assert_eq!(
        (&record["verdict"], &record["end"]),
        (&json!("block"), &json!("denied"))
    );
    let policies = record["policies"].as_array().unwrap();
    let named = |policy: &&Value| policy["policy"] == "external-moderation";
    let decision = policies.iter().find(named).unwrap();
    assert_eq!(decision["phase"], "request");
    assert_eq!(decision["outcome"], "block");
    assert_eq!(decision["findings"], json!({"violence": 1}));
    drop(gateway);
    std::fs::remove_dir_all(&directory).unwrap();
}

#[tokio::test]
async fn a_key_that_is_missing_is_an_error_at_the_start() {
    let sim = Sim::start().await;
    let launch = launch(&sim, "http://127.0.0.1:9", "").environment("MODERATION_KEY", "");
    let output = launch.refused().await;
    assert!(
        output.contains("external-moderation") && output.contains("MODERATION_KEY"),
        "{output}"
    );
}
