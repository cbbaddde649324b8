use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use fw_stream::BoxError;
use http::{Method, Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use tower::{Service, ServiceExt, service_fn};
use tower_layer::Layer;

use super::*;
use crate::record::{AttemptRecord, Finished, PolicyRecord};
use crate::settings::Clock;
use crate::storage::faulty::Faulty;
use crate::{AuditBody, AuditRequestBody, Durability, Line, LogConfig, Timestamp};

const PROMPT: &str = r#"{"model":"m-1","stream":false,"user":"u-9","messages":[{"role":"user","content":"my secret"}]}"#;
const REPLY: &str = r#"{"model":"m-2","choices":[{"index":0,"message":{"content":"4"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":3}}}"#;
const DELTA: &str =
    "data: {\"model\":\"m-2\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"4\"}}]}\n\n";
const FINISH: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2}}\n\n";
const DONE: &str = "data: [DONE]\n\n";

// === a log in a directory of its own, and what is in it ===

struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "fw-audit-layer-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn log(&self) -> AuditLog {
        AuditLog::open(LogConfig::new(&self.0)).unwrap()
    }

    /// All records so far, as they are in the file. Nobody waits: what is missing was not written in time.
    fn records(&self) -> Vec<Value> {
        let text =
            std::fs::read_to_string(self.0.join("audit-00000000000000000001.jsonl")).unwrap();
        text.lines()
            .map(|line| Line::parse(line.as_bytes()).unwrap())
            .filter(|line| line.kind().is_record())
            .map(|line| line.read().unwrap())
            .collect()
    }

    /// As [`records`](Self::records), when the log was closed.
    fn at_the_end(&self, log: AuditLog) -> Vec<Value> {
        drop(log);
        self.records()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

// === a clock that a test moves on ===

thread_local! {
    static ELAPSED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    static START: Instant = Instant::now();
}

fn pass(time: Duration) {
    ELAPSED.set(ELAPSED.get() + time);
}

fn paused() -> Clock {
    ELAPSED.set(Duration::ZERO);
    Clock {
        instant: || START.with(|start| *start) + ELAPSED.get(),
        time: || Timestamp::from_micros(1_795_283_174_000_000 + ELAPSED.get().as_micros() as u64),
    }
}

// === bodies ===

enum Step {
    Data(&'static str),
    Fail,
    Wait,
    Panic,
}

/// Gives one step per poll, and says that it has no more only when asked.
struct Script(VecDeque<Step>);

impl Script {
    fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self(steps.into_iter().collect())
    }
}

impl Body for Script {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match self.0.pop_front() {
            Some(Step::Data(data)) => {
                pass(Duration::from_millis(10));
                Poll::Ready(Some(Ok(Frame::data(data.into()))))
            }
            Some(Step::Fail) => Poll::Ready(Some(Err("reset".into()))),
            Some(Step::Wait) => Poll::Pending,
            Some(Step::Panic) => panic!("a defect"),
            None => Poll::Ready(None),
        }
    }
}

type Reply = Result<Response<Script>, Infallible>;

fn reply(kind: &str, steps: impl IntoIterator<Item = Step>) -> Response<Script> {
    Response::builder()
        .header("content-type", kind)
        .body(Script::new(steps))
        .unwrap()
}

fn plain(steps: impl IntoIterator<Item = Step>) -> Response<Script> {
    reply("application/json", steps)
}

fn stream(steps: impl IntoIterator<Item = Step>) -> Response<Script> {
    reply("text/event-stream", steps)
}

fn request() -> Request<Full<Bytes>> {
    Request::post("/v1/chat/completions")
        .header("x-request-id", "r-1")
        .header("authorization", "Bearer fw_key")
        .header(
            "traceparent",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        )
        .body(PROMPT.into())
        .unwrap()
}

type InnerRequest = Request<AuditRequestBody<Full<Bytes>>>;

/// The reply that `layer` makes of what `inner` answers.
async fn call(layer: &AuditLayer, inner: Response<Script>) -> Response<AuditBody<Script>> {
    let inner = RefCell::new(Some(inner));
    let service = service_fn(|request: InnerRequest| {
        let inner = inner.borrow_mut().take().unwrap();
        async {
            let body = request.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body, PROMPT, "the request goes on as it came");
            pass(Duration::from_millis(5));
            Reply::Ok(inner)
        }
    });
    layer.layer(service).oneshot(request()).await.unwrap()
}

async fn frame<B: Body<Data = Bytes> + Unpin>(body: &mut B) -> Option<Result<Bytes, B::Error>> {
    let frame = body.frame().await?;
    Some(frame.map(|frame| frame.into_data().unwrap()))
}

// === ends ===

#[tokio::test]
async fn a_plain_reply_is_recorded_before_its_last_byte_leaves() {
    let (first, last) = REPLY.split_at(20);
    for length in [None, Some(REPLY.len())] {
        let directory = Directory::new();
        let layer = AuditLayer::new(directory.log()).clock(paused());
        let mut inner = plain([Step::Data(first), Step::Data(last)]);
        if let Some(length) = length {
            inner.headers_mut().insert("content-length", length.into());
        }
        let mut body = call(&layer, inner).await.into_body();
        assert_eq!(frame(&mut body).await.unwrap().unwrap(), first);
        let kinds = |records: &[Value]| -> Vec<String> {
            let kind = |record: &Value| record["kind"].as_str().unwrap().to_owned();
            records.iter().map(kind).collect()
        };
        assert_eq!(
            kinds(&directory.records()).len().max(1),
            1,
            "accepted, and no more"
        );
        assert_eq!(frame(&mut body).await.unwrap().unwrap(), last);
        if length.is_none() {
            // Without a length its client waits for the end.
            assert!(frame(&mut body).await.is_none());
        }
        let records = directory.records();
        assert_eq!(kinds(&records), ["accepted", "finished"]);
        let (accepted, finished) = (&records[0], &records[1]);
        assert_eq!(finished["accepted"], accepted["seq"]);
        for record in &records {
            assert_eq!(record["request_id"], "r-1");
            assert_eq!(record["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
            assert_eq!(record["endpoint"], "chat_completions");
            assert_eq!(record["model"], "m-1");
            assert_eq!(record["bytes"], PROMPT.len());
        }
        assert_eq!(finished["verdict"], "allow");
        assert_eq!(finished["end"], "complete");
        assert_eq!(finished["status"], 200);
        assert_eq!(finished["model_served"], "m-2");
        assert_eq!(finished["reply_bytes"], REPLY.len());
        assert_eq!(
            finished["tokens"],
            json!({"prompt": 7, "cached": 3, "completion": 2})
        );
        assert_eq!(finished["total_ms"], 25.0);
        assert_eq!(finished["time"], "2026-11-21T17:46:14.025000Z");
    }
}

#[tokio::test]
async fn a_stream_is_recorded_before_its_end_marker_leaves() {
    let directory = Directory::new();
    let layer = AuditLayer::new(directory.log()).clock(paused());
    let steps = [
        Step::Data(DELTA),
        Step::Data(FINISH),
        Step::Data(DONE),
        Step::Wait,
    ];
    let mut body = call(&layer, stream(steps)).await.into_body();
    assert_eq!(frame(&mut body).await.unwrap().unwrap(), DELTA);
    assert_eq!(frame(&mut body).await.unwrap().unwrap(), FINISH);
    assert!(
        !directory
            .records()
            .iter()
            .any(|record| record["kind"] == "finished")
    );
    assert_eq!(frame(&mut body).await.unwrap().unwrap(), DONE);
    // The stream has not ended, and need not.
    let finished = &directory.records()[1];
    assert_eq!(finished["end"], "complete");
    assert_eq!(finished["ttft_ms"], 15.0);
    assert_eq!(finished["total_ms"], 35.0);
    assert_eq!(finished["tokens"]["completion"], 2);
    drop(body);
    assert_eq!(directory.at_the_end(take_log(layer)).len(), 2, "once");
}

#[tokio::test]
async fn a_stream_without_a_marker_is_recorded_before_its_end() {
    let directory = Directory::new();
    let layer = AuditLayer::new(directory.log());
    let mut body = call(&layer, stream([Step::Data(DELTA), Step::Data(FINISH)]))
        .await
        .into_body();
    while frame(&mut body).await.is_some() {}
    assert_eq!(directory.records()[1]["end"], "complete");
}

#[tokio::test]
async fn every_other_end_is_recorded_as_what_it_is() {
    for (inner, reads, end, verdict) in [
        (
            plain([Step::Data("{\"a\":"), Step::Fail]),
            3,
            "upstream_error",
            "error",
        ),
        (plain([Step::Data("{\"a\":")]), 3, "truncated", "error"),
        (
            plain([Step::Data("{\"a\":"), Step::Wait]),
            1,
            "client_gone",
            "allow",
        ),
        (
            plain([Step::Data(r#"{"error":{"message":"x"}}"#)]),
            3,
            "upstream_error",
            "error",
        ),
        (stream([Step::Data(DELTA)]), 3, "truncated", "error"),
        (
            stream([Step::Data(DELTA), Step::Fail]),
            3,
            "upstream_error",
            "error",
        ),
        (
            stream([Step::Data(DELTA), Step::Wait]),
            1,
            "client_gone",
            "allow",
        ),
        // It has all that it needs.
        (
            stream([Step::Data(FINISH), Step::Wait]),
            1,
            "complete",
            "allow",
        ),
        (stream([]), 3, "truncated", "error"),
    ] {
        let directory = Directory::new();
        let layer = AuditLayer::new(directory.log());
        let mut body = call(&layer, inner).await.into_body();
        for _ in 0..reads {
            let _ = frame(&mut body).await;
        }
        drop(body);
        let records = directory.at_the_end(take_log(layer));
        assert_eq!(records.len(), 2, "{end}");
        assert_eq!(records[1]["end"], end);
        assert_eq!(records[1]["verdict"], verdict, "{end}");
    }
}

#[tokio::test]
async fn errors_are_refusals_or_the_provider_s() {
    for (status, end) in [(400, "refused"), (503, "refused"), (502, "upstream_error")] {
        let directory = Directory::new();
        let layer = AuditLayer::new(directory.log());
        let mut inner = plain([Step::Data(r#"{"error":{}}"#)]);
        *inner.status_mut() = StatusCode::from_u16(status).unwrap();
        call(&layer, inner)
            .await
            .into_body()
            .collect()
            .await
            .unwrap();
        let finished = &directory.records()[1];
        assert_eq!(finished["end"], end);
        assert_eq!(finished["verdict"], "error");
        assert_eq!(finished["status"], status);
    }
}

#[tokio::test]
async fn a_reply_without_a_body_waits_for_its_record() {
    let directory = Directory::new();
    let layer = AuditLayer::new(directory.log());
    let service = service_fn(|_: InnerRequest| async {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    });
    let response = layer.layer(service).oneshot(request()).await.unwrap();
    assert!(response.body().is_end_stream());
    assert_eq!(directory.records()[1]["end"], "complete");
}

#[tokio::test]
async fn a_request_that_is_dropped_before_its_reply_has_a_record() {
    let directory = Directory::new();
    let layer = AuditLayer::new(directory.log());
    let service = service_fn(|_: InnerRequest| std::future::pending::<Reply>());
    let mut future = Box::pin(layer.layer(service).oneshot(request()));
    poll_fn(|cx| {
        assert!(future.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    drop(future);
    let records = directory.at_the_end(take_log(layer));
    assert_eq!(records[1]["end"], "client_gone");
    assert!(records[1].get("status").is_none());
}

#[tokio::test]
async fn a_panic_is_one_wherever_it_happens() {
    let directory = Directory::new();
    let layer = AuditLayer::new(directory.log());
    let service = service_fn(|_: InnerRequest| async {
        if true {
            panic!("a defect");
        }
        Reply::Ok(plain([]))
    });
    let called = tokio::spawn(layer.layer(service).oneshot(request())).await;
    assert!(called.unwrap_err().is_panic());
    let mut body = call(&layer, stream([Step::Data(DELTA), Step::Panic]))
        .await
        .into_body();
    let read = tokio::spawn(async move { while frame(&mut body).await.is_some() {} }).await;
    assert!(read.unwrap_err().is_panic());
    let records = directory.at_the_end(take_log(layer));
    let ends = records.iter().filter_map(|record| record["end"].as_str());
    assert_eq!(ends.collect::<Vec<_>>(), ["panic", "panic"]);
}

/// Knows nothing, and has a defect.
#[derive(Clone)]
struct Defect;

impl Details for Defect {
    fn finish(&mut self, _: &mut Finished) {
        panic!("a defect");
    }
}

#[tokio::test]
async fn a_panic_of_those_who_know_more_takes_no_record_along() {
    let directory = Directory::new();
    let log = directory.log();
    let inner = service_fn(|_: Request<AuditRequestBody<Full<Bytes>>>| async {
        Reply::Ok(reply("application/json", [Step::Data(REPLY)]))
    });
    let service = AuditLayer::new(log.clone()).details(Defect).layer(inner);
    let request = Request::post("/v1/chat/completions")
        .body(Full::from(PROMPT))
        .unwrap();
    let body = service.oneshot(request).await.unwrap().into_body();
    assert_eq!(body.collect().await.unwrap().to_bytes(), REPLY);
    let records = directory.at_the_end(log);
    assert_eq!((records.len(), &records[1]["end"]), (2, &json!("panic")));
}

#[tokio::test]
async fn a_panic_that_is_caught_outside_is_one_too() {
    let directory = Directory::new();
    let layer = AuditLayer::new(directory.log());
    let service = service_fn(|_: InnerRequest| async {
        if true {
            panic!("a defect");
        }
        Reply::Ok(plain([]))
    });
    let mut future = pin!(layer.layer(service).oneshot(request()));
    let caught = poll_fn(|cx| {
        let poll = std::panic::AssertUnwindSafe(|| future.as_mut().poll(cx).is_ready());
        Poll::Ready(std::panic::catch_unwind(poll))
    });
    assert!(caught.await.is_err());
    future.set(layer.layer(service).oneshot(request()));
    let caught = poll_fn(|cx| {
        let poll = std::panic::AssertUnwindSafe(|| future.as_mut().poll(cx).is_ready());
        Poll::Ready(std::panic::catch_unwind(poll))
    });
    assert!(caught.await.is_err());
    let ends = || {
        let records = directory.records().into_iter();
        let ends = records.filter_map(|record| Some(record["end"].as_str()?.to_owned()));
        ends.collect::<Vec<_>>()
    };
    let began = Instant::now();
    while ends().is_empty() && began.elapsed() < Duration::from_secs(60) {
        std::thread::yield_now();
    }
    assert_eq!(ends(), ["panic"]);
}

#[tokio::test]
async fn a_service_that_fails_is_an_upstream_error() {
    let directory = Directory::new();
    let layer = AuditLayer::new(directory.log());
    let service = service_fn(|_: InnerRequest| async {
        Err::<Response<Script>, BoxError>("no connection".into())
    });
    let error = layer.layer(service).oneshot(request()).await.unwrap_err();
    assert_eq!(error.to_string(), "no connection");
    let records = directory.at_the_end(take_log(layer));
    assert_eq!(records[1]["end"], "upstream_error");
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_recorded() {
    let directory = Directory::new();
    let layer = AuditLayer::new(directory.log()).max_body_bytes(10);
    let service = service_fn(|_: Request<AuditRequestBody<Script>>| async {
        unreachable!("it was refused");
        #[allow(unreachable_code)]
        Reply::Ok(plain([]))
    });
    let mut service = layer.layer(service);
    let mut refused = async |steps: Vec<Step>| {
        let request = Request::post("/v1/messages")
            .body(Script::new(steps))
            .unwrap();
        let response = service.ready().await.unwrap().call(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice::<Value>(&body).unwrap())
    };
    let (status, error) = refused(vec![Step::Data("{\"too\":\"large\"}")]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    // In the shape of Anthropic's SDK.
    assert_eq!(error["type"], "error");
    let (status, _) = refused(vec![Step::Data("{"), Step::Fail]).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let ends: Vec<Value> = directory
        .records()
        .iter()
        .map(|r| r["end"].clone())
        .collect();
    assert_eq!(ends, ["refused", "refused"]);
}

// === what is recorded ===

#[tokio::test]
async fn a_client_that_goes_away_while_its_request_is_read_is_recorded() {
    let directory = Directory::new();
    let layer = AuditLayer::new(directory.log());
    let service = service_fn(|_: Request<AuditRequestBody<Script>>| async {
        unreachable!("it was never read");
        #[allow(unreachable_code)]
        Reply::Ok(plain([]))
    });
    let body = plain([Step::Data("{"), Step::Wait]).into_body();
    let request = Request::post("/v1/chat/completions").body(body).unwrap();
    let mut future = Box::pin(layer.layer(service).oneshot(request));
    let polled = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending()));
    assert!(polled.await);
    drop(future);
    let records = directory.at_the_end(take_log(layer));
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["end"], "client_gone");
    assert_eq!(records[0].get("accepted"), None);
}

#[tokio::test]
async fn no_text_and_no_key_is_in_the_log() {
    let directory = Directory::new();
    let layer = AuditLayer::new(directory.log());
    call(&layer, plain([Step::Data(REPLY)]))
        .await
        .into_body()
        .collect()
        .await
        .unwrap();
    let digester = layer.config.digester.clone();
    let records = directory.at_the_end(take_log(layer));
    let text = Value::from(records.clone()).to_string();
    for secret in ["my secret", "fw_key", "u-9", "\"4\""] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    for record in &records {
        let client = format!("digest:{}", digester.client(b"fw_key"));
        assert_eq!(record["client"], client);
        assert_eq!(record["prompt"], digester.text(PROMPT.as_bytes()));
    }
    assert_eq!(records[1]["reply"], digester.text(REPLY.as_bytes()));
}

#[derive(Clone)]
struct Known(Vec<PolicyRecord>);

impl Details for Known {
    fn request(&mut self, parts: &mut request::Parts, body: Option<fw_wire::Value<'_>>) {
        assert!(body.unwrap().get("messages").is_some());
        parts.extensions.insert("shared");
    }

    fn response(&mut self, parts: &http::response::Parts) {
        assert!(parts.status.is_success());
    }

    fn finish(&mut self, record: &mut Finished) {
        record.policies = self.0.clone();
        record.attempts = vec![AttemptRecord::new("a")];
    }
}

fn said(outcome: &'static str, kind: &'static str) -> PolicyRecord {
    let mut policy = PolicyRecord::new("p", "request", outcome);
    policy.findings.insert(kind.into(), 2);
    policy
}

#[tokio::test]
async fn what_others_know_decides_verdict_and_end() {
    for (outcome, verdict, end) in [
        ("allow", "allow", "complete"),
        ("redact", "redact", "complete"),
        ("block", "block", "denied"),
        ("escalate", "escalate", "denied"),
    ] {
        let directory = Directory::new();
        let layer = AuditLayer::new(directory.log())
            .details(Known(vec![said("flag", "IBAN"), said(outcome, "EMAIL")]));
        call(&layer, plain([Step::Data(REPLY)]))
            .await
            .into_body()
            .collect()
            .await
            .unwrap();
        let finished = &directory.records()[1];
        let verdict = if verdict == "allow" { "flag" } else { verdict };
        assert_eq!(finished["verdict"], verdict);
        assert_eq!(finished["end"], end);
        assert_eq!(finished["attempts"][0]["target"], "a");
    }
}

#[tokio::test]
async fn hipaa_controls_add_time_user_and_categories() {
    let directory = Directory::new();
    let layer = AuditLayer::new(directory.log())
        .clock(paused())
        .hipaa_audit_controls(true)
        .details(Known(vec![
            said("redact", "PHONE"),
            said("redact", "EMAIL"),
            said("flag", "PHONE"),
        ]));
    call(&layer, plain([Step::Data(REPLY)]))
        .await
        .into_body()
        .collect()
        .await
        .unwrap();
    assert_eq!(
        directory.records()[1]["hipaa"],
        json!({
            "access_time": "2026-11-21T17:46:14.000000Z",
            "user": "u-9",
            "data_categories": ["EMAIL", "PHONE"],
        })
    );
}

#[tokio::test]
async fn only_what_was_not_allowed_is_kept_if_so_wanted() {
    let directory = Directory::new();
    let layer = AuditLayer::new(directory.log()).log_all_access(false);
    let read = async |layer: &AuditLayer, inner| {
        let _ = call(layer, inner).await.into_body().collect().await;
    };
    read(&layer, plain([Step::Data(REPLY)])).await;
    read(&layer, stream([Step::Data(DELTA)])).await;
    let redacted = layer.clone().details(Known(vec![said("redact", "EMAIL")]));
    read(&redacted, plain([Step::Data(REPLY)])).await;
    drop(redacted);
    let records = directory.at_the_end(take_log(layer));
    let ends = records
        .iter()
        .map(|record| (&record["kind"], &record["verdict"]));
    assert_eq!(
        ends.collect::<Vec<_>>(),
        [
            (&json!("finished"), &json!("error")),
            (&json!("finished"), &json!("redact"))
        ]
    );
}

#[tokio::test]
async fn a_name_in_clear_the_configuration_and_its_digest_are_kept() {
    let directory = Directory::new();
    let layer = AuditLayer::new(directory.log())
        .client(|_| Some(Client::named("team-a")))
        .client_identity(ClientIdentity::Clear)
        .config_identity(ConfigIdentity {
            name: "n".to_owned(),
            version: "1.0.0".to_owned(),
            digest: "d".to_owned(),
        });
    call(&layer, plain([Step::Data(REPLY)]))
        .await
        .into_body()
        .collect()
        .await
        .unwrap();
    let finished = &directory.records()[1];
    assert_eq!(finished["client"], "team-a");
    assert_eq!(
        finished["config"],
        json!({"name": "n", "version": "1.0.0", "digest": "d"})
    );
}

#[tokio::test]
async fn other_paths_pass_untouched() {
    let directory = Directory::new();
    let layer = AuditLayer::new(directory.log());
    for layer in [layer.clone(), AuditLayer::disabled()] {
        let service = service_fn(|request: Request<AuditRequestBody<Script>>| async {
            Ok::<_, Infallible>(Response::new(request.into_body()))
        });
        let path = if layer.config.log.is_some() {
            "/healthz"
        } else {
            "/v1/completions"
        };
        let request = Request::builder().method(Method::POST).uri(path);
        let request = request
            .body(Script::new([Step::Data("x"), Step::Data("y")]))
            .unwrap();
        let mut body = layer
            .layer(service)
            .oneshot(request)
            .await
            .unwrap()
            .into_body();
        assert_eq!(frame(&mut body).await.unwrap().unwrap(), "x");
        assert_eq!(frame(&mut body).await.unwrap().unwrap(), "y");
    }
    assert!(directory.at_the_end(take_log(layer)).is_empty());
}

// === a log that is full ===

#[tokio::test]
async fn without_room_for_its_records_a_request_is_refused() {
    let directory = Directory::new();
    let log = AuditLog::open(LogConfig::new(&directory.0).queue(2)).unwrap();
    let taken = [log.reserve().unwrap(), log.reserve().unwrap()];
    let layer = AuditLayer::new(log);
    let response = call(&layer, plain([Step::Data(REPLY)])).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "5");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let error: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(error["error"]["code"], "audit_unavailable");

    // Or it passes, and is counted.
    let layer = layer.fail_mode(FailMode::Allow);
    let response = call(&layer, plain([Step::Data(REPLY)])).await;
    assert_eq!(
        response.into_body().collect().await.unwrap().to_bytes(),
        REPLY
    );
    drop(taken);
    let log = take_log(layer);
    assert_eq!(log.metrics().dropped, 1);
    assert_eq!(log.metrics().refused, 1);
}

// === a log that cannot be written ===

/// A log on a disk that fails on command.
fn on(directory: &Directory, disk: &Faulty) -> AuditLog {
    std::fs::create_dir_all(&directory.0).unwrap();
    let config = LogConfig::new(&directory.0).durability(Durability::Sync);
    AuditLog::start(crate::open::open_in(config, Arc::new(disk.clone())).unwrap()).unwrap()
}

fn full(disk: &Faulty) {
    let used: usize = disk.files().values().map(Vec::len).sum();
    disk.fail(|faults| faults.space = Some(used));
}

#[tokio::test]
async fn a_reply_whose_record_is_lost_breaks_off_or_passes() {
    for (mode, breaks) in [(FailMode::Block, true), (FailMode::Allow, false)] {
        let (directory, disk) = (Directory::new(), Faulty::default());
        let layer = AuditLayer::new(on(&directory, &disk)).fail_mode(mode);
        let (first, last) = REPLY.split_at(20);
        let inner = plain([Step::Data(first), Step::Data(last)]);
        let mut body = call(&layer, inner).await.into_body();
        assert_eq!(frame(&mut body).await.unwrap().unwrap(), first);
        assert_eq!(frame(&mut body).await.unwrap().unwrap(), last);
        full(&disk);
        match frame(&mut body).await {
            Some(Err(error)) => {
                assert!(breaks && error.is::<crate::AuditError>());
                assert!(body.is_end_stream());
                assert!(frame(&mut body).await.is_none());
            }
            end => assert!(!breaks && end.is_none()),
        }
        disk.fail(|faults| faults.space = None);
    }
}

#[tokio::test]
async fn while_the_log_fails_requests_are_refused_or_pass() {
    let (directory, disk) = (Directory::new(), Faulty::default());
    let layer = AuditLayer::new(on(&directory, &disk));
    full(&disk);
    let service = service_fn(|_: InnerRequest| async {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    });
    let status = async |layer: &AuditLayer| {
        let response = layer.layer(service).oneshot(request()).await.unwrap();
        response.status()
    };
    // The first one notices, and has no body that could break off.
    assert_eq!(status(&layer).await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(status(&layer).await, StatusCode::SERVICE_UNAVAILABLE);
    let open = layer.clone().fail_mode(FailMode::Allow);
    assert_eq!(status(&open).await, StatusCode::OK);
    disk.fail(|faults| faults.space = None);
}

// === the service as others see it ===

#[tokio::test]
async fn the_service_that_was_ready_is_the_one_that_is_called() {
    let directory = Directory::new();
    let layer = AuditLayer::new(directory.log());
    let (mut service, mut handle) =
        tower_test::mock::spawn_layer::<InnerRequest, Response<Script>, _>(layer);
    handle.allow(0);
    assert!(service.poll_ready().is_pending());
    handle.allow(1);
    assert!(service.poll_ready().is_ready());
    let called = tokio::spawn(service.call(request()));
    let (request, respond) = handle.next_request().await.unwrap();
    assert_eq!(
        request.headers()["content-length"],
        PROMPT.len().to_string()
    );
    respond.send_response(plain([Step::Data(REPLY)]));
    let response = called.await.unwrap().unwrap();
    assert_eq!(
        response.into_body().collect().await.unwrap().to_bytes(),
        REPLY
    );
}

/// The only handle to the log that is left.
fn take_log(layer: AuditLayer) -> AuditLog {
    layer.config.log.clone().unwrap()
}
