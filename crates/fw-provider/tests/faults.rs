//! Providers that fail, and clients that go away.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use fw_provider::{Deadline, ErrorKind, HttpVersions, Provider, ProviderError, Streaming};
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use support::{Client, Upstream, in_time, post, read_request, send};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use tower::{Service, ServiceExt};

const SHORT: Duration = Duration::from_millis(40);
const LONG: Duration = Duration::from_secs(60);

const STREAM_HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

/// Writes this and then keeps the connection open until the client closes it.
async fn writes_and_hangs(text: String) -> Upstream {
    support::raw(move |mut tcp| {
        let text = text.clone();
        async move {
            read_request(&mut tcp).await;
            tcp.write_all(text.as_bytes()).await.unwrap();
            let _ = tcp.read(&mut [0; 64]).await;
        }
    })
    .await
}

fn reset(tcp: &TcpStream) {
    // Closing with a linger time of zero sends RST instead of FIN.
    tcp.set_zero_linger().unwrap();
}

async fn frame<B: Body<Data = Bytes, Error = ProviderError> + Unpin>(
    body: &mut B,
) -> Result<Option<Bytes>, ProviderError> {
    match in_time(body.frame()).await {
        Some(Ok(frame)) => Ok(frame.into_data().ok()),
        Some(Err(error)) => Err(error),
        None => Ok(None),
    }
}

fn assert_error(error: &ProviderError, kind: ErrorKind, status: StatusCode, text: &str) {
    assert_eq!(error.kind(), kind, "{error:?}");
    let reply = error.to_api_error();
    assert_eq!(reply.status(), status);
    assert!(error.to_string().contains(text), "{error}");
    assert!(error.to_string().starts_with("target `main`: "), "{error}");
    let json = reply.to_json(fw_wire::ErrorShape::OpenAi);
    assert!(!json.contains("127.0.0.1"), "{json}");
}

// === before the reply ===

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let config = fw_provider::ProviderConfig::new("fireworks")
        .id("main")
        .base_url(url);
    let client: Client = Provider::new(config).unwrap();
    let error = send(&client, post("/v1/completions")).await.unwrap_err();
    assert_error(
        &error,
        ErrorKind::Connect,
        StatusCode::BAD_GATEWAY,
        "could not be reached",
    );
    assert!(error.is_connect() && error.may_retry());
}

#[tokio::test]
async fn a_peer_that_never_answers_the_handshake_meets_the_connect_deadline() {
    let upstream = support::raw(|mut tcp| async move {
        while tcp.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
    })
    .await;
    let config = upstream
        .config()
        .base_url(format!("https://{}", upstream.address))
        .connect_timeout(SHORT)
        .timeout(LONG);
    let client: Client = Provider::new(config).unwrap();
    let error = send(&client, post("/v1/completions")).await.unwrap_err();
    assert_error(
        &error,
        ErrorKind::Timeout(Deadline::Connect),
        StatusCode::GATEWAY_TIMEOUT,
        "no connection to the provider within 40 ms",
    );
    assert!(error.is_connect() && error.is_timeout() && error.may_retry());
}

#[tokio::test]
async fn a_server_without_tls_is_not_trusted() {
    let upstream = support::raw(|mut tcp| async move {
        let _ = tcp.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    })
    .await;
    let config = upstream
        .config()
        .base_url(format!("https://{}", upstream.address));
    let client: Client = Provider::new(config).unwrap();
    let error = send(&client, post("/v1/completions")).await.unwrap_err();
    assert_error(&error, ErrorKind::Tls, StatusCode::BAD_GATEWAY, "TLS");
    assert!(error.may_retry());
}

#[tokio::test]
async fn a_reset_before_the_first_byte() {
    let upstream = support::raw(|mut tcp| async move {
        read_request(&mut tcp).await;
        reset(&tcp);
    })
    .await;
    let error = send(&upstream.client(), post("/v1/completions"))
        .await
        .unwrap_err();
    assert_error(
        &error,
        ErrorKind::Reset,
        StatusCode::BAD_GATEWAY,
        "closed the connection without a reply",
    );
    // The request was read, so it may have been acted on.
    assert!(!error.may_retry());
    assert!(!error.is_in_body());
}

#[tokio::test]
async fn an_end_before_the_first_byte() {
    let upstream = support::raw(|mut tcp| async move {
        read_request(&mut tcp).await;
    })
    .await;
    let error = send(&upstream.client(), post("/v1/completions"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Reset, "{error:?}");
    assert!(!error.may_retry());
}

#[tokio::test]
async fn a_reply_that_is_not_http() {
    let upstream = writes_and_hangs("220 smtp.example ESMTP\r\n\r\n".to_owned()).await;
    let error = send(&upstream.client(), post("/v1/completions"))
        .await
        .unwrap_err();
    assert_error(
        &error,
        ErrorKind::Protocol,
        StatusCode::BAD_GATEWAY,
        "not valid HTTP",
    );
}

#[tokio::test]
async fn a_provider_that_hangs_meets_the_deadline_for_replies() {
    let upstream = writes_and_hangs(String::new()).await;
    let client: Client =
        Provider::new(upstream.config().timeout(SHORT).stream_timeout(LONG)).unwrap();
    let error = send(&client, post("/v1/completions")).await.unwrap_err();
    assert_error(
        &error,
        ErrorKind::Timeout(Deadline::Reply),
        StatusCode::GATEWAY_TIMEOUT,
        "did not finish its reply within 40 ms",
    );
    assert!(!error.may_retry());
}

#[tokio::test]
async fn a_request_that_wants_a_stream_has_the_deadline_for_streams() {
    let upstream = writes_and_hangs(String::new()).await;
    let client: Client =
        Provider::new(upstream.config().timeout(LONG).stream_timeout(SHORT)).unwrap();
    let mut accepts = post("/v1/completions");
    accepts
        .headers_mut()
        .insert("accept", "text/event-stream".parse().unwrap());
    let mut told = post("/v1/completions");
    told.extensions_mut().insert(Streaming(true));
    for request in [accepts, told] {
        let error = send(&client, request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout(Deadline::Stream));
    }
    let first: Client =
        Provider::new(upstream.config().timeout(LONG).first_byte_timeout(SHORT)).unwrap();
    let mut told = post("/v1/completions");
    told.extensions_mut().insert(Streaming(true));
    let error = send(&first, told).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout(Deadline::FirstByte));
}

#[tokio::test]
async fn without_a_deadline_for_streams_that_for_replies_is_used() {
    let upstream = writes_and_hangs(format!("{STREAM_HEAD}{}", chunk("data: 1\n\n"))).await;
    let client: Client = Provider::new(upstream.config().timeout(SHORT)).unwrap();
    let mut body = send(&client, post("/v1/completions"))
        .await
        .unwrap()
        .into_body();
    assert_eq!(frame(&mut body).await.unwrap().unwrap(), "data: 1\n\n");
    let error = frame(&mut body).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout(Deadline::Stream));
}

// === within the reply ===

#[tokio::test]
async fn a_reset_after_the_first_byte_is_an_error_of_the_body() {
    let go = Arc::new(Notify::new());
    let gone = go.clone();
    let upstream = support::raw(move |mut tcp| {
        let go = gone.clone();
        async move {
            read_request(&mut tcp).await;
            let text = format!("{STREAM_HEAD}{}", chunk("data: 1\n\n"));
            tcp.write_all(text.as_bytes()).await.unwrap();
            go.notified().await;
            reset(&tcp);
        }
    })
    .await;
    let response = send(&upstream.client(), post("/v1/completions"))
        .await
        .unwrap();
    let mut body = response.into_body();
    assert_eq!(frame(&mut body).await.unwrap().unwrap(), "data: 1\n\n");
    go.notify_one();
    let error = frame(&mut body).await.unwrap_err();
    assert_error(
        &error,
        ErrorKind::Reset,
        StatusCode::BAD_GATEWAY,
        "before its reply was complete",
    );
    assert!(error.is_in_body() && !error.may_retry());
    // An error is the end.
    assert!(body.is_end_stream());
    assert!(frame(&mut body).await.unwrap().is_none());
}

#[tokio::test]
async fn a_body_shorter_than_announced_is_an_error() {
    let upstream = support::raw(|mut tcp| async move {
        read_request(&mut tcp).await;
        tcp.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345")
            .await
            .unwrap();
    })
    .await;
    let response = send(&upstream.client(), post("/v1/completions"))
        .await
        .unwrap();
    let error = in_time(response.into_body().collect()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Reset, "{error:?}");
}

#[tokio::test]
async fn a_body_that_stalls_meets_the_idle_deadline() {
    for head in [
        STREAM_HEAD,
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
    ] {
        let upstream = writes_and_hangs(format!("{head}{}", chunk("data: 1\n\n"))).await;
        let config = upstream.config().timeout(LONG).idle_timeout(SHORT);
        let client: Client = Provider::new(config).unwrap();
        let mut body = send(&client, post("/v1/completions"))
            .await
            .unwrap()
            .into_body();
        assert_eq!(frame(&mut body).await.unwrap().unwrap(), "data: 1\n\n");
        let error = frame(&mut body).await.unwrap_err();
        assert_error(
            &error,
            ErrorKind::Timeout(Deadline::Idle),
            StatusCode::GATEWAY_TIMEOUT,
            "went silent within its reply for 40 ms",
        );
    }
}

#[tokio::test]
async fn a_stream_with_a_head_and_no_byte_meets_the_first_byte_deadline() {
    let upstream = writes_and_hangs(STREAM_HEAD.to_owned()).await;
    let config = upstream.config().timeout(LONG).first_byte_timeout(SHORT);
    let client: Client = Provider::new(config).unwrap();
    let mut body = send(&client, post("/v1/completions"))
        .await
        .unwrap()
        .into_body();
    let error = frame(&mut body).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout(Deadline::FirstByte));
    assert!(error.is_in_body());
}

#[tokio::test]
async fn a_plain_body_that_never_ends_meets_the_deadline_for_replies() {
    let upstream =
        writes_and_hangs("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345".to_owned()).await;
    let config = upstream.config().timeout(SHORT).stream_timeout(LONG);
    let client: Client = Provider::new(config).unwrap();
    let mut body = send(&client, post("/v1/completions"))
        .await
        .unwrap()
        .into_body();
    assert_eq!(frame(&mut body).await.unwrap().unwrap(), "12345");
    let error = frame(&mut body).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout(Deadline::Reply));
}

// === cancellation ===

/// Says when each connection has been closed by the client.
async fn watches_for_the_end(text: &'static str) -> (Upstream, mpsc::Receiver<&'static str>) {
    let (send, events) = mpsc::channel(8);
    let upstream = support::raw(move |mut tcp| {
        let send = send.clone();
        async move {
            read_request(&mut tcp).await;
            tcp.write_all(text.as_bytes()).await.unwrap();
            send.send("asked").await.unwrap();
            while tcp.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {}
            send.send("closed").await.unwrap();
        }
    })
    .await;
    (upstream, events)
}

#[tokio::test]
async fn dropping_the_body_closes_the_upstream_connection() {
    let (upstream, mut events) = watches_for_the_end(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n\
         9\r\ndata: 1\n\n\r\n",
    )
    .await;
    let response = send(&upstream.client(), post("/v1/completions"))
        .await
        .unwrap();
    let mut body = response.into_body();
    assert_eq!(frame(&mut body).await.unwrap().unwrap(), "data: 1\n\n");
    assert_eq!(in_time(events.recv()).await, Some("asked"));
    assert!(events.try_recv().is_err(), "it is still wanted");
    drop(body);
    assert_eq!(in_time(events.recv()).await, Some("closed"));
}

#[tokio::test]
async fn dropping_the_future_closes_the_upstream_connection() {
    let (upstream, mut events) = watches_for_the_end("").await;
    let mut client = upstream.client();
    let request = client.ready().await.unwrap().call(post("/v1/completions"));
    let request = tokio::spawn(request);
    assert_eq!(in_time(events.recv()).await, Some("asked"));
    request.abort();
    assert_eq!(in_time(events.recv()).await, Some("closed"));
}

#[tokio::test]
async fn a_deadline_closes_the_upstream_connection() {
    let (upstream, mut events) = watches_for_the_end("").await;
    let client: Client = Provider::new(upstream.config().timeout(SHORT)).unwrap();
    send(&client, post("/v1/completions")).await.unwrap_err();
    assert_eq!(in_time(events.recv()).await, Some("asked"));
    assert_eq!(in_time(events.recv()).await, Some("closed"));
}

// === request bodies ===

struct Broken;

impl Body for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        Poll::Ready(Some(Err(std::io::ErrorKind::UnexpectedEof.into())))
    }
}

#[tokio::test]
async fn a_request_body_that_breaks_off_is_the_clients_fault() {
    let upstream = support::serve(|request| async move {
        let _ = request.into_body().collect().await;
        std::future::pending().await
    })
    .await;
    for versions in [HttpVersions::Http1, HttpVersions::Http2] {
        let config = upstream.config().http_versions(versions);
        let mut client: Provider<Broken> = Provider::new(config).unwrap();
        let request = Request::post("/v1/completions").body(Broken).unwrap();
        let error = in_time(client.ready().await.unwrap().call(request))
            .await
            .unwrap_err();
        assert_error(
            &error,
            ErrorKind::RequestBody,
            StatusCode::BAD_REQUEST,
            "body of the request",
        );
    }
}

#[tokio::test]
async fn bodies_say_how_long_they_are() {
    let upstream = support::serve(|_| async { Response::new(support::text("12345")) }).await;
    let response = send(&upstream.client(), post("/v1/completions"))
        .await
        .unwrap();
    let mut body = response.into_body();
    assert_eq!(body.size_hint().exact(), Some(5));
    assert!(!body.is_end_stream());
    assert_eq!(frame(&mut body).await.unwrap().unwrap(), "12345");
    assert!(body.is_end_stream());
}
