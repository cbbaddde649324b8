//! A copy of a request to another target, which changes nothing of the answer.

use fw_tests::{ByHand, Config, Fleet, Launch, Sim, Target, chat, streamed};

use super::{ANSWER, ask, assert_answered, both, operations, send, target, together};

fn mirror(more: &str) -> String {
    format!("strategy: single\nmirror: {{ enabled: true, mirror_target: b{more} }}")
}

#[tokio::test]
async fn the_mirror_gets_a_copy_and_the_client_one_answer() {
    let fleet = Fleet::start(["", "reply=a%20secret"], |c| c.providers(&mirror(""))).await;
    for (number, body) in (1..).zip(both()) {
        let reply = send(&fleet.gateway, &body).await;
        assert_answered(&reply, "a", "1", "the mirror's text is nobody's");
        fleet.sims[1]
            .wait_for("the copy", |c| c.completed == number)
            .await;
        assert_eq!(fleet.sims[1].last().json(), fleet.sims[0].last().json());
    }
    assert_eq!(fleet.requests(), [2, 2]);
    fleet.idle().await;
}

#[tokio::test]
async fn the_copy_comes_after_the_answer() {
    let (mut a, mut b) = (ByHand::start().await, ByHand::start().await);
    let targets = [("a", a.base_url()), ("b", b.base_url())];
    let targets = targets.map(|(id, url)| Target::new(id).base_url(&url));
    let gateway = Launch::new(Config::of(targets).providers(&mirror("")))
        .start()
        .await;
    let call = gateway
        .post("/v1/chat/completions")
        .json(&streamed("Hello"));
    let begin = async {
        let stream = a.next().await.stream();
        stream.role();
        stream.text("One.");
        stream
    };
    let (mut live, stream) = tokio::join!(call.open(), begin);
    for _ in 0..2 {
        assert!(live.event().await.unwrap().is_some());
    }
    for _ in 0..20 {
        assert_eq!(gateway.get("/healthz").send().await.status, 200);
    }
    assert_eq!(b.arrived(), 0, "the answer is not over");
    stream.end();
    assert!(live.rest().await.unwrap().ends_with("data: [DONE]\n\n"));
    // The copy is never answered, and nobody waits for it.
    let _copy = b.next().await;
    let answer = async { a.next().await.answer(ANSWER) };
    let (reply, ()) = tokio::join!(ask(&gateway), answer);
    assert_answered(&reply, "a", "1", "");
}

#[tokio::test]
async fn a_mirror_that_fails_is_not_noticed() {
    let cases = [
        "status=500",
        "status=429&retry-after=30",
        "fault=reset-before-head",
        "fault=hang-before-head",
        "fault=hang-mid-body",
        "fault=reset-mid-body",
    ];
    together(cases, |knobs| async move {
        let fleet = Fleet::start(["", knobs], |c| c.providers(&mirror(", timeout_ms: 200"))).await;
        for (number, body) in (1..).zip(both()) {
            assert_answered(&send(&fleet.gateway, &body).await, "a", "1", knobs);
            fleet.sims[1]
                .wait_for("the copy", |c| c.requests == number)
                .await;
        }
        let targets = fleet.gateway.targets().await;
        assert_eq!(
            targets["b"]["state"], "ready",
            "{knobs}: copies are no evidence"
        );
        assert_eq!(
            targets["b"]["in_flight"], 0,
            "{knobs}: copies are not counted"
        );
        fleet.idle().await;
    })
    .await;
}

#[tokio::test]
async fn a_mirror_that_is_not_there_is_not_noticed() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", closed.local_addr().unwrap());
    drop(closed);
    let a = Sim::start().await;
    let targets = [("a", a.base_url()), ("b", url)];
    let targets = targets.map(|(id, url)| Target::new(id).base_url(&url));
    let gateway = Launch::new(Config::of(targets).providers(&mirror("")))
        .start()
        .await;
    for _ in 0..5 {
        assert_answered(&ask(&gateway).await, "a", "1", "a closed port");
    }
}

#[tokio::test]
async fn a_sample_rate_of_zero_sends_none() {
    let fleet = Fleet::start(["", ""], |c| c.providers(&mirror(", sample_rate: 0.0"))).await;
    for _ in 0..20 {
        assert_answered(&ask(&fleet.gateway).await, "a", "1", "");
    }
    fleet.idle().await;
    assert_eq!(fleet.requests(), [20, 0]);
}

#[tokio::test]
async fn a_sample_is_about_its_share() {
    let fleet = Fleet::start(["", ""], |c| c.providers(&mirror(", sample_rate: 0.5"))).await;
    for _ in 0..100 {
        ask(&fleet.gateway).await;
    }
    // Fewer than 20 or more than 80 of 100 is a chance of less than one in a thousand million.
    fleet.sims[1]
        .wait_for("the copies", |c| c.requests >= 20)
        .await;
    fleet.idle().await;
    assert!(fleet.requests()[1] <= 80, "{:?}", fleet.requests());
}

#[tokio::test]
async fn a_mirror_that_is_switched_off_gets_nothing() {
    let off = mirror("").replace("enabled: true", "enabled: false");
    let fleet = Fleet::start(["", ""], |c| c.providers(&off)).await;
    for _ in 0..5 {
        ask(&fleet.gateway).await;
    }
    fleet.idle().await;
    assert_eq!(fleet.requests(), [5, 0]);
}

#[tokio::test]
async fn every_operation_is_copied() {
    let fleet = Fleet::start(["", ""], |c| c.providers(&mirror(""))).await;
    for (number, (path, body, _)) in (1..).zip(operations()) {
        let reply = fleet.gateway.post(path).json(&body).send().await;
        assert_eq!(
            (reply.status.as_u16(), target(&reply)),
            (200, "a"),
            "{path}"
        );
        fleet.sims[1]
            .wait_for("the copy", |c| c.completed == number)
            .await;
        let [sent, copied] = [&fleet.sims[0], &fleet.sims[1]].map(Sim::last);
        assert_eq!(
            (&sent.path, &sent.body),
            (&copied.path, &copied.body),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_copy_carries_the_mirror_s_own_key() {
    let sims = vec![Sim::start().await, Sim::start().await];
    let fleet = Fleet::launched(sims, |launch| {
        launch
            .environment("MIRROR_KEY", "fw_mirror_key")
            .configure(|config| {
                config
                    .providers(&mirror(""))
                    .target("b", |target| target.key_variable("MIRROR_KEY"))
            })
    })
    .await;
    send(&fleet.gateway, &chat("Hello")).await;
    fleet.sims[1]
        .wait_for("the copy", |c| c.completed == 1)
        .await;
    let key = fleet.sims[1].last();
    assert_eq!(key.header("authorization"), Some("Bearer fw_mirror_key"));
}
