//! An existing axum service that forwards chat requests, and a few lines added to it: long numbers do not
//! reach the client, however the model's stream cuts them.
//!
//! ```console
//! $ UPSTREAM_KEY=... cargo run -p fw-examples --example axum_filter -- http://127.0.0.1:8080/v1/chat/completions
//! ```

use std::env;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::Response,
    routing::post,
};
use fw_stream::{
    Channel, Edits, FilterText, ReplyHead, Scan, StreamLayer, TextFilter, Transform, Window,
};
use http::{StatusCode, Uri, header};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::net::TcpListener;

/// Numbers of at least this many digits are hidden.
const LONG: usize = 6;

/// What is hidden. A number at the end of what has come may go on, so the filter waits there.
struct HideNumbers;

impl TextFilter for HideNumbers {
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
        let text = window.text();
        let mut at = window.start();
        while let Some(found) = text[at..].find(|c: char| c.is_ascii_digit()) {
            let start = at + found;
            let digits = text[start..].find(|c: char| !c.is_ascii_digit());
            if digits.is_none() && !window.is_end() {
                return Scan::Settled(start);
            }
            at = digits.map_or(text.len(), |length| start + length);
            if at - start >= LONG {
                edits.replace(start..at, "[number]");
            }
        }
        Scan::Settled(text.len())
    }
}

/// Content, reasoning, tool arguments: every text of a streamed reply goes through a filter of its own.
fn hide_numbers(reply: &ReplyHead<'_>) -> Option<impl Transform + use<>> {
    let filters = |_: &Channel| Some(HideNumbers);
    Some(FilterText::new(reply.endpoint()?, filters))
}

/// The service as it was: where requests go, and with which key.
#[derive(Clone, Debug)]
struct Upstream {
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
        .layer(StreamLayer::new(hide_numbers)) // the line
        .with_state(Upstream { client, url, key })
}

async fn chat(
    State(upstream): State<Upstream>,
    request: Request,
) -> Result<Response, (StatusCode, String)> {
    let mut forward = http::Request::post(&upstream.url)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", upstream.key));
    // The layer asks for a reply that can be read; the upstream has to hear of it.
    if let Some(accept) = request.headers().get(header::ACCEPT_ENCODING) {
        forward = forward.header(header::ACCEPT_ENCODING, accept);
    }
    let forward = forward
        .body(request.into_body())
        .map_err(|error| (StatusCode::BAD_GATEWAY, error.to_string()))?;
    let reply = upstream.client.request(forward).await;
    reply
        .map(|reply| reply.map(Body::new))
        .map_err(|error| (StatusCode::BAD_GATEWAY, error.to_string()))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = env::args().nth(1).ok_or("usage: axum_filter UPSTREAM")?;
    let app = app(url.parse()?, env::var("UPSTREAM_KEY")?);
    let listener = TcpListener::bind("127.0.0.1:8090").await?;
    Ok(axum::serve(listener, app).await?)
}
