//! From the first content on an answer belongs to one target: whatever happens to it, nothing of another
//! follows.

use fw_tests::{ByHand, Config, Fleet, Launch, MODEL, Reply, Target, streamed, within};
use serde_json::json;

use super::{ANSWER, attempts, operations, send, streamed_text, target, text, together};

/// A stream of one target that ends in an error in the client's dialect: the text before it once, no finish
/// reason, no `[DONE]`, nothing of another target.
fn assert_broken_off(reply: &Reply, case: &str) {
    assert_eq!(reply.status, 200, "{case}");
    assert_eq!((target(reply), attempts(reply)), ("a", "1"), "{case}");
    assert!(!reply.text().contains("[DONE]"), "{case}: {}", reply.text());
    let chunks = reply.chunks();
    let (error, before) = chunks.split_last().unwrap();
    assert!(
        error["error"]["message"].is_string(),
        "{case}: {}",
        reply.text()
    );
    let said = streamed_text(before);
    assert!(
        !said.is_empty() && ANSWER.starts_with(&said) && said != ANSWER,
        "{case}: {said}"
    );
    for chunk in before {
        assert!(chunk.get("error").is_none(), "{case}: one error");
        assert!(chunk["choices"][0]["finish_reason"].is_null(), "{case}");
    }
}

#[tokio::test]
async fn a_stream_that_breaks_after_content_ends_in_an_error() {
    let cases = [
        "fault=reset-mid-body&fault-after=2",
        "fault=reset-mid-body&fault-after=3",
        "fault=close-mid-body&fault-after=2",
        "truncate-after=2",
        "truncate-after=2&done=true",
        "error-after=2",
        "error-after=2&error-shape=string",
    ];
    together(cases, |knobs| async move {
        let knobs = format!("{knobs}&tokens-per-event=1");
        let fleet = Fleet::start([&*knobs, ""], |config| config).await;
        let reply = send(&fleet.gateway, &streamed("Hello")).await;
        assert_broken_off(&reply, &knobs);
        assert_eq!(fleet.requests(), [1, 0], "{knobs}");
        fleet.idle().await;
    })
    .await;
}

#[tokio::test]
async fn a_stream_that_falls_silent_after_content_ends_in_an_error() {
    let knobs = "fault=hang-mid-body&fault-after=2&tokens-per-event=1";
    let fleet = Fleet::start([knobs, ""], |config| {
        config.target("a", |target| target.field("idle_timeout_seconds", "1"))
    })
    .await;
    let reply = send(&fleet.gateway, &streamed("Hello")).await;
    assert_broken_off(&reply, knobs);
    fleet.sims[0]
        .wait_for("the silent one to be cancelled", |c| c.cancelled == 1)
        .await;
    assert_eq!(fleet.requests(), [1, 0]);
    fleet.idle().await;
}

#[tokio::test]
async fn comments_are_silence() {
    let (mut first, second) = (ByHand::start().await, ByHand::start().await);
    let target = Target::new("first").base_url(&first.base_url());
    let targets = [
        target.field("idle_timeout_seconds", "1"),
        Target::new("second").base_url(&second.base_url()),
    ];
    let gateway = Launch::new(Config::of(targets)).start().await;
    let call = gateway.post("/v1/chat/completions");
    let call = call.json(&streamed("Hello"));
    let begin = async {
        let stream = first.next().await.stream();
        stream.role();
        stream.text("One.");
        stream
    };
    let (live, stream) = tokio::join!(call.open(), begin);
    let rest = tokio::spawn(live.rest());
    within("the end of patience", async {
        while !stream.is_abandoned() {
            stream.send(": still here\n\n");
            gateway.get("/healthz").send().await;
        }
    })
    .await;
    let rest = rest.await.unwrap().unwrap();
    assert!(rest.contains("\"error\""), "{rest}");
    assert_eq!(second.arrived(), 0);
}

#[tokio::test]
async fn a_stream_that_takes_too_long_in_all_ends_in_an_error() {
    // It is never silent for long, but it does not end either.
    let knobs = "reply-tokens=1000&tokens-per-event=1&event-delay=50ms";
    let fleet = Fleet::start([knobs, ""], |config| {
        config.target("a", |target| target.field("stream_timeout_seconds", "1"))
    })
    .await;
    let reply = send(&fleet.gateway, &streamed("Hello")).await;
    assert_eq!(reply.status, 200);
    let chunks = reply.chunks();
    let error = chunks.last().unwrap();
    assert!(error["error"]["message"].is_string(), "{error}");
    assert!(!reply.text().contains("[DONE]"));
    assert_eq!(fleet.requests(), [1, 0]);
}

#[tokio::test]
async fn every_operation_s_stream_breaks_off_in_its_own_words() {
    let streams = operations()
        .into_iter()
        .filter_map(|(path, body, announced)| Some((path, body, announced?)));
    together(streams, |(path, body, events)| async move {
        let mut body = body;
        body["stream"] = true.into();
        let knobs = format!("tokens-per-event=1&truncate-after={}", events + 1);
        let fleet = Fleet::start([&*knobs, ""], |config| config).await;
        let reply = fleet.gateway.post(path).json(&body).send().await;
        assert_eq!(
            (reply.status.as_u16(), target(&reply)),
            (200, "a"),
            "{path}"
        );
        let chunks = reply.chunks();
        let last = chunks.last().unwrap();
        match path {
            "/v1/messages" => {
                assert_eq!(last["type"], "error", "{last}");
                assert!(last["error"]["message"].is_string(), "{last}");
            }
            "/v1/responses" => {
                let kind = last["type"].as_str().unwrap();
                assert!(["error", "response.failed"].contains(&kind), "{last}");
            }
            _ => assert!(last["error"]["message"].is_string(), "{path}: {last}"),
        }
        assert_eq!(fleet.requests(), [1, 0], "{path}");
    })
    .await;
}

#[tokio::test]
async fn reasoning_and_tool_calls_are_content() {
    let tools = json!([{ "type": "function", "function": { "name": "weather",
        "parameters": { "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] } } }]);
    for (knobs, body) in [
        ("reasoning=on&truncate-after=2", streamed("Hello")),
        ("truncate-after=2", {
            let mut body = streamed("What is the weather?");
            body["tools"] = tools;
            body
        }),
    ] {
        let fleet = Fleet::start([knobs, ""], |config| config).await;
        let reply = send(&fleet.gateway, &body).await;
        assert_eq!(target(&reply), "a", "{knobs}: {}", reply.text());
        assert!(
            !reply.text().contains("[DONE]"),
            "{knobs}: {}",
            reply.text()
        );
        assert_eq!(fleet.requests(), [1, 0], "{knobs}");
    }
}

#[tokio::test]
async fn events_of_a_stream_arrive_as_they_are_made() {
    let (mut first, second) = (ByHand::start().await, ByHand::start().await);
    let targets = [("first", &first), ("second", &second)];
    let targets = targets.map(|(id, at)| Target::new(id).base_url(&at.base_url()));
    let gateway = Launch::new(Config::of(targets)).start().await;
    let call = gateway
        .post("/v1/chat/completions")
        .json(&streamed("Hello"));
    let begin = async {
        let stream = first.next().await.stream();
        stream.role();
        stream.text("One, ");
        stream
    };
    let (mut live, stream) = tokio::join!(call.open(), begin);
    assert_eq!(live.headers["x-fw-target"], "first");
    let role = live.event().await.unwrap().unwrap();
    assert!(role.contains("assistant"), "{role}");
    let one = live.event().await.unwrap().unwrap();
    assert!(one.contains("One, "), "{one}");
    stream.text("two.");
    let two = live.event().await.unwrap().unwrap();
    assert!(two.contains("two."), "{two}");
    stream.end();
    let rest = live.rest().await.unwrap();
    assert!(rest.ends_with("data: [DONE]\n\n"), "{rest}");
    assert_eq!(second.arrived(), 0);
}

#[tokio::test]
async fn what_came_before_the_first_content_of_a_failed_stream_is_forgotten() {
    let (mut first, mut second) = (ByHand::start().await, ByHand::start().await);
    let targets = [("first", &first), ("second", &second)];
    let targets = targets.map(|(id, at)| Target::new(id).base_url(&at.base_url()));
    let gateway = Launch::new(Config::of(targets)).start().await;
    let body = streamed("Hello");
    let answers = async {
        let stream = first.next().await.stream();
        stream.send(": a comment of the first\n\n");
        stream.role();
        drop(stream);
        let stream = second.next().await.stream();
        stream.role();
        stream.text("Second.");
        stream.end();
    };
    let (reply, ()) = tokio::join!(send(&gateway, &body), answers);
    assert_eq!(
        (text(&reply).as_str(), target(&reply)),
        ("Second.", "second")
    );
    assert!(
        !reply.text().contains("comment of the first"),
        "{}",
        reply.text()
    );
    let roles = reply.chunks();
    let roles = roles
        .iter()
        .filter(|chunk| chunk["choices"][0]["delta"]["role"].is_string());
    assert_eq!(roles.count(), 1, "{}", reply.text());
}

#[tokio::test]
async fn a_plain_answer_that_is_put_together_from_a_stream_fails_over_too() {
    // Fireworks streams what is longer than 4,096 tokens; the gateway puts it together.
    let body = json!({ "model": MODEL, "max_tokens": 5000, "messages": [{ "role": "user", "content": "Hello" }] });
    let cases = [
        "truncate-after=3",
        "error-after=3",
        "fault=reset-mid-body&fault-after=3",
    ];
    for knobs in cases {
        let fleet = Fleet::start([knobs, ""], |config| config).await;
        let reply = send(&fleet.gateway, &body).await;
        super::assert_answered(&reply, "b", "2", knobs);
        assert_eq!(reply.json()["object"], "chat.completion", "{knobs}");
    }
}
