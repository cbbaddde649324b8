//! The yardstick: a reverse proxy of hyper and hyper-util with nothing in it.
//!
//! It reads no body, knows no JSON and sets TCP_NODELAY on both sides. Whatever a gateway costs more
//! than this is what the gateway's own work costs.

use std::{convert::Infallible, io};

use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri, header, uri::Authority};
use http_body_util::{Either, Empty};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use tokio::net::TcpListener;

/// The upstream's body as it comes, or nothing in a refusal.
type Body = Either<Incoming, Empty<Bytes>>;

/// Fields that concern one connection only (RFC 9110 section 7.6.1).
const HOP_BY_HOP: [header::HeaderName; 5] = [
    header::CONNECTION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Serves until the listener fails.
pub async fn serve(listener: TcpListener, upstream: Authority) -> io::Result<()> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(connector);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let client = client.clone();
        let upstream = upstream.clone();
        let service = service_fn(move |request| forward(client.clone(), upstream.clone(), request));
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        // A client that goes away ends its connection with an error; nobody is left to tell.
        tokio::spawn(async move { connection.await.ok() });
    }
}

async fn forward(
    client: Client<HttpConnector, Incoming>,
    upstream: Authority,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    for name in &HOP_BY_HOP {
        request.headers_mut().remove(name);
    }
    request.headers_mut().remove(header::HOST);
    let path = request.uri().path_and_query().cloned();
    let uri = Uri::builder()
        .scheme("http")
        .authority(upstream)
        .path_and_query(path.unwrap_or_else(|| http::uri::PathAndQuery::from_static("/")))
        .build();
    let Ok(uri) = uri else {
        return Ok(refusal(StatusCode::BAD_REQUEST));
    };
    *request.uri_mut() = uri;
    match client.request(request).await {
        Ok(mut response) => {
            for name in &HOP_BY_HOP {
                response.headers_mut().remove(name);
            }
            Ok(response.map(Either::Left))
        }
        Err(_) => Ok(refusal(StatusCode::BAD_GATEWAY)),
    }
}

fn refusal(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Either::Right(Empty::new()));
    *response.status_mut() = status;
    response
}
