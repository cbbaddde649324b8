//! Who speaks what: the settings `messages` and `responses` of targets, and targets that differ.

use fw_sim::Simulator;
use fw_tests::{Config, Launch, Sim, Target};
use http::Method;
use serde_json::json;

use super::{MODEL, events, input, message, streamed};

#[tokio::test]
async fn a_fireworks_target_gets_everything_as_it_is_unless_it_shall_not() {
    let sim = Sim::start().await;
    let config = Config::new().base_url(&sim.base_url());
    let native = Launch::new(config.clone()).start().await;
    let converting = config
        .target_field("messages", "convert")
        .target_field("responses", "emulate");
    let converting = Launch::new(converting).start().await;
    for (path, body) in [
        ("/v1/messages", message("Hello")),
        ("/v1/responses", input("Hello")),
    ] {
        let mut body = body;
        body["model"] = json!(fw_tests::MODEL);
        let reply = native.post(path).json(&body).send().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(sim.last().path, format!("/inference{path}"));
        let reply = converting.post(path).json(&body).send().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(sim.last().path, "/inference/v1/chat/completions");
    }
}

#[tokio::test]
async fn messages_and_responses_fall_back_to_a_target_of_another_kind() {
    let fireworks = Sim::with("status=503").await;
    let openai = Sim::of(Simulator::new().openai()).await;
    let config = Config::of([
        Target::new("fireworks").base_url(&fireworks.base_url()),
        Target::new("openai")
            .provider("openai")
            .model(MODEL)
            .base_url(&openai.base_url()),
    ]);
    let gateway = Launch::new(config).start().await;
    for (path, mut body) in [
        ("/v1/messages", message("Hello")),
        ("/v1/responses", input("Hello")),
    ] {
        body["model"] = json!("fireworks");
        let reply = gateway.post(path).json(&body).send().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.header("x-fw-target"), Some("openai"));
        assert!(reply.text().contains("You said: Hello"), "{}", reply.text());
        assert_eq!(openai.last().json()["model"], MODEL);
    }
}

#[tokio::test]
async fn a_conversation_that_began_at_a_chat_only_target_goes_on_at_fireworks() {
    let fireworks = Sim::with("status=503").await;
    let openai = Sim::of(Simulator::new().openai()).await;
    let config = Config::of([
        Target::new("fireworks").base_url(&fireworks.base_url()),
        Target::new("openai")
            .provider("openai")
            .model(MODEL)
            .base_url(&openai.base_url()),
    ]);
    let gateway = Launch::new(config).start().await;
    let mut body = input("I am Ada.");
    body["model"] = json!("fireworks");
    let first = gateway.post("/v1/responses").json(&body).send().await;
    assert_eq!(first.status, 200, "{}", first.text());
    let first = first.json();
    fireworks.set("");

    body["input"] = json!("Who am I?");
    body["previous_response_id"] = first["id"].clone();
    let second = gateway.post("/v1/responses").json(&body).send().await;
    assert_eq!(second.status, 200, "{}", second.text());
    assert_eq!(second.header("x-fw-target"), Some("fireworks"));
    let asked = fireworks.last().json();
    assert_eq!(asked.get("previous_response_id"), None, "{asked}");
    let asked = asked["input"].to_string();
    for part in ["I am Ada.", "You said: I am Ada.", "Who am I?"] {
        assert!(asked.contains(part), "{asked}");
    }

    // What each of them keeps is found, wherever the request arrives first.
    for id in [&first["id"], &second.json()["id"]] {
        let path = format!("/v1/responses/{}", id.as_str().unwrap());
        let read = gateway.get(&path).send().await;
        assert_eq!(read.status, 200, "{}", read.text());
        assert_eq!(&read.json()["id"], id);
        let deleted = gateway.client().call(Method::DELETE, &path).send().await;
        assert_eq!(deleted.json()["deleted"], true, "{}", deleted.text());
    }
}

/// Whichever of the two comes first.
#[tokio::test]
async fn what_fireworks_keeps_is_found_behind_a_chat_only_target() {
    let fireworks = Sim::start().await;
    let openai = Sim::of(Simulator::new().openai()).await;
    let config = Config::of([
        Target::new("openai")
            .provider("openai")
            .model(MODEL)
            .base_url(&openai.base_url()),
        Target::new("fireworks").base_url(&fireworks.base_url()),
    ]);
    let gateway = Launch::new(config).start().await;
    let mut body = input("I am Ada.");
    body["model"] = json!("fireworks");
    let first = gateway.post("/v1/responses").json(&body).send().await;
    assert_eq!(first.header("x-fw-target"), Some("fireworks"));
    let id = first.json()["id"].clone();
    let path = format!("/v1/responses/{}", id.as_str().unwrap());
    let read = gateway.get(&path).send().await;
    assert_eq!(read.status, 200, "{}", read.text());
    assert_eq!(read.json()["id"], id);

    // It goes on where it is known.
    body["model"] = json!("openai");
    body["input"] = json!("Who am I?");
    body["previous_response_id"] = id;
    let second = gateway.post("/v1/responses").json(&body).send().await;
    assert_eq!(second.status, 200, "{}", second.text());
    assert_eq!(second.header("x-fw-target"), Some("fireworks"));

    let deleted = gateway.client().call(Method::DELETE, &path).send().await;
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    let gone = gateway.get(&path).send().await;
    assert_eq!(gone.status, 404, "{}", gone.text());
    gone.error();
}

#[tokio::test]
async fn a_copy_for_the_mirror_is_not_kept() {
    let sims = [
        Sim::of(Simulator::new().openai()).await,
        Sim::of(Simulator::new().openai()).await,
    ];
    let target = |id: &str, sim: &Sim| {
        let target = Target::new(id).provider("openai").model(MODEL);
        target.base_url(&sim.base_url())
    };
    let config = Config::of([target("a", &sims[0]), target("b", &sims[1])])
        .providers("strategy: single\nmirror: { enabled: true, mirror_target: b }");
    let gateway = Launch::new(config).start().await;
    for (number, body) in (1..).zip([input("Hello"), streamed(input("Hello"))]) {
        let reply = gateway.post("/v1/responses").json(&body).send().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        sims[1]
            .wait_for("the copy", |counts| counts.completed == number)
            .await;
    }
    let list = gateway.get("/v1/responses").send().await.json();
    assert_eq!(list["data"].as_array().unwrap().len(), 2, "{list}");
}

#[tokio::test]
async fn responses_outlive_the_gateway_if_they_have_a_file() {
    let sim = Sim::of(Simulator::new().openai()).await;
    let file = format!("fw-tests-responses-{}.redb", std::process::id());
    let file = std::env::temp_dir().join(file);
    let _ = std::fs::remove_file(&file);
    let target = Target::new("chat").provider("openai").model(MODEL);
    let config = Config::of([target.base_url(&sim.base_url())]).section(&format!(
        "responses_store: {{ path: '{}', retention_days: 1 }}",
        file.display()
    ));
    let mut gateway = Launch::new(config.clone()).start().await;
    let created = gateway
        .post("/v1/responses")
        .json(&input("Hello"))
        .send()
        .await;
    assert_eq!(created.status, 200, "{}", created.text());
    gateway.terminate().await;
    gateway.ended().await;

    let gateway = Launch::new(config).start().await;
    let path = format!("/v1/responses/{}", created.json()["id"].as_str().unwrap());
    let read = gateway.get(&path).send().await;
    assert_eq!(read.json(), created.json());
    drop(gateway);
    let _ = std::fs::remove_file(file);
}

#[tokio::test]
async fn one_file_is_for_one_gateway_and_a_file_that_is_none_is_left_alone() {
    let file = format!("fw-tests-responses-shared-{}.redb", std::process::id());
    let file = std::env::temp_dir().join(file);
    let _ = std::fs::remove_file(&file);
    let target = Target::new("chat").provider("vllm").model(MODEL);
    let config = Config::of([target.base_url("http://127.0.0.1:9")]).section(&format!(
        "responses_store: {{ path: '{}' }}",
        file.display()
    ));
    let gateway = Launch::new(config.clone()).start().await;
    let said = Launch::new(config.clone()).refused().await;
    assert!(
        said.contains("the store of responses cannot be opened"),
        "{said}"
    );
    assert!(said.contains(&file.display().to_string()), "{said}");
    drop(gateway);

    std::fs::write(&file, "a letter").unwrap();
    let said = Launch::new(config).refused().await;
    assert!(
        said.contains("the store of responses cannot be opened"),
        "{said}"
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "a letter");
    let _ = std::fs::remove_file(file);
}

#[tokio::test]
async fn a_stream_that_breaks_before_its_first_word_goes_on_at_another_target() {
    for fault in [
        "error-after=1",
        "truncate-after=1",
        "fault=reset-mid-body&fault-after=1",
    ] {
        let broken = Sim::of(Simulator::new().openai()).await;
        broken.set(fault);
        let sound = Sim::of(Simulator::new().openai()).await;
        let target = |id: &str, sim: &Sim| {
            let target = Target::new(id).provider("openai").model(MODEL);
            target.base_url(&sim.base_url())
        };
        let config = Config::of([target("broken", &broken), target("sound", &sound)]);
        let gateway = Launch::new(config).start().await;
        for (path, body) in [
            ("/v1/messages", message("Hello")),
            ("/v1/responses", input("Hello")),
        ] {
            let mut body = streamed(body);
            body["model"] = json!("broken");
            let reply = gateway.post(path).json(&body).send().await;
            assert_eq!(reply.status, 200, "{fault}: {}", reply.text());
            assert_eq!(
                reply.header("x-fw-target"),
                Some("sound"),
                "{fault} {path}: {}",
                reply.text()
            );
            let last = events(&reply).pop().unwrap().0;
            assert!(
                ["message_stop", "response.completed"].contains(&last.as_str()),
                "{fault}: {last}"
            );
        }
    }
}
