//! What the layer does to streamed replies.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use fw_policy::{
    Decisions, Denial, Exchange, FailMode, IntoChain, Policy, PolicyBody, PolicyLayer,
    PolicyRequestBody, Texts, Verdict,
};
use fw_stream::{Channel, Edits, Scan, TextFilter, Window};
use fw_wire::Endpoint;
use http::{Request, Response, header};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use support::{CANARY, Forbid, Provider, Replace, Script};
use tokio_test::task;
use tower_layer::Layer;
use tower_service::Service;

fn streamed(layer: &PolicyLayer, endpoint: Endpoint, events: &str) -> (String, Decisions) {
    let provider = Provider::events(events.to_owned());
    tokio_test::block_on(async {
        let mut service = layer.layer(provider);
        let request = Request::post(endpoint.path())
            .body(Full::new(Bytes::from_static(br#"{"stream":true}"#)))
            .unwrap();
        let response = service.call(request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(!response.headers().contains_key(header::CONTENT_LENGTH));
        let decisions = response.extensions().get::<Decisions>().unwrap().clone();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (String::from_utf8(body.to_vec()).unwrap(), decisions)
    })
}

fn layer(policies: impl IntoChain) -> PolicyLayer {
    PolicyLayer::new(policies)
}

/// A chat stream with these pieces of content.
fn chat(pieces: &[&str]) -> String {
    let mut events = String::new();
    for piece in pieces {
        events += &format!(
            "data: {{\"id\":\"1\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{piece}\"}}}}]}}\n\n"
        );
    }
    events
        + "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
}

/// The content that a client puts together.
fn content(events: &str) -> String {
    events
        .lines()
        .filter_map(|line| {
            serde_json::from_str::<serde_json::Value>(line.strip_prefix("data: ")?).ok()
        })
        .filter_map(|event| Some(event["choices"][0]["delta"]["content"].as_str()?.to_owned()))
        .collect()
}

fn lines(decisions: &Decisions) -> Vec<String> {
    let line = |decision: &fw_policy::Decision| format!("{} {decision}", decision.phase());
    decisions.to_vec().iter().map(line).collect()
}

#[test]
fn a_stream_in_which_nothing_changes_leaves_as_it_came() {
    let events = chat(&["Hel", "lo \\u00e9"]);
    let (out, decisions) = streamed(&layer(Replace::CANARY), Endpoint::ChatCompletions, &events);
    assert_eq!(out, events);
    assert_eq!(
        lines(&decisions),
        ["request replace=allow", "response replace=allow"]
    );
}

#[test]
fn a_word_spread_over_events_is_replaced() {
    let events = chat(&["a zq", "xj", "kvwy b"]);
    let (out, decisions) = streamed(&layer(Replace::CANARY), Endpoint::ChatCompletions, &events);
    assert_eq!(content(&out), "a [X] b");
    assert!(
        out.ends_with("\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"),
        "{out}"
    );
    assert_eq!(lines(&decisions)[1], "response replace=redact");
}

#[test]
fn each_policy_sees_the_stream_that_the_one_before_it_left() {
    let both = layer((Replace("one", "two"), Replace("two", "three")));
    let (out, decisions) = streamed(
        &both,
        Endpoint::ChatCompletions,
        &chat(&["o", "ne t", "wo"]),
    );
    assert_eq!(content(&out), "three three");
    assert_eq!(
        lines(&decisions)[2..],
        ["response replace=redact", "response replace=redact"]
    );
}

#[test]
fn a_block_ends_the_stream_with_an_error_and_nothing_else() {
    for (endpoint, events, error) in [
        (
            Endpoint::ChatCompletions,
            chat(&["fine ", "zqxjkvwy", " more"]),
            "data: {\"error\":{\"message\":\"That word is forbidden.\",\"type\":\"policy_violation\",\"code\":\"output_blocked\",\"param\":null,\"policy\":\"forbid\"}}\n\n",
        ),
        (
            Endpoint::Completions,
            "data: {\"choices\":[{\"index\":0,\"text\":\"zqxjkvwy\"}]}\n\ndata: [DONE]\n\n".into(),
            "data: {\"error\":{\"message\":\"That word is forbidden.\",\"type\":\"policy_violation\",\"code\":\"output_blocked\",\"param\":null,\"policy\":\"forbid\"}}\n\n",
        ),
        (
            Endpoint::Messages,
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"zqxjkvwy\"}}\n\n\
             event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n".into(),
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"That word is forbidden.\",\"code\":\"output_blocked\",\"policy\":\"forbid\",\"details\":{\"error_code\":\"output_blocked\"}}}\n\n",
        ),
        (
            Endpoint::Responses,
            "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"output_index\":0,\"content_index\":0,\"delta\":\"zqxjkvwy\",\"sequence_number\":0}\n\n".into(),
            "event: error\ndata: {\"type\":\"error\",\"code\":\"output_blocked\",\"message\":\"That word is forbidden.\"",
        ),
    ] {
        let (out, decisions) = streamed(&layer((Forbid::word(CANARY), Replace("a", "b"))), endpoint, &events);
        let at = out.find(error).unwrap_or_else(|| panic!("{out}"));
        assert_eq!(out[at..].matches("\n\n").count(), 1, "{out}");
        assert!(!out.contains("zqxj") && !out.contains("[DONE]") && !out.contains("finish_reason"));
        assert_eq!(lines(&decisions)[2], "response forbid=block");
    }
}

#[test]
fn an_escalation_in_a_stream_says_so() {
    let forbid = Forbid {
        word: CANARY,
        escalate: true,
    };
    let (out, decisions) = streamed(
        &layer(forbid),
        Endpoint::ChatCompletions,
        &chat(&["zqxjkvwy"]),
    );
    assert!(out.contains("\"code\":\"escalation_required\""), "{out}");
    assert_eq!(lines(&decisions)[1], "response forbid=escalate");
}

#[test]
fn an_event_that_cannot_be_read_ends_the_stream_or_passes() {
    let events = format!("data: {{\"choices\": zqxjkvwy\n\n{}", chat(&["b"]));
    let closed = layer(Replace::CANARY);
    let (out, _) = streamed(&closed, Endpoint::ChatCompletions, &events);
    assert!(!out.contains("zqxj") && out.contains("\"error\""), "{out}");
    let open = closed.fail_mode(FailMode::Open);
    let (out, _) = streamed(&open, Endpoint::ChatCompletions, &events);
    assert_eq!(out, events);
}

#[test]
fn a_reply_that_only_says_it_is_a_stream_ends_or_passes() {
    for body in [
        "{\"choices\":[{\"message\":{\"content\":\"zqxjkvwy\"}}]}",
        "{\n  \"data\": \"zqxjkvwy\"\n}\n\n",
    ] {
        let closed = layer(Replace::CANARY);
        let (out, _) = streamed(&closed, Endpoint::ChatCompletions, body);
        assert!(
            !out.contains("zqxj") && out.contains("no stream of events"),
            "{out}"
        );
        let open = closed.fail_mode(FailMode::Open);
        assert_eq!(streamed(&open, Endpoint::ChatCompletions, body).0, body);
    }
}

#[test]
fn comments_and_other_fields_of_events_pass() {
    let events = format!(": ping\n\nretry: 5\n\nevent: x\nid: 1\n\n{}", chat(&["a"]));
    let (out, _) = streamed(&layer(Replace::CANARY), Endpoint::ChatCompletions, &events);
    assert_eq!(out, events);
}

/// Blocks replies that say again what the request said.
struct NoEcho;

#[derive(Clone)]
struct Said(String);

impl TextFilter for Said {
    fn scan(&mut self, window: &Window<'_>, _: &mut Edits) -> Scan {
        if window.text().contains(&self.0) {
            return Denial::new("An echo.").into_stop();
        }
        Scan::Settled(if window.is_end() {
            window.text().len()
        } else {
            window.start()
        })
    }
}

impl Policy for NoEcho {
    fn kind(&self) -> &str {
        "no-echo"
    }

    fn request(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
        let said: String = texts.iter().map(|text| text.as_str()).collect();
        exchange.memory_mut().insert(Said(said));
        Verdict::Flag
    }

    fn response(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
        let said = exchange.memory().get::<Said>().cloned();
        match texts.filter(|_| said.clone()) {
            Ok(_) => Verdict::Allow,
            Err(_) => Verdict::Block(Denial::new("An echo.")),
        }
    }

    fn filter(&self, _: &Channel, exchange: &Exchange) -> Option<Box<dyn TextFilter>> {
        let said = exchange.memory().get::<Said>().cloned()?;
        Some(Box::new(said))
    }
}

#[test]
fn what_a_policy_remembers_of_the_request_it_knows_in_the_reply() {
    let reply = r#"{"choices":[{"index":0,"message":{"content":"parrot"}}]}"#;
    for provider in [
        Provider::json(reply),
        Provider::events(chat(&["par", "rot"])),
    ] {
        let out = tokio_test::block_on(async {
            let request = Request::post("/v1/chat/completions")
                .body(Full::new(Bytes::from_static(
                    br#"{"messages":[{"content":"parrot"}]}"#,
                )))
                .unwrap();
            let response = layer(NoEcho).layer(provider).call(request).await.unwrap();
            assert_eq!(response.headers()["x-fw-policy"], "no-echo=flag");
            response.into_body().collect().await.unwrap().to_bytes()
        });
        let out = String::from_utf8(out.to_vec()).unwrap();
        assert!(
            out.contains("output_blocked") && !out.contains("rot"),
            "{out}"
        );
    }
}

// === time ===

/// A provider whose stream comes in these steps.
#[derive(Clone)]
struct Slow(Arc<Mutex<Option<Script>>>);

impl Service<Request<PolicyRequestBody<Full<Bytes>>>> for Slow {
    type Response = Response<Script>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<PolicyRequestBody<Full<Bytes>>>) -> Self::Future {
        let body = self.0.lock().unwrap().take().unwrap();
        let response = Response::builder().header(header::CONTENT_TYPE, "text/event-stream");
        ready(Ok(response.body(body).unwrap()))
    }
}

fn slow(steps: Script) -> PolicyBody<Script> {
    let provider = Slow(Arc::new(Mutex::new(Some(steps))));
    let request = Request::post("/v1/completions")
        .body(Full::new(Bytes::from_static(br#"{"stream":true}"#)))
        .unwrap();
    let response = layer(Replace::CANARY).layer(provider).call(request);
    tokio_test::block_on(response).unwrap().into_body()
}

const SAFE: &str = "data: {\"choices\":[{\"index\":0,\"text\":\"safe \"}]}\n\n";
const BEGINS: &str = "data: {\"choices\":[{\"index\":0,\"text\":\"zqxj\"}]}\n\n";
const ENDS: &str = "data: {\"choices\":[{\"index\":0,\"text\":\"kvwy\"}]}\n\n";

#[test]
fn what_is_settled_leaves_at_once_and_the_rest_waits() {
    let mut body = slow(Script::new([
        Some(SAFE),
        None,
        Some(BEGINS),
        None,
        Some(ENDS),
    ]));
    let mut poll = || {
        task::spawn(()).enter(|cx, _| {
            Pin::new(&mut body).poll_frame(cx).map(|frame| {
                let data = frame?.unwrap().into_data().unwrap();
                Some(String::from_utf8(data.to_vec()).unwrap())
            })
        })
    };
    assert_eq!(poll(), Poll::Ready(Some(SAFE.to_owned())));
    assert_eq!(poll(), Poll::Pending);
    // The beginning of the word has come and is held back.
    assert_eq!(poll(), Poll::Pending);
    let Poll::Ready(Some(rest)) = poll() else {
        panic!("nothing came");
    };
    assert!(
        rest.contains("[X]") && !rest.contains("zqxj") && !rest.contains("kvwy"),
        "{rest}"
    );
}

#[test]
fn when_the_client_goes_so_does_the_provider_s_stream() {
    let (steps, alive) = Script::new([Some(SAFE), None]).watched();
    let body = slow(steps);
    assert!(alive.upgrade().is_some());
    drop(body);
    assert!(alive.upgrade().is_none());
}

#[test]
fn a_stream_that_fails_fails_for_the_client_too() {
    let body = slow(Script::new([Some(SAFE)]).then_fails("reset by the provider"));
    let error = tokio_test::block_on(body.collect()).unwrap_err();
    assert_eq!(error.to_string(), "reset by the provider");
}

#[test]
fn the_error_of_a_responses_stream_has_the_next_number() {
    let events = "data: {\"type\":\"response.created\",\"sequence_number\":0}\n\n\
                  data: {\"type\":\"response.in_progress\",\"sequence_number\":1}\n\n\
                  data: {\"type\":\"response.failed\",\"sequence_number\":2,\"response\":{\"error\":{\"message\":\"bad\"}}}\n\n";
    let (out, _) = streamed(&layer(Forbid::word("bad")), Endpoint::Responses, events);
    let last = out.trim_end().lines().last().unwrap();
    assert!(last.contains("\"sequence_number\":2"), "{out}");
    assert!(!out.contains("\"bad\""), "{out}");
}
