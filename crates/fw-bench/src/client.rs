//! One connection of the load generator: requests as ready-made bytes, replies checked as they come.

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::BytesMut;
use memchr::memmem;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::{
    Error,
    http1::{Side, read_body, read_head},
    mock::{MODEL, ORDER, Order, SENT, SENT_DIGITS, unix_nanos},
    stats::Samples,
};

/// A keep-alive connection with TCP_NODELAY set.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    buffer: BytesMut,
    events: Events,
}

/// What one streamed reply showed.
#[derive(Clone, Copy, Debug)]
pub struct Streamed {
    /// From the request's first byte out to the first event with content in.
    pub first: Duration,
    /// All events, `[DONE]` included.
    pub events: u64,
}

// === impl Connection ===

impl Connection {
    /// Connects.
    pub async fn open(to: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: BytesMut::with_capacity(4 * 1024),
            events: Events::default(),
        })
    }

    /// Sends a request for a plain reply and reads the reply. The reply's text is looked at only
    /// when `check` is set: reading it all would make the load generator the slowest part.
    pub async fn plain(&mut self, request: &[u8], check: bool) -> Result<(), Error> {
        self.stream.write_all(request).await?;
        let mut head = self.head().await?;
        let mut length = 0;
        let mut body = Vec::new();
        read_body(
            &mut self.stream,
            &mut self.buffer,
            &mut head.framing,
            |piece| {
                length += piece.len();
                if check {
                    body.extend_from_slice(piece);
                }
            },
        )
        .await?;
        if length < 1_000 {
            return Err(format!("a reply of {length} bytes, more than 1,000 were sent").into());
        }
        let end = br#""usage":{"prompt_tokens":212,"#;
        if check && memmem::find(&body, end).is_none() {
            return Err("a reply without the usage that was sent".into());
        }
        Ok(())
    }

    /// Sends a request for a stream and reads the stream to its end.
    ///
    /// # Errors
    ///
    /// A stream with fewer or more chunks than ordered is a failure, and so is one without `[DONE]`.
    pub async fn stream(
        &mut self,
        request: &[u8],
        order: Order,
        mut delivery: Option<&mut Samples>,
    ) -> Result<Streamed, Error> {
        let began = Instant::now();
        self.stream.write_all(request).await?;
        let mut head = self.head().await?;
        self.events.reset();
        let mut first = None;
        let events = &mut self.events;
        read_body(
            &mut self.stream,
            &mut self.buffer,
            &mut head.framing,
            |piece| {
                let now = if delivery.is_some() { unix_nanos() } else { 0 };
                events.feed(piece, |sent| {
                    if let Some(delivery) = &mut delivery {
                        delivery.push(now.saturating_sub(sent));
                    }
                });
                if events.content > 0 {
                    first.get_or_insert_with(|| began.elapsed());
                }
            },
        )
        .await?;
        if self.events.content != u64::from(order.chunks) || !self.events.done {
            return Err(format!(
                "{} of {} chunks arrived, [DONE] {}",
                self.events.content,
                order.chunks,
                if self.events.done { "too" } else { "did not" },
            )
            .into());
        }
        Ok(Streamed {
            first: first.ok_or("a stream without content")?,
            events: self.events.seen,
        })
    }

    async fn head(&mut self) -> Result<crate::http1::Head, Error> {
        let head = read_head(&mut self.stream, &mut self.buffer, Side::Response).await?;
        let head = head.ok_or("the connection was closed before a reply")?;
        if head.status != 200 {
            return Err(format!("status {}", head.status).into());
        }
        Ok(head)
    }
}

/// Counts server-sent events in any cut of their bytes.
#[derive(Debug, Default)]
struct Events {
    torn: Vec<u8>,
    seen: u64,
    content: u64,
    done: bool,
}

impl Events {
    fn reset(&mut self) {
        self.torn.clear();
        (self.seen, self.content, self.done) = (0, 0, false);
    }

    /// Calls `sent` with the send time of each complete event that has one.
    fn feed(&mut self, piece: &[u8], mut sent: impl FnMut(u64)) {
        let mut held = std::mem::take(&mut self.torn);
        let mut rest = if held.is_empty() {
            piece
        } else {
            held.extend_from_slice(piece);
            &held
        };
        while let Some(end) = memmem::find(rest, b"\n\n") {
            let event = &rest[..end];
            rest = &rest[end + 2..];
            self.seen += 1;
            if let Some(time) = sent_time(event) {
                self.content += 1;
                sent(time);
            } else if event == b"data: [DONE]" {
                self.done = true;
            }
        }
        self.torn = rest.to_vec();
    }
}

fn sent_time(event: &[u8]) -> Option<u64> {
    let at = memmem::find(event, SENT.as_bytes())? + SENT.len();
    let letters = event.get(at..at + SENT_DIGITS)?;
    letters.iter().try_fold(0_u64, |time, letter| {
        let digit = letter.checked_sub(b'a').filter(|digit| *digit < 10)?;
        time.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// A request for a plain reply, its prompt filled up to `bytes`.
#[must_use]
pub fn plain_request(to: SocketAddr, bytes: usize) -> Vec<u8> {
    request(to, "", bytes, "")
}

/// A request for a stream, its prompt filled up to `bytes`.
#[must_use]
pub fn stream_request(to: SocketAddr, bytes: usize, order: Order) -> Vec<u8> {
    let order = format!("{ORDER}{}:{}; ", order.chunks, order.pause.as_micros());
    request(to, &order, bytes, r#","stream":true"#)
}

fn request(to: SocketAddr, order: &str, bytes: usize, more: &str) -> Vec<u8> {
    const TEXT: &str = "Tell me which of the two foxes jumped over the dog first, and why. ";
    let mut prompt = order.to_owned();
    while prompt.len() < bytes {
        prompt.push_str(&TEXT[..TEXT.len().min(bytes - prompt.len())]);
    }
    let body = format!(
        r#"{{"model":"{MODEL}","messages":[{{"role":"user","content":"{prompt}"}}],"temperature":0.7,"max_tokens":512{more}}}"#
    );
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: {to}\r\nuser-agent: fw-bench\r\n\
         accept: */*\r\nauthorization: Bearer unused\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_in_any_cut() {
        let text =
            b"data: {\"content\":\" zyxbhjfcegiaabcdefghij\"}\n\ndata: {}\n\ndata: [DONE]\n\n";
        for cut in 0..=text.len() {
            let mut events = Events::default();
            let mut times = Vec::new();
            events.feed(&text[..cut], |time| times.push(time));
            events.feed(&text[cut..], |time| times.push(time));
            assert_eq!(
                (events.seen, events.content, events.done),
                (3, 1, true),
                "{cut}"
            );
            assert_eq!(times, [1_795_246_800_123_456_789]);
        }
    }

    #[test]
    fn a_request_is_filled_up_and_valid_json() {
        let to = SocketAddr::from(([127, 0, 0, 1], 1));
        let order = Order {
            chunks: 3,
            pause: Duration::from_millis(5),
        };
        let request = String::from_utf8(stream_request(to, 16 * 1024, order)).unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("content-length: {}", body.len())));
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        let prompt = body["messages"][0]["content"].as_str().unwrap();
        assert_eq!(prompt.len(), 16 * 1024);
        assert!(prompt.starts_with("bench-stream:3:5000; "));
    }
}
