//! The future of the front.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use fw_provider::ProviderError;
use fw_stream::is_event_stream;
use fw_wire::Endpoint;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_service::Service;

use super::refusal;
use crate::access::Access;
use crate::body::ReplyBody;

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
        Waiting { service: S, request: Option<R>, way: Option<(Endpoint, Access)> },
        Called { #[pin] future: F, way: Option<(Endpoint, Access)> },
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

    pub(super) fn upstream(service: S, request: R, endpoint: Endpoint, access: Access) -> Self {
        let way = Some((endpoint, access));
        Self {
            state: State::Waiting {
                service,
                request: Some(request),
                way,
            },
        }
    }
}

impl<S, R, B> Future for FrontFuture<S, R>
where
    S: Service<R, Response = Response<B>, Error = ProviderError>,
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Output = Result<Response<ReplyBody<B>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let (outcome, way) = match state.as_mut().project() {
                StateProjection::Own { response } => match response.take() {
                    Some(response) => return Poll::Ready(Ok(response.map(ReplyBody::own))),
                    None => return Poll::Pending,
                },
                StateProjection::Waiting {
                    service,
                    request,
                    way,
                } => match ready!(service.poll_ready(cx)) {
                    Ok(()) => {
                        let Some(request) = request.take() else {
                            return Poll::Pending;
                        };
                        let (future, way) = (service.call(request), way.take());
                        state.set(State::Called { future, way });
                        continue;
                    }
                    Err(error) => (Err(error), way.take()),
                },
                StateProjection::Called { future, way } => {
                    let outcome = ready!(future.poll(cx));
                    (outcome, way.take())
                }
            };
            let Some((endpoint, access)) = way else {
                return Poll::Pending;
            };
            return Poll::Ready(Ok(reply(outcome, endpoint, access)));
        }
    }
}

fn reply<B>(
    outcome: Result<Response<B>, ProviderError>,
    endpoint: Endpoint,
    access: Access,
) -> Response<ReplyBody<B>> {
    match outcome {
        Ok(response) => {
            let access = access.answered(&response);
            let content_type = response
                .headers()
                .get(CONTENT_TYPE)
                .map(HeaderValue::as_bytes);
            if content_type.is_some_and(is_event_stream) {
                response.map(|body| ReplyBody::stream(body, endpoint, access))
            } else {
                response.map(|body| ReplyBody::plain(body, endpoint, access))
            }
        }
        Err(error) => {
            let response = refusal(&error.to_api_error(), Some(endpoint));
            access.answered(&response).failed(&error);
            response.map(ReplyBody::own)
        }
    }
}
