//! Conversions between Responses and chat completions, for any bytes: requests and replies are converted or refused,
//! and any stream becomes one that a strict client can read, however it is cut into chunks.
//!
//! The first byte chooses which of the three. For a stream the second is the length of the chunks.

#![no_main]

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use fw_params::ParamsChanges;
use fw_responses::{ChatRequest, Item, ResponseStream, chat_request, response, with_references};
use fw_stream::StreamBody;
use fw_wire::Value;
use http_body::Body;
use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../crates/fw-responses/tests/stream/accumulator.rs"]
mod accumulator;
#[allow(dead_code)]
#[path = "../../crates/fw-responses/tests/stream/frames.rs"]
mod frames;

use frames::Frames;

fuzz_target!(|input: &[u8]| {
    let Some((first, input)) = input.split_first() else {
        return;
    };
    match first % 3 {
        0 => convert_request(Bytes::copy_from_slice(input)),
        1 => convert_reply(Bytes::copy_from_slice(input)),
        _ => {
            let Some((length, stream)) = input.split_first() else {
                return;
            };
            let whole = streamed(stream, stream.len());
            accumulator::accumulate(&whole);
            assert_eq!(streamed(stream, usize::from(*length)), whole);
            assert_eq!(streamed(stream, 1), whole);
        }
    }
});

fn convert_request(body: Bytes) {
    let find = |id: &str| Item::from_json(format!("{{\"role\":\"user\",\"content\":{id:?}}}")).ok();
    if let Ok(resolved) = with_references(&body, find) {
        Value::parse(&resolved).expect("references leave JSON");
    }
    let Ok(request) = chat_request(&body, &[], &mut ParamsChanges::default()) else {
        return;
    };
    let chat = Value::parse(request.body()).expect("a chat request is JSON");
    assert!(
        chat.get("messages")
            .is_some_and(|messages| messages.is_array())
    );
    // What is stored can be told again.
    let next = Bytes::from_static(b"{\"input\":\"x\"}");
    let again = chat_request(&next, request.input_items(), &mut ParamsChanges::default());
    again.expect("items that were taken are taken again");
    convert_reply_to(
        &request,
        Bytes::from_static(b"{\"choices\":[{\"message\":{}}]}"),
    );
}

fn convert_reply(reply: Bytes) {
    convert_reply_to(&request(), reply);
}

fn convert_reply_to(request: &ChatRequest, reply: Bytes) {
    if let Ok(response) = response(&reply, request, "resp_fw01", 1) {
        let object = Value::parse(response.json()).expect("a response is JSON");
        assert!(object.get("output").is_some_and(|output| output.is_array()));
    }
}

fn streamed(stream: &[u8], length: usize) -> String {
    let chunks = stream.chunks(length.max(1));
    let chunks: VecDeque<_> = chunks
        .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
        .collect();
    let transform = ResponseStream::new(&request(), "resp_fw01", 1, drop);
    let mut body = StreamBody::new(Frames(chunks), transform);
    let mut cx = Context::from_waker(Waker::noop());
    let mut out = Vec::new();
    loop {
        match Pin::new(&mut body).poll_frame(&mut cx) {
            Poll::Ready(Some(frame)) => {
                let frame = frame.expect("failures are told in the stream");
                out.extend_from_slice(&frame.into_data().expect("data"));
            }
            Poll::Ready(None) => break,
            // The body lets others run now and then.
            Poll::Pending => {}
        }
    }
    String::from_utf8(out).expect("events are text")
}

fn request() -> ChatRequest {
    let body = Bytes::from_static(b"{\"input\":\"x\"}");
    chat_request(&body, &[], &mut ParamsChanges::default()).expect("a request")
}
