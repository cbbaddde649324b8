//! Small servers on the loopback interface.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use fw_provider::{Provider, ProviderBody, ProviderConfig, ProviderError};
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tower::{Service, ServiceExt};

pub type Body = UnsyncBoxBody<Bytes, Infallible>;
pub type Client = Provider<Full<Bytes>>;

/// Nothing in these tests waits this long unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct Upstream {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Upstream {
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn config(&self) -> ProviderConfig {
        ProviderConfig::new("fireworks")
            .id("main")
            .base_url(self.url())
            .api_key("fw_key")
    }

    pub fn client(&self) -> Client {
        Provider::new(self.config()).unwrap()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Gives each connection to `handle`.
pub async fn raw<F, Fut>(handle: F) -> Upstream
where
    F: Fn(TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = connections.clone();
    let task = tokio::spawn(async move {
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            tcp.set_nodelay(true).unwrap();
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(handle(tcp));
        }
    });
    Upstream {
        address,
        connections,
        task,
    }
}

/// An HTTP/1.1 and HTTP/2 server.
pub async fn serve<F, Fut>(handle: F) -> Upstream
where
    F: Fn(Request<Incoming>) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Response<Body>> + Send + 'static,
{
    serve_with(auto::Builder::new(TokioExecutor::new()), handle).await
}

pub async fn serve_with<F, Fut>(builder: auto::Builder<TokioExecutor>, handle: F) -> Upstream
where
    F: Fn(Request<Incoming>) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Response<Body>> + Send + 'static,
{
    raw(move |tcp| serve_connection(builder.clone(), tcp, handle.clone())).await
}

pub async fn serve_connection<I, F, Fut>(builder: auto::Builder<TokioExecutor>, io: I, handle: F)
where
    I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    F: Fn(Request<Incoming>) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Response<Body>> + Send + 'static,
{
    let service = service_fn(move |request| {
        let reply = handle(request);
        async move { Ok::<_, Infallible>(reply.await) }
    });
    // A client that goes away in the middle is part of some tests.
    let _ = builder.serve_connection(TokioIo::new(io), service).await;
}

pub fn text(text: impl Into<Bytes>) -> Body {
    Full::new(text.into()).boxed_unsync()
}

pub fn post(path: &str) -> Request<Full<Bytes>> {
    Request::post(path).body(Full::from("{}")).unwrap()
}

pub async fn send(
    client: &Client,
    request: Request<Full<Bytes>>,
) -> Result<Response<ProviderBody>, ProviderError> {
    let mut client = client.clone();
    in_time(client.ready().await?.call(request)).await
}

pub async fn in_time<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("it hangs")
}

pub async fn whole(response: Response<ProviderBody>) -> String {
    let bytes = in_time(response.into_body().collect())
        .await
        .unwrap()
        .to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Reads an HTTP/1.1 request with a body of known length, or until the end.
pub async fn read_request(tcp: &mut TcpStream) -> String {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .to_ascii_lowercase()
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ").map(str::to_owned))
                .map_or(0, |it| it.parse().unwrap());
            if body.len() >= length {
                return text;
            }
        }
        if tcp.read_buf(&mut read).await.unwrap() == 0 {
            return text;
        }
    }
}
