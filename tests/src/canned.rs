//! An upstream that says what it was told to say, whatever it is asked.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// An upstream with one reply, for what the simulator never says.
#[derive(Debug)]
pub struct Canned {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Bytes>>>,
    task: JoinHandle<()>,
}

impl Canned {
    /// An upstream whose reply is this JSON.
    pub async fn json(body: &Value) -> Self {
        Self::start("application/json", &[], body.to_string()).await
    }

    /// An upstream whose reply is a stream of these events. A text is sent as it is, an object as the data of an
    /// event that is named after its `type`, if it has one.
    pub async fn events(events: &[Value]) -> Self {
        let body: String = events
            .iter()
            .map(|event| match (event.as_str(), event["type"].as_str()) {
                (Some(text), _) => format!("data: {text}\n\n"),
                (None, Some(name)) => format!("event: {name}\ndata: {event}\n\n"),
                (None, None) => format!("data: {event}\n\n"),
            })
            .collect();
        Self::start("text/event-stream", &[], body).await
    }

    /// An upstream whose reply has this type, these headers and these bytes.
    ///
    /// # Panics
    ///
    /// When no port can be bound.
    pub async fn start(
        content_type: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let mut response = Response::builder().header("content-type", content_type);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        let response = response.body(Full::new(body.into())).expect("a response");
        let log = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (response, log) = (response.clone(), Arc::clone(&log));
                let service = service_fn(move |request: Request<Incoming>| {
                    let (response, log) = (response.clone(), Arc::clone(&log));
                    async move {
                        let body = request.into_body().collect().await.expect("a whole body");
                        log.lock().expect("no panic").push(body.to_bytes());
                        Ok::<_, Infallible>(response)
                    }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self {
            address,
            heard,
            task,
        }
    }

    /// The base URL that a configuration names.
    pub fn base_url(&self) -> String {
        format!("http://{}/inference/v1", self.address)
    }

    /// The bodies of the requests so far.
    pub fn heard(&self) -> Vec<Bytes> {
        self.heard.lock().expect("no panic").clone()
    }
}

impl Drop for Canned {
    fn drop(&mut self) {
        self.task.abort();
    }
}
