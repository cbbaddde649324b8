//! A connection that is told when to come to an end.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use hyper_util::server::graceful::GracefulConnection;
use pin_project_lite::pin_project;
use tokio::sync::watch;

/// Tells every connection when to come to an end, and knows how many are open.
#[derive(Debug)]
pub(super) struct Stop {
    has_come: Arc<AtomicBool>,
    sender: watch::Sender<()>,
}

/// A connection's end of [`Stop`]. It counts as an open connection until it is dropped.
#[derive(Debug)]
pub(super) struct Stopping {
    has_come: Arc<AtomicBool>,
    receiver: watch::Receiver<()>,
}

impl Stop {
    pub(super) fn new() -> Self {
        Self {
            has_come: Arc::default(),
            sender: watch::Sender::new(()),
        }
    }

    pub(super) fn subscribe(&self) -> Stopping {
        Stopping {
            has_come: Arc::clone(&self.has_come),
            receiver: self.sender.subscribe(),
        }
    }

    pub(super) fn send(&self) {
        self.has_come.store(true, Ordering::Release);
        self.sender.send_replace(());
    }

    pub(super) fn connections(&self) -> usize {
        self.sender.receiver_count()
    }

    /// Waits until all connections are closed.
    pub(super) async fn closed(&self) {
        self.sender.closed().await;
    }
}

impl Stopping {
    /// Waits for the word to stop.
    pub(super) async fn stopped(&mut self) {
        // An error says that the sender is gone, and with it the server.
        let _ = self.receiver.changed().await;
    }

    async fn into_stopped(mut self) -> Self {
        self.stopped().await;
        self
    }
}

pin_project! {
    /// A connection that ends after the request in flight once the word to stop has come.
    ///
    /// hyper-util has the same. It asks for the word whenever the connection is polled, this one only when
    /// the word has come or the task has another waker: that spares a request some 700 instructions.
    pub(super) struct Draining<C> {
        #[pin]
        connection: C,
        has_come: Arc<AtomicBool>,
        // `None` once the word has come.
        stopped: Option<Pin<Box<dyn Future<Output = Stopping> + Send>>>,
        // Who is woken when the word comes.
        waker: Option<Waker>,
        // From then on kept until the connection is closed.
        open: Option<Stopping>,
    }
}

impl<C> Draining<C> {
    pub(super) fn new(connection: C, stopping: Stopping) -> Self {
        Self {
            connection,
            has_come: Arc::clone(&stopping.has_come),
            stopped: Some(Box::pin(stopping.into_stopped())),
            waker: None,
            open: None,
        }
    }
}

impl<C: GracefulConnection> Future for Draining<C> {
    type Output = C::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<C::Output> {
        let mut this = self.project();
        if let Some(stopped) = this.stopped {
            let mut wakers = this.waker.iter();
            let will_be_woken = wakers.any(|waker| waker.will_wake(cx.waker()));
            if !will_be_woken || this.has_come.load(Ordering::Acquire) {
                match stopped.as_mut().poll(cx) {
                    Poll::Ready(open) => {
                        *this.stopped = None;
                        *this.open = Some(open);
                        this.connection.as_mut().graceful_shutdown();
                    }
                    Poll::Pending => *this.waker = Some(cx.waker().clone()),
                }
            }
        }
        this.connection.poll(cx)
    }
}
