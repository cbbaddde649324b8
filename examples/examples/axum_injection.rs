//! An existing axum service that forwards chat requests, and one line added to it: attempts to take over the
//! model's instructions are refused, from users and from what tools answered.
//!
//! ```console
//! $ UPSTREAM_KEY=... cargo run -p fw-examples --example axum_injection -- http://127.0.0.1:8080/v1/chat/completions
//! ```

use std::env;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::Response,
    routing::post,
};
use fw_policy_injection::{ConfigError, InjectionConfig, InjectionLayer, Thresholds};
use http::{StatusCode, Uri, header};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::net::TcpListener;

/// The service as it was: where requests go, and with which key.
#[derive(Clone, Debug)]
struct Upstream {
    client: Client<HttpConnector, Body>,
    url: Uri,
    key: String,
}

/// The service as it is now.
pub fn app(url: Uri, key: String) -> Result<Router, ConfigError> {
    // Plain HTTP, as to a sidecar; a TLS connector would go here.
    let client = Client::builder(TokioExecutor::new()).build_http();
    let config = InjectionConfig::new().thresholds(Thresholds::new().tool(0.4));
    Ok(Router::new()
        .route("/v1/chat/completions", post(chat))
        .layer(InjectionLayer::new(&config)?) // the line
        .with_state(Upstream { client, url, key }))
}

async fn chat(
    State(upstream): State<Upstream>,
    request: Request,
) -> Result<Response, (StatusCode, String)> {
    let forward = http::Request::post(&upstream.url)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", upstream.key))
        .body(request.into_body())
        .map_err(|error| (StatusCode::BAD_GATEWAY, error.to_string()))?;
    let reply = upstream.client.request(forward).await;
    reply
        .map(|reply| reply.map(Body::new))
        .map_err(|error| (StatusCode::BAD_GATEWAY, error.to_string()))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = env::args().nth(1).ok_or("usage: axum_injection UPSTREAM")?;
    let app = app(url.parse()?, env::var("UPSTREAM_KEY")?)?;
    let listener = TcpListener::bind("127.0.0.1:8090").await?;
    Ok(axum::serve(listener, app).await?)
}
