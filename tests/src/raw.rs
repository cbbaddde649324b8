//! A bare TCP connection, for what no HTTP client would send or notice.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::within;

/// A connection to one server.
#[derive(Debug)]
pub struct RawConnection {
    stream: TcpStream,
    pending: Vec<u8>,
}

/// A reply with a `content-length`, as it stood on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawReply {
    /// Its status.
    pub status: u16,
    /// The head: status line and headers.
    pub head: String,
    /// The body.
    pub body: String,
}

impl RawConnection {
    /// Connects.
    ///
    /// # Panics
    ///
    /// When nobody listens.
    pub async fn open(server: SocketAddr) -> Self {
        let stream = within("a connection", TcpStream::connect(server))
            .await
            .unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            pending: Vec::new(),
        }
    }

    /// Connects with a small receive buffer, as a slow reader on a thin line has.
    ///
    /// # Panics
    ///
    /// When nobody listens.
    pub async fn open_narrow(server: SocketAddr) -> Self {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        let stream = within("a connection", socket.connect(server))
            .await
            .unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            pending: Vec::new(),
        }
    }

    /// Sends bytes as they are.
    ///
    /// # Panics
    ///
    /// When the other side has closed.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        within("sending", self.stream.write_all(bytes.as_ref()))
            .await
            .unwrap();
    }

    /// Sends a request with a JSON body and a `content-length`.
    pub async fn post(&mut self, path: &str, headers: &str, body: &str) {
        let length = body.len();
        self.send(format!(
            "POST {path} HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n{headers}\r\n{body}"
        ))
        .await;
    }

    /// The next reply, which must have a `content-length`.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub async fn reply(&mut self) -> RawReply {
        let head = self.until("\r\n\r\n").await.expect("the head of a reply");
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length: usize = head
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length:")?
                    .trim()
                    .parse()
                    .ok()
            })
            .unwrap_or(0);
        while self.pending.len() < length {
            assert!(self.more().await, "the body of a reply breaks off");
        }
        let body = String::from_utf8(self.pending.drain(..length).collect()).unwrap();
        RawReply { status, head, body }
    }

    /// Everything up to and with `mark`; `None` when the connection ends before.
    pub async fn until(&mut self, mark: &str) -> Option<String> {
        loop {
            let found = self
                .pending
                .windows(mark.len())
                .position(|window| window == mark.as_bytes());
            if let Some(start) = found {
                let text = self.pending.drain(..start + mark.len()).collect();
                return Some(String::from_utf8(text).unwrap());
            }
            if !self.more().await {
                return None;
            }
        }
    }

    /// Everything until the other side closes or resets the connection.
    pub async fn to_end(mut self) -> String {
        while self.more().await {}
        String::from_utf8_lossy(&self.pending).into_owned()
    }

    async fn more(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        match within("bytes", self.stream.read(&mut buffer)).await {
            Ok(0) | Err(_) => false,
            Ok(read) => {
                self.pending.extend_from_slice(&buffer[..read]);
                true
            }
        }
    }
}
