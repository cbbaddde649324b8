//! Replies that begin well and then do not come: until the first content, another target takes over.

use std::time::{Duration, Instant};

use fw_tests::{Canned, Config, Fleet, Launch, MODEL, Sim, Target, chat, streamed};
use serde_json::{Value, json};

use super::{ask, assert_answered, both, operations, send, target, text, together};

/// First contents are due after a second.
const SOON: &str = "first_token_timeout_seconds: 1";

/// A fleet of a broken and a sound simulator answers `body` as the sound one does.
async fn assert_fails_over(knobs: &'static str, body: &Value) {
    let fleet = Fleet::start([knobs, ""], |config| config.providers(SOON)).await;
    let reply = send(&fleet.gateway, body).await;
    assert_answered(&reply, "b", "2", knobs);
    assert_eq!(fleet.requests(), [1, 1], "{knobs}");
    fleet.idle().await;
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_head_fails_over() {
    together(
        ["fault=reset-before-head", "fault=close-before-head"],
        |knobs| async move {
            for body in both() {
                assert_fails_over(knobs, &body).await;
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_target_that_hangs_fails_over() {
    together(["fault=hang-before-head"], |knobs| async move {
        assert_fails_over(knobs, &streamed("Hello")).await;
    })
    .await;
}

#[tokio::test]
async fn a_stream_that_breaks_before_any_content_fails_over() {
    let cases = [
        // After the head, and after the event that only says who speaks.
        "fault=reset-after-head",
        "fault=reset-mid-body&fault-after=0",
        "fault=reset-mid-body&fault-after=1",
        "fault=close-mid-body&fault-after=0",
        "fault=close-mid-body&fault-after=1",
        // A clean end: of nothing, and after the role.
        "truncate-after=0",
        "truncate-after=0&comments=1",
        "truncate-after=1",
        "truncate-after=1&done=true",
        // An error in place of content.
        "error-after=0",
        "error-after=1",
        "error-after=1&error-shape=string",
        // A head, and then silence; a role, and then silence.
        "fault=hang-mid-body&fault-after=0",
        "fault=hang-mid-body&fault-after=1",
    ];
    together(cases, |knobs| async move {
        assert_fails_over(knobs, &streamed("Hello")).await;
    })
    .await;
}

#[tokio::test]
async fn a_plain_reply_that_is_not_whole_fails_over() {
    let cases = [
        "fault=reset-after-head",
        "fault=reset-mid-body",
        "fault=close-mid-body",
        "fault=wrong-length",
        "fault=cut-json",
    ];
    together(cases, |knobs| async move {
        assert_fails_over(knobs, &chat("Hello")).await;
    })
    .await;
}

#[tokio::test]
async fn every_operation_s_stream_fails_over_until_its_first_content() {
    let streams = operations()
        .into_iter()
        .filter_map(|(path, body, announced)| Some((path, body, announced?)));
    together(streams, |(path, body, events)| async move {
        let mut body = body;
        body["stream"] = true.into();
        for knobs in [
            format!("truncate-after={events}"),
            format!("error-after={events}"),
            format!("fault=reset-mid-body&fault-after={events}"),
            format!("fault=hang-mid-body&fault-after={events}"),
        ] {
            let fleet = Fleet::start([&*knobs, ""], |config| config.providers(SOON)).await;
            let reply = fleet.gateway.post(path).json(&body).send().await;
            let case = format!("{path} {knobs}: {}", reply.text());
            assert_eq!(reply.status, 200, "{case}");
            assert_eq!(target(&reply), "b", "{case}");
            let alone = fleet.sims[1].post(path).json(&body).send().await;
            assert_eq!(reply.chunks().len(), alone.chunks().len(), "{case}");
        }
    })
    .await;
}

#[tokio::test]
async fn every_operation_s_plain_reply_fails_over_until_it_is_whole() {
    together(operations(), |(path, body, _)| async move {
        for knobs in [
            "fault=close-mid-body",
            "fault=cut-json",
            "fault=reset-mid-body",
        ] {
            let fleet = Fleet::start([knobs, ""], |config| config).await;
            let reply = fleet.gateway.post(path).json(&body).send().await;
            assert_eq!(reply.status, 200, "{path} {knobs}: {}", reply.text());
            assert_eq!(target(&reply), "b", "{path} {knobs}");
            assert!(reply.json().is_object(), "{path} {knobs}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_model_may_have_nothing_to_say() {
    let chunk = |delta: &Value, finish: &Value| {
        json!({ "id": "x", "object": "chat.completion.chunk", "created": 1, "model": MODEL,
            "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] })
    };
    let role = chunk(&json!({ "role": "assistant", "content": "" }), &Value::Null);
    let finish = chunk(&json!({}), &"stop".into());
    let empty = Canned::events(&[role, finish, "[DONE]".into()]).await;
    let sound = Sim::start().await;
    let targets = [("empty", empty.base_url()), ("sound", sound.base_url())];
    let targets = targets.map(|(id, url)| Target::new(id).base_url(&url));
    let gateway = Launch::new(Config::of(targets)).start().await;
    let reply = send(&gateway, &streamed("Hello")).await;
    // It says that it is done, so it is an answer.
    assert_eq!((text(&reply).as_str(), target(&reply)), ("", "empty"));
    assert_eq!(sound.counters().requests, 0);
}

#[tokio::test]
async fn a_slow_first_token_is_waited_for_until_its_time_is_over() {
    let fleet = Fleet::start(["ttft=200ms", ""], |config| config.providers(SOON)).await;
    let reply = send(&fleet.gateway, &streamed("Hello")).await;
    assert_answered(&reply, "a", "1", "in time");
    fleet.sims[0].set("ttft=20s");
    let begun = Instant::now();
    let reply = send(&fleet.gateway, &streamed("Hello")).await;
    assert_answered(&reply, "b", "2", "too late");
    assert!(begun.elapsed() >= Duration::from_secs(1));
    fleet.sims[0]
        .wait_for("the slow one to be cancelled", |c| c.cancelled == 1)
        .await;
}

#[tokio::test]
async fn a_target_s_own_time_for_the_first_token_wins() {
    let fleet = Fleet::start(["ttft=1500ms", ""], |config| {
        config.providers(SOON).target("a", |target| {
            target.field("first_token_timeout_seconds", "20")
        })
    })
    .await;
    let reply = send(&fleet.gateway, &streamed("Hello")).await;
    assert_answered(&reply, "a", "1", "its own time is longer");
}

#[tokio::test]
async fn the_last_candidate_gets_the_time_that_remains() {
    let knobs = [
        "ttft=20s",
        "fault=hang-mid-body&fault-after=0",
        "ttft=1500ms",
    ];
    let fleet = Fleet::start(knobs, |config| config.providers(SOON)).await;
    let reply = send(&fleet.gateway, &streamed("Hello")).await;
    assert_answered(&reply, "c", "3", "nobody else is left");
}

#[tokio::test]
async fn the_only_target_keeps_its_time() {
    let fleet = Fleet::start(["ttft=20s"], |config| config.providers(SOON)).await;
    let reply = send(&fleet.gateway, &streamed("Hello")).await;
    assert_eq!(reply.status, 504, "{}", reply.text());
    reply.error();
    fleet.idle().await;
}

#[tokio::test]
async fn a_plain_reply_has_the_target_s_whole_time() {
    let fleet = Fleet::start(["head-delay=1500ms", ""], |config| config.providers(SOON)).await;
    assert_answered(&ask(&fleet.gateway).await, "a", "1", "plain");
}

#[tokio::test]
async fn a_plain_reply_that_does_not_come_in_time_fails_over() {
    let fleet = Fleet::start(["fault=hang-before-head", ""], |config| {
        config.target("a", |target| target.field("timeout_seconds", "1"))
    })
    .await;
    assert_answered(&ask(&fleet.gateway).await, "b", "2", "plain");
    fleet.idle().await;
}

#[tokio::test]
async fn when_nobody_answers_in_time_it_is_a_504() {
    let fleet = Fleet::start(["fault=hang-before-head"; 2], |config| {
        let second = |target: Target| target.field("timeout_seconds", "1");
        config.target("a", second).target("b", second)
    })
    .await;
    for body in both() {
        let reply = send(&fleet.gateway, &body).await;
        assert_eq!(reply.status, 504, "{}", reply.text());
        reply.error();
    }
    fleet.idle().await;
}
