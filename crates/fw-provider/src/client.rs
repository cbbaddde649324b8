//! Which connections a request goes over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use http_body::Body;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::config::{HttpVersions, ProviderConfig};
use crate::connector::Connector;
use crate::url::BaseUrl;
use crate::{ConfigError, http1, tls};

pub(crate) type HyperClient<B> = legacy::Client<Connector, B>;

/// Most HTTP/2 connections to one target.
const MAX_CONNECTIONS: usize = 64;

/// Most bytes that the provider may send ahead on one HTTP/2 stream. A client
/// that does not read holds that much and no more.
const STREAM_WINDOW: u32 = 256 * 1024;

/// The same for a whole connection: 64 streams that nobody reads do not block
/// the others.
const CONNECTION_WINDOW: u32 = 64 * STREAM_WINDOW;

const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// The pools of one target.
pub(crate) struct Clients<B> {
    /// For HTTP/1.1, once it is known that the target speaks nothing better.
    pub(crate) http1: Arc<http1::Pool<B>>,
    /// For HTTP/2, and while it is not known. Empty where only HTTP/1.1 is
    /// possible.
    ///
    /// hyper-util keeps one HTTP/2 connection per pool, and a server allows
    /// some hundred streams on it; further requests would wait in line behind
    /// replies that take minutes. So there are several pools, and a request
    /// goes to the first with room.
    pub(crate) negotiated: Box<[HyperClient<B>]>,
}

impl<B> Clients<B>
where
    B: Body + Send + 'static + Unpin,
    B::Data: Send,
{
    pub(crate) fn new(config: &ProviderConfig, base: &BaseUrl) -> Result<Self, ConfigError> {
        let connector = |versions| {
            let tls_config = if base.is_tls() {
                tls::client_config(&config.roots, versions)
            } else {
                tls::unused_config()
            }
            .map_err(|message| config.error("root_certificate", message))?;
            Ok(Connector::new(
                tls_config,
                base.is_tls(),
                config.timeouts.connect,
            ))
        };
        let http1 = http1::Pool::new(
            connector(HttpVersions::Http1)?,
            base.origin().clone(),
            config.pool_idle_timeout,
            config.pool_max_idle,
        );
        let negotiated = if may_speak_http2(config, base) {
            let builder = builder(config);
            let connector = connector(config.versions)?;
            (0..MAX_CONNECTIONS)
                .map(|_| builder.build(connector.clone()))
                .collect()
        } else {
            Box::default()
        };
        Ok(Self {
            http1: Arc::new(http1),
            negotiated,
        })
    }
}

fn builder(config: &ProviderConfig) -> legacy::Builder {
    let mut builder = legacy::Client::builder(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(config.pool_idle_timeout)
        .pool_max_idle_per_host(config.pool_max_idle)
        .http1_max_buf_size(http1::MAX_BUFFER)
        .http2_only(config.versions == HttpVersions::Http2)
        .http2_initial_stream_window_size(STREAM_WINDOW)
        .http2_initial_connection_window_size(CONNECTION_WINDOW)
        .http2_keep_alive_interval(config.ping_interval)
        .http2_keep_alive_timeout(PING_TIMEOUT)
        .http2_keep_alive_while_idle(true);
    builder
}

fn may_speak_http2(config: &ProviderConfig, base: &BaseUrl) -> bool {
    match config.versions {
        HttpVersions::Auto => base.is_tls(),
        HttpVersions::Http1 => false,
        HttpVersions::Http2 => true,
    }
}

/// Whether a target speaks HTTP/1.1 only, as its settings say or its replies show.
#[derive(Debug)]
pub(crate) struct Http1Only {
    is_known: AtomicBool,
    /// Whether replies have to show it.
    is_learned: bool,
}

impl Http1Only {
    pub(crate) fn new(config: &ProviderConfig, base: &BaseUrl) -> Self {
        let may_speak_http2 = may_speak_http2(config, base);
        Self {
            is_known: AtomicBool::new(!may_speak_http2),
            is_learned: may_speak_http2 && config.versions == HttpVersions::Auto,
        }
    }

    pub(crate) fn is_known(&self) -> bool {
        self.is_known.load(Ordering::Relaxed)
    }

    /// A reply came over HTTP/1.1 although HTTP/2 was offered.
    pub(crate) fn learn(&self) {
        if self.is_learned {
            self.is_known.store(true, Ordering::Relaxed);
        }
    }

    /// A server refused to speak HTTP/1.1: it must have been replaced.
    pub(crate) fn forget(&self) {
        if self.is_learned {
            self.is_known.store(false, Ordering::Relaxed);
        }
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
    fn only_what_can_be_either_is_learned_and_forgotten() {
        let base = |text| BaseUrl::parse(text, None).unwrap();
        let config = || ProviderConfig::new("acme");
        // What is known after each of: the start, a reply over HTTP/1.1, a refused handshake.
        let cases = [
            ("https://host", config(), [false, true, false]),
            ("http://host", config(), [true, true, true]),
            (
                "https://host",
                config().http_versions(HttpVersions::Http1),
                [true, true, true],
            ),
            (
                "https://host",
                config().http_versions(HttpVersions::Http2),
                [false, false, false],
            ),
        ];
        for (address, config, expected) in cases {
            let http1_only = Http1Only::new(&config, &base(address));
            let start = http1_only.is_known();
            http1_only.learn();
            let learned = http1_only.is_known();
            http1_only.forget();
            let forgotten = http1_only.is_known();
            assert_eq!([start, learned, forgotten], expected, "{config:?}");
        }
    }

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
