//! Runs a stream through the filters and checks what comes out.

use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use fw_wire::Endpoint;
use http_body::{Body, Frame};

use super::client::Client;
use super::dice::Dice;
use super::story::{Story, hide};
use super::{Bytes, Channel, FilterText, StreamBody};

struct Chunks(std::vec::IntoIter<Bytes>);

impl Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.next().map(Frame::data).map(Ok))
    }
}

pub(crate) const ENDPOINTS: [Endpoint; 4] = [
    Endpoint::ChatCompletions,
    Endpoint::Completions,
    Endpoint::Responses,
    Endpoint::Messages,
];

/// How much was checked.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) streams: u64,
    pub(crate) events: u64,
    pub(crate) hidden: u64,
    /// Cuts of texts into deltas, and of bytes into chunks.
    pub(crate) deltas: u64,
    pub(crate) chunks: u64,
}

/// Tells one story and checks it.
pub(crate) fn check(endpoint: Endpoint, dice: &mut Dice, tally: &mut Tally) {
    let story = Story::make(endpoint, dice);
    let mut stream = String::new();
    for block in &story.blocks {
        stream.push_str(&block.bytes);
    }
    let splits = dice.one_in(2);
    let (chunks, cuts) = chunks(&stream, dice);
    let mut filters =
        FilterText::new(endpoint, |_: &Channel| Some(hide())).max_held_events(usize::MAX);
    if !splits {
        filters = filters.split_from(usize::MAX);
    }
    let mut body = StreamBody::new(Chunks(chunks.into_iter()), filters);
    let mut cx = Context::from_waker(Waker::noop());
    let mut client = Client::new(&story);
    let mut out = String::new();
    loop {
        match Pin::new(&mut body).poll_frame(&mut cx) {
            Poll::Ready(Some(frame)) => {
                let data = frame.expect("no error").into_data().expect("no trailers");
                let events = std::str::from_utf8(&data).expect("text");
                client.take(events);
                out.push_str(events);
            }
            Poll::Ready(None) => break,
            // The body gives others a turn now and then.
            Poll::Pending => {}
        }
    }
    client.end();
    if !splits {
        check_same(&story, &out);
    }
    tally.streams += 1;
    tally.events += story.blocks.len() as u64;
    let hidden = story.lines.iter().map(|line| line.hidden.len() as u64);
    tally.hidden += hidden.sum::<u64>();
    tally.deltas += story.cuts as u64;
    tally.chunks += cuts as u64;
}

/// What no edit touches leaves as it came.
fn check_same(story: &Story, out: &str) {
    let mut left: HashMap<&str, usize> = HashMap::new();
    for event in out.split_inclusive("\n\n") {
        *left.entry(event).or_default() += 1;
    }
    for block in story.blocks.iter().filter(|block| block.same) {
        match left.get_mut(&*block.bytes) {
            Some(count) if *count > 0 => *count -= 1,
            _ => panic!("{:?} did not leave as it came", block.bytes),
        }
    }
}

/// Cuts a stream anywhere, also within characters.
fn chunks(stream: &str, dice: &mut Dice) -> (Vec<Bytes>, usize) {
    let mean = dice.pick(&[400, 80, 8, 1, 2000]);
    let mut chunks = Vec::new();
    let mut rest = Bytes::copy_from_slice(stream.as_bytes());
    while !rest.is_empty() {
        let length = 1 + dice.below(mean) + dice.below(mean);
        chunks.push(rest.split_to(length.min(rest.len())));
    }
    let cuts = chunks.len() - 1;
    (chunks, cuts)
}
