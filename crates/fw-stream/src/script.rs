//! A body that does what a test says.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame};

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Data(Bytes),
    Trailers(HeaderMap),
    Fail(&'static str),
    Wait,
}

/// Gives one step per poll. The clones of `alive` tell whether it has been dropped.
#[derive(Debug)]
pub(crate) struct Script {
    steps: VecDeque<Step>,
    says_end: bool,
    pub(crate) alive: Arc<()>,
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            steps: steps.into_iter().collect(),
            says_end: false,
            alive: Arc::new(()),
        }
    }

    pub(crate) fn chunks<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let data = |chunk| Step::Data(Bytes::copy_from_slice(chunk));
        Self::new(chunks.into_iter().map(data))
    }

    /// Announces the end after the last step, so that it need not be polled again.
    pub(crate) fn says_end(mut self) -> Self {
        self.says_end = true;
        self
    }
}

impl Body for Script {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        match self.steps.pop_front() {
            Some(Step::Data(data)) => Poll::Ready(Some(Ok(Frame::data(data)))),
            Some(Step::Trailers(map)) => Poll::Ready(Some(Ok(Frame::trailers(map)))),
            Some(Step::Fail(error)) => Poll::Ready(Some(Err(error))),
            Some(Step::Wait) => Poll::Pending,
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.says_end && self.steps.is_empty()
    }
}

type Polled<B> = Poll<Option<Result<Frame<<B as Body>::Data>, <B as Body>::Error>>>;

/// One poll with a waker that does nothing.
pub(crate) fn poll<B: Body + Unpin>(body: &mut B) -> Polled<B> {
    Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop()))
}

/// All that a body gives: its data, frame by frame, and its error.
pub(crate) fn drain<B>(body: &mut B) -> (Vec<Bytes>, Option<B::Error>)
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut frames = Vec::new();
    loop {
        match poll(body) {
            Poll::Ready(Some(Ok(frame))) => frames.extend(frame.into_data()),
            Poll::Ready(Some(Err(error))) => return (frames, Some(error)),
            Poll::Ready(None) => return (frames, None),
            Poll::Pending => {}
        }
    }
}
