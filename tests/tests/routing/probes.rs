//! Active health probes.

use fw_tests::{Fleet, within};

use super::{ask, assert_answered, target};

/// A probe every second, of targets that are out of rotation.
const PROBE: &str = "{ enabled: true, interval_seconds: 1, timeout_seconds: 1, failure_threshold: 1, success_threshold: 1 }";

/// The same of all targets.
const ALWAYS: &str = "{ enabled: true, interval_seconds: 1, timeout_seconds: 1, failure_threshold: 1, success_threshold: 1, always: true }";

fn probes(sim: &fw_tests::Sim) -> usize {
    let requests = sim.requests();
    requests
        .iter()
        .filter(|request| request.method == "GET")
        .count()
}

#[tokio::test]
async fn a_target_that_answers_a_probe_is_tried_again_early() {
    let fleet = Fleet::start(["status=500", ""], |config| {
        config
            .providers("circuit_breaker: { failure_threshold: 1, cooldown_seconds: 3600 }")
            .target("a", |target| target.field("health_probe", PROBE))
    })
    .await;
    assert_answered(&ask(&fleet.gateway).await, "b", "2", "a fails");
    assert_answered(
        &ask(&fleet.gateway).await,
        "b",
        "1",
        "a is left out, for an hour",
    );
    fleet.sims[0].set("");
    within("a to be back", async {
        while target(&ask(&fleet.gateway).await) != "a" {}
    })
    .await;
    assert_answered(&ask(&fleet.gateway).await, "a", "1", "it stays");
    let probe = fleet.sims[0].requests();
    let probe = probe
        .iter()
        .find(|request| request.method == "GET")
        .unwrap();
    assert_eq!(probe.path, "/inference/v1/models");
    assert!(
        probe.header("authorization").is_some(),
        "with the target's key"
    );
}

#[tokio::test]
async fn a_target_in_rotation_is_not_probed_by_default() {
    let fleet = Fleet::start(["", "status=500"], |config| {
        config
            .providers("strategy: round_robin\ncircuit_breaker: { failure_threshold: 1, cooldown_seconds: 3600 }")
            .target("a", |target| target.field("health_probe", PROBE))
            .target("b", |target| target.field("health_probe", PROBE))
    })
    .await;
    // The second target fails once and is probed from then on; the first one never.
    within("probes of b", async {
        while probes(&fleet.sims[1]) < 2 {
            ask(&fleet.gateway).await;
            fleet.sims[1].set("status=500");
        }
    })
    .await;
    assert_eq!(probes(&fleet.sims[0]), 0);
}

#[tokio::test]
async fn a_target_that_fails_its_probes_is_left_out_before_a_client_notices() {
    let fleet = Fleet::start(["fault=close-before-head", ""], |config| {
        config.target("a", |target| target.field("health_probe", ALWAYS))
    })
    .await;
    fleet
        .gateway
        .targets_when("a to be left out", |targets| {
            targets["a"]["state"] == "unhealthy"
        })
        .await;
    assert_answered(&ask(&fleet.gateway).await, "b", "1", "no attempt is wasted");
    fleet.sims[0].set("");
    fleet
        .gateway
        .targets_when("a to be back", |targets| targets["a"]["state"] == "ready")
        .await;
    assert_answered(&ask(&fleet.gateway).await, "a", "1", "it is back");
}

#[tokio::test]
async fn a_probe_that_hangs_fails() {
    let fleet = Fleet::start(["fault=hang-before-head", ""], |config| {
        config.target("a", |target| target.field("health_probe", ALWAYS))
    })
    .await;
    fleet
        .gateway
        .targets_when("a to be left out", |targets| {
            targets["a"]["state"] == "unhealthy"
        })
        .await;
    fleet.sims[0]
        .wait_for("the probe to be cancelled", |c| c.cancelled >= 1)
        .await;
}

#[tokio::test]
async fn the_health_monitor_probes_every_target() {
    let fleet = Fleet::start(["", ""], |config| {
        config.section("health_monitor: { enabled: true, interval_seconds: 1, timeout_seconds: 1 }")
    })
    .await;
    for sim in &fleet.sims {
        sim.wait_for("two probes", |c| c.requests >= 2).await;
        assert!(probes(sim) >= 2);
    }
}

#[tokio::test]
async fn nothing_is_probed_that_is_not_configured() {
    let probed = Fleet::start(["", ""], |config| {
        config.target("a", |target| target.field("health_probe", ALWAYS))
    })
    .await;
    probed.sims[0]
        .wait_for("three probes", |c| c.requests >= 3)
        .await;
    assert_eq!(probed.sims[1].counters().requests, 0);
}
