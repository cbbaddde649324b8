//! Every text field of a plain reply, one test a field: what reaches the client.

use fw_tests::{Canned, MODEL};
use serde_json::{Value, json};

use super::{MARKER, VALUE, assert_no_leak, gateway};

async fn check(path: &str, reply: Value) {
    let upstream = Canned::json(&reply).await;
    let gateway = gateway(&upstream).await;
    let reply = gateway.post(path).json(&request(path)).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_no_leak(reply.text());
    // The rest of the reply is there.
    assert_eq!(reply.json()["id"], "x");
}

fn request(path: &str) -> Value {
    match path {
        "/v1/responses" => json!({"model":MODEL,"input":"go"}),
        "/v1/completions" => json!({"model":MODEL,"prompt":"go"}),
        "/v1/messages" => {
            json!({"model":MODEL,"max_tokens":9,"messages":[{"role":"user","content":"go"}]})
        }
        _ => json!({"model":MODEL,"messages":[{"role":"user","content":"go"}]}),
    }
}

fn text() -> String {
    format!("Write to {VALUE} please")
}

fn arguments() -> String {
    json!({ "to": VALUE, "note": "say \"hi\"" }).to_string()
}

fn chat(choice: Value) -> Value {
    let first =
        json!({"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"});
    json!({"id":"x","object":"chat.completion","created":1,"model":MODEL,"choices":[first, choice]})
}

fn message(message: Value) -> Value {
    chat(json!({"index":1,"message":message,"finish_reason":"stop"}))
}

fn completion(choice: Value) -> Value {
    json!({"id":"x","object":"text_completion","created":1,"model":MODEL,"choices":[choice]})
}

fn response(item: Value) -> Value {
    json!({"id":"x","object":"response","created_at":1,"status":"completed","model":MODEL,"output":[item]})
}

fn anthropic(block: Value) -> Value {
    json!({"id":"x","type":"message","role":"assistant","model":MODEL,"content":[block],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}})
}

/// Log probabilities of the text, cut into tokens within the value.
fn tokens() -> Value {
    let token = |token: &str| json!({"token":token,"bytes":token.as_bytes(),"logprob":-0.5,"top_logprobs":[{"token":token,"bytes":token.as_bytes(),"logprob":-0.5}]});
    json!([
        token("Write to "),
        token("jane"),
        token(".roe@"),
        token("corp.example"),
        token(" please")
    ])
}

macro_rules! cells {
    ($($name:ident: $path:literal, $body:expr;)*) => {$(
        #[tokio::test]
        async fn $name() {
            check($path, $body).await;
        }
    )*};
}

cells! {
    chat_content: "/v1/chat/completions", message(json!({"role":"assistant","content":text()}));
    chat_parts: "/v1/chat/completions", message(json!({"role":"assistant","content":[{"type":"text","text":text()}]}));
    chat_reasoning: "/v1/chat/completions", message(json!({"role":"assistant","content":"ok","reasoning_content":text()}));
    chat_refusal: "/v1/chat/completions", message(json!({"role":"assistant","content":null,"refusal":text()}));
    chat_tool_arguments: "/v1/chat/completions", message(json!({"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":arguments()}}]}));
    chat_function_call: "/v1/chat/completions", message(json!({"role":"assistant","content":null,"function_call":{"name":"f","arguments":arguments()}}));
    chat_logprobs: "/v1/chat/completions", chat(json!({"index":1,"message":{"role":"assistant","content":text()},"logprobs":{"content":tokens()},"finish_reason":"stop"}));
    chat_logprobs_alone: "/v1/chat/completions", chat(json!({"index":1,"message":{"role":"assistant","content":null},"logprobs":{"content":tokens()},"finish_reason":"stop"}));
    chat_raw_output: "/v1/chat/completions", chat(json!({"index":1,"message":{"role":"assistant","content":"ok"},"raw_output":{"completion":text(),"prompt_fragments":[text()]},"finish_reason":"stop"}));
    completions_text: "/v1/completions", completion(json!({"index":0,"text":text(),"finish_reason":"stop","logprobs":null}));
    completions_logprobs: "/v1/completions", completion(json!({"index":0,"text":text(),"finish_reason":"stop","logprobs":{"tokens":["Write to ","jane",".roe@","corp.example"],"token_logprobs":[-0.1,-0.2,-0.3,-0.4],"top_logprobs":[{"Write to ":-0.1},{"jane":-0.2},{".roe@":-0.3},{"corp.example":-0.4}],"text_offset":[0,9,13,18]}}));
    responses_text: "/v1/responses", response(json!({"type":"message","id":"m","role":"assistant","status":"completed","content":[{"type":"output_text","text":text(),"annotations":[]}]}));
    responses_refusal: "/v1/responses", response(json!({"type":"message","id":"m","role":"assistant","status":"completed","content":[{"type":"refusal","refusal":text()}]}));
    responses_arguments: "/v1/responses", response(json!({"type":"function_call","id":"f","call_id":"c","name":"f","status":"completed","arguments":arguments()}));
    responses_reasoning: "/v1/responses", response(json!({"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":text()}]}));
    messages_text: "/v1/messages", anthropic(json!({"type":"text","text":text()}));
    messages_thinking: "/v1/messages", anthropic(json!({"type":"thinking","thinking":text(),"signature":"s"}));
    messages_tool_use: "/v1/messages", anthropic(json!({"type":"tool_use","id":"t","name":"f","input":{"to":VALUE,"n":[1,{"x":text()}]}}));
}

#[tokio::test]
async fn what_is_not_touched_stays_as_it_was() {
    let body = r#"{ "id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Mail jane.roe@corp.example"},"finish_reason":"stop","note":1.50e+3}],"zzz":[ ] }"#;
    let upstream = Canned::start("application/json", &[], body).await;
    let gateway = gateway(&upstream).await;
    let path = "/v1/chat/completions";
    let reply = gateway.post(path).json(&request(path)).send().await;
    let expected = body.replace(VALUE, MARKER);
    assert_eq!(reply.text(), expected);
}
