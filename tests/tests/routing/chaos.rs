//! Thousands of requests under random faults: each gets exactly one answer, whole or a clear error, and in the
//! end nothing is in flight.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use fastrand::Rng;
use fw_sim::{Knobs, Simulator};
use fw_tests::{Config, Fleet, Gateway};
use tokio::task::JoinSet;

use super::answer::{Answer, Dialect};

/// What a simulator does with a request, and how often of a thousand. The rest is answered well.
const FAULTS: [(u32, &str); 21] = [
    (20, "status=500"),
    (15, "status=503"),
    (1, "status=429&retry-after=0"),
    (10, "status=408"),
    (10, "status=404"),
    (5, "status=403"),
    (10, "fault=html-502"),
    (10, "fault=empty-502"),
    (15, "fault=reset-before-head"),
    (15, "fault=close-before-head"),
    (10, "fault=reset-after-head"),
    (10, "fault=reset-mid-body&fault-after=1"),
    (20, "fault=reset-mid-body&fault-after=6&tokens-per-event=1"),
    (10, "fault=close-mid-body&fault-after=5&tokens-per-event=1"),
    (10, "fault=wrong-length"),
    (10, "fault=cut-json"),
    (10, "truncate-after=1"),
    (10, "truncate-after=7&tokens-per-event=1"),
    (10, "error-after=1"),
    (10, "error-after=6&tokens-per-event=1"),
    (20, "head-delay=30ms&ttft=30ms"),
];

/// Those that cost a second each, fewer of them.
const SILENCE: [&str; 3] = [
    "fault=hang-before-head",
    "fault=hang-mid-body&fault-after=1",
    "fault=hang-mid-body&fault-after=6&tokens-per-event=1",
];

/// Clients at the same time.
const CLIENTS: usize = 48;

/// What became of the requests.
#[derive(Debug, Default)]
struct Tally {
    whole: AtomicU64,
    broken_off: AtomicU64,
    refused: AtomicU64,
    /// All targets rested at this moment. Such an answer is quick, so a client that does not wait gets many.
    unavailable: AtomicU64,
    hung_up: AtomicU64,
}

fn chaotic(seed: u64) -> Simulator {
    let rng = Mutex::new(Rng::with_seed(seed));
    Simulator::new()
        .recorded_requests(0)
        .key(fw_tests::KEY, move |knobs| {
            fate(&mut rng.lock().unwrap(), knobs)
        })
}

fn fate(rng: &mut Rng, knobs: &mut Knobs) {
    let mut drawn = rng.u32(0..1000);
    if drawn < 2 {
        knobs.set_all(SILENCE[rng.usize(..SILENCE.len())]).unwrap();
        return;
    }
    drawn -= 2;
    for (share, fault) in FAULTS {
        if drawn < share {
            knobs.set_all(fault).unwrap();
            return;
        }
        drawn -= share;
    }
}

/// One client asks one question and looks at the answer with care.
async fn question(gateway: &Gateway, number: u64, rng: &mut Rng, tally: &Tally) {
    let dialect = Dialect::ALL[rng.usize(..4)];
    let stream = rng.bool();
    let text = format!("question {number} of a client who reads every word of the answer");
    let body = dialect.ask(&text, stream);
    if rng.u32(0..100) < 3 {
        let mut client = gateway.connect().await;
        client.post(dialect.path(), "", &body.to_string()).await;
        if stream && rng.bool() {
            // Whatever comes: some content, an error, or the head of an error.
            client.until("\r\n\r\n").await;
        }
        tally.hung_up.fetch_add(1, Ordering::Relaxed);
        return;
    }
    let reply = gateway.post(dialect.path()).json(&body).send().await;
    let expected = format!("You said: {text}");
    let counter = match dialect.read(&reply) {
        Answer::Whole(said) => {
            assert_eq!(said.trim(), expected, "question {number}");
            &tally.whole
        }
        Answer::BrokenOff(said) => {
            assert!(stream, "a plain answer is whole");
            assert!(
                expected.starts_with(said.trim()),
                "question {number}: {said}"
            );
            assert!(
                !said.trim().is_empty(),
                "question {number} had no content yet"
            );
            &tally.broken_off
        }
        Answer::Refused(503) if super::attempts(&reply) == "0" => {
            let seconds = reply.header("retry-after").expect("when to come back");
            assert!(
                seconds.parse::<u64>().unwrap() >= 1,
                "question {number}: {seconds}"
            );
            &tally.unavailable
        }
        Answer::Refused(status) => {
            let known = [403, 404, 408, 429, 500, 502, 503, 504];
            assert!(known.contains(&status), "question {number}: {status}");
            &tally.refused
        }
    };
    counter.fetch_add(1, Ordering::Relaxed);
}

async fn storm(requests: u64, seed: u64, providers: &str) {
    let simulators = [1, 2, 3].map(|number| chaotic(seed * 10 + number));
    let fleet = Fleet::of(simulators, |config| {
        let config = config.providers(providers).providers(BREAKER);
        ["a", "b", "c"]
            .into_iter()
            .fold(config, |config: Config, id| {
                config.target(id, |target| {
                    let target = target.field("timeout_seconds", "3");
                    target.field("idle_timeout_seconds", "1")
                })
            })
    })
    .await;
    let fleet = Arc::new(fleet);
    let (tally, next) = (Arc::new(Tally::default()), Arc::new(AtomicU64::new(0)));
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS as u64 {
        let (fleet, tally, next) = (Arc::clone(&fleet), Arc::clone(&tally), Arc::clone(&next));
        let mut rng = Rng::with_seed(seed * 1000 + client);
        clients.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= requests {
                    return;
                }
                question(&fleet.gateway, number, &mut rng, &tally).await;
            }
        });
    }
    while let Some(ended) = clients.join_next().await {
        if let Err(error) = ended {
            std::panic::resume_unwind(error.into_panic());
        }
    }
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let [whole, broken_off, refused, unavailable, hung_up] = [
        &tally.whole,
        &tally.broken_off,
        &tally.refused,
        &tally.unavailable,
        &tally.hung_up,
    ]
    .map(count);
    let served = whole + broken_off + refused;
    assert_eq!(served + unavailable + hung_up, requests, "{tally:?}");
    fleet.idle().await;
    assert!(
        refused * 50 < served,
        "at most two in a hundred see an error: {tally:?}"
    );
    assert!(
        whole * 100 > served * 90,
        "nine of ten are answered in full: {tally:?}"
    );
    assert!(
        unavailable * 4 < requests,
        "there is a target most of the time: {tally:?}"
    );
    let log = fleet.gateway.log().text();
    assert!(!log.contains("panicked"), "{log}");
    fw_tests::say(&format!(
        "{requests} requests: {tally:?}, asked {:?}",
        fleet.requests()
    ));
}

const BREAKER: &str = "first_token_timeout_seconds: 1\ncircuit_breaker: { failure_threshold: 8, cooldown_seconds: 1 }\nretry: { max_attempts: 2, initial_backoff_ms: 1, max_backoff_ms: 20 }";
const CAREFUL: &str = "strategy: adaptive";
const EAGER: &str = "strategy: round_robin\nhedge: { enabled: true, delay_ms: 20 }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_gets_exactly_one_answer() {
    storm(1_500, 1, CAREFUL).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_gets_exactly_one_answer_when_two_targets_race_for_it() {
    storm(1_500, 2, EAGER).await;
}

/// `cargo test --release -p fw-tests --test routing -- --ignored hundred_thousand`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes"]
async fn a_hundred_thousand_requests_get_exactly_one_answer_each() {
    storm(50_000, 3, CAREFUL).await;
    storm(50_000, 4, EAGER).await;
}
