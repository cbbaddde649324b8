//! A small HTTP client: one call, one reply, whole or as it comes.

use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::within;

/// A client of one server, with pooled connections.
#[derive(Clone, Debug)]
pub struct Client {
    server: SocketAddr,
    http: legacy::Client<HttpConnector, Full<Bytes>>,
}

/// A request in the making.
#[derive(Clone, Debug)]
pub struct Call {
    client: Client,
    request: Request<Full<Bytes>>,
}

/// A whole reply.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// The protocol it came in.
    pub version: Version,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

/// A reply whose body is still coming.
#[derive(Debug)]
pub struct Live {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    body: Incoming,
    pending: BytesMut,
}

// === impl Client ===

impl Client {
    /// An HTTP/1.1 client.
    pub fn new(server: SocketAddr) -> Self {
        Self {
            server,
            http: legacy::Client::builder(TokioExecutor::new()).build(connector()),
        }
    }

    /// An HTTP/2 client with prior knowledge: no upgrade, no TLS.
    pub fn http2(server: SocketAddr) -> Self {
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        Self {
            server,
            http: builder.http2_only(true).build(connector()),
        }
    }

    /// A `POST`.
    pub fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    /// A `GET`.
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    /// Any method. The call carries a client's own key, which must never reach the upstream.
    pub fn call(&self, method: Method, path: &str) -> Call {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.server))
            .header(AUTHORIZATION, "Bearer fw_client_key")
            .body(Full::default())
            .unwrap();
        Call {
            client: self.clone(),
            request,
        }
    }
}

// === impl Call ===

impl Call {
    /// Sets a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).unwrap();
        self.request
            .headers_mut()
            .insert(name, HeaderValue::try_from(value).unwrap());
        self
    }

    /// Sets a knob of the simulator for this one request.
    pub fn knob(self, name: &str, value: &str) -> Self {
        self.header(&format!("x-sim-{name}"), value)
    }

    /// Takes a header away.
    pub fn without(mut self, name: &str) -> Self {
        self.request.headers_mut().remove(name);
        self
    }

    /// Sets a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.body(body.to_string())
    }

    /// Sets a body, byte by byte, called JSON.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.request
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *self.request.body_mut() = Full::new(body.into());
        self
    }

    /// Sends it and reads the whole reply.
    ///
    /// # Panics
    ///
    /// When there is no reply, or its body breaks off; [`Call::open`] for those that may.
    pub async fn send(self) -> Reply {
        let what = format!(
            "the reply to {} {}",
            self.request.method(),
            self.request.uri()
        );
        let reply = async {
            let (parts, body) = self
                .client
                .http
                .request(self.request)
                .await
                .expect("a reply")
                .into_parts();
            let body = body.collect().await.expect("a whole body").to_bytes();
            Reply {
                status: parts.status,
                version: parts.version,
                headers: parts.headers,
                body,
            }
        };
        within(&what, reply).await
    }

    /// Sends it and returns as soon as the head is there.
    ///
    /// # Panics
    ///
    /// When there is no head.
    pub async fn open(self) -> Live {
        self.try_open().await.expect("a head")
    }

    /// As [`Call::open`], for a server that may go away before.
    ///
    /// # Errors
    ///
    /// When there is no head.
    pub async fn try_open(self) -> Result<Live, legacy::Error> {
        let what = format!(
            "the head of the reply to {} {}",
            self.request.method(),
            self.request.uri()
        );
        let reply = within(&what, self.client.http.request(self.request)).await?;
        let (parts, body) = reply.into_parts();
        Ok(Live {
            status: parts.status,
            headers: parts.headers,
            body,
            pending: BytesMut::new(),
        })
    }
}

// === impl Reply ===

impl Reply {
    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// When it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The `error` member of an error reply.
    ///
    /// # Panics
    ///
    /// When the body is not in OpenAI's error shape: an `error` object with `message` and `type` as
    /// text, and `param` and `code` as text or null.
    pub fn error(&self) -> Value {
        let error = self.json()["error"].clone();
        assert_error_shape(&error);
        error
    }

    /// The data of every event of a streamed reply, `[DONE]` included.
    pub fn events(&self) -> Vec<String> {
        data_of(self.text())
    }

    /// The JSON data of every event of a streamed reply.
    pub fn chunks(&self) -> Vec<Value> {
        chunks_of(self.text())
    }
}

// === impl Live ===

impl Live {
    /// The next event, with its blank line; `None` at the end of the body.
    ///
    /// # Errors
    ///
    /// When the body breaks off.
    pub async fn event(&mut self) -> Result<Option<String>, hyper::Error> {
        loop {
            if let Some(end) = find(&self.pending, b"\n\n") {
                let event = self.pending.split_to(end + 2);
                return Ok(Some(String::from_utf8(event.to_vec()).unwrap()));
            }
            match within("an event", self.body.frame()).await {
                Some(frame) => {
                    if let Ok(data) = frame?.into_data() {
                        self.pending.extend_from_slice(&data);
                    }
                }
                None if self.pending.is_empty() => return Ok(None),
                None => {
                    return Ok(Some(
                        String::from_utf8(self.pending.split().to_vec()).unwrap(),
                    ));
                }
            }
        }
    }

    /// Everything that is still to come.
    ///
    /// # Errors
    ///
    /// When the body breaks off.
    pub async fn rest(mut self) -> Result<String, hyper::Error> {
        let mut rest = String::new();
        while let Some(event) = self.event().await? {
            rest.push_str(&event);
        }
        Ok(rest)
    }
}

/// Without `TCP_NODELAY`, a small request after another waits for the server's delayed acknowledgement.
fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector
}

/// Checks OpenAI's error shape.
///
/// # Panics
///
/// When `error` does not have it.
fn assert_error_shape(error: &Value) {
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|text| !text.is_empty()),
        "message in {error}"
    );
    assert!(
        error["type"].as_str().is_some_and(|text| !text.is_empty()),
        "type in {error}"
    );
    for name in ["param", "code"] {
        assert!(
            error[name].is_string() || error[name].is_null(),
            "{name} in {error}"
        );
    }
}

/// The data of every event in a text of server-sent events whose events have one data line each.
fn data_of(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.strip_prefix("data:"))
        .map(|data| data.trim().to_owned())
        .collect()
}

/// The same as JSON, without `[DONE]`.
fn chunks_of(text: &str) -> Vec<Value> {
    data_of(text)
        .iter()
        .filter(|data| *data != "[DONE]")
        .map(|data| serde_json::from_str(data).unwrap_or_else(|error| panic!("{error}: {data}")))
        .collect()
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
