//! What the provider gets, and what the client gets back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use fw_provider::{ErrorKind, Provider, ProviderConfig};
use http::{Method, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use support::{Body, Client, post, read_request, send, serve, text, whole};
use tokio::io::AsyncWriteExt;

/// Answers with the request's line and headers.
async fn echo(request: Request<Incoming>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let mut seen = format!("{} {}\n", head.method, head.uri);
    for (name, value) in &head.headers {
        seen.push_str(&format!("{name}: {}\n", value.to_str().unwrap()));
    }
    let body = body.collect().await.unwrap().to_bytes();
    seen.push_str(std::str::from_utf8(&body).unwrap());
    Response::new(text(seen))
}

#[tokio::test]
async fn a_request_goes_to_the_targets_address_with_the_targets_key() {
    let upstream = serve(echo).await;
    let request = Request::post("/openai/v1/chat/completions?x=1")
        .version(Version::HTTP_2)
        .header("host", "gateway.example")
        .header("authorization", "Bearer of-the-client")
        .header("x-api-key", "of-the-client")
        .header("cookie", "session=1")
        .header("accept-encoding", "gzip, br")
        .header("content-length", "999")
        .header("content-type", "application/json")
        .header("x-session-affinity", "s1")
        .header("x-sim-fault", "none")
        .body(Full::from(r#"{"a": 1}"#))
        .unwrap();
    let response = send(&upstream.client(), request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.version(), Version::HTTP_11);
    let seen = whole(response).await;
    let mut lines: Vec<_> = seen.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "POST /v1/chat/completions?x=1",
            "accept-encoding: identity",
            "authorization: Bearer fw_key",
            "content-length: 8",
            "content-type: application/json",
            &format!("host: {}", upstream.address),
            "x-session-affinity: s1",
            "x-sim-fault: none",
            r#"{"a": 1}"#,
        ]
    );
}

#[tokio::test]
async fn the_key_may_have_its_own_header() {
    let upstream = serve(echo).await;
    let config = upstream
        .config()
        .api_key_header("X-Api-Key")
        .api_key_prefix("");
    let client: Client = Provider::new(config).unwrap();
    let mut request = post("/v1/messages");
    request
        .headers_mut()
        .insert("authorization", "Bearer of-the-client".parse().unwrap());
    let seen = whole(send(&client, request).await.unwrap()).await;
    assert!(seen.contains("x-api-key: fw_key\n"), "{seen}");
    assert!(!seen.contains("authorization"), "{seen}");
}

#[tokio::test]
async fn without_a_key_none_is_sent_and_the_clients_neither() {
    let upstream = serve(echo).await;
    let config = ProviderConfig::new("vllm").base_url(upstream.url());
    let client: Client = Provider::new(config).unwrap();
    let mut request = post("/v1/completions");
    request
        .headers_mut()
        .insert("authorization", "Bearer of-the-client".parse().unwrap());
    let seen = whole(send(&client, request).await.unwrap()).await;
    assert!(!seen.contains("authorization"), "{seen}");
}

#[tokio::test]
async fn other_methods_pass() {
    let upstream = serve(echo).await;
    for method in [Method::GET, Method::DELETE] {
        let request = Request::builder()
            .method(&method)
            .uri("/inference/v1/responses/resp_1")
            .body(Full::default())
            .unwrap();
        let seen = whole(send(&upstream.client(), request).await.unwrap()).await;
        assert!(
            seen.starts_with(&format!("{method} /v1/responses/resp_1\n")),
            "{seen}"
        );
    }
}

#[tokio::test]
async fn what_a_provider_says_of_itself_stays_here_unless_asked_for() {
    let upstream = serve(|_| async {
        Response::builder()
            .status(429)
            .header("server", "istio-envoy")
            .header("set-cookie", "__cf_bm=1")
            .header("fireworks-backend-host", "10.0.0.1")
            .header("x-envoy-upstream-service-time", "3")
            .header("x-request-id", "r1")
            .header("retry-after", "2")
            .header("x-ratelimit-over-limit", "yes")
            .header("connection", "x-hop")
            .header("x-hop", "1")
            .body(text("slow down"))
            .unwrap()
    })
    .await;
    let names = |response: &Response<_>| {
        let mut names: Vec<_> = response
            .headers()
            .keys()
            .map(|it| it.as_str().to_owned())
            .collect();
        names.sort_unstable();
        names.join(" ")
    };
    let response = send(&upstream.client(), post("/v1/completions"))
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        names(&response),
        "content-length date retry-after x-ratelimit-over-limit x-request-id"
    );
    assert_eq!(whole(response).await, "slow down");

    let open: Client = Provider::new(upstream.config().expose_headers(true)).unwrap();
    let response = send(&open, post("/v1/completions")).await.unwrap();
    assert_eq!(
        names(&response),
        "content-length date fireworks-backend-host retry-after server set-cookie \
         x-envoy-upstream-service-time x-ratelimit-over-limit x-request-id"
    );
}

#[tokio::test]
async fn connections_are_used_again() {
    let upstream = serve(echo).await;
    let client = upstream.client();
    for _ in 0..5 {
        whole(send(&client, post("/v1/embeddings")).await.unwrap()).await;
    }
    assert_eq!(upstream.connections(), 1);
}

#[tokio::test]
async fn a_connection_that_closed_while_unused_costs_the_client_nothing() {
    let upstream = support::raw(|mut tcp| async move {
        read_request(&mut tcp).await;
        tcp.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            .await
            .unwrap();
        // Closed without saying so, as servers do with idle connections.
    })
    .await;
    let client = upstream.client();
    for _ in 0..3 {
        let response = send(&client, post("/v1/embeddings")).await.unwrap();
        assert_eq!(whole(response).await, "ok");
    }
    assert_eq!(upstream.connections(), 3);
}

#[tokio::test]
async fn a_target_without_its_key_says_which_variable_is_missing() {
    let config = ProviderConfig::new("fireworks")
        .id("main")
        .api_key_from("FIREWORKS_API_KEY", |_| None);
    let client: Client = Provider::new(config).unwrap();
    assert!(!client.availability().is_available());
    let error = send(&client, post("/v1/completions")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.may_retry());
    let reply = error.to_api_error();
    assert_eq!(reply.status(), StatusCode::SERVICE_UNAVAILABLE);
    let message = reply.to_json(fw_wire::ErrorShape::OpenAi);
    assert!(message.contains("`main`"), "{message}");
    assert!(message.contains("FIREWORKS_API_KEY"), "{message}");
}

#[tokio::test]
async fn a_path_that_leaves_the_base_address_is_refused() {
    let upstream = serve(echo).await;
    let error = send(&upstream.client(), post("/v1/../../v1/accounts"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(error.to_api_error().status(), StatusCode::BAD_REQUEST);

    let request = Request::connect("host:443").body(Full::default()).unwrap();
    let error = send(&upstream.client(), request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(upstream.connections(), 0);
}
