use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::Frame;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tower::service_fn;

use super::*;

/// A body that yields what is sent to it.
struct Channel(mpsc::Receiver<&'static str>);

impl Body for Channel {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = |text: &'static str| Ok(Frame::data(Bytes::from_static(text.as_bytes())));
        self.0.poll_recv(cx).map(|text| text.map(data))
    }
}

struct Serving {
    address: SocketAddr,
    /// One sender for each request that came.
    requests: mpsc::Receiver<mpsc::Sender<&'static str>>,
    stop: oneshot::Sender<()>,
    drained: JoinHandle<Drained>,
}

async fn serving(drain: Duration) -> Serving {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, requests) = mpsc::channel(8);
    let service = service_fn(move |_: Request<Incoming>| {
        let tell = tell.clone();
        async move {
            let (sender, receiver) = mpsc::channel(8);
            tell.send(sender).await.unwrap();
            Ok::<_, Infallible>(Response::new(Channel(receiver)))
        }
    });
    let (stop, stopped) = oneshot::channel();
    let stopped = async { drop(stopped.await) };
    let drained = tokio::spawn(serve(listener, service, stopped, drain));
    Serving {
        address,
        requests,
        stop,
        drained,
    }
}

async fn send_request(address: SocketAddr) -> TcpStream {
    let mut client = TcpStream::connect(address).await.unwrap();
    client
        .write_all(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n")
        .await
        .unwrap();
    client
}

#[tokio::test]
async fn a_stream_in_flight_ends_before_the_server_does() {
    let mut serving = serving(Duration::from_secs(600)).await;
    let mut client = send_request(serving.address).await;
    let stream = serving.requests.recv().await.unwrap();
    stream.send("first").await.unwrap();

    serving.stop.send(()).unwrap();
    stream.send("last").await.unwrap();
    drop(stream);

    let mut reply = String::new();
    client.read_to_string(&mut reply).await.unwrap();
    assert!(reply.contains("first") && reply.contains("last"), "{reply}");
    assert!(reply.ends_with("\r\n0\r\n\r\n"), "{reply}");
    assert_eq!(serving.drained.await.unwrap(), Drained::Complete);
}

#[tokio::test]
async fn no_connection_is_accepted_while_draining() {
    let mut serving = serving(Duration::from_secs(600)).await;
    let _client = send_request(serving.address).await;
    let stream = serving.requests.recv().await.unwrap();
    serving.stop.send(()).unwrap();
    // The listener is closed once the stop is seen; until then connections may still be taken.
    while TcpStream::connect(serving.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    drop(stream);
    assert_eq!(serving.drained.await.unwrap(), Drained::Complete);
}

#[tokio::test]
async fn the_deadline_cuts_what_does_not_end() {
    let mut serving = serving(Duration::from_millis(20)).await;
    let _client = send_request(serving.address).await;
    let _stream = serving.requests.recv().await.unwrap();
    serving.stop.send(()).unwrap();
    assert_eq!(
        serving.drained.await.unwrap(),
        Drained::DeadlinePassed { connections: 1 }
    );
}

#[tokio::test]
async fn a_silent_connection_does_not_hold_up_the_end() {
    let mut serving = serving(Duration::from_secs(600)).await;
    let _silent = TcpStream::connect(serving.address).await.unwrap();
    // A request on a later connection shows that the silent one was accepted before it.
    let mut client = send_request(serving.address).await;
    drop(serving.requests.recv().await.unwrap());
    let mut head = [0; 12];
    client.read_exact(&mut head).await.unwrap();
    drop(client);
    serving.stop.send(()).unwrap();
    assert_eq!(serving.drained.await.unwrap(), Drained::Complete);
}

#[tokio::test(start_paused = true)]
async fn who_stops_in_the_middle_of_a_head_is_let_go() {
    // The last two are a whole preface, and one with empty settings, of a client that then answers nothing.
    for start in [
        "G",
        "GET / HTTP/1.1\r\n",
        "P",
        "PRI * HTTP/2.0\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
    ] {
        let serving = serving(Duration::from_secs(600)).await;
        let mut client = TcpStream::connect(serving.address).await.unwrap();
        client.write_all(start.as_bytes()).await.unwrap();
        let mut reply = Vec::new();
        let read = client.read_to_end(&mut reply);
        let closed = tokio::time::timeout(HEAD_TIMEOUT * 4, read).await;
        assert!(closed.is_ok(), "{start:?} {reply:?}");
    }
}

#[tokio::test]
async fn the_start_of_a_connection_may_come_in_parts() {
    let mut serving = serving(Duration::from_secs(600)).await;
    // HTTP/2, with empty settings after the preface.
    let mut client = TcpStream::connect(serving.address).await.unwrap();
    client.set_nodelay(true).unwrap();
    let (first, rest) = HTTP2_PREFACE.split_at(10);
    client.write_all(first).await.unwrap();
    tokio::time::sleep(PREFACE_PAUSE / 2).await;
    client.write_all(rest).await.unwrap();
    client
        .write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0])
        .await
        .unwrap();
    let mut frame = [0; 9];
    client.read_exact(&mut frame).await.unwrap();
    assert_eq!(frame[3], 4, "settings");

    let mut client = TcpStream::connect(serving.address).await.unwrap();
    client.set_nodelay(true).unwrap();
    client.write_all(b"P").await.unwrap();
    tokio::time::sleep(PREFACE_PAUSE / 2).await;
    client
        .write_all(b"OST / HTTP/1.1\r\nhost: test\r\n\r\n")
        .await
        .unwrap();
    drop(serving.requests.recv().await.unwrap());
    let mut head = [0; 12];
    client.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200");
}
