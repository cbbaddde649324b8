//! What follows each fault: the same target, another key, another target, or the answer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::{io::ErrorKind, time::Duration};

use fw_routing::{
    Backoff, Breaker, Fallback, Retry, RetryBudget, Router, RouterBuilder, Target, TargetState,
};
use support::{Act, Scripted, ask, assert_idle, chat, head, ms, talk};
use tokio::time::Instant;

fn builder(targets: &[&Scripted]) -> RouterBuilder<Scripted> {
    ["a", "b", "c", "d"]
        .iter()
        .zip(targets)
        .fold(Router::builder(), |router, (id, target)| {
            router.target(target.target(id))
        })
}

fn patient() -> Retry {
    Retry::new().backoff(Backoff::new().initial(ms(200)).max(ms(2_000)).jitter(false))
}

/// What the client gets of a first target that answers with this status, with and without a second.
#[tokio::test(start_paused = true)]
async fn the_status_table() {
    // status, another target is tried, the same target is tried again
    let table = [
        (400, false, false),
        (401, true, false),
        (402, true, false),
        (403, true, false),
        (404, true, false),
        (405, false, false),
        (409, false, false),
        (408, true, true),
        (412, true, false),
        (413, false, false),
        (422, false, false),
        (425, true, true),
        (429, true, true),
        (500, true, true),
        (501, false, false),
        (502, true, true),
        (503, true, true),
        (504, true, true),
        (520, true, true),
    ];
    for (status, elsewhere, again) in table {
        let (first, second) = (
            Scripted::always(Act::status(status)),
            Scripted::always(Act::plain()),
        );
        let got = ask(&builder(&[&first, &second]).build().unwrap()).await;
        let expected = if elsewhere { (200, "b") } else { (status, "a") };
        assert_eq!((got.status, got.target()), expected, "{status}");
        assert_eq!(first.count(), 1, "{status}");

        let alone = Scripted::always(Act::status(status));
        let router = builder(&[&alone]).retry(patient()).build().unwrap();
        let got = ask(&router).await;
        assert_eq!((got.status, got.target()), (status, "a"), "{status}");
        assert_eq!(alone.count(), if again { 2 } else { 1 }, "{status}");
        assert_eq!(
            got.header("x-should-retry"),
            again.then_some("false"),
            "{status}"
        );
        assert_idle(&router);
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_comes_as_the_target_said_it() {
    let said = r#"{"error":{"message":"no such field: 'x'"}}"#;
    let target = Scripted::always(Act::said(422, &[("x-request-id", "7")], said));
    let got = ask(&builder(&[&target]).build().unwrap()).await;
    assert_eq!((got.status, got.body.as_str()), (422, said));
    assert_eq!(got.header("x-request-id"), Some("7"));
    assert_eq!(got.count(), "1");
}

#[tokio::test(start_paused = true)]
async fn when_all_fail_the_client_hears_what_says_most() {
    let (busy, unknown) = (
        Scripted::always(Act::status(503)),
        Scripted::always(Act::status(404)),
    );
    for targets in [[&busy, &unknown], [&unknown, &busy]] {
        let got = ask(&builder(&targets).build().unwrap()).await;
        assert_eq!(got.status, 503);
        assert_eq!(got.header("x-should-retry"), Some("false"));
    }
    let got = ask(&builder(&[&unknown, &unknown]).build().unwrap()).await;
    assert_eq!((got.status, got.header("x-should-retry")), (404, None));
}

#[tokio::test(start_paused = true)]
async fn retries_wait_longer_each_time() {
    let target = Scripted::new([
        Act::status(503),
        Act::status(503),
        Act::Refuse(ErrorKind::ConnectionRefused),
        Act::plain(),
    ]);
    let router = builder(&[&target])
        .retry(patient().max_attempts(4))
        .build()
        .unwrap();
    let started = Instant::now();
    let got = ask(&router).await;
    assert_eq!((got.status, got.count()), (200, "4"));
    assert_eq!(started.elapsed(), ms(200 + 400 + 800));
    assert_eq!(got.header("x-should-retry"), None);
}

#[tokio::test(start_paused = true)]
async fn a_target_says_when_to_come_back() {
    let soon = &[("retry-after", "1")];
    let target = Scripted::new([Act::said(429, soon, "{}"), Act::plain()]);
    let router = builder(&[&target]).retry(patient()).build().unwrap();
    let started = Instant::now();
    assert_eq!(ask(&router).await.status, 200);
    assert_eq!(started.elapsed(), ms(1_000));

    // Too long to wait for.
    let late = &[("retry-after", "30")];
    let target = Scripted::new([Act::said(429, late, "{}"), Act::plain()]);
    let router = builder(&[&target]).retry(patient()).build().unwrap();
    let got = ask(&router).await;
    assert_eq!((got.status, got.count()), (429, "1"));
    assert_eq!(got.header("retry-after"), Some("30"));
}

#[tokio::test(start_paused = true)]
async fn a_rate_limited_target_rests_while_others_work() {
    let limited = Act::said(429, &[("retry-after", "20")], "{}");
    let (first, second) = (
        Scripted::new([limited, Act::plain()]),
        Scripted::always(Act::plain()),
    );
    let router = builder(&[&first, &second])
        .breaker(Breaker::new().failure_threshold(1))
        .build()
        .unwrap();
    assert_eq!(ask(&router).await.target(), "b");
    assert_eq!(ask(&router).await.target(), "b");
    assert_eq!(first.count(), 1);
    let status = &router.status()[0];
    assert_eq!((status.state, status.failures), (TargetState::Cooling, 0));
    assert_eq!(status.ready_in, Some(Duration::from_secs(20)));
    tokio::time::advance(Duration::from_secs(20)).await;
    assert_eq!(ask(&router).await.target(), "a");
}

/// It is waited for as long as the target rests, not only as long as it asked for.
#[tokio::test(start_paused = true)]
async fn a_wait_is_as_long_as_the_rest_or_is_not_made() {
    let other = Scripted::always(Act::plain());
    let build = |target: &Scripted| {
        let router = builder(&[target, &other]).retry(patient());
        router.fallback(Fallback::none()).build().unwrap()
    };
    let at_once = Act::said(429, &[("retry-after", "0")], "{}");
    let target = Scripted::new([at_once, Act::plain()]);
    let started = Instant::now();
    let got = ask(&build(&target)).await;
    assert_eq!((got.status, got.target(), got.count()), (200, "a", "2"));
    assert_eq!(started.elapsed(), ms(1_000));

    // Five seconds, longer than the longest wait.
    let target = Scripted::always(Act::status(429));
    let started = Instant::now();
    let got = ask(&build(&target)).await;
    assert_eq!((got.status, got.header("retry-after")), (429, Some("5")));
    assert_eq!(started.elapsed(), ms(0));
    assert_eq!(other.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_not_made_worse() {
    let target = Scripted::always(Act::status(503));
    let budget = RetryBudget::new().percent(20.0).min_per_second(0.0);
    let router = builder(&[&target])
        .retry(patient().max_attempts(5).budget(budget))
        .build()
        .unwrap();
    let requests = 100;
    for _ in 0..requests {
        assert_eq!(ask(&router).await.status, 503);
    }
    let retries = target.count() - requests;
    assert!((1..=25).contains(&retries), "{retries}");
}

#[tokio::test(start_paused = true)]
async fn all_attempts_together_have_their_time() {
    let retry = patient().max_attempts(10).timeout(Duration::from_secs(1));
    for (act, status, attempts) in [
        (Act::status(503).after(ms(300)), 504, "3"),
        (Act::status(503).after(ms(700)), 504, "2"),
        (Act::Hang, 504, "1"),
        (
            Act::stream([support::Piece::Text(support::ROLE), support::Piece::Hang]),
            504,
            "1",
        ),
    ] {
        let target = Scripted::always(act);
        let router = builder(&[&target, &target])
            .retry(retry.clone())
            .build()
            .unwrap();
        let started = Instant::now();
        let got = talk(&router).await;
        assert_eq!(
            (got.status, got.count()),
            (status, attempts),
            "{}",
            got.body
        );
        assert!(started.elapsed() <= ms(1_000), "{:?}", started.elapsed());
        assert_eq!(target.in_flight(), 0);
    }
}

/// Nobody else has to wait for it: who sends one could send many.
#[tokio::test(start_paused = true)]
async fn a_request_above_the_limit_rests_no_target() {
    const SAID: &str = r#"{"error":{"message":"Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 36241.","type":"tokens","code":"rate_limit_exceeded"}}"#;
    let first = Scripted::always(Act::said(429, &[], SAID));
    let second = Scripted::always(Act::plain());
    let router = builder(&[&first, &second]).build().unwrap();
    for _ in 0..2 {
        assert_eq!(ask(&router).await.target(), "b");
    }
    assert_eq!(first.count(), 2);
    let status = &router.status()[0];
    assert_eq!((status.state, status.rate_limited), (TargetState::Ready, 2));

    let alone = builder(&[&first]).retry(patient()).build().unwrap();
    let got = ask(&alone).await;
    assert_eq!((got.status, got.count()), (429, "1"));
}

#[tokio::test(start_paused = true)]
async fn who_comes_late_is_not_blamed_for_the_time_that_others_took() {
    let slow_to_fail = Scripted::always(Act::status(503).after(ms(900)));
    let good = Scripted::always(Act::plain().after(ms(200)));
    let router = builder(&[&slow_to_fail, &good])
        .retry(Retry::none().timeout(Duration::from_secs(1)))
        .breaker(Breaker::new().failure_threshold(3))
        .build()
        .unwrap();
    for _ in 0..3 {
        let got = ask(&router).await;
        assert_eq!((got.status, got.count()), (504, "2"));
    }
    let status = router.status();
    assert_eq!(
        (status[1].state, status[1].failures),
        (TargetState::Ready, 0)
    );
    assert_eq!(status[0].state, TargetState::Open);

    let hung = Scripted::always(Act::Hang);
    let router = builder(&[&hung])
        .retry(Retry::none().timeout(Duration::from_secs(1)))
        .build()
        .unwrap();
    ask(&router).await;
    assert_eq!(router.status()[0].failures, 1);
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_time_gets_it_while_another_is_ready() {
    let busy = Act::said(503, &[("retry-after", "2")], "{}");
    let (first, second) = (Scripted::always(busy), Scripted::always(Act::plain()));
    let router = builder(&[&first, &second])
        .retry(patient())
        .build()
        .unwrap();
    let started = Instant::now();
    assert_eq!(ask(&router).await.target(), "b");
    assert_eq!((started.elapsed(), first.count()), (ms(0), 1));
}

#[tokio::test(start_paused = true)]
async fn only_so_many_further_targets_are_tried() {
    let down = Scripted::always(Act::status(500));
    let router = builder(&[&down, &down, &down, &down])
        .fallback(Fallback::new().max_attempts(2))
        .build()
        .unwrap();
    let got = ask(&router).await;
    assert_eq!((got.status, got.count(), got.target()), (500, "3", "c"));

    let router = builder(&[&down, &down])
        .fallback(Fallback::none())
        .build()
        .unwrap();
    let got = ask(&router).await;
    assert_eq!((got.count(), got.target()), ("1", "a"));
}

#[tokio::test(start_paused = true)]
async fn the_last_fault_decides_what_follows() {
    // The client hears of the 503, which says more. It is not what happened at the second target.
    for status in [403, 404] {
        let (first, second) = (
            Scripted::always(Act::status(503)),
            Scripted::always(Act::status(status)),
        );
        let router = builder(&[&first, &second]).retry(patient()).build();
        let got = ask(&router.unwrap()).await;
        assert_eq!((first.count(), second.count()), (2, 1), "{}", got.attempts);
        assert_eq!((got.status, got.target()), (503, "a"));
    }
    let [down, other, good] =
        [Act::status(503), Act::status(404), Act::plain()].map(Scripted::always);
    let router = builder(&[&down, &other, &good])
        .fallback(Fallback::new().max_attempts(1))
        .build()
        .unwrap();
    assert_eq!(ask(&router).await.target(), "c");
}

// === breaker ===

fn brittle(targets: &[&Scripted]) -> Router<Scripted> {
    let breaker = Breaker::new()
        .failure_threshold(2)
        .cooldown(Duration::from_secs(10))
        .half_open_requests(2);
    builder(targets).breaker(breaker).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_target_that_keeps_failing_is_left_alone_and_comes_back() {
    let first = Scripted::new([
        Act::status(500),
        Act::Refuse(ErrorKind::ConnectionReset),
        Act::plain(),
    ]);
    let second = Scripted::always(Act::plain());
    let router = brittle(&[&first, &second]);
    for _ in 0..5 {
        assert_eq!(ask(&router).await.target(), "b");
    }
    assert_eq!(first.count(), 2);
    assert_eq!(router.status()[0].state, TargetState::Open);
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(ask(&router).await.target(), "a");
    assert_eq!(router.status()[0].state, TargetState::HalfOpen);
    assert_eq!(ask(&router).await.target(), "a");
    assert_eq!(router.status()[0].state, TargetState::Ready);
}

#[tokio::test(start_paused = true)]
async fn half_open_admits_so_many_at_once_and_no_more() {
    let first = Scripted::new([
        Act::status(500),
        Act::status(500),
        Act::plain().after(ms(100)),
    ]);
    let second = Scripted::always(Act::plain());
    let router = brittle(&[&first, &second]);
    for _ in 0..2 {
        ask(&router).await;
    }
    tokio::time::advance(Duration::from_secs(10)).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let router = router.clone();
        tasks.spawn(async move { ask(&router).await.target().to_owned() });
    }
    let answered = tasks.join_all().await;
    assert_eq!(answered.iter().filter(|target| *target == "a").count(), 2);
    assert_eq!(router.status()[0].state, TargetState::Ready);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_keeps_no_target_out() {
    let first = Scripted::new([Act::status(500), Act::status(500), Act::talk()]);
    let router = brittle(&[&first]);
    for _ in 0..2 {
        talk(&router).await;
    }
    tokio::time::advance(Duration::from_secs(10)).await;
    let unread = [
        head(&router, chat(true)).await,
        head(&router, chat(true)).await,
    ];
    let got = talk(&router).await;
    assert_eq!((got.status, got.header("retry-after")), (503, Some("30")));
    for _ in 0..2 {
        tokio::time::advance(Duration::from_secs(30)).await;
        assert_eq!(talk(&router).await.status, 200);
    }
    assert_eq!(router.status()[0].state, TargetState::Ready);
    drop(unread);
    assert_idle(&router);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_hangs_up_frees_its_place() {
    let first = Scripted::new([
        Act::status(500),
        Act::status(500),
        Act::Hang,
        Act::Hang,
        Act::talk(),
    ]);
    let router = brittle(&[&first]);
    for _ in 0..2 {
        talk(&router).await;
    }
    assert_eq!(talk(&router).await.status, 503);
    tokio::time::advance(Duration::from_secs(10)).await;
    for _ in 0..2 {
        let gone = tokio::time::timeout(ms(5), head(&router, chat(true))).await;
        assert!(gone.is_err());
        assert_idle(&router);
        assert_eq!(first.in_flight(), 0);
    }
    for _ in 0..2 {
        assert_eq!(talk(&router).await.status, 200);
    }
    assert_eq!(router.status()[0].state, TargetState::Ready);
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_judged_at_its_end() {
    let torn = Act::stream([support::Piece::Text(support::WORD)]);
    let (first, second) = (Scripted::always(torn), Scripted::always(Act::talk()));
    let router = brittle(&[&first, &second]);
    for _ in 0..2 {
        let got = talk(&router).await;
        assert_eq!((got.status, got.target()), (200, "a"));
        assert!(got.attempts.is_empty() || got.attempts.starts_with("a: "));
    }
    assert_eq!(router.status()[0].state, TargetState::Open);
    assert_eq!(talk(&router).await.target(), "b");
}

#[tokio::test(start_paused = true)]
async fn an_error_within_a_stream_says_whose_fault_it_is() {
    use support::{Piece::Text, WORD};
    const FILTERED: &str = "data: {\"error\":{\"message\":\"no\",\"type\":\"invalid_request_error\",\"code\":400}}\n\n";
    const LIMITED: &str =
        "data: {\"error\":{\"message\":\"slow down\",\"type\":\"rate_limit_error\"}}\n\n";
    for (error, state) in [
        (FILTERED, TargetState::Ready),
        (LIMITED, TargetState::Cooling),
        (support::ERROR, TargetState::Open),
    ] {
        let first = Scripted::always(Act::stream([Text(WORD), Text(error)]));
        let second = Scripted::always(Act::talk());
        let router = brittle(&[&first, &second]);
        for _ in 0..2 {
            talk(&router).await;
        }
        assert_eq!(router.status()[0].state, state, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn clients_cannot_open_a_breaker() {
    for status in [400, 401, 403, 404, 409, 413, 422, 429] {
        let first = Scripted::always(Act::status(status));
        let router = brittle(&[&first]);
        for _ in 0..5 {
            assert_eq!(ask(&router).await.status, status);
        }
        assert_eq!(router.status()[0].state, TargetState::Ready, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn when_all_are_down_the_client_hears_when_to_come_back() {
    let down = Scripted::always(Act::status(500));
    let router = brittle(&[&down, &down]);
    for _ in 0..2 {
        assert_eq!(ask(&router).await.status, 500);
    }
    tokio::time::advance(Duration::from_secs(4)).await;
    let got = ask(&router).await;
    assert_eq!((got.status, got.count()), (503, "0"));
    assert_eq!(got.header("retry-after"), Some("6"));
    assert_eq!(got.header("x-should-retry"), None);
    assert!(got.body.contains("no_target_available"), "{}", got.body);
    assert_eq!(down.count(), 4);
}

#[tokio::test(start_paused = true)]
async fn without_any_key_there_is_nothing_to_come_back_for() {
    let target = Scripted::always(Act::plain());
    let router = Router::new([target.target("a").unavailable()]).unwrap();
    let got = ask(&router).await;
    assert_eq!((got.status, got.header("retry-after")), (503, None));
}

// === keys ===

fn keyed(keys: &[(&'static str, &Scripted)]) -> Target<Scripted> {
    Target::with_keys(
        "a",
        keys.iter()
            .map(|(label, key)| (*label, 1.0, (*key).clone())),
    )
    .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_is_put_aside() {
    for status in [401, 402, 403, 412] {
        let (bad, good) = (
            Scripted::always(Act::status(status)),
            Scripted::always(Act::plain()),
        );
        let router = Router::new([keyed(&[("K1", &bad), ("K2", &good)])]).unwrap();
        for _ in 0..4 {
            assert_eq!(ask(&router).await.status, 200, "{status}");
        }
        assert_eq!((bad.count(), good.count()), (1, 4), "{status}");
        let keys = &router.status()[0].keys;
        let states: Vec<_> = keys.iter().map(|key| key.state.as_str()).collect();
        assert_eq!(states, ["set_aside", "ready"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_rate_limited_key_rests_and_the_other_goes_on() {
    let limited = Act::said(429, &[("retry-after", "3")], "{}");
    let (first, second) = (
        Scripted::new([limited, Act::plain()]),
        Scripted::always(Act::plain()),
    );
    let router = Router::new([keyed(&[("K1", &first), ("K2", &second)])]).unwrap();
    let got = ask(&router).await;
    assert_eq!((got.status, got.count()), (200, "2"));
    assert!(
        got.attempts
            .starts_with("a (K1): rate_limited (429) after 0 ms; a (K2)"),
        "{}",
        got.attempts
    );
    ask(&router).await;
    assert_eq!((first.count(), second.count()), (1, 2));
    tokio::time::advance(Duration::from_secs(3)).await;
    for _ in 0..4 {
        ask(&router).await;
    }
    assert!(first.count() > 1);
}

#[tokio::test(start_paused = true)]
async fn when_all_keys_are_limited_the_client_hears_it() {
    let limited = Scripted::always(Act::said(429, &[("retry-after", "3")], "{}"));
    let router = Router::new([keyed(&[("K1", &limited), ("K2", &limited)])]).unwrap();
    let got = ask(&router).await;
    assert_eq!((got.status, got.count(), limited.count()), (429, "2", 2));
    assert_eq!(router.status()[0].rate_limited, 2);
    let got = ask(&router).await;
    assert_eq!((got.status, got.header("retry-after")), (503, Some("3")));
    assert_eq!(limited.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn when_all_keys_are_limited_they_are_waited_for() {
    let limited = || Act::said(429, &[("retry-after", "1")], "{}");
    let once = || Scripted::new([limited(), Act::plain()]);
    let (first, second) = (once(), once());
    let router = Router::builder()
        .target(keyed(&[("K1", &first), ("K2", &second)]))
        .retry(patient())
        .build()
        .unwrap();
    let started = Instant::now();
    let got = ask(&router).await;
    assert_eq!((got.status, got.count()), (200, "3"), "{}", got.attempts);
    assert_eq!(started.elapsed(), ms(1_000));
}

/// What no key is allowed may be asked for on purpose.
#[tokio::test(start_paused = true)]
async fn a_request_that_is_forbidden_with_all_keys_takes_none_away() {
    let once = || Scripted::new([Act::status(403), Act::plain()]);
    let (first, second) = (once(), once());
    let router = Router::new([keyed(&[("K1", &first), ("K2", &second)])]).unwrap();
    assert_eq!(ask(&router).await.status, 403);
    assert_eq!((first.count(), second.count()), (1, 1));
    assert_eq!(ask(&router).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_is_replaced_after_another_target_failed() {
    let down = Scripted::always(Act::status(503));
    let (bad, good) = (
        Scripted::always(Act::status(401)),
        Scripted::always(Act::plain()),
    );
    let router = Router::builder()
        .target(down.target("first"))
        .target(keyed(&[("K1", &bad), ("K2", &good)]))
        .build()
        .unwrap();
    let got = ask(&router).await;
    assert_eq!((got.status, got.count()), (200, "3"), "{}", got.attempts);
}

// === hang-ups ===

#[tokio::test(start_paused = true)]
async fn whenever_the_client_hangs_up_nothing_stays_behind() {
    use support::{Piece, ROLE, WORD};
    let acts = [
        Act::Hang,
        Act::stream([Piece::Hang]),
        Act::stream([Piece::Text(ROLE), Piece::Hang]),
        Act::status(503),
        Act::Reply(
            200,
            &[("content-type", "application/json")],
            vec![Piece::Text("{"), Piece::Hang],
        ),
    ];
    for act in acts {
        let target = Scripted::always(act.clone());
        let retry = patient()
            .max_attempts(9)
            .backoff(Backoff::new().initial(ms(900)).max(ms(9_000)));
        let router = builder(&[&target]).retry(retry).build().unwrap();
        let gone = tokio::time::timeout(ms(500), head(&router, chat(true))).await;
        assert!(gone.is_err(), "{act:?}");
        assert_idle(&router);
        assert_eq!(target.in_flight(), 0, "{act:?}");
    }
    // Within a stream.
    let target = Scripted::always(Act::stream([Piece::Text(WORD), Piece::Hang]));
    let router = builder(&[&target]).build().unwrap();
    let response = head(&router, chat(true)).await;
    assert_eq!((router.status()[0].in_flight, target.in_flight()), (1, 1));
    drop(response);
    assert_idle(&router);
    assert_eq!(target.in_flight(), 0);
    assert_eq!(router.status()[0].failures, 0);
}
