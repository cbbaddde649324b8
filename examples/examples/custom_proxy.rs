//! A proxy of one's own that reuses one part: the upstream client.
//!
//! Its own logic is a house rule about who may spend what: requests of the research team go to a
//! dedicated deployment, everybody else's to the serverless API. `fw_provider::Provider` does the rest:
//! paths, keys, headers, timeouts, pooled connections.
//!
//! ```console
//! $ FIREWORKS_API_KEY=... RESEARCH_URL=https://... RESEARCH_KEY=... \
//!     cargo run -p fw-examples --example custom_proxy
//! ```

use std::{convert::Infallible, env, io};

use bytes::Bytes;
use fw_provider::{Provider, ProviderBody, ProviderConfig};
use fw_wire::ErrorShape;
use http::{Request, Response};
use http_body_util::{Either, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tower::Service;

/// The upstreams between which the house rule decides.
#[derive(Clone, Debug)]
pub struct Upstreams {
    /// Everybody's.
    pub serverless: Provider<Incoming>,
    /// For the research team.
    pub dedicated: Provider<Incoming>,
}

/// Accepts connections until the listener fails.
pub async fn app(listener: TcpListener, upstreams: Upstreams) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        // Without this, the first chunk of a stream waits for the client's delayed ACK.
        stream.set_nodelay(true)?;
        let upstreams = upstreams.clone();
        let proxy = service_fn(move |request| forward(upstreams.clone(), request));
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), proxy);
        tokio::spawn(async move { connection.await.ok() });
    }
}

type Body = Either<ProviderBody, Full<Bytes>>;

async fn forward(
    upstreams: Upstreams,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let mut upstream = match request.headers().get("x-team") {
        Some(team) if team == "research" => upstreams.dedicated,
        _ => upstreams.serverless,
    };
    // A provider is always ready: it needs no `poll_ready` first.
    Ok(match upstream.call(request).await {
        Ok(response) => response.map(Either::Left),
        Err(error) => error
            .to_api_error()
            .to_response(ErrorShape::OpenAi)
            .map(|body| Either::Right(Full::new(body))),
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = |name: &str| env::var(name).unwrap_or_default();
    let serverless = ProviderConfig::new("fireworks").api_key(key("FIREWORKS_API_KEY"));
    let dedicated = ProviderConfig::new("fireworks")
        .base_url(env::var("RESEARCH_URL")?)
        .api_key(key("RESEARCH_KEY"));
    let upstreams = Upstreams {
        serverless: Provider::new(serverless)?,
        dedicated: Provider::new(dedicated)?,
    };
    Ok(app(TcpListener::bind("127.0.0.1:8090").await?, upstreams).await?)
}
