//! The listener, its connections, and the handle of a running simulator.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use crate::body::Connection;
use crate::routes;
use crate::state::{Counters, Recorded, Shared};

/// How long a graceful shutdown waits for replies in flight.
const DRAIN: Duration = Duration::from_secs(5);

/// A running simulator. Dropping it ends it at once, connections included.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    shared: Arc<Shared>,
    shutdown: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

/// A connection's socket, which is reset instead of closed when a fault asked for it.
#[derive(Debug)]
struct Socket {
    stream: TcpStream,
    connection: Arc<Connection>,
}

/// Counts an open connection.
struct Open(Arc<Shared>);

pub(crate) fn serve(shared: Arc<Shared>, listener: TcpListener) -> io::Result<Running> {
    let address = listener.local_addr()?;
    let (shutdown, signal) = oneshot::channel();
    let task = tokio::spawn(accept(Arc::clone(&shared), listener, signal));
    Ok(Running {
        address,
        shared,
        shutdown: Some(shutdown),
        task,
    })
}

async fn accept(shared: Arc<Shared>, listener: TcpListener, mut signal: oneshot::Receiver<()>) {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .pipeline_flush(false);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(4096);
    let graceful = GracefulShutdown::new();
    // Aborted when dropped, so that dropping `Running` ends the connections too.
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Out of descriptors, or the peer is gone already: the next one may do.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            _ = &mut signal => break,
        };
        if stream.set_nodelay(true).is_err() {
            continue;
        }
        let connection = Arc::new(Connection::default());
        let io = TokioIo::new(Socket {
            stream,
            connection: Arc::clone(&connection),
        });
        let open = Open::new(Arc::clone(&shared));
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| {
            routes::handle(Arc::clone(&shared), Arc::clone(&connection), request)
        });
        let served = graceful.watch(builder.serve_connection(io, service).into_owned());
        connections.spawn(async move {
            let _open = open;
            // An error here is the peer's hang-up or a fault of our own making.
            let _ = served.await;
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(DRAIN) => {}
    }
}

// === impl Running ===

impl Running {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The address as a URL, `http://127.0.0.1:…`, without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The base URL for OpenAI clients, `http://127.0.0.1:…/inference/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}/inference/v1", self.address)
    }

    /// The last requests, oldest first.
    pub fn requests(&self) -> Vec<Arc<Recorded>> {
        self.shared.recorded()
    }

    /// What happened so far.
    pub fn counters(&self) -> Counters {
        *self.shared.counters.borrow()
    }

    /// Requests whose reply has not ended.
    pub fn in_flight(&self) -> u64 {
        self.counters().in_flight
    }

    /// Replies that ended early because the client hung up.
    pub fn cancelled(&self) -> u64 {
        self.counters().cancelled
    }

    /// Waits until the counters satisfy a condition, and returns them. Wakes on events, never polls.
    pub async fn wait_for(&self, mut condition: impl FnMut(&Counters) -> bool) -> Counters {
        let mut receiver = self.shared.counters.subscribe();
        // The sender lives as long as `self`, so the channel cannot be closed.
        match receiver.wait_for(|counters| condition(counters)).await {
            Ok(counters) => *counters,
            Err(_) => self.counters(),
        }
    }

    /// Forgets requests, counters, cached prompts, stored responses and faults counted.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// Stops listening, lets replies in flight end for up to five seconds, then closes.
    pub async fn shutdown(mut self) {
        if let Some(shutdown) = self.shutdown.take() {
            let _ = shutdown.send(());
        }
        let _ = (&mut self.task).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

// === impl Open ===

impl Open {
    fn new(shared: Arc<Shared>) -> Self {
        shared.count(|c| {
            c.connections += 1;
            c.open_connections += 1;
        });
        Self(shared)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0
            .count(|c| c.open_connections = c.open_connections.saturating_sub(1));
    }
}

// === impl Socket ===

impl Drop for Socket {
    fn drop(&mut self) {
        if self.connection.is_reset() {
            // Closing without lingering sends RST (RFC 9293 section 3.10.7, as sockets expose it).
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.connection.is_reset() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// A reply could not be given because a fault broke the connection off first.
pub(crate) type Aborted = io::Error;
