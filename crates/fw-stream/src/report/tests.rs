use std::cell::RefCell;

use bytes::Bytes;
use fw_wire::Value;
use http::StatusCode;

use super::*;
use crate::script::{Script, Step, drain};
use crate::{EndCause, Framer, Observation, Observe, StreamBody};

const DELTA: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":null}]}\n\n";
const FINISH: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const DONE: &str = "data: [DONE]\n\n";

fn steps(texts: &[&str]) -> Vec<Step> {
    let data = |text: &&str| Step::Data(Bytes::copy_from_slice(text.as_bytes()));
    texts.iter().map(data).collect()
}

/// What a client gets of a stream; the body itself must not fail.
fn report(endpoint: Endpoint, steps: Vec<Step>) -> String {
    let body = Script::new(steps);
    let (frames, error) = drain(&mut StreamBody::new(body, ReportErrors::new(endpoint)));
    assert!(error.is_none());
    String::from_utf8(frames.concat()).unwrap()
}

fn failing(texts: &[&str]) -> Vec<Step> {
    let mut steps = steps(texts);
    steps.push(Step::Fail("connection reset by 10.0.0.7"));
    steps
}

/// The name and the error object of the only event in `text`.
fn the_error(text: &str) -> (Option<String>, String) {
    let mut framer = Framer::new();
    framer.push(Bytes::copy_from_slice(text.as_bytes()));
    let event = framer.next_event().unwrap().unwrap();
    assert!(
        framer.next_event().unwrap().is_none() && framer.finish().is_none(),
        "{text}"
    );
    (
        event.name().map(String::from),
        event.json().unwrap().raw().to_owned(),
    )
}

fn code(text: &str) -> String {
    let (_, json) = the_error(text);
    let error = Value::parse(json.as_bytes()).unwrap().get("error").unwrap();
    error.get("code").unwrap().as_str().unwrap().into_owned()
}

#[test]
fn a_failed_upstream_ends_in_an_error_event() {
    let text = report(
        Endpoint::ChatCompletions,
        failing(&[DELTA, "data: {\"torn"]),
    );
    let error = text.strip_prefix(DELTA).unwrap();
    assert_eq!(code(error), "upstream_error");
    assert!(!text.contains("10.0.0.7") && !text.contains("torn") && !text.contains("[DONE]"));
}

#[test]
fn a_truncated_stream_ends_in_an_error_event() {
    for torn in ["", "data: {\"torn", "data: {\"choices\":[]}\n"] {
        let text = report(Endpoint::ChatCompletions, steps(&[DELTA, torn]));
        assert_eq!(code(text.strip_prefix(DELTA).unwrap()), "stream_truncated");
    }
    assert_eq!(
        code(&report(Endpoint::ChatCompletions, steps(&[]))),
        "stream_truncated"
    );
}

#[test]
fn an_event_that_is_too_large_ends_in_an_error_event() {
    let body = Script::new(steps(&[": ok\n\n", DELTA, DONE]));
    let transform = ReportErrors::new(Endpoint::ChatCompletions);
    let (frames, error) = drain(&mut StreamBody::new(body, transform).max_event_bytes(50));
    assert!(error.is_none());
    let text = String::from_utf8(frames.concat()).unwrap();
    assert_eq!(
        code(text.strip_prefix(": ok\n\n").unwrap()),
        "event_too_large"
    );
    assert!(text.contains("50 bytes"));
}

#[test]
fn a_complete_stream_passes_as_it_is() {
    for texts in [
        &[DELTA, FINISH, DONE][..],
        &[DELTA, FINISH],
        &[DELTA, DONE],
        &[DELTA, "data: [DONE]\n"],
        &[DELTA, FINISH, ": bye"],
    ] {
        let text = report(Endpoint::ChatCompletions, steps(texts));
        assert_eq!(text, texts.concat());
    }
    // After the end marker nothing is missing, whatever happens to the connection.
    let text = report(Endpoint::ChatCompletions, failing(&[DELTA, FINISH, DONE]));
    assert_eq!(text, [DELTA, FINISH, DONE].concat());
    // After a finish reason usage may be missing.
    let text = report(Endpoint::ChatCompletions, failing(&[DELTA, FINISH]));
    assert_eq!(
        code(text.strip_prefix(&[DELTA, FINISH].concat()).unwrap()),
        "upstream_error"
    );
}

#[test]
fn the_upstreams_own_error_is_passed_on_and_not_repeated() {
    let error = "data: {\"error\":{\"message\":\"overloaded\"}}\n\n";
    for steps in [steps(&[DELTA, error]), failing(&[DELTA, error])] {
        let text = report(Endpoint::ChatCompletions, steps);
        assert_eq!(text, [DELTA, error].concat());
    }
}

#[test]
fn all_choices_have_to_finish() {
    let body = Script::new(steps(&[DELTA, FINISH]));
    let transform = ReportErrors::new(Endpoint::ChatCompletions).choices(2);
    let (frames, _) = drain(&mut StreamBody::new(body, transform));
    let text = String::from_utf8(frames.concat()).unwrap();
    assert_eq!(
        code(text.strip_prefix(&[DELTA, FINISH].concat()).unwrap()),
        "stream_truncated"
    );
}

#[test]
fn each_endpoint_has_its_own_dialect() {
    let (name, json) = the_error(&report(Endpoint::Messages, steps(&[])));
    let error = Value::parse(json.as_bytes()).unwrap();
    assert_eq!(name.as_deref(), Some("error"));
    assert_eq!(
        error.get("type").unwrap().as_str().as_deref(),
        Some("error")
    );
    assert!(error.get("error").unwrap().get("message").is_some());

    let delta =
        "data: {\"type\":\"response.output_text.delta\",\"sequence_number\":0,\"delta\":\"x\"}\n\n";
    let text = report(Endpoint::Responses, steps(&[delta]));
    let (name, json) = the_error(text.strip_prefix(delta).unwrap());
    let error = Value::parse(json.as_bytes()).unwrap();
    assert_eq!(name.as_deref(), Some("error"));
    assert_eq!(
        error.get("type").unwrap().as_str().as_deref(),
        Some("error")
    );
    assert_eq!(error.get("sequence_number").unwrap().as_u64(), Some(1));
}

#[test]
fn the_error_can_be_described_otherwise() {
    let transform = ReportErrors::new(Endpoint::ChatCompletions).describe(|error| {
        assert!(error.to_string().contains("reset"));
        ApiError::new(StatusCode::GATEWAY_TIMEOUT, "Too slow.").code("idle_timeout")
    });
    let (frames, _) = drain(&mut StreamBody::new(Script::new(failing(&[])), transform));
    assert_eq!(
        code(std::str::from_utf8(&frames.concat()).unwrap()),
        "idle_timeout"
    );
}

#[test]
fn an_observer_before_it_sees_what_the_upstream_did() {
    for (steps, end) in [
        (steps(&[DELTA]), EndCause::Truncated),
        (failing(&[DELTA]), EndCause::UpstreamError),
        (steps(&[DELTA, DONE]), EndCause::Complete),
    ] {
        let seen = RefCell::new(None);
        let observe = Observe::new(Endpoint::ChatCompletions, |observation: Observation| {
            *seen.borrow_mut() = Some(observation.end);
        });
        let both = (observe, ReportErrors::new(Endpoint::ChatCompletions));
        drain(&mut StreamBody::new(Script::new(steps), both));
        assert_eq!(seen.take(), Some(end));
    }
}
