//! Clients that hang up, at every stage: whoever works for them is told, and nothing stays in flight.

use fw_tests::{ByHand, Config, Fleet, Launch, RawConnection, Target, chat, streamed};
use serde_json::Value;

use super::{ask, assert_answered, both};

/// A client that asks and says nothing more.
async fn question(fleet: &Fleet, body: &Value) -> RawConnection {
    let mut client = fleet.gateway.connect().await;
    client
        .post("/v1/chat/completions", "", &body.to_string())
        .await;
    client
}

#[tokio::test]
async fn before_the_head() {
    for body in both() {
        let fleet = Fleet::start(["fault=hang-before-head", ""], |config| config).await;
        let client = question(&fleet, &body).await;
        fleet.sims[0]
            .wait_for("the request", |c| c.in_flight == 1)
            .await;
        assert_eq!(fleet.gateway.targets().await["a"]["in_flight"], 1);
        drop(client);
        fleet.sims[0]
            .wait_for("its end", |c| c.cancelled == 1)
            .await;
        fleet.idle().await;
        assert_eq!(fleet.requests(), [1, 0], "nobody else is asked for it");
    }
}

#[tokio::test]
async fn before_the_first_content() {
    for after in ["0", "1"] {
        let knobs = format!("fault=hang-mid-body&fault-after={after}");
        let fleet = Fleet::start([&*knobs, ""], |config| config).await;
        let client = question(&fleet, &streamed("Hello")).await;
        fleet.sims[0]
            .wait_for("the request", |c| c.in_flight == 1)
            .await;
        drop(client);
        fleet.sims[0]
            .wait_for("its end", |c| c.cancelled == 1)
            .await;
        fleet.idle().await;
        assert_eq!(fleet.requests(), [1, 0]);
    }
}

#[tokio::test]
async fn while_a_plain_reply_is_on_its_way() {
    let fleet = Fleet::start(["fault=hang-mid-body", ""], |config| config).await;
    let client = question(&fleet, &chat("Hello")).await;
    fleet.sims[0]
        .wait_for("the request", |c| c.in_flight == 1)
        .await;
    drop(client);
    fleet.sims[0]
        .wait_for("its end", |c| c.cancelled == 1)
        .await;
    fleet.idle().await;
}

#[tokio::test]
async fn in_the_middle_of_a_stream() {
    let fleet = Fleet::start(["fault=hang-mid-body&fault-after=3", ""], |config| config).await;
    let mut client = question(&fleet, &streamed("Hello")).await;
    client.until("content\":\"You").await.expect("some content");
    assert_eq!(fleet.gateway.targets().await["a"]["in_flight"], 1);
    drop(client);
    fleet.sims[0]
        .wait_for("its end", |c| c.cancelled == 1)
        .await;
    fleet.idle().await;
    assert_eq!(fleet.requests(), [1, 0]);
    let state = &fleet.gateway.targets().await["a"];
    assert_eq!(state["state"], "ready", "not the target's fault: {state}");
}

#[tokio::test]
async fn while_the_router_waits_between_attempts() {
    let retry = "retry: { max_attempts: 2, initial_backoff_ms: 3600000, max_backoff_ms: 3600000 }";
    let fleet = Fleet::start(["status=500&fault-times=1"], |config| {
        config.providers(retry)
    })
    .await;
    let client = question(&fleet, &chat("Hello")).await;
    fleet.sims[0]
        .wait_for("the first attempt", |c| c.completed == 1)
        .await;
    drop(client);
    fleet.idle().await;
    let access = fleet.gateway.log();
    assert!(!access.text().contains("panicked"));
    assert_answered(
        &ask(&fleet.gateway).await,
        "a",
        "1",
        "the wait is nobody's any more",
    );
    assert_eq!(fleet.requests(), [2]);
}

#[tokio::test]
async fn at_the_second_target() {
    let knobs = ["status=500", "fault=hang-mid-body&fault-after=0"];
    let fleet = Fleet::start(knobs, |config| config).await;
    let client = question(&fleet, &streamed("Hello")).await;
    fleet.sims[1]
        .wait_for("the second attempt", |c| c.in_flight == 1)
        .await;
    drop(client);
    fleet.sims[1]
        .wait_for("its end", |c| c.cancelled == 1)
        .await;
    fleet.idle().await;
}

#[tokio::test]
async fn while_two_targets_are_asked_at_once() {
    let (mut first, mut second) = (ByHand::start().await, ByHand::start().await);
    let targets = [("first", &first), ("second", &second)];
    let targets = targets.map(|(id, at)| Target::new(id).base_url(&at.base_url()));
    let config = Config::of(targets).providers("hedge: { enabled: true, delay_ms: 50 }");
    let gateway = Launch::new(config).start().await;
    let mut client = gateway.connect().await;
    client
        .post("/v1/chat/completions", "", &chat("Hello").to_string())
        .await;
    let (one, two) = (first.next().await, second.next().await);
    drop(client);
    one.abandoned().await;
    two.abandoned().await;
    gateway
        .targets_when("nothing in flight", |targets| {
            targets.values().all(|target| target["in_flight"] == 0)
        })
        .await;
}

#[tokio::test]
async fn a_hundred_of_them_leave_nothing_behind() {
    let fleet = Fleet::start(
        [
            "fault=hang-mid-body&fault-after=3",
            "fault=hang-before-head",
        ],
        |config| config.providers("strategy: round_robin"),
    )
    .await;
    let mut clients = Vec::new();
    for _ in 0..100 {
        clients.push(question(&fleet, &streamed("Hello")).await);
    }
    for sim in &fleet.sims {
        sim.wait_for("half of them", |c| c.in_flight == 50).await;
    }
    drop(clients);
    for sim in &fleet.sims {
        sim.wait_for("all to be cancelled", |c| c.cancelled == 50)
            .await;
    }
    fleet.idle().await;
}
