//! What nothing had to change leaves as it came, byte for byte.

use fw_tests::{MODEL, Sim, Stage};

/// Odd but valid JSON: white space, number spellings, escapes, an order nobody would choose, and a
/// member that a decoder would lose.
fn odd_body(stream: bool) -> String {
    let more = if stream {
        "\"stream\" : true ,\"stream_options\":{\"include_usage\":true},"
    } else {
        ""
    };
    format!(
        "\r\n{{ \"temperature\" : 1.0e0 ,\t{more} \"top_p\":0.50, \"seed\": 7 ,\n  \"messages\" : \
         [ {{\"content\":\"caf\\u00e9 \\ud83d\\ude00 \\/ ok\" , \"role\" : \"user\"}}\n ],\n\
         \"max_tokens\"  :  40, \"frequency_penalty\":-0 , \"model\"\n:\"{MODEL}\" }}  \n"
    )
}

#[tokio::test]
async fn a_request_that_needs_no_change_arrives_byte_for_byte() {
    let stage = Stage::start().await;
    for stream in [false, true] {
        let body = odd_body(stream);
        let reply = stage
            .gateway
            .post("/v1/chat/completions")
            .body(body.clone())
            .send()
            .await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(stage.sim.last().body, body);
        assert_eq!(reply.header("x-fw-params"), None);
    }
}

#[tokio::test]
async fn a_request_that_needs_one_change_differs_only_there() {
    let stage = Stage::start().await;
    let body = odd_body(false).replace("\"max_tokens\"", "\"max_completion_tokens\"");
    let reply = stage
        .gateway
        .post("/v1/chat/completions")
        .body(body)
        .send()
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(stage.sim.last().body, odd_body(false));
}

#[tokio::test]
async fn a_plain_reply_arrives_byte_for_byte() {
    let (stage, direct) = (Stage::start().await, Sim::start().await);
    let body = odd_body(false);
    let original = direct
        .post("/inference/v1/chat/completions")
        .body(body.clone())
        .send()
        .await;
    let reply = stage
        .gateway
        .post("/v1/chat/completions")
        .body(body)
        .send()
        .await;
    assert_eq!(reply.status, 200);
    assert_same(reply.text(), original.text());
}

#[tokio::test]
async fn a_stream_arrives_byte_for_byte() {
    let (stage, direct) = (Stage::start().await, Sim::start().await);
    let body = odd_body(true);
    for knobs in [
        &[][..],
        &[("comments", "2"), ("tokens-per-event", "1")],
        &[("crlf", "true")],
        &[("usage-layout", "b")],
        &[("usage-layout", "c")],
        &[("done", "false")],
        &[("reasoning", "on"), ("reasoning-tokens", "true")],
        &[("think-tags", "true"), ("reasoning", "on")],
    ] {
        let with = |mut call: fw_tests::Call| {
            for (name, value) in knobs {
                call = call.knob(name, value);
            }
            call.body(body.clone())
        };
        let original = with(direct.post("/inference/v1/chat/completions"))
            .send()
            .await;
        let reply = with(stage.gateway.post("/v1/chat/completions"))
            .send()
            .await;
        assert_eq!(reply.status, 200);
        assert_same(reply.text(), original.text());
    }
}

/// The same text, but for what two requests to the simulator never share.
fn assert_same(left: &str, right: &str) {
    assert_eq!(normal(left), normal(right));
}

/// Replaces the ids and times of a reply, and nothing else.
fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = ["\"id\":\"", "\"created\":"]
        .iter()
        .filter_map(|mark| Some(rest.find(mark)? + mark.len()))
        .min()
    {
        out.push_str(&rest[..at]);
        out.push('*');
        rest = rest[at..]
            .trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    }
    out + rest
}
