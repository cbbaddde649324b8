use super::*;
use crate::pieces::Pieces;

/// Runs a transform over the events of `text`, as a body would.
fn run<T: Transform>(transform: &mut T, text: &'static [u8]) -> (Bytes, Flow) {
    let mut framer = Framer::new();
    let mut pieces = Pieces::default();
    let chunk = Bytes::from_static(text);
    framer.push(chunk.clone());
    let mut flow = Flow::Continue;
    while let Some(event) = framer.next_in_chunk().unwrap() {
        let mut sink = pieces.on(&chunk);
        let mut out = Output::new(Some(&event), &mut sink);
        flow = transform.event(&event, &mut out);
        if flow == Flow::End {
            break;
        }
    }
    if flow == Flow::Continue
        && let Some(rest) = framer.take_rest()
    {
        let mut sink = pieces.on(&chunk);
        flow = transform.event(&rest, &mut Output::new(Some(&rest), &mut sink));
    }
    let end = match flow {
        Flow::Continue => StreamEnd::Finished,
        Flow::End => StreamEnd::Stopped,
    };
    let mut sink = pieces.on(&chunk);
    transform.end(end, &mut Output::new(None, &mut sink));
    (pieces.take(chunk), flow)
}

/// A transform from a function.
struct With<F>(F);

impl<F: FnMut(Option<&Event>, &mut Output<'_>) -> Flow> Transform for With<F> {
    fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow {
        self.0(Some(event), out)
    }

    fn end(&mut self, _end: StreamEnd<'_>, out: &mut Output<'_>) {
        let _ = self.0(None, out);
    }
}

fn with<F: FnMut(Option<&Event>, &mut Output<'_>) -> Flow>(f: F) -> With<F> {
    With(f)
}

/// Turns the data of every event to upper case.
fn shout() -> impl Transform {
    with(|event, out| {
        if let Some(data) = event.and_then(Event::data) {
            let data = data.to_ascii_uppercase();
            out.replace(event.map(|event| event.with_data(&data)).unwrap());
        }
        Flow::Continue
    })
}

/// Notes what it sees and lets it through.
#[derive(Default)]
struct Spy {
    seen: Vec<Bytes>,
    end: Option<&'static str>,
}

impl Transform for Spy {
    fn event(&mut self, event: &Event, out: &mut Output<'_>) -> Flow {
        self.seen.push(event.raw().clone());
        out.pass();
        Flow::Continue
    }

    fn end(&mut self, end: StreamEnd<'_>, _out: &mut Output<'_>) {
        assert!(self.end.is_none());
        self.end = Some(match end {
            StreamEnd::Finished => "finished",
            StreamEnd::Stopped => "stopped",
            _ => "failed",
        });
    }
}

const TEXT: &[u8] = b"data: a\n\ndata: b\n\ndata: c\n\n";

#[test]
fn events_can_pass_be_dropped_replaced_and_surrounded() {
    let mut transform = with(|event, out| {
        match event.and_then(Event::data) {
            Some(b"a") => {
                out.insert("data: before\n\n");
                out.pass();
                out.insert("data: after\n\n");
            }
            Some(b"c") => out.replace("data: C\n\n"),
            Some(_) => {}
            None => out.insert("data: end\n\n"),
        }
        Flow::Continue
    });
    let (text, _) = run(&mut transform, TEXT);
    assert_eq!(
        text,
        "data: before\n\ndata: a\n\ndata: after\n\ndata: C\n\ndata: end\n\n"
    );
}

#[test]
fn an_event_passes_once_and_a_replaced_one_not_at_all() {
    let mut twice = with(|_, out| {
        out.pass();
        out.pass();
        Flow::Continue
    });
    assert_eq!(run(&mut twice, TEXT).0, TEXT);

    let mut replaced = with(|event, out| {
        if event.is_some() {
            out.replace("data: x\n\n");
        }
        out.pass();
        Flow::Continue
    });
    assert_eq!(run(&mut replaced, b"data: a\n\n").0, "data: x\n\n");
}

#[test]
fn events_dropped_in_the_middle_leave_the_others_in_order() {
    let mut drop_b = with(|event, out| {
        if event.is_some_and(|event| event.data() != Some(b"b")) {
            out.pass();
        }
        Flow::Continue
    });
    assert_eq!(run(&mut drop_b, TEXT).0, "data: a\n\ndata: c\n\n");
}

#[test]
fn a_later_event_can_release_an_earlier_one() {
    let mut held: Vec<Bytes> = Vec::new();
    let mut delay = with(move |event, out| {
        for bytes in held.drain(..) {
            out.insert(bytes);
        }
        held.extend(event.map(|event| event.raw().clone()));
        Flow::Continue
    });
    assert_eq!(run(&mut delay, TEXT).0, TEXT);
}

#[test]
fn the_second_of_two_sees_what_the_first_writes() {
    let both = &mut (shout(), Spy::default());
    let (text, _) = run(both, TEXT);
    assert_eq!(text, "data: A\n\ndata: B\n\ndata: C\n\n");
    assert_eq!(both.1.seen, ["data: A\n\n", "data: B\n\n", "data: C\n\n"]);
    assert_eq!(both.1.end, Some("finished"));

    let both = &mut (Spy::default(), shout());
    assert_eq!(run(both, TEXT).0, text);
    assert_eq!(both.0.seen.len(), 3);
    assert_eq!(both.0.seen[0], "data: a\n\n");
}

#[test]
fn several_events_written_at_once_reach_the_next_one_by_one() {
    let split = with(|event, out| {
        if event.is_some() {
            out.replace("data: 1\n\n: c\n\ndata: 2\r\n\r\n");
        }
        Flow::Continue
    });
    let both = &mut (split, Spy::default());
    let _ = run(both, b"data: a\n\n");
    assert_eq!(both.1.seen, ["data: 1\n\n", ": c\n\n", "data: 2\r\n\r\n"]);
}

#[test]
fn tuples_nest_and_dropping_transforms_hide_events_from_later_ones() {
    let drop_all = with(|_, _| Flow::Continue);
    let nested = &mut ((Identity, drop_all), Spy::default());
    assert_eq!(run(nested, TEXT).0, "");
    assert!(nested.1.seen.is_empty());
    assert_eq!(nested.1.end, Some("finished"));

    let nested = &mut (Identity, (Spy::default(), (Identity, shout())));
    assert_eq!(run(nested, TEXT).0, "data: A\n\ndata: B\n\ndata: C\n\n");
    assert_eq!(nested.1.0.seen.len(), 3);
}

#[test]
fn what_is_written_at_the_end_reaches_the_next_before_its_own_end() {
    let tail = with(|event, out| {
        match event {
            Some(_) => out.pass(),
            None => out.insert("data: tail\n\n"),
        }
        Flow::Continue
    });
    let both = &mut (tail, Spy::default());
    assert_eq!(run(both, b"data: a\n\n").0, "data: a\n\ndata: tail\n\n");
    assert_eq!(both.1.seen.len(), 2);
}

#[test]
fn either_of_two_can_end_the_stream_and_the_other_is_told() {
    let stop_at_b = || {
        with(|event, out| match event.and_then(Event::data) {
            Some(b"b") => {
                out.replace("data: stop\n\n");
                Flow::End
            }
            _ => {
                out.pass();
                Flow::Continue
            }
        })
    };
    let both = &mut (stop_at_b(), Spy::default());
    let (text, flow) = run(both, TEXT);
    assert_eq!(
        (text, flow),
        (Bytes::from("data: a\n\ndata: stop\n\n"), Flow::End)
    );
    assert_eq!(both.1.seen.len(), 2);
    assert_eq!(both.1.end, Some("stopped"));

    let both = &mut (Spy::default(), stop_at_b());
    let (text, flow) = run(both, TEXT);
    assert_eq!(
        (text, flow),
        (Bytes::from("data: a\n\ndata: stop\n\n"), Flow::End)
    );
    assert_eq!(both.0.end, Some("stopped"));
}

#[test]
fn nothing_follows_the_event_at_which_the_second_ended_the_stream() {
    let burst = with(|event, out| {
        if event.is_some() {
            out.replace("data: 1\n\ndata: 2\n\ndata: 3\n\n");
        }
        Flow::Continue
    });
    let mut seen = 0;
    let stop_at_second = with(move |event, out| {
        seen += usize::from(event.is_some());
        out.pass();
        if seen == 2 { Flow::End } else { Flow::Continue }
    });
    let (text, flow) = run(&mut (burst, stop_at_second), TEXT);
    assert_eq!(text, "data: 1\n\ndata: 2\n\n");
    assert_eq!(flow, Flow::End);
}

#[test]
fn an_insert_does_not_merge_with_a_torn_rest() {
    let tail = || {
        with(|event, out| {
            match event {
                Some(_) => out.pass(),
                None => out.insert("data: tail\n\n"),
            }
            Flow::Continue
        })
    };
    let torn = b"data: a\n\ndata: tor";
    let expected = "data: a\n\ndata: tor\n\ndata: tail\n\n";
    assert_eq!(run(&mut tail(), torn).0, expected);
    assert_eq!(run(&mut (tail(), Identity), torn).0, expected);
    assert_eq!(run(&mut (Identity, tail()), torn).0, expected);
    // Alone, the rest leaves as it came.
    assert_eq!(run(&mut Identity, torn).0, &torn[..]);
}

#[test]
fn options_and_boxes_are_transforms() {
    let mut off: Option<Spy> = None;
    assert_eq!(run(&mut off, TEXT).0, TEXT);
    let mut on = Some(shout());
    assert_eq!(run(&mut on, b"data: a\n\n").0, "data: A\n\n");
    let mut boxed: Box<dyn Transform> = Box::new((shout(), Identity));
    assert_eq!(run(&mut boxed, b"data: a\n\n").0, "data: A\n\n");
    assert_eq!(run(&mut &mut boxed, b"data: b\n\n").0, "data: B\n\n");
}
