use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

fn count(request: &Json) -> u64 {
    count_tokens(&request.to_string().into()).unwrap()
}

fn tokens(text: &str) -> f64 {
    hundredths(text) as f64 / TOKEN as f64
}

fn of_blocks(blocks: Json) -> u64 {
    count(&json!({"messages": [{"role": "user", "content": blocks}]}))
}

#[test]
fn texts_are_measured_by_their_look() {
    for (text, expected) in [
        ("", 0.0),
        ("word", 1.0),
        ("two words", 2.0),
        ("extraordinary", 3.0),
        ("1234567", 3.0),
        ("a, b", 3.0),
        ("a\n\n    b", 3.0),
        ("für", 1.0),
        ("привет", 2.16),
        ("你好", 1.64),
        ("\u{1f642}", 2.5),
    ] {
        assert_eq!(tokens(text), expected, "{text:?}");
    }
}

#[test]
fn a_sentence_is_near_what_tokenizers_count() {
    // True counts: o200k_base, by tiktoken.
    for (text, truth) in [
        ("The quick brown fox jumps over the lazy dog.", 10.0),
        ("fn main() { println!(\"Hello, world!\"); }", 12.0),
        (
            "Der schnelle braune Fuchs springt über den faulen Hund.",
            13.0,
        ),
    ] {
        let off = tokens(text) / truth;
        assert!((0.7..1.4).contains(&off), "{text}: {off}");
    }
}

#[test]
fn everything_that_the_model_reads_counts() {
    let plain = of_blocks(json!([{"type": "text", "text": "word"}]));
    assert_eq!(plain, 5);
    let image = json!({"type": "image", "source": {"type": "base64", "data": "x".repeat(9000)}});
    assert_eq!(of_blocks(json!([image])), 1604);
    let result = json!({"type": "tool_result", "tool_use_id": "t", "content": [
        {"type": "text", "text": "word"}, image]});
    assert_eq!(of_blocks(json!([result])), 4 + 8 + 1 + 1600);
    let call = json!({"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}});
    assert_eq!(of_blocks(json!([call])), 4 + 8 + 1 + 5);
    let document = json!({"type": "document", "title": "word",
        "source": {"type": "content", "content": [{"type": "text", "text": "word"}]}});
    assert_eq!(of_blocks(json!([document])), 6);
    let pdf = json!({"type": "document", "source": {"type": "base64", "data": "x".repeat(5000)}});
    assert_eq!(of_blocks(json!([pdf])), 104);
    let thinking = json!({"type": "thinking", "thinking": "word", "signature": "x".repeat(500)});
    assert_eq!(of_blocks(json!([thinking])), 5);

    let mut request = json!({"messages": [{"role": "user", "content": "word"}]});
    assert_eq!(count(&request), 5);
    request["system"] = json!([{"type": "text", "text": "word"}]);
    assert_eq!(count(&request), 10);
    request["tools"] = json!([{"name": "f", "description": "word", "input_schema": {}}]);
    assert_eq!(count(&request), 21);
}

#[test]
fn what_is_no_request_is_refused() {
    for body in ["", "[]", "{}", r#"{"messages":"x"}"#] {
        let error = count_tokens(&Bytes::from_static(body.as_bytes())).unwrap_err();
        assert_eq!(error.status(), 400, "{body}");
    }
}

#[test]
fn results_in_results_are_no_way_to_make_it_slow() {
    let mut content = json!("word");
    for _ in 0..30 {
        content = json!([{"type": "tool_result", "content": content}]);
    }
    assert!(of_blocks(content) > 30);
}

proptest! {
    #[test]
    fn more_text_never_counts_less(text in "\\PC{0,60}", more in "\\PC{0,60}") {
        let both = text.clone() + &more;
        prop_assert!(hundredths(&both) >= hundredths(&text));
    }
}
