//! What a record says, one test for each end of a request.

use std::time::Duration;

use fw_tests::{Canned, Config, MODEL, Stage, Target, chat, streamed};
use serde_json::{Value, json};

use super::Trail;

const SECRET: &str = "jane.roe@corp.example";

#[tokio::test]
async fn a_plain_reply_has_its_record_when_the_client_has_it() {
    let trail = Trail::new();
    let stage = trail.stage("").await;
    let call = stage.gateway.post("/v1/chat/completions");
    let mut body = chat("Hello");
    body["store"] = true.into();
    let reply = call.header("x-request-id", "r-1").json(&body).send().await;
    let record = trail.finished();
    assert_eq!(reply.status, 200);
    let usage = &reply.json()["usage"];
    assert_eq!(record["request_id"], "r-1");
    assert_eq!(record["endpoint"], "chat_completions");
    assert_eq!(record["model"], MODEL);
    assert_eq!(record["model_served"], reply.json()["model"]);
    assert_eq!(record["target"], "primary");
    assert_eq!(record["attempts"][0]["target"], "primary");
    assert_eq!(record["verdict"], "allow");
    assert_eq!(record["end"], "complete");
    assert_eq!(record["status"], 200);
    assert_eq!(record["changes"], json!(["removed store"]));
    assert_eq!(record["tokens"]["prompt"], usage["prompt_tokens"]);
    assert_eq!(record["tokens"]["completion"], usage["completion_tokens"]);
    assert!(record["cost_usd"].as_f64().unwrap() > 0.0, "{record}");
    assert!(record["total_ms"].as_f64().unwrap() > 0.0);
    assert_eq!(record["bytes"], body.to_string().len());
    assert_eq!(record["reply_bytes"], reply.body.len());
    assert_eq!(record["config"]["name"], "end-to-end");
    assert_eq!(record["config"]["version"], "1.0.0");
    assert_eq!(record["config"]["digest"].as_str().unwrap().len(), 64);

    let accepted = trail.records("accepted");
    assert_eq!(accepted.len(), 1);
    assert_eq!(accepted[0]["seq"], record["accepted"]);
    assert_eq!(accepted[0]["prompt"], record["prompt"]);
    assert_eq!(accepted[0]["request_id"], "r-1");
}

#[tokio::test]
async fn a_stream_has_its_record_when_the_client_has_its_end_marker() {
    let trail = Trail::new();
    let stage = trail.stage("durability: sync").await;
    let call = stage.gateway.post("/v1/chat/completions");
    let mut live = call.json(&streamed("Hello")).open().await;
    loop {
        let event = live.event().await.unwrap().expect("an end marker");
        if event.contains("[DONE]") {
            break;
        }
    }
    let record = trail.finished();
    assert_eq!(record["end"], "complete");
    assert_eq!(record["stream"], true);
    assert!(record["ttft_ms"].as_f64().unwrap() <= record["total_ms"].as_f64().unwrap());
    // The client did not ask for usage, and does not see it.
    assert!(record["tokens"]["completion"].as_u64().unwrap() > 0);
    assert_eq!(record["model_served"], MODEL);
}

#[tokio::test]
async fn every_endpoint_is_recorded() {
    let trail = Trail::new();
    let stage = trail.stage("").await;
    for (path, body) in [
        (
            "/v1/completions",
            json!({"model": MODEL, "prompt": "Hello"}),
        ),
        ("/v1/responses", json!({"model": MODEL, "input": "Hello"})),
        (
            "/v1/responses",
            json!({"model": MODEL, "input": "Hello", "stream": true}),
        ),
        (
            "/v1/messages",
            json!({"model": MODEL, "max_tokens": 9, "stream": true, "messages": [{"role": "user", "content": "Hello"}]}),
        ),
    ] {
        let reply = stage.gateway.post(path).json(&body).send().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    let reply = stage.gateway.get("/v1/models").send().await;
    assert_eq!(reply.status, 200);
    stage.gateway.get("/health").send().await;
    let records = trail.records("finished");
    let seen: Vec<(&str, &str)> = records
        .iter()
        .map(|record| {
            (
                record["endpoint"].as_str().unwrap(),
                record["end"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("completions", "complete"),
            ("responses", "complete"),
            ("responses", "complete"),
            ("messages", "complete"),
            ("list_models", "complete"),
        ]
    );
    for record in &records[..4] {
        assert!(
            record["tokens"]["completion"].as_u64().unwrap() > 0,
            "{record}"
        );
        assert_eq!(record["model_served"], MODEL, "{record}");
    }
}

async fn with_pii(
    trail: &Trail,
    upstream: &Canned,
    action: &str,
    settings: &str,
) -> fw_tests::Gateway {
    let config = Config::new()
        .base_url(&upstream.base_url())
        .policy("pii-detector", &format!("{{ action: {action} }}"));
    trail.launch(config, settings).start().await
}

fn answer(text: &str) -> Value {
    json!({
        "model": MODEL,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
    })
}

#[tokio::test]
async fn what_was_redacted_is_counted_and_never_written() {
    let trail = Trail::new();
    let upstream = Canned::json(&answer(&format!("I wrote to {SECRET}"))).await;
    let gateway = with_pii(&trail, &upstream, "redact", "hipaa_audit_controls: true").await;
    let call = gateway
        .post("/v1/chat/completions")
        .header("x-user-id", "nurse-7");
    let reply = call.json(&chat(&format!("Write to {SECRET}"))).send().await;
    assert_eq!(reply.status, 200);
    let record = trail.finished();
    assert_eq!(record["verdict"], "redact");
    assert_eq!(record["end"], "complete");
    let said: Vec<Value> = record["policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|policy| {
            json!([
                policy["policy"],
                policy["phase"],
                policy["outcome"],
                policy["findings"]
            ])
        })
        .collect();
    assert_eq!(
        said,
        [
            json!(["pii-detector", "request", "redact", {"EMAIL": 1}]),
            json!(["pii-detector", "response", "redact", {"EMAIL": 1}]),
        ]
    );
    assert_eq!(record["hipaa"]["user"], "nurse-7");
    assert_eq!(record["hipaa"]["data_categories"], json!(["EMAIL"]));
    let text = trail.text();
    for secret in [
        "jane",
        "corp.example",
        "Write to",
        "I wrote to",
        "fw_client_key",
        fw_tests::KEY,
    ] {
        assert!(!text.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn a_denied_request_is_recorded_with_its_reason() {
    let trail = Trail::new();
    let upstream = Canned::json(&answer("never")).await;
    let gateway = with_pii(&trail, &upstream, "block", "").await;
    let call = gateway.post("/v1/chat/completions");
    let reply = call.json(&chat(&format!("Write to {SECRET}"))).send().await;
    assert_eq!(reply.status, 400);
    let record = trail.finished();
    assert_eq!(
        (&record["verdict"], &record["end"]),
        (&json!("block"), &json!("denied"))
    );
    assert_eq!(record["policies"][0]["reason"], "input_blocked");
    assert_eq!(record["status"], 400);
    assert!(record.get("target").is_none(), "{record}");
    assert!(upstream.heard().is_empty());
}

#[tokio::test]
async fn a_denied_stream_is_recorded_with_its_reason() {
    let trail = Trail::new();
    let delta = json!({"choices": [{"index": 0, "delta": {"content": format!("It is {SECRET} here")}, "finish_reason": null}]});
    let end = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
    let upstream = Canned::events(&[delta, end, "[DONE]".into()]).await;
    let gateway = with_pii(&trail, &upstream, "block", "").await;
    let call = gateway.post("/v1/chat/completions");
    let reply = call.json(&streamed("Who?")).send().await;
    assert!(reply.text().contains("output_blocked"), "{}", reply.text());
    let record = trail.finished();
    assert_eq!(
        (&record["verdict"], &record["end"]),
        (&json!("block"), &json!("denied"))
    );
    assert_eq!(record["status"], 200);
}

#[tokio::test]
async fn what_the_gateway_refuses_is_refused() {
    let trail = Trail::new();
    let stage = trail.stage("").await;
    let call = stage.gateway.post("/v1/chat/completions");
    let mut body = chat("Hello");
    body["messages"][0]["content"] = json!([{"type": "input_audio", "input_audio": {}}]);
    let reply = call.json(&body).send().await;
    assert!(reply.status.is_client_error());
    let record = trail.finished();
    assert_eq!(record["verdict"], "error");
    assert_eq!(record["status"], reply.status.as_u16());
}

#[tokio::test]
async fn upstream_faults_are_the_upstream_s() {
    for (knobs, body, status) in [
        (&[("fault", "reset-before-head")][..], chat("Hello"), 502),
        (
            &[("fault", "reset-mid-body"), ("fault-after", "3")],
            streamed("Hello"),
            200,
        ),
    ] {
        let trail = Trail::new();
        let stage = trail.stage("").await;
        let mut call = stage.gateway.post("/v1/chat/completions");
        for (name, value) in knobs {
            call = call.knob(name, value);
        }
        let reply = call.json(&body).send().await;
        assert_eq!(reply.status, status);
        let record = trail.finished();
        assert_eq!(record["end"], "upstream_error", "{knobs:?}");
        assert_eq!(record["verdict"], "error");
        assert!(record["attempts"][0]["fault"].is_string(), "{record}");
    }
}

#[tokio::test]
async fn all_attempts_are_recorded() {
    let trail = Trail::new();
    let broken = Canned::start("application/json", &[], "{").await;
    let sound = Canned::json(&answer("4")).await;
    let config = Config::of([
        Target::new("broken").base_url("http://127.0.0.1:1/v1"),
        Target::new("sound").base_url(&sound.base_url()),
    ]);
    let gateway = trail.launch(config, "").start().await;
    let call = gateway.post("/v1/chat/completions");
    let mut body = chat("2+2");
    body.as_object_mut().unwrap().remove("model");
    let reply = call.json(&body).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let record = trail.finished();
    let attempts = record["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 2, "{record}");
    assert_eq!(attempts[0]["fault"], "connect");
    assert_eq!(record["target"], "sound");
    assert_eq!(record["end"], "complete");
    drop(broken);
}

#[tokio::test]
async fn a_client_that_hangs_up_is_gone() {
    let trail = Trail::new();
    let stage = trail.stage("").await;
    let call = stage
        .gateway
        .post("/v1/chat/completions")
        .knob("fault", "hang-mid-body")
        .knob("fault-after", "2");
    let mut live = call.json(&streamed("Hello")).open().await;
    assert!(live.event().await.unwrap().is_some());
    drop(live);
    let record = trail.finished_soon().await;
    assert_eq!(record["end"], "client_gone");
    assert_eq!(record["target"], "primary");
}

#[tokio::test]
async fn a_client_that_hangs_up_before_the_head_is_gone() {
    let trail = Trail::new();
    let stage = trail.stage("").await;
    let mut raw = stage.gateway.connect().await;
    raw.post(
        "/v1/chat/completions",
        "x-sim-fault: hang-before-head\r\n",
        &chat("Hello").to_string(),
    )
    .await;
    stage
        .sim
        .wait_for("the request upstream", |c| c.in_flight == 1)
        .await;
    // It was accepted, and is not finished: so a process that dies now leaves it.
    let accepted = async {
        while trail.records("accepted").is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    fw_tests::within("its record", accepted).await;
    assert!(trail.records("finished").is_empty());
    drop(raw);
    let record = trail.finished_soon().await;
    assert_eq!(record["end"], "client_gone");
    assert_eq!(record["attempts"][0]["target"], "primary");
    assert!(record.get("status").is_none());
}

#[tokio::test]
async fn only_what_was_not_allowed_is_kept_if_so_configured() {
    let trail = Trail::new();
    let upstream = Canned::json(&answer("4")).await;
    let gateway = with_pii(&trail, &upstream, "redact", "log_all_access: false").await;
    for text in ["2+2", SECRET] {
        let reply = gateway
            .post("/v1/chat/completions")
            .json(&chat(text))
            .send()
            .await;
        assert_eq!(reply.status, 200);
    }
    assert!(trail.records("accepted").is_empty());
    assert_eq!(trail.finished()["verdict"], "redact");
}

#[tokio::test]
async fn redacted_text_is_kept_if_so_configured() {
    let trail = Trail::new();
    let upstream = Canned::json(&answer("4")).await;
    let settings = "capture: redacted, client_identity: clear";
    let gateway = with_pii(&trail, &upstream, "redact", settings).await;
    let call = gateway
        .post("/v1/chat/completions")
        .header("x-user-id", "team-a");
    call.json(&chat(&format!("Write to {SECRET}"))).send().await;
    let record = trail.finished();
    let kept = record["captured"]["request"].as_str().unwrap();
    assert!(kept.contains("Write to [REDACTED:EMAIL]"), "{kept}");
    assert_eq!(record["client"], "team-a");
    assert!(!trail.text().contains("jane"));
}

#[tokio::test]
async fn the_log_tells_its_numbers() {
    let trail = Trail::new();
    let stage = trail.stage("").await;
    let reply = stage
        .gateway
        .post("/v1/chat/completions")
        .json(&chat("Hello"))
        .send()
        .await;
    assert_eq!(reply.status, 200);
    // Synced within 100 ms.
    let metrics = loop {
        let reply = stage.gateway.get("/metrics").send().await;
        assert_eq!(
            reply.header("content-type"),
            Some("text/plain; version=0.0.4; charset=utf-8")
        );
        let text = reply.text().to_owned();
        // The first line of the file, two records, and more if there was a checkpoint.
        let head = text.lines().find(|line| line.starts_with("fw_audit_head "));
        let number = head.and_then(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
        if number.expect("a head") >= 2 {
            break text;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    for line in [
        "fw_audit_records_total 2",
        "fw_audit_queue_depth 0",
        "fw_audit_dropped_total 0",
        "fw_audit_refused_total 0",
        "fw_audit_healthy 1",
    ] {
        assert!(
            metrics.lines().any(|seen| seen == line),
            "{line} is not in {metrics}"
        );
    }
    assert!(
        metrics.contains("fw_audit_commit_seconds_bucket{le=\"+Inf\"}"),
        "{metrics}"
    );
}

#[tokio::test]
async fn without_the_policy_there_is_no_log() {
    let stage = Stage::start().await;
    let reply = stage.gateway.get("/metrics").send().await;
    assert!(reply.text().contains("fw_build_info{version="));
    assert!(!reply.text().contains("fw_audit"), "{}", reply.text());
}
