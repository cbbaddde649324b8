//! Names for several targets, and names in a request that say where it goes.

use std::collections::BTreeSet;

use fw_tests::{Config, Fleet, Gateway, Launch, MODEL, Reply, Target, chat};
use serde_json::{Value, json};

use super::{ANSWER, NO_BREAKER, assert_answered, send, target, text};

const KIMI: &str = "accounts/fireworks/models/kimi-k3";

async fn ask_for(gateway: &Gateway, model: &str) -> Reply {
    send(gateway, &asking_for(model)).await
}

fn asking_for(model: &str) -> Value {
    let mut body = chat("Hello");
    body["model"] = model.into();
    body
}

/// Three targets and groups of them.
async fn fleet(knobs: [&str; 3], groups: &str) -> Fleet {
    Fleet::start(knobs, |config: Config| {
        config
            .providers(NO_BREAKER)
            .section(&format!("model_groups:\n{groups}"))
    })
    .await
}

#[tokio::test]
async fn a_group_s_name_means_its_targets() {
    let groups = "  - { name: small, targets: [b, c] }";
    let fleet = fleet(["", "", ""], groups).await;
    assert_answered(
        &ask_for(&fleet.gateway, "small").await,
        "b",
        "1",
        "the first of the group",
    );
    assert_eq!(
        fleet.sims[1].last().json()["model"],
        MODEL,
        "the target's own model"
    );
    fleet.sims[1].set("status=500");
    assert_answered(
        &ask_for(&fleet.gateway, "small").await,
        "c",
        "2",
        "the next of the group",
    );
    fleet.sims[2].set("status=500");
    let reply = ask_for(&fleet.gateway, "small").await;
    assert_eq!(reply.status, 500, "{}", reply.text());
    assert_eq!(
        fleet.requests(),
        [0, 3, 2],
        "nobody outside of the group is asked"
    );
}

#[tokio::test]
async fn other_names_go_where_they_went_before() {
    let fleet = fleet(["", "", ""], "  - { name: small, targets: [b, c] }").await;
    for model in [MODEL, "glm-5p3", KIMI] {
        assert_answered(&ask_for(&fleet.gateway, model).await, "a", "1", model);
    }
    assert_answered(
        &ask_for(&fleet.gateway, "c").await,
        "c",
        "1",
        "a target's id",
    );
}

#[tokio::test]
async fn an_alias_is_another_name() {
    let groups = "  - { name: small, targets: [c], aliases: [tiny, gpt-4o-mini] }";
    let fleet = fleet(["", "", ""], groups).await;
    for name in ["small", "tiny", "gpt-4o-mini"] {
        assert_answered(&ask_for(&fleet.gateway, name).await, "c", "1", name);
        assert_eq!(fleet.sims[2].last().json()["model"], MODEL, "{name}");
    }
}

#[tokio::test]
async fn a_member_may_have_a_model_of_its_own() {
    let groups = format!(
        "  - name: mixed\n    targets:\n      - {{ provider: b, model: {KIMI} }}\n      - c\n"
    );
    let fleet = fleet(["", "", ""], &groups).await;
    let reply = ask_for(&fleet.gateway, "mixed").await;
    assert_eq!(text(&reply), ANSWER);
    assert_eq!(fleet.sims[1].last().json()["model"], KIMI);
    fleet.sims[1].set("status=500");
    assert_answered(
        &ask_for(&fleet.gateway, "mixed").await,
        "c",
        "2",
        "the next member",
    );
    assert_eq!(fleet.sims[2].last().json()["model"], MODEL);
}

#[tokio::test]
async fn two_models_of_one_target_stand_in_for_each_other() {
    let groups = format!(
        "  - name: mixed\n    targets:\n      - {{ provider: a, model: {KIMI} }}\n      - {{ provider: a, model: {MODEL} }}\n"
    );
    let missing = fw_sim::Simulator::new().without_model(KIMI);
    let fleet = Fleet::of([missing], |config| {
        config.section(&format!("model_groups:\n{groups}"))
    })
    .await;
    let reply = ask_for(&fleet.gateway, "mixed").await;
    assert_eq!(text(&reply), ANSWER);
    assert_eq!(reply.json()["model"], MODEL);
    let asked = fleet.sims[0].requests();
    let asked: Vec<_> = asked
        .iter()
        .map(|request| request.json()["model"].clone())
        .collect();
    assert_eq!(asked, [KIMI, MODEL]);
}

#[tokio::test]
async fn the_older_spelling_of_members_is_understood() {
    let groups = format!(
        "  - name: mixed\n    strategy: weighted\n    models:\n      - {{ provider: b, model: {KIMI}, weight: 2 }}\n      - {{ provider: c, model: {MODEL}, weight: 1 }}\n"
    );
    let fleet = fleet(["", "", ""], &groups).await;
    for _ in 0..6 {
        assert_eq!(text(&ask_for(&fleet.gateway, "mixed").await), ANSWER);
    }
    assert_eq!(fleet.requests(), [0, 4, 2]);
}

#[tokio::test]
async fn a_group_has_a_strategy_of_its_own() {
    let groups = "  - { name: turn, targets: [a, b, c], strategy: round_robin }\n  - { name: one, targets: [c, b], strategy: single }";
    let fleet = fleet(["", "", ""], groups).await;
    for _ in 0..6 {
        ask_for(&fleet.gateway, "turn").await;
    }
    assert_eq!(fleet.requests(), [2, 2, 2]);
    for _ in 0..3 {
        assert_answered(&ask_for(&fleet.gateway, "one").await, "c", "1", "single");
    }
}

#[tokio::test]
async fn a_group_that_fails_has_another_group_to_fall_back_to() {
    let groups = "  - { name: big, targets: [a, b], fallback_group: small }\n  - { name: small, targets: [c] }";
    let fleet = fleet(["status=500", "status=503", ""], groups).await;
    let reply = ask_for(&fleet.gateway, "big").await;
    assert_answered(&reply, "c", "3", "the other group");
    assert_eq!(fleet.requests(), [1, 1, 1]);
}

#[tokio::test]
async fn groups_that_fall_back_to_each_other_are_refused() {
    let groups = "  - { name: big, targets: [a], fallback_group: small }\n  - { name: small, targets: [b], fallback_group: big }";
    let targets = ["a", "b"].map(|id| Target::new(id).base_url("http://127.0.0.1:9/v1"));
    let config = Config::of(targets).section(&format!("model_groups:\n{groups}"));
    let said = Launch::new(config).refused().await;
    assert!(
        said.contains("fallback_group") && said.contains("big"),
        "{said}"
    );
}

#[tokio::test]
async fn a_request_may_name_what_it_falls_back_to() {
    let groups = "  - { name: big, targets: [a] }\n  - { name: small, targets: [b, c] }";
    let fleet = fleet(["status=500", "status=500", ""], groups).await;
    let mut body = asking_for("big");
    body["fallbacks"] = json!(["small"]);
    let reply = send(&fleet.gateway, &body).await;
    assert_answered(&reply, "c", "3", "a, then b and c of the group it named");
    for sim in &fleet.sims {
        let sent = sim.last().json();
        assert!(
            sent.get("fallbacks").is_none(),
            "not the provider's business: {sent}"
        );
        assert_eq!(sent["model"], MODEL);
    }
}

#[tokio::test]
async fn a_request_may_fall_back_to_another_model() {
    let missing = || fw_sim::Simulator::new().without_model(KIMI);
    let fleet = Fleet::of([missing(), missing()], |config| config).await;
    let mut body = asking_for(KIMI);
    body["fallbacks"] = json!(["accounts/fireworks/models/nobody-knows-it", MODEL]);
    let reply = send(&fleet.gateway, &body).await;
    assert_eq!(text(&reply), ANSWER);
    assert_eq!(reply.json()["model"], MODEL);
}

#[tokio::test]
async fn fallbacks_never_reach_the_provider_even_when_the_first_answers() {
    let fleet = fleet(["", "", ""], "  - { name: small, targets: [b, c] }").await;
    let mut body = asking_for(MODEL);
    body["fallbacks"] = json!(["small"]);
    assert_answered(&send(&fleet.gateway, &body).await, "a", "1", "");
    assert!(fleet.sims[0].last().json().get("fallbacks").is_none());
    assert_eq!(fleet.requests(), [1, 0, 0]);
}

#[tokio::test]
async fn a_provider_s_prefix_means_its_targets() {
    let fleet = Fleet::start(["", "", ""], |config| {
        config.target("c", |target| target.provider("openai"))
    })
    .await;
    for (model, expected) in [
        ("openai/accounts/fireworks/models/glm-5p3", "c"),
        ("fireworks/glm-5p3", "a"),
        ("fireworks/accounts/fireworks/models/kimi-k3", "a"),
    ] {
        let reply = ask_for(&fleet.gateway, model).await;
        assert_answered(&reply, expected, "1", model);
    }
    assert_eq!(
        fleet.sims[2].last().json()["model"],
        MODEL,
        "without the prefix"
    );
}

#[tokio::test]
async fn every_operation_may_name_a_group() {
    let embeddings = "accounts/fireworks/models/qwen3-embedding-8b";
    let groups = format!(
        "  - {{ name: small, targets: [c] }}\n  - name: vectors\n    targets:\n      - {{ provider: b, model: {embeddings} }}"
    );
    let fleet = fleet(["", "", ""], &groups).await;
    for (path, mut body, _) in super::operations() {
        let vectors = path == "/v1/embeddings";
        body["model"] = if vectors { "vectors" } else { "small" }.into();
        let reply = fleet.gateway.post(path).json(&body).send().await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        if !vectors {
            assert_eq!(target(&reply), "c", "{path}");
        }
    }
    assert_eq!(fleet.requests(), [0, 1, 4]);
}

#[tokio::test]
async fn groups_are_listed_as_models() {
    let groups = "  - { name: small, targets: [b, c], aliases: [tiny] }";
    let fleet = fleet(["", "", ""], groups).await;
    let reply = fleet.gateway.get("/v1/models").send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let listed = reply.json();
    let ids: BTreeSet<_> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["id"].as_str().unwrap())
        .collect();
    assert!(ids.contains("small"), "{ids:?}");
}
