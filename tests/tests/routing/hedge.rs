//! A second target beside one that is slow to begin.

use std::time::{Duration, Instant};

use fw_tests::{ByHand, Config, Fleet, Gateway, Launch, Target, chat, streamed};

use super::{ask, assert_answered, both, send, target, text};

const HEDGE: &str = "hedge: { enabled: true, delay_ms: 50 }";

/// Two targets that are answered by hand.
async fn by_hand(providers: &str) -> (Gateway, ByHand, ByHand) {
    let (a, b) = (ByHand::start().await, ByHand::start().await);
    let targets = [("a", a.base_url()), ("b", b.base_url())];
    let targets = targets.map(|(id, url)| Target::new(id).base_url(&url));
    let gateway = Launch::new(Config::of(targets).providers(providers))
        .start()
        .await;
    (gateway, a, b)
}

#[tokio::test]
async fn the_second_target_answers_for_one_that_is_slow() {
    for body in both() {
        let knobs = ["head-delay=20s&ttft=20s", ""];
        let fleet = Fleet::start(knobs, |config| config.providers(HEDGE)).await;
        let reply = send(&fleet.gateway, &body).await;
        assert_answered(&reply, "b", "2", "the faster one");
        fleet.sims[0]
            .wait_for("the slow one to be cancelled", |c| c.cancelled == 1)
            .await;
        assert_eq!(fleet.requests(), [1, 1]);
        fleet.idle().await;
    }
}

#[tokio::test]
async fn the_first_target_may_still_win() {
    let (gateway, mut a, mut b) = by_hand(HEDGE).await;
    let answers = async {
        let (first, second) = (a.next().await, b.next().await);
        first.answer("First.");
        second.abandoned().await;
    };
    let (reply, ()) = tokio::join!(ask(&gateway), answers);
    assert_eq!((text(&reply).as_str(), target(&reply)), ("First.", "a"));
    assert_eq!((a.arrived(), b.arrived()), (1, 1));
}

#[tokio::test]
async fn of_two_streams_the_first_to_have_content_is_the_answer() {
    let (gateway, mut a, mut b) = by_hand(HEDGE).await;
    let answers = async {
        let first = a.next().await.stream();
        first.role();
        let second = b.next().await.stream();
        second.role();
        second.text("Second.");
        first.abandoned().await;
        second.end();
    };
    let body = streamed("Hello");
    let (reply, ()) = tokio::join!(send(&gateway, &body), answers);
    assert_eq!((text(&reply).as_str(), target(&reply)), ("Second.", "b"));
}

#[tokio::test]
async fn nobody_is_asked_twice_once_there_is_content() {
    let (gateway, mut a, b) = by_hand("hedge: { enabled: true, delay_ms: 1000 }").await;
    let call = gateway.post("/v1/chat/completions");
    let call = call.json(&streamed("Hello"));
    let begun = Instant::now();
    let begin = async {
        let stream = a.next().await.stream();
        stream.role();
        stream.text("One.");
        stream
    };
    let (live, stream) = tokio::join!(call.open(), begin);
    while begun.elapsed() < Duration::from_millis(1200) {
        assert_eq!(gateway.get("/healthz").send().await.status, 200);
    }
    stream.end();
    assert!(live.rest().await.unwrap().ends_with("data: [DONE]\n\n"));
    assert_eq!(b.arrived(), 0);
}

#[tokio::test]
async fn when_the_second_one_fails_the_first_is_waited_for() {
    let (gateway, mut a, mut b) = by_hand(HEDGE).await;
    let answers = async {
        let first = a.next().await;
        b.next().await.refuse(500);
        gateway
            .targets_when("b to be done", |targets| targets["b"]["in_flight"] == 0)
            .await;
        first.answer("First.");
    };
    let (reply, ()) = tokio::join!(ask(&gateway), answers);
    assert_eq!((text(&reply).as_str(), target(&reply)), ("First.", "a"));
}

#[tokio::test]
async fn when_the_first_one_fails_the_second_is_waited_for() {
    let (gateway, mut a, mut b) = by_hand(HEDGE).await;
    let answers = async {
        let first = a.next().await;
        let second = b.next().await;
        first.refuse(500);
        gateway
            .targets_when("a to be done", |targets| targets["a"]["in_flight"] == 0)
            .await;
        second.answer("Second.");
    };
    let (reply, ()) = tokio::join!(ask(&gateway), answers);
    assert_eq!((text(&reply).as_str(), target(&reply)), ("Second.", "b"));
    assert_eq!((a.arrived(), b.arrived()), (1, 1));
}

#[tokio::test]
async fn a_request_that_is_wrong_is_answered_at_once() {
    let (gateway, mut a, mut b) = by_hand(HEDGE).await;
    let answers = async {
        let (first, second) = (a.next().await, b.next().await);
        first.refuse(400);
        second.abandoned().await;
    };
    let (reply, ()) = tokio::join!(ask(&gateway), answers);
    assert_eq!((reply.status.as_u16(), target(&reply)), (400, "a"));
    gateway
        .targets_when("nothing in flight", |targets| {
            targets.values().all(|target| target["in_flight"] == 0)
        })
        .await;
}

#[tokio::test]
async fn a_hedge_is_within_the_retry_budget() {
    let knobs = ["head-delay=60ms", ""];
    let providers = "hedge: { enabled: true, delay_ms: 10 }\nretry: { max_attempts: 1, budget_percent: 10, budget_min_per_second: 1 }";
    let fleet = Fleet::start(knobs, |config| config.providers(providers)).await;
    let begun = Instant::now();
    let mut questions = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let call = fleet.gateway.post("/v1/chat/completions");
        questions.spawn(call.json(&chat("Hello")).send());
    }
    for reply in questions.join_all().await {
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    let second = fleet.requests()[1];
    let allowed = 10 + begun.elapsed().as_secs() + 1 + 10;
    assert!(
        second > 0 && second <= allowed,
        "{second} of 100 were asked twice"
    );
}

#[tokio::test]
async fn it_is_off_unless_configured() {
    for providers in [
        "strategy: ordered",
        "hedge: { enabled: false, delay_ms: 1 }",
    ] {
        let fleet = Fleet::start(["head-delay=300ms", ""], |c| c.providers(providers)).await;
        assert_answered(&ask(&fleet.gateway).await, "a", "1", providers);
        assert_eq!(fleet.requests(), [1, 0]);
    }
}
