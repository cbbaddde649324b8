//! An upstream that costs next to nothing, so that what is measured is the proxy before it.
//!
//! It speaks the shapes of the Fireworks chat endpoint (Fireworks API documentation, "Create chat
//! completion"): a plain reply of 1.1 KB, or a stream of chunks of about 250 bytes, each written to
//! the socket by itself and carrying the instant at which it was sent. It validates nothing and parses
//! no JSON: the simulator of `fw-sim` does both, and would take most of a two-core machine for itself.
//!
//! How many chunks, and how far apart, stands in the prompt, because a prompt is the one thing that
//! every gateway passes on unchanged: `bench-stream:COUNT:MICROSECONDS;`.

use std::{
    io,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::BytesMut;
use memchr::memmem;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    time,
};

use crate::http1::{Side, read_body, read_head};

/// Precedes the number of chunks and their distance in a prompt.
pub const ORDER: &str = "bench-stream:";
/// Precedes the send time in a chunk: nanoseconds since the Unix epoch, in 19 digits that are written as the
/// letters from `a` to `j`. So a chunk is a word, as it is with a model; a number of 19 digits in each of them
/// would be the worst case of a policy that looks for card numbers.
pub const SENT: &str = "zyx";
/// Digits of a send time.
pub const SENT_DIGITS: usize = 19;
/// Most chunks of one stream.
pub const MAX_CHUNKS: u32 = 100_000;
/// The model in every reply.
pub const MODEL: &str = "accounts/fireworks/models/gpt-oss-120b";

const STREAM_HEAD: &str = "HTTP/1.1 200 OK\r\n\
    content-type: text/event-stream\r\n\
    x-request-id: 6a1c9a0e-5d0b-4d67-9a54-1f2d6f1b7c11\r\n\
    server: istio-envoy\r\n\
    transfer-encoding: chunked\r\n\r\n";

/// Serves until the listener fails.
pub async fn serve(listener: TcpListener) -> io::Result<()> {
    let replies = std::sync::Arc::new(Replies::new());
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let replies = replies.clone();
        // A peer that goes away in mid-stream is part of the job.
        tokio::spawn(async move { connection(stream, &replies).await.ok() });
    }
}

async fn connection(mut stream: TcpStream, replies: &Replies) -> io::Result<()> {
    let mut buffer = BytesMut::with_capacity(4 * 1024);
    let mut body = Vec::new();
    while let Some(mut head) = read_head(&mut stream, &mut buffer, Side::Request).await? {
        body.clear();
        read_body(&mut stream, &mut buffer, &mut head.framing, |piece| {
            body.extend_from_slice(piece);
        })
        .await?;
        match Order::find(&body) {
            Some(order) => replies.stream(&mut stream, order).await?,
            None => stream.write_all(&replies.plain).await?,
        }
        if head.close {
            break;
        }
    }
    Ok(())
}

/// What a prompt asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Order {
    /// Chunks with content; a last chunk with the finish reason and `[DONE]` follow.
    pub chunks: u32,
    /// The pause before each chunk.
    pub pause: Duration,
}

impl Order {
    fn find(body: &[u8]) -> Option<Self> {
        let at = memmem::find(body, ORDER.as_bytes())? + ORDER.len();
        let order = std::str::from_utf8(&body[at..]).ok()?.split(';').next()?;
        let (chunks, micros) = order.split_once(':')?;
        Some(Self {
            chunks: chunks.parse().ok().filter(|&chunks| chunks <= MAX_CHUNKS)?,
            pause: Duration::from_micros(micros.parse().ok()?),
        })
    }
}

/// The replies, made once.
#[derive(Debug)]
struct Replies {
    /// A whole response, head and body.
    plain: Vec<u8>,
    /// One streamed chunk in its transfer coding, with room for the send time.
    chunk: Vec<u8>,
    /// The first chunk, which tells the role.
    role: Vec<u8>,
    /// Where the send time goes.
    sent_at: usize,
    /// The last chunk, `[DONE]` and the end of the transfer coding.
    end: Vec<u8>,
}

impl Replies {
    fn new() -> Self {
        let text = "The quick brown fox jumps over the lazy dog. ".repeat(17);
        let body = format!(
            r#"{{"id":"6a1c9a0e-5d0b-4d67-9a54-1f2d6f1b7c11","object":"chat.completion","created":1795246800,"model":"{MODEL}","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}"}},"finish_reason":"stop","logprobs":null}}],"usage":{{"prompt_tokens":212,"total_tokens":382,"completion_tokens":170,"prompt_tokens_details":{{"cached_tokens":64}}}}}}"#
        );
        let plain = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             x-request-id: 6a1c9a0e-5d0b-4d67-9a54-1f2d6f1b7c11\r\nserver: istio-envoy\r\n\r\n{body}",
            body.len()
        );
        let digits = "0".repeat(SENT_DIGITS);
        let chunk = coded(&event(
            &format!(r#"{{"content":" {SENT}{digits}"}}"#),
            "null",
            "null",
        ));
        let end = coded(&event(
            "{}",
            r#""stop""#,
            r#"{"prompt_tokens":212,"total_tokens":412,"completion_tokens":200}"#,
        ));
        let role = coded(&event(
            r#"{"role":"assistant","content":""}"#,
            "null",
            "null",
        ));
        let done = coded("data: [DONE]\n\n");
        Self {
            plain: plain.into_bytes(),
            sent_at: chunk.find(SENT).map_or(0, |at| at + SENT.len()),
            chunk: chunk.into_bytes(),
            role: role.into_bytes(),
            end: format!("{end}{done}0\r\n\r\n").into_bytes(),
        }
    }

    async fn stream(&self, to: &mut TcpStream, order: Order) -> io::Result<()> {
        to.write_all(STREAM_HEAD.as_bytes()).await?;
        let mut chunk = self.chunk.clone();
        to.write_all(&self.role).await?;
        let mut due = time::Instant::now();
        for _ in 0..order.chunks {
            if !order.pause.is_zero() {
                due += order.pause;
                time::sleep_until(due).await;
            }
            stamp(&mut chunk[self.sent_at..], unix_nanos());
            to.write_all(&chunk).await?;
        }
        to.write_all(&self.end).await
    }
}

fn event(delta: &str, finish: &str, usage: &str) -> String {
    format!(
        "data: {{\"id\":\"6a1c9a0e-5d0b-4d67-9a54-1f2d6f1b7c11\",\"object\":\"chat.completion.chunk\",\
         \"created\":1795246800,\"model\":\"{MODEL}\",\"choices\":[{{\"index\":0,\"delta\":{delta},\
         \"finish_reason\":{finish}}}],\"usage\":{usage}}}\n\n"
    )
}

/// One chunk of the chunked transfer coding.
fn coded(payload: &str) -> String {
    format!("{:x}\r\n{payload}\r\n", payload.len())
}

fn stamp(digits: &mut [u8], mut nanos: u64) {
    for digit in digits[..SENT_DIGITS].iter_mut().rev() {
        *digit = b'a' + (nanos % 10) as u8;
        nanos /= 10;
    }
}

/// Nanoseconds since the Unix epoch: a clock that all processes on one machine share.
#[must_use]
pub fn unix_nanos() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_found_in_a_prompt() {
        let body = br#"{"messages":[{"role":"user","content":"bench-stream:200:5000; hello"}]}"#;
        let order = Order {
            chunks: 200,
            pause: Duration::from_millis(5),
        };
        assert_eq!(Order::find(body), Some(order));
        assert_eq!(Order::find(br#"{"content":"hello"}"#), None);
        assert_eq!(Order::find(b"bench-stream:999999999:0;"), None);
    }

    #[test]
    fn replies_have_the_sizes_that_the_workloads_speak_of() {
        let replies = Replies::new();
        assert!((1_050..1_400).contains(&replies.plain.len()));
        assert!(
            (230..280).contains(&replies.chunk.len()),
            "{}",
            replies.chunk.len()
        );
    }

    #[test]
    fn a_send_time_fills_its_place() {
        let mut chunk = Replies::new();
        let at = chunk.sent_at;
        stamp(&mut chunk.chunk[at..], 1_795_246_800_123_456_789);
        let text = String::from_utf8(chunk.chunk).unwrap();
        assert!(
            text.contains(r#""content":" zyxbhjfcegiaabcdefghij""#),
            "{text}"
        );
    }
}
