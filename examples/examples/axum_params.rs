//! An existing axum service that forwards chat requests to Fireworks, and one line added to it.
//!
//! Clients of the service speak OpenAI's dialect. Without the layer Fireworks refuses whatever it does
//! not know (`store`, `verbosity`, ...); with it, parameters are converted on the way in, replies on the
//! way out, and the header `x-fw-params` says what was changed.
//!
//! ```console
//! $ UPSTREAM_KEY=... cargo run -p fw-examples --example axum_params -- http://127.0.0.1:8080/v1/chat/completions
//! ```

use std::env;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::Response,
    routing::post,
};
use fw_params::{Dialect, ParamsLayer};
use http::{StatusCode, Uri, header};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::net::TcpListener;

/// The service as it was: where requests go, and with which key.
#[derive(Clone, Debug)]
struct Fireworks {
    client: Client<HttpConnector, Body>,
    url: Uri,
    key: String,
}

/// The service as it is now.
pub fn app(url: Uri, key: String) -> Router {
    // Plain HTTP, as to a sidecar; a TLS connector would go here.
    let client = Client::builder(TokioExecutor::new()).build_http();
    Router::new()
        .route("/v1/chat/completions", post(chat))
        .layer(ParamsLayer::new(Dialect::Fireworks)) // the line
        .with_state(Fireworks { client, url, key })
}

async fn chat(
    State(fireworks): State<Fireworks>,
    request: Request,
) -> Result<Response, (StatusCode, String)> {
    let upstream = http::Request::post(&fireworks.url)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", fireworks.key))
        .body(request.into_body())
        .map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    let reply = fireworks.client.request(upstream).await;
    reply
        .map(|reply| reply.map(Body::new))
        .map_err(|error| (StatusCode::BAD_GATEWAY, error.to_string()))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = env::args().nth(1).ok_or("usage: axum_params UPSTREAM")?;
    let app = app(url.parse()?, env::var("UPSTREAM_KEY")?);
    let listener = TcpListener::bind("127.0.0.1:8090").await?;
    Ok(axum::serve(listener, app).await?)
}
