//! What the layer does to requests and plain replies, step by step.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::io;
use std::task::Poll;

use bytes::Bytes;
use fw_policy::{
    Decisions, FailMode, Outcome, POLICY_HEADER, Phase, PolicyBody, PolicyLayer, PolicyRequestBody,
    PolicyService,
};
use fw_stream::BoxError;
use fw_wire::{ApiError, Endpoint};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::Body;
use http_body_util::BodyExt;
use support::{Forbid, Replace, RequestsOnly, Script};
use tokio_test::{assert_pending, assert_ready, task};
use tower_layer::Layer;
use tower_service::Service;
use tower_test::mock::{Handle, Mock};

type Upstream = Mock<Request<PolicyRequestBody<Script>>, Response<Script>>;
type Requests = Handle<Request<PolicyRequestBody<Script>>, Response<Script>>;

const CHAT: &str = "/v1/chat/completions";

fn layered(layer: &PolicyLayer) -> (PolicyService<Upstream>, Requests) {
    let (upstream, requests) = tower_test::mock::pair();
    (layer.layer(upstream), requests)
}

fn poll_ready(service: &mut PolicyService<Upstream>) -> Poll<Result<(), BoxError>> {
    task::spawn(()).enter(|cx, _| Service::<Request<Script>>::poll_ready(service, cx))
}

fn post(path: &str, body: &'static str) -> Request<Script> {
    Request::post(path).body(Script::new([Some(body)])).unwrap()
}

fn json(body: &'static str) -> Response<Script> {
    Response::builder()
        .header(header::CONTENT_TYPE, "application/json")
        .body(Script::new([Some(body)]))
        .unwrap()
}

/// What the provider got.
struct Sent {
    headers: HeaderMap,
    decisions: Option<Decisions>,
    body: Bytes,
}

/// What the client gets.
struct Got {
    status: StatusCode,
    headers: HeaderMap,
    decisions: Option<Decisions>,
    body: Bytes,
}

impl Got {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn value(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The decisions, in one line each.
    fn decided(&self) -> Vec<String> {
        let decisions = self.decisions.as_ref().unwrap().to_vec();
        let line = |decision: &fw_policy::Decision| format!("{} {decision}", decision.phase());
        decisions.iter().map(line).collect()
    }
}

async fn collect<B>(response: Response<PolicyBody<B>>) -> Got
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let (parts, body) = response.into_parts();
    Got {
        status: parts.status,
        headers: parts.headers,
        decisions: parts.extensions.get().cloned(),
        body: body.collect().await.unwrap().to_bytes(),
    }
}

/// Sends a request through the layer to a provider that answers with `reply`.
fn exchange(layer: &PolicyLayer, request: Request<Script>, reply: Response<Script>) -> (Sent, Got) {
    let (mut service, mut requests) = layered(layer);
    tokio_test::block_on(async {
        requests.allow(1);
        assert!(poll_ready(&mut service).is_ready());
        let mut client = task::spawn(service.call(request));
        let (sent, respond) = loop {
            assert!(!client.poll().is_ready(), "answered without the provider");
            let mut next = task::spawn(requests.next_request());
            if let Poll::Ready(request) = next.poll() {
                break request.unwrap();
            }
        };
        let (parts, body) = sent.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        respond.send_response(reply);
        let got = collect(client.await.unwrap()).await;
        let sent = Sent {
            headers: parts.headers,
            decisions: parts.extensions.get().cloned(),
            body,
        };
        (sent, got)
    })
}

/// Sends a request that the provider never gets to see.
fn refused(layer: &PolicyLayer, request: Request<Script>) -> Got {
    let (mut service, requests) = layered(layer);
    let got = tokio_test::block_on(async {
        let response = service.call(request).await.unwrap();
        collect(response).await
    });
    drop(requests);
    got
}

// === what passes ===

#[test]
fn a_request_in_which_nothing_changes_leaves_as_it_came() {
    let body = r#"{ "messages":[{"content":"caf\u00e9"}], "n":1.0 }"#;
    let (sent, got) = exchange(
        &PolicyLayer::new(Replace::CANARY),
        post(CHAT, body),
        json("{}"),
    );
    assert_eq!(sent.body.as_ptr(), body.as_ptr());
    assert_eq!(sent.headers[header::CONTENT_LENGTH], body.len().to_string());
    assert_eq!(sent.headers[header::ACCEPT_ENCODING], "identity");
    assert_eq!(
        got.decided(),
        ["request replace=allow", "response replace=allow"]
    );
    assert_eq!(got.headers.get(POLICY_HEADER), None);
    assert_eq!(got.text(), "{}");
}

#[test]
fn a_changed_request_has_its_new_length_and_no_old_digest() {
    let layer = PolicyLayer::new(Replace("pin 1234", "[PIN]"));
    let mut request = post(CHAT, r#"{"messages":[{"content":"my pin 1234 :)"}]}"#);
    let headers = request.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("43"));
    headers.insert(header::EXPECT, HeaderValue::from_static("100-continue"));
    headers.insert("content-digest", HeaderValue::from_static("sha-256=:AA==:"));
    let (sent, got) = exchange(&layer, request, json("{}"));
    assert_eq!(sent.body, r#"{"messages":[{"content":"my [PIN] :)"}]}"#);
    assert_eq!(
        sent.headers[header::CONTENT_LENGTH],
        sent.body.len().to_string()
    );
    assert!(!sent.headers.contains_key(header::EXPECT));
    assert!(!sent.headers.contains_key("content-digest"));
    assert_eq!(got.headers[POLICY_HEADER], "replace=redact(WORD:1)");
    let (sent, got) = exchange(
        &layer.response_header(false),
        post(CHAT, r#"{"messages":[{"content":"pin 1234"}]}"#),
        json("{}"),
    );
    assert_eq!(sent.body, r#"{"messages":[{"content":"[PIN]"}]}"#);
    assert_eq!(got.headers.get(POLICY_HEADER), None);
}

#[test]
fn each_policy_sees_what_the_one_before_it_left() {
    let layer = PolicyLayer::new((Replace("one", "two"), Some(Replace("two", "three"))));
    let (sent, got) = exchange(
        &layer,
        post(CHAT, r#"{"messages":[{"content":"one two"}]}"#),
        json(r#"{"choices":[{"message":{"content":"one"}}]}"#),
    );
    assert_eq!(sent.body, r#"{"messages":[{"content":"three three"}]}"#);
    assert_eq!(
        got.text(),
        r#"{"choices":[{"message":{"content":"three"}}]}"#
    );
}

#[test]
fn replies_are_not_touched_when_no_policy_looks_at_them() {
    let layer = PolicyLayer::new(RequestsOnly(Replace::CANARY));
    let reply = r#"{"choices":[{"message":{"content":"zqxjkvwy"}}]}"#;
    let (sent, got) = exchange(&layer, post(CHAT, r#"{"messages":[]}"#), json(reply));
    assert!(!sent.headers.contains_key(header::ACCEPT_ENCODING));
    assert_eq!(got.body.as_ptr(), reply.as_ptr());
    assert_eq!(got.decided(), ["request replace=allow"]);
}

#[test]
fn other_requests_pass_unread() {
    for (method, path) in [
        (Method::GET, "/v1/models"),
        (Method::POST, "/v1/files"),
        (Method::HEAD, "/v1/responses/resp_1"),
    ] {
        let mut request = post(path, "zqxjkvwy");
        *request.method_mut() = method;
        let (sent, got) = exchange(
            &PolicyLayer::new(Replace::CANARY),
            request,
            json("zqxjkvwy"),
        );
        assert_eq!(
            (sent.body.as_ref(), got.text()),
            (&b"zqxjkvwy"[..], "zqxjkvwy"),
            "{path}"
        );
        assert!(got.decisions.is_none());
    }
    let none = PolicyLayer::new(());
    let (sent, got) = exchange(&none, post(CHAT, "zqxjkvwy"), json("zqxjkvwy"));
    assert_eq!(
        (sent.body.as_ref(), got.text()),
        (&b"zqxjkvwy"[..], "zqxjkvwy")
    );
}

#[test]
fn stored_responses_are_replies_too() {
    let reply = r#"{"object":"list","data":[{"type":"message","content":[{"text":"zqxjkvwy"}]}]}"#;
    for path in [
        "/v1/responses",
        "/v1/responses/resp_1",
        "/v1/responses/resp_1/input_items",
    ] {
        let mut request = post(path, "");
        *request.method_mut() = Method::GET;
        let reply = if path.ends_with("items") {
            json(reply)
        } else {
            json(
                r#"{"output":[{"content":[{"text":"zqxjkvwy"}]}],"data":[{"instructions":"zqxjkvwy"}]}"#,
            )
        };
        let (sent, got) = exchange(&PolicyLayer::new(Replace::CANARY), request, reply);
        assert_eq!(sent.headers[header::ACCEPT_ENCODING], "identity");
        assert!(
            got.text().contains("[X]") && !got.text().contains("zqxj"),
            "{path}"
        );
        assert!(got.decided()[0].starts_with("response replace=redact(WORD:"));
    }
}

#[test]
fn replies_without_a_body_pass() {
    let mut reply = json("");
    *reply.status_mut() = StatusCode::NO_CONTENT;
    let request = post(CHAT, r#"{"messages":[]}"#);
    let (_, got) = exchange(&PolicyLayer::new(Replace::CANARY), request, reply);
    assert_eq!((got.status, got.text()), (StatusCode::NO_CONTENT, ""));
    let request = post(CHAT, r#"{"messages":[]}"#);
    let (_, got) = exchange(&PolicyLayer::new(Replace::CANARY), request, json(""));
    assert_eq!((got.status, got.text()), (StatusCode::OK, ""));
}

// === denials ===

#[test]
fn a_denial_is_a_response_in_the_shape_of_each_endpoint() {
    for (endpoint, body) in [
        (
            Endpoint::ChatCompletions,
            r#"{"messages":[{"content":"zqxjkvwy"}]}"#,
        ),
        (Endpoint::Completions, r#"{"prompt":"zqxjkvwy"}"#),
        (Endpoint::Embeddings, r#"{"input":"zqxjkvwy"}"#),
        (Endpoint::Responses, r#"{"input":"zqxjkvwy"}"#),
        (
            Endpoint::Messages,
            r#"{"messages":[{"content":"zqxjkvwy"}]}"#,
        ),
    ] {
        let layer = PolicyLayer::new((Replace("a", "b"), Forbid::word(support::CANARY)));
        let got = refused(&layer, post(endpoint.path(), body));
        let expected = if endpoint == Endpoint::Messages {
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"That word is forbidden.","code":"input_blocked","policy":"forbid","details":{"error_code":"input_blocked"}}}"#
        } else {
            r#"{"error":{"message":"That word is forbidden.","type":"policy_violation","code":"input_blocked","param":null,"policy":"forbid"}}"#
        };
        assert_eq!(
            (got.status, got.text()),
            (StatusCode::BAD_REQUEST, expected)
        );
        assert_eq!(got.headers["x-should-retry"], "false");
        assert_eq!(got.headers[POLICY_HEADER], "forbid=block(FORBIDDEN:1)");
    }
}

#[test]
fn the_first_denial_ends_the_chain() {
    let layer = PolicyLayer::new(vec![
        Forbid::word("other"),
        Forbid::word("zqxjkvwy"),
        Forbid::word("zqxj"),
    ])
    .denial_status(StatusCode::CONFLICT);
    let got = refused(
        &layer,
        post(CHAT, r#"{"messages":[{"content":"zqxjkvwy"}]}"#),
    );
    assert_eq!(got.status, StatusCode::CONFLICT);
    assert_eq!(
        got.decided(),
        [
            "request forbid=allow",
            "request forbid=block(FORBIDDEN:1)",
            "request forbid=skipped"
        ]
    );
    let decisions = got.decisions.unwrap().to_vec();
    let seen: Vec<_> = decisions
        .iter()
        .map(|decision| {
            (
                decision.phase(),
                decision.outcome(),
                decision.duration().is_some(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (Phase::Request, Outcome::Allow, true),
            (Phase::Request, Outcome::Block, true),
            (Phase::Request, Outcome::Skipped, false),
        ]
    );
}

#[test]
fn an_escalation_says_so() {
    let forbid = Forbid {
        word: "zqxjkvwy",
        escalate: true,
    };
    let got = refused(
        &PolicyLayer::new(forbid),
        post(CHAT, r#"{"messages":[{"content":"zqxjkvwy"}]}"#),
    );
    assert_eq!(got.value()["error"]["code"], "escalation_required");
    assert_eq!(got.decided(), ["request forbid=escalate(FORBIDDEN:1)"]);
}

#[test]
fn a_reply_can_be_denied() {
    let (_, got) = exchange(
        &PolicyLayer::new((Forbid::word("zqxjkvwy"), Replace::CANARY)),
        post(CHAT, r#"{"messages":[]}"#),
        json(r#"{"choices":[{"message":{"content":"zqxjkvwy"}}]}"#),
    );
    assert_eq!(got.status, StatusCode::BAD_REQUEST);
    assert_eq!(got.value()["error"]["code"], "output_blocked");
    assert_eq!(
        got.decided()[2..],
        [
            "response forbid=block(FORBIDDEN:1)",
            "response replace=skipped"
        ]
    );
}

// === what cannot be looked at ===

#[test]
fn a_request_that_cannot_be_read_is_refused_or_passes() {
    let encoded = || {
        let mut request = post(CHAT, "zqxjkvwy");
        let gzip = HeaderValue::from_static("gzip");
        request.headers_mut().insert(header::CONTENT_ENCODING, gzip);
        request
    };
    let long = || {
        let frames = [
            Some(r#"{"messages":["#),
            None,
            Some(r#"{"content":"zqxjkvwy"}"#),
            Some("]}"),
        ];
        Request::post(CHAT).body(Script::new(frames)).unwrap()
    };
    type Case<'a> = (&'a dyn Fn() -> Request<Script>, u16, &'a str);
    let cases: [Case<'_>; 5] = [
        (&encoded, 415, "unsupported_content_encoding"),
        (&long, 413, "request_too_large"),
        (&|| post(CHAT, "{\"messages\": oops}"), 400, "invalid_json"),
        (
            &|| post("/v1/completions", r#"{"prompt":[1,2]}"#),
            400,
            "unreadable_prompt",
        ),
        (
            &|| post("/v1/embeddings", r#"{"input":["a",[1]]}"#),
            400,
            "unreadable_prompt",
        ),
    ];
    for (request, status, code) in cases {
        let layer = PolicyLayer::new(Replace::CANARY).max_body_bytes(30);
        let got = refused(&layer, request());
        assert_eq!(got.status.as_u16(), status);
        assert_eq!(got.value()["error"]["code"], code);

        let whole = tokio_test::block_on(request().into_body().collect())
            .unwrap()
            .to_bytes();
        let (sent, _) = exchange(&layer.fail_mode(FailMode::Open), request(), json("{}"));
        assert_eq!(sent.body, whole, "{code}");
    }
}

#[test]
fn beside_token_ids_a_request_is_checked_in_any_case() {
    let layer = PolicyLayer::new(Replace::CANARY).fail_mode(FailMode::Open);
    let request = post("/v1/completions", r#"{"prompt":["zqxjkvwy",[1,2]]}"#);
    let (sent, _) = exchange(&layer, request, json("{}"));
    assert_eq!(sent.body, r#"{"prompt":["[X]",[1,2]]}"#);
}

#[test]
fn a_reply_that_cannot_be_read_is_refused_or_passes() {
    let encoded = || {
        let mut reply = json("zqxjkvwy");
        let gzip = HeaderValue::from_static("br");
        reply.headers_mut().insert(header::CONTENT_ENCODING, gzip);
        reply
    };
    let long = || {
        Response::new(Script::new([
            Some("{\"choices\":"),
            None,
            Some("[    ]"),
            Some("}"),
        ]))
    };
    type Case<'a> = (&'a dyn Fn() -> Response<Script>, &'a str);
    let cases: [Case<'_>; 3] = [
        (&encoded, "content-encoding"),
        (&long, "larger than 16 bytes"),
        (&|| json("<html>oops"), "not JSON"),
    ];
    for (reply, words) in cases {
        let layer = PolicyLayer::new(Replace::CANARY).max_response_bytes(16);
        let request = || post(CHAT, r#"{"messages":[]}"#);
        let (_, got) = exchange(&layer, request(), reply());
        assert_eq!(got.status, StatusCode::BAD_GATEWAY);
        let message = got.value()["error"]["message"].to_string();
        assert!(message.contains(words), "{message}");

        let whole = tokio_test::block_on(reply().into_body().collect())
            .unwrap()
            .to_bytes();
        let (_, got) = exchange(&layer.fail_mode(FailMode::Open), request(), reply());
        assert_eq!((got.status, got.body), (StatusCode::OK, whole));
    }
}

#[test]
fn errors_are_replies_with_text() {
    for (body, expected) in [
        (
            r#"{"error":{"message":"no zqxjkvwy"}}"#,
            r#"{"error":{"message":"no [X]"}}"#,
        ),
        (
            r#"{"detail":["\u007aqxjkvwy",1]}"#,
            r#"{"detail":["[X]",1]}"#,
        ),
        ("<p>zqxjkvwy</p>", "<p>[X]</p>"),
    ] {
        let mut reply = json(body);
        *reply.status_mut() = StatusCode::NOT_FOUND;
        let request = post(CHAT, r#"{"messages":[]}"#);
        let (_, got) = exchange(&PolicyLayer::new(Replace::CANARY), request, reply);
        assert_eq!((got.status, got.text()), (StatusCode::NOT_FOUND, expected));
        assert_eq!(
            got.headers[header::CONTENT_LENGTH],
            expected.len().to_string()
        );
    }
}

#[test]
fn an_error_that_is_no_text_stays_an_error() {
    let mut reply = Response::new(Script::new([]));
    *reply.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    let reply = reply.map(|_| Script::bytes(b"\xff\xfe zqxjkvwy"));
    let request = post("/v1/messages", r#"{"messages":[]}"#);
    let (_, got) = exchange(&PolicyLayer::new(Replace::CANARY), request, reply);
    assert_eq!(got.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(got.value()["type"], "error");
    assert!(!got.text().contains("zqxjkvwy"));
}

#[test]
fn of_a_reply_that_breaks_off_nothing_passes() {
    let late = io::Error::new(io::ErrorKind::TimedOut, "late");
    let known = ApiError::unavailable("Busy.");
    for (error, status) in [
        (BoxError::from("reset"), 502),
        (BoxError::from(late), 504),
        (BoxError::from(known), 503),
    ] {
        let body =
            Script::new([Some(r#"{"choices":[{"message":{"content":"zq"#)]).then_fails(error);
        let request = post(CHAT, r#"{"messages":[]}"#);
        let (_, got) = exchange(
            &PolicyLayer::new(Replace::CANARY),
            request,
            Response::new(body),
        );
        assert_eq!(got.status.as_u16(), status);
        assert!(!got.text().contains("zq"));
    }
}

// === time ===

#[test]
fn a_slow_request_is_waited_for() {
    let (mut service, mut requests) = layered(&PolicyLayer::new(Replace::CANARY));
    requests.allow(1);
    assert!(poll_ready(&mut service).is_ready());
    let body = Script::new([Some(r#"{"messages":["#), None, None, Some("]}")]);
    let mut call = task::spawn(service.call(Request::post(CHAT).body(body).unwrap()));
    assert_pending!(call.poll());
    assert_pending!(task::spawn(requests.next_request()).poll());
    assert_pending!(call.poll());
    assert_pending!(call.poll());
    let (request, _respond) = assert_ready!(task::spawn(requests.next_request()).poll()).unwrap();
    assert_eq!(request.body().as_bytes().unwrap(), r#"{"messages":[]}"#);
}

#[test]
fn when_the_client_goes_so_does_its_body_and_nothing_is_sent() {
    let (mut service, mut requests) = layered(&PolicyLayer::new(Replace::CANARY));
    requests.allow(1);
    let (body, alive) = Script::new([Some("{"), None, Some("}")]).watched();
    let mut call = task::spawn(service.call(Request::post(CHAT).body(body).unwrap()));
    assert_pending!(call.poll());
    assert!(alive.upgrade().is_some());
    drop(call);
    assert!(alive.upgrade().is_none());
    assert_pending!(task::spawn(requests.next_request()).poll());
}

#[test]
fn a_request_that_breaks_off_is_not_sent() {
    let body = Script::new([Some("{")]).then_fails("reset");
    let layer = PolicyLayer::new(Replace::CANARY);
    let got = refused(&layer, Request::post(CHAT).body(body).unwrap());
    assert_eq!(got.value()["error"]["code"], "incomplete_body");
}

#[test]
fn readiness_and_errors_are_the_inner_service_s() {
    let (upstream, mut requests) =
        tower_test::mock::pair::<Request<PolicyRequestBody<Script>>, Response<Script>>();
    let mut service = PolicyLayer::new(Replace::CANARY).layer(upstream);
    requests.allow(0);
    assert_pending!(poll_ready(&mut service));
    requests.allow(1);
    assert!(poll_ready(&mut service).is_ready());
    let mut call = task::spawn(service.call(post(CHAT, r#"{"messages":[]}"#)));
    assert_pending!(call.poll());
    let (_, respond) = assert_ready!(task::spawn(requests.next_request()).poll()).unwrap();
    respond.send_error("unreachable");
    let error = assert_ready!(call.poll()).err().unwrap();
    assert_eq!(error.to_string(), "unreachable");
}

// === the record ===

#[test]
fn a_record_that_is_there_is_used() {
    let decisions = Decisions::new();
    let mut request = post(CHAT, r#"{"messages":[{"content":"zqxjkvwy"}]}"#);
    request.extensions_mut().insert(decisions.clone());
    let (sent, got) = exchange(&PolicyLayer::new(Replace::CANARY), request, json("{}"));
    let expected = "[\"replace=redact(WORD:1)\", \"replace=allow\"]";
    for record in [
        &decisions,
        &sent.decisions.unwrap(),
        &got.decisions.unwrap(),
    ] {
        assert_eq!(format!("{record:?}"), expected);
    }
}

#[test]
fn what_the_layer_makes_can_be_sent_to_other_threads() {
    fn is_send<T: Send>(_: &T) {}
    let (mut service, _requests) = layered(&PolicyLayer::new(Replace::CANARY));
    is_send(&service);
    let call = service.call(post(CHAT, "{}"));
    is_send(&call);
    fn body_is_send<B: Send>() {
        fn is_send<T: Send>() {}
        is_send::<PolicyBody<B>>();
        is_send::<PolicyRequestBody<B>>();
    }
    body_is_send::<Script>();
}
