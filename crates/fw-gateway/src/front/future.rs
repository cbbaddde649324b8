//! The future of the front.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use fw_stream::{ExpectedChoices, is_event_stream};
use fw_wire::{ApiError, Endpoint, ErrorShape};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::access::Access;
use crate::body::ReplyBody;

/// What has to be known when the reply comes.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) endpoint: Endpoint,
    pub(super) access: Access,
    /// The largest plain reply, and the largest event of a stream.
    pub(super) max_response_bytes: usize,
}

pin_project! {
    /// Resolves to the reply.
    pub(crate) struct FrontFuture<S, R>
    where
        S: Service<R>,
    {
        #[pin]
        state: State<S, R, S::Future>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, R, F> {
        Own { response: Option<Response<Bytes>> },
        // Boxed: it is rare, and has a body of its own.
        Counted { future: Pin<Box<dyn Future<Output = Response<Bytes>> + Send>> },
        Waiting { service: S, request: Option<R>, way: Option<Way> },
        Called { #[pin] future: F, way: Option<Way> },
    }
}

impl<S, R> FrontFuture<S, R>
where
    S: Service<R>,
{
    pub(super) fn own(response: Response<Bytes>) -> Self {
        Self {
            state: State::Own {
                response: Some(response),
            },
        }
    }

    pub(super) fn counted(count: impl Future<Output = Response<Bytes>> + Send + 'static) -> Self {
        Self {
            state: State::Counted {
                future: Box::pin(count),
            },
        }
    }

    pub(super) fn upstream(service: S, request: R, way: Way) -> Self {
        Self {
            state: State::Waiting {
                service,
                request: Some(request),
                way: Some(way),
            },
        }
    }
}

impl<S, R, B> Future for FrontFuture<S, R>
where
    S: Service<R, Response = Response<B>, Error = Infallible>,
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Output = Result<Response<ReplyBody<B>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let (response, way) = match state.as_mut().project() {
                StateProjection::Own { response } => match response.take() {
                    Some(response) => return Poll::Ready(Ok(response.map(ReplyBody::own))),
                    None => return Poll::Pending,
                },
                StateProjection::Counted { future } => {
                    let response = ready!(future.as_mut().poll(cx));
                    return Poll::Ready(Ok(response.map(ReplyBody::own)));
                }
                StateProjection::Waiting {
                    service,
                    request,
                    way,
                } => {
                    let Ok(()) = ready!(service.poll_ready(cx));
                    let Some(request) = request.take() else {
                        return Poll::Pending;
                    };
                    let (future, way) = (service.call(request), way.take());
                    state.set(State::Called { future, way });
                    continue;
                }
                StateProjection::Called { future, way } => {
                    let Ok(response) = ready!(future.poll(cx));
                    (response, way.take())
                }
            };
            let Some(way) = way else {
                return Poll::Pending;
            };
            return Poll::Ready(Ok(reply(response, way)));
        }
    }
}

fn reply<B: Body>(response: Response<B>, way: Way) -> Response<ReplyBody<B>> {
    let Way {
        endpoint,
        access,
        max_response_bytes,
    } = way;
    let access = access.answered(&response);
    let content_type = response
        .headers()
        .get(CONTENT_TYPE)
        .map(HeaderValue::as_bytes);
    if content_type.is_some_and(is_event_stream) {
        let choices = response
            .extensions()
            .get()
            .map_or(1, |choices: &ExpectedChoices| choices.count());
        response.map(|body| match access {
            Some(access) => {
                ReplyBody::observed_stream(body, endpoint, choices, max_response_bytes, access)
            }
            None => ReplyBody::stream(body),
        })
    } else if response.body().size_hint().lower() > max_response_bytes as u64 {
        let message = format!("The provider's reply is larger than {max_response_bytes} bytes.");
        let shape = ErrorShape::for_endpoint(endpoint);
        let refusal = ApiError::upstream(message).to_response(shape);
        refusal.map(ReplyBody::own)
    } else {
        response.map(|body| ReplyBody::plain(body, endpoint, max_response_bytes, access))
    }
}
