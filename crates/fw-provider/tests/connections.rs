//! HTTP/1.1 connections: which are used again, and which are closed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use fw_provider::{Provider, ProviderBody};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::channel::Channel;
use http_body_util::{BodyExt, Full};
use support::{Client, Upstream, in_time, post, raw, read_request, send, serve, text, whole};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc};
use tower::{Service, ServiceExt};

/// Answers every request on a connection with `reply`, and reports when the client closes it.
async fn answers(reply: &'static str) -> (Upstream, mpsc::UnboundedReceiver<()>) {
    let (tell, closed) = mpsc::unbounded_channel();
    let upstream = raw(move |mut tcp| {
        let tell = tell.clone();
        async move {
            while !read_request(&mut tcp).await.is_empty() {
                tcp.write_all(reply.as_bytes()).await.unwrap();
            }
            tell.send(()).unwrap();
        }
    })
    .await;
    (upstream, closed)
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const CHUNKED: &str =
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n";

#[tokio::test]
async fn however_a_reply_says_its_length_its_connection_is_used_again() {
    for reply in [
        OK,
        CHUNKED,
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
    ] {
        let (upstream, _closed) = answers(reply).await;
        let client = upstream.client();
        for _ in 0..3 {
            whole(send(&client, post("/v1/embeddings")).await.unwrap()).await;
        }
        assert_eq!(upstream.connections(), 1, "{reply}");
    }
}

#[tokio::test]
async fn who_takes_the_last_piece_need_not_ask_for_the_end() {
    let (upstream, _closed) = answers(OK).await;
    let client = upstream.client();
    for _ in 0..3 {
        let response = send(&client, post("/v1/embeddings")).await.unwrap();
        let mut body = response.into_body();
        in_time(body.frame()).await.unwrap().unwrap();
        assert!(body.is_end_stream());
    }
    assert_eq!(upstream.connections(), 1);
}

#[tokio::test]
async fn a_reply_to_head_has_a_length_and_no_body() {
    let (upstream, _closed) = answers("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n").await;
    let client = upstream.client();
    for _ in 0..2 {
        let mut request = post("/v1/models");
        *request.method_mut() = Method::HEAD;
        assert_eq!(whole(send(&client, request).await.unwrap()).await, "");
    }
    assert_eq!(upstream.connections(), 1);
}

#[tokio::test]
async fn a_connection_that_the_provider_wants_closed_is_closed() {
    let (upstream, mut closed) =
        answers("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok").await;
    let client = upstream.client();
    for _ in 0..2 {
        whole(send(&client, post("/v1/embeddings")).await.unwrap()).await;
        in_time(closed.recv()).await.unwrap();
    }
    assert_eq!(upstream.connections(), 2);
}

#[tokio::test]
async fn a_connection_with_half_a_reply_is_closed() {
    let (upstream, mut closed) =
        answers("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n").await;
    let client = upstream.client();
    let response = send(&client, post("/v1/embeddings")).await.unwrap();
    let mut body = response.into_body();
    in_time(body.frame()).await.unwrap().unwrap();
    drop(body);
    in_time(closed.recv()).await.unwrap();
}

#[tokio::test]
async fn requests_at_the_same_time_have_connections_of_their_own() {
    let gate = Arc::new(Semaphore::new(0));
    let waiting = Arc::clone(&gate);
    let upstream = serve(move |_| {
        let gate = Arc::clone(&waiting);
        async move {
            gate.acquire().await.unwrap().forget();
            Response::new(text("ok"))
        }
    })
    .await;
    let config = upstream.config().pool_max_idle(2);
    let client: Client = Provider::new(config).unwrap();
    for round in 1..=2 {
        let requests: Vec<_> = (0..5)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move {
                    whole(send(&client, post("/v1/embeddings")).await.unwrap()).await
                })
            })
            .collect();
        in_time(async {
            // Two of the first five were kept.
            while upstream.connections() < if round == 1 { 5 } else { 8 } {
                tokio::task::yield_now().await;
            }
        })
        .await;
        gate.add_permits(5);
        for request in requests {
            assert_eq!(in_time(request).await.unwrap(), "ok");
        }
    }
    assert_eq!(upstream.connections(), 8);
}

#[tokio::test]
async fn an_unused_connection_is_closed_after_a_while() {
    let (upstream, mut closed) = answers(OK).await;
    let config = upstream
        .config()
        .pool_idle_timeout(Duration::from_millis(30));
    let client: Client = Provider::new(config).unwrap();
    whole(send(&client, post("/v1/embeddings")).await.unwrap()).await;
    in_time(closed.recv()).await.unwrap();
    // The next to fall idle is closed too.
    whole(send(&client, post("/v1/embeddings")).await.unwrap()).await;
    in_time(closed.recv()).await.unwrap();
    assert_eq!(upstream.connections(), 2);
}

#[test]
fn unused_connections_are_closed_in_a_runtime_after_the_first_too() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let upstream_runtime = tokio::runtime::Runtime::new().unwrap();
    let (upstream, mut closed) = upstream_runtime.block_on(answers(OK));
    let config = upstream
        .config()
        .pool_idle_timeout(Duration::from_millis(30));
    let client: Client = Provider::new(config).unwrap();
    for _ in 0..2 {
        // The first ends while it has a connection to close.
        let runtime = runtime();
        runtime.block_on(async {
            whole(send(&client, post("/v1/embeddings")).await.unwrap()).await;
        });
        if upstream.connections() == 2 {
            runtime.block_on(async {
                in_time(closed.recv()).await.unwrap();
                in_time(closed.recv()).await.unwrap();
            });
        }
    }
    assert_eq!(upstream.connections(), 2);
}

#[tokio::test]
async fn connections_close_with_the_last_handle() {
    let (upstream, mut closed) = answers(OK).await;
    let client = upstream.client();
    whole(send(&client, post("/v1/embeddings")).await.unwrap()).await;
    drop(client);
    in_time(closed.recv()).await.unwrap();
}

#[tokio::test]
async fn a_reply_may_outlive_its_provider_and_move_to_another_task() {
    let (mut sender, body) = Channel::<Bytes>::new(1);
    let body = std::sync::Mutex::new(Some(body));
    let body = Arc::new(body);
    let upstream = serve(move |_| {
        let body = body.lock().unwrap().take().unwrap();
        async move { Response::new(body.boxed_unsync()) }
    })
    .await;
    let client = upstream.client();
    let response = send(&client, post("/v1/embeddings")).await.unwrap();
    drop(client);
    let mut body = response.into_body();
    // Wait for it in one task, then in another.
    let waiting = std::future::poll_fn(|cx| {
        let polled = std::pin::Pin::new(&mut body).poll_frame(cx);
        assert!(polled.is_pending());
        Poll::Ready(())
    });
    waiting.await;
    let collected = tokio::spawn(async move { body.collect().await.unwrap().to_bytes() });
    tokio::task::yield_now().await;
    sender.send_data(Bytes::from("late")).await.unwrap();
    drop(sender);
    assert_eq!(in_time(collected).await.unwrap(), "late");
}

/// A request body of `count` pieces of 64 KiB.
fn large(count: usize) -> Channel<Bytes, std::io::Error> {
    let (mut sender, body) = Channel::new(1);
    tokio::spawn(async move {
        for _ in 0..count {
            let piece = Bytes::from(vec![b'x'; 64 << 10]);
            if sender.send_data(piece).await.is_err() {
                return;
            }
        }
    });
    body
}

async fn upload(
    upstream: &Upstream,
    body: Channel<Bytes, std::io::Error>,
) -> Response<ProviderBody> {
    let mut client = Provider::new(upstream.config()).unwrap();
    let request = Request::post("/v1/embeddings").body(body).unwrap();
    in_time(client.ready().await.unwrap().call(request))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_body_larger_than_all_buffers_is_sent_while_its_reply_is_awaited() {
    let upstream = serve(|request| async move {
        let length = request
            .into_body()
            .collect()
            .await
            .unwrap()
            .to_bytes()
            .len();
        Response::new(text(length.to_string()))
    })
    .await;
    let response = upload(&upstream, large(256)).await;
    assert_eq!(whole(response).await, (256 * (64 << 10)).to_string());
}

#[tokio::test]
async fn a_body_is_sent_on_while_its_reply_is_read() {
    // An echo: the reply ends only when the request does.
    let upstream = serve(|request| async move {
        Response::new(
            request
                .into_body()
                .map_err(|error| panic!("{error}"))
                .boxed_unsync(),
        )
    })
    .await;
    let response = upload(&upstream, large(128)).await;
    assert_eq!(whole(response).await.len(), 128 * (64 << 10));
}

#[tokio::test]
async fn a_reply_before_the_end_of_the_request_is_passed_on_and_its_connection_closed() {
    let upstream = raw(|mut tcp: TcpStream| async move {
        let mut start = [0; 1024];
        tcp.read_exact(&mut start).await.unwrap();
        tcp.write_all(b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nbig")
            .await
            .unwrap();
        // What is still sent is read, as a polite server does, so that nothing is reset.
        let mut rest = Vec::new();
        tcp.read_to_end(&mut rest).await.unwrap();
    })
    .await;
    let (sender, body) = Channel::<Bytes, std::io::Error>::new(1);
    let mut sender = sender;
    sender
        .send_data(Bytes::from(vec![b'x'; 4096]))
        .await
        .unwrap();
    let response = upload(&upstream, body).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(whole(response).await, "big");
    // Nobody takes the rest of the body.
    in_time(async { while sender.send_data(Bytes::from("x")).await.is_ok() {} }).await;
}

#[tokio::test]
async fn trailers_pass_and_the_connection_is_used_again() {
    let upstream = serve(|_| async {
        let trailers = HeaderMap::from_iter([(
            http::HeaderName::from_static("x-sum"),
            http::HeaderValue::from_static("1"),
        )]);
        let body = Full::new(Bytes::from("ok")).with_trailers(async { Some(Ok(trailers)) });
        let mut response = Response::new(body.boxed_unsync());
        response
            .headers_mut()
            .insert("trailer", http::HeaderValue::from_static("x-sum"));
        response
    })
    .await;
    let client = upstream.client();
    for _ in 0..2 {
        let mut request = post("/v1/embeddings");
        request
            .headers_mut()
            .insert("te", http::HeaderValue::from_static("trailers"));
        assert_eq!(whole(send(&client, request).await.unwrap()).await, "ok");
    }
    assert_eq!(upstream.connections(), 1);
}

#[tokio::test]
async fn what_came_in_together_is_there_at_once() {
    let (upstream, _closed) = answers(CHUNKED).await;
    let client = upstream.client();
    let response = send(&client, post("/v1/embeddings")).await.unwrap();
    let mut body = response.into_body();
    // One poll after the other, without waiting in between.
    let pieces = std::future::poll_fn(|cx| {
        let mut pieces = Vec::new();
        while let Poll::Ready(Some(frame)) = std::pin::Pin::new(&mut body).poll_frame(cx) {
            pieces.push(frame.unwrap().into_data().unwrap());
        }
        Poll::Ready(pieces)
    });
    assert_eq!(in_time(pieces).await, ["a", "b"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_hangs_or_mixes_replies_when_many_come_and_go() {
    let upstream = serve(|request| async move {
        let bytes = request.into_body().collect().await.unwrap().to_bytes();
        // Whole replies and streams in pieces.
        if bytes.len() % 2 == 0 {
            return Response::new(Full::new(bytes).boxed_unsync());
        }
        let (mut sender, body) = Channel::new(1);
        tokio::spawn(async move {
            for piece in bytes.chunks(3) {
                let piece = Bytes::copy_from_slice(piece);
                if sender.send_data(piece).await.is_err() {
                    return;
                }
                tokio::task::yield_now().await;
            }
        });
        Response::new(body.boxed_unsync())
    })
    .await;
    let client: Client = Provider::new(upstream.config().pool_max_idle(8)).unwrap();
    let whole_replies = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..16)
        .map(|task| {
            let client = client.clone();
            let whole_replies = Arc::clone(&whole_replies);
            tokio::spawn(async move {
                for turn in 0..100_usize {
                    let sent = format!("{task}-{turn}-").repeat(1 + turn % 7);
                    let request = Request::post("/v1/embeddings")
                        .body(Full::from(sent.clone()))
                        .unwrap();
                    let response = send(&client, request).await.unwrap();
                    let mut body = response.into_body();
                    if turn % 10 == 9 {
                        // A client that goes away in the middle.
                        in_time(body.frame()).await;
                        continue;
                    }
                    let got = in_time(body.collect()).await.unwrap().to_bytes();
                    assert_eq!(got, sent);
                    whole_replies.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for task in tasks {
        in_time(task).await.unwrap();
    }
    assert_eq!(whole_replies.load(Ordering::Relaxed), 16 * 90);
}
