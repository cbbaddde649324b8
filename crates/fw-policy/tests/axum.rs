//! The layer on an axum router that answers clients.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use axum::Router;
use axum::body::Body;
use axum::routing::post;
use fw_policy::PolicyLayer;
use http::Request;
use http_body_util::BodyExt;
use support::Replace;
use tower::ServiceExt;

#[test]
fn one_line_puts_policies_on_a_router() {
    let answer = |prompt: String| async move {
        assert_eq!(prompt, r#"{"prompt":"[X]"}"#);
        r#"{"choices":[{"text":"zqxjkvwy"}]}"#
    };
    let app = Router::new()
        .route("/v1/completions", post(answer))
        .layer(PolicyLayer::new(Replace::CANARY));
    let body = tokio_test::block_on(async {
        let request = Request::post("/v1/completions")
            .body(Body::from(r#"{"prompt":"zqxjkvwy"}"#))
            .unwrap();
        let response = app.oneshot(request).await.unwrap();
        response.into_body().collect().await.unwrap().to_bytes()
    });
    assert_eq!(body, r#"{"choices":[{"text":"[X]"}]}"#);
}
