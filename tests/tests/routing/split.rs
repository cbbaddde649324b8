//! A/B tests: shares, and callers who stay with their variant.

use std::collections::BTreeMap;

use fw_tests::{Fleet, Gateway, MODEL, chat};
use serde_json::json;

use super::{ask, send, target};

const BY_USER: &str = "ab_test: { sticky_by: user_id, variants: [{ provider_id: a, weight: 1 }, { provider_id: b, weight: 1 }] }";
const BY_HEADER: &str = "ab_test: { sticky_by: x-team, variants: [{ provider_id: a, weight: 3 }, { provider_id: b, weight: 1 }] }";

async fn by_header(gateway: &Gateway, name: &str, value: &str) -> String {
    let call = gateway.post("/v1/chat/completions").header(name, value);
    target(&call.json(&chat("Hello")).send().await).to_owned()
}

async fn by_user(gateway: &Gateway, user: &str) -> String {
    let mut body = chat("Hello");
    body["user"] = user.into();
    target(&send(gateway, &body).await).to_owned()
}

#[tokio::test]
async fn a_user_stays_on_a_variant() {
    let fleet = Fleet::start(["", ""], |config| config.providers(BY_USER)).await;
    let mut variants = BTreeMap::new();
    for round in 0..3 {
        for number in 0..20 {
            let user = format!("user-{number}");
            let variant = match round {
                0 => by_user(&fleet.gateway, &user).await,
                1 => by_header(&fleet.gateway, "x-user-id", &user).await,
                _ => {
                    let body = json!({ "model": MODEL, "max_tokens": 9, "metadata": { "user_id": user },
                        "messages": [{ "role": "user", "content": "Hello" }] });
                    let reply = fleet.gateway.post("/v1/messages").json(&body).send().await;
                    target(&reply).to_owned()
                }
            };
            let known = variants
                .entry(user.clone())
                .or_insert_with(|| variant.clone());
            assert_eq!(*known, variant, "{user} in round {round}");
        }
    }
    let on_a = variants.values().filter(|variant| *variant == "a").count();
    assert!(
        (3..=17).contains(&on_a),
        "both variants have users: {variants:?}"
    );
}

#[tokio::test]
async fn a_user_is_on_the_same_variant_at_every_replica() {
    let fleet = Fleet::start(["", ""], |config| config.providers(BY_USER)).await;
    let replica = fleet.replica().await;
    for number in 0..20 {
        let user = format!("user-{number}");
        let (here, there) = (
            by_user(&fleet.gateway, &user).await,
            by_user(&replica, &user).await,
        );
        assert_eq!(here, there, "{user}");
    }
}

#[tokio::test]
async fn a_header_keeps_a_caller_on_a_variant() {
    let fleet = Fleet::start(["", ""], |config| config.providers(BY_HEADER)).await;
    let mut on_a = 0;
    for number in 0..60 {
        let team = format!("team-{number}");
        let first = by_header(&fleet.gateway, "x-team", &team).await;
        let again = by_header(&fleet.gateway, "X-Team", &team).await;
        assert_eq!(first, again, "{team}");
        on_a += usize::from(first == "a");
    }
    assert!(
        (33..=57).contains(&on_a),
        "three quarters of 60, about: {on_a}"
    );
}

#[tokio::test]
async fn a_caller_without_a_name_gets_either_by_weight() {
    let fleet = Fleet::start(["", ""], |config| config.providers(BY_HEADER)).await;
    let mut on_a = 0;
    for _ in 0..80 {
        on_a += usize::from(target(&ask(&fleet.gateway).await) == "a");
    }
    assert!(
        (42..=76).contains(&on_a),
        "three quarters of 80, about: {on_a}"
    );
}

#[tokio::test]
async fn a_variant_that_fails_is_replaced_for_its_users_only() {
    let fleet = Fleet::start(["", ""], |config| config.providers(BY_USER)).await;
    let mut before = BTreeMap::new();
    for number in 0..10 {
        let user = format!("user-{number}");
        let variant = by_user(&fleet.gateway, &user).await;
        before.insert(user, variant);
    }
    fleet.sims[0].set("status=500");
    for user in before.keys() {
        assert_eq!(by_user(&fleet.gateway, user).await, "b");
    }
    fleet.sims[0].set("");
    fleet
        .gateway
        .targets_when("a to be known", |targets| targets.contains_key("a"))
        .await;
    let mut moved = 0;
    for (user, variant) in &before {
        moved += usize::from(*variant == "b" && by_user(&fleet.gateway, user).await != "b");
    }
    assert_eq!(moved, 0, "nobody of the other variant moves");
}

#[tokio::test]
async fn a_test_that_is_switched_off_changes_nothing() {
    let off = BY_USER.replace("ab_test: {", "ab_test: { enabled: false,");
    let fleet = Fleet::start(["", ""], |config| config.providers(&off)).await;
    for number in 0..6 {
        assert_eq!(
            by_user(&fleet.gateway, &format!("user-{number}")).await,
            "a"
        );
    }
}
