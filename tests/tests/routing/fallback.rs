//! The next target, when one fails: which failures, how often, and what the client sees in the end.

use fw_tests::{ByHand, Config, Fleet, Launch, Target, chat};
use serde_json::json;

use super::{
    ANSWER, NO_BREAKER, ask, assert_answered, attempts, both, operations, send, target, together,
};

/// Knobs of a failing simulator, the status it answers with, and whether the next target is tried.
const TABLE: [(&str, u16, bool); 20] = [
    // The request is wrong: it would be wrong elsewhere.
    ("status=400", 400, false),
    ("status=405", 405, false),
    ("status=413", 413, false),
    ("status=422&shape=e5", 422, false),
    // The key or its account.
    ("status=401", 401, true),
    ("status=402", 402, true),
    ("status=403&shape=e4", 403, true),
    ("fault=suspended", 412, true),
    // This target does not know the model.
    ("status=404", 404, true),
    // Transient.
    ("status=408", 408, true),
    ("status=425", 425, true),
    ("status=500&shape=e2", 500, true),
    ("status=502", 502, true),
    ("fault=html-502", 502, true),
    ("fault=empty-502", 502, true),
    ("fault=scaling-up", 503, true),
    ("status=504", 504, true),
    ("status=520&shape=empty", 520, true),
    // The rate limit.
    ("status=429&shape=e3", 429, true),
    ("status=429&retry-after=7", 429, true),
];

#[tokio::test]
async fn every_status_says_whether_the_next_target_is_tried() {
    together(TABLE, |(knobs, status, next)| async move {
        for body in both() {
            let fleet = Fleet::start([knobs, ""], |config| config).await;
            let reply = send(&fleet.gateway, &body).await;
            if next {
                assert_answered(&reply, "b", "2", knobs);
                assert_eq!(fleet.requests(), [1, 1], "{knobs}");
            } else {
                assert_eq!(reply.status, status, "{knobs}: {}", reply.text());
                reply.error();
                assert_eq!((target(&reply), attempts(&reply)), ("a", "1"), "{knobs}");
                assert_eq!(fleet.requests(), [1, 0], "{knobs}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn without_another_target_every_status_arrives() {
    together(TABLE, |(knobs, status, _)| async move {
        let fleet = Fleet::start([knobs], |config| config).await;
        for body in both() {
            let reply = send(&fleet.gateway, &body).await;
            assert_eq!(reply.status, status, "{knobs}: {}", reply.text());
            reply.error();
        }
        assert_eq!(fleet.requests(), [2], "{knobs}");
    })
    .await;
}

#[tokio::test]
async fn when_every_target_fails_the_client_is_told_once_and_clearly() {
    let cases = TABLE.into_iter().filter(|(_, _, next)| *next);
    together(cases, |(knobs, status, _)| async move {
        let fleet = Fleet::start([knobs, knobs], |config| config).await;
        let reply = ask(&fleet.gateway).await;
        assert_eq!(reply.status, status, "{knobs}: {}", reply.text());
        reply.error();
        assert_eq!(attempts(&reply), "2", "{knobs}");
        // The SDKs try these again by themselves; the gateway has tried what there is.
        let passing = [408, 425, 429].contains(&status) || status >= 500;
        assert_eq!(
            reply.header("x-should-retry"),
            passing.then_some("false"),
            "{knobs}"
        );
        assert_eq!(fleet.requests(), [1, 1], "{knobs}");
    })
    .await;
}

#[tokio::test]
async fn a_model_that_only_one_target_knows_is_found_there() {
    let model = "accounts/acme/models/tuned";
    let simulators = [
        fw_sim::Simulator::new(),
        fw_sim::Simulator::new().model(model, |_| {}),
    ];
    let fleet = Fleet::of(simulators, |config| config).await;
    let mut body = chat("Hello");
    body["model"] = model.into();
    let reply = send(&fleet.gateway, &body).await;
    assert_answered(&reply, "b", "2", "the second target knows it");
    body["model"] = "accounts/acme/models/unheard-of".into();
    let reply = send(&fleet.gateway, &body).await;
    assert_eq!(reply.status, 404, "{}", reply.text());
    assert_eq!(reply.error()["param"], "model");
    assert_eq!(fleet.requests(), [2, 2]);
}

#[tokio::test]
async fn every_operation_fails_over() {
    let fleet = Fleet::start(["status=500", ""], |config| config.providers(NO_BREAKER)).await;
    for (path, body, streams) in operations() {
        for stream in [false, true] {
            if stream && streams.is_none() {
                continue;
            }
            let mut body = body.clone();
            if stream {
                body["stream"] = true.into();
            }
            let reply = fleet.gateway.post(path).json(&body).send().await;
            assert_eq!(reply.status, 200, "{path}: {}", reply.text());
            assert_eq!((target(&reply), attempts(&reply)), ("b", "2"), "{path}");
            let alone = fleet.sims[1].post(path).json(&body).send().await;
            if stream {
                assert_eq!(
                    reply.chunks().len(),
                    alone.chunks().len(),
                    "{path}: nothing but the second answer"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_target_that_nobody_listens_at_fails_over() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/inference/v1", closed.local_addr().unwrap());
    drop(closed);
    let nobody = Target::new("nobody").base_url(&url);
    let fleet = Fleet::start([""], |config| {
        config
            .target("a", |target| target.field("priority", "2"))
            .add_target(nobody.field("priority", "1"))
    })
    .await;
    for body in both() {
        let reply = send(&fleet.gateway, &body).await;
        assert_answered(&reply, "a", "2", "a closed port");
    }
}

#[tokio::test]
async fn a_target_without_a_key_is_left_out() {
    let fleet = Fleet::start(["", ""], |config| {
        config.target("a", |target| target.key_variable("NOT_SET"))
    })
    .await;
    assert_answered(&ask(&fleet.gateway).await, "b", "1", "no attempt is wasted");
    assert_eq!(fleet.requests(), [0, 1]);
}

#[tokio::test]
async fn single_never_takes_another_target() {
    let fleet = Fleet::start(["status=500", ""], |config| {
        config.providers("strategy: single")
    })
    .await;
    let reply = ask(&fleet.gateway).await;
    assert_eq!((reply.status.as_u16(), target(&reply)), (500, "a"));
    assert_eq!(fleet.requests(), [1, 0]);
}

#[tokio::test]
async fn fallback_can_be_switched_off() {
    let fleet = Fleet::start(["status=500", ""], |config| {
        config.providers("strategy: ordered\nfallback: { enabled: false }")
    })
    .await;
    assert_eq!(ask(&fleet.gateway).await.status, 500);
    assert_eq!(fleet.requests(), [1, 0]);
}

#[tokio::test]
async fn only_the_triggers_that_are_listed_count() {
    for (trigger, over, stays) in [
        ("rate_limit", "status=429", "status=500"),
        ("rate_limit_exceeded", "status=429", "status=504"),
        ("server_error", "status=503", "status=429"),
        ("timeout", "status=504", "status=500"),
    ] {
        for (knobs, next) in [(over, true), (stays, false)] {
            let yaml = format!("fallback: {{ triggers: [{trigger}] }}");
            let fleet = Fleet::start([knobs, ""], |config| config.providers(&yaml)).await;
            ask(&fleet.gateway).await;
            assert_eq!(
                fleet.requests(),
                [1, u64::from(next)],
                "{trigger} and {knobs}"
            );
        }
    }
}

#[tokio::test]
async fn max_fallback_attempts_bounds_the_further_targets() {
    for (most, expected) in [(0, [1, 0, 0]), (1, [1, 1, 0]), (2, [1, 1, 1])] {
        let yaml = format!("fallback: {{ max_fallback_attempts: {most} }}");
        let fleet = Fleet::start(["status=500"; 3], |config| config.providers(&yaml)).await;
        assert_eq!(ask(&fleet.gateway).await.status, 500);
        assert_eq!(fleet.requests(), expected);
    }
}

#[tokio::test]
async fn a_request_that_is_too_long_is_the_client_s_unless_configured() {
    let knobs = "status=400&message=The%20prompt%20is%20too%20long%3A%209%2C%20model%20maximum%20context%20length%3A%208";
    for (yaml, next) in [
        ("strategy: ordered", false),
        ("fallback: { context_window: abort }", false),
        ("fallback: { context_window: fallback }", true),
    ] {
        let fleet = Fleet::start([knobs, ""], |config| config.providers(yaml)).await;
        let reply = ask(&fleet.gateway).await;
        assert_eq!(fleet.requests(), [1, u64::from(next)], "{yaml}");
        if next {
            assert_answered(&reply, "b", "2", yaml);
        } else {
            assert_eq!(reply.status, 400, "{yaml}");
            let error = reply.error();
            assert!(error["message"].as_str().unwrap().contains("too long"));
        }
    }
}

#[tokio::test]
async fn content_that_a_target_refuses_is_refused_unless_configured() {
    for (yaml, next) in [
        ("strategy: ordered", false),
        ("fallback: { content_policy: stop }", false),
        ("fallback: { content_policy: fallback }", true),
    ] {
        let (mut strict, mut lax) = (ByHand::start().await, ByHand::start().await);
        let targets = [("strict", &strict), ("lax", &lax)];
        let targets = targets.map(|(id, at)| Target::new(id).base_url(&at.base_url()));
        let gateway = Launch::new(Config::of(targets).providers(yaml))
            .start()
            .await;
        let refusal = json!({ "error": { "message": "No.", "type": "invalid_request_error",
            "code": "content_filter" } });
        let answers = async {
            strict.next().await.reply(400, &[], &refusal);
            if next {
                lax.next().await.answer(ANSWER);
            }
        };
        let (reply, ()) = tokio::join!(ask(&gateway), answers);
        if next {
            assert_answered(&reply, "lax", "2", yaml);
        } else {
            assert_eq!(reply.status, 400, "{yaml}: {}", reply.text());
            assert_eq!(lax.arrived(), 0, "{yaml}");
        }
    }
}

#[tokio::test]
async fn the_next_target_gets_the_same_question() {
    let fleet = Fleet::start(["status=500", ""], |config| config).await;
    let mut body = chat("Hello");
    body["temperature"] = 0.5.into();
    let reply = send(&fleet.gateway, &body).await;
    assert_answered(&reply, "b", "2", "");
    let [first, second] = [&fleet.sims[0], &fleet.sims[1]].map(|sim| sim.last());
    assert_eq!(first.json(), second.json());
    assert_eq!(first.path, second.path);
}

#[tokio::test]
async fn the_next_target_is_spoken_to_in_its_own_dialect() {
    let fleet = Fleet::start(["status=500", ""], |config| {
        config.target("b", |target| target.provider("openai"))
    })
    .await;
    let mut body = chat("Hello");
    body["max_completion_tokens"] = 50.into();
    let reply = send(&fleet.gateway, &body).await;
    assert_eq!(target(&reply), "b", "{}", reply.text());
    let [fireworks, openai] = [&fleet.sims[0], &fleet.sims[1]].map(|sim| sim.last().json());
    assert_eq!(
        openai["max_completion_tokens"], 50,
        "OpenAI's own name stays"
    );
    assert_eq!(
        fireworks["max_tokens"], 50,
        "Fireworks gets its own: {fireworks}"
    );
}
