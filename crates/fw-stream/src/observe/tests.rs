use std::cell::{Cell, RefCell};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use fw_wire::Usage;
use proptest::prelude::*;

use super::*;
use crate::script::{Script, Step, drain, poll};
use crate::{EndCause, FinishReason, StreamBody};

/// A clock that a test moves on.
#[derive(Clone, Copy)]
struct Hands(&'static Cell<u64>);

fn chat(data: &str) -> String {
    format!("data: {data}\n\n")
}

fn delta(text: &str) -> String {
    chat(&format!(
        r#"{{"id":"U","choices":[{{"index":0,"delta":{{"content":"{text}"}},"finish_reason":null}}],"usage":null}}"#
    ))
}

const ROLE: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"},\"finish_reason\":null}]}\n\n";
const FINISH: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const FINISH_A: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":7,\"total_tokens\":24,\"completion_tokens\":17}}\n\n";
const USAGE_B: &str = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"total_tokens\":24,\"completion_tokens\":17}}\n\n";
const DONE: &str = "data: [DONE]\n\n";
const ERROR: &str = "data: {\"error\":{\"message\":\"overloaded: secret\",\"code\":503}}\n\n";

fn steps(texts: &[&str]) -> Vec<Step> {
    texts
        .iter()
        .map(|text| Step::Data(Bytes::copy_from_slice(text.as_bytes())))
        .collect()
}

/// What an observer makes of a body that is read to its end.
fn observe(endpoint: Endpoint, steps: Vec<Step>) -> Observation {
    observe_with(steps, |report| Observe::new(endpoint, report))
}

type Report<'a> = Box<dyn FnOnce(Observation) + 'a>;

fn observe_with<'a>(
    steps: Vec<Step>,
    observer: impl FnOnce(Report<'a>) -> Observe<Report<'a>>,
) -> Observation {
    let seen = std::rc::Rc::new(RefCell::new(Vec::new()));
    let told = std::rc::Rc::clone(&seen);
    let observer = observer(Box::new(move |observation| {
        told.borrow_mut().push(observation);
    }));
    let mut body = StreamBody::new(Script::new(steps), observer);
    drain(&mut body);
    assert_eq!(seen.borrow().len(), 1, "told at the end, not when dropped");
    drop(body);
    let mut seen = seen.borrow_mut();
    assert_eq!(seen.len(), 1, "told once");
    seen.remove(0)
}

fn chat_end(texts: &[&str]) -> EndCause {
    observe(Endpoint::ChatCompletions, steps(texts)).end
}

// === usage and finish reasons ===

#[test]
fn all_layouts_of_usage_are_counted_once() {
    let usage = Some(Usage::new(7, 17));
    for (texts, usage) in [
        (vec![ROLE, FINISH_A, DONE], usage),
        (vec![ROLE, FINISH, USAGE_B, DONE], usage),
        (vec![ROLE, FINISH_A, USAGE_B, DONE], usage),
        (vec![ROLE, FINISH, DONE], None),
    ] {
        let seen = observe(Endpoint::ChatCompletions, steps(&texts));
        assert_eq!(seen.usage, usage);
        assert_eq!(seen.finish_reason(), Some(FinishReason::Stop));
        assert_eq!(seen.end, EndCause::Complete);
        assert_eq!(seen.events, texts.len() as u64);
        assert_eq!(seen.bytes, texts.concat().len() as u64);
    }
}

#[test]
fn a_messages_stream_is_understood() {
    let text = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"content\":[],\"stop_reason\":null,\"usage\":{\"input_tokens\":10,\"output_tokens\":1}}}\n\n\
        event: ping\ndata: {\"type\":\"ping\"}\n\n\
        event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n\
        event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":5}}\n\n";
    let stop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    let seen = observe(Endpoint::Messages, steps(&[text, stop]));
    assert_eq!(seen.usage, Some(Usage::new(10, 5)));
    assert_eq!(seen.finish_reason(), Some(FinishReason::EndTurn));
    assert_eq!(seen.end, EndCause::Complete);
    assert!(seen.first_content.is_some());
    // The finish reason alone is enough for a clean end, not for a failure.
    assert_eq!(
        observe(Endpoint::Messages, steps(&[text])).end,
        EndCause::Complete
    );
    let mut reset = steps(&[text]);
    reset.push(Step::Fail("reset"));
    assert_eq!(
        observe(Endpoint::Messages, reset).end,
        EndCause::UpstreamError
    );
    let mut reset = steps(&[text, stop]);
    reset.push(Step::Fail("reset"));
    assert_eq!(observe(Endpoint::Messages, reset).end, EndCause::Complete);
}

#[test]
fn a_responses_stream_is_understood() {
    let delta = "data: {\"type\":\"response.output_text.delta\",\"sequence_number\":4,\"delta\":\"Here\"}\n\n";
    for (kind, status, reason) in [
        ("completed", "completed", FinishReason::Completed),
        ("incomplete", "incomplete", FinishReason::Incomplete),
        ("failed", "failed", FinishReason::Failed),
    ] {
        let last = format!(
            "event: response.{kind}\ndata: {{\"type\":\"response.{kind}\",\"response\":{{\"status\":\"{status}\",\"error\":null,\"usage\":{{\"prompt_tokens\":27,\"completion_tokens\":104,\"total_tokens\":131}}}}}}\n\n"
        );
        let seen = observe(Endpoint::Responses, steps(&[delta, &last]));
        assert_eq!(seen.end, EndCause::Complete);
        assert_eq!(seen.finish_reason(), Some(reason));
        assert_eq!(seen.usage, Some(Usage::new(27, 104)));
    }
    assert_eq!(
        observe(Endpoint::Responses, steps(&[delta])).end,
        EndCause::Truncated
    );
    let error = "event: error\ndata: {\"type\":\"error\",\"code\":\"x\",\"message\":\"boom\"}\n\n";
    assert_eq!(
        observe(Endpoint::Responses, steps(&[delta, error])).end,
        EndCause::UpstreamError
    );
}

#[test]
fn with_several_choices_all_have_to_finish() {
    let other = FINISH.replace("\"index\":0", "\"index\":1");
    let end = |texts: &[&str]| {
        observe_with(steps(texts), |report| {
            Observe::new(Endpoint::ChatCompletions, report).choices(2)
        })
    };
    assert_eq!(end(&[ROLE, FINISH]).end, EndCause::Truncated);
    let seen = end(&[ROLE, &other, FINISH]);
    assert_eq!(seen.end, EndCause::Complete);
    assert_eq!(
        seen.finish_reasons,
        [(0, FinishReason::Stop), (1, FinishReason::Stop)]
    );
    assert_eq!(end(&[ROLE, DONE]).end, EndCause::Complete);
}

// === ends ===

#[test]
fn a_stream_is_complete_with_a_finish_reason_or_the_end_marker() {
    let hi = delta("Hi");
    assert_eq!(chat_end(&[ROLE, &hi, FINISH, DONE]), EndCause::Complete);
    assert_eq!(chat_end(&[ROLE, &hi, FINISH]), EndCause::Complete);
    assert_eq!(chat_end(&[ROLE, &hi, DONE]), EndCause::Complete);
    assert_eq!(chat_end(&[ROLE, &hi, "data: [DONE]\n"]), EndCause::Complete);
    assert_eq!(chat_end(&[ROLE, &hi]), EndCause::Truncated);
    assert_eq!(chat_end(&[ROLE, &hi, "data: {\"choi"]), EndCause::Truncated);
    assert_eq!(chat_end(&[]), EndCause::Truncated);
}

#[test]
fn an_upstream_failure_is_one_unless_the_end_marker_was_seen() {
    let failing = |texts: &[&str]| {
        let mut steps = steps(texts);
        steps.push(Step::Fail("reset"));
        observe(Endpoint::ChatCompletions, steps).end
    };
    assert_eq!(failing(&[]), EndCause::UpstreamError);
    assert_eq!(failing(&[ROLE, &delta("Hi")]), EndCause::UpstreamError);
    assert_eq!(failing(&[ROLE, FINISH]), EndCause::UpstreamError);
    assert_eq!(failing(&[ROLE, FINISH, DONE]), EndCause::Complete);
}

#[test]
fn an_error_in_the_stream_is_an_upstream_error_and_its_text_is_kept_only_if_asked_for() {
    let hi = delta("Hi");
    let texts = [ROLE, &hi, ERROR, DONE];
    let seen = observe(Endpoint::ChatCompletions, steps(&texts));
    assert_eq!(seen.end, EndCause::UpstreamError);
    assert_eq!(seen.error_message, None);
    assert!(!format!("{seen:?}").contains("secret"));

    let keep = |texts: &[&str]| {
        observe_with(steps(texts), |report| {
            Observe::new(Endpoint::ChatCompletions, report).keep_error_message(true)
        })
        .error_message
    };
    assert_eq!(keep(&texts).as_deref(), Some("overloaded: secret"));
    assert_eq!(
        keep(&["data: {\"error\":\"plain\"}\n\n"]).as_deref(),
        Some("plain")
    );
    let long = format!("data: {{\"error\":\"{}\"}}\n\n", "\u{e9}".repeat(2000));
    assert_eq!(keep(&[&long]).unwrap().len(), 1024);
    // Without JSON the event's name says it.
    assert_eq!(
        chat_end(&["event: error\ndata: oops\n\n"]),
        EndCause::UpstreamError
    );
}

#[test]
fn an_event_that_is_too_large_is_an_upstream_error() {
    let end = Cell::new(None);
    let observe = Observe::new(Endpoint::ChatCompletions, |seen: Observation| {
        end.set(Some(seen.end));
    });
    let body = Script::new(steps(&[ROLE]));
    drain(&mut StreamBody::new(body, observe).max_event_bytes(16));
    assert_eq!(end.get(), Some(EndCause::UpstreamError));
}

#[test]
fn a_stream_ended_by_another_transform_is_stopped() {
    struct Stop;
    impl Transform for Stop {
        fn event(&mut self, _event: &Event, _out: &mut Output<'_>) -> Flow {
            Flow::End
        }
        fn end(&mut self, _end: StreamEnd<'_>, _out: &mut Output<'_>) {}
    }
    let end = Cell::new(None);
    let report = |seen: Observation| end.set(Some(seen.end));
    let observe = Observe::new(Endpoint::ChatCompletions, report);
    drain(&mut StreamBody::new(
        Script::new(steps(&[ROLE, DONE])),
        (observe, Stop),
    ));
    assert_eq!(end.get(), Some(EndCause::Stopped));
}

#[test]
fn a_client_that_goes_away_is_gone_unless_it_has_everything() {
    let gone_after = |texts: &[&str]| {
        let end = Cell::new(None);
        let observe = Observe::new(Endpoint::ChatCompletions, |seen: Observation| {
            end.set(Some(seen.end));
        });
        let mut steps = steps(texts);
        steps.push(Step::Wait);
        let mut body = StreamBody::new(Script::new(steps), observe);
        while let Poll::Ready(Some(Ok(_))) = poll(&mut body) {}
        assert_eq!(end.get(), None);
        drop(body);
        end.get().unwrap()
    };
    assert_eq!(gone_after(&[]), EndCause::ClientGone);
    assert_eq!(gone_after(&[ROLE, &delta("Hi")]), EndCause::ClientGone);
    // The client cannot have seen an event that is still torn.
    assert_eq!(gone_after(&[ROLE, "data: [DONE]\n"]), EndCause::ClientGone);
    assert_eq!(gone_after(&[ROLE, DONE]), EndCause::Complete);
    assert_eq!(gone_after(&[ROLE, FINISH]), EndCause::Complete);
    assert_eq!(gone_after(&[ROLE, ERROR]), EndCause::UpstreamError);
}

// === first content ===

#[test]
fn the_first_content_is_timed_by_the_clock_given() {
    let start = Instant::now();
    let hands = Hands(Box::leak(Box::new(Cell::new(0))));
    let seen = RefCell::new(None);
    let observe = Observe::new(Endpoint::ChatCompletions, |observation: Observation| {
        *seen.borrow_mut() = Some(observation);
    })
    .clock(move || start + Duration::from_millis(hands.0.get()));
    let hi = delta("Hi");
    let texts = [": ping\n\n", ROLE, &delta(""), &hi, &hi, FINISH, DONE];
    let mut body = StreamBody::new(Script::new(steps(&texts)), observe);
    loop {
        hands.0.set(hands.0.get() + 10);
        if let Poll::Ready(None) = poll(&mut body) {
            break;
        }
    }
    let seen = seen.borrow_mut().take().unwrap();
    // The fourth event came with the fourth poll.
    assert_eq!(seen.first_content, Some(start + Duration::from_millis(40)));
    assert_eq!(seen.events, 6, "a comment is no event");
}

#[test]
fn without_content_there_is_no_time() {
    let seen = observe(Endpoint::ChatCompletions, steps(&[ROLE, FINISH, DONE]));
    assert_eq!(seen.first_content, None);
}

#[test]
fn at_the_end_marker_it_can_be_told_before_the_stream_ends() {
    let seen = RefCell::new(Vec::new());
    let observe = Observe::new(Endpoint::ChatCompletions, |observation: Observation| {
        seen.borrow_mut().push(observation);
    })
    .report_at_end_marker(true);
    let never_ends = steps(&[ROLE, &delta("4"), FINISH_A, DONE])
        .into_iter()
        .chain([Step::Wait]);
    let mut body = StreamBody::new(Script::new(never_ends), observe);
    for told in [0, 0, 0, 1] {
        assert!(matches!(poll(&mut body), Poll::Ready(Some(Ok(_)))));
        assert_eq!(seen.borrow().len(), told);
    }
    drop(body);
    let seen = seen.into_inner();
    assert_eq!(seen.len(), 1, "told once");
    assert_eq!(seen[0].end, EndCause::Complete);
    assert_eq!(seen[0].usage, Some(Usage::new(7, 17)));
}

#[test]
fn the_model_is_kept_if_asked_for_wherever_it_stands() {
    let long = "m".repeat(1000);
    for (endpoint, event, model) in [
        (
            Endpoint::ChatCompletions,
            chat(r#"{"model":"m-1","choices":[]}"#),
            Some("m-1"),
        ),
        (Endpoint::ChatCompletions, chat(r#"{"choices":[]}"#), None),
        (
            Endpoint::Messages,
            chat(r#"{"type":"message_start","message":{"model":"m-2"}}"#),
            Some("m-2"),
        ),
        (
            Endpoint::Responses,
            chat(r#"{"type":"response.created","response":{"model":"m-3"}}"#),
            Some("m-3"),
        ),
        (
            Endpoint::Completions,
            chat(&format!(r#"{{"model":"{long}"}}"#)),
            Some(&long[..256]),
        ),
    ] {
        let steps = || steps(&[&event, &event]);
        let seen = observe_with(steps(), |report| {
            Observe::new(endpoint, report).keep_model(true)
        });
        assert_eq!(seen.model.as_deref(), model);
        assert_eq!(observe(endpoint, steps()).model, None);
    }
}

#[test]
fn the_bytes_pass_unchanged() {
    let text = [
        ": c\r\n\r\n",
        ROLE,
        "data: not json\r\r",
        FINISH_A,
        DONE,
        "data: torn",
    ]
    .concat();
    let body = Script::new(steps(&[&text]));
    let (frames, _) = drain(&mut StreamBody::new(
        body,
        Observe::new(Endpoint::ChatCompletions, |_| {}),
    ));
    assert_eq!(frames.concat(), text.as_bytes());
}

// === properties ===

/// Pieces of JSON that are likely to trip a search for names.
fn json() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just(r#""finish_reason""#),
        Just(r#""finish\u005freason""#),
        Just(r#""usage""#),
        Just(r#""us\u0061ge""#),
        Just(r#""error""#),
        Just(r#""x\"usage""#),
        Just(r#""stop_reason""#),
        Just(r#""type""#),
        Just(r#""delta""#),
        Just(r#""content""#),
        Just(r#""choices""#),
        Just(r#""message""#),
        Just(r#""response""#),
        Just(r#""status""#),
        Just(r#""text""#),
        Just(r#""index""#),
    ];
    let scalar = prop_oneof![
        Just("null".to_string()),
        Just("1".to_string()),
        Just(r#""""#.to_string()),
        Just(r#""stop""#.to_string()),
        Just(r#""say \"usage\":null""#.to_string()),
        Just(r#""usage""#.to_string()),
        Just(r#""message_stop""#.to_string()),
        Just(r#""message\u005fstop""#.to_string()),
        Just(r#""response.completed""#.to_string()),
        Just(r#""response.output_text.delta""#.to_string()),
        Just(r#""content_block_delta""#.to_string()),
        Just(r#""error""#.to_string()),
        Just(r#"{"prompt_tokens":3,"completion_tokens":4}"#.to_string()),
    ];
    let colon = prop_oneof![Just(":"), Just(" : "), Just(":\n")];
    scalar.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            3 => proptest::collection::vec((name.clone(), colon.clone(), inner.clone()), 0..4)
                .prop_map(|members| {
                    let members: Vec<_> = members
                        .into_iter()
                        .map(|(name, colon, value)| format!("{name}{colon}{value}"))
                        .collect();
                    format!("{{{}}}", members.join(","))
                }),
            1 => proptest::collection::vec(inner, 0..3)
                .prop_map(|elements| format!("[{}]", elements.join(","))),
        ]
    })
}

/// Events that say something on one of the endpoints.
fn telling() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => Just(r#"{"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}],"usage":null}"#.to_string()),
        1 => json().prop_map(|value| format!(r#"{{"choices":[{{"finish_reason":{value}}}]}}"#)),
        1 => json().prop_map(|value| format!(r#"{{"usage":{value}}}"#)),
        1 => json().prop_map(|value| format!(r#"{{"error":{value}}}"#)),
        1 => json().prop_map(|value| format!(r#"{{"type":{value},"delta":"x"}}"#)),
        1 => json().prop_map(|value| format!(r#"{{"type":"message_delta","delta":{{"stop_reason":{value}}}}}"#)),
        1 => json().prop_map(|value| format!(r#"{{"type":"response.completed","response":{value}}}"#)),
        1 => Just(r#"{"choices":[{"finish\u005freason":"stop"}]}"#.to_string()),
        1 => Just("[DONE]".to_string()),
        4 => json(),
        1 => "[\"{}:a-z]{0,12}",
    ]
}

fn stream() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        12 => Just(""),
        1 => Just("event: error\n"),
        1 => Just("event: message_stop\n"),
        1 => Just("event: response.failed\n"),
        1 => Just(": comment\n"),
    ];
    let eol = prop_oneof![Just("\n"), Just("\r\n"), Just("\r")];
    let event = (name, telling(), eol).prop_map(|(name, data, eol)| {
        let data = data.replace('\n', "\ndata: ");
        format!("{name}data: {data}\n\n").replace('\n', eol)
    });
    (proptest::collection::vec(event, 0..8), any::<bool>()).prop_map(|(events, torn)| {
        let mut stream = events.concat();
        if torn {
            stream.pop();
        }
        stream
    })
}

fn endpoint() -> impl Strategy<Value = Endpoint> {
    prop_oneof![
        Just(Endpoint::ChatCompletions),
        Just(Endpoint::Completions),
        Just(Endpoint::Messages),
        Just(Endpoint::Responses),
    ]
}

/// Observes `text` in pieces of `length` bytes.
fn observe_cut(endpoint: Endpoint, text: &str, length: usize, search: bool) -> Observation {
    let seen = RefCell::new(None);
    let observe = Observe::new(endpoint, |observation: Observation| {
        *seen.borrow_mut() = Some(observation);
    })
    .keep_error_message(true)
    .clock(|| *NOON);
    let observe = if search {
        observe
    } else {
        observe.without_search()
    };
    let chunks = text.as_bytes().chunks(length.max(1));
    drain(&mut StreamBody::new(Script::chunks(chunks), observe));
    seen.into_inner().unwrap()
}

/// One time for all runs, so that what they saw can be compared.
static NOON: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_search_changes_nothing_but_the_cost(endpoint in endpoint(), text in stream()) {
        let whole = text.len();
        prop_assert_eq!(
            observe_cut(endpoint, &text, whole, true),
            observe_cut(endpoint, &text, whole, false)
        );
    }

    #[test]
    fn the_outcome_does_not_depend_on_the_cuts(
        endpoint in endpoint(),
        text in stream(),
        length in 1usize..40,
    ) {
        let whole = observe_cut(endpoint, &text, text.len(), true);
        prop_assert_eq!(&whole, &observe_cut(endpoint, &text, length, true));
        prop_assert_eq!(&whole, &observe_cut(endpoint, &text, 1, true));
    }
}
