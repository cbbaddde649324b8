//! Upstreams that break.

use fw_tests::{Config, Launch, MODEL, Reply, Stage, chat, streamed};
use serde_json::{Value, json};

async fn plain(stage: &Stage, knobs: &[(&str, &str)]) -> Reply {
    let mut call = stage.gateway.post("/v1/chat/completions");
    for (name, value) in knobs {
        call = call.knob(name, value);
    }
    call.json(&chat("Hello")).send().await
}

async fn stream(stage: &Stage, knobs: &[(&str, &str)]) -> Reply {
    let mut call = stage.gateway.post("/v1/chat/completions");
    for (name, value) in knobs {
        call = call.knob(name, value);
    }
    call.json(&streamed("Hello")).send().await
}

/// A stream that failed must not look complete: the events up to the failure, then one error in
/// OpenAI's shape, no finish reason, no `[DONE]`.
fn assert_ends_in_error(reply: &Reply, knobs: &[(&str, &str)]) -> Value {
    assert_eq!(reply.status, 200, "{knobs:?}");
    assert!(
        !reply.text().contains("[DONE]"),
        "{knobs:?}: {}",
        reply.text()
    );
    let chunks = reply.chunks();
    let (last, before) = chunks.split_last().unwrap();
    assert!(
        last["error"]["message"].is_string() && last["error"]["type"].is_string(),
        "{knobs:?}: {last}"
    );
    for chunk in before {
        assert!(
            chunk.get("error").is_none(),
            "{knobs:?}: one error: {}",
            reply.text()
        );
        for choice in chunk["choices"].as_array().unwrap() {
            assert!(choice["finish_reason"].is_null(), "{knobs:?}: {chunk}");
        }
    }
    assert!(
        reply.text().ends_with("\n\n"),
        "{knobs:?}: the last event is whole"
    );
    last["error"].clone()
}

#[tokio::test]
async fn an_upstream_that_goes_away_before_it_answers_is_a_502() {
    let stage = Stage::start().await;
    for fault in ["reset-before-head", "close-before-head"] {
        for reply in [
            plain(&stage, &[("fault", fault)]).await,
            stream(&stage, &[("fault", fault)]).await,
        ] {
            assert_eq!(reply.status, 502, "{fault}: {}", reply.text());
            reply.error();
        }
    }
}

#[tokio::test]
async fn a_stream_that_is_reset_in_the_middle_ends_in_an_error() {
    let stage = Stage::start().await;
    for fault in ["reset-mid-body", "close-mid-body"] {
        let knobs = [("fault", fault), ("fault-after", "3")];
        let reply = stream(&stage, &knobs).await;
        assert_ends_in_error(&reply, &knobs);
        assert_eq!(
            reply.chunks().len(),
            4,
            "{fault}: every event before the reset arrived"
        );
    }
}

/// As long as there is no content, nothing has been promised.
#[tokio::test]
async fn a_stream_that_breaks_before_its_first_content_is_a_plain_error() {
    let stage = Stage::start().await;
    for (name, value) in [
        ("fault", "reset-after-head"),
        ("truncate-after", "0"),
        ("truncate-after", "1"),
        ("error-after", "1"),
    ] {
        let reply = stream(&stage, &[(name, value)]).await;
        assert!(
            reply.status.is_server_error(),
            "{name} {value}: {}",
            reply.status
        );
        assert_eq!(reply.header("content-type"), Some("application/json"));
        reply.error();
    }
    let body = json!({ "model": MODEL, "max_tokens": 64, "stream": true,
        "messages": [{ "role": "user", "content": "Hello" }] });
    let call = stage.gateway.post("/v1/messages").json(&body);
    let reply = call.knob("truncate-after", "3").send().await;
    assert_eq!(reply.status, 502);
    assert_eq!(reply.json()["type"], "error", "{}", reply.text());
}

#[tokio::test]
async fn a_stream_that_ends_without_an_end_ends_in_an_error() {
    let stage = Stage::start().await;
    for after in ["2", "3"] {
        let knobs = [("truncate-after", after)];
        assert_ends_in_error(&stream(&stage, &knobs).await, &knobs);
    }
}

#[tokio::test]
async fn an_error_in_the_middle_of_a_stream_arrives_as_the_last_event() {
    let stage = Stage::start().await;
    for shape in ["object", "string"] {
        let knobs = [("error-after", "2"), ("error-shape", shape)];
        let error = assert_ends_in_error(&stream(&stage, &knobs).await, &knobs);
        assert_eq!(
            error["message"], "The model crashed while generating.",
            "{shape}"
        );
    }
}

#[tokio::test]
async fn every_dialect_is_told_of_a_broken_stream_in_its_own_words() {
    let stage = Stage::start().await;
    let completion = json!({ "model": MODEL, "prompt": "Hello", "stream": true });
    let response = json!({ "model": MODEL, "input": "Hello", "stream": true });
    let message = json!({ "model": MODEL, "max_tokens": 64, "stream": true,
        "messages": [{ "role": "user", "content": "Hello" }] });

    let call = stage
        .gateway
        .post("/v1/completions")
        .knob("truncate-after", "1")
        .json(&completion);
    assert_ends_in_error(&call.send().await, &[("endpoint", "completions")]);

    let call = stage
        .gateway
        .post("/v1/responses")
        .knob("truncate-after", "5")
        .json(&response);
    let reply = call.send().await;
    let last = reply.chunks().pop().unwrap();
    let kind = last["type"].as_str().unwrap();
    assert!(["error", "response.failed"].contains(&kind), "{last}");
    assert!(!reply.text().contains("response.completed"));

    let call = stage
        .gateway
        .post("/v1/messages")
        .knob("truncate-after", "4")
        .json(&message);
    let reply = call.send().await;
    assert!(reply.text().contains("event: error"), "{}", reply.text());
    let last = reply.chunks().pop().unwrap();
    assert_eq!(last["type"], "error");
    assert!(last["error"]["message"].is_string());
    assert!(!reply.text().contains("message_stop"));
}

#[tokio::test]
async fn a_plain_reply_that_breaks_off_is_no_success() {
    let stage = Stage::start().await;
    for fault in [
        "reset-after-head",
        "reset-mid-body",
        "close-mid-body",
        "wrong-length",
    ] {
        let mut raw = stage.gateway.connect().await;
        let knob = format!("x-sim-fault: {fault}\r\nconnection: close\r\n");
        raw.post("/v1/chat/completions", &knob, &chat("Hello").to_string())
            .await;
        let all = raw.to_end().await;
        let (head, body) = all.split_once("\r\n\r\n").unwrap_or((&all, ""));
        if head.starts_with("HTTP/1.1 200") {
            // The head was gone already: then HTTP itself must say that the body is not whole.
            let head = head.to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|l| l.strip_prefix("content-length: ")?.parse::<usize>().ok());
            match length {
                Some(length) => assert!(body.len() < length, "{fault}: {all}"),
                None => assert!(!body.ends_with("0\r\n\r\n"), "{fault}: {all}"),
            }
        } else {
            // An error, or a connection that closes without an answer.
            assert!(
                all.is_empty() || head.starts_with("HTTP/1.1 502"),
                "{fault}: {all}"
            );
        }
    }
}

#[tokio::test]
async fn an_upstream_that_hangs_is_a_504_when_its_time_is_over() {
    let stage = Stage::configured(|config| config.target_field("timeout_seconds", "1")).await;
    let reply = plain(&stage, &[("fault", "hang-before-head")]).await;
    assert_eq!(reply.status, 504, "{}", reply.text());
    reply.error();
    // A stream without a time of its own falls back to the same.
    let reply = stream(&stage, &[("fault", "hang-before-head")]).await;
    assert_eq!(reply.status, 504, "{}", reply.text());
    // Whoever was asked is told that nobody waits any more.
    stage
        .sim
        .wait_for("the upstream requests to be cancelled", |c| {
            c.cancelled == 2
        })
        .await;
}

#[tokio::test]
async fn a_stream_that_hangs_in_the_middle_ends_in_an_error() {
    let stage = Stage::configured(|c| {
        c.target_field("timeout_seconds", "60")
            .target_field("stream_timeout_seconds", "1")
    })
    .await;
    let knobs = [("fault", "hang-mid-body"), ("fault-after", "2")];
    let reply = stream(&stage, &knobs).await;
    assert_ends_in_error(&reply, &knobs);
    assert_eq!(reply.chunks().len(), 3);
    stage
        .sim
        .wait_for("the upstream request to be cancelled", |c| c.cancelled == 1)
        .await;
}

#[tokio::test]
async fn an_upstream_that_does_not_listen_is_a_502() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let config = Config::new().base_url(&format!("http://127.0.0.1:{port}/inference/v1"));
    let gateway = Launch::new(config).start().await;
    let reply = gateway
        .post("/v1/chat/completions")
        .json(&chat("Hello"))
        .send()
        .await;
    assert_eq!(reply.status, 502, "{}", reply.text());
    reply.error();
}

#[tokio::test]
async fn every_status_arrives_and_every_shape_becomes_openai_s() {
    let stage = Stage::start().await;
    for status in [
        400, 401, 402, 403, 404, 408, 412, 413, 422, 425, 429, 500, 502, 503, 504,
    ] {
        for shape in ["e1", "e2", "e3", "e4", "e5", "e7", "html", "empty"] {
            let knobs = [("status", status.to_string()), ("shape", shape.to_owned())];
            let knobs = knobs
                .each_ref()
                .map(|(name, value)| (*name, value.as_str()));
            for reply in [plain(&stage, &knobs).await, stream(&stage, &knobs).await] {
                assert_eq!(reply.status.as_u16(), status, "{shape}");
                assert_eq!(
                    reply.header("content-type"),
                    Some("application/json"),
                    "{shape}"
                );
                let error = reply.error();
                let message = error["message"].as_str().unwrap();
                assert!(!message.contains('<'), "{shape}: {message}");
            }
        }
    }
}

#[tokio::test]
async fn the_message_of_the_provider_is_kept() {
    let stage = Stage::start().await;
    for shape in ["e1", "e2", "e3", "e5"] {
        let knobs = [
            ("status", "429"),
            ("shape", shape),
            ("message", "Slow%20down%2C%20please."),
        ];
        let reply = plain(&stage, &knobs).await;
        assert_eq!(reply.error()["message"], "Slow down, please.", "{shape}");
    }
}

#[tokio::test]
async fn retry_after_arrives() {
    let stage = Stage::start().await;
    for status in ["429", "503"] {
        let reply = plain(&stage, &[("status", status), ("retry-after", "7")]).await;
        assert_eq!(reply.header("retry-after"), Some("7"), "{status}");
    }
}

#[tokio::test]
async fn errors_on_messages_stay_in_anthropic_s_shape() {
    let stage = Stage::start().await;
    let body = json!({ "model": MODEL, "max_tokens": 64, "messages": [{ "role": "user", "content": "Hello" }] });
    for (status, kind) in [
        ("429", "rate_limit_error"),
        ("500", "api_error"),
        ("401", "authentication_error"),
    ] {
        for shape in ["e1", "e6", "html"] {
            let call = stage
                .gateway
                .post("/v1/messages")
                .knob("status", status)
                .knob("shape", shape);
            let reply = call.json(&body).send().await;
            assert_eq!(reply.status.as_str(), status);
            let reply = reply.json();
            assert_eq!(reply["type"], "error", "{shape}: {reply}");
            assert_eq!(reply["error"]["type"], kind, "{shape}: {reply}");
        }
    }
}

#[tokio::test]
async fn one_broken_request_does_not_disturb_the_next() {
    let stage = Stage::start().await;
    for fault in [
        "reset-before-head",
        "reset-mid-body",
        "close-before-head",
        "cut-json",
        "wrong-length",
    ] {
        let mut raw = stage.gateway.connect().await;
        let knob = format!("x-sim-fault: {fault}\r\nconnection: close\r\n");
        raw.post("/v1/chat/completions", &knob, &chat("Hello").to_string())
            .await;
        raw.to_end().await;
        let reply = plain(&stage, &[]).await;
        assert_eq!(reply.status, 200, "after {fault}: {}", reply.text());
    }
}

/// `max_response_bytes` bounds plain replies: those that pass and those that are read as a whole.
#[tokio::test]
async fn a_plain_reply_is_refused_over_the_limit() {
    let stage = Stage::configured(|c| c.section("size_limits:\n  max_response_bytes: 4000")).await;
    let response = json!({ "model": MODEL, "input": "Hello" });
    let mut aggregated = chat("Hello");
    aggregated["max_tokens"] = 5000.into();
    for (path, body) in [
        ("/v1/responses", response),
        ("/v1/chat/completions", chat("Hello")),
        ("/v1/chat/completions", aggregated),
    ] {
        let call = stage.gateway.post(path).json(&body);
        let reply = call.clone().knob("reply-tokens", "5").send().await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        let reply = call.knob("reply-tokens", "4000").send().await;
        assert_eq!(reply.status, 502, "{path}");
        assert!(
            reply.error()["message"].as_str().unwrap().contains("4000"),
            "{path}: the limit is named"
        );
    }
}
