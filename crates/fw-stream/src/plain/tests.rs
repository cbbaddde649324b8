use std::cell::RefCell;

use fw_wire::{Endpoint, Usage};
use http_body_util::Full;

use super::*;
use crate::FinishReason;
use crate::script::{Script, Step, drain, poll};

const REPLY: &str = r#"{"id":"U","choices":[{"index":0,"message":{"content":"4"},"finish_reason":"stop"}],"usage":{"prompt_tokens":71,"total_tokens":95,"completion_tokens":24}}"#;

/// Reads `body` to its end through an observer with room for `limit` bytes.
fn observe(endpoint: Endpoint, body: Script, limit: usize) -> (Vec<Bytes>, Observation) {
    let seen = RefCell::new(Vec::new());
    let observe = Observe::new(endpoint, |observation| seen.borrow_mut().push(observation));
    let mut body = ObserveBody::new(body, observe).max_held_bytes(limit);
    let (frames, _) = drain(&mut body);
    drop(body);
    let mut seen = seen.into_inner();
    assert_eq!(seen.len(), 1, "told once");
    (frames, seen.remove(0))
}

fn chat(body: Script) -> Observation {
    observe(Endpoint::ChatCompletions, body, 1 << 20).1
}

#[test]
fn usage_and_finish_reason_are_read_however_the_reply_is_cut() {
    for length in [1, 7, 50, 1000] {
        for says_end in [false, true] {
            let mut body = Script::chunks(REPLY.as_bytes().chunks(length));
            if says_end {
                body = body.says_end();
            }
            let (frames, seen) = observe(Endpoint::ChatCompletions, body, 1 << 20);
            assert_eq!(frames.concat(), REPLY.as_bytes());
            assert_eq!(seen.usage, Some(Usage::new(71, 24)));
            assert_eq!(seen.finish_reason(), Some(FinishReason::Stop));
            assert_eq!(seen.end, EndCause::Complete);
            assert_eq!((seen.bytes, seen.events), (REPLY.len() as u64, 0));
            assert!(seen.first_content.is_some() && !seen.unread);
        }
    }
}

#[test]
fn with_the_last_byte_that_is_expected_it_is_over() {
    let seen = RefCell::new(Vec::new());
    let text = REPLY.replacen('{', r#"{"model":"m","#, 1);
    let observe = Observe::new(Endpoint::ChatCompletions, |observation| {
        seen.borrow_mut().push(observation);
    })
    .keep_model(true);
    let mut body = ObserveBody::new(Script::chunks(text.as_bytes().chunks(50)), observe)
        .expected_bytes(text.len() as u64);
    for chunk in text.as_bytes().chunks(50) {
        assert!(seen.borrow().is_empty(), "not before {chunk:?}");
        assert!(matches!(poll(&mut body), Poll::Ready(Some(Ok(_)))));
    }
    assert_eq!(seen.borrow()[0].end, EndCause::Complete);
    assert_eq!(seen.borrow()[0].model.as_deref(), Some("m"));
}

#[test]
fn the_frames_are_the_very_same() {
    let chunk = Bytes::from(REPLY.as_bytes().to_vec());
    let at = chunk.as_ptr();
    let (frames, _) = observe(
        Endpoint::ChatCompletions,
        Script::new([Step::Data(chunk)]),
        1 << 20,
    );
    assert_eq!(frames[0].as_ptr(), at);
}

#[test]
fn other_endpoints_say_it_in_other_words() {
    let messages = r#"{"type":"message","content":[],"stop_reason":"max_tokens","usage":{"input_tokens":5,"output_tokens":6}}"#;
    let (_, seen) = observe(
        Endpoint::Messages,
        Script::chunks([messages.as_bytes()]),
        1 << 20,
    );
    assert_eq!(seen.usage, Some(Usage::new(5, 6)));
    assert_eq!(seen.finish_reason(), Some(FinishReason::MaxTokens));

    let response = r#"{"object":"response","status":"incomplete","error":null,"usage":{"prompt_tokens":5,"completion_tokens":6}}"#;
    let (_, seen) = observe(
        Endpoint::Responses,
        Script::chunks([response.as_bytes()]),
        1 << 20,
    );
    assert_eq!(seen.usage, Some(Usage::new(5, 6)));
    assert_eq!(seen.finish_reason(), Some(FinishReason::Incomplete));
    assert_eq!(seen.end, EndCause::Complete);
}

#[test]
fn a_reply_over_the_limit_passes_unread() {
    let (frames, seen) = observe(
        Endpoint::ChatCompletions,
        Script::chunks(REPLY.as_bytes().chunks(20)),
        100,
    );
    assert_eq!(frames.concat(), REPLY.as_bytes());
    assert!(seen.unread);
    assert_eq!(seen.usage, None);
    assert_eq!(seen.end, EndCause::Complete);
    assert_eq!(seen.bytes, REPLY.len() as u64);
}

#[test]
fn ends_are_told_apart() {
    let half = REPLY.as_bytes()[..40].to_vec();
    assert_eq!(chat(Script::chunks([&half[..]])).end, EndCause::Truncated);
    assert_eq!(
        chat(Script::chunks([&b"<html>"[..]])).end,
        EndCause::Complete
    );
    assert_eq!(chat(Script::chunks([&b""[..]])).end, EndCause::Complete);
    let failing = Script::new([Step::Data(half.into()), Step::Fail("reset")]);
    assert_eq!(chat(failing).end, EndCause::UpstreamError);
    let error = br#"{"error":{"message":"no"}}"#;
    assert_eq!(
        chat(Script::chunks([&error[..]])).end,
        EndCause::UpstreamError
    );
    let trailers = Script::new([
        Step::Data(Bytes::from_static(REPLY.as_bytes())),
        Step::Trailers(http::HeaderMap::new()),
    ]);
    assert_eq!(chat(trailers).end, EndCause::Complete);
}

#[test]
fn a_client_that_goes_away_is_gone_unless_it_has_everything() {
    let seen = RefCell::new(Vec::new());
    let report = || Observe::new(Endpoint::ChatCompletions, |o| seen.borrow_mut().push(o));

    drop(ObserveBody::new(
        Full::new(Bytes::from_static(b"{}")),
        report(),
    ));
    assert_eq!(seen.borrow_mut().pop().unwrap().end, EndCause::ClientGone);

    // A body of a known length need not be polled again after its last byte.
    let mut body = ObserveBody::new(Full::new(Bytes::from_static(REPLY.as_bytes())), report());
    assert_eq!(body.size_hint().exact(), Some(REPLY.len() as u64));
    assert!(matches!(poll(&mut body), Poll::Ready(Some(Ok(_)))));
    assert!(body.is_end_stream());
    assert_eq!(seen.borrow().len(), 1);
    drop(body);
    let last = seen.borrow_mut().pop().unwrap();
    assert_eq!(last.end, EndCause::Complete);
    assert_eq!(last.usage, Some(Usage::new(71, 24)));
    assert!(seen.borrow().is_empty());
}

#[test]
fn only_event_streams_are_event_streams() {
    for yes in [
        "text/event-stream",
        "Text/Event-Stream",
        "text/event-stream ;charset=utf-8",
    ] {
        assert!(is_event_stream(yes.as_bytes()), "{yes}");
    }
    for no in [
        "",
        "text/event-streams",
        "application/json",
        "text/plain; x=text/event-stream",
    ] {
        assert!(!is_event_stream(no.as_bytes()), "{no}");
    }
}
