//! Connections: hyper-util's pooled client, several times where HTTP/2 needs it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http_body::Body;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::config::{HttpVersions, ProviderConfig};
use crate::connector::Connector;
use crate::url::BaseUrl;
use crate::{ConfigError, tls};

pub(crate) type HyperClient<B> = legacy::Client<Connector, B>;

/// Most HTTP/2 connections to one target.
const MAX_CONNECTIONS: usize = 64;

/// Most bytes that an HTTP/1.1 connection buffers. Also bounds a reply's head.
const HTTP1_BUFFER: usize = 128 * 1024;

/// Most bytes that the provider may send ahead on one HTTP/2 stream. A client
/// that does not read holds that much and no more.
const STREAM_WINDOW: u32 = 256 * 1024;

/// The same for a whole connection: 64 streams that nobody reads do not block
/// the others.
const CONNECTION_WINDOW: u32 = 64 * STREAM_WINDOW;

const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// The pools of one target.
///
/// hyper-util keeps one HTTP/2 connection per pool, and a server allows some
/// hundred streams on it; further requests would wait in line behind replies
/// that take minutes. So there are several pools, and a request goes to the
/// first with room.
pub(crate) fn clients<B>(
    config: &ProviderConfig,
    base: &BaseUrl,
) -> Result<Box<[HyperClient<B>]>, ConfigError>
where
    B: Body + Send + 'static + Unpin,
    B::Data: Send,
{
    let tls_config = if base.is_tls() {
        tls::client_config(&config.roots, config.versions)
    } else {
        tls::unused_config()
    }
    .map_err(|message| config.error("root_certificate", message))?;
    let connector = Connector::new(tls_config, base.is_tls(), config.timeouts.connect);

    let mut builder = legacy::Client::builder(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(config.pool_idle_timeout)
        .pool_max_idle_per_host(config.pool_max_idle)
        .http1_max_buf_size(HTTP1_BUFFER)
        .http2_only(config.versions == HttpVersions::Http2)
        .http2_initial_stream_window_size(STREAM_WINDOW)
        .http2_initial_connection_window_size(CONNECTION_WINDOW)
        .http2_keep_alive_interval(config.ping_interval)
        .http2_keep_alive_timeout(PING_TIMEOUT)
        .http2_keep_alive_while_idle(true);

    let count = if may_speak_http2(config, base) {
        MAX_CONNECTIONS
    } else {
        1
    };
    Ok((0..count)
        .map(|_| builder.build(connector.clone()))
        .collect())
}

pub(crate) fn may_speak_http2(config: &ProviderConfig, base: &BaseUrl) -> bool {
    match config.versions {
        HttpVersions::Auto => base.is_tls(),
        HttpVersions::Http1 => false,
        HttpVersions::Http2 => true,
    }
}

/// How many requests each pool has in flight.
#[derive(Debug)]
pub(crate) struct Load {
    in_flight: Box<[AtomicUsize]>,
    limit: usize,
}

impl Load {
    pub(crate) fn new(pools: usize, limit: usize) -> Self {
        Self {
            in_flight: (0..pools).map(|_| AtomicUsize::new(0)).collect(),
            limit: limit.max(1),
        }
    }

    /// The first pool with room, else the least loaded one. Filling them in
    /// order lets the later ones fall idle and close.
    ///
    /// Two requests at once may both take the last place; the server's own
    /// limit then lets one of them wait.
    pub(crate) fn enter(&self) -> usize {
        if self.in_flight.len() == 1 {
            return 0;
        }
        let mut least = (usize::MAX, 0);
        for (pool, in_flight) in self.in_flight.iter().enumerate() {
            let count = in_flight.load(Ordering::Relaxed);
            if count < least.0 {
                least = (count, pool);
            }
            if count < self.limit {
                break;
            }
        }
        self.in_flight[least.1].fetch_add(1, Ordering::Relaxed);
        least.1
    }

    pub(crate) fn leave(&self, pool: usize) {
        if self.in_flight.len() > 1 {
            self.in_flight[pool].fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_fill_in_order_and_free_places_are_taken_again() {
        let load = Load::new(3, 2);
        let taken: Vec<_> = (0..4).map(|_| load.enter()).collect();
        assert_eq!(taken, [0, 0, 1, 1]);
        load.leave(0);
        assert_eq!(load.enter(), 0);
    }

    #[test]
    fn beyond_all_limits_the_least_loaded_pool_is_taken() {
        let load = Load::new(2, 1);
        let taken: Vec<_> = (0..6).map(|_| load.enter()).collect();
        assert_eq!(taken, [0, 1, 0, 1, 0, 1]);
    }

    #[test]
    fn a_single_pool_counts_nothing() {
        let load = Load::new(1, 1);
        assert_eq!([load.enter(), load.enter()], [0, 0]);
        load.leave(0);
    }
}
