use std::fmt;
use std::pin::{Pin, pin};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use fw_stream::SelfWaker;
use http::{Request, Response};
use http_body::{Body, Frame};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{Builder, SendRequest};

use super::{MAX_BUFFER, Pool};
use crate::connector::Io;
use crate::error::BoxError;

/// One open connection, driven by whoever uses it.
pub(super) struct Connection<B> {
    sender: SendRequest<B>,
    /// hyper's side that reads and writes. `None` once it is closed.
    driver: Option<Driver>,
    /// What is sent wakes the driver, and what it reads wakes the reply: one task, so it just goes on.
    waker: SelfWaker,
    /// Where it goes when it is not used.
    pool: Weak<Pool<B>>,
}

type Driver = Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>;

impl<B> Connection<B>
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    pub(super) async fn new(io: Io, pool: Weak<Pool<B>>) -> hyper::Result<Self> {
        let (sender, driver) = Builder::new()
            .max_buf_size(MAX_BUFFER)
            .handshake(io)
            .await?;
        Ok(Self {
            sender,
            driver: Some(Box::pin(driver)),
            waker: SelfWaker::new(),
            pool,
        })
    }

    /// Sends a request and waits for the head of its reply. A request of which nothing was sent is in the error.
    pub(super) async fn send(
        &mut self,
        request: Request<B>,
    ) -> Result<Response<Incoming>, TrySendError<Request<B>>> {
        let Self {
            sender,
            driver,
            waker,
            ..
        } = self;
        let mut response = pin!(sender.try_send_request(request));
        std::future::poll_fn(|cx| drive(driver, waker, cx, |cx| response.as_mut().poll(cx))).await
    }
}

impl<B> Connection<B> {
    /// The next piece of the reply.
    pub(super) fn poll_frame(
        &mut self,
        incoming: &mut Incoming,
        cx: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        drive(&mut self.driver, &self.waker, cx, |cx| {
            Pin::new(&mut *incoming).poll_frame(cx)
        })
    }

    /// The pool it belongs to, if that is still there.
    pub(super) fn pool(&self) -> Option<Arc<Pool<B>>> {
        self.pool.upgrade()
    }

    /// Whether it can take another request, now that the reply has ended.
    pub(super) fn is_reusable(&mut self) -> bool {
        // This also forgets the task it was driven by.
        let mut nobody = Context::from_waker(Waker::noop());
        let sender = &self.sender;
        let driven = drive(&mut self.driver, &self.waker, &mut nobody, |_| {
            if sender.is_ready() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        driven.is_ready() || sender.is_ready()
    }
}

impl<B> fmt::Debug for Connection<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("closed", &self.driver.is_none())
            .finish_non_exhaustive()
    }
}

/// Polls `poll`, and the connection where it is still waiting. What that reads wakes who waits for it, so that `poll`
/// is asked again.
fn drive<T>(
    driver: &mut Option<Driver>,
    waker: &SelfWaker,
    cx: &mut Context<'_>,
    mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
) -> Poll<T> {
    waker.poll(cx, |cx| {
        let polled = poll(cx);
        if polled.is_pending()
            && let Some(connection) = driver
            && connection.as_mut().poll(cx).is_ready()
        {
            // An error reaches the one who waits for the reply, so it is not lost.
            *driver = None;
            // Nobody else will wake it.
            return poll(cx);
        }
        polled
    })
}
