//! Every text field of a request, one test a field: what reaches the upstream.

use fw_tests::{Canned, MODEL};
use serde_json::{Value, json};

use super::{MARKER, VALUE, assert_no_leak, gateway};

async fn check(path: &str, request: Value) {
    let reply = match path {
        "/v1/messages" => {
            json!({"id":"m","type":"message","role":"assistant","model":MODEL,"content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}})
        }
        "/v1/responses" => {
            json!({"id":"r","object":"response","status":"completed","model":MODEL,"output":[]})
        }
        "/v1/embeddings" => {
            json!({"object":"list","model":MODEL,"data":[{"object":"embedding","index":0,"embedding":[0.5]}],"usage":{"prompt_tokens":1,"total_tokens":1}})
        }
        _ => {
            json!({"id":"c","object":"chat.completion","model":MODEL,"choices":[{"index":0,"text":"ok","message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}]})
        }
    };
    let upstream = Canned::json(&reply).await;
    let gateway = gateway(&upstream).await;
    for stream in [false, true] {
        let mut request = request.clone();
        if stream && path != "/v1/embeddings" {
            request["stream"] = json!(true);
        }
        let reply = gateway.post(path).json(&request).send().await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let heard = upstream.heard();
        let body = std::str::from_utf8(heard.last().unwrap()).unwrap();
        assert_no_leak(body);
        assert!(body.contains(MARKER), "{body}");
        assert!(serde_json::from_str::<Value>(body).is_ok(), "{body}");
    }
}

fn text() -> String {
    format!("Write to {VALUE} please")
}

fn arguments() -> String {
    json!({ "to": VALUE, "note": "say \"hi\"" }).to_string()
}

fn message(message: Value) -> Value {
    let user = json!({"role":"user","content":"go on"});
    json!({"model":MODEL,"messages":[user.clone(), message, user]})
}

fn after_call(message: Value) -> Value {
    let call = json!({"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]});
    json!({"model":MODEL,"messages":[{"role":"user","content":"go"}, call, message]})
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
    chat_user: "/v1/chat/completions", message(json!({"role":"user","content":text()}));
    chat_system: "/v1/chat/completions", json!({"model":MODEL,"messages":[{"role":"system","content":text()},{"role":"user","content":"go"}]});
    chat_developer: "/v1/chat/completions", json!({"model":MODEL,"messages":[{"role":"developer","content":text()},{"role":"user","content":"go"}]});
    chat_text_part: "/v1/chat/completions", message(json!({"role":"user","content":[{"type":"text","text":"see"},{"type":"text","text":text()}]}));
    chat_assistant: "/v1/chat/completions", message(json!({"role":"assistant","content":text()}));
    chat_reasoning: "/v1/chat/completions", message(json!({"role":"assistant","content":"ok","reasoning_content":text()}));
    chat_tool_arguments: "/v1/chat/completions", json!({"model":MODEL,"messages":[{"role":"user","content":"go"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":arguments()}}]},{"role":"tool","tool_call_id":"c1","content":"ok"}]});
    chat_tool_result: "/v1/chat/completions", after_call(json!({"role":"tool","tool_call_id":"c1","content":text()}));
    chat_tool_description: "/v1/chat/completions", json!({"model":MODEL,"messages":[{"role":"user","content":"go"}],"tools":[{"type":"function","function":{"name":"f","description":text(),"parameters":{"type":"object","properties":{}}}}]});
    chat_schema_description: "/v1/chat/completions", json!({"model":MODEL,"messages":[{"role":"user","content":"go"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"string","description":text()}}}}}]});
    chat_prediction: "/v1/chat/completions", json!({"model":MODEL,"messages":[{"role":"user","content":"go"}],"prediction":{"type":"content","content":text()}});
    completions_prompt: "/v1/completions", json!({"model":MODEL,"prompt":text()});
    completions_prompts: "/v1/completions", json!({"model":MODEL,"prompt":["a",text()]});
    responses_input: "/v1/responses", json!({"model":MODEL,"input":text()});
    responses_item: "/v1/responses", json!({"model":MODEL,"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":text()}]}]});
    responses_instructions: "/v1/responses", json!({"model":MODEL,"input":"go","instructions":text()});
    responses_call_output: "/v1/responses", json!({"model":MODEL,"input":[{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":text()}]});
    responses_call_arguments: "/v1/responses", json!({"model":MODEL,"input":[{"type":"function_call","call_id":"c","name":"f","arguments":arguments()},{"type":"function_call_output","call_id":"c","output":"ok"}]});
    responses_tool_description: "/v1/responses", json!({"model":MODEL,"input":"go","tools":[{"type":"function","name":"f","description":text(),"parameters":{"type":"object","properties":{}}}]});
    messages_user: "/v1/messages", json!({"model":MODEL,"max_tokens":9,"messages":[{"role":"user","content":text()}]});
    messages_block: "/v1/messages", json!({"model":MODEL,"max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":text()}]}]});
    messages_system: "/v1/messages", json!({"model":MODEL,"max_tokens":9,"system":text(),"messages":[{"role":"user","content":"go"}]});
    messages_system_block: "/v1/messages", json!({"model":MODEL,"max_tokens":9,"system":[{"type":"text","text":text()}],"messages":[{"role":"user","content":"go"}]});
    messages_tool_use: "/v1/messages", json!({"model":MODEL,"max_tokens":9,"messages":[{"role":"user","content":"go"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"to":VALUE,"n":[1,{"x":text()}]}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"ok"}]}]});
    messages_tool_result: "/v1/messages", json!({"model":MODEL,"max_tokens":9,"messages":[{"role":"user","content":"go"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":text()}]}]}]});
    messages_tool_description: "/v1/messages", json!({"model":MODEL,"max_tokens":9,"messages":[{"role":"user","content":"go"}],"tools":[{"name":"f","description":text(),"input_schema":{"type":"object","properties":{}}}]});
    embeddings_input: "/v1/embeddings", json!({"model":MODEL,"input":text()});
    embeddings_inputs: "/v1/embeddings", json!({"model":MODEL,"input":["a",text()]});
}
