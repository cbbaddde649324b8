use bytes::Bytes;
use fw_stream::Framer;
use proptest::prelude::*;

use super::*;

/// Feeds a stream in cuts of these sizes (then all the rest).
fn aggregate_cut(
    endpoint: Endpoint,
    stream: &[u8],
    cuts: &[usize],
    limit: usize,
) -> Result<String, ApiError> {
    let mut aggregate = Aggregate::new(endpoint, limit);
    let mut framer = Framer::new();
    let mut rest = stream;
    for size in cuts.iter().copied().chain([usize::MAX]) {
        let (chunk, later) = rest.split_at(size.min(rest.len()));
        rest = later;
        framer.push(Bytes::copy_from_slice(chunk));
        while let Some(event) = framer.next_event().unwrap() {
            aggregate.event(&event)?;
        }
    }
    if let Some(event) = framer.finish() {
        aggregate.event(&event)?;
    }
    aggregate
        .finish()
        .map(|body| String::from_utf8(body.to_vec()).unwrap())
}

fn chat(events: &[&str]) -> Result<String, ApiError> {
    let stream: String = events
        .iter()
        .map(|event| format!("data: {event}\n\n"))
        .collect();
    aggregate_cut(Endpoint::ChatCompletions, stream.as_bytes(), &[], 1 << 20)
}

#[test]
fn a_documented_stream_is_the_documented_reply() {
    let reply = chat(&[
        r#"{"id":"U","object":"chat.completion.chunk","created":1,"model":"M","choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}],"usage":null}"#,
        r#"{"id":"U","object":"chat.completion.chunk","created":1,"model":"M","choices":[{"index":0,"delta":{"reasoning_content":"Think"},"finish_reason":null}],"usage":null}"#,
        r#"{"id":"U","object":"chat.completion.chunk","created":1,"model":"M","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}],"usage":null}"#,
        r#"{"id":"U","object":"chat.completion.chunk","created":1,"model":"M","choices":[{"index":0,"delta":{"content":"lo\n\u00e9"},"finish_reason":null}],"usage":null}"#,
        r#"{"id":"U","object":"chat.completion.chunk","created":1,"model":"M","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"total_tokens":24,"completion_tokens":17}}"#,
        "[DONE]",
    ]);
    assert_eq!(
        reply.unwrap(),
        r#"{"id":"U","object":"chat.completion","created":1,"model":"M","choices":[{"index":0,"message":{"role":"assistant","content":"Hello\n\u00e9","reasoning_content":"Think"},"finish_reason":"stop","logprobs":null}],"usage":{"prompt_tokens":7,"total_tokens":24,"completion_tokens":17}}"#
    );
}

#[test]
fn usage_comes_from_any_layout_once() {
    let head = r#"{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}"#;
    let chunk = r#"{"choices":[],"usage":{"prompt_tokens":1}}"#;
    assert!(chat(&[head, "[DONE]"]).unwrap().ends_with("]}"));
    for events in [
        &[head, chunk, "[DONE]"][..],
        &[head, chunk],
        &[head, chunk, chunk, "[DONE]"],
    ] {
        assert!(
            chat(events)
                .unwrap()
                .ends_with(r#"],"usage":{"prompt_tokens":1}}"#)
        );
    }
}

#[test]
fn tool_calls_are_put_together_by_index() {
    let reply = chat(&[
        r#"{"choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":null,"function":{"name":null,"arguments":"{\"x\""}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":{"y": 2}}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
    ]);
    assert_eq!(
        reply.unwrap(),
        r#"{"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"b","type":"function","function":{"name":"g","arguments":"{\"y\": 2}"}}]},"finish_reason":"tool_calls","logprobs":null}]}"#
    );
}

#[test]
fn both_shapes_of_logprobs_are_joined() {
    let reply = chat(&[
        r#"{"choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"token":"a"}],"refusal":null}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"b"},"logprobs":{"content":[{"token":"b"}]},"token_ids":[1,2]}]}"#,
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"length","token_ids":[3]}]}"#,
    ]);
    let reply = reply.unwrap();
    assert!(
        reply.contains(r#""logprobs":{"content":[{"token":"a"},{"token":"b"}]}"#),
        "{reply}"
    );
    assert!(reply.contains(r#""token_ids":[1,2,3]"#), "{reply}");

    let stream = concat!(
        r#"data: {"object":"text_completion","choices":[{"index":0,"text":" a","logprobs":{"tokens":[" a"],"token_logprobs":[-1],"top_logprobs":[{" a":-1}],"text_offset":[0]}}]}"#,
        "\n\n",
        r#"data: {"object":"text_completion","choices":[{"index":0,"text":" b","finish_reason":"stop","logprobs":{"tokens":[" b"],"token_logprobs":[-2],"top_logprobs":[{" b":-2}],"text_offset":[2]}}]}"#,
        "\n\n"
    );
    assert_eq!(
        aggregate_cut(Endpoint::Completions, stream.as_bytes(), &[], 1 << 20).unwrap(),
        r#"{"object":"text_completion","choices":[{"index":0,"text":" a b","finish_reason":"stop","logprobs":{"tokens":[" a"," b"],"token_logprobs":[-1,-2],"top_logprobs":[{" a":-1},{" b":-2}],"text_offset":[0,2]}}]}"#
    );
}

#[test]
fn unknown_members_and_metrics_are_kept() {
    let reply = chat(&[
        r#"{"id":"U","prompt_token_ids":[1],"choices":[{"index":1,"delta":{"content":"b","x":{"y":1}},"finish_reason":"stop","raw_output":{"completion":"z"}}]}"#,
        r#"{"id":"V","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}],"perf_metrics":{"prompt-tokens":"1"},"new_thing":[1]}"#,
    ]);
    assert_eq!(
        reply.unwrap(),
        r#"{"id":"U","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop","logprobs":null},{"index":1,"message":{"role":"assistant","content":"b","x":{"y":1}},"finish_reason":"stop","logprobs":null,"raw_output":{"completion":"z"}}],"prompt_token_ids":[1],"perf_metrics":{"prompt-tokens":"1"},"new_thing":[1]}"#
    );
}

#[test]
fn a_truncated_stream_is_an_error() {
    let open = r#"{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}"#;
    let closed = r#"{"choices":[{"index":1,"delta":{},"finish_reason":"stop"}]}"#;
    for events in [&[][..], &[open], &[open, closed]] {
        assert_eq!(chat(events).unwrap_err().status().as_u16(), 502);
    }
    // Complete by either sign.
    assert!(chat(&[closed]).is_ok());
    assert!(chat(&[open, "[DONE]"]).is_ok());
}

#[test]
fn an_error_in_the_stream_is_the_answer() {
    let open = r#"{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}"#;
    for (event, status, message) in [
        (
            r#"{"error":{"message":"Overloaded now","code":503}}"#,
            503,
            "Overloaded now",
        ),
        (r#"{"error":{"message":"Odd","code":"x"}}"#, 502, "Odd"),
        (r#"{"error":"Text only"}"#, 502, "Text only"),
    ] {
        let error = chat(&[open, event]).unwrap_err();
        assert_eq!(
            (error.status().as_u16(), error.message()),
            (status, message)
        );
    }
    assert_eq!(chat(&[open, "<html>"]).unwrap_err().status().as_u16(), 502);
}

#[test]
fn the_reply_is_bounded_whatever_it_is_made_of() {
    for chunk in [
        r#"{"choices":[{"index":0,"delta":{"content":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"aaaaaaaaaaaaaaaaa"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":""},"logprobs":{"content":[{"token":"aaaaaaaaaaaaaa"}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{},"token_ids":[1,2,3,4,5,6,7,8,9]}]}"#,
    ] {
        let error = chat(&vec![chunk; 100_000]).unwrap_err();
        assert!(error.message().contains("larger"), "{error}");
    }
    // One more choice, call or member each time.
    let mut aggregate = Aggregate::new(Endpoint::ChatCompletions, 100_000);
    let mut refused = false;
    for i in 0..10_000 {
        let chunk =
            format!("data: {{\"x{i}\":1,\"choices\":[{{\"index\":{i},\"delta\":{{}}}}]}}\n\n");
        let mut framer = Framer::new();
        framer.push(chunk.into());
        refused |= aggregate
            .event(&framer.next_event().unwrap().unwrap())
            .is_err();
    }
    assert!(refused);
}

/// One choice of a reply, as it would be whole.
#[derive(Clone, Debug)]
struct Whole {
    content: String,
    reasoning: String,
    calls: Vec<(String, String)>,
}

fn whole() -> impl Strategy<Value = Whole> {
    let text = "[ -~éß\u{1F600}\n\t\"\\\\]{0,30}";
    let call = ("[a-z]{1,8}", "[ -~é\"\\\\]{0,20}");
    (text, text, prop::collection::vec(call, 0..3)).prop_map(|(content, reasoning, calls)| Whole {
        content,
        reasoning,
        calls,
    })
}

/// The pieces of a text, of the sizes given in characters.
fn pieces(text: &str, sizes: &[usize]) -> Vec<String> {
    let mut chars = text.chars();
    let mut pieces: Vec<String> = sizes
        .iter()
        .map(|size| chars.by_ref().take(*size).collect::<String>())
        .filter(|piece| !piece.is_empty())
        .collect();
    pieces.push(chars.collect());
    pieces
}

proptest! {
    /// Any reply, cut into any deltas, and the stream into any chunks, comes together again.
    #[test]
    fn any_stream_of_a_reply_is_that_reply(
        choices in prop::collection::vec(whole(), 1..3),
        sizes in prop::collection::vec(1_usize..6, 0..8),
        cuts in prop::collection::vec(1_usize..60, 0..20),
        order in any::<u64>(),
    ) {
        let chunk = |index: usize, delta: serde_json::Value, reason: Option<&str>| {
            serde_json::json!({
                "id": "U", "object": "chat.completion.chunk", "created": 1, "model": "M",
                "choices": [{"index": index, "delta": delta, "finish_reason": reason}],
                "usage": null,
            })
        };
        // Each choice's own events are in order; choices interleave.
        let mut queues: Vec<std::collections::VecDeque<serde_json::Value>> = choices
            .iter()
            .enumerate()
            .map(|(i, whole)| {
                let mut queue = std::collections::VecDeque::new();
                queue.push_back(chunk(i, serde_json::json!({"role": "assistant"}), None));
                for piece in pieces(&whole.reasoning, &sizes) {
                    queue.push_back(chunk(i, serde_json::json!({"reasoning_content": piece}), None));
                }
                for piece in pieces(&whole.content, &sizes) {
                    queue.push_back(chunk(i, serde_json::json!({"content": piece}), None));
                }
                for (j, (name, arguments)) in whole.calls.iter().enumerate() {
                    let call = serde_json::json!({"tool_calls": [{"index": j, "id": format!("c{j}"), "type": "function", "function": {"name": name, "arguments": ""}}]});
                    queue.push_back(chunk(i, call, None));
                    for piece in pieces(arguments, &sizes) {
                        let call = serde_json::json!({"tool_calls": [{"index": j, "function": {"arguments": piece}}]});
                        queue.push_back(chunk(i, call, None));
                    }
                }
                queue.push_back(chunk(i, serde_json::json!({}), Some("stop")));
                queue
            })
            .collect();
        let mut stream = String::new();
        let mut turn = order;
        while queues.iter().any(|queue| !queue.is_empty()) {
            let i = turn as usize % queues.len();
            turn = turn.rotate_right(7).wrapping_add(1);
            if let Some(event) = queues[i].pop_front() {
                stream.push_str(&format!("data: {event}\n\n"));
            }
        }
        stream.push_str("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3}}\n\ndata: [DONE]\n\n");

        let expected: Vec<_> = choices.iter().enumerate().map(|(i, whole)| {
            let calls: Vec<_> = whole.calls.iter().enumerate().map(|(j, (name, arguments))| {
                serde_json::json!({"id": format!("c{j}"), "type": "function", "function": {"name": name, "arguments": arguments}})
            }).collect();
            let mut message = serde_json::json!({
                "role": "assistant", "content": whole.content, "reasoning_content": whole.reasoning,
            });
            if !calls.is_empty() {
                if whole.content.is_empty() {
                    message["content"] = serde_json::Value::Null;
                }
                message["tool_calls"] = calls.into();
            }
            serde_json::json!({"index": i, "message": message, "finish_reason": "stop", "logprobs": null})
        }).collect();
        let expected = serde_json::json!({
            "id": "U", "object": "chat.completion", "created": 1, "model": "M",
            "choices": expected, "usage": {"prompt_tokens": 3},
        });
        let reply = aggregate_cut(Endpoint::ChatCompletions, stream.as_bytes(), &cuts, 1 << 20);
        let reply: serde_json::Value = serde_json::from_str(&reply.unwrap()).unwrap();
        prop_assert_eq!(reply, expected);
    }

    /// Whatever comes, there is an answer and no panic.
    #[test]
    fn hostile_streams_do_no_harm(stream in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = aggregate_cut(Endpoint::ChatCompletions, &stream, &[7], 1 << 20);
    }
}
