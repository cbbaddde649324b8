//! What goes wrong, before and after the provider is asked.

use std::{io, task::Poll};

use bytes::Bytes;
use fw_responses::{ResponseStore, ResponsesLayer, ResponsesRequestBody, ResponsesService};
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json as value};
use tower::Service;
use tower_test::mock;

use crate::provider::{Script, World, chunks, json, post, says, sse};

const HI: &str = r#"{"model":"m","input":"Hi"}"#;

#[tokio::test]
async fn a_request_that_makes_no_sense_is_refused_before_the_provider_is_asked() {
    let world = World::new();
    for (body, status, param) in [
        ("{", 400, Value::Null),
        (r#"{"model":"m"}"#, 400, value!("input")),
        (
            r#"{"model":"m","input":"Hi","background":true}"#,
            400,
            value!("background"),
        ),
        (
            r#"{"model":"m","input":"Hi","previous_response_id":7}"#,
            400,
            value!("previous_response_id"),
        ),
        (
            r#"{"model":"m","input":[{"type":"item_reference"}]}"#,
            400,
            value!("input[0].id"),
        ),
    ] {
        let (got, error) = world.create("k", body, says("")).await;
        assert_eq!(
            (got, &error["error"]["param"]),
            (status, &param),
            "{body}: {error}"
        );
        assert_eq!(error["error"]["type"], "invalid_request_error");
    }
    assert_eq!(world.asked(), 0);
}

#[tokio::test]
async fn a_request_is_bounded() {
    let layer = ResponsesLayer::new(ResponseStore::in_memory().unwrap()).max_body_bytes(20);
    let world = World::with(layer);
    let (status, error) = world.create("k", HI, says("")).await;
    assert_eq!(
        (status, &error["error"]["code"]),
        (413, &value!("request_too_large"))
    );
}

#[tokio::test]
async fn a_request_with_an_encoding_is_refused() {
    let mut request = post("/v1/responses", "k", HI);
    let gzip = "gzip".parse().unwrap();
    request.headers_mut().insert(header::CONTENT_ENCODING, gzip);
    let response = World::new().exchange(request, says("")).await;
    assert_eq!(response.status(), 415);
}

#[tokio::test]
async fn errors_of_the_provider_come_in_openai_s_shape() {
    for (status, kind, body, message) in [
        (
            422,
            "application/json",
            r#"{"detail":[{"loc":["body","messages"],"msg":"Field required","type":"missing"}]}"#,
            "Field required, field: 'messages'",
        ),
        (
            429,
            "application/json",
            r#"{"error":{"message":"Slow down","type":"rate_limit","code":"x","param":null}}"#,
            "Slow down",
        ),
        (
            400,
            "application/json",
            r#"{"error":"Bad model"}"#,
            "Bad model",
        ),
        (
            503,
            "text/plain",
            "upstream connect error",
            "The upstream answered 503 Service Unavailable.",
        ),
    ] {
        for stream in ["false", "true"] {
            let mut reply = json(body);
            *reply.status_mut() = StatusCode::from_u16(status).unwrap();
            reply
                .headers_mut()
                .insert(header::CONTENT_TYPE, kind.parse().unwrap());
            reply
                .headers_mut()
                .insert(header::RETRY_AFTER, "7".parse().unwrap());
            reply
                .headers_mut()
                .insert("x-request-id", "r".parse().unwrap());
            let body = format!(r#"{{"model":"m","input":"Hi","stream":{stream}}}"#);
            let response = World::new()
                .exchange(post("/v1/responses", "k", &body), reply)
                .await;
            assert_eq!(response.status(), status);
            assert_eq!(response.headers()[header::RETRY_AFTER], "7");
            assert_eq!(response.headers()["x-request-id"], "r");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
            let (_, error) = crate::provider::read(response).await;
            assert_eq!(error["error"]["message"], message);
            for member in ["type", "code", "param"] {
                assert!(error["error"].get(member).is_some(), "{member}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn a_reply_that_is_none_is_a_502() {
    let encoded = || {
        let mut reply = says("Hello");
        let gzip = "gzip".parse().unwrap();
        reply.headers_mut().insert(header::CONTENT_ENCODING, gzip);
        reply
    };
    let streamed = r#"{"model":"m","input":"Hi","stream":true}"#;
    for (body, reply) in [
        (HI, json("{}")),
        (HI, json("Dear user,")),
        (HI, encoded()),
        (HI, sse(Script::of(chunks(&["Hello"])))),
        (streamed, says("Hello")),
        (HI, Response::new(Script::of("{").then("reset"))),
    ] {
        let world = World::new();
        let (status, error) = world.create("k", body, reply).await;
        assert_eq!(status, 502, "{error}");
        assert!(error["error"]["message"].is_string());
    }
}

#[tokio::test]
async fn a_reply_is_bounded() {
    let layer = ResponsesLayer::new(ResponseStore::in_memory().unwrap()).max_response_bytes(100);
    let (status, error) = World::with(layer).create("k", HI, says("Hello")).await;
    assert_eq!(status, 502);
    let message = error["error"]["message"].as_str().unwrap();
    assert!(message.contains("100 bytes"), "{message}");
}

#[tokio::test]
async fn a_reply_that_takes_too_long_is_a_504() {
    let late = io::Error::new(io::ErrorKind::TimedOut, "late");
    let reply = Response::new(Script::of("{").then(late));
    assert_eq!(World::new().create("k", HI, reply).await.0, 504);
}

#[tokio::test]
async fn an_error_of_the_service_is_the_error() {
    let (mut service, mut handle) =
        mock::spawn_with(|inner| ResponsesService::new(inner, ResponseStore::in_memory().unwrap()));
    handle.allow(1);
    assert!(matches!(service.poll_ready(), Poll::Ready(Ok(()))));
    let call = tokio::spawn(service.call(post("/v1/responses", "k", HI)));
    let (_, answer): (
        Request<ResponsesRequestBody<Full<Bytes>>>,
        mock::SendResponse<Response<Script>>,
    ) = handle.next_request().await.unwrap();
    answer.send_error("no provider");
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "no provider");
}

#[tokio::test]
async fn the_instance_that_was_ready_makes_the_call() {
    let (mut service, mut handle) =
        mock::spawn_with(|inner| ResponsesService::new(inner, ResponseStore::in_memory().unwrap()));
    handle.allow(0);
    assert!(matches!(service.poll_ready(), Poll::Pending));
    handle.allow(1);
    assert!(matches!(service.poll_ready(), Poll::Ready(Ok(()))));
    let call = tokio::spawn(service.call(post("/v1/responses", "k", HI)));
    let (request, answer): (Request<ResponsesRequestBody<Full<Bytes>>>, _) =
        handle.next_request().await.unwrap();
    assert!(request.body().as_bytes().is_some());
    answer.send_response(says("Hello"));
    let response = call.await.unwrap().unwrap();
    assert!(response.body().as_bytes().is_some());
    response.into_body().collect().await.unwrap();
    // The next call needs a place of its own.
    assert!(matches!(service.poll_ready(), Poll::Pending));
}

#[tokio::test]
async fn a_response_that_cannot_be_kept_is_given_all_the_same() {
    let mut config = fw_responses::ResponsesConfig::default();
    config.max_bytes = 300;
    let world = World::with(ResponsesLayer::new(ResponseStore::open(&config).unwrap()));
    let (status, response) = world.create("k", HI, says("Hello")).await;
    assert_eq!((status, &response["status"]), (200, &value!("completed")));
    let path = format!("/v1/responses/{}", response["id"].as_str().unwrap());
    assert_eq!(world.ask(http::Method::GET, "k", &path).await.0, 404);
}

#[test]
fn debug_shows_no_content() {
    let layer = ResponsesLayer::new(ResponseStore::in_memory().unwrap());
    let mut service = tower::Layer::layer(
        &layer,
        tower::service_fn(|_: Request<ResponsesRequestBody<Full<Bytes>>>| async {
            Ok::<_, std::convert::Infallible>(Response::new(Script::default()))
        }),
    );
    let future = service.call(post("/v1/responses", "secret", r#"{"input":"secret"}"#));
    assert!(!format!("{future:?}{layer:?}").contains("secret"));
}
