//! A service for tests that does as it is told.

use std::{
    collections::VecDeque,
    convert::Infallible,
    future::{Future, pending},
    io,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::Full;
use tokio::time::{self, Instant};
use tower_service::Service;

/// What becomes of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reply {
    /// A whole reply with this status and body.
    Text(u16, &'static str),
    /// That, after some time.
    After(Duration, u16),
    /// A reply that breaks off in its body.
    Broken(u16),
    /// A reply whose body says nothing and does not end.
    Stuck(u16),
    /// A reply whose body always has another frame of so many bytes.
    Endless(u16, usize),
    /// No reply, ever.
    Silence,
    /// No connection.
    Refused,
}

/// A request and when it came.
type Seen = (Instant, Request<Full<Bytes>>);

/// Gives the replies of its script in turn, then the last one again and again.
#[derive(Clone, Debug)]
pub(crate) struct Scripted {
    script: Arc<Mutex<VecDeque<Reply>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    under_way: Arc<AtomicUsize>,
}

impl Scripted {
    pub(crate) fn new(script: impl IntoIterator<Item = Reply>) -> Self {
        Self {
            script: Arc::new(Mutex::new(script.into_iter().collect())),
            seen: Arc::default(),
            under_way: Arc::default(),
        }
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::new([Reply::Text(status, "{}")])
    }

    /// From now on.
    pub(crate) fn becomes(&self, reply: Reply) {
        *self.script.lock().unwrap() = VecDeque::from([reply]);
    }

    pub(crate) fn requests(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    pub(crate) fn times(&self) -> Vec<Instant> {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .map(|(at, _)| *at)
            .collect()
    }

    pub(crate) fn last_request(&self) -> Request<Full<Bytes>> {
        self.seen.lock().unwrap().pop().unwrap().1
    }

    /// Requests whose reply was neither read to its end nor dropped yet.
    pub(crate) fn under_way(&self) -> usize {
        self.under_way.load(SeqCst)
    }
}

/// Counts while it is there.
struct Count(Arc<AtomicUsize>);

impl Count {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl Service<Request<Full<Bytes>>> for Scripted {
    type Response = Response<ScriptedBody>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, io::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        self.seen.lock().unwrap().push((Instant::now(), request));
        let count = Count::new(&self.under_way);
        let mut script = self.script.lock().unwrap();
        let reply = match script.len() {
            1 => script[0],
            _ => script.pop_front().unwrap(),
        };
        Box::pin(async move {
            let (status, left) = match reply {
                Reply::Text(status, text) => (status, Left::Text(text)),
                Reply::After(delay, status) => {
                    time::sleep(delay).await;
                    (status, Left::Text("{}"))
                }
                Reply::Broken(status) => (status, Left::Error),
                Reply::Stuck(status) => (status, Left::Nothing),
                Reply::Endless(status, length) => (status, Left::Endless(length)),
                Reply::Silence => pending::<(u16, Left)>().await,
                Reply::Refused => return Err(io::ErrorKind::ConnectionRefused.into()),
            };
            let body = ScriptedBody {
                left,
                _count: count,
            };
            Ok(Response::builder().status(status).body(body).unwrap())
        })
    }
}

enum Left {
    Text(&'static str),
    Error,
    Nothing,
    Endless(usize),
    End,
}

pub(crate) struct ScriptedBody {
    left: Left,
    _count: Count,
}

impl Body for ScriptedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match self.left {
            Left::Text(text) => {
                self.left = Left::End;
                Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(text.as_bytes())))))
            }
            Left::Error => {
                self.left = Left::End;
                Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())))
            }
            Left::Nothing => Poll::Pending,
            Left::Endless(length) => Poll::Ready(Some(Ok(Frame::data(vec![0; length].into())))),
            Left::End => Poll::Ready(None),
        }
    }
}

/// A service that is never ready.
#[derive(Clone, Debug)]
pub(crate) struct NeverReady;

impl Service<Request<Full<Bytes>>> for NeverReady {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Pending
    }

    fn call(&mut self, _: Request<Full<Bytes>>) -> Self::Future {
        panic!("called without being ready")
    }
}
