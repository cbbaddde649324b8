//! What a body costs in which nothing has to change.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use bytes::Bytes;
use fw_policy::{Exchange, IntoChain, Texts};
use fw_wire::{Direction, Endpoint};
use support::Forbid;

#[test]
fn texts_without_escapes_are_not_copied() {
    let text = "word ".repeat(200);
    let body = format!(
        r#"{{"model":"m","messages":[{{"role":"system","content":"Be brief."}},{{"role":"user","content":"{text}"}}]}}"#
    );
    let body = Bytes::from(body);
    // The first clone of bytes makes their reference count.
    let copy = body.clone();
    let endpoint = Endpoint::ChatCompletions;
    let chain = Forbid::word("never").into_chain();
    let mut finished = None;
    let cost = allocation_counter::measure(|| {
        let mut texts = Texts::parse(endpoint, Direction::Request, copy).unwrap();
        let mut exchange = Exchange::new(endpoint);
        chain.request(&mut texts, &mut exchange).unwrap();
        finished = Some(texts.finish());
    });
    assert_eq!(finished.unwrap().as_ptr(), body.as_ptr());
    // The walk over the body, the list of texts, the record and its entry, and findings of the policy
    // and of nobody before and after it. None of them grows with the texts' length.
    assert!(cost.count_total <= 10, "{cost:?}");
    assert!(cost.bytes_total < 4096, "{cost:?}");
}
