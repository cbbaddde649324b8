//! Work of the hot paths in memory, for counting instructions: no socket, no runtime, no clock.

use std::{
    collections::VecDeque,
    convert::Infallible,
    fmt::Write as _,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use fw_params::{Fireworks, ParamsLayer};
use fw_policy::{PolicyLayer, PolicyService};
use fw_policy_pii::{Detector, PiiConfig, PiiPolicy};
use fw_routing::{Router, Target};
use fw_stream::{Identity, StreamBody};
use http::{Request, Response, header::CONTENT_TYPE};
use http_body::{Body, Frame};
use http_body_util::Full;
use tower::{Layer, Service};

use crate::Error;

/// A piece of work that can be done any number of times.
pub type Work = fn(u32) -> Result<(), Error>;

/// All work, by name.
pub const ALL: [(&str, Work); 11] = [
    ("stream-event", stream_event),
    ("stream-event-router", stream_event_router),
    ("request-1k-router", request_router),
    ("params-1k", |times| request_params(times, MODEL, "")),
    ("params-1k-changed", |times| {
        request_params(times, "fireworks/gpt-oss-120b", OPENAI_FIELDS)
    }),
    ("stream-event-pii", stream_event_pii),
    ("request-1k-pii", |times| request_pii(times, 1 << 10)),
    ("request-16k-pii", |times| request_pii(times, 16 << 10)),
    ("redact-1k-prose", |times| redact(times, PROSE)),
    ("redact-1k-code", |times| redact(times, CODE)),
    ("redact-1k-dense", |times| redact(times, DENSE)),
];

/// What Fireworks takes as it is, and what OpenAI's clients send that it does not.
const MODEL: &str = "accounts/fireworks/models/gpt-oss-120b";
const OPENAI_FIELDS: &str = r#","store":false,"max_completion_tokens":512"#;

const PROSE: &str = "Tell me which of the two foxes jumped over the dog first, and why. The Smiths were not \
                     at home that Monday; nobody had told them. ";
const CODE: &str = "    let total = items.iter().map(|item| item.price * 3).sum::<u64>(); // see RFC 9110\n    \
                    if total > MAX_TOTAL_2 { return Err(Error::too_large(total)); }\n";
const DENSE: &str = "Mail ann.lee@corp.example or call +44 20 7946 0018, card 4242 4242 4242 4242, IBAN DE89 \
                     3704 0044 0532 0130 00, host 192.168.10.7. ";

/// Each event of a streamed reply is framed and passed on.
fn stream_event(times: u32) -> Result<(), Error> {
    drain(StreamBody::new(Frames::events(times), Identity))
}

/// Each event of a streamed reply goes through the policy.
fn stream_event_pii(times: u32) -> Result<(), Error> {
    let mut service = policy(move || Frames::events(times), "text/event-stream")?;
    let request = chat(16, true)?;
    drain(now(service.call(request))?.into_body())
}

/// Each event of a streamed reply goes through a router with one target.
fn stream_event_router(times: u32) -> Result<(), Error> {
    let reply = move || Frames::events(times);
    let mut router = Router::new([Target::new("a", Canned::new(reply, "text/event-stream"))])?;
    drain(now(router.call(chat(16, true)?))?.into_body())
}

/// A request with a prompt of 1 KB, and a plain reply of 1.1 KB, through a router with one target.
fn request_router(times: u32) -> Result<(), Error> {
    let body = Bytes::from(plain_reply());
    let reply = move || Frames(VecDeque::from([body.clone()]));
    let mut router = Router::new([Target::new("a", Canned::new(reply, "application/json"))])?;
    let (parts, body) = chat(1 << 10, false)?.into_parts();
    for _ in 0..times {
        let request = Request::from_parts(parts.clone(), body.clone());
        drain(now(router.call(request))?.into_body())?;
    }
    Ok(())
}

/// A request of 1 KB, its parameters converted for Fireworks, and a plain reply of 1.1 KB.
fn request_params(times: u32, model: &str, more: &str) -> Result<(), Error> {
    let body = Bytes::from(plain_reply());
    let reply = move || Frames(VecDeque::from([body.clone()]));
    let mut service = ParamsLayer::new(Fireworks).layer(Canned::new(reply, "application/json"));
    let prompt: String = PROSE.chars().cycle().take(800).collect();
    let request = Bytes::from(format!(
        r#"{{"model":"{model}","messages":[{{"role":"system","content":"You are a helpful assistant."}},{{"role":"user","content":"{prompt}"}}],"temperature":0.7{more},"stream":false}}"#
    ));
    let (parts, ()) = Request::post("/v1/chat/completions").body(())?.into_parts();
    for _ in 0..times {
        let request = Request::from_parts(parts.clone(), Full::from(request.clone()));
        drain(now(service.call(request))?.into_body())?;
    }
    Ok(())
}

/// A request with a prompt of so many bytes, and a plain reply of 1.1 KB.
fn request_pii(times: u32, prompt: usize) -> Result<(), Error> {
    let body = Bytes::from(plain_reply());
    let reply = move || Frames(VecDeque::from([body.clone()]));
    let mut service = policy(reply, "application/json")?;
    let (parts, body) = chat(prompt, false)?.into_parts();
    for _ in 0..times {
        let request = Request::from_parts(parts.clone(), body.clone());
        drain(now(service.call(request))?.into_body())?;
    }
    Ok(())
}

/// A text of 1 KB is redacted.
fn redact(times: u32, text: &str) -> Result<(), Error> {
    let detector = Detector::new(&PiiConfig::new())?;
    let text: String = text.chars().cycle().take(1 << 10).collect();
    for _ in 0..times {
        std::hint::black_box(detector.redact(std::hint::black_box(&text)));
    }
    Ok(())
}

/// The policy layer with PII redaction over a service that answers at once.
fn policy<R: Fn() -> Frames>(
    reply: R,
    content_type: &'static str,
) -> Result<PolicyService<Canned<R>>, Error> {
    let layer = PolicyLayer::new(PiiPolicy::new(&PiiConfig::new())?);
    Ok(layer.layer(Canned::new(reply, content_type)))
}

/// Answers each request at once and in the same way.
#[derive(Clone)]
struct Canned<R> {
    reply: R,
    content_type: http::HeaderValue,
}

impl<R> Canned<R> {
    fn new(reply: R, content_type: &'static str) -> Self {
        Self {
            reply,
            content_type: http::HeaderValue::from_static(content_type),
        }
    }
}

impl<R: Fn() -> Frames, B> Service<Request<B>> for Canned<R> {
    type Response = Response<Frames>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        let mut response = Response::new((self.reply)());
        let content_type = self.content_type.clone();
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        std::future::ready(Ok(response))
    }
}

fn chat(prompt: usize, stream: bool) -> Result<Request<Full<Bytes>>, Error> {
    let prompt: String = PROSE.chars().cycle().take(prompt).collect();
    let body = format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":"{prompt}"}}],"stream":{stream}}}"#
    );
    Ok(Request::post("/v1/chat/completions").body(Full::from(body))?)
}

fn plain_reply() -> String {
    let text: String = PROSE.chars().cycle().take(800).collect();
    format!(
        r#"{{"id":"6a1c9a0e-5d0b-4d67-9a54-1f2d6f1b7c11","object":"chat.completion","created":1795246800,"model":"m","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}"}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":212,"total_tokens":382,"completion_tokens":170}}}}"#
    )
}

/// A body in memory, one frame after the other.
struct Frames(VecDeque<Bytes>);

impl Frames {
    /// Chat chunks of about 250 bytes with a word each, a frame each.
    fn events(count: u32) -> Self {
        let words: Vec<&str> = PROSE.split(' ').collect();
        let event = |index: u32| {
            let mut event = String::new();
            let word = words[index as usize % words.len()];
            // A String takes everything.
            let _ = write!(
                event,
                "data: {{\"id\":\"6a1c9a0e-5d0b-4d67-9a54-1f2d6f1b7c11\",\"object\":\"chat.completion.chunk\",\"created\":1795246800,\"model\":\"accounts/fireworks/models/gpt-oss-120b\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\" {word}\"}},\"finish_reason\":null}}],\"usage\":null}}\n\n"
            );
            Bytes::from(event)
        };
        Self((0..count).map(event).collect())
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|data| Ok(Frame::data(data))))
    }
}

fn drain<B: Body>(body: B) -> Result<(), Error> {
    let mut body = pin!(body);
    let mut frames = 0_u32;
    loop {
        match body
            .as_mut()
            .poll_frame(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(Some(Ok(frame))) => {
                std::hint::black_box(frame.is_data());
                frames += 1;
            }
            Poll::Ready(Some(Err(_))) => return Err("the body broke off".into()),
            Poll::Ready(None) if frames == 0 => return Err("the body is empty".into()),
            Poll::Ready(None) => return Ok(()),
            // A body that gives other tasks their turn goes on with the next poll.
            Poll::Pending => {}
        }
    }
}

/// Nothing here ever waits, so one poll is the whole future.
fn now<F: Future<Output = Result<T, Infallible>>, T>(future: F) -> Result<T, Error> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(output)) => Ok(output),
        Poll::Ready(Err(never)) => match never {},
        Poll::Pending => Err("something waits".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_work_can_be_done() {
        for (name, work) in ALL {
            assert!(work(3).is_ok(), "{name}");
        }
    }
}
