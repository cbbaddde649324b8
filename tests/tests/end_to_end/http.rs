//! HTTP itself: versions, pipelining, and requests that mean two things.

use fw_tests::{Client, Stage, chat, streamed};
use http::Version;

#[tokio::test]
async fn http_2_with_prior_knowledge_works() {
    let stage = Stage::start().await;
    let client = Client::http2(stage.gateway.address());
    let reply = client
        .post("/v1/chat/completions")
        .json(&chat("Hello"))
        .send()
        .await;
    assert_eq!(
        (reply.status.as_u16(), reply.version),
        (200, Version::HTTP_2)
    );
    let stream = client
        .post("/v1/chat/completions")
        .json(&streamed("Hello"))
        .send()
        .await;
    assert_eq!(stream.events().last().unwrap(), "[DONE]");

    // Many at once on the one connection.
    let calls: Vec<_> = (0..32)
        .map(|i| {
            tokio::spawn(
                client
                    .post("/v1/chat/completions")
                    .json(&streamed(&format!("Number {i}")))
                    .send(),
            )
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().events().last().unwrap(), "[DONE]");
    }
}

#[tokio::test]
async fn connections_are_kept_on_both_sides() {
    let stage = Stage::start().await;
    let mut raw = stage.gateway.connect().await;
    for _ in 0..5 {
        raw.post("/v1/chat/completions", "", &chat("Hello").to_string())
            .await;
        assert_eq!(raw.reply().await.status, 200);
    }
    assert_eq!(
        stage.sim.counters().connections,
        1,
        "five requests, one connection upstream"
    );
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let stage = Stage::start().await;
    let mut raw = stage.gateway.connect().await;
    let request = |text: &str| {
        let body = chat("Hello").to_string();
        format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n\
             x-sim-reply: {text}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    raw.send(["first", "second", "third"].map(request).concat())
        .await;
    for text in ["first", "second", "third"] {
        let reply = raw.reply().await;
        assert_eq!(reply.status, 200);
        assert!(reply.body.contains(text), "{}", reply.body);
    }
}

#[tokio::test]
async fn a_client_that_waits_for_100_continue_gets_it() {
    let stage = Stage::start().await;
    let mut raw = stage.gateway.connect().await;
    let body = chat("Hello").to_string();
    raw.send(format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n\
         expect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body.len()
    ))
    .await;
    assert!(
        raw.until("\r\n\r\n")
            .await
            .unwrap()
            .starts_with("HTTP/1.1 100")
    );
    raw.send(body).await;
    assert_eq!(raw.reply().await.status, 200);
}

/// A good request inside one whose head is doubtful, and another good one right behind it.
fn doubtful(headers: &str, chunked: bool) -> String {
    let body = chat("Hello").to_string();
    let length = body.len();
    let payload = if chunked {
        format!("{length:x}\r\n{body}\r\n0\r\n\r\n")
    } else {
        body.clone()
    };
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\n{headers}\r\n{payload}\
         POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// RFC 9112 sections 5.1, 6.1 and 6.3: a length that cannot be trusted is an error, and nothing after
/// it on the connection can be trusted either.
#[tokio::test]
async fn requests_of_doubtful_length_are_refused() {
    let stage = Stage::start().await;
    let length = chat("Hello").to_string().len();
    for (headers, chunked) in [
        (
            format!("content-length: {length}\r\ncontent-length: 6\r\n"),
            false,
        ),
        (format!("content-length: +{length}\r\n"), false),
        (format!("content-length: {length} 6\r\n"), false),
        (
            format!("content-length: 0\n content-length: {length}\r\n"),
            false,
        ),
        ("transfer-encoding: xchunked\r\n".into(), true),
        ("transfer-encoding: chunked, identity\r\n".into(), true),
        ("transfer-encoding : chunked\r\n".into(), true),
    ] {
        let mut raw = stage.gateway.connect().await;
        raw.send(doubtful(&headers, chunked)).await;
        let all = raw.to_end().await;
        assert!(all.starts_with("HTTP/1.1 400"), "{headers:?}: {all:?}");
        assert_eq!(
            all.matches("HTTP/1.1").count(),
            1,
            "{headers:?}: one answer, then the end: {all:?}"
        );
    }
    assert_eq!(stage.sim.counters().requests, 0);
}

/// RFC 9112 section 6.1: with both headers, the chunks count, and the connection ends with the answer,
/// so that whatever a proxy before us took for the next request is never read as one.
#[tokio::test]
async fn a_length_beside_chunks_is_not_believed() {
    let stage = Stage::start().await;
    for headers in [
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n",
    ] {
        let before = stage.sim.counters().requests;
        let mut raw = stage.gateway.connect().await;
        raw.send(doubtful(headers, true)).await;
        let all = raw.to_end().await;
        assert_eq!(
            all.matches("HTTP/1.1").count(),
            1,
            "{headers:?}: one answer, then the end: {all:?}"
        );
        if all.starts_with("HTTP/1.1 400") {
            continue;
        }
        assert!(all.starts_with("HTTP/1.1 200"), "{headers:?}: {all:?}");
        assert_eq!(stage.sim.counters().requests, before + 1);
        let got = stage.sim.last();
        assert_eq!(got.body, chat("Hello").to_string());
        let length = got.body.len().to_string();
        assert_eq!(
            got.header("content-length"),
            Some(length.as_str()),
            "the upstream sees one length"
        );
        assert_eq!(got.header("transfer-encoding"), None);
    }
}

#[tokio::test]
async fn bytes_that_are_no_http_end_the_connection_and_nothing_else() {
    let stage = Stage::start().await;
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
    ] {
        let mut raw = stage.gateway.connect().await;
        raw.send(bytes).await;
        let all = raw.to_end().await;
        assert!(all.is_empty() || all.starts_with("HTTP/1.1 4"), "{all:?}");
    }
    assert_eq!(stage.gateway.get("/health").send().await.status, 200);
}
