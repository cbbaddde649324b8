//! What a request costs when nothing has to change.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bytes::Bytes;
use fw_params::{Fireworks, ParamsLayer};
use fw_wire::Endpoint;

#[test]
fn a_body_without_a_change_is_the_same_bytes_and_allocates_nothing() {
    let layer = ParamsLayer::new(Fireworks).model("glm-5p3");
    let text = "word ".repeat(200);
    let body = format!(
        r#"{{"model":"accounts/fireworks/models/glm-5p3","messages":[{{"role":"system","content":"Be brief."}},{{"role":"user","content":"{text}"}}],"temperature":0.7,"max_tokens":512}}"#
    );
    let body = Bytes::from(body);
    let convert = || {
        layer
            .convert_request(Endpoint::ChatCompletions, body.clone())
            .unwrap()
    };
    // The first use sets up what is set up once (the keys of hash maps).
    drop(convert());
    let mut request = None;
    let cost = allocation_counter::measure(|| request = Some(convert()));
    let request = request.unwrap();
    assert_eq!(request.body().as_ptr(), body.as_ptr());
    assert!(request.changes().is_empty());
    assert_eq!(cost.count_total, 0, "{cost:?}");
}
