//! Which target a request goes to: names, groups, fallbacks of the request, callers, hedges, mirrors.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::time::Duration;

use fw_routing::{
    Attempts, Fallback, Group, Hedge, Mirror, Router, RouterLayer, StickyBy, Target, strategy,
};
use http::Request;
use http_body_util::{BodyExt, Full};
use support::{Act, Piece, Scripted, WORD, ask, assert_idle, chat, ms, post, send, talk};
use tokio::time::Instant;
use tower::{Layer, Service, ServiceExt};

fn named(model: &str) -> Request<Full<bytes::Bytes>> {
    post(
        support::CHAT,
        &format!(r#"{{"model":"{model}","messages":[]}}"#),
    )
}

fn good() -> Scripted {
    Scripted::always(Act::plain())
}

fn bad() -> Scripted {
    Scripted::always(Act::status(500))
}

#[tokio::test(start_paused = true)]
async fn targets_go_in_their_order_unless_the_request_names_one() {
    let router = Router::builder()
        .target(good().target("a").serves(["big-model"]))
        .target(good().target("b").serves(["small-model"]))
        .target(good().target("c").prefix("other"))
        .build()
        .unwrap();
    for (model, target) in [
        ("anything", "a"),
        ("big-model", "a"),
        ("small-model", "b"),
        ("b", "b"),
        ("other/some-model", "c"),
        ("nobody/some-model", "a"),
    ] {
        assert_eq!(
            send(&router, named(model)).await.target(),
            target,
            "{model}"
        );
    }
    assert_eq!(send(&router, post(support::CHAT, "{}")).await.target(), "a");
    assert_eq!(
        send(&router, post(support::CHAT, "no json")).await.target(),
        "a"
    );
}

#[tokio::test(start_paused = true)]
async fn a_named_target_that_fails_is_replaced_by_the_others() {
    let router = Router::builder()
        .target(good().target("a"))
        .target(bad().target("b"))
        .build()
        .unwrap();
    let got = send(&router, named("b")).await;
    assert_eq!((got.target(), got.count()), ("a", "2"));
}

#[tokio::test(start_paused = true)]
async fn a_group_has_its_own_targets_and_strategy() {
    let router = Router::builder()
        .target(good().target("a"))
        .target(good().target("b"))
        .target(good().target("c"))
        .group(
            Group::new("fast")
                .member("b")
                .member("c")
                .alias("quick")
                .strategy(strategy::RoundRobin::new()),
        )
        .build()
        .unwrap();
    let mut seen = Vec::new();
    for model in ["fast", "quick", "fast", "fast"] {
        seen.push(send(&router, named(model)).await.target().to_owned());
    }
    assert_eq!(seen, ["b", "c", "b", "c"]);
    assert_eq!(ask(&router).await.target(), "a");
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_only_in_groups_has_its_name() {
    let (first, second) = (good(), Scripted::new([Act::plain(), Act::status(500)]));
    let router = Router::builder()
        .target(first.target("a"))
        .target(second.target("b").serves(["x"]))
        .default_targets(["a"])
        .group(Group::new("g").member("b"))
        .build()
        .unwrap();
    assert_eq!(send(&router, named("b")).await.target(), "b");
    assert_eq!(send(&router, named("y")).await.target(), "a");
    // Others are tried when it fails.
    let got = send(&router, named("x")).await;
    assert_eq!((got.target(), got.count()), ("a", "2"));
}

#[tokio::test(start_paused = true)]
async fn a_group_that_fails_falls_back_to_another() {
    let (first, second) = (bad(), good());
    let build = |fallback| {
        Router::builder()
            .target(first.target("a"))
            .target(second.target("b"))
            .group(Group::new("one").member("a").fallback("two"))
            .group(Group::new("two").member("b").fallback("one"))
            .fallback(fallback)
            .build()
            .unwrap()
    };
    assert_eq!(
        send(&build(Fallback::new()), named("one")).await.target(),
        "b"
    );
    assert_eq!(
        send(&build(Fallback::none()), named("one")).await.status,
        500
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_may_name_its_own_fallbacks() {
    let (first, second) = (bad(), good());
    let router = Router::builder()
        .target(first.target("a"))
        .target(second.target("b"))
        .group(Group::new("main").member("a"))
        .fallback(Fallback::none())
        .build()
        .unwrap();
    let body = r#"{"model":"main", "fallbacks":["b"],"messages":[ ]}"#;
    let got = send(&router, post(support::CHAT, body)).await;
    assert_eq!((got.status, got.target()), (200, "b"));
    assert_eq!(first.body(0), r#"{"model":"main", "messages":[ ]}"#);
    assert_eq!(second.body(0), r#"{"model":"b", "messages":[ ]}"#);
}

fn with_fallbacks(model: &str, names: &[&str]) -> Request<Full<bytes::Bytes>> {
    let body = serde_json::json!({"model": model, "fallbacks": names, "messages": []});
    post(support::CHAT, &body.to_string())
}

fn asking(model: &str, fallbacks: &str) -> Request<Full<bytes::Bytes>> {
    let body = format!(r#"{{"model":"{model}","fallbacks":{fallbacks},"messages":[]}}"#);
    post(support::CHAT, &body)
}

#[tokio::test(start_paused = true)]
async fn a_fallback_names_a_model_a_provider_or_a_target() {
    for (entry, target, model) in [
        (r#""other/m""#, "c", "other/m"),
        (r#"{"provider":"other","model":"m"}"#, "c", "other/m"),
        (r#"{"provider":"other"}"#, "c", "other/"),
        (r#""b/m""#, "b", "m"),
        (r#"{"provider":"b","model":"m/n"}"#, "b", "m/n"),
        (r#"{"provider":"b"}"#, "b", "b"),
        (r#"{"model":"small"}"#, "b", "small"),
        (r#""owner/served""#, "c", "owner/served"),
        (r#""accounts/x/models/y""#, "b", "accounts/x/models/y"),
        (r#""nobody-knows-it""#, "b", "nobody-knows-it"),
    ] {
        let (first, second, third) = (bad(), good(), good());
        let router = Router::builder()
            .target(first.target("a").prefix("main"))
            .target(second.target("b").serves(["small"]))
            .target(third.target("c").prefix("other").serves(["owner/served"]))
            .default_targets(["b", "c"])
            .group(Group::new("failing").member("a"))
            .fallback(Fallback::none())
            .build()
            .unwrap();
        let request = asking("failing", &format!("[{entry}]"));
        let got = send(&router, request).await;
        assert_eq!((got.status, got.target()), (200, target), "{entry}");
        let sent = if target == "b" { &second } else { &third };
        let expected = format!(r#"{{"model":"{model}","messages":[]}}"#);
        assert_eq!(sent.body(0), expected, "{entry}");
    }
}

#[tokio::test(start_paused = true)]
async fn fallbacks_that_cannot_be_are_refused_before_anybody_is_asked() {
    let target = good();
    let build = |targets: Vec<Target<Scripted>>| Router::new(targets).unwrap();
    let with_prefixes = build(vec![
        target.target("a").prefix("main"),
        target.target("b").prefix("other"),
    ]);
    let single = build(vec![target.target("a").prefix("main")]);
    for (fallbacks, code, param) in [
        (r#"["groq/llama"]"#, "unknown_provider", "fallbacks[0]"),
        (
            r#"["main/m",{"provider":"groq","model":"m"}]"#,
            "unknown_provider",
            "fallbacks[1]",
        ),
        (r#"{"provider":"other"}"#, "invalid_fallbacks", "fallbacks"),
        (r#""other/m""#, "invalid_fallbacks", "fallbacks"),
        ("[1]", "invalid_fallbacks", "fallbacks[0]"),
        (r#"["main/m",{}]"#, "invalid_fallbacks", "fallbacks[1]"),
        (r#"[""]"#, "invalid_fallbacks", "fallbacks[0]"),
    ] {
        for router in [&with_prefixes, &single] {
            if fallbacks.contains("other/m\",") && std::ptr::eq(router, &raw const single) {
                continue;
            }
            let reply = support::head(router, asking("m", fallbacks)).await;
            assert_eq!(reply.status(), 400, "{fallbacks}");
            let body = reply.into_body().collect().await.unwrap().to_bytes();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            let error = &body["error"];
            assert_eq!(
                (&error["code"], &error["param"]),
                (&code.into(), &param.into())
            );
            let message = error["message"].as_str().unwrap();
            if code == "unknown_provider" {
                assert!(
                    message.contains("`groq`") && message.contains("main"),
                    "{message}"
                );
            }
        }
    }
    assert_eq!(target.count(), 0);
    for fallbacks in ["null", "[]"] {
        assert_eq!(send(&single, asking("m", fallbacks)).await.status, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn one_target_may_be_asked_for_another_model() {
    let target = Scripted::new([Act::status(404), Act::plain()]);
    let router = Router::new([target.target("a").prefix("main")]).unwrap();
    let got = send(&router, asking("gone", r#"["main/there"]"#)).await;
    assert_eq!((got.status, got.count()), (200, "2"), "{}", got.attempts);
    assert_eq!(target.body(0), r#"{"model":"gone","messages":[]}"#);
    assert_eq!(target.body(1), r#"{"model":"main/there","messages":[]}"#);
}

#[tokio::test(start_paused = true)]
async fn the_list_may_be_left_to_the_targets() {
    let target = good();
    let builder = Router::builder().target(target.target("a"));
    let router = builder.leave_fallbacks().build().unwrap();
    send(&router, asking("m", r#"["n"]"#)).await;
    assert!(target.body(0).contains("fallbacks"));
}

/// Beyond what the configuration allows, it buys one target for each name.
#[tokio::test(start_paused = true)]
async fn fallbacks_of_a_request_do_not_lift_the_limit() {
    let down = bad();
    let build = |fallback| {
        let ids = ["a", "b", "c", "d"].into_iter();
        let router = ids.fold(Router::builder(), |router, id| {
            router.target(down.target(id))
        });
        router.fallback(fallback).build().unwrap()
    };
    let request = || with_fallbacks("m", &["x"; 9]);
    let got = send(&build(Fallback::new().max_attempts(1)), request()).await;
    assert_eq!((got.status, got.count()), (500, "10"));
    let got = send(&build(Fallback::none()), request()).await;
    assert_eq!((got.status, got.count()), (500, "9"));
}

#[tokio::test(start_paused = true)]
async fn where_fallback_is_off_a_request_goes_only_where_it_says() {
    let (first, second, third) = (bad(), good(), good());
    let router = Router::builder()
        .target(first.target("a"))
        .target(second.target("b"))
        .target(third.target("c"))
        .fallback(Fallback::none())
        .build()
        .unwrap();
    let got = send(&router, with_fallbacks("a", &["c"])).await;
    assert_eq!((got.status, got.target()), (200, "c"), "{}", got.attempts);
}

#[tokio::test(start_paused = true)]
async fn what_nothing_has_to_be_changed_in_goes_up_as_it_came() {
    let target = good();
    let router = Router::new([target.target("a"), good().target("b")]).unwrap();
    let body = r#"{ "model":"x" ,"messages":[],"temperature":1.0}"#;
    send(&router, post(support::CHAT, body)).await;
    assert_eq!(target.body(0), body);
}

#[tokio::test(start_paused = true)]
async fn a_caller_stays_on_one_variant() {
    let build = |ids: [&str; 2]| {
        ids.into_iter()
            .fold(Router::builder(), |router, id| {
                router.target(good().target(id))
            })
            .strategy(strategy::Split::new())
            .sticky_by(StickyBy::User)
            .build()
            .unwrap()
    };
    // Two replicas, which list the variants in different orders.
    let (one, other) = (build(["a", "b"]), build(["b", "a"]));
    let mut on_a = 0;
    for user in 0..200 {
        let request = || {
            post(
                support::CHAT,
                &format!(r#"{{"messages":[],"user":"user-{user}"}}"#),
            )
        };
        let first = send(&one, request()).await.target().to_owned();
        assert_eq!(send(&one, request()).await.target(), first);
        assert_eq!(send(&other, request()).await.target(), first);
        on_a += usize::from(first == "a");
    }
    assert!((70..=130).contains(&on_a), "{on_a}");
}

#[tokio::test(start_paused = true)]
async fn stored_responses_are_looked_for_at_every_target() {
    let (first, second) = (
        Scripted::always(Act::status(404)),
        Scripted::always(Act::said(200, &[], "{}")),
    );
    let router = Router::new([first.target("a"), second.target("b")]).unwrap();
    let request = || {
        let get = Request::get("/v1/responses/resp_1");
        get.body(Full::<bytes::Bytes>::default()).unwrap()
    };
    assert_eq!(send(&router, request()).await.target(), "b");
    let nobody = Router::new([first.target("a"), first.target("b")]).unwrap();
    assert_eq!(send(&nobody, request()).await.status, 404);
}

// === hedges ===

#[tokio::test(start_paused = true)]
async fn a_hedge_answers_for_a_slow_target() {
    let (slow, quick) = (
        Scripted::always(Act::talk().after(ms(9_000))),
        Scripted::always(Act::talk().after(ms(300))),
    );
    let router = Router::builder()
        .target(slow.target("a"))
        .target(quick.target("b"))
        .hedge(Hedge::after(ms(500)))
        .build()
        .unwrap();
    let started = Instant::now();
    let got = talk(&router).await;
    assert_eq!((got.status, got.target(), got.count()), (200, "b", "2"));
    assert_eq!(started.elapsed(), ms(800));
    assert_eq!(slow.in_flight(), 0, "the loser is dropped");
    assert_idle(&router);
    assert_eq!(router.status()[0].failures, 0);
}

#[tokio::test(start_paused = true)]
async fn a_hedge_goes_only_where_the_named_model_is() {
    let slow = Scripted::always(Act::plain().after(ms(500)));
    let other = good();
    let router = Router::builder()
        .target(slow.target("a").serves(["x"]))
        .target(other.target("b"))
        .hedge(Hedge::after(ms(100)))
        .build()
        .unwrap();
    assert_eq!(send(&router, named("x")).await.target(), "a");
    assert_eq!(other.count(), 0);
    assert_eq!(send(&router, named("y")).await.target(), "b");
}

#[tokio::test(start_paused = true)]
async fn a_hedge_may_use_any_key_of_its_target() {
    let limited = Scripted::always(Act::status(429));
    let slow = Scripted::always(Act::plain().after(ms(900)));
    let (first, second) = (good(), good());
    let keys = |id: &str, keys: [&Scripted; 2]| {
        let keys = keys.map(|key| ("K", 1.0, key.clone()));
        Target::with_keys(id, keys).unwrap()
    };
    let router = Router::builder()
        .target(keys("a", [&limited, &slow]))
        .target(keys("b", [&first, &second]))
        .hedge(Hedge::after(ms(100)))
        .build()
        .unwrap();
    assert_eq!(ask(&router).await.target(), "b");
    assert_eq!((first.count(), second.count()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_quick_target_is_not_hedged() {
    let (first, second) = (Scripted::always(Act::talk().after(ms(400))), good());
    let router = Router::builder()
        .target(first.target("a"))
        .target(second.target("b"))
        .hedge(Hedge::after(ms(500)))
        .build()
        .unwrap();
    assert_eq!(talk(&router).await.target(), "a");
    assert_eq!(second.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn of_two_attempts_one_may_fail() {
    let late = |act: Act| Scripted::always(act.after(ms(1_000)));
    for (first, second, status) in [
        (late(Act::talk()), bad(), 200),
        (
            Scripted::always(Act::status(500).after(ms(600))),
            late(Act::talk()),
            200,
        ),
        (
            Scripted::always(Act::status(500).after(ms(600))),
            late(Act::status(502)),
            502,
        ),
    ] {
        let router = Router::builder()
            .target(first.target("a"))
            .target(second.target("b"))
            .hedge(Hedge::after(ms(500)))
            .build()
            .unwrap();
        let got = talk(&router).await;
        assert_eq!((got.status, got.count()), (status, "2"));
        assert_eq!((first.count(), second.count()), (1, 1));
        assert_idle(&router);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_wrong_is_answered_at_once() {
    let (first, second) = (
        Scripted::always(Act::status(400).after(ms(600))),
        Scripted::always(Act::Hang),
    );
    let router = Router::builder()
        .target(first.target("a"))
        .target(second.target("b"))
        .hedge(Hedge::after(ms(500)))
        .build()
        .unwrap();
    let started = Instant::now();
    assert_eq!(talk(&router).await.status, 400);
    assert_eq!((started.elapsed(), second.in_flight()), (ms(600), 0));
    assert_idle(&router);
}

// === mirrors ===

async fn settled() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_goes_to_the_mirror_after_the_answer() {
    for mirror in [good(), bad(), Scripted::always(Act::Hang)] {
        let target = Scripted::always(Act::stream([
            Piece::Text(WORD),
            Piece::Wait(ms(50)),
            Piece::Text(support::STOP),
        ]));
        let router = Router::builder()
            .target(target.target("a"))
            .target(mirror.target("shadow"))
            .default_targets(["a"])
            .mirror(Mirror::new("shadow"))
            .build()
            .unwrap();
        let body = r#"{"model":"m","messages":[],"stream":true}"#;
        let response = support::head(&router, post(support::CHAT, body)).await;
        settled().await;
        assert_eq!(mirror.count(), 0, "not before the end");
        let got = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(got, [WORD, support::STOP].concat());
        settled().await;
        assert_eq!((target.count(), mirror.count()), (1, 1));
        assert_eq!(mirror.body(0), body);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_request_is_not_copied() {
    let (target, mirror) = (bad(), good());
    let router = Router::builder()
        .target(target.target("a"))
        .target(mirror.target("shadow"))
        .default_targets(["a"])
        .mirror(Mirror::new("shadow"))
        .build()
        .unwrap();
    assert_eq!(ask(&router).await.status, 500);
    settled().await;
    assert_eq!(mirror.count(), 0);
}

// === the service ===

#[tokio::test(start_paused = true)]
async fn a_layer_makes_a_router_of_one_service() {
    let service = RouterLayer::new().layer(Scripted::always(Act::Refuse(
        std::io::ErrorKind::ConnectionRefused,
    )));
    let response = service.oneshot(chat(false)).await.unwrap();
    assert_eq!(response.status(), 502);
    assert_eq!(response.headers()["x-fw-target"], "target");
}

#[tokio::test(start_paused = true)]
async fn the_record_of_the_request_is_used() {
    let router = Router::new([bad().target("a"), good().target("b")]).unwrap();
    let record = Attempts::new();
    let mut request = chat(false);
    request.extensions_mut().insert(record.clone());
    send(&router, request).await;
    let attempts = record.to_vec();
    assert_eq!(attempts.len(), 2);
    assert_eq!((attempts[0].target(), attempts[1].target()), ("a", "b"));
    assert!(attempts[0].fault().is_some() && attempts[1].fault().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_request_too_large_is_refused() {
    let target = good();
    let router = Router::builder()
        .target(target.target("a"))
        .max_body_bytes(10)
        .build()
        .unwrap();
    let mut router = router;
    let response = router.call(chat(false)).await.unwrap();
    assert_eq!(response.status(), 413);
    assert_eq!(target.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_router_that_cannot_work_is_refused() {
    let build =
        |change: fn(fw_routing::RouterBuilder<Scripted>) -> fw_routing::RouterBuilder<Scripted>| {
            change(Router::builder()).build().unwrap_err().to_string()
        };
    assert_eq!(build(|router| router), "a router needs at least one target");
    assert_eq!(
        build(|router| router.target(good().target("a")).target(good().target("a"))),
        "two targets have the id `a`; give each its own"
    );
    assert_eq!(
        build(|router| router
            .target(good().target("a"))
            .group(Group::new("g").member("b"))),
        "the group `g` names the target `b`, which there is not"
    );
    assert_eq!(
        build(|router| router.target(good().target("a")).group(Group::new("g"))),
        "the group `g` has no members"
    );
    assert_eq!(
        build(|router| router.target(good().target("a")).mirror(Mirror::new("b"))),
        "the mirror names the target `b`, which there is not"
    );
}

#[tokio::test(start_paused = true)]
async fn probes_end_with_the_router() {
    let router = Router::new([good().target("a").probe(fw_routing::Probe::new())]).unwrap();
    let probes = tokio::spawn(router.probes());
    drop(router);
    tokio::time::timeout(Duration::from_secs(60), probes)
        .await
        .unwrap()
        .unwrap();
}
