//! What clients of Bifrost send beside a request: a list of fallbacks, and headers of its own.

use fw_sim::Simulator;
use fw_tests::{Fleet, MODEL, Stage, chat, streamed};
use serde_json::{Value, json};

mod headers;

use super::{ANSWER, NO_BREAKER, assert_answered, operations, send, target, text};

const KIMI: &str = "accounts/fireworks/models/kimi-k3";

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

/// What a policy denies is asked of nobody, whatever the request names.
#[tokio::test]
async fn a_denied_request_does_not_fall_back() {
    let fleet = Fleet::start(["", ""], |config| {
        config
            .policy("safety-filter", "{ block_if: [forbidden] }")
            .target("b", |target| target.provider("openai"))
    })
    .await;
    let mut body = asking("fireworks/glm-5p3", json!([format!("openai/{KIMI}")]));
    body["messages"][0]["content"] = "something forbidden".into();
    let reply = send(&fleet.gateway, &body).await;
    assert_eq!(reply.status, 400, "{}", reply.text());
    assert_eq!(fleet.requests(), [0, 0]);
}

/// A search does not find a name with escapes in it. Whoever converts the request does.
#[tokio::test]
async fn an_escaped_name_goes_to_no_provider_either() {
    for provider in ["fireworks", "openai"] {
        let fleet = Fleet::start([""], |config| {
            config.target("a", |target| target.provider(provider))
        })
        .await;
        for (path, body, _) in operations() {
            let body = body.to_string();
            let body = body.replacen('{', r#"{"fallback\u0073":["a/x"],"#, 1);
            let reply = fleet.gateway.post(path).body(body).send().await;
            assert_eq!(reply.status, 200, "{provider} {path}: {}", reply.text());
            assert_eq!(
                reply.header("x-fw-attempts"),
                Some("1"),
                "{provider} {path}"
            );
            let sent = fleet.sims[0].last().json().to_string();
            assert!(!sent.contains("fallback"), "{provider} {path}: {sent}");
            let changes = reply.header("x-fw-params").unwrap_or_default();
            assert!(
                changes.contains("removed fallbacks"),
                "{provider} {path}: {changes}"
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
