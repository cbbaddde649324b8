//! What a request costs with the layer around it: processor time of the thread that serves it, from Linux'
//! accounts, with its waits for the log's threads, but without the time waited; and of all threads together.
//!
//! The service inside answers at once. The log is real, in the system's directory for temporary files.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout
)]

use std::convert::Infallible;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use fw_audit::{AuditLayer, AuditLog, LogConfig};
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use tokio::runtime::Builder;
use tokio::task::{JoinSet, LocalSet};
use tower::{Layer, ServiceExt, service_fn};

/// Requests for each line.
const REQUESTS: u32 = 20_000;

/// How many are under way at once.
const AT_ONCE: [usize; 2] = [1, 64];

fn main() {
    // `cargo test --benches` only asks whether it runs.
    let is_bench = std::env::args().any(|arg| arg == "--bench");
    let requests = if is_bench { REQUESTS } else { 1 };
    for bytes in [1024, 16 * 1024] {
        let prompt = prompt(bytes);
        report(
            &format!("plain, prompt of {bytes} bytes"),
            requests,
            |layer| plain(layer, prompt.clone()),
        );
    }
    let prompt = prompt(1024);
    for events in [10, 100] {
        report(
            &format!("stream of {events} events"),
            requests / 4 + 1,
            |layer| stream(layer, prompt.clone(), events),
        );
    }
}

/// Prints the processor time that the layer adds to a request.
fn report<F: Future<Output = ()> + 'static>(
    what: &str,
    requests: u32,
    run: impl Fn(AuditLayer) -> F,
) {
    let mut wanted = std::env::args().skip(1).filter(|arg| !arg.starts_with('-'));
    if wanted.next().is_some_and(|wanted| !what.contains(&wanted)) {
        return;
    }
    let log = Log::new();
    for at_once in AT_ONCE {
        let time = |layer: AuditLayer| {
            let measure = || measure(requests, at_once, || run(layer.clone()));
            let mut times: Vec<Times> = (0..5).map(|_| measure()).collect();
            times.sort_by(|one, other| one.process.total_cmp(&other.process));
            times[2]
        };
        let (with, without) = (time(log.layer()), time(AuditLayer::disabled()));
        let (base, added) = (without.process, with.process - without.process);
        let here = with.thread - without.thread;
        println!(
            "{what:30} {at_once:3} at once {base:6.2} + {added:6.2} us, {here:6.2} of it here"
        );
    }
}

/// Microseconds of processor time for one request.
#[derive(Clone, Copy)]
struct Times {
    thread: f64,
    process: f64,
}

/// What one of `requests` takes.
fn measure<F: Future<Output = ()> + 'static>(
    requests: u32,
    at_once: usize,
    run: impl Fn() -> F,
) -> Times {
    let runtime = Builder::new_current_thread().build().unwrap();
    LocalSet::new().block_on(&runtime, async {
        let before = (on_processor("/proc/thread-self"), of_all());
        let mut under_way = JoinSet::new();
        for _ in 0..requests {
            if under_way.len() >= at_once {
                under_way.join_next().await;
            }
            under_way.spawn_local(run());
        }
        while under_way.join_next().await.is_some() {}
        let each = |nanos: u64| nanos as f64 / 1e3 / f64::from(requests);
        Times {
            thread: each(on_processor("/proc/thread-self") - before.0),
            process: each(of_all() - before.1),
        }
    })
}

/// Nanoseconds that a thread has been on a processor.
fn on_processor(thread: &str) -> u64 {
    // What is read is brought up to date when the thread gives way.
    std::thread::yield_now();
    let text = std::fs::read_to_string(format!("{thread}/schedstat")).unwrap_or_default();
    let first = text.split(' ').next();
    first.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Nanoseconds that the threads of this process have been on a processor.
fn of_all() -> u64 {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    threads
        .flatten()
        .map(|thread| on_processor(&thread.path().to_string_lossy()))
        .sum()
}

const REPLY: &str = r#"{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"accounts/fireworks/models/glm-5p3","choices":[{"index":0,"message":{"role":"assistant","content":"TEXT"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"total_tokens":9,"completion_tokens":2}}"#;
const EVENT: &str = "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"accounts/fireworks/models/glm-5p3\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"},\"finish_reason\":null}],\"usage\":null}\n\n";

/// Gives the frames of a stream, one a poll.
struct Events(usize);

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let left = self.0;
        self.0 = left.saturating_sub(1);
        Poll::Ready(match left {
            0 => None,
            1 => Some(Ok(Frame::data("data: [DONE]\n\n".into()))),
            _ => Some(Ok(Frame::data(EVENT.into()))),
        })
    }
}

fn prompt(bytes: usize) -> Bytes {
    let text = "word ".repeat(bytes / 5);
    format!(r#"{{"model":"glm-5p3","messages":[{{"role":"user","content":"{text}"}}]}}"#).into()
}

fn request(body: Bytes) -> Request<Full<Bytes>> {
    Request::post("/v1/chat/completions")
        .header("x-request-id", "0123456789abcdef")
        .header("authorization", "Bearer fw_0123456789abcdef")
        .body(Full::new(body))
        .unwrap()
}

struct Log {
    directory: PathBuf,
    log: Option<AuditLog>,
}

impl Log {
    fn new() -> Self {
        let directory = std::env::temp_dir().join(format!("fw-audit-bench-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&directory);
        let log = AuditLog::open(LogConfig::new(&directory).queue(1 << 20)).unwrap();
        Self {
            directory,
            log: Some(log),
        }
    }

    fn layer(&self) -> AuditLayer {
        AuditLayer::new(self.log.clone().unwrap())
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.log = None;
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

async fn plain(layer: AuditLayer, prompt: Bytes) {
    let service = service_fn(|request: Request<_>| async move {
        drop(request);
        let response = Response::builder().header("content-type", "application/json");
        let reply = Full::from(Bytes::from_static(REPLY.as_bytes()));
        Ok::<_, Infallible>(response.body(reply).unwrap())
    });
    let call = layer.layer(service).oneshot(request(prompt));
    let response = call.await.unwrap();
    response.into_body().collect().await.unwrap();
}

async fn stream(layer: AuditLayer, prompt: Bytes, events: usize) {
    let service = service_fn(|request: Request<_>| async move {
        drop(request);
        let response = Response::builder().header("content-type", "text/event-stream");
        Ok::<_, Infallible>(response.body(Events(events)).unwrap())
    });
    let call = layer.layer(service).oneshot(request(prompt));
    let mut body = call.await.unwrap().into_body();
    while body.frame().await.is_some() {}
}
