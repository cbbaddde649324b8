//! The Node.js clients, unmodified and pinned: `openai`, and `ai` with `@ai-sdk/fireworks`.
#![allow(missing_docs)]

use fw_tests::{ClientProject, Outcome, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unmodified_node_clients_work() {
    let Some(project) = ClientProject::node() else {
        return;
    };
    let stage = Stage::configured(|c| c.section("size_limits:\n  max_body_bytes: 1048576")).await;
    let outcome = project
        .environment("FW_GATEWAY_URL", &stage.gateway.url())
        .run()
        .await;
    assert_eq!(
        outcome,
        Outcome::Passed,
        "the gateway said:\n{}",
        stage.gateway.log().text()
    );
}
