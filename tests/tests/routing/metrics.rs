//! What the gateway says of its targets.

use fw_tests::{Fleet, streamed};

use super::{ask, send};

#[tokio::test]
async fn every_target_is_shown_with_its_state() {
    let fleet = Fleet::start(["status=500", "status=429&retry-after=30", ""], |config| {
        config
            .providers("circuit_breaker: { failure_threshold: 1, cooldown_seconds: 30 }")
            .add_target(
                fw_tests::Target::new("keyless")
                    .key_variable("NOT_SET")
                    .base_url("http://127.0.0.1:9/v1"),
            )
    })
    .await;
    for _ in 0..3 {
        ask(&fleet.gateway).await;
    }
    let targets = fleet.gateway.targets().await;
    let states = ["a", "b", "c", "keyless"].map(|id| targets[id]["state"].as_str().unwrap());
    assert_eq!(states, ["open", "cooling", "ready", "unavailable"]);
    let health = fleet.gateway.get("/health").send().await.json();
    assert_eq!(health["status"], "degraded", "{health}");
    for (id, state) in ["a", "b", "c", "keyless"].iter().zip(states) {
        let word = if state == "ready" { "available" } else { state };
        assert_eq!(health["providers"][id], word, "{health}");
    }
}

#[tokio::test]
async fn a_request_is_in_flight_to_the_end_of_its_stream() {
    let fleet = Fleet::start(["fault=hang-mid-body&fault-after=3"], |config| config).await;
    let call = fleet.gateway.post("/v1/chat/completions");
    let mut live = call.json(&streamed("Hello")).open().await;
    assert!(live.event().await.unwrap().is_some());
    assert_eq!(fleet.gateway.targets().await["a"]["in_flight"], 1);
    drop(live);
    fleet.idle().await;
}

#[tokio::test]
async fn requests_are_counted_by_how_they_ended() {
    let fleet = Fleet::start(["", ""], |config| {
        config.providers("circuit_breaker: { enabled: false }")
    })
    .await;
    for (knobs, requests) in [("", 4), ("status=500", 3), ("status=400", 2)] {
        fleet.sims[0].set(knobs);
        for _ in 0..requests {
            send(&fleet.gateway, &streamed("Hello")).await;
        }
    }
    let targets = fleet.gateway.targets().await;
    let (a, b) = (&targets["a"], &targets["b"]);
    assert_eq!(
        (
            a["requests"].as_u64(),
            a["successes"].as_u64(),
            a["failures"].as_u64()
        ),
        (Some(9), Some(4), Some(3)),
        "{a}"
    );
    assert_eq!(
        (b["requests"].as_u64(), b["successes"].as_u64()),
        (Some(3), Some(3)),
        "{b}"
    );
    let ratio = a["error_ratio"].as_f64().unwrap();
    assert!(ratio > 0.0 && ratio <= 1.0, "{a}");
    assert_eq!(b["error_ratio"].as_f64(), Some(0.0), "{b}");
}

#[tokio::test]
async fn the_sum_of_all_is_what_the_upstreams_got() {
    let fleet = Fleet::start(["status=503", "", ""], |config| {
        config.providers("strategy: round_robin\nretry: { max_attempts: 2, initial_backoff_ms: 1 }")
    })
    .await;
    for _ in 0..30 {
        ask(&fleet.gateway).await;
    }
    fleet.idle().await;
    let targets = fleet.gateway.targets().await;
    let said: Vec<_> = ["a", "b", "c"]
        .iter()
        .map(|id| targets[*id]["requests"].as_u64().unwrap())
        .collect();
    assert_eq!(said, fleet.requests());
}
