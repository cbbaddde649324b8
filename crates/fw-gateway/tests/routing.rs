//! What the configuration's routing does: which target gets a request, by which name and with which key.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use bytes::Bytes;
use fw_gateway::Gateway;
use fw_gateway::config::Config;
use fw_sim::{Fault, Running, Simulator};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use tower::ServiceExt;

/// Two models and a simulator behind them; what a test adds stands in `TARGETS`.
struct Stage {
    simulator: Running,
    gateway: Gateway,
}

const BIG: &str = "accounts/fireworks/models/gpt-oss-120b";
const SMALL: &str = "accounts/fireworks/models/gpt-oss-20b";
const THIRD: &str = "accounts/fireworks/models/glm-5p3";

impl Stage {
    /// `SIM` in `yaml` stands for the simulator's address; each variable holds a key named like it.
    async fn new(yaml: &str, change: impl FnOnce(Simulator) -> Simulator) -> Self {
        let simulator = change(Simulator::new().any_model()).start().await.unwrap();
        let yaml = yaml
            .replace("SIM", simulator.base_url().as_str())
            .replace("BIG", BIG)
            .replace("SMALL", SMALL)
            .replace("THIRD", THIRD);
        let yaml = format!("pack: {{name: x, version: 1.0.0}}\npolicies: {{chain: []}}\n{yaml}");
        let config = Config::parse("f.yaml", &yaml).unwrap();
        assert_eq!(config.unsupported_by_this_build(), Vec::<String>::new());
        let key = |name: &str| Some(format!("fw_{}", name.to_ascii_lowercase()));
        Self {
            simulator,
            gateway: Gateway::new(&config, key).unwrap(),
        }
    }

    async fn ask(&self, model: &str) -> Response<Value> {
        self.send(
            &[],
            json!({"model": model, "messages": [{"role": "user", "content": "Hi"}]}),
        )
        .await
    }

    async fn send(&self, headers: &[(&str, &str)], body: Value) -> Response<Value> {
        let mut request = Request::post("/v1/chat/completions");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::<Bytes>::from(body.to_string())).unwrap();
        let service = self.gateway.clone().into_service();
        let (head, body) = service.oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Response::from_parts(head, serde_json::from_slice(&body).unwrap())
    }

    async fn get(&self, path: &str) -> Value {
        let request = Request::get(path).body(Full::<Bytes>::default()).unwrap();
        let service = self.gateway.clone().into_service();
        let response = service.oneshot(request).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        serde_json::from_slice(&body).unwrap()
    }
}

fn target(response: &Response<Value>) -> &str {
    response.headers()["x-fw-target"].to_str().unwrap()
}

const TWO: &str = "
providers:
  targets:
    - {id: first, provider: fireworks, model: BIG, base_url: SIM}
    - {id: second, provider: fireworks, model: SMALL, base_url: SIM}
";

#[tokio::test]
async fn a_model_goes_to_its_target_and_any_other_to_the_first() {
    let stage = Stage::new(TWO, |sim| sim).await;
    let short = SMALL.rsplit('/').next().unwrap();
    for (model, expected, sent) in [
        (BIG, "first", BIG),
        (SMALL, "second", SMALL),
        (short, "second", SMALL),
        (&format!("fireworks/{short}"), "second", SMALL),
        (&format!("fireworks/{SMALL}"), "second", SMALL),
        ("second", "second", SMALL),
        (THIRD, "first", THIRD),
    ] {
        let reply = stage.ask(model).await;
        assert_eq!(reply.status(), 200, "{model}: {:?}", reply.body());
        assert_eq!(target(&reply), expected, "{model}");
        assert_eq!(reply.body()["model"], sent, "{model}");
        assert_eq!(reply.headers()["x-fw-attempts"], "1");
    }
}

#[tokio::test]
async fn the_other_model_stands_in_under_every_spelling() {
    let down = |sim: Simulator| sim.model(BIG, |knobs| knobs.fault = Some(Fault::status(503)));
    let stage = Stage::new(TWO, down).await;
    let short = BIG.rsplit('/').next().unwrap();
    for model in [BIG, short, "first", &format!("fireworks/{short}")] {
        let reply = stage.ask(model).await;
        assert_eq!(reply.status(), 200, "{model}: {:?}", reply.body());
        assert_eq!(reply.body()["model"], SMALL, "{model}");
        assert_eq!(target(&reply), "second");
        assert_eq!(reply.headers()["x-fw-attempts"], "2");
    }
}

#[tokio::test]
async fn groups_have_names_members_with_models_and_another_group_behind_them() {
    let yaml = format!(
        "{TWO}
model_groups:
  - {{name: chat, aliases: [talk], targets: [{{provider: first, model: THIRD}}], fallback_group: last}}
  - {{name: last, targets: [second]}}
"
    );
    let stage = Stage::new(&yaml, |sim| sim).await;
    for name in ["chat", "talk"] {
        let reply = stage.ask(name).await;
        assert_eq!(target(&reply), format!("first/{THIRD}"));
        assert_eq!(reply.body()["model"], THIRD);
    }
    let listed = stage.get("/v1/models").await;
    assert_eq!(listed["data"][0]["id"], "chat");
    assert_eq!(listed["data"][1]["id"], "talk");

    let down = |sim: Simulator| sim.model(THIRD, |knobs| knobs.fault = Some(Fault::status(500)));
    let stage = Stage::new(&yaml, down).await;
    let reply = stage.ask("chat").await;
    assert_eq!(reply.body()["model"], SMALL);
    assert_eq!(target(&reply), "second");
}

#[tokio::test]
async fn shares_split_the_traffic_whatever_model_a_request_names() {
    let yaml = "
providers:
  strategy: weighted_round_robin
  targets:
    - {id: first, provider: fireworks, model: BIG, base_url: SIM, weight: 3}
    - {id: second, provider: fireworks, model: SMALL, base_url: SIM}
";
    let stage = Stage::new(yaml, |sim| sim).await;
    let mut first = 0;
    for _ in 0..8 {
        first += usize::from(target(&stage.ask(BIG).await) == "first");
    }
    assert_eq!(first, 6);
}

#[tokio::test]
async fn a_user_stays_on_a_variant() {
    let yaml = format!(
        "{TWO}  ab_test: {{sticky_by: user_id, variants: [{{provider_id: first, weight: 1}}, {{provider_id: second, weight: 1}}]}}\n"
    );
    let stage = Stage::new(&yaml, |sim| sim).await;
    let mut seen = std::collections::BTreeSet::new();
    for user in 0..16 {
        let user = format!("user-{user}");
        let body =
            json!({"model": BIG, "messages": [{"role": "user", "content": "Hi"}], "user": user});
        let by_body = stage.send(&[], body.clone()).await;
        let by_header = stage.send(&[("x-user-id", &user)], body).await;
        assert_eq!(target(&by_body), target(&by_header));
        seen.insert(target(&by_body).to_owned());
    }
    assert_eq!(seen.len(), 2);
}

#[tokio::test]
async fn a_key_that_meets_its_limit_rests_while_the_other_goes_on() {
    let yaml = "
providers:
  targets:
    - {id: main, provider: fireworks, model: BIG, base_url: SIM, keys: [{env: LIMITED}, {env: FREE, name: spare}]}
";
    let limited = |sim: Simulator| {
        sim.key("fw_limited", |knobs| {
            knobs.fault = Some(Fault::status(429).retry_after("60"));
        })
    };
    let stage = Stage::new(yaml, limited).await;
    for _ in 0..4 {
        assert_eq!(stage.ask(BIG).await.status(), 200);
    }
    let metrics = stage.get("/keeptrusts/providers/metrics").await;
    let shown = &metrics["targets"][0];
    assert_eq!(shown["state"], "ready");
    assert_eq!(shown["successes"], 4);
    assert_eq!(shown["in_flight"], 0);
    assert_eq!(shown["keys"][0]["name"], "LIMITED");
    assert_eq!(shown["keys"][0]["state"], "cooling");
    assert_eq!(shown["keys"][1]["name"], "spare");
    assert_eq!(shown["keys"][1]["state"], "ready");
    assert!(!metrics.to_string().contains("fw_"), "{metrics}");
    assert!(stage.simulator.counters().in_flight == 0);
}

#[tokio::test]
async fn errors_of_all_targets_are_one_clear_answer() {
    let yaml = "
providers:
  targets:
    - {id: first, provider: fireworks, base_url: 'http://127.0.0.1:1/v1'}
    - {id: second, provider: fireworks, base_url: 'http://127.0.0.1:1/v1'}
";
    let stage = Stage::new(yaml, |sim| sim).await;
    let reply = stage.ask(BIG).await;
    assert_eq!(reply.status(), 502);
    assert_eq!(reply.body()["error"]["code"], "upstream_unreachable");
    assert_eq!(reply.headers()["x-fw-attempts"], "2");
    assert_eq!(reply.headers()["x-should-retry"], "false");
}
