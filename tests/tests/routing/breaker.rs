//! A target that keeps failing is left out, tried with care, and taken back.

use fw_tests::{ByHand, Config, Fleet, Gateway, Launch, Sim, Target, chat, streamed, within};
use tokio::task::JoinSet;

use super::{ask, assert_answered, send, target};

/// Open after two failures, for a second.
fn breaker(half_open: u32) -> String {
    format!(
        "circuit_breaker: {{ failure_threshold: 2, cooldown_seconds: 1, half_open_max_requests: {half_open} }}"
    )
}

/// A target that is answered by hand, `a`, before one that works, `b`.
struct Probed {
    gateway: Gateway,
    a: ByHand,
    b: Sim,
}

impl Probed {
    async fn start(half_open: u32) -> Self {
        let (a, b) = (ByHand::start().await, Sim::start().await);
        let targets = [("a", a.base_url()), ("b", b.base_url())];
        let targets = targets.map(|(id, url)| Target::new(id).base_url(&url));
        let config = Config::of(targets).providers(&breaker(half_open));
        let gateway = Launch::new(config).start().await;
        Self { gateway, a, b }
    }

    /// Opens the breaker of `a`, by two failures.
    async fn open(&mut self) {
        for _ in 0..2 {
            let failing = async { self.a.next().await.refuse(500) };
            let (reply, ()) = tokio::join!(ask(&self.gateway), failing);
            assert_answered(&reply, "b", "2", "a fails");
        }
        self.state("open").await;
    }

    async fn state(&self, state: &str) {
        let what = format!("a to be {state}");
        let is = |targets: &fw_tests::Targets| targets["a"]["state"] == state;
        self.gateway.targets_when(&what, is).await;
    }

    /// Asks until a request reaches `a`, which is then half open; that request waits there.
    async fn probe(&mut self) -> (fw_tests::Asked, tokio::task::JoinHandle<fw_tests::Reply>) {
        within("the breaker to be half open", async {
            loop {
                let call = self
                    .gateway
                    .post("/v1/chat/completions")
                    .json(&chat("Hello"));
                let reply = tokio::spawn(call.send());
                let before = self.b.counters().completed;
                // It goes to either of the two.
                tokio::select! {
                    asked = self.a.next() => return (asked, reply),
                    _ = self.b.wait_for("b to answer", |c| c.completed > before) => {
                        assert_answered(&reply.await.unwrap(), "b", "1", "a is left out");
                    }
                }
            }
        })
        .await
    }
}

#[tokio::test]
async fn it_opens_after_so_many_failures_in_a_row() {
    let fleet = Fleet::start(["status=500", ""], |config| {
        config.providers("circuit_breaker: { failure_threshold: 3 }")
    })
    .await;
    for question in 0..10 {
        let attempts = if question < 3 { "2" } else { "1" };
        assert_answered(&ask(&fleet.gateway).await, "b", attempts, "");
    }
    assert_eq!(fleet.requests(), [3, 10]);
    assert_eq!(fleet.gateway.targets().await["a"]["state"], "open");
}

#[tokio::test]
async fn it_is_there_by_default_when_there_is_another_target() {
    let fleet = Fleet::start(["status=500", ""], |config| config).await;
    for _ in 0..10 {
        assert_eq!(target(&ask(&fleet.gateway).await), "b");
    }
    assert_eq!(fleet.requests(), [5, 10], "five failures, and no more");

    let alone = Fleet::start(["status=500"], |config| config).await;
    for _ in 0..10 {
        assert_eq!(ask(&alone.gateway).await.status, 500);
    }
    assert_eq!(alone.requests(), [10], "the only target is always asked");
}

#[tokio::test]
async fn a_success_in_between_starts_the_count_again() {
    let fleet = Fleet::start(["", ""], |config| {
        config.providers("circuit_breaker: { failure_threshold: 3 }")
    })
    .await;
    for knobs in [
        "status=500",
        "status=500",
        "",
        "status=500",
        "status=500",
        "",
    ] {
        fleet.sims[0].set(knobs);
        ask(&fleet.gateway).await;
    }
    assert_eq!(fleet.gateway.targets().await["a"]["state"], "ready");
    assert_eq!(fleet.requests()[0], 6);
}

#[tokio::test]
async fn it_opens_by_the_share_of_failures_too() {
    let fleet = Fleet::start(["", ""], |config| {
        config.providers(
            "circuit_breaker: { failure_threshold: 1000, error_ratio: 0.4, window_seconds: 60, min_requests: 10 }",
        )
    })
    .await;
    for question in 0..20 {
        fleet.sims[0].set(if question % 2 == 0 { "status=500" } else { "" });
        ask(&fleet.gateway).await;
    }
    assert_eq!(fleet.gateway.targets().await["a"]["state"], "open");
    let asked = fleet.requests()[0];
    assert!((10..=12).contains(&asked), "after {asked} requests");
}

#[tokio::test]
async fn a_stream_is_judged_at_its_end() {
    let fleet = Fleet::start(["fault=reset-mid-body&fault-after=3", ""], |config| {
        config.providers("circuit_breaker: { failure_threshold: 2 }")
    })
    .await;
    for _ in 0..2 {
        let reply = send(&fleet.gateway, &streamed("Hello")).await;
        assert_eq!(target(&reply), "a");
    }
    fleet
        .gateway
        .targets_when("a to be left out", |targets| {
            targets["a"]["state"] == "open"
        })
        .await;
    let reply = send(&fleet.gateway, &streamed("Hello")).await;
    assert_answered(&reply, "b", "1", "two streams broke off");
}

#[tokio::test]
async fn every_failure_of_the_target_counts() {
    for knobs in [
        "status=408",
        "status=502",
        "fault=html-502",
        "status=504",
        "status=520",
        "fault=reset-before-head",
        "fault=close-before-head",
        "truncate-after=0",
        "error-after=1",
    ] {
        let fleet = Fleet::start([knobs, ""], |config| {
            config.providers("circuit_breaker: { failure_threshold: 2 }")
        })
        .await;
        for _ in 0..4 {
            let reply = send(&fleet.gateway, &streamed("Hello")).await;
            assert_eq!(target(&reply), "b", "{knobs}");
        }
        assert_eq!(fleet.requests(), [2, 4], "{knobs}");
    }
}

#[tokio::test]
async fn what_is_not_the_target_s_fault_never_opens_it() {
    for knobs in [
        "status=400",
        "status=401",
        "status=402",
        "status=403",
        "status=404",
        "status=405",
        "fault=suspended",
        "status=413",
        "status=422",
    ] {
        let fleet = Fleet::start([knobs], |config| {
            config.providers("circuit_breaker: { failure_threshold: 1 }")
        })
        .await;
        for _ in 0..3 {
            ask(&fleet.gateway).await;
        }
        let targets = fleet.gateway.targets().await;
        assert!(
            !["open", "half_open"].contains(&targets["a"]["state"].as_str().unwrap()),
            "{knobs}: {targets:?}"
        );
    }
}

#[tokio::test]
async fn a_rate_limit_cools_and_does_not_open() {
    let fleet = Fleet::start(["status=429&retry-after=30", ""], |config| {
        config.providers("circuit_breaker: { failure_threshold: 1 }")
    })
    .await;
    assert_answered(&ask(&fleet.gateway).await, "b", "2", "");
    assert_eq!(fleet.gateway.targets().await["a"]["state"], "cooling");
}

#[tokio::test]
async fn half_open_it_admits_exactly_the_configured_number() {
    for admitted in [1, 3] {
        let mut stage = Probed::start(admitted).await;
        stage.open().await;
        let mut probes = vec![stage.probe().await];
        for _ in 1..admitted {
            probes.push(stage.probe().await);
        }
        stage.state("half_open").await;
        let arrived = stage.a.arrived();
        assert_eq!(arrived, 2 + u64::from(admitted));

        // As many as there may be, at once: all of them go elsewhere.
        let mut questions = JoinSet::new();
        for _ in 0..30 {
            let call = stage.gateway.post("/v1/chat/completions");
            questions.spawn(call.json(&chat("Hello")).send());
        }
        for reply in questions.join_all().await {
            assert_answered(&reply, "b", "1", "no more is admitted");
        }
        assert_eq!(stage.a.arrived(), arrived, "{admitted} and no more");

        for (asked, reply) in probes {
            asked.answer(super::ANSWER);
            assert_answered(&reply.await.unwrap(), "a", "1", "a probe is a real request");
        }
        stage.state("ready").await;
        let answer = async { stage.a.next().await.answer(super::ANSWER) };
        let (reply, ()) = tokio::join!(ask(&stage.gateway), answer);
        assert_answered(&reply, "a", "1", "it is closed");
    }
}

#[tokio::test]
async fn half_open_every_request_must_succeed() {
    let mut stage = Probed::start(2).await;
    stage.open().await;
    let (good, good_reply) = stage.probe().await;
    let (bad, bad_reply) = stage.probe().await;
    good.answer(super::ANSWER);
    assert_answered(&good_reply.await.unwrap(), "a", "1", "one of two");
    bad.refuse(500);
    assert_answered(&bad_reply.await.unwrap(), "b", "2", "the other fails over");
    stage.state("open").await;
    assert_answered(&ask(&stage.gateway).await, "b", "1", "it is open again");
}

#[tokio::test]
async fn a_client_that_hangs_up_half_open_frees_its_place() {
    let mut stage = Probed::start(1).await;
    stage.open().await;
    let (asked, reply) = stage.probe().await;
    reply.abort();
    asked.abandoned().await;
    let (asked, reply) = stage.probe().await;
    asked.answer(super::ANSWER);
    assert_answered(&reply.await.unwrap(), "a", "1", "the place was free");
    stage.state("ready").await;
}

#[tokio::test]
async fn when_every_target_is_left_out_it_is_one_clear_503() {
    let fleet = Fleet::start(["status=500", "fault=close-before-head"], |config| {
        config.providers("circuit_breaker: { failure_threshold: 2, cooldown_seconds: 20 }")
    })
    .await;
    for _ in 0..2 {
        ask(&fleet.gateway).await;
    }
    assert_eq!(fleet.requests(), [2, 2]);
    for body in super::both() {
        let reply = send(&fleet.gateway, &body).await;
        assert_eq!(reply.status, 503, "{}", reply.text());
        let error = reply.error();
        assert!(!error["message"].as_str().unwrap().is_empty(), "{error}");
        let seconds: u64 = reply.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=20).contains(&seconds), "{seconds}");
    }
    let message = fleet
        .gateway
        .post("/v1/messages")
        .json(&super::operations()[3].1);
    let reply = message.send().await;
    assert_eq!(reply.status, 503);
    assert_eq!(
        reply.json()["type"],
        "error",
        "in Anthropic's shape: {}",
        reply.text()
    );
    assert_eq!(fleet.requests(), [2, 2], "nobody is asked");
}

#[tokio::test]
async fn a_target_that_flaps_is_used_while_it_works() {
    let fleet = Fleet::start(["", ""], |config| config.providers(&breaker(1))).await;
    for _ in 0..2 {
        fleet.sims[0].set("status=500");
        for _ in 0..4 {
            assert_eq!(target(&ask(&fleet.gateway).await), "b");
        }
        let open = fleet.gateway.targets().await;
        assert_eq!(open["a"]["state"], "open");
        fleet.sims[0].set("");
        within("a to be back", async {
            while target(&ask(&fleet.gateway).await) != "a" {}
        })
        .await;
        assert_answered(&ask(&fleet.gateway).await, "a", "1", "it stays");
    }
}
