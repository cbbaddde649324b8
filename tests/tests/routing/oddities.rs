//! What else comes from upstreams, and what else clients ask for.

use fw_tests::{
    Canned, Client, Config, Fleet, Gateway, Launch, MODEL, Sim, Target, chat, streamed,
};
use serde_json::json;

use super::{ANSWER, ask, assert_answered, both, send, target, text};

/// An upstream that always says the same, `odd`, before one that works, `sound`.
async fn after(odd: &Canned) -> (Gateway, Sim) {
    let sound = Sim::start().await;
    let targets = [("odd", odd.base_url()), ("sound", sound.base_url())];
    let targets = targets.map(|(id, url)| Target::new(id).base_url(&url));
    (Launch::new(Config::of(targets)).start().await, sound)
}

#[tokio::test]
async fn a_success_with_nothing_in_it_fails_over() {
    for content_type in ["application/json", "text/event-stream"] {
        let odd = Canned::start(content_type, &[], "").await;
        let (gateway, _sound) = after(&odd).await;
        for body in both() {
            assert_answered(&send(&gateway, &body).await, "sound", "2", content_type);
        }
    }
}

#[tokio::test]
async fn an_error_that_calls_itself_a_success_fails_over() {
    let odd =
        Canned::json(&json!({ "error": { "message": "Overloaded.", "type": "server_error" } }))
            .await;
    let (gateway, _sound) = after(&odd).await;
    for body in both() {
        assert_answered(
            &send(&gateway, &body).await,
            "sound",
            "2",
            "200 with an error",
        );
    }
}

#[tokio::test]
async fn an_answer_without_choices_fails_over() {
    let odd = Canned::json(&json!({ "id": "x", "object": "chat.completion", "choices": [] })).await;
    let (gateway, _sound) = after(&odd).await;
    assert_answered(&ask(&gateway).await, "sound", "2", "no choice");
}

#[tokio::test]
async fn a_page_in_place_of_an_answer_fails_over() {
    let odd = Canned::start("text/html", &[], "<html><body>Welcome!</body></html>").await;
    let (gateway, _sound) = after(&odd).await;
    for body in both() {
        assert_answered(&send(&gateway, &body).await, "sound", "2", "a page");
    }
}

#[tokio::test]
async fn a_large_request_is_sent_again_in_full() {
    let fleet = Fleet::start(["status=500", "reply=ok"], |config| config).await;
    let long = "word ".repeat(100_000);
    let reply = send(&fleet.gateway, &chat(&long)).await;
    assert_eq!((text(&reply).as_str(), target(&reply)), ("ok", "b"));
    for sim in &fleet.sims {
        assert_eq!(sim.last().json()["messages"][0]["content"], *long);
    }
}

#[tokio::test]
async fn what_a_policy_redacts_stays_redacted_at_every_target() {
    let fleet = Fleet::start(
        [
            "status=500",
            "reply=Write%20to%20joe%40corp.example%20please",
        ],
        |config| config.policy("pii-detector", "{ action: redact }"),
    )
    .await;
    for mut body in both() {
        body["messages"][0]["content"] = "I am jane.roe@corp.example".into();
        let reply = send(&fleet.gateway, &body).await;
        assert_eq!(target(&reply), "b");
        assert_eq!(text(&reply), "Write to [REDACTED:EMAIL] please");
        for sim in &fleet.sims {
            let sent = sim.last().json();
            assert_eq!(sent["messages"][0]["content"], "I am [REDACTED:EMAIL]");
        }
    }
}

#[tokio::test]
async fn an_http_2_client_is_served_alike() {
    let fleet = Fleet::start(["status=500", ""], |config| config).await;
    let client = Client::http2(fleet.gateway.address());
    for body in both() {
        let reply = client.post("/v1/chat/completions").json(&body).send().await;
        assert_answered(&reply, "b", "2", "HTTP/2");
    }
}

#[tokio::test]
async fn a_stored_response_is_looked_for_at_every_target() {
    let fleet = Fleet::start(["", ""], |config| config.providers("strategy: round_robin")).await;
    let body = json!({ "model": MODEL, "input": "Hello" });
    let reply = fleet.gateway.post("/v1/responses").json(&body).send().await;
    let (id, made_by) = (reply.json()["id"].clone(), target(&reply).to_owned());
    let path = format!("/v1/responses/{}", id.as_str().unwrap());
    for _ in 0..4 {
        let reply = fleet.gateway.get(&path).send().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(target(&reply), made_by);
    }
}

#[tokio::test]
async fn a_plain_answer_to_a_streamed_question_is_an_answer() {
    let choice = json!({ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": ANSWER } });
    let odd = Canned::json(&json!({ "id": "x", "object": "chat.completion", "created": 1, "model": MODEL, "choices": [choice] })).await;
    let (gateway, _sound) = after(&odd).await;
    let reply = send(&gateway, &streamed("Hello")).await;
    assert_eq!(
        (reply.status.as_u16(), target(&reply)),
        (200, "odd"),
        "{}",
        reply.text()
    );
    assert!(reply.text().contains(ANSWER));
}

#[tokio::test]
async fn a_stream_whose_second_choice_breaks_off_ends_in_an_error() {
    let chunk = |index: u32, delta: serde_json::Value, finish: serde_json::Value| {
        json!({ "id": "x", "object": "chat.completion.chunk", "created": 1, "model": MODEL,
            "choices": [{ "index": index, "delta": delta, "finish_reason": finish }] })
    };
    let odd = Canned::events(&[
        chunk(0, json!({ "content": "One" }), serde_json::Value::Null),
        chunk(1, json!({ "content": "Two" }), serde_json::Value::Null),
        chunk(0, json!({}), "stop".into()),
    ])
    .await;
    let (gateway, sound) = after(&odd).await;
    let mut body = streamed("Hello");
    body["n"] = 2.into();
    let reply = send(&gateway, &body).await;
    assert_eq!(target(&reply), "odd");
    assert!(
        reply.chunks().last().unwrap()["error"].is_object(),
        "{}",
        reply.text()
    );
    assert_eq!(sound.counters().requests, 0);
}

#[tokio::test]
async fn a_refused_method_is_nobody_s_business() {
    let fleet = Fleet::start(["", ""], |config| config).await;
    let reply = fleet.gateway.get("/v1/chat/completions").send().await;
    assert_eq!(reply.status, 405, "{}", reply.text());
    assert_eq!(fleet.requests(), [0, 0]);
}

#[tokio::test]
async fn a_question_that_is_no_json_is_nobody_s_fault() {
    let fleet = Fleet::start(["", ""], |config| config).await;
    let reply = fleet
        .gateway
        .post("/v1/chat/completions")
        .body("{\"model\":")
        .send()
        .await;
    assert_eq!(reply.status, 400, "{}", reply.text());
    assert!(fleet.requests()[1] == 0, "no other target is asked");
    assert_eq!(fleet.gateway.targets().await["a"]["failures"], 0);
}
