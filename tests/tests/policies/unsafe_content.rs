//! Unsafe content in requests, replies and streams.

use fw_tests::{ByHand, Canned, Config, Launch, MODEL, Stage, chat, streamed};
use serde_json::{Value, json};

const PATH: &str = "/v1/chat/completions";

async fn stage(settings: &'static str) -> Stage {
    Stage::configured(|config| config.policy("safety-filter", settings)).await
}

#[tokio::test]
async fn a_term_in_a_request_is_refused_on_each_endpoint_and_never_asks_the_upstream() {
    let stage = stage("{ block_if: [project nightfall] }").await;
    let text = "What do you know about PROJECT-Nightfall?";
    let messages =
        json!({"model":MODEL,"max_tokens":9,"messages":[{"role":"user","content":text}]});
    for (path, body) in [
        (PATH, chat(text)),
        ("/v1/completions", json!({"model":MODEL,"prompt":text})),
        ("/v1/responses", json!({"model":MODEL,"input":text})),
        ("/v1/messages", messages),
    ] {
        let reply = stage.gateway.post(path).json(&body).send().await;
        assert_eq!(reply.status, 400, "{path}: {}", reply.text());
        let error = &reply.json()["error"];
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("not allowed here"), "{message}");
        assert!(
            !reply.text().to_lowercase().contains("nightfall"),
            "{}",
            reply.text()
        );
        if path != "/v1/messages" {
            assert_eq!(error["code"], "input_blocked");
            assert_eq!(error["policy"], "safety-filter");
        }
        assert_eq!(
            reply.header("x-fw-policy"),
            Some("safety-filter=block(terms.block_if:1)")
        );
    }
    assert_eq!(stage.sim.requests().len(), 0);
}

#[tokio::test]
async fn a_misspelt_term_is_found_when_asked_for() {
    for (settings, status) in [
        ("{ block_if: [nightfall] }", 200),
        ("{ block_if: [nightfall], fuzzy_matching: true }", 400),
    ] {
        let stage = stage(settings).await;
        let call = stage
            .gateway
            .post(PATH)
            .json(&chat("Where is nightfal now?"));
        assert_eq!(call.send().await.status, status, "{settings}");
    }
}

/// What the client of a stream has read: its text, and how it ended.
fn read(body: &str) -> (String, Option<Value>) {
    let data = body.lines().filter_map(|line| line.strip_prefix("data: "));
    let mut text = String::new();
    let mut error = None;
    for event in data.filter(|data| *data != "[DONE]") {
        let event: Value = serde_json::from_str(event).unwrap();
        if let Some(content) = event.pointer("/choices/0/delta/content") {
            text.push_str(content.as_str().unwrap());
        }
        if event.get("error").is_some() {
            error = Some(event["error"].clone());
        }
    }
    (text, error)
}

#[tokio::test]
async fn a_term_that_is_split_over_events_does_not_leave() {
    let stage = stage("{ block_if: [project nightfall] }").await;
    let said = "All is well in the north, and the harbour is open again since last week. The crew of \
                project nightfall has left.";
    for tokens in ["1", "3", "50"] {
        let call = stage.gateway.post(PATH).json(&streamed("Hello"));
        let call = call.knob("reply", said).knob("tokens-per-event", tokens);
        let reply = call.send().await;
        assert_eq!(reply.status, 200);
        let (text, error) = read(reply.text());
        let error = error.unwrap_or_else(|| panic!("not stopped: {}", reply.text()));
        assert_eq!(error["code"], "output_blocked");
        assert_eq!(error["policy"], "safety-filter");
        assert!(said.starts_with(&text), "{text}");
        assert!(!text.contains("project"), "{text}");
        assert!(!reply.text().contains("[DONE]") && !reply.text().contains("\"stop\""));
    }
}

#[tokio::test]
async fn an_unsafe_stream_is_stopped_before_the_text_is_out() {
    let mut upstream = ByHand::start().await;
    let config = Config::new()
        .base_url(&upstream.base_url())
        .policy("safety-filter", "{ block_if: [wipe the evidence] }");
    let gateway = Launch::new(config).start().await;
    let call = gateway.post(PATH).json(&streamed("Hello"));
    let client = tokio::spawn(call.open());
    let stream = upstream.next().await.stream();
    stream.role();
    stream.text("The tide tables are on the second page, and the ferry leaves at noon. ");
    let mut client = client.await.unwrap();
    // What is harmless is not held back until the end of the stream.
    let mut seen = String::new();
    while !seen.contains("ferry") {
        seen += &client.event().await.unwrap().expect("an event");
    }
    for piece in ["Then wi", "pe the ", "evi"] {
        stream.text(piece);
    }
    stream.text(
        "dence at once. Nobody looks behind the old boat house, and the tide takes the rest. ",
    );
    let rest = client.rest().await.unwrap();
    assert!(rest.contains("output_blocked"), "{rest}");
    for part in ["wipe", "wi\"", "evidence"] {
        assert!(!rest.contains(part), "{part}: {rest}");
    }
    // The provider is not kept talking.
    stream.abandoned().await;
}

#[tokio::test]
async fn an_unsafe_plain_reply_is_refused() {
    let stage = stage("{ block_if: [nightfall] }").await;
    let call = stage.gateway.post(PATH).json(&chat("Hello"));
    let reply = call.knob("reply", "It is called Nightfall.").send().await;
    assert_eq!(reply.status, 400, "{}", reply.text());
    assert_eq!(reply.json()["error"]["code"], "output_blocked");
    assert!(!reply.text().contains("Nightfall"), "{}", reply.text());
}

#[tokio::test]
async fn self_harm_is_answered_with_the_configured_message() {
    let stage = stage("{ self_harm: { message: 'Call 555-0100, day and night.' } }").await;
    let text = "I want to end my life tonight and I want to know how to kill myself without pain";
    let reply = stage.gateway.post(PATH).json(&chat(text)).send().await;
    assert_eq!(reply.status, 400, "{}", reply.text());
    assert_eq!(
        reply.json()["error"]["message"],
        "Call 555-0100, day and night."
    );
    let header = reply.header("x-fw-policy").unwrap();
    assert!(header.contains("self_harm:1"), "{header}");
}

#[tokio::test]
async fn each_direction_has_a_switch() {
    let only_replies = stage("{ block_if: [nightfall], request: false }").await;
    let call = only_replies.gateway.post(PATH).json(&chat("Nightfall?"));
    assert_eq!(call.knob("reply", "ok").send().await.status, 200);
    let only_requests = stage("{ block_if: [nightfall], response: false }").await;
    let call = only_requests.gateway.post(PATH).json(&chat("Hello"));
    let reply = call.knob("reply", "Nightfall.").send().await;
    assert!(reply.text().contains("Nightfall."), "{}", reply.text());
}

#[tokio::test]
async fn both_classifiers_and_pii_share_a_chain_in_its_order() {
    let config = |config: Config| {
        config
            .policy("pii-detector", "{ action: redact }")
            .policy("prompt-injection", "{ attack_patterns: [open sesame] }")
            .policy("safety-filter", "{ block_if: [nightfall] }")
    };
    let stage = Stage::configured(config).await;
    let text = "Mail jane@corp.example: open sesame, nightfall";
    let reply = stage.gateway.post(PATH).json(&chat(text)).send().await;
    assert_eq!(reply.json()["error"]["policy"], "prompt-injection");
    let header = reply.header("x-fw-policy").unwrap();
    assert!(
        header.starts_with(
            "pii-detector=redact(EMAIL:1); prompt-injection=block(PATTERN:1); safety-filter=skipped"
        ),
        "{header}"
    );
}

#[tokio::test]
async fn weights_that_are_missing_or_none_are_refused_at_the_start() {
    let upstream = Canned::json(&json!({})).await;
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    for kind in ["safety-filter", "prompt-injection"] {
        for file in ["no-such-file.fwm", own] {
            let config = Config::new()
                .base_url(&upstream.base_url())
                .policy(kind, &format!("{{ weights: '{file}' }}"));
            let output = Launch::new(config).refused().await;
            assert!(
                output.contains(kind) && output.contains("weights: ") && output.contains(file),
                "{output}"
            );
        }
    }
}
