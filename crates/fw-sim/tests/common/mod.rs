//! A small HTTP/1.1 client over a bare socket, so that tests see every byte and every reset.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

use std::io;

use fw_sim::{Running, Simulator};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const MODEL: &str = "accounts/fireworks/models/glm-5p3";
pub const KEY: &str = "fw_acme";

/// What came back, and how it ended.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    /// Without the chunked framing.
    pub body: String,
    /// The framing was complete.
    pub complete: bool,
    pub error: Option<io::ErrorKind>,
}

impl Reply {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let line = self
            .head
            .lines()
            .find(|l| l.to_ascii_lowercase().starts_with(&format!("{name}:")))?;
        Some(line.split_once(':')?.1.trim())
    }

    #[track_caller]
    pub fn message(&self) -> String {
        self.json()["error"]["message"]
            .as_str()
            .unwrap_or_else(|| panic!("{self:?}"))
            .to_owned()
    }

    /// The JSON of each data line; `[DONE]` is a string.
    #[track_caller]
    pub fn events(&self) -> Vec<Value> {
        let lines = self.body.lines().filter_map(|l| l.strip_prefix("data: "));
        lines
            .map(|data| {
                if data == "[DONE]" {
                    json!(data)
                } else {
                    serde_json::from_str(data).unwrap()
                }
            })
            .collect()
    }

    /// The names on `event:` lines.
    pub fn event_names(&self) -> Vec<&str> {
        self.body
            .lines()
            .filter_map(|l| l.strip_prefix("event: "))
            .collect()
    }
}

pub async fn start() -> Running {
    Simulator::new().start().await.unwrap()
}

pub fn user(text: &str) -> Value {
    json!({"model": MODEL, "messages": [{"role": "user", "content": text}]})
}

/// Members of `more` on top of a body.
pub fn with(mut body: Value, more: Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

pub async fn chat(sim: &Running, body: &Value) -> Reply {
    post(sim, "/inference/v1/chat/completions", body, &[]).await
}

/// Chat with knobs as headers.
pub async fn chat_with(sim: &Running, body: &Value, headers: &[(&str, &str)]) -> Reply {
    post(sim, "/inference/v1/chat/completions", body, headers).await
}

pub async fn post(sim: &Running, path: &str, body: &Value, headers: &[(&str, &str)]) -> Reply {
    send(sim, "POST", path, &body.to_string(), headers).await
}

pub async fn get(sim: &Running, path: &str) -> Reply {
    send(sim, "GET", path, "", &[]).await
}

/// Opens a connection and writes a request that asks for the close of it.
pub async fn open(
    sim: &Running,
    method: &str,
    path: &str,
    body: &str,
    headers: &[(&str, &str)],
) -> TcpStream {
    let mut stream = TcpStream::connect(sim.addr()).await.unwrap();
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nhost: sim\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    if !headers
        .iter()
        .any(|(name, _)| *name == "authorization" || *name == "x-api-key")
    {
        head.push_str(&format!("authorization: Bearer {KEY}\r\n"));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    head.push_str(body);
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

pub async fn send(
    sim: &Running,
    method: &str,
    path: &str,
    body: &str,
    headers: &[(&str, &str)],
) -> Reply {
    let mut stream = open(sim, method, path, body, headers).await;
    let mut bytes = Vec::new();
    let error = stream.read_to_end(&mut bytes).await.err().map(|e| e.kind());
    parse(&bytes, error)
}

fn parse(bytes: &[u8], error: Option<io::ErrorKind>) -> Reply {
    let Some(split) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else {
        return Reply {
            status: 0,
            head: String::new(),
            body: String::new(),
            complete: false,
            error,
        };
    };
    let head = String::from_utf8(bytes[..split].to_vec()).unwrap();
    let rest = &bytes[split + 4..];
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let lower = head.to_ascii_lowercase();
    let (body, complete) = if lower.contains("transfer-encoding: chunked") {
        dechunk(rest)
    } else {
        let length = lower
            .lines()
            .find_map(|l| l.strip_prefix("content-length: "))
            .map(|n| n.parse().unwrap());
        (rest.to_vec(), length.is_none_or(|n: usize| n == rest.len()))
    };
    Reply {
        status,
        head,
        body: String::from_utf8(body).unwrap(),
        complete,
        error,
    }
}

fn dechunk(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        let Some(end) = rest.windows(2).position(|w| w == b"\r\n") else {
            return (body, false);
        };
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        rest = &rest[end + 2..];
        if size == 0 {
            return (body, true);
        }
        if rest.len() < size + 2 {
            body.extend_from_slice(&rest[..rest.len().min(size)]);
            return (body, false);
        }
        body.extend_from_slice(&rest[..size]);
        rest = &rest[size + 2..];
    }
}
