//! The walk over a body, for any JSON text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod json;

use std::ops::Range;

use fw_wire::{
    Direction, Document, Endpoint, Kind, Span, TextEncoding, Value, json_strings, text_fields,
};
use proptest::prelude::*;
use proptest::sample::Index;

/// Keys, strings and numbers, by recursion over members and elements.
fn leaves(value: Value<'_>, found: &mut Vec<(Span, TextEncoding)>) {
    match value.kind() {
        Kind::String => found.push((value.span(), TextEncoding::Plain)),
        Kind::Number => found.push((value.span(), TextEncoding::Number)),
        Kind::Array => value
            .elements()
            .for_each(|element| leaves(element.value(), found)),
        Kind::Object => {
            for member in value.members() {
                found.push((member.span().key(), TextEncoding::Key));
                leaves(member.value(), found);
            }
        }
        _ => {}
    }
}

/// A shape with `value` at each `@`, and where those are.
fn filled(shape: &str, value: &str) -> (String, Vec<Range<usize>>) {
    let mut body = String::new();
    let mut places = Vec::new();
    for piece in shape.split_inclusive('@') {
        body.push_str(piece.trim_end_matches('@'));
        if piece.ends_with('@') {
            places.push(body.len()..body.len() + value.len());
            body.push_str(value);
        }
    }
    (body, places)
}

/// The strings within the places that are no text field.
fn missed(direction: Direction, shape: &str, value: &str) -> Vec<String> {
    let (body, places) = filled(shape, value);
    let body = Document::parse(body).unwrap();
    let mut all = Vec::new();
    leaves(body.root(), &mut all);
    all.retain(|(span, encoding)| {
        let is_within =
            |place: &Range<usize>| place.start <= span.start() && span.end() <= place.end;
        *encoding == TextEncoding::Plain && places.iter().any(is_within)
    });
    let mut missed = Vec::new();
    for endpoint in Endpoint::ALL {
        let found: Vec<Span> = text_fields(endpoint, direction, &body)
            .map(|field| field.span())
            .collect();
        let left = all.iter().filter(|(span, _)| !found.contains(span));
        missed.extend(left.map(|(span, _)| format!("{endpoint:?} {}", body.path(*span))));
    }
    missed
}

/// Where a server may put something, known places and others.
const REPLIES: &[&str] = &[
    "@",
    r#"{"new":@,"choices":@,"data":@,"output":@,"content":@,"error":@,"message":@,"detail":@}"#,
    r#"{"choices":[{"new":@,"message":@,"delta":@,"text":@,"reasoning":@,"logprobs":@,"raw_output":@,"finish_reason":[@]}]}"#,
    r#"{"choices":[{"delta":{"role":"tool","content":@,"tool_calls":@,"function_call":@,"annotations":@,"reasoning_details":@,"audio":@,"refusal":@,"new":@,"id":{"a":@}}}]}"#,
    r#"{"choices":[{"message":{"tool_calls":[{"new":@,"function":@},{"custom":@},{"function":{"arguments":@}}]}}]}"#,
    r#"{"choices":[{"message":{"content":[{"type":"text","text":@,"new":@},[@]]}}]}"#,
    r#"{"choices":[{"logprobs":{"content":[{"token":@,"bytes":@,"top_logprobs":[@]}],"tokens":@,"top_logprobs":@,"new":@}}]}"#,
    r#"{"type":"response.new","delta":@,"text":@,"item":@,"part":@,"response":@,"annotation":@,"logprobs":@,"new":@}"#,
    r#"{"type":"response.audio.delta","delta":[@],"new":@}"#,
    r#"{"output":[{"type":"message","content":@,"new":@},{"type":"new_call","action":@,"output":@,"result":@,"tools":@,"summary":@},{"type":"image_generation_call","result":[@],"new":@}]}"#,
    r#"{"instructions":@,"tools":@,"prompt":@,"metadata":@,"user":@,"reasoning":@,"input":@}"#,
    r#"{"type":"content_block_delta","delta":{"type":"new_delta","text":@,"content":@,"citation":@,"stop_sequence":@}}"#,
    r#"{"content":[{"type":"new","input":@,"content":@,"source":@,"citations":@,"data":@},{"type":"redacted_thinking","new":@,"data":[@]}]}"#,
    r#"{"content_block":{"type":"new","content":{"content":{"name":@,"id":@,"source":{"type":"text","data":@}}}}}"#,
];

const REQUESTS: &[&str] = &[
    "@",
    r#"{"new":@,"messages":@,"input":@,"prompt":@,"system":@,"tools":@,"documents":@,"response_format":@,"text":@}"#,
    r#"{"messages":[{"role":"user","content":@,"new":@,"tool_calls":@}],"chat_template_kwargs":@,"web_search_options":{"user_location":@}}"#,
    r#"{"messages":[{"role":"user","content":[[@],{"type":"text","text":{"value":@}},{"type":"tool_result","content":@}]}]}"#,
    r#"{"messages":[{"role":"user","content":{"type":"document","source":{"type":"text","data":@},"title":@}}],"system":{"type":"text","text":@}}"#,
    r#"{"input":{"role":"user","content":@,"new":@},"instructions":{"content":@},"prompt":{"variables":@,"new":@}}"#,
    r#"{"input":[{"type":"function_call_output","output":{"name":@,"id":@,"a":[@]}},{"type":"new_call","action":@}]}"#,
    r#"{"tools":[{"input_schema":{"properties":{"x":{"enum":@,"const":@,"default":@,"examples":[@],"new":@}}},"input_examples":@,"new":@,"function":@}]}"#,
    r#"{"response_format":{"json_schema":{"schema":{"properties":{"x":{"enum":[@]}}}}},"guided_choice":@,"guided_json":{"enum":[@]}}"#,
];

#[test]
fn what_has_a_harmless_name_is_no_text_unless_it_is_more_than_a_string() {
    let bodies = [
        r#"{"id":"x","object":"o","model":"m","created":1,"system_fingerprint":"f","service_tier":"s","provider":"p","choices":[{"index":0,"finish_reason":"stop","stop_reason":"s","delta":{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f"}}],"reasoning_details":[{"type":"reasoning.encrypted","id":"i","format":"f","data":"AAAA"}],"audio":{"id":"a","data":"AAAA"},"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}}]}"#,
        r#"{"type":"response.output_text.delta","item_id":"i","output_index":0,"delta":"","obfuscation":"x"}"#,
        r#"{"type":"response.output_item.done","item":{"type":"image_generation_call","id":"i","status":"completed","result":"AAAA"}}"#,
        r#"{"type":"content_block_start","content_block":{"type":"redacted_thinking","data":"AAAA"}}"#,
        r#"{"type":"content_block_delta","delta":{"type":"signature_delta","signature":"AAAA"}}"#,
        r#"{"data":[{"object":"embedding","embedding":[0.1,0.2]},{"embedding":"AAAA"}]}"#,
    ];
    for (body, endpoint) in bodies.iter().zip([
        Endpoint::ChatCompletions,
        Endpoint::Responses,
        Endpoint::Responses,
        Endpoint::Messages,
        Endpoint::Messages,
        Endpoint::Embeddings,
    ]) {
        let body = Document::parse(*body).unwrap();
        let texts: Vec<_> = text_fields(endpoint, Direction::Reply, &body)
            .map(|field| field.text(body.root()).into_owned())
            .filter(|text| !text.is_empty())
            .collect();
        assert_eq!(texts, [""; 0]);
    }
}

#[test]
fn settings_of_a_request_are_no_text() {
    let body = r#"{"model":"m","user":"u","safety_identifier":"s","metadata":{"k":"v"},"stop":["s"],"stop_sequences":["s"],
        "tool_choice":{"type":"function","function":{"name":"f"}},"reasoning_effort":"low","reasoning":{"effort":"low"},
        "service_tier":"auto","response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object",
        "properties":{"a":{"type":["string","null"],"format":"email","pattern":"x"}},"required":["a"]}}},
        "conversation":{"id":"c"},"previous_response_id":"r","include":["i"],"encoding_format":"float",
        "tools":[{"type":"mcp","server_label":"l","server_url":"https://x","authorization":"t","headers":{"A":"b"},"allowed_tools":["t"]},
            {"type":"file_search","vector_store_ids":["v"]}],
        "mcp_servers":[{"type":"url","url":"https://x","name":"n","authorization_token":"t"}],
        "messages":[{"role":"user","name":"n","content":[{"type":"image_url","image_url":{"url":"https://x","detail":"low"}},
            {"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}]}"#;
    let body = Document::parse(body).unwrap();
    for endpoint in [
        Endpoint::ChatCompletions,
        Endpoint::Responses,
        Endpoint::Completions,
    ] {
        let fields = text_fields(endpoint, Direction::Request, &body);
        let paths: Vec<_> = fields
            .map(|field| body.path(field.span()).to_string())
            .collect();
        assert_eq!(paths, [""; 0], "{endpoint:?}");
    }
}

#[test]
fn of_two_types_both_must_say_that_there_is_no_text() {
    for (endpoint, body) in [
        (
            Endpoint::Responses,
            r#"{"type":"response.output_text.delta","delta":"x","type":"response.audio.delta"}"#,
        ),
        (
            Endpoint::Responses,
            r#"{"item":{"type":"image_generation_call","result":"x","type":"message"}}"#,
        ),
        (
            Endpoint::Messages,
            r#"{"content":[{"type":"text","data":"x","type":"redacted_thinking"}]}"#,
        ),
    ] {
        let body = Document::parse(body).unwrap();
        assert_eq!(text_fields(endpoint, Direction::Reply, &body).count(), 1);
    }
}

#[test]
fn a_link_is_text_in_a_reply_unless_it_holds_its_data() {
    let body = |url: &str| {
        format!(
            r#"{{"choices":[{{"message":{{"content":[{{"image_url":"{url}"}}]}}}}],"messages":[{{"content":[{{"image_url":"{url}"}}]}}]}}"#
        )
    };
    for (url, expected) in [
        ("https://x.example/?to=a@b.example", 2),
        ("data:text/plain,hello", 2),
        ("data:image/png;base64,AAAA", 0),
    ] {
        let body = Document::parse(body(url)).unwrap();
        let count = |direction| text_fields(Endpoint::ChatCompletions, direction, &body).count();
        // What is not at its place is unknown, so the other list has the same rule.
        assert_eq!(count(Direction::Reply), expected, "{url}");
        assert_eq!(count(Direction::Request), 0, "{url}");
    }
}

#[test]
fn text_is_found_however_deep_it_is() {
    let nested = |open: &str, close: &str| {
        format!(
            "{{\"choices\":{}\"x\"{}}}",
            open.repeat(100),
            close.repeat(100)
        )
    };
    for body in [
        nested("[", "]"),
        nested(r#"{"message":"#, "}"),
        nested(r#"{"a":"#, "}"),
    ] {
        let body = Document::parse(body).unwrap();
        assert_eq!(
            text_fields(Endpoint::ChatCompletions, Direction::Reply, &body).count(),
            1
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn all_keys_strings_and_numbers_are_found_in_order(text in json::text()) {
        let value = Value::parse(text.as_bytes()).unwrap();
        let mut expected = Vec::new();
        leaves(value, &mut expected);
        let found: Vec<_> =
            json_strings(value).map(|field| (field.span(), field.encoding())).collect();
        prop_assert_eq!(found, expected);
    }

    /// A walk that starts in the middle of something stays within the text and ends.
    #[test]
    fn a_foreign_place_does_no_harm(
        text in json::text(),
        start in any::<Index>(),
    ) {
        let document = Document::parse(text.clone()).unwrap();
        let other = Document::parse(format!("[{}1]", "1,".repeat(text.len()))).unwrap();
        let from = start.index(text.len());
        let place = other
            .root()
            .elements()
            .map(|element| element.value().span())
            .nth(from / 2)
            .unwrap();
        if let Some(value) = document.root().value_at(place) {
            prop_assert!(json_strings(value).count() <= text.len());
        }
    }

    /// Nothing that a server says is missed for standing where nobody expects it.
    #[test]
    fn no_string_of_a_reply_is_missed(
        value in json::value(),
        shape in prop::sample::select(REPLIES),
    ) {
        prop_assert_eq!(missed(Direction::Reply, shape, &value), Vec::<String>::new());
    }

    #[test]
    fn no_string_of_a_request_is_missed(
        value in json::value(),
        shape in prop::sample::select(REQUESTS),
    ) {
        prop_assert_eq!(missed(Direction::Request, shape, &value), Vec::<String>::new());
    }

    /// Whatever is in a body, its text can be read, and replaced without breaking the body.
    #[test]
    fn replacing_every_text_leaves_json(
        value in json::value(),
        shape in prop::sample::select(vec![
            r#"{"messages":[{"role":"user","content":@}]}"#,
            r#"{"messages":[@],"tools":@,"prediction":@,"response_format":@}"#,
            r#"{"choices":[{"message":@,"logprobs":@,"raw_output":@}]}"#,
            r#"{"input":@,"instructions":@,"output":@,"prompt":@,"text":@}"#,
            r#"{"system":@,"content":@,"content_block":{"input":@},"delta":@}"#,
            r#"{"type":"response.output_item.done","item":@,"response":{"output":[@]}}"#,
        ]),
        text in any::<String>(),
    ) {
        let body = Document::parse(shape.replace('@', &value)).unwrap();
        for endpoint in Endpoint::ALL {
            for direction in [Direction::Request, Direction::Reply] {
                let mut edited = body.clone();
                for field in text_fields(endpoint, direction, &body) {
                    let _ = field.text(body.root());
                    edited.set_text(field, &text);
                }
                let out = edited.finish();
                let out = Value::parse(&out).unwrap();
                for field in text_fields(endpoint, direction, out) {
                    prop_assert_eq!(field.text(out), text.as_str());
                }
            }
        }
    }
}
