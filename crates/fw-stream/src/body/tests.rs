use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::*;
use crate::script::{Script, Step, drain, poll};
use crate::{Event, Identity};

fn data(text: &'static str) -> Step {
    Step::Data(Bytes::from_static(text.as_bytes()))
}

fn trailers() -> HeaderMap {
    HeaderMap::from_iter([(http::header::EXPIRES, HeaderValue::from_static("now"))])
}

fn frame<E: std::fmt::Debug>(polled: Poll<Option<Result<Frame<Bytes>, E>>>) -> Bytes {
    match polled {
        Poll::Ready(Some(Ok(frame))) => frame.into_data().unwrap(),
        other => panic!("no data frame: {other:?}"),
    }
}

/// Passes everything, notes how the stream ended, writes an event then.
#[derive(Default)]
struct Tail {
    ends: Vec<String>,
    settle: bool,
}

impl Transform for Tail {
    fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow {
        out.pass();
        if event.data() == Some(b"stop") {
            Flow::End
        } else {
            Flow::Continue
        }
    }

    fn end(&mut self, end: StreamEnd<'_>, out: &mut Output<'_>) {
        self.ends.push(match end {
            StreamEnd::Finished => "finished".into(),
            StreamEnd::Failed(error) => error.to_string(),
            StreamEnd::TooLarge(error) => error.to_string(),
            StreamEnd::Stopped => "stopped".into(),
        });
        out.insert("data: tail\n\n");
        if self.settle {
            out.settle();
        }
    }
}

// === copies ===

#[test]
fn a_chunk_of_whole_events_leaves_as_the_very_same_bytes() {
    let chunk = Bytes::from(b"data: one\n\n: c\n\ndata: two\r\n\r\n".to_vec());
    let (at, len) = (chunk.as_ptr(), chunk.len());
    let mut body = StreamBody::new(Script::new([Step::Data(chunk)]), (Identity, Identity));
    let out = frame(poll(&mut body));
    assert_eq!((out.as_ptr(), out.len()), (at, len));
    // Nobody else holds on to the chunk.
    assert!(out.is_unique());
}

#[test]
fn events_before_a_torn_one_leave_as_a_slice_and_the_torn_one_follows() {
    let chunk = Bytes::from(b"data: one\n\ndata: two\n\ndata: th".to_vec());
    let at = chunk.as_ptr();
    let steps = [Step::Data(chunk), data("ree\n\ndata: four\n\n")];
    let mut body = StreamBody::new(Script::new(steps), Identity);
    let out = frame(poll(&mut body));
    assert_eq!(out, "data: one\n\ndata: two\n\n");
    assert_eq!(out.as_ptr(), at);
    assert!(out.is_unique());
    assert_eq!(frame(poll(&mut body)), "data: three\n\ndata: four\n\n");
}

#[test]
fn a_run_in_the_middle_of_a_chunk_leaves_as_a_slice() {
    struct Without(&'static [u8]);
    impl Transform for Without {
        fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow {
            if event.data() != Some(self.0) {
                out.pass();
            }
            Flow::Continue
        }
        fn end(&mut self, _end: StreamEnd<'_>, _out: &mut Output<'_>) {}
    }
    let chunk = Bytes::from_static(b"data: x\n\ndata: one\n\ndata: two\n\ndata: x\n\n");
    let at = chunk[9..].as_ptr();
    let mut body = StreamBody::new(Script::new([Step::Data(chunk)]), Without(b"x"));
    let out = frame(poll(&mut body));
    assert_eq!(out, "data: one\n\ndata: two\n\n");
    assert_eq!(out.as_ptr(), at);
}

#[test]
fn what_one_upstream_frame_completes_leaves_as_one_frame() {
    let steps = [
        data("data: on"),
        data("e\n\ndata: two\n\ndata: three\n\nda"),
        data("ta: four\n\n"),
    ];
    let (frames, error) = drain(&mut StreamBody::new(Script::new(steps), Identity));
    assert_eq!(
        frames,
        [
            "data: one\n\ndata: two\n\ndata: three\n\n",
            "data: four\n\n"
        ]
    );
    assert!(error.is_none());
}

#[test]
fn nothing_is_held_but_the_torn_event() {
    let steps = [data("data: one\n\ndata: two")];
    let mut body = StreamBody::new(Script::new(steps), Identity);
    drop(frame(poll(&mut body)));
    assert_eq!(body.framer.held_bytes(), 9);
    assert!(body.framer.chunk().is_empty());
}

// === polling ===

#[test]
fn one_upstream_frame_is_taken_at_a_time() {
    let steps = [data("data: one\n\n"), Step::Fail("polled too far")];
    let mut body = StreamBody::new(Script::new(steps), Identity);
    assert_eq!(frame(poll(&mut body)), "data: one\n\n");
    // The upstream's failure is seen only when the reader asks for more.
    assert!(body.get_ref().is_some());
    assert!(matches!(poll(&mut body), Poll::Ready(Some(Err(_)))));
}

#[test]
fn a_frame_that_completes_no_event_is_followed_by_the_next_in_the_same_poll() {
    let steps = [data("da"), data("ta: o"), data("ne\n\n")];
    let mut body = StreamBody::new(Script::new(steps), Identity);
    assert_eq!(frame(poll(&mut body)), "data: one\n\n");
}

#[test]
fn waiting_is_left_to_the_upstream() {
    let steps = [data("da"), Step::Wait, data("ta: one\n\n")];
    let mut body = StreamBody::new(Script::new(steps), Identity);
    assert!(poll(&mut body).is_pending());
    assert_eq!(frame(poll(&mut body)), "data: one\n\n");
}

#[test]
fn a_long_run_of_frames_without_output_lets_other_tasks_run() {
    struct Count(AtomicUsize);
    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let frames = 3 * FRAMES_PER_POLL;
    let mut body = StreamBody::new(Script::new(vec![data("x"); frames]), Identity);
    let count = Arc::new(Count(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&count));
    let mut polls = 1;
    while Pin::new(&mut body)
        .poll_frame(&mut Context::from_waker(&waker))
        .is_pending()
    {
        polls += 1;
        // Never pending without a wake-up of its own, as the upstream was never pending.
        assert_eq!(count.0.load(Ordering::Relaxed), polls - 1);
    }
    assert_eq!(polls, 4);
}

// === ends ===

/// The three ends of a body that are not an error, and what each says.
fn ends() -> [Script; 3] {
    let text = [data("data: one\n\ndata: torn")];
    [
        Script::new(text.clone()),
        Script::new(text.clone()).says_end(),
        Script::new(text.into_iter().chain([Step::Trailers(trailers())])),
    ]
}

#[test]
fn all_ends_flush_the_rest_and_call_end_once() {
    for script in ends() {
        let alive = Arc::downgrade(&script.alive);
        let mut body = StreamBody::new(script, Tail::default());
        let (frames, error) = drain(&mut body);
        assert!(error.is_none());
        assert_eq!(
            frames.concat(),
            b"data: one\n\ndata: torn\n\ndata: tail\n\n"
        );
        assert_eq!(body.transform().ends, ["finished"]);
        assert!(alive.upgrade().is_none(), "the inner body is dropped");
        assert!(body.is_end_stream());
        assert!(matches!(poll(&mut body), Poll::Ready(None)));
    }
}

#[test]
fn a_body_that_says_it_is_over_need_not_be_polled_again() {
    let script = Script::new([data("data: one\n\ndata: torn")]).says_end();
    let mut body = StreamBody::new(script, Tail::default());
    assert!(!body.is_end_stream());
    assert_eq!(
        frame(poll(&mut body)),
        "data: one\n\ndata: torn\n\ndata: tail\n\n"
    );
    assert!(body.is_end_stream());
}

#[test]
fn trailers_come_after_the_last_data() {
    let steps = [data("data: torn"), Step::Trailers(trailers())];
    let mut body = StreamBody::new(Script::new(steps), Identity);
    assert_eq!(frame(poll(&mut body)), "data: torn");
    assert!(!body.is_end_stream());
    match poll(&mut body) {
        Poll::Ready(Some(Ok(frame))) => assert_eq!(frame.into_trailers().unwrap(), trailers()),
        other => panic!("no trailers: {other:?}"),
    }
    assert!(body.is_end_stream());
    assert!(matches!(poll(&mut body), Poll::Ready(None)));
}

#[test]
fn an_upstream_error_is_the_error_of_the_body_after_what_came_before() {
    let steps = [data("data: one\n\ndata: torn"), Step::Fail("reset")];
    let mut body = StreamBody::new(Script::new(steps), Tail::default());
    assert_eq!(frame(poll(&mut body)), "data: one\n\n");
    assert_eq!(frame(poll(&mut body)), "data: torn\n\ndata: tail\n\n");
    assert!(!body.is_end_stream());
    let error = match poll(&mut body) {
        Poll::Ready(Some(Err(error))) => error,
        other => panic!("no error: {other:?}"),
    };
    assert!(error.is_body() && error.frame().is_none());
    assert_eq!(error.into_body_error().unwrap().to_string(), "reset");
    assert_eq!(body.transform().ends, ["reset"]);
    assert!(body.is_end_stream());
    assert!(matches!(poll(&mut body), Poll::Ready(None)));
}

#[test]
fn a_settled_error_does_not_fail_the_body() {
    let steps = [data("data: one\n\n"), Step::Fail("reset")];
    let tail = Tail {
        settle: true,
        ..Tail::default()
    };
    let mut body = StreamBody::new(Script::new(steps), tail);
    let (frames, error) = drain(&mut body);
    assert_eq!(frames, ["data: one\n\n", "data: tail\n\n"]);
    assert!(error.is_none());
}

#[test]
fn an_event_that_is_too_large_is_an_error_after_what_came_before() {
    for settle in [false, true] {
        let script = Script::new([data("data: one\n\ndata: 0123456789\n\ndata: two\n\n")]);
        let alive = Arc::downgrade(&script.alive);
        let tail = Tail {
            settle,
            ..Tail::default()
        };
        let mut body = StreamBody::new(script, tail).max_event_bytes(12);
        assert_eq!(frame(poll(&mut body)), "data: one\n\ndata: tail\n\n");
        assert!(alive.upgrade().is_none());
        match poll(&mut body) {
            Poll::Ready(Some(Err(error))) if !settle => {
                assert_eq!(error.frame().unwrap().limit(), 12);
                assert!(error.into_body_error().is_err());
            }
            Poll::Ready(None) if settle => {}
            other => panic!("{other:?}"),
        }
        assert!(matches!(poll(&mut body), Poll::Ready(None)));
    }
}

#[test]
fn a_transform_can_end_the_stream() {
    let script = Script::new([data("data: one\n\ndata: stop\n\ndata: two\n\n"), Step::Wait]);
    let alive = Arc::downgrade(&script.alive);
    let mut body = StreamBody::new(script, Tail::default());
    assert_eq!(
        frame(poll(&mut body)),
        "data: one\n\ndata: stop\n\ndata: tail\n\n"
    );
    assert_eq!(body.transform().ends, ["stopped"]);
    assert!(
        alive.upgrade().is_none(),
        "the upstream is cancelled at once"
    );
    assert!(body.is_end_stream());
}

#[test]
fn dropping_the_body_drops_the_upstream() {
    let script = Script::new([data("data: one\n\n"), Step::Wait]);
    let alive = Arc::downgrade(&script.alive);
    let mut body = StreamBody::new(script, Identity);
    drop(frame(poll(&mut body)));
    assert!(alive.upgrade().is_some());
    drop(body);
    assert!(alive.upgrade().is_none());
}

#[test]
fn an_empty_body_ends_after_one_poll() {
    for script in [Script::new([]), Script::new([]).says_end()] {
        let mut body = StreamBody::new(script, Identity);
        assert!(matches!(poll(&mut body), Poll::Ready(None)));
        assert!(body.is_end_stream());
    }
}

#[test]
fn no_length_is_claimed_before_the_end() {
    let mut body = StreamBody::new(
        http_body_util::Full::new(Bytes::from_static(b"data: one\n\n")),
        Identity,
    );
    assert_eq!(body.size_hint().exact(), None);
    assert_eq!(body.size_hint().lower(), 0);
    drop(frame(poll(&mut body)));
    assert_eq!(body.size_hint().exact(), Some(0));
}

#[test]
fn debug_shows_no_data() {
    let script = Script::new([data("data: secret"), Step::Wait]);
    let mut body = StreamBody::new(script, Identity);
    assert!(poll(&mut body).is_pending());
    assert!(!format!("{body:?}").contains("secret"));
}

#[test]
fn the_body_crosses_threads() {
    fn check<T: Send>() {}
    check::<StreamBody<http_body_util::Full<Bytes>, Identity>>();
}

// === properties ===

proptest! {
    #[test]
    fn identity_gives_the_same_bytes(
        lines in proptest::collection::vec("(data: ?|event: |: |)[a-z]{0,6}(\n|\r\n|\r)", 0..30),
        rest in "[a-z:]{0,4}",
        lengths in proptest::collection::vec(1usize..12, 1..6),
        says_end in any::<bool>(),
    ) {
        let text = lines.concat() + &rest;
        let mut chunks = Vec::new();
        let mut left = text.as_bytes();
        for length in lengths.iter().cycle() {
            let (chunk, after) = left.split_at((*length).min(left.len()));
            chunks.push(chunk);
            left = after;
            if left.is_empty() {
                break;
            }
        }
        for pair in [false, true] {
            let mut script = Script::chunks(chunks.iter().copied());
            if says_end {
                script = script.says_end();
            }
            let (frames, error) = if pair {
                drain(&mut StreamBody::new(script, (Identity, Identity)))
            } else {
                drain(&mut StreamBody::new(script, Identity))
            };
            prop_assert!(error.is_none());
            prop_assert!(frames.iter().all(|frame| !frame.is_empty()));
            prop_assert_eq!(frames.concat(), text.as_bytes());
        }
    }
}
