//! Many requests at once over targets that fail at random: each gets one answer, and nothing stays behind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::io::ErrorKind;

use fw_routing::{Attempts, Backoff, Breaker, Hedge, Retry, Router, strategy};
use http_body_util::BodyExt;
use support::{
    Act, DONE, ERROR, PLAIN, Piece, ROLE, STOP, Scripted, WORD, assert_idle, chat, head, ms,
};

/// Something a target may do.
fn act(rng: &mut fastrand::Rng) -> Act {
    use Piece::{Break, Hang, Text, Wait};
    let json = &[("content-type", "application/json")];
    let delay = ms(rng.u64(0..400));
    let act = match rng.u8(0..20) {
        0..6 => Act::talk(),
        6..9 => Act::plain(),
        9 => Act::status(
            *rng.choice(&[400, 401, 404, 408, 412, 422, 500, 503, 520])
                .unwrap(),
        ),
        10 => Act::said(429, &[("retry-after", "1")], "{}"),
        11 => Act::Refuse(
            *rng.choice(&[
                ErrorKind::ConnectionRefused,
                ErrorKind::ConnectionReset,
                ErrorKind::TimedOut,
            ])
            .unwrap(),
        ),
        12 => Act::Hang,
        13 => Act::stream([Text(ROLE), Hang]),
        14 => Act::stream([Text(ROLE), Text(ERROR)]),
        15 => Act::stream([Text(ROLE), Text(WORD), Text(ERROR)]),
        16 => Act::stream([Text(ROLE), Text(WORD), Break(ErrorKind::ConnectionReset)]),
        17 => Act::stream([
            Text(ROLE),
            Wait(delay),
            Text(WORD),
            Wait(delay),
            Text(STOP),
            Text(DONE),
        ]),
        18 => Act::stream([Text(ROLE), Text(WORD)]),
        _ => Act::Reply(
            200,
            json,
            vec![Text("{\"choices\""), Break(ErrorKind::UnexpectedEof)],
        ),
    };
    act.after(delay)
}

/// How a reply may look to a client.
fn assert_is_an_answer(status: u16, body: &str) {
    if status != 200 {
        assert!(
            status >= 400 && body.contains("error") || body == "{}",
            "{status}: {body}"
        );
        return;
    }
    if body == PLAIN {
        return;
    }
    assert_eq!(
        body.matches("assistant").count(),
        1,
        "two answers in one: {body}"
    );
    assert_eq!(body.matches("Hi").count(), 1, "{body}");
    let ends_well = body.ends_with(&[STOP, DONE].concat());
    assert!(ends_well != body.contains("\"error\""), "{body}");
}

async fn storm(seed: u64, requests: usize) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let targets: Vec<Scripted> = (0..3)
        .map(|_| Scripted::new((0..requests * 3).map(|_| act(&mut rng)).collect::<Vec<_>>()))
        .collect();
    let names = [
        "ordered",
        "round_robin",
        "random",
        "least_busy",
        "lowest_latency",
        "adaptive",
    ];
    let name = names[rng.usize(0..names.len())];
    let mut builder = ["a", "b", "c"]
        .iter()
        .zip(&targets)
        .fold(Router::builder(), |router, (id, target)| {
            router.target(target.target(id))
        })
        .strategy(strategy::by_name(name).unwrap())
        .first_token_timeout(ms(2_000))
        .retry(
            Retry::new()
                .backoff(Backoff::new().initial(ms(10)).max(ms(2_000)))
                .timeout(ms(20_000)),
        );
    if rng.bool() {
        builder = builder.breaker(Breaker::new().failure_threshold(4).cooldown(ms(1_000)));
    }
    if rng.bool() {
        builder = builder.hedge(Hedge::after(ms(300)));
    }
    let router = builder.build().unwrap();

    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..requests {
        let (router, stream) = (router.clone(), rng.bool());
        let start = ms(rng.u64(0..3_000));
        // Some clients do not wait for the end; all of them wait for so long only.
        let patience = ms(if rng.u8(0..10) == 0 {
            rng.u64(0..1_000)
        } else {
            60_000
        });
        tasks.spawn(async move {
            tokio::time::sleep(start).await;
            let exchange = async {
                let (head, body) = head(&router, chat(stream)).await.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                let attempts: &Attempts = head.extensions.get().unwrap();
                let count = attempts.len().to_string();
                assert_eq!(head.headers["x-fw-attempts"], *count);
                assert_is_an_answer(head.status.as_u16(), std::str::from_utf8(&body).unwrap());
                head.status
            };
            tokio::time::timeout(patience, exchange).await.ok()
        });
    }
    let answered = tasks.join_all().await;
    let whole = answered.iter().flatten().count();
    assert!(
        whole * 10 >= requests * 8,
        "{whole} of {requests} were answered, seed {seed}"
    );
    assert_idle(&router);
    assert_eq!(
        targets.iter().map(Scripted::in_flight).sum::<usize>(),
        0,
        "seed {seed}"
    );
    for target in router.status() {
        let ended = target.successes + target.failures + target.rate_limited + target.others;
        assert_eq!(target.requests, ended, "{}, seed {seed}", target.id);
    }
}

#[tokio::test(start_paused = true)]
async fn every_request_gets_one_answer() {
    for seed in 0..40 {
        storm(seed, 50).await;
    }
}

/// `cargo test --release -p fw-routing --test chaos -- --ignored`
#[tokio::test(start_paused = true)]
#[ignore = "a hundred thousand requests"]
async fn a_hundred_thousand_requests_get_one_answer_each() {
    for seed in 1_000..1_500 {
        storm(seed, 200).await;
    }
}
