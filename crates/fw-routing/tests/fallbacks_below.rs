//! Services of targets that find `fallbacks`, and give the request back to be read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use fw_routing::{Attempts, Breaker, Retry, Router, RouterBuilder, Target};
use http::{Extensions, Request, Response, StatusCode, request};
use http_body_util::{BodyExt, Full};
use tower::{ServiceExt, service_fn, util::BoxCloneSyncService};

type Service = BoxCloneSyncService<Request<Full<Bytes>>, Response<Full<Bytes>>, Infallible>;

/// Among a request's extensions: its fallbacks were read.
#[derive(Clone)]
struct Known;

/// Among a reply's extensions: they were not.
#[derive(Clone)]
struct Unread(request::Parts);

/// The requests that went on: paths and bodies.
type Sent = Arc<Mutex<Vec<(String, String)>>>;

/// A target whose service reads bodies. What gets through is answered with a 503 where it asks for the model `bad`,
/// and with a page where it asks for `page`. A `stubborn` one gives back whatever it gets.
fn reading(sent: &Sent, stubborn: bool) -> Service {
    let sent = Arc::clone(sent);
    BoxCloneSyncService::new(service_fn(move |request: Request<Full<Bytes>>| {
        let sent = Arc::clone(&sent);
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let body = String::from_utf8(body.to_vec()).unwrap();
            let is_known = parts.extensions.get::<Known>().is_some();
            if stubborn || (body.contains("fallback") && !is_known) {
                sent.lock().unwrap().push(("back".into(), String::new()));
                let mut reply = Response::new(Full::from("{}"));
                *reply.status_mut() = StatusCode::BAD_REQUEST;
                reply.extensions_mut().insert(Unread(parts));
                return Ok(reply);
            }
            let mut reply = Response::builder().header("content-type", "application/json");
            let mut text = ANSWER;
            if body.contains(r#""bad""#) {
                reply = reply.status(503);
            } else if body.contains(r#""page""#) {
                reply = Response::builder().header("content-type", "text/html");
                text = "<html>";
            }
            sent.lock().unwrap().push((parts.uri.to_string(), body));
            Ok(reply.body(Full::from(text)).unwrap())
        }
    }))
}

fn router(sent: &Sent, stubborn: bool) -> Router<Service> {
    built(sent, stubborn, |builder| builder)
}

fn built(
    sent: &Sent,
    stubborn: bool,
    more: impl FnOnce(RouterBuilder<Service>) -> RouterBuilder<Service>,
) -> Router<Service> {
    let target = Target::new("a", reading(sent, stubborn)).prefix("fireworks");
    let builder = Router::builder()
        .target(target)
        .retry(Retry::none())
        .leave_fallbacks()
        .fallbacks_below(
            |request: &mut Extensions| {
                request.insert(Known);
            },
            |reply: &mut Extensions| reply.remove().map(|Unread(parts)| parts),
        );
    more(builder).build().unwrap()
}

/// A reply, and what its router says of its way.
async fn send(router: &Router<Service>, path: &str, body: &str) -> (Response<String>, String) {
    let request = Request::post(path)
        .body(Full::from(body.to_owned()))
        .unwrap();
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let attempts = head.extensions.get::<Attempts>().map(Attempts::to_string);
    for target in router.status() {
        assert_eq!(target.in_flight, 0);
    }
    (
        Response::from_parts(head, body),
        attempts.unwrap_or_default(),
    )
}

const ANSWER: &str = r#"{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}"#;

const CHAT: &str = "/v1/chat/completions";

#[tokio::test(start_paused = true)]
async fn what_is_given_back_is_read_and_sent_again() {
    let sent = Sent::default();
    let router = router(&sent, false);
    // The name has an escape in it, which a search would not find.
    let body = r#"{"model":"bad","fallback\u0073":["fireworks/good"]}"#;
    let (reply, attempts) = send(&router, "/v1/chat/completions?a=b", body).await;
    assert_eq!(reply.status(), 200, "{}", reply.body());
    assert_eq!(reply.headers()["x-fw-attempts"], "2");
    assert!(attempts.starts_with("a: server_error (503)"), "{attempts}");
    let sent = sent.lock().unwrap().clone();
    let path = "/v1/chat/completions?a=b".to_owned();
    let expected = [
        ("back".to_owned(), String::new()),
        (path.clone(), body.to_owned()),
        (path, body.replace("bad", "fireworks/good")),
    ];
    assert_eq!(sent, expected);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_none_is_refused_also_where_the_service_has_to_find_it() {
    let sent = Sent::default();
    let router = router(&sent, false);
    for (list, code) in [
        ("1", "invalid_fallbacks"),
        (r#"["groq/m"]"#, "unknown_provider"),
    ] {
        let body = format!(r#"{{"model":"good","fallback\u0073":{list}}}"#);
        let (reply, _) = send(&router, CHAT, &body).await;
        assert_eq!(reply.status(), 400, "{list}");
        assert!(reply.body().contains(code), "{}", reply.body());
    }
    assert_eq!(sent.lock().unwrap().len(), 2, "only given back");
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_list_is_sent_once() {
    let sent = Sent::default();
    let router = router(&sent, false);
    let (reply, attempts) = send(&router, CHAT, r#"{"model":"good"}"#).await;
    assert_eq!(reply.headers()["x-fw-attempts"], "1");
    assert!(attempts.starts_with("a: "), "{attempts}");
    assert_eq!(sent.lock().unwrap().len(), 1);
}

/// The one trial that a half-open target has is not kept by the attempt that was none.
#[tokio::test(start_paused = true)]
async fn what_is_given_back_by_a_target_on_trial_is_sent_again() {
    let sent = Sent::default();
    let cooldown = Duration::from_secs(1);
    let breaker = Breaker::new().failure_threshold(1).cooldown(cooldown);
    let router = built(&sent, false, |builder| builder.breaker(breaker));
    let (reply, _) = send(&router, CHAT, r#"{"model":"bad"}"#).await;
    assert_eq!(reply.status(), 503);
    tokio::time::advance(2 * cooldown).await;
    let body = r#"{"model":"good","fallback\u0073":["fireworks/good"]}"#;
    let (reply, _) = send(&router, CHAT, body).await;
    assert_eq!(reply.status(), 200, "{}", reply.body());
    assert_eq!(reply.headers()["x-fw-attempts"], "1");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_gives_back_everything_is_asked_twice() {
    let sent = Sent::default();
    let router = router(&sent, true);
    let (reply, _) = send(&router, CHAT, r#"{"model":"good"}"#).await;
    assert_eq!(reply.status(), 400);
    assert_eq!(sent.lock().unwrap().len(), 2);
}

/// What a converted operation has is not there any more when the service reads it.
#[tokio::test(start_paused = true)]
async fn other_operations_are_searched_first() {
    let sent = Sent::default();
    let router = router(&sent, false);
    let body = r#"{"model":"bad","fallbacks":["fireworks/good"]}"#;
    for path in ["/v1/messages", "/v1/responses"] {
        let (reply, _) = send(&router, path, body).await;
        assert_eq!(reply.status(), 200, "{path}");
    }
    let sent = sent.lock().unwrap().clone();
    assert!(sent.iter().all(|(path, _)| path != "back"), "{sent:?}");
}

/// With one target and no retries nothing else would follow.
#[tokio::test(start_paused = true)]
async fn a_page_in_place_of_an_answer_is_a_failure_where_fallbacks_are_named() {
    let sent = Sent::default();
    let router = router(&sent, false);
    let body = r#"{"model":"page","fallbacks":["fireworks/good"]}"#;
    let (reply, _) = send(&router, CHAT, body).await;
    assert_eq!(reply.body(), ANSWER);
}
