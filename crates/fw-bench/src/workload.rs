//! What load is put on, and one measured window of it.

use std::{
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{sync::Semaphore, task::JoinSet, time};

use crate::{
    Error,
    client::{Connection, plain_request, stream_request},
    mock::Order,
    stats::Samples,
};

/// A named load.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    /// The letter by which reports call it.
    pub name: &'static str,
    /// What it is, for the report's legend.
    pub about: &'static str,
    /// Bytes of prompt.
    pub prompt: usize,
    /// Connections, all opened before the window begins unless the load ramps up.
    pub connections: usize,
    /// How requests follow each other.
    pub pattern: Pattern,
}

/// How requests follow each other.
#[derive(Clone, Copy, Debug)]
pub enum Pattern {
    /// Each connection sends its next request when it has the reply to the last.
    Closed,
    /// Requests come so many times a second whether or not the last was answered. Latency counts
    /// from the instant at which a request was due, so a stall is not omitted.
    Open {
        /// Requests per second.
        rate: u32,
    },
    /// Each connection reads one stream after the other.
    Streams {
        /// The stream.
        order: Order,
    },
    /// Connections are opened one by one over `ramp`, and each reads one stream.
    Ramp {
        /// The stream.
        order: Order,
        /// Time over which all streams begin. Shorter than a stream, so that all run at once.
        ramp: Duration,
    },
}

/// Figures of one window.
#[derive(Debug, Default)]
pub struct Window {
    /// Requests answered.
    pub requests: u64,
    /// Streamed events received.
    pub events: u64,
    /// From the first request to the last reply.
    pub elapsed: Duration,
    /// Request to whole reply, or due time to whole reply.
    pub latency: Samples,
    /// Request to the first chunk with content.
    pub first: Samples,
    /// Send time in a chunk to its arrival.
    pub delivery: Samples,
    /// Most streams that ran at once.
    pub peak_streams: usize,
}

/// What has to be read at the edges of a window: CPU time, for one.
pub trait Probe {
    /// Called when connections are open and warm.
    fn begin(&mut self) -> Result<(), Error>;
    /// Called when the last reply is complete.
    fn end(&mut self) -> Result<(), Error>;
}

const fn chunks(chunks: u32, pause_ms: u64) -> Order {
    Order {
        chunks,
        pause: Duration::from_millis(pause_ms),
    }
}

/// The loads that run in interleaved windows.
pub const WINDOWS: [Workload; 7] = [
    Workload {
        name: "L",
        about: "1 connection, 1 KB prompt, plain reply: bare latency",
        prompt: 1_024,
        connections: 1,
        pattern: Pattern::Closed,
    },
    Workload {
        name: "A",
        about: "32 connections, closed loop, 1 KB prompt, plain reply of 1.1 KB",
        prompt: 1_024,
        connections: 32,
        pattern: Pattern::Closed,
    },
    Workload {
        name: "B",
        about: "as A with a prompt of 16 KB",
        prompt: 16 * 1_024,
        connections: 32,
        pattern: Pattern::Closed,
    },
    Workload {
        name: "R",
        about: "open loop, 1,000 requests a second, latency from the due time",
        prompt: 1_024,
        connections: 64,
        pattern: Pattern::Open { rate: 1_000 },
    },
    Workload {
        name: "C",
        about: "50 streams, one chunk each 5 ms, 200 chunks a stream, each its own write",
        prompt: 1_024,
        connections: 50,
        pattern: Pattern::Streams {
            order: chunks(200, 5),
        },
    },
    Workload {
        name: "F",
        about: "1 connection, streams of 4 chunks one after the other: bare time to the first content",
        prompt: 1_024,
        connections: 1,
        pattern: Pattern::Streams {
            order: chunks(4, 0),
        },
    },
    Workload {
        name: "X",
        about: "16 streams of 200 chunks without a pause",
        prompt: 1_024,
        connections: 16,
        pattern: Pattern::Streams {
            order: chunks(200, 0),
        },
    },
];

/// 1,000 slow streams on a fresh process.
pub const D1: Workload = Workload {
    name: "D1",
    about: "1,000 streams, one chunk each 50 ms, on a fresh process",
    prompt: 1_024,
    connections: 1_000,
    pattern: Pattern::Ramp {
        order: chunks(100, 50),
        ramp: Duration::from_millis(1_000),
    },
};

/// 5,000 slow streams on a fresh process.
pub const D5: Workload = Workload {
    name: "D5",
    about: "5,000 streams, one chunk each 250 ms, on a fresh process",
    prompt: 1_024,
    connections: 5_000,
    pattern: Pattern::Ramp {
        order: chunks(24, 250),
        ramp: Duration::from_millis(3_000),
    },
};

// === impl Workload ===

impl Workload {
    /// The same with a twentieth of the streams and a quarter of their length, to see that it runs.
    #[must_use]
    pub fn small(self) -> Self {
        let pattern = match self.pattern {
            Pattern::Ramp { order, ramp } => Pattern::Ramp {
                order: Order {
                    chunks: order.chunks / 4,
                    ..order
                },
                ramp: ramp / 4,
            },
            other => other,
        };
        Self {
            connections: self.connections / 20,
            pattern,
            ..self
        }
    }

    /// Puts the load on `to` for `length` (a ramp: once) and measures.
    ///
    /// # Errors
    ///
    /// The first failed request ends the window: its figures would mean nothing.
    pub async fn run(
        self,
        to: SocketAddr,
        length: Duration,
        probe: &mut impl Probe,
    ) -> Result<Window, Error> {
        let limit = length + Duration::from_secs(30);
        let window = async {
            match self.pattern {
                Pattern::Closed => self.closed(to, length, probe).await,
                Pattern::Open { rate } => self.open(to, length, rate, probe).await,
                Pattern::Streams { order } => self.streams(to, length, order, probe).await,
                Pattern::Ramp { order, ramp } => self.ramp(to, order, ramp, probe).await,
            }
        };
        time::timeout(limit, window)
            .await
            .map_err(|_| format!("not done after {} s", limit.as_secs()))?
    }

    async fn closed(
        self,
        to: SocketAddr,
        length: Duration,
        probe: &mut impl Probe,
    ) -> Result<Window, Error> {
        let request: Arc<[u8]> = plain_request(to, self.prompt).into();
        let connections = self.connect(to, &request).await?;
        probe.begin()?;
        let began = Instant::now();
        let mut tasks = JoinSet::new();
        for mut connection in connections {
            let request = request.clone();
            tasks.spawn(async move {
                let mut window = Window::default();
                let mut sent = Instant::now();
                while sent.duration_since(began) < length {
                    connection.plain(&request, false).await?;
                    let now = Instant::now();
                    window.latency.push(nanos(now.duration_since(sent)));
                    window.requests += 1;
                    sent = now;
                }
                Ok(window)
            });
        }
        gather(tasks, began, probe).await
    }

    async fn open(
        self,
        to: SocketAddr,
        length: Duration,
        rate: u32,
        probe: &mut impl Probe,
    ) -> Result<Window, Error> {
        let request: Arc<[u8]> = plain_request(to, self.prompt).into();
        let connections = self.connect(to, &request).await?;
        let total = (length.as_secs_f64() * f64::from(rate)) as u32;
        let due = Arc::new(Due::of(total));
        probe.begin()?;
        let began = Instant::now();
        // The timer of a runtime counts in milliseconds; a thread's sleep is exact to some 50 us.
        let clock = {
            let due = due.clone();
            std::thread::spawn(move || {
                for number in 0..total {
                    let at = began + Duration::from_secs(1) * number / rate;
                    std::thread::sleep(at.saturating_duration_since(Instant::now()));
                    due.waiting.add_permits(1);
                }
            })
        };
        let mut tasks = JoinSet::new();
        for mut connection in connections {
            let (request, due) = (request.clone(), due.clone());
            tasks.spawn(async move {
                let mut window = Window::default();
                while let Some(number) = due.next().await {
                    let at = began + Duration::from_secs(1) * number / rate;
                    connection.plain(&request, false).await?;
                    window.latency.push(nanos(at.elapsed()));
                    window.requests += 1;
                }
                Ok(window)
            });
        }
        let mut window = gather(tasks, began, probe).await?;
        clock.join().map_err(|_| "the clock thread panicked")?;
        window.elapsed = window.elapsed.max(length);
        Ok(window)
    }

    async fn streams(
        self,
        to: SocketAddr,
        length: Duration,
        order: Order,
        probe: &mut impl Probe,
    ) -> Result<Window, Error> {
        let warm = plain_request(to, self.prompt);
        let connections = self.connect(to, &warm).await?;
        let request: Arc<[u8]> = stream_request(to, self.prompt, order).into();
        probe.begin()?;
        let began = Instant::now();
        let mut tasks = JoinSet::new();
        for (number, mut connection) in connections.into_iter().enumerate() {
            let request = request.clone();
            // Streams of real clients do not tick in step.
            let offset = order.pause.mul_f64(number as f64 / self.connections as f64);
            tasks.spawn(async move {
                time::sleep_until((began + offset).into()).await;
                let mut window = Window::default();
                while began.elapsed() < length {
                    one_stream(&mut connection, &request, order, &mut window).await?;
                }
                Ok(window)
            });
        }
        let mut window = gather(tasks, began, probe).await?;
        window.peak_streams = self.connections;
        Ok(window)
    }

    async fn ramp(
        self,
        to: SocketAddr,
        order: Order,
        ramp: Duration,
        probe: &mut impl Probe,
    ) -> Result<Window, Error> {
        let request: Arc<[u8]> = stream_request(to, self.prompt, order).into();
        let running = Arc::new(Semaphore::new(0));
        probe.begin()?;
        let began = Instant::now();
        let mut peak = 0;
        let mut tasks: JoinSet<Result<Window, Error>> = JoinSet::new();
        for number in 0..self.connections {
            let share = number as f64 / self.connections as f64;
            let (request, running) = (request.clone(), running.clone());
            tasks.spawn(async move {
                time::sleep_until((began + ramp.mul_f64(share)).into()).await;
                let mut connection = Connection::open(to).await?;
                running.add_permits(1);
                let mut window = Window::default();
                let outcome = one_stream(&mut connection, &request, order, &mut window).await;
                running.forget_permits(1);
                outcome.map(|()| window)
            });
        }
        let mut gathered = pin!(gather(tasks, began, probe));
        let mut look = time::interval(Duration::from_millis(20));
        let mut window = loop {
            tokio::select! {
                window = &mut gathered => break window?,
                _ = look.tick() => peak = peak.max(running.available_permits()),
            }
        };
        window.peak_streams = peak;
        if peak < self.connections {
            return Err(format!("only {peak} streams ran at once").into());
        }
        Ok(window)
    }

    /// Opens the connections and sends one request over each.
    async fn connect(self, to: SocketAddr, warm: &[u8]) -> Result<Vec<Connection>, Error> {
        let mut tasks: JoinSet<Result<Connection, Error>> = JoinSet::new();
        let warm: Arc<[u8]> = warm.into();
        for _ in 0..self.connections {
            let warm = warm.clone();
            tasks.spawn(async move {
                let mut connection = Connection::open(to).await?;
                for _ in 0..5 {
                    connection.plain(&warm, true).await?;
                }
                Ok(connection)
            });
        }
        let mut connections = Vec::with_capacity(self.connections);
        while let Some(connection) = tasks.join_next().await {
            connections.push(connection??);
        }
        Ok(connections)
    }
}

async fn one_stream(
    connection: &mut Connection,
    request: &[u8],
    order: Order,
    window: &mut Window,
) -> Result<(), Error> {
    // Without a pause chunks wait for the reader; their delay would say nothing about the proxy.
    let delivery = (!order.pause.is_zero()).then_some(&mut window.delivery);
    let streamed = connection.stream(request, order, delivery).await?;
    window.first.push(nanos(streamed.first));
    window.events += streamed.events;
    window.requests += 1;
    Ok(())
}

async fn gather(
    mut tasks: JoinSet<Result<Window, Error>>,
    began: Instant,
    probe: &mut impl Probe,
) -> Result<Window, Error> {
    let mut whole = Window::default();
    while let Some(part) = tasks.join_next().await {
        let part = part??;
        whole.requests += part.requests;
        whole.events += part.events;
        whole.latency.append(part.latency);
        whole.first.append(part.first);
        whole.delivery.append(part.delivery);
    }
    probe.end()?;
    whole.elapsed = began.elapsed();
    Ok(whole)
}

/// Hands out requests in the order in which they fall due.
#[derive(Debug)]
struct Due {
    total: u32,
    taken: AtomicU32,
    waiting: Semaphore,
}

impl Due {
    fn of(total: u32) -> Self {
        Self {
            total,
            taken: AtomicU32::new(0),
            waiting: Semaphore::new(0),
        }
    }

    /// Waits until a request is due. Waiters are served first come, first served.
    async fn next(&self) -> Option<u32> {
        self.waiting.acquire().await.ok()?.forget();
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        if number + 1 >= self.total {
            self.waiting.close();
        }
        (number < self.total).then_some(number)
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
