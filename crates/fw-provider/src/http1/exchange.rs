use std::pin::Pin;
use std::sync::Arc;

use http::{Request, Response};
use http_body::Body;

use super::{Http1Body, Pool};
use crate::error::BoxError;

/// A request and the head of its reply. Dropping it closes the connection.
pub(crate) type Exchange =
    Pin<Box<dyn Future<Output = Result<Response<Http1Body>, Failure>> + Send>>;

/// Why there is no reply.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No connection could be opened.
    Connect(BoxError),
    /// The connection failed.
    Exchange(hyper::Error),
}

/// Sends a request over an unused connection, or a new one where there is none.
pub(crate) fn exchange<B>(pool: Arc<Pool<B>>, request: Request<B>) -> Exchange
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    Box::pin(send(pool, request))
}

async fn send<B>(
    pool: Arc<Pool<B>>,
    mut request: Request<B>,
) -> Result<Response<Http1Body>, Failure>
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    loop {
        let (mut connection, is_new) = match pool.take() {
            Some(connection) => (connection, false),
            // Boxed, since it is rare and would make every exchange large.
            None => (Box::pin(pool.open()).await?, true),
        };
        match connection.send(request).await {
            Ok(response) => {
                return Ok(response.map(|incoming| Http1Body::new(incoming, connection)));
            }
            Err(mut error) => match error.take_message() {
                // It was closed while nobody used it.
                Some(unsent) if !is_new => request = unsent,
                _ => return Err(Failure::Exchange(error.into_error())),
            },
        }
    }
}
