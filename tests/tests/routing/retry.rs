//! The same target again: after what, how often, and when.

use std::time::{Duration, Instant};

use fw_tests::{ByHand, Config, Fleet, Launch, Target, chat};

use super::{NO_BREAKER, ask, assert_answered, attempts, both, send, target, together};

/// Three attempts with next to no time between them.
const THREE: &str = "retry: { max_attempts: 3, initial_backoff_ms: 1, max_backoff_ms: 2000 }";

#[tokio::test]
async fn a_failure_that_passes_is_not_seen() {
    let cases = [
        "status=408",
        "status=425",
        "status=500",
        "status=502",
        "status=503",
        "status=504",
        "status=520",
        "fault=html-502",
        "fault=empty-502",
        "fault=reset-before-head",
        "fault=close-before-head",
    ];
    together(cases, |knobs| async move {
        for body in both() {
            let twice = format!("{knobs}&fault-times=2");
            let fleet = Fleet::start([&*twice, ""], |config| config.providers(THREE)).await;
            let reply = send(&fleet.gateway, &body).await;
            assert_answered(&reply, "a", "3", knobs);
            assert_eq!(fleet.requests(), [3, 0], "{knobs}");
        }
    })
    .await;
}

#[tokio::test]
async fn max_attempts_counts_the_first_one() {
    for most in [1, 2, 4] {
        let retry = format!("retry: {{ max_attempts: {most}, initial_backoff_ms: 1 }}");
        let fleet = Fleet::start(["status=500", ""], |config| config.providers(&retry)).await;
        let reply = ask(&fleet.gateway).await;
        assert_answered(&reply, "b", &(most + 1).to_string(), &retry);
        assert_eq!(fleet.requests(), [most, 1], "{retry}");
    }
}

#[tokio::test]
async fn without_a_retry_section_a_target_is_asked_once() {
    for yaml in [
        "strategy: ordered",
        "retry: { enabled: false, max_attempts: 5 }",
    ] {
        let fleet = Fleet::start(["status=500"], |config| config.providers(yaml)).await;
        let reply = ask(&fleet.gateway).await;
        assert_eq!(
            (reply.status.as_u16(), attempts(&reply)),
            (500, "1"),
            "{yaml}"
        );
        assert_eq!(fleet.requests(), [1], "{yaml}");
    }
}

#[tokio::test]
async fn every_target_gets_its_attempts_and_then_the_client_an_error() {
    let fleet = Fleet::start(["status=500", "status=503"], |config| {
        config.providers(THREE)
    })
    .await;
    let reply = ask(&fleet.gateway).await;
    assert!(reply.status.is_server_error(), "{}", reply.text());
    reply.error();
    assert_eq!(attempts(&reply), "6");
    assert_eq!(fleet.requests(), [3, 3]);
    assert_eq!(
        reply.header("x-should-retry"),
        Some("false"),
        "another try by the client would be one too many"
    );
}

#[tokio::test]
async fn what_another_try_cannot_mend_is_not_tried_again() {
    let cases = [
        ("status=400", false),
        ("status=405", false),
        ("status=413", false),
        ("status=422", false),
        ("status=401", true),
        ("status=402", true),
        ("status=403", true),
        ("status=404", true),
        ("fault=suspended", true),
    ];
    together(cases, |(knobs, next)| async move {
        let fleet = Fleet::start([knobs, ""], |config| config.providers(THREE)).await;
        let reply = ask(&fleet.gateway).await;
        assert_eq!(fleet.requests(), [1, u64::from(next)], "{knobs}");
        if next {
            assert_answered(&reply, "b", "2", knobs);
        }
    })
    .await;
}

#[tokio::test]
async fn only_what_is_listed_is_tried_again() {
    for (listed, again, not) in [
        ("[429]", "status=429&retry-after=0", "status=500"),
        ("[5xx]", "status=502", "status=408"),
        ("[503]", "status=503", "status=500"),
        ("[timeout]", "status=504", "status=500"),
    ] {
        let retry =
            format!("retry: {{ max_attempts: 2, initial_backoff_ms: 1, retry_on: {listed} }}");
        for (knobs, requests) in [(again, 2), (not, 1)] {
            let fleet = Fleet::start([knobs], |config| config.providers(&retry)).await;
            ask(&fleet.gateway).await;
            assert_eq!(fleet.requests(), [requests], "{listed} {knobs}");
        }
    }
}

#[tokio::test]
async fn a_target_that_says_when_is_asked_again_then() {
    let cases = [
        "status=429&retry-after=1&fault-times=1",
        "status=503&retry-after=1&fault-times=1",
    ];
    together(cases, |knobs| async move {
        let fleet = Fleet::start([knobs], |config| config.providers(THREE)).await;
        let begun = Instant::now();
        let reply = ask(&fleet.gateway).await;
        assert_answered(&reply, "a", "2", knobs);
        assert!(begun.elapsed() >= Duration::from_secs(1), "{knobs}");
    })
    .await;
}

#[tokio::test]
async fn milliseconds_are_understood_too() {
    let mut upstream = ByHand::start().await;
    let target = Target::new("a").base_url(&upstream.base_url());
    let gateway = Launch::new(Config::of([target]).providers(THREE))
        .start()
        .await;
    let answers = async {
        let asked = upstream.next().await;
        let begun = Instant::now();
        asked.reply(503, &[("retry-after-ms", "400")], &chat("Hello"));
        upstream.next().await.answer("Hi.");
        begun.elapsed()
    };
    let (reply, waited) = tokio::join!(ask(&gateway), answers);
    assert_eq!(reply.status, 200);
    assert!(waited >= Duration::from_millis(400), "{waited:?}");
    assert!(waited < Duration::from_secs(5), "{waited:?}");
}

#[tokio::test]
async fn nobody_waits_for_a_target_that_asks_for_too_much() {
    for knobs in ["status=429&retry-after=30", "status=503&retry-after=30"] {
        let alone = Fleet::start([knobs], |config| config.providers(THREE)).await;
        let begun = Instant::now();
        let reply = ask(&alone.gateway).await;
        assert!(begun.elapsed() < Duration::from_secs(10), "{knobs}");
        assert_eq!(reply.header("retry-after"), Some("30"), "{knobs}");
        assert_eq!(alone.requests(), [1], "{knobs}");

        let fleet = Fleet::start([knobs, ""], |config| config.providers(THREE)).await;
        let reply = ask(&fleet.gateway).await;
        assert_answered(&reply, "b", "2", knobs);
    }
}

#[tokio::test]
async fn nobody_waits_while_another_target_is_ready() {
    for knobs in ["status=429&retry-after=2", "status=503&retry-after=2"] {
        let fleet = Fleet::start([knobs, ""], |config| config.providers(THREE)).await;
        assert_answered(&ask(&fleet.gateway).await, "b", "2", knobs);
        assert_eq!(fleet.requests(), [1, 1], "{knobs}");
    }
}

#[tokio::test]
async fn a_target_at_its_limit_is_left_alone_until_it_said() {
    let fleet = Fleet::start(["status=429&retry-after=30&fault-times=1", ""], |config| {
        config
    })
    .await;
    assert_answered(&ask(&fleet.gateway).await, "b", "2", "the limit is met");
    for _ in 0..5 {
        assert_answered(&ask(&fleet.gateway).await, "b", "1", "and kept to");
    }
    assert_eq!(fleet.requests(), [1, 6]);
}

#[tokio::test]
async fn a_target_at_its_limit_comes_back_when_it_said() {
    let fleet = Fleet::start(["status=429&retry-after=1&fault-times=1", ""], |config| {
        config
    })
    .await;
    let begun = Instant::now();
    assert_answered(&ask(&fleet.gateway).await, "b", "2", "the limit is met");
    fleet
        .gateway
        .targets_when("the first to be ready", |targets| {
            targets["a"]["state"] == "ready"
        })
        .await;
    assert!(begun.elapsed() >= Duration::from_millis(900));
    assert_answered(&ask(&fleet.gateway).await, "a", "1", "its time is over");
}

#[tokio::test]
async fn the_attempts_together_have_a_time() {
    let providers = "first_token_timeout_seconds: 1\nretry: { max_attempts: 50, initial_backoff_ms: 300, max_backoff_ms: 300, jitter: false, timeout_seconds: 1, budget_percent: 1000 }";
    let fleet = Fleet::start(["status=500"], |config| config.providers(providers)).await;
    let begun = Instant::now();
    let reply = ask(&fleet.gateway).await;
    assert!(reply.status.is_server_error(), "{}", reply.text());
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    let requests = fleet.requests()[0];
    assert!((2..=5).contains(&requests), "{requests} attempts");
}

#[tokio::test]
async fn an_attempt_that_hangs_is_within_that_time() {
    let providers = "retry: { max_attempts: 3, timeout_seconds: 1 }";
    for body in both() {
        let fleet = Fleet::start(["fault=hang-before-head", ""], |config| {
            config.providers(providers)
        })
        .await;
        let reply = send(&fleet.gateway, &body).await;
        assert_eq!(reply.status, 504, "{}", reply.text());
        reply.error();
        assert_eq!(fleet.requests(), [1, 0], "there is no time for another");
        fleet.idle().await;
    }
}

#[tokio::test]
async fn an_outage_is_not_made_worse() {
    let providers = format!(
        "{NO_BREAKER}\nretry: {{ max_attempts: 5, initial_backoff_ms: 1, max_backoff_ms: 5, budget_percent: 20, budget_min_per_second: 1 }}"
    );
    let fleet = Fleet::start(["status=503"], |config| config.providers(&providers)).await;
    let begun = Instant::now();
    for _ in 0..200 {
        assert_eq!(ask(&fleet.gateway).await.status, 503);
    }
    let requests = fleet.requests()[0];
    let retries = requests - 200;
    // A fifth, the one a second that there is always, and what a fresh budget holds.
    let allowed = 40 + begun.elapsed().as_secs() + 1 + 10;
    assert!(retries > 0, "some are tried again");
    assert!(
        retries <= allowed,
        "{retries} retries of 200 failing requests"
    );
}

#[tokio::test]
async fn the_budget_is_the_target_s_own() {
    let providers = format!(
        "strategy: ordered\n{NO_BREAKER}\nretry: {{ max_attempts: 3, initial_backoff_ms: 1, budget_percent: 10, budget_min_per_second: 1 }}"
    );
    let fleet = Fleet::start(["status=503", ""], |config| config.providers(&providers)).await;
    for _ in 0..60 {
        assert_eq!(target(&ask(&fleet.gateway).await), "b");
    }
    fleet.sims[1].set("status=500&fault-times=1");
    assert_eq!(
        target(&ask(&fleet.gateway).await),
        "b",
        "b may still try again"
    );
}
