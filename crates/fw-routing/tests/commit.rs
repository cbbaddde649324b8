//! The point after which no other target may answer: the first content of a stream, the end of a plain reply.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::{io::ErrorKind, time::Duration};

use fw_routing::{Fallback, Router, Target};
use http_body_util::BodyExt;
use support::{
    Act, DONE, ERROR, PLAIN, Piece, Piece::Text, ROLE, STOP, Scripted, WORD, ask, assert_idle,
    chat, head, ms, send, talk,
};
use tokio::time::Instant;

const TIMEOUT: Duration = Duration::from_secs(5);

fn two(first: &Scripted, second: &Scripted) -> Router<Scripted> {
    Router::builder()
        .target(first.target("a"))
        .target(second.target("b"))
        .first_token_timeout(TIMEOUT)
        .build()
        .unwrap()
}

/// The second of two targets answers in place of a first that does this.
async fn assert_fails_over(act: Act, stream: bool) {
    let (first, second) = (
        Scripted::always(act.clone()),
        Scripted::always(if stream { Act::talk() } else { Act::plain() }),
    );
    let router = two(&first, &second);
    let got = send(&router, chat(stream)).await;
    assert_eq!((got.status, got.target()), (200, "b"), "{act:?}: {got:?}");
    let whole = if stream {
        [ROLE, WORD, STOP, DONE].concat()
    } else {
        PLAIN.to_owned()
    };
    assert_eq!(got.body, whole, "{act:?}");
    assert_eq!(got.count(), "2");
    assert_eq!((first.count(), second.count()), (1, 1), "{act:?}");
    assert_idle(&router);
    assert_eq!(first.in_flight(), 0, "{act:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_without_content_fails_over() {
    for act in [
        Act::stream([]),
        Act::stream([Text(ROLE)]),
        Act::stream([Text(ROLE), Text(DONE)]),
        Act::stream([Text(": ping\n\n"), Piece::Hang]),
        Act::stream([Text(ROLE), Piece::Hang]),
        Act::stream([Piece::Hang]),
        Act::stream([Text(ROLE), Text(ERROR)]),
        Act::stream([Text(ROLE), Piece::Break(ErrorKind::ConnectionReset)]),
        Act::stream([Text(ROLE), Piece::Wait(ms(5_001)), Text(WORD)]),
        Act::talk().after(ms(5_001)),
        Act::Hang,
        Act::Refuse(ErrorKind::ConnectionRefused),
        Act::Refuse(ErrorKind::ConnectionReset),
        Act::Refuse(ErrorKind::TimedOut),
    ] {
        assert_fails_over(act, true).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_plain_reply_that_is_not_whole_fails_over() {
    let json = &[("content-type", "application/json")];
    let (half, _) = PLAIN.split_at(40);
    for act in [
        Act::Reply(200, json, vec![]),
        Act::Reply(200, json, vec![Text(half)]),
        Act::Reply(
            200,
            json,
            vec![Text(half), Piece::Break(ErrorKind::UnexpectedEof)],
        ),
        Act::said(200, json, r#"{"choices":[]}"#),
        Act::said(
            200,
            &[("content-type", "text/html; charset=utf-8")],
            "<html>",
        ),
        Act::said(
            200,
            json,
            r#"{"error":{"message":"overloaded","type":"overloaded_error"}}"#,
        ),
        Act::Refuse(ErrorKind::ConnectionReset),
    ] {
        assert_fails_over(act, false).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_model_may_have_nothing_to_say() {
    let first = Scripted::always(Act::stream([ROLE, STOP, DONE].map(Text)));
    let second = Scripted::always(Act::talk());
    let got = talk(&two(&first, &second)).await;
    assert_eq!((got.status, got.target()), (200, "a"));
    assert_eq!(got.body, [ROLE, STOP, DONE].concat());
    assert_eq!(second.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn slow_is_not_silent() {
    let slow = Act::stream([
        Text(ROLE),
        Piece::Wait(ms(4_900)),
        Text(WORD),
        Piece::Wait(ms(60_000)),
        Text(STOP),
        Text(DONE),
    ]);
    let (first, second) = (Scripted::always(slow), Scripted::always(Act::talk()));
    let got = talk(&two(&first, &second)).await;
    assert_eq!((got.target(), got.count()), ("a", "1"));
    assert!(got.body.ends_with(DONE));
}

#[tokio::test(start_paused = true)]
async fn after_the_first_content_there_is_no_second_answer() {
    for (end, code) in [
        (
            vec![Piece::Break(ErrorKind::ConnectionReset)],
            "upstream_closed",
        ),
        (vec![], "stream_truncated"),
    ] {
        let mut pieces = vec![Text(ROLE), Text(WORD)];
        pieces.extend(end);
        let (first, second) = (
            Scripted::always(Act::stream(pieces)),
            Scripted::always(Act::talk()),
        );
        let router = two(&first, &second);
        let got = talk(&router).await;
        assert_eq!((got.status, got.target()), (200, "a"));
        let rest = got.body.strip_prefix(&[ROLE, WORD].concat()).unwrap();
        assert!(rest.starts_with("data: {\"error\":"), "{rest}");
        assert!(rest.contains(code), "{rest}");
        assert_eq!(rest.matches("data:").count(), 1);
        assert_eq!(second.count(), 0);
        let status = &router.status()[0];
        assert_eq!(
            (status.failures, status.successes, status.in_flight),
            (1, 0, 0)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_event_of_the_target_is_passed_on_once() {
    let first = Scripted::always(Act::stream([ROLE, WORD, ERROR].map(Text)));
    let router = two(&first, &Scripted::always(Act::talk()));
    let got = talk(&router).await;
    assert_eq!(got.body, [ROLE, WORD, ERROR].concat());
    assert_eq!(router.status()[0].failures, 1);
}

#[tokio::test(start_paused = true)]
async fn silence_within_a_stream_ends_it() {
    let act = Act::stream([
        Text(ROLE),
        Text(WORD),
        Piece::Wait(ms(2_900)),
        Text(WORD),
        Piece::Wait(ms(2_000)),
        Text(": ping\n\n"),
        Piece::Hang,
    ]);
    let first = Scripted::always(act);
    let router = Router::new([first.target("a").idle_timeout(Duration::from_secs(3))]).unwrap();
    let started = Instant::now();
    let got = talk(&router).await;
    assert!(got.body.contains("upstream_timeout"), "{}", got.body);
    // A keep-alive is silence too.
    assert_eq!(started.elapsed(), ms(2_900 + 3_000));
    assert_eq!(first.in_flight(), 0);
    assert_eq!(router.status()[0].failures, 1);
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_at_its_deadline() {
    let pieces = std::iter::once(Text(ROLE))
        .chain((0..100).flat_map(|_| [Text(WORD), Piece::Wait(ms(100))]));
    let first = Scripted::always(Act::stream(pieces));
    let router = Router::new([first.target("a").stream_timeout(Duration::from_secs(1))]).unwrap();
    let started = Instant::now();
    let got = talk(&router).await;
    assert!(got.body.contains("upstream_timeout"), "{}", got.body);
    assert_eq!(started.elapsed(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn the_last_target_may_take_longer() {
    let slow = Act::talk().after(ms(20_000));
    let (first, second) = (Scripted::always(Act::Hang), Scripted::always(slow.clone()));
    let got = talk(&two(&first, &second)).await;
    assert_eq!((got.status, got.target()), (200, "b"));

    // One that never had an alternative keeps its deadline.
    let alone = Scripted::always(slow);
    let router = Router::new([alone.target("a").first_token_timeout(TIMEOUT)]).unwrap();
    let got = talk(&router).await;
    assert_eq!(got.status, 504);
    assert!(
        got.body.contains("target `a`: no content within 5s"),
        "{}",
        got.body
    );
}

#[tokio::test(start_paused = true)]
async fn a_content_filter_may_speak_in_an_event() {
    const SAID: &str = "data: {\"error\":{\"message\":\"no\",\"type\":\"invalid_request_error\",\"code\":\"content_filter\"}}\n\n";
    for (told, expected) in [(true, (200, "b")), (false, (400, "a"))] {
        let first = Scripted::always(Act::stream([Text(SAID)]));
        let second = Scripted::always(Act::talk());
        let router = Router::builder()
            .target(first.target("a"))
            .target(second.target("b"))
            .fallback(Fallback::new().on_content_filter(told))
            .build()
            .unwrap();
        let got = talk(&router).await;
        assert_eq!((got.status, got.target()), expected);
    }
}

/// A Responses stream that failed says why; it may be the client's fault, and then no target's.
#[tokio::test(start_paused = true)]
async fn a_response_that_failed_says_whose_fault_it_is() {
    const PROMPT: &str = "data: {\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"invalid_prompt\",\"message\":\"bad prompt\"}}}\n\n";
    const IMAGE: &str = "data: {\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"invalid_image_url\",\"message\":\"bad image\"}}}\n\n";
    const SERVER: &str = "data: {\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"sorry\"}}}\n\n";
    for (said, status, failures) in [(PROMPT, 400, 0), (IMAGE, 400, 0), (SERVER, 500, 1)] {
        let target = Scripted::always(Act::stream([Text(said)]));
        let router = two(&target, &target);
        let request = support::post(
            "/v1/responses",
            r#"{"model":"m","input":"x","stream":true}"#,
        );
        let got = support::send(&router, request).await;
        assert_eq!(got.status, status, "{}", got.body);
        assert_eq!(router.status()[0].failures, failures, "{}", got.attempts);
    }
}

#[tokio::test(start_paused = true)]
async fn a_whole_response_that_failed_fails_over() {
    const FAILED: &str = r#"{"id":"r","status":"failed","error":{"code":"server_error","message":"sorry"},"output":[]}"#;
    const PROMPT: &str = r#"{"id":"r","status":"failed","error":{"code":"invalid_prompt","message":"no"},"output":[]}"#;
    let request = || support::post("/v1/responses", r#"{"model":"m","input":"x"}"#);
    let said = |text| {
        let json: &'static [_] = &[("content-type", "application/json")];
        Scripted::always(Act::Reply(200, json, vec![Text(text)]))
    };
    let (failed, good) = (said(FAILED), Scripted::always(Act::plain()));
    let got = support::send(&two(&failed, &good), request()).await;
    assert_eq!(got.target(), "b");
    // If nobody does better, and if it was the client: what the target said.
    let got = support::send(&two(&failed, &failed), request()).await;
    assert_eq!((got.status, &*got.body, got.count()), (200, FAILED, "2"));
    let wrong = said(PROMPT);
    let router = two(&wrong, &good);
    let got = support::send(&router, request()).await;
    assert_eq!((got.status, &*got.body, got.count()), (200, PROMPT, "1"));
    assert_eq!(router.status()[0].failures, 0);
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_leads_elsewhere_is_no_answer() {
    let moved = Act::Reply(
        307,
        &[("location", "https://example.com/")],
        vec![Text("moved")],
    );
    assert_fails_over(moved.clone(), false).await;
    let moved = Scripted::always(moved);
    let got = ask(&two(&moved, &moved)).await;
    assert_eq!((got.status, got.header("location")), (502, None));
}

#[tokio::test(start_paused = true)]
async fn the_last_target_that_may_be_tried_may_take_longer() {
    let hung = Scripted::always(Act::Hang);
    let slow = Scripted::always(Act::talk().after(ms(5_000)));
    let router = Router::builder()
        .target(hung.target("a"))
        .target(slow.target("b"))
        .target(hung.target("c"))
        .first_token_timeout(ms(1_000))
        .fallback(Fallback::new().max_attempts(1))
        .build()
        .unwrap();
    let got = talk(&router).await;
    assert_eq!((got.status, got.target()), (200, "b"), "{}", got.attempts);
}

#[tokio::test(start_paused = true)]
async fn a_content_filter_falls_back_only_if_told_to() {
    let filtered: &str =
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n\n";
    let act = Act::stream([ROLE, filtered, DONE].map(Text));
    let (first, second) = (Scripted::always(act), Scripted::always(Act::talk()));
    assert_eq!(talk(&two(&first, &second)).await.target(), "a");
    let router = Router::builder()
        .target(first.target("a"))
        .target(second.target("b"))
        .fallback(Fallback::new().on_content_filter(true))
        .build()
        .unwrap();
    assert_eq!(talk(&router).await.target(), "b");
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_is_no_json_passes_as_it_is() {
    let text = Act::said(200, &[("content-type", "text/plain")], "hello");
    let packed = Act::said(
        200,
        &[
            ("content-type", "application/json"),
            ("content-encoding", "gzip"),
        ],
        "\u{1f}",
    );
    for act in [text, packed] {
        let first = Scripted::always(act);
        let got = ask(&two(&first, &Scripted::always(Act::plain()))).await;
        assert_eq!((got.status, got.target()), (200, "a"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_too_large_to_hold_is_passed_on() {
    let pieces = vec![
        Text("{\"choices\":[{"),
        Text("}]"),
        Piece::Wait(ms(10)),
        Text("}"),
    ];
    let first = Scripted::always(Act::Reply(
        200,
        &[("content-type", "application/json")],
        pieces,
    ));
    let router = Router::builder()
        .target(first.target("a"))
        .target(Target::new("b", first.clone()))
        .max_reply_bytes(14)
        .build()
        .unwrap();
    let response = head(&router, chat(false)).await;
    assert_eq!(router.status()[0].in_flight, 1);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, r#"{"choices":[{}]}"#);
    assert_idle(&router);
}
