//! The example `hyper_stream` between a client and the simulator.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod client;
#[allow(dead_code, unreachable_pub)]
#[path = "../examples/hyper_stream.rs"]
mod example;

use std::time::{Duration, Instant};

use fw_sim::{Running, Simulator};
use fw_stream::{EndCause, FinishReason, Observation};
use tokio::{io::AsyncWriteExt, net::TcpListener, net::TcpStream, sync::mpsc};

type Streams = mpsc::UnboundedReceiver<(Instant, Observation)>;

async fn start(sim: Simulator) -> (Running, String, Streams) {
    let sim = sim.any_key().start().await.unwrap();
    let upstream = format!("{}/chat/completions", sim.base_url())
        .parse()
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let (seen, streams) = mpsc::unbounded_channel();
    tokio::spawn(example::app(listener, upstream, seen));
    (sim, at, streams)
}

#[tokio::test]
async fn a_stream_passes_and_is_seen() {
    let (_sim, at, mut streams) = start(Simulator::new()).await;
    let url = format!("http://{at}");
    let reply = client::chat(&url, &[], client::prompt(true)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(reply.text.ends_with("data: [DONE]\n\n"), "{}", reply.text);

    let (began, seen) = streams.recv().await.unwrap();
    assert_eq!(seen.end, EndCause::Complete);
    assert_eq!(seen.finish_reason(), Some(FinishReason::Stop));
    assert!(seen.usage.unwrap().completion_tokens > 0);
    assert!(seen.first_content.unwrap() > began);
}

#[tokio::test]
async fn a_plain_reply_passes_unseen() {
    let (_sim, at, mut streams) = start(Simulator::new()).await;
    let reply = client::chat(&format!("http://{at}"), &[], client::prompt(false)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert!(streams.try_recv().is_err());
}

#[tokio::test]
async fn a_client_that_hangs_up_is_seen() {
    // The next event would come after an hour; the client does not wait for it.
    let slow = Simulator::new().knobs(|knobs| knobs.event_delay = Duration::from_secs(3_600));
    let (_sim, at, mut streams) = start(slow).await;
    let mut connection = TcpStream::connect(&at).await.unwrap();
    let body = client::prompt(true).to_string();
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: {at}\r\nauthorization: Bearer fw_test\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    // The head of the reply is there: the stream has begun.
    connection.readable().await.unwrap();
    drop(connection);
    assert_eq!(streams.recv().await.unwrap().1.end, EndCause::ClientGone);
}
