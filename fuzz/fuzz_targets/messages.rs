//! Conversions between Messages and chat completions take any bytes, and a stream comes to the same
//! events however it is cut.
//!
//! The first byte chooses the conversion: `0` a Messages request, `1` a chat request, `2` a chat reply, `3`
//! tokens, `4` a stream, whose next byte is the length of its chunks.

#![no_main]

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use fw_anthropic::{MessageStream, chat_request, count_tokens, message, messages_request};
use fw_params::ParamsChanges;
use fw_stream::StreamBody;
use http_body::{Body, Frame};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((first, rest)) = input.split_first() else {
        return;
    };
    let body = Bytes::copy_from_slice(rest);
    let mut changes = ParamsChanges::default();
    match first.wrapping_sub(b'0') % 5 {
        0 => {
            if let Ok(chat) = chat_request(&body, &mut changes) {
                assert_json(chat.body());
                let back = messages_request(chat.body(), &mut changes);
                assert_json(&back.expect("what was converted can be converted back"));
            }
        }
        1 => {
            if let Ok(messages) = messages_request(&body, &mut changes) {
                assert_json(&messages);
            }
        }
        2 => {
            if let Ok(message) = message(&body) {
                assert_json(&message);
            }
        }
        3 => drop(count_tokens(&body)),
        _ => {
            let Some((length, stream)) = rest.split_first() else {
                return;
            };
            let whole = converted(stream, stream.len());
            assert_eq!(converted(stream, usize::from(*length)), whole);
            assert_eq!(converted(stream, 1), whole);
            assert_events(&whole);
        }
    }
});

fn assert_json(text: &[u8]) {
    let json: Result<serde_json::Value, _> = serde_json::from_slice(text);
    json.expect("JSON");
}

/// Every event is JSON with its name, and there is one end: of a message, or an error.
fn assert_events(stream: &[u8]) {
    let stream = std::str::from_utf8(stream).expect("text");
    let blocks = stream.split("\n\n").filter(|block| !block.is_empty());
    let mut ends = 0;
    for block in blocks.filter(|block| *block != ":") {
        assert_eq!(ends, 0, "the end is the last event");
        let (name, data) = block.split_once('\n').expect("two lines");
        let name = name.strip_prefix("event: ").expect("a name");
        let data = data.strip_prefix("data: ").expect("data");
        let data: serde_json::Value = serde_json::from_str(data).expect("JSON");
        assert_eq!(data["type"], name);
        ends += usize::from(name == "message_stop" || name == "error");
    }
    assert_eq!(ends, 1);
}

fn converted(stream: &[u8], length: usize) -> Vec<u8> {
    let chunks = Chunks(stream, length.max(1));
    let mut body = StreamBody::new(chunks, MessageStream::new());
    let mut cx = Context::from_waker(Waker::noop());
    let mut out = Vec::new();
    loop {
        match Pin::new(&mut body).poll_frame(&mut cx) {
            Poll::Ready(Some(Ok(frame))) => out.extend(frame.into_data().expect("no trailers")),
            Poll::Ready(Some(Err(_))) => unreachable!("failures are told in the stream"),
            Poll::Ready(None) => return out,
            // The body gives others a turn now and then.
            Poll::Pending => {}
        }
    }
}

/// A stream in chunks of one length.
struct Chunks<'a>(&'a [u8], usize);

impl Body for Chunks<'_> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.0.is_empty() {
            return Poll::Ready(None);
        }
        let (chunk, rest) = self.0.split_at(self.1.min(self.0.len()));
        self.0 = rest;
        Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(chunk)))))
    }
}
