//! One request whose reply nobody waits for: a probe, a mirrored copy.

use std::{future::poll_fn, pin::pin, time::Duration};

use bytes::{Buf, Bytes};
use fw_stream::BoxError;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::Full;
use tokio::{task::consume_budget, time};
use tower_service::Service;

use crate::fault::{Fault, FaultKind};

/// What is kept of a reply that was read and dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exchanged {
    pub(crate) status: StatusCode,
    /// Bytes of the body that were read.
    pub(crate) bytes: u64,
}

/// Sends a request and reads the reply to its end, or until there are `limit` bytes of it.
///
/// All of it, waiting for the service to be ready too, has to be done within `timeout`.
pub(crate) async fn exchange<S, B>(
    service: S,
    request: Request<Full<Bytes>>,
    timeout: Duration,
    limit: u64,
) -> Result<Exchanged, Fault>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    B: Body,
    B::Error: Into<BoxError>,
{
    match time::timeout(timeout, unlimited(service, request, limit)).await {
        Ok(result) => result,
        Err(_) => Err(Fault::new(FaultKind::Timeout)),
    }
}

async fn unlimited<S, B>(
    mut service: S,
    request: Request<Full<Bytes>>,
    limit: u64,
) -> Result<Exchanged, Fault>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    B: Body,
    B::Error: Into<BoxError>,
{
    poll_fn(|cx| service.poll_ready(cx)).await.map_err(fault)?;
    let (parts, body) = service.call(request).await.map_err(fault)?.into_parts();
    let bytes = drain(body, limit).await.map_err(fault)?;
    Ok(Exchanged {
        status: parts.status,
        bytes,
    })
}

fn fault(error: impl Into<BoxError>) -> Fault {
    Fault::of_error(&*error.into())
}

/// Reads a body and drops it, frame by frame.
///
/// A body that always has a next frame would keep the task to itself, and no timeout would ever be looked
/// at: hence the budget.
async fn drain<B: Body>(body: B, limit: u64) -> Result<u64, B::Error> {
    let mut body = pin!(body);
    let mut bytes = 0_u64;
    while bytes < limit {
        match poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
            Some(frame) => {
                let length = frame?.data_ref().map_or(0, Buf::remaining);
                bytes = bytes.saturating_add(length as u64);
            }
            None => break,
        }
        consume_budget().await;
    }
    Ok(bytes)
}

#[cfg(test)]
pub(crate) mod scripted;
#[cfg(test)]
mod tests;
