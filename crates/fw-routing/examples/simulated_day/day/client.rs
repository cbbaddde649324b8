//! A client: it asks once, takes what comes, and notes when.

use std::time::Duration;

use bytes::Bytes;
use fw_routing::{ATTEMPTS_HEADER, Router, TARGET_HEADER};
use http::{HeaderValue, Method, Response, Uri, header};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tokio::time::{Instant, timeout_at};
use tower_service::Service;

use super::{
    fleet::{FLEET, Server},
    traffic::Request,
};

/// How long a client waits for the first token.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

const BODY: &[u8] =
    br#"{"model":"m","stream":true,"messages":[{"role":"user","content":"Tell me more."}]}"#;

/// What a client saw of one request.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// When it asked, since the start.
    pub(crate) at: Duration,
    /// How long it took to the first token, if one came.
    pub(crate) first_token: Option<Duration>,
    /// Whether the reply was whole.
    pub(crate) is_whole: bool,
    pub(crate) attempts: u32,
    /// Which target answered last.
    pub(crate) target: Option<usize>,
}

/// Sends one request and reads the reply to its end.
pub(crate) async fn ask(mut router: Router<Server>, request: Request) -> Seen {
    let started = Instant::now();
    let give_up = started + PATIENCE;
    let mut seen = Seen {
        at: request.at,
        first_token: None,
        is_whole: false,
        attempts: 0,
        target: None,
    };
    let answered = timeout_at(give_up, router.call(http_request(&request))).await;
    let Ok(Ok(response)) = answered else {
        // It cannot tell how often it was tried.
        seen.attempts = 1;
        return seen;
    };
    note_headers(&mut seen, &response);
    let is_stream = response.headers().get(header::CONTENT_TYPE)
        == Some(&HeaderValue::from_static("text/event-stream"));
    if !response.status().is_success() || !is_stream {
        return seen;
    }
    let mut body = response.into_body();
    loop {
        let frame = if seen.first_token.is_none() {
            timeout_at(give_up, body.frame()).await.ok().flatten()
        } else {
            body.frame().await
        };
        let Some(Ok(frame)) = frame else {
            return seen;
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if seen.first_token.is_none() && contains(&data, b"\"content\"") {
            seen.first_token = Some(started.elapsed());
        }
        seen.is_whole |= contains(&data, b"[DONE]");
        if contains(&data, b"\"error\"") {
            seen.is_whole = false;
            return seen;
        }
    }
}

fn http_request(request: &Request) -> http::Request<Full<Bytes>> {
    let mut sent = http::Request::new(Full::new(Bytes::from_static(BODY)));
    *sent.method_mut() = Method::POST;
    *sent.uri_mut() = Uri::from_static("/v1/chat/completions");
    sent.headers_mut()
        .insert("x-user-id", HeaderValue::from(request.user));
    sent.extensions_mut().insert(request.luck);
    sent
}

fn note_headers<B: Body>(seen: &mut Seen, response: &Response<B>) {
    let text = |name| response.headers().get(name)?.to_str().ok();
    seen.attempts = text(ATTEMPTS_HEADER)
        .and_then(|count| count.parse().ok())
        .unwrap_or_default();
    seen.target =
        text(TARGET_HEADER).and_then(|name| FLEET.iter().position(|sheet| sheet.name == name));
}

fn contains(data: &[u8], word: &[u8]) -> bool {
    data.windows(word.len()).any(|window| window == word)
}
