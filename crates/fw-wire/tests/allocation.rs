//! Reading allocates nothing, so a hostile body cannot be made to cost more memory than it has bytes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use allocation_counter::measure;
use bytes::Bytes;
use fw_wire::{Direction, Document, Endpoint, UsageMeter, Value, text_fields};

const BODY: &str = r#"{"model":"m","messages":[{"role":"user","content":"hi \u00e9"},{"role":"user",
    "content":[{"type":"text","text":"there"}]}],"n":1,"usage":{"prompt_tokens":1}}"#;

#[test]
fn parsing_and_finishing_allocate_nothing() {
    let bytes = Bytes::from_static(BODY.as_bytes());
    let info = measure(|| {
        let document = Document::parse(bytes).unwrap();
        assert!(document.root().get("messages").is_some());
        assert_eq!(document.finish().len(), BODY.len());
    });
    assert_eq!(info.count_total, 0);
}

#[test]
fn navigating_allocates_nothing() {
    let info = measure(|| {
        let root = Value::parse(BODY.as_bytes()).unwrap();
        let message = root.get("messages").unwrap().index(0).unwrap();
        assert!(message.get("role").unwrap().is_str("user"));
        assert!(message.get("content").unwrap().is_str("hi é"));
        assert_eq!(root.get("model").unwrap().as_str().unwrap(), "m");
        assert_eq!(root.get("n").unwrap().as_u64(), Some(1));
        let mut meter = UsageMeter::new();
        assert!(meter.observe(root));
    });
    // One: the comparison with an escaped string decodes it.
    assert!(info.count_total <= 1, "{}", info.count_total);
}

#[test]
fn refusing_allocates_nothing() {
    let hostile = "[".repeat(1 << 20);
    let info = measure(|| {
        assert!(Value::parse(hostile.as_bytes()).is_err());
        assert!(Value::parse(b"{\"a\":1,}").is_err());
        assert!(Value::parse(b"\xff").is_err());
    });
    assert_eq!(info.count_total, 0);
}

#[test]
fn finding_text_costs_memory_by_depth_and_not_by_fields() {
    let many = format!(r#"{{"input":[{}"a"]}}"#, r#""a","#.repeat(100_000));
    let document = Document::parse(many).unwrap();
    let info = measure(|| {
        let fields = text_fields(Endpoint::Embeddings, Direction::Request, &document).count();
        assert_eq!(fields, 100_001);
    });
    assert!(info.bytes_max < 4096, "{}", info.bytes_max);
}
