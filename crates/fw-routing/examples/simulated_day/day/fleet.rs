//! The targets: servers on paper, each with its speed, its capacity, its limits and its bad hours.

use std::{
    future::{Future, pending},
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::Full;
use tokio::time::{Instant, sleep};
use tower_service::Service;

use super::{
    pattern::{Pattern, Weather},
    reply::{Reply, Script},
    traffic::{Luck, log_normal},
};

/// What a target is like on a good day.
#[derive(Debug)]
pub(crate) struct DataSheet {
    pub(crate) name: &'static str,
    /// Seconds to the first token: the median, and the spread of its logarithm.
    first_token: (f64, f64),
    tokens_per_second: f64,
    /// USD per million tokens of the prompt and of the completion.
    pub(crate) price: (f64, f64),
    /// Requests at a time. More of them slow each other down; three times as many are refused.
    pub(crate) capacity: f64,
    requests_per_minute: f64,
}

/// The targets in the order of preference.
#[rustfmt::skip]
pub(crate) const FLEET: [DataSheet; 5] = [
    DataSheet { name: "north", first_token: (0.35, 0.35), tokens_per_second: 110.0, price: (0.90, 0.90), capacity: 12.0, requests_per_minute: 200.0 },
    DataSheet { name: "south", first_token: (0.42, 0.35), tokens_per_second:  90.0, price: (0.80, 0.80), capacity: 12.0, requests_per_minute: 240.0 },
    DataSheet { name: "lake",  first_token: (0.25, 0.50), tokens_per_second: 140.0, price: (1.40, 2.80), capacity:  6.0, requests_per_minute: 120.0 },
    DataSheet { name: "hill",  first_token: (0.55, 0.60), tokens_per_second:  80.0, price: (0.50, 1.00), capacity: 14.0, requests_per_minute: 240.0 },
    DataSheet { name: "river", first_token: (0.70, 0.40), tokens_per_second:  60.0, price: (0.30, 0.60), capacity: 20.0, requests_per_minute: 480.0 },
];

/// Errors and cut streams without any incident.
const ERRORS: f64 = 0.002;
const CUTS: f64 = 0.0005;

/// One target as a service.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    place: usize,
    start: Instant,
    pattern: Arc<Pattern>,
    load: Arc<Mutex<Load>>,
    till: Till,
}

/// What all targets have charged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Till(Arc<AtomicU64>);

impl Till {
    /// Tokens at a price in USD per million.
    pub(crate) fn charge(&self, tokens: f64, price: f64) {
        self.0.fetch_add((tokens * price * 1e3) as u64, Relaxed);
    }

    /// In USD.
    pub(crate) fn total(&self) -> f64 {
        self.0.load(Relaxed) as f64 / 1e9
    }
}

/// What a target has on its hands.
#[derive(Debug)]
struct Load {
    in_flight: u32,
    /// The token bucket of its rate limit: what is left, as of when.
    left: f64,
    at: Instant,
}

/// A place in a target, given back when dropped.
#[derive(Debug)]
pub(crate) struct Seat(Arc<Mutex<Load>>);

impl Drop for Seat {
    fn drop(&mut self) {
        lock(&self.0).in_flight -= 1;
    }
}

fn lock(load: &Mutex<Load>) -> MutexGuard<'_, Load> {
    load.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Server {
    pub(crate) fn new(place: usize, start: Instant, pattern: Arc<Pattern>, till: Till) -> Self {
        let load = Load {
            in_flight: 0,
            left: FLEET[place].requests_per_minute / 4.0,
            at: start,
        };
        Self {
            place,
            start,
            pattern,
            load: Arc::new(Mutex::new(load)),
            till,
        }
    }

    async fn answer(self, luck: Luck) -> Result<Response<Reply>, io::Error> {
        let weather = self
            .pattern
            .weather(self.place, Instant::now().duration_since(self.start));
        let mut rng = luck.at(self.place);
        let (failure, spread) = (rng.f64(), rng.f64());
        if weather.hangs {
            return pending().await;
        }
        if weather.refuses {
            sleep(Duration::from_millis(5)).await;
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        if weather.is_down {
            return refuse(20, StatusCode::SERVICE_UNAVAILABLE, HeaderMap::new()).await;
        }
        let limits = match self.spend(&weather) {
            Ok(headers) => headers,
            Err(headers) => return refuse(30, StatusCode::TOO_MANY_REQUESTS, headers).await,
        };
        if failure < ERRORS + weather.errors {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            return refuse(150, status, limits).await;
        }
        let Some((seat, crowd)) = self.sit(&weather) else {
            return refuse(20, StatusCode::SERVICE_UNAVAILABLE, limits).await;
        };
        let sheet = &FLEET[self.place];
        let (median, sigma) = sheet.first_token;
        let first_token = log_normal(&mut rng, median, sigma) * weather.slow * (1.0 + 3.0 * crowd);
        // A long prompt takes its time.
        let first_token = first_token + luck.prompt_tokens * 5e-5;
        let seconds_per_token = weather.slow.min(3.0) * (1.0 + crowd) / sheet.tokens_per_second;
        let head = f64::min(first_token / 5.0, 0.05);
        let script = Script {
            first_token: (!weather.is_silent).then(|| Duration::from_secs_f64(first_token - head)),
            writing: Duration::from_secs_f64(seconds_per_token * luck.completion_tokens),
            prompt_tokens: luck.prompt_tokens,
            completion_tokens: luck.completion_tokens,
            cut: (luck.cut < CUTS + weather.cuts).then_some(spread),
            price: sheet.price,
        };
        sleep(Duration::from_secs_f64(head)).await;
        let mut response = Response::new(Reply::stream(script, seat, self.till));
        *response.headers_mut() = limits;
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream"),
        );
        Ok(response)
    }

    /// Counts a request against the rate limit. The headers that say so; an error's if there is nothing left.
    fn spend(&self, weather: &Weather) -> Result<HeaderMap, HeaderMap> {
        let per_minute = FLEET[self.place].requests_per_minute * weather.limit;
        let burst = per_minute / 4.0;
        let mut load = lock(&self.load);
        let now = Instant::now();
        let passed = now.duration_since(load.at).as_secs_f64();
        load.left = (load.left + passed * per_minute / 60.0).min(burst);
        load.at = now;
        let enough = load.left >= 1.0;
        if enough {
            load.left -= 1.0;
        }
        let mut headers = HeaderMap::new();
        let numbers = [
            ("x-ratelimit-limit-requests", burst),
            ("x-ratelimit-remaining-requests", load.left),
        ];
        for (name, number) in numbers {
            headers.insert(name, HeaderValue::from(number as u64));
        }
        if enough {
            return Ok(headers);
        }
        let quarter = (burst / 4.0 - load.left) * 60.0 / per_minute;
        headers.insert(
            header::RETRY_AFTER,
            HeaderValue::from(quarter.ceil().max(1.0) as u64),
        );
        Err(headers)
    }

    /// A seat, and how far the target is beyond its capacity: 1 for twice as many requests. `None` if full.
    fn sit(&self, weather: &Weather) -> Option<(Seat, f64)> {
        let mut load = lock(&self.load);
        let capacity = FLEET[self.place].capacity * weather.capacity;
        let busy = f64::from(load.in_flight + 1) / capacity;
        if busy > 3.0 {
            return None;
        }
        load.in_flight += 1;
        Some((Seat(Arc::clone(&self.load)), (busy - 1.0).max(0.0)))
    }
}

/// A reply that says no, after so many milliseconds.
async fn refuse(
    after: u64,
    status: StatusCode,
    headers: HeaderMap,
) -> Result<Response<Reply>, io::Error> {
    sleep(Duration::from_millis(after)).await;
    let mut response = Response::new(Reply::empty());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

impl Service<Request<Full<Bytes>>> for Server {
    type Response = Response<Reply>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Reply>, io::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        match request.extensions().get::<Luck>() {
            Some(luck) => Box::pin(self.clone().answer(*luck)),
            None => Box::pin(async { Err(io::ErrorKind::InvalidInput.into()) }),
        }
    }
}
