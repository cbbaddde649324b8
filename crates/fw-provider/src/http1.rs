//! HTTP/1.1 connections without tasks of their own.
//!
//! Such a connection serves one request at a time, so whoever waits for its reply can drive it: the request's future
//! and the reply's body poll it themselves. A connection in a task of its own would cost two switches between tasks
//! for each piece of a reply, and what came in together would be passed on in single pieces.
//!
//! An unused connection is driven by nobody. That it was closed meanwhile shows when the next request is sent on it:
//! hyper then gives the request back, and it goes over another one.

mod body;
mod connection;
mod exchange;
mod pool;

pub(crate) use self::body::Http1Body;
pub(crate) use self::exchange::{Exchange, Failure, exchange};
pub(crate) use self::pool::Pool;

/// Most bytes that a connection buffers. Also bounds a reply's head.
pub(crate) const MAX_BUFFER: usize = 128 * 1024;
