//! Which target comes first.

use fw_tests::{Config, Fleet, Gateway, streamed};

use super::{NO_BREAKER, ask, assert_answered, target};

/// The targets that answered so many questions, one after the other.
async fn answered_by(gateway: &Gateway, questions: usize) -> Vec<String> {
    let mut targets = Vec::new();
    for _ in 0..questions {
        let reply = ask(gateway).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        targets.push(target(&reply).to_owned());
    }
    targets
}

fn count(targets: &[String], id: &str) -> usize {
    targets.iter().filter(|target| *target == id).count()
}

fn weights(config: Config, weights: [&str; 3]) -> Config {
    let targets = ["a", "b", "c"].into_iter().zip(weights);
    targets.fold(config, |config, (id, weight)| {
        config.target(id, |target| target.field("weight", weight))
    })
}

#[tokio::test]
async fn single_takes_the_first() {
    let fleet = Fleet::start(["", ""], |c| c.providers("strategy: single")).await;
    assert_eq!(answered_by(&fleet.gateway, 5).await, ["a"; 5]);
    assert_eq!(fleet.requests(), [5, 0]);
}

#[tokio::test]
async fn ordered_takes_the_first_that_works() {
    for strategy in [
        "strategy: ordered",
        "strategy: fallback",
        "routing: { strategy: ordered }",
    ] {
        let fleet = Fleet::start(["", "", ""], |c| c.providers(strategy)).await;
        assert_eq!(answered_by(&fleet.gateway, 3).await, ["a"; 3]);
        fleet.sims[0].set("status=500");
        assert_eq!(answered_by(&fleet.gateway, 3).await, ["b"; 3]);
        fleet.sims[0].set("");
        assert_eq!(answered_by(&fleet.gateway, 3).await, ["a"; 3], "{strategy}");
    }
}

#[tokio::test]
async fn ordered_goes_by_priority_where_there_is_one() {
    let fleet = Fleet::start(["", "", ""], |config| {
        config
            .target("a", |target| target.field("priority", "3"))
            .target("b", |target| target.field("priority", "2"))
            .target("c", |target| target.field("priority", "1"))
    })
    .await;
    assert_eq!(answered_by(&fleet.gateway, 2).await, ["c"; 2]);
    fleet.sims[2].set("status=500");
    assert_eq!(answered_by(&fleet.gateway, 2).await, ["b"; 2]);
}

#[tokio::test]
async fn round_robin_takes_them_in_turn() {
    let fleet = Fleet::start(["", "", ""], |c| c.providers("strategy: round_robin")).await;
    let order = answered_by(&fleet.gateway, 9).await;
    assert_eq!(order[0..3], order[3..6]);
    assert_eq!(order[0..3], order[6..9]);
    assert_eq!(fleet.requests(), [3, 3, 3]);
}

#[tokio::test]
async fn round_robin_shares_what_a_failed_target_would_get() {
    let providers = "strategy: round_robin\ncircuit_breaker: { failure_threshold: 1 }";
    let fleet = Fleet::start(["status=500", "", ""], |c| c.providers(providers)).await;
    answered_by(&fleet.gateway, 13).await;
    let requests = fleet.requests();
    assert_eq!(requests[0], 1, "its breaker is open");
    assert_eq!(requests[1] + requests[2], 13);
    assert!(requests[1].abs_diff(requests[2]) <= 1, "{requests:?}");
}

#[tokio::test]
async fn weighted_round_robin_is_exact() {
    for (w, shares) in [
        (["3", "2", "1"], [3, 2, 1]),
        (["0.5", "0.25", "0.25"], [2, 1, 1]),
        (["1", "0", "1"], [1, 0, 1]),
    ] {
        let cycle: usize = shares.iter().sum();
        let fleet = Fleet::start(["", "", ""], |config| {
            weights(config.providers("strategy: weighted_round_robin"), w)
        })
        .await;
        let order = answered_by(&fleet.gateway, 3 * cycle).await;
        for window in order.windows(cycle) {
            let counted = ["a", "b", "c"].map(|id| count(window, id));
            assert_eq!(counted, shares, "{w:?}: {order:?}");
        }
    }
}

#[tokio::test]
async fn a_target_of_no_weight_is_used_when_no_other_works() {
    let fleet = Fleet::start(["status=500", "", "status=500"], |config| {
        weights(
            config
                .providers("strategy: weighted_round_robin")
                .providers(NO_BREAKER),
            ["1", "0", "1"],
        )
    })
    .await;
    let reply = ask(&fleet.gateway).await;
    assert_answered(&reply, "b", "3", "the last resort");
}

#[tokio::test]
async fn random_takes_all_of_them() {
    let fleet = Fleet::start(["", "", ""], |c| c.providers("strategy: random")).await;
    let order = answered_by(&fleet.gateway, 90).await;
    for id in ["a", "b", "c"] {
        // The chance of fewer than ten of ninety is less than one in a million.
        assert!(count(&order, id) >= 10, "{id}: {order:?}");
    }
}

#[tokio::test]
async fn least_busy_counts_streams_to_their_end() {
    let knobs = "fault=hang-mid-body&fault-after=3&fault-times=1";
    let fleet = Fleet::start([knobs, knobs], |c| c.providers("strategy: least_busy")).await;
    let call = fleet.gateway.post("/v1/chat/completions");
    // Its content has begun and does not end.
    let mut live = call.json(&streamed("Hello")).open().await;
    for _ in 0..2 {
        assert!(live.event().await.unwrap().is_some());
    }
    let busy = live.headers["x-fw-target"].to_str().unwrap().to_owned();
    let idle = if busy == "a" { "b" } else { "a" };
    fleet.sims[usize::from(idle == "b")].set("");
    assert_eq!(answered_by(&fleet.gateway, 4).await, [idle; 4]);
    drop(live);
    fleet.idle().await;
    let order = answered_by(&fleet.gateway, 4).await;
    assert_eq!(count(&order, &busy), 2, "in turn again: {order:?}");
}

#[tokio::test]
async fn lowest_latency_learns_who_is_fast() {
    let fleet = Fleet::start(["head-delay=100ms", "", "head-delay=100ms"], |c| {
        c.providers("routing: { strategy: lowest_latency, min_sample_count: 1 }")
    })
    .await;
    let order = answered_by(&fleet.gateway, 30).await;
    assert!(count(&order, "b") >= 24, "{order:?}");
}

#[tokio::test]
async fn failing_fast_is_not_being_fast() {
    for strategy in ["lowest_latency", "adaptive"] {
        let providers = format!("strategy: {strategy}\n{NO_BREAKER}");
        let fleet = Fleet::start(["status=500", "head-delay=30ms"], |c| {
            c.providers(&providers)
        })
        .await;
        answered_by(&fleet.gateway, 30).await;
        let asked = fleet.requests()[0];
        assert!(asked <= 6, "{strategy} asked the failing one {asked} times");
    }
}

#[tokio::test]
async fn highest_throughput_learns_who_writes_fast() {
    let slow = "reply-tokens=40&tokens-per-event=4&event-delay=20ms";
    let fleet = Fleet::start(
        [slow, "reply-tokens=40&tokens-per-event=4&event-delay=1ms"],
        |c| c.providers("strategy: highest_throughput"),
    )
    .await;
    let mut order = Vec::new();
    for _ in 0..24 {
        let reply = super::send(&fleet.gateway, &streamed("Hello")).await;
        order.push(target(&reply).to_owned());
    }
    assert!(count(&order, "b") >= 18, "{order:?}");
}

#[tokio::test]
async fn lowest_cost_takes_the_cheapest_that_works() {
    let fleet = Fleet::start(["", "", ""], |config| {
        config
            .providers("strategy: lowest_cost")
            .providers(NO_BREAKER)
            .target("a", |t| {
                t.field("pricing", "{ prompt: 3.0, completion: 9.0 }")
            })
            .target("b", |t| {
                t.field("pricing", "{ prompt: 0.2, completion: 0.4 }")
            })
            .target("c", |t| {
                t.provider("own").model("accounts/fireworks/models/kimi-k3")
            })
    })
    .await;
    assert_eq!(answered_by(&fleet.gateway, 4).await, ["b"; 4]);
    fleet.sims[1].set("status=503");
    assert_eq!(answered_by(&fleet.gateway, 2).await, ["a"; 2]);
    fleet.sims[0].set("status=503");
    assert_eq!(
        answered_by(&fleet.gateway, 2).await,
        ["c"; 2],
        "of unknown price"
    );
}

#[tokio::test]
async fn adaptive_leaves_a_slow_target_for_a_fast_one() {
    let fleet = Fleet::start(["head-delay=150ms", "", "head-delay=150ms"], |c| {
        c.providers("strategy: adaptive")
    })
    .await;
    let order = answered_by(&fleet.gateway, 30).await;
    assert!(count(&order, "b") >= 20, "{order:?}");
}

#[tokio::test]
async fn every_strategy_answers_while_one_target_works() {
    for strategy in [
        "ordered",
        "round_robin",
        "weighted_round_robin",
        "random",
        "least_busy",
        "lowest_latency",
        "highest_throughput",
        "lowest_cost",
        "adaptive",
    ] {
        let providers = format!("strategy: {strategy}");
        let fleet = Fleet::start(["status=500", "fault=close-before-head", ""], |c| {
            c.providers(&providers)
        })
        .await;
        assert_eq!(
            answered_by(&fleet.gateway, 12).await,
            ["c"; 12],
            "{strategy}"
        );
    }
}
