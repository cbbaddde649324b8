//! A plain hyper service that forwards chat requests, with one thing added: it sees how streams end.
//!
//! `fw_stream::StreamBody` passes the bytes on as they come, and `Observe` tells at the end why the
//! stream ended, how many tokens it used and when the first content came; also when the client hung up.
//!
//! ```console
//! $ cargo run -p fw-examples --example hyper_stream -- http://127.0.0.1:8080/v1/chat/completions
//! ```

use std::{env, io, time::Instant};

use fw_stream::{Observation, Observe, StreamBody, is_event_stream};
use fw_wire::Endpoint;
use http::{Request, Response, Uri, header};
use http_body_util::Either;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::client::legacy::{self, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{net::TcpListener, sync::mpsc};

type Client = legacy::Client<HttpConnector, Incoming>;
type Report = Box<dyn FnOnce(Observation) + Send>;
type Body = Either<StreamBody<Incoming, Observe<Report>>, Incoming>;

/// Tells of one stream: when its request came, and what was seen.
pub type Seen = mpsc::UnboundedSender<(Instant, Observation)>;

/// Accepts connections until the listener fails.
pub async fn app(listener: TcpListener, upstream: Uri, seen: Seen) -> io::Result<()> {
    // Plain HTTP, as to a sidecar; a TLS connector would go here.
    let client = legacy::Client::builder(TokioExecutor::new()).build_http();
    loop {
        let (stream, _) = listener.accept().await?;
        // Without this, the first chunk of a stream waits for the client's delayed ACK.
        stream.set_nodelay(true)?;
        let (client, upstream, seen) = (client.clone(), upstream.clone(), seen.clone());
        let service = service_fn(move |request| {
            forward(client.clone(), upstream.clone(), seen.clone(), request)
        });
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move { connection.await.ok() });
    }
}

async fn forward(
    client: Client,
    upstream: Uri,
    seen: Seen,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, legacy::Error> {
    let began = Instant::now();
    *request.uri_mut() = upstream;
    request.headers_mut().remove(header::HOST);
    let response = client.request(request).await?;
    let kind = response.headers().get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| is_event_stream(kind.as_bytes())) {
        return Ok(response.map(Either::Right));
    }
    // What was added.
    let report: Report = Box::new(move |what| drop(seen.send((began, what))));
    let observe = Observe::new(Endpoint::ChatCompletions, report);
    Ok(response.map(|body| Either::Left(StreamBody::new(body, observe))))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (seen, mut streams) = mpsc::unbounded_channel();
    let upstream = env::args().nth(1).ok_or("which upstream?")?.parse()?;
    let listener = TcpListener::bind("127.0.0.1:8090").await?;
    tokio::spawn(app(listener, upstream, seen));
    while let Some((began, stream)) = streams.recv().await {
        let first = stream.first_content.map(|at| at.duration_since(began));
        let line = format!("{}, {first:?}, {:?}\n", stream.end, stream.usage);
        io::Write::write_all(&mut io::stdout(), line.as_bytes())?;
    }
    Ok(())
}
