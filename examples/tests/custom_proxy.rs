//! The example `custom_proxy` between a client and two simulators.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod client;
#[allow(dead_code, unreachable_pub)]
#[path = "../examples/custom_proxy.rs"]
mod example;

use fw_provider::{Provider, ProviderConfig};
use fw_sim::{Running, Simulator};
use tokio::net::TcpListener;

fn provider(base_url: &str, key: &str) -> Provider<hyper::body::Incoming> {
    let config = ProviderConfig::new("fireworks")
        .base_url(base_url)
        .api_key(key);
    Provider::new(config).unwrap()
}

async fn start(serverless: &str, dedicated: &str) -> String {
    let upstreams = example::Upstreams {
        serverless: provider(serverless, "fw_serverless"),
        dedicated: provider(dedicated, "fw_dedicated"),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(example::app(listener, upstreams));
    url
}

fn keys_seen(sim: &Running) -> Vec<String> {
    let requests = sim.requests();
    let keys = requests
        .iter()
        .filter_map(|request| request.header("authorization"));
    keys.map(str::to_owned).collect()
}

#[tokio::test]
async fn the_research_team_is_served_by_its_own_deployment() {
    let serverless = Simulator::new().start().await.unwrap();
    let dedicated = Simulator::new().start().await.unwrap();
    let proxy = start(&serverless.base_url(), &dedicated.base_url()).await;

    for (team, streamed) in [("sales", false), ("research", true)] {
        let reply = client::chat(&proxy, &[("x-team", team)], client::prompt(streamed)).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        assert_eq!(reply.text.contains("data: [DONE]"), streamed);
    }

    assert_eq!(keys_seen(&serverless), ["Bearer fw_serverless"]);
    assert_eq!(keys_seen(&dedicated), ["Bearer fw_dedicated"]);
}

#[tokio::test]
async fn an_upstream_that_is_down_is_an_error_in_the_clients_shape() {
    let serverless = Simulator::new().start().await.unwrap();
    let proxy = start(&serverless.base_url(), "http://127.0.0.1:9").await;
    let headers = [("x-team", "research")];
    let reply = client::chat(&proxy, &headers, client::prompt(false)).await;
    assert_eq!(reply.status, 502);
    let error: serde_json::Value = serde_json::from_str(&reply.text).unwrap();
    assert!(error["error"]["message"].is_string(), "{error}");
}
