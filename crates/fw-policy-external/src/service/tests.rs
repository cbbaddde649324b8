use std::convert::Infallible;
use std::sync::Mutex;

use fw_policy::{Outcome, Phase};
use tower::{Layer, ServiceExt, service_fn};

use super::*;
use crate::{ExternalFormat, ExternalLayer};

const SAFE: &str = r#"{"results":[{"flagged":false}]}"#;
const UNSAFE: &str = r#"{"results":[{"flagged":true,"categories":{"violence":true}}]}"#;
const BODY: &str = r#"{"model":"m",  "messages":[{"role":"user","content":"private words"}]}"#;

/// How the external service answers.
#[derive(Clone, Copy)]
enum Behaviour {
    Says(u16, &'static str),
    Fails,
    Hangs,
}

struct Done {
    response: Response<String>,
    /// What was asked, with its headers.
    asked: Vec<(HeaderMap, String)>,
    /// What went on to the provider.
    passed: Vec<String>,
    decisions: Decisions,
}

async fn run(config: ExternalConfig, behaviour: Behaviour, request: Request<Full<Bytes>>) -> Done {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let passed = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let client = service_fn(move |request: Request<Full<Bytes>>| {
        let log = Arc::clone(&log);
        async move {
            assert_eq!(request.method(), Method::POST);
            let (parts, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let body = String::from_utf8(body.to_vec()).unwrap();
            log.lock().unwrap().push((parts.headers, body));
            match behaviour {
                Behaviour::Says(status, answer) => {
                    let response = Response::builder().status(status);
                    Ok(response.body(Full::<Bytes>::from(answer)).unwrap())
                }
                Behaviour::Fails => Err("connection refused for private words"),
                Behaviour::Hangs => std::future::pending().await,
            }
        }
    });
    let log = Arc::clone(&passed);
    let provider = service_fn(move |request: Request<ExternalRequestBody<Full<Bytes>>>| {
        let log = Arc::clone(&log);
        async move {
            let body = request.into_body().collect().await.unwrap().to_bytes();
            log.lock()
                .unwrap()
                .push(String::from_utf8(body.to_vec()).unwrap());
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("reply")))
        }
    });
    let layer = ExternalLayer::new(&config, client)
        .unwrap()
        .bearer("sk-secret")
        .unwrap();
    assert!(!format!("{layer:?}").contains("sk-secret"));
    let service = layer.layer(provider);
    let (mut parts, body) = request.into_parts();
    let decisions = Decisions::new();
    parts.extensions.insert(decisions.clone());
    let response = service
        .oneshot(Request::from_parts(parts, body))
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    assert!(
        !body.contains("private") && !body.contains("sk-secret"),
        "{body}"
    );
    Done {
        response: Response::from_parts(parts, body),
        asked: mem::take(&mut asked.lock().unwrap()),
        passed: mem::take(&mut passed.lock().unwrap()),
        decisions,
    }
}

fn post(body: &'static str) -> Request<Full<Bytes>> {
    Request::post("/v1/chat/completions")
        .body(Full::from(body))
        .unwrap()
}

fn config() -> ExternalConfig {
    ExternalConfig::new("http://moderation.example/v1/moderations")
}

#[tokio::test]
async fn a_harmless_request_goes_on_as_it_is() {
    let outcome = run(config(), Behaviour::Says(200, SAFE), post(BODY)).await;
    assert_eq!(outcome.response.body(), "reply");
    assert_eq!(outcome.passed, [BODY]);
    let (headers, asked) = &outcome.asked[0];
    assert_eq!(asked, r#"{"input":["private words"]}"#);
    assert_eq!(headers["authorization"], "Bearer sk-secret");
    assert!(headers["authorization"].is_sensitive());
    let decisions = outcome.decisions.to_vec();
    assert_eq!(decisions[0].policy(), KIND);
    assert_eq!(
        (decisions[0].phase(), decisions[0].outcome()),
        (Phase::Request, Outcome::Allow)
    );
}

#[tokio::test]
async fn an_unsafe_request_is_denied_and_does_not_go_on() {
    let outcome = run(config(), Behaviour::Says(200, UNSAFE), post(BODY)).await;
    assert_eq!(outcome.response.status(), 400);
    let body = outcome.response.body();
    for part in ["policy_violation", "input_blocked", KIND, MESSAGE] {
        assert!(body.contains(part), "no {part} in {body}");
    }
    assert_eq!(outcome.response.headers()["x-should-retry"], "false");
    assert_eq!(
        outcome.response.headers()["x-fw-policy"],
        "external-moderation=block(violence:1)"
    );
    assert!(outcome.passed.is_empty());
}

#[tokio::test]
async fn actions_and_messages_are_settings() {
    let flag = config().action(ExternalAction::Flag);
    let outcome = run(flag, Behaviour::Says(200, UNSAFE), post(BODY)).await;
    assert_eq!(outcome.response.body(), "reply");
    assert_eq!(
        outcome.response.headers()["x-fw-policy"],
        "external-moderation=flag(violence:1)"
    );
    let escalate = config().action(ExternalAction::Escalate).message("Ask Jo.");
    let outcome = run(escalate, Behaviour::Says(200, UNSAFE), post(BODY)).await;
    let body = outcome.response.body();
    assert!(
        body.contains("escalation_required") && body.contains("Ask Jo."),
        "{body}"
    );
}

#[tokio::test(start_paused = true)]
async fn without_an_answer_the_fail_mode_decides() {
    for behaviour in [
        Behaviour::Says(500, SAFE),
        Behaviour::Says(200, "oops"),
        Behaviour::Fails,
        Behaviour::Hangs,
    ] {
        let outcome = run(config(), behaviour, post(BODY)).await;
        assert_eq!(outcome.response.status(), 503);
        assert!(outcome.response.body().contains("moderation_unavailable"));
        assert!(outcome.passed.is_empty());
        assert_eq!(outcome.decisions.to_vec()[0].outcome(), Outcome::Block);

        let open = config().fail_mode(ExternalFailMode::Allow);
        let outcome = run(open, behaviour, post(BODY)).await;
        assert_eq!(outcome.passed, [BODY]);
        assert_eq!(
            outcome.response.headers()["x-fw-policy"],
            "external-moderation=flag(unavailable:1)"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn all_answers_together_have_one_time_limit() {
    let config = config().timeout(Duration::from_millis(300));
    let start = Instant::now();
    run(config, Behaviour::Hangs, post(BODY)).await;
    assert_eq!(start.elapsed(), Duration::from_millis(300));
}

#[tokio::test]
async fn too_much_text_is_not_sent() {
    let outcome = run(
        config().max_bytes(5),
        Behaviour::Says(200, SAFE),
        post(BODY),
    )
    .await;
    assert_eq!(outcome.response.status(), 503);
    assert!(outcome.asked.is_empty());
}

#[tokio::test]
async fn a_classifier_is_asked_about_each_text_until_one_counts() {
    let config = config()
        .format(ExternalFormat::Classification)
        .labels(["BAD"]);
    let body = r#"{"prompt":["one"," ","two"]}"#;
    let request = || {
        Request::post("/v1/completions")
            .body(Full::from(body))
            .unwrap()
    };
    let good = r#"[[{"label":"GOOD","score":0.9}]]"#;
    let outcome = run(config.clone(), Behaviour::Says(200, good), request()).await;
    let asked: Vec<&str> = outcome
        .asked
        .iter()
        .map(|(_, body)| body.as_str())
        .collect();
    assert_eq!(asked, [r#"{"inputs":"one"}"#, r#"{"inputs":"two"}"#]);
    let bad = r#"[[{"label":"BAD","score":0.9}]]"#;
    let outcome = run(config, Behaviour::Says(200, bad), request()).await;
    assert_eq!(
        (outcome.asked.len(), outcome.response.status().as_u16()),
        (1, 400)
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error_of_the_client() {
    let gzip = Request::post("/v1/chat/completions").header("content-encoding", "gzip");
    for (request, status) in [
        (post("{"), 400),
        (gzip.body(Full::from("x")).unwrap(), 415),
        (
            Request::post("/v1/completions")
                .body(Full::from(r#"{"prompt":[1]}"#))
                .unwrap(),
            400,
        ),
    ] {
        let outcome = run(config(), Behaviour::Says(200, SAFE), request).await;
        assert_eq!(
            outcome.response.status(),
            status,
            "{}",
            outcome.response.body()
        );
        assert!(outcome.asked.is_empty() && outcome.passed.is_empty());
    }
}

#[tokio::test]
async fn other_requests_pass_unread() {
    let get = Request::get("/v1/models").body(Full::default()).unwrap();
    let other = Request::post("/elsewhere")
        .body(Full::from("not JSON"))
        .unwrap();
    for request in [get, other] {
        let outcome = run(config(), Behaviour::Fails, request).await;
        assert_eq!(
            (outcome.response.body().as_str(), outcome.passed.len()),
            ("reply", 1)
        );
        assert!(outcome.decisions.is_empty());
    }
}
