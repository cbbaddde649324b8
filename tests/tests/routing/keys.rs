//! Several keys for one target.

use fw_sim::{Fault, Simulator};
use fw_tests::{Fleet, Sim};

use super::{ask, assert_answered, attempts, both, send, target, together};

const ONE: &str = "fw_test_first";
const TWO: &str = "fw_test_second";

/// A target with two keys and these knobs for the first of them.
async fn fleet(fault: Option<Fault>, keys: &str, providers: &str) -> Fleet {
    let simulator = Simulator::new().key(ONE, move |knobs| knobs.fault.clone_from(&fault));
    let sims = vec![Sim::of(simulator).await, Sim::start().await];
    Fleet::launched(sims, |launch| {
        launch
            .environment("KEY_ONE", ONE)
            .environment("KEY_TWO", TWO)
            .configure(|config| {
                config
                    .providers(providers)
                    .target("a", |target| target.keys(keys))
            })
    })
    .await
}

/// The keys that the first simulator was sent, in their order.
fn keys_sent(fleet: &Fleet) -> Vec<String> {
    let requests = fleet.sims[0].requests();
    let keys = requests.iter().map(|request| {
        let key = request.header("authorization").unwrap();
        key.strip_prefix("Bearer ").unwrap().to_owned()
    });
    keys.collect()
}

const EQUAL: &str = "[{ env: KEY_ONE }, { env: KEY_TWO }]";

/// The first key as long as it works.
const SPARE: &str = "[{ env: KEY_ONE }, { env: KEY_TWO, weight: 0 }]";

#[tokio::test]
async fn keys_are_used_in_proportion_to_their_weights() {
    for (keys, first) in [
        (EQUAL, 4),
        (
            "[{ env: KEY_ONE, weight: 3 }, { env: KEY_TWO, weight: 1 }]",
            6,
        ),
        (SPARE, 8),
    ] {
        let fleet = fleet(None, keys, "strategy: ordered").await;
        for _ in 0..8 {
            assert_answered(&ask(&fleet.gateway).await, "a", "1", keys);
        }
        let sent = keys_sent(&fleet);
        assert_eq!(sent.len(), 8);
        assert_eq!(
            sent.iter().filter(|key| *key == ONE).count(),
            first,
            "{keys}: {sent:?}"
        );
    }
}

#[tokio::test]
async fn a_key_at_its_limit_rests_while_the_other_goes_on() {
    for retry_after in ["", "30"] {
        let limit = Fault::status(429);
        let limit = if retry_after.is_empty() {
            limit
        } else {
            limit.retry_after(retry_after)
        };
        let fleet = fleet(Some(limit), SPARE, "strategy: ordered").await;
        for (number, body) in both().iter().enumerate() {
            let reply = send(&fleet.gateway, body).await;
            let expected = if number == 0 { "2" } else { "1" };
            assert_answered(&reply, "a", expected, "the other key");
        }
        assert_eq!(keys_sent(&fleet), [ONE, TWO, TWO]);
        assert_eq!(fleet.requests()[1], 0, "no other target is needed");
        assert_eq!(fleet.gateway.targets().await["a"]["state"], "ready");
    }
}

#[tokio::test]
async fn a_key_that_is_refused_is_put_aside() {
    together([401, 402, 403, 412], |status| async move {
        let fleet = fleet(Some(Fault::status(status)), EQUAL, "strategy: ordered").await;
        for _ in 0..6 {
            let reply = ask(&fleet.gateway).await;
            assert_eq!(
                (reply.status.as_u16(), target(&reply)),
                (200, "a"),
                "{status}"
            );
        }
        let sent = keys_sent(&fleet);
        assert_eq!(
            sent.iter().filter(|key| *key == ONE).count(),
            1,
            "{status}: {sent:?}"
        );
        assert_eq!(sent.len(), 7);
    })
    .await;
}

#[tokio::test]
async fn when_every_key_is_refused_the_next_target_is_tried() {
    let refused = |knobs: &mut fw_sim::Knobs| knobs.fault = Some(Fault::status(401));
    let simulator = Simulator::new().key(ONE, refused).key(TWO, refused);
    let sims = vec![Sim::of(simulator).await, Sim::start().await];
    let fleet = Fleet::launched(sims, |launch| {
        launch
            .environment("KEY_ONE", ONE)
            .environment("KEY_TWO", TWO)
            .configure(|config| config.target("a", |target| target.keys(EQUAL)))
    })
    .await;
    assert_answered(
        &ask(&fleet.gateway).await,
        "b",
        "3",
        "two keys and a target",
    );
    assert_answered(&ask(&fleet.gateway).await, "b", "1", "both are put aside");
    assert_eq!(keys_sent(&fleet).len(), 2);
}

#[tokio::test]
async fn a_failure_that_is_not_the_key_s_stays_with_the_target() {
    for status in [400, 500] {
        let fleet = fleet(Some(Fault::status(status)), SPARE, "strategy: single").await;
        let reply = ask(&fleet.gateway).await;
        assert_eq!((reply.status.as_u16(), attempts(&reply)), (status, "1"));
        assert_eq!(keys_sent(&fleet), [ONE]);
    }
}

#[tokio::test]
async fn a_key_that_is_not_set_is_left_out() {
    let sims = vec![Sim::start().await];
    let fleet = Fleet::launched(sims, |launch| {
        launch
            .environment("KEY_TWO", TWO)
            .configure(|config| config.target("a", |target| target.keys(EQUAL)))
    })
    .await;
    for _ in 0..4 {
        assert_answered(&ask(&fleet.gateway).await, "a", "1", "one key is enough");
    }
    assert_eq!(keys_sent(&fleet), [TWO; 4]);
}

#[tokio::test]
async fn no_key_is_ever_shown() {
    let fleet = fleet(Some(Fault::status(401)), EQUAL, "strategy: ordered").await;
    let replies = [
        ask(&fleet.gateway).await,
        fleet
            .gateway
            .get("/keeptrusts/providers/metrics")
            .send()
            .await,
        fleet.gateway.get("/health").send().await,
    ];
    for reply in replies {
        let all = format!("{:?} {}", reply.headers, reply.text());
        assert!(!all.contains(ONE) && !all.contains(TWO), "{all}");
    }
    let log = fleet.gateway.log().text();
    assert!(!log.contains(ONE) && !log.contains(TWO), "{log}");
}
