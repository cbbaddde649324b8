//! HTTP/2 upstreams.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use bytes::Bytes;
use fw_provider::{HttpVersions, Provider};
use http::{Response, Version};
use http_body_util::BodyExt;
use http_body_util::channel::{Channel, Sender};
use hyper_util::rt::TokioExecutor;
use hyper_util::server::conn::auto;
use support::{Client, Upstream, in_time, post, send, serve, serve_with, text, whole};
use tokio::sync::mpsc;

fn http2(upstream: &Upstream) -> Client {
    Provider::new(upstream.config().http_versions(HttpVersions::Http2)).unwrap()
}

/// Streams that only end when their sender is dropped.
async fn open_streams(max_streams: u32) -> (Upstream, mpsc::UnboundedReceiver<Sender<Bytes>>) {
    let (senders, receiver) = mpsc::unbounded_channel();
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http2().max_concurrent_streams(max_streams);
    let upstream = serve_with(builder, move |_| {
        let senders = senders.clone();
        async move {
            let (mut sender, body) = Channel::new(8);
            sender.send_data(Bytes::from("data: 1\n\n")).await.unwrap();
            senders.send(sender).unwrap();
            Response::new(body.boxed_unsync())
        }
    })
    .await;
    (upstream, receiver)
}

#[tokio::test]
async fn requests_share_a_connection() {
    let upstream = serve(|request| async move {
        assert_eq!(request.version(), Version::HTTP_2);
        assert_eq!(request.headers()["authorization"], "Bearer fw_key");
        let host = request.uri().authority().unwrap().to_string();
        Response::new(text(format!("{host} {}", request.uri().path())))
    })
    .await;
    let client = http2(&upstream);
    for _ in 0..3 {
        let response = send(&client, post("/v1/embeddings")).await.unwrap();
        // Versions belong to one hop.
        assert_eq!(response.version(), Version::HTTP_11);
        assert_eq!(
            whole(response).await,
            format!("{} /v1/embeddings", upstream.address)
        );
    }
    assert_eq!(upstream.connections(), 1);
}

#[tokio::test]
async fn headers_of_a_http1_connection_are_not_sent() {
    let upstream = serve(|request| async move {
        let mut names: Vec<_> = request
            .headers()
            .keys()
            .map(|it| it.as_str().to_owned())
            .collect();
        names.sort_unstable();
        Response::new(text(names.join(" ")))
    })
    .await;
    let mut request = post("/v1/embeddings");
    for (name, value) in [
        ("connection", "keep-alive"),
        ("te", "trailers"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("host", "gateway"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let names = whole(send(&http2(&upstream), request).await.unwrap()).await;
    assert_eq!(names, "accept-encoding authorization content-length");
}

#[tokio::test]
async fn dropping_the_body_resets_only_its_stream() {
    let (upstream, mut senders) = open_streams(100).await;
    let client = http2(&upstream);
    let mut bodies = Vec::new();
    let mut kept = Vec::new();
    for _ in 0..2 {
        let response = send(&client, post("/v1/completions")).await.unwrap();
        let mut body = response.into_body();
        in_time(body.frame()).await.unwrap().unwrap();
        bodies.push(body);
        kept.push(in_time(senders.recv()).await.unwrap());
    }
    drop(bodies.remove(0));
    let mut gone = kept.remove(0);
    // Sending fails once the server has dropped the body of the reset stream.
    in_time(async { while gone.send_data(Bytes::from("x")).await.is_ok() {} }).await;

    kept[0].send_data(Bytes::from("data: 2\n\n")).await.unwrap();
    let frame = in_time(bodies[0].frame()).await.unwrap().unwrap();
    assert_eq!(frame.into_data().unwrap(), "data: 2\n\n");
    assert_eq!(upstream.connections(), 1);
}

#[tokio::test]
async fn more_streams_than_a_connection_allows_open_another() {
    let (upstream, mut senders) = open_streams(2).await;
    let config = upstream
        .config()
        .http_versions(HttpVersions::Http2)
        .streams_per_connection(2);
    let client: Client = Provider::new(config).unwrap();
    let mut open = Vec::new();
    for _ in 0..6 {
        let response = send(&client, post("/v1/completions")).await.unwrap();
        let sender = in_time(senders.recv()).await.unwrap();
        open.push((response.into_body(), sender));
    }
    assert_eq!(upstream.connections(), 3);

    // Whatever way a reply ends, its place is free again.
    let (body, _) = open.remove(0);
    drop(body);
    let (body, sender) = open.remove(0);
    drop(sender);
    in_time(body.collect()).await.unwrap();
    for _ in 0..2 {
        let response = send(&client, post("/v1/completions")).await.unwrap();
        let sender = in_time(senders.recv()).await.unwrap();
        open.push((response.into_body(), sender));
    }
    assert_eq!(upstream.connections(), 3);
}
