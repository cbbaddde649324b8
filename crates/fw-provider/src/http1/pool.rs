use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use http::Uri;
use http_body::Body;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::Instant;
use tower_service::Service;

use super::connection::Connection;
use super::exchange::Failure;
use crate::connector::Connector;
use crate::error::BoxError;

/// The connections to one address.
pub(crate) struct Pool<B> {
    connector: Connector,
    /// Only scheme and authority matter.
    address: Uri,
    idle_timeout: Duration,
    max_idle: usize,
    idle: Mutex<Idle<B>>,
}

struct Idle<B> {
    /// The one used last is at the end. It is the first to be used again, so that the others can fall idle and close.
    connections: Vec<(Instant, Box<Connection<B>>)>,
    /// The task that waits to close those that nobody needs. It ends early with its runtime.
    sweeper: Option<AbortHandle>,
}

impl<B> Pool<B> {
    pub(crate) fn new(
        connector: Connector,
        address: Uri,
        idle_timeout: Duration,
        max_idle: usize,
    ) -> Self {
        Self {
            connector,
            address,
            idle_timeout,
            max_idle,
            idle: Mutex::new(Idle {
                connections: Vec::new(),
                sweeper: None,
            }),
        }
    }

    /// An unused connection, the one used last.
    pub(super) fn take(&self) -> Option<Box<Connection<B>>> {
        let mut idle = self.lock();
        let (since, connection) = idle.connections.pop()?;
        if since.elapsed() < self.idle_timeout {
            return Some(connection);
        }
        // The others have waited longer still.
        idle.connections.clear();
        None
    }

    fn lock(&self) -> MutexGuard<'_, Idle<B>> {
        // Nothing panics while it is held, and a list of connections is never half changed.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<B> Pool<B>
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    pub(super) async fn open(self: &Arc<Self>) -> Result<Box<Connection<B>>, Failure> {
        let io = self.connector.clone().call(self.address.clone()).await;
        let connection = Connection::new(io.map_err(Failure::Connect)?, Arc::downgrade(self)).await;
        Ok(Box::new(connection.map_err(Failure::Exchange)?))
    }
}

impl<B: Send + 'static> Pool<B> {
    /// Gives a connection back to its pool when its reply has ended.
    pub(super) fn put(mut connection: Box<Connection<B>>) {
        let Some(pool) = connection.pool().filter(|_| connection.is_reusable()) else {
            return;
        };
        let mut idle = pool.lock();
        if idle.connections.len() >= pool.max_idle {
            return;
        }
        let now = Instant::now();
        idle.connections.push((now, connection));
        if idle.sweeper.as_ref().is_some_and(|it| !it.is_finished()) {
            return;
        }
        // Outside of a runtime, while one shuts down, connections are not worth closing. Nor are they if they are
        // kept longer than the clock reaches.
        if let (Ok(runtime), Some(due)) =
            (Handle::try_current(), now.checked_add(pool.idle_timeout))
        {
            let sweeper = runtime.spawn(sweep(Arc::downgrade(&pool), due));
            idle.sweeper = Some(sweeper.abort_handle());
        }
    }

    /// Closes the connections that nobody needed for too long. Says when the next will be due, if any is left.
    fn close_unused(&self) -> Option<Instant> {
        let mut idle = self.lock();
        let fresh = idle
            .connections
            .partition_point(|(since, _)| since.elapsed() >= self.idle_timeout);
        let closed: Vec<_> = idle.connections.drain(..fresh).collect();
        let oldest = idle.connections.first();
        let due = oldest.and_then(|(since, _)| since.checked_add(self.idle_timeout));
        if due.is_none() {
            idle.sweeper = None;
        }
        drop(idle);
        drop(closed);
        due
    }
}

impl<B> fmt::Debug for Pool<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("idle", &self.lock().connections.len())
            .finish_non_exhaustive()
    }
}

/// Closes unused connections until there are none, or the pool is gone.
async fn sweep<B: Send + 'static>(pool: Weak<Pool<B>>, first: Instant) {
    let mut due = first;
    loop {
        tokio::time::sleep_until(due).await;
        let next = pool.upgrade().and_then(|pool| pool.close_unused());
        match next {
            Some(next) => due = next,
            None => return,
        }
    }
}
