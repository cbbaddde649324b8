use proptest::prelude::*;

use super::*;
use crate::chain::{Broken, Chain, Head, line_hash};

fn line(previous: &Hash, seq: u64, kind: Kind, members: &str) -> Vec<u8> {
    let mut out = Vec::new();
    push_start(&mut out, seq, kind, members.as_bytes());
    let hash = line_hash(previous, &out);
    push_end(&mut out, &hash);
    out.pop();
    out
}

#[test]
fn a_line_is_as_documented() {
    let text = line(&Hash::ZERO, 12, Kind::Finished, r#""a":1"#);
    let hash = line_hash(&Hash::ZERO, br#"{"seq":12,"kind":"finished","a":1"#);
    let expected = format!(r#"{{"seq":12,"kind":"finished","a":1,"hash":"{hash}"}}"#);
    assert_eq!(String::from_utf8(text).unwrap(), expected);
}

#[test]
fn the_hash_is_as_documented() {
    let mut hashed = b"fw-audit v1 line\n".to_vec();
    hashed.extend([7; 32]);
    hashed.extend([5, 0, 0, 0, 0, 0, 0, 0]);
    hashed.extend(b"{\"seq");
    assert_eq!(
        line_hash(&Hash::from_bytes([7; 32]), b"{\"seq").to_string(),
        blake3::hash(&hashed).to_string()
    );
}

#[test]
fn what_is_no_line() {
    let whole = line(&Hash::ZERO, 1, Kind::Access, r#""a":"b""#);
    assert!(Line::parse(&whole).is_ok());
    for at in 0..whole.len() {
        assert!(Line::parse(&whole[..at]).is_err(), "cut at {at}");
    }
    let text = String::from_utf8(whole).unwrap();
    for (from, to) in [
        (r#"{"seq""#, r#"{ "seq""#),
        (":1,", ":01,"),
        (":1,", ":-1,"),
        (":1,", ":99999999999999999999,"),
        ("access", "excess"),
        ("access\"", "access \""),
        (r#""hash":""#, r#""hash":"A"#),
        ("\"}", "\"} "),
    ] {
        let broken = text.replace(from, to);
        assert!(Line::parse(broken.as_bytes()).is_err(), "{broken}");
    }
}

#[test]
fn a_signature_is_found_at_the_end_only() {
    let mut text = Vec::new();
    push_start(&mut text, 3, Kind::Checkpoint, br#""time":"t""#);
    let unsigned = text.clone();
    push_signature(&mut text, &[0xab; 64]);
    push_end(&mut text, &Hash::ZERO);
    let line = Line::parse(text.strip_suffix(b"\n").unwrap()).unwrap();
    assert_eq!(line.signed(), Some((unsigned.as_slice(), [0xab; 64])));

    let bare = line.body().to_vec();
    let short = super::tests::line(&Hash::ZERO, 3, Kind::Checkpoint, "");
    assert_eq!(Line::parse(&short).unwrap().signed(), None);
    let mut moved = bare;
    moved.extend_from_slice(br#","x":1"#);
    push_end(&mut moved, &Hash::ZERO);
    let moved = moved.strip_suffix(b"\n").unwrap();
    assert_eq!(Line::parse(moved).unwrap().signed(), None);
}

#[test]
fn a_chain_takes_the_next_line_only() {
    let first = line(&Hash::ZERO, 1, Kind::Access, "");
    let first = Line::parse(&first).unwrap();
    let other = line(&Hash::ZERO, 2, Kind::Access, "");
    let other = Line::parse(&other).unwrap();
    let mut chain = Chain::new(Head::default(), Hash::ZERO);
    let skipped = Broken::Sequence {
        found: 2,
        expected: 1,
    };
    assert_eq!(chain.check(&other), Err(skipped));
    assert_eq!(chain.check(&first), Ok(()));
    assert_eq!(chain.check(&other), Err(Broken::Hash));
    assert_eq!(chain.head().seq, 1);
}

#[test]
fn the_first_line_of_a_file_has_the_number_of_the_next() {
    let mut chain = Chain::new(Head::default(), Hash::ZERO);
    let header = line(&Hash::ZERO, 1, Kind::Segment, "");
    chain.check(&Line::parse(&header).unwrap()).unwrap();
    assert_eq!(chain.head(), Head::default());
    let first = line(chain.last(), 1, Kind::Access, "");
    chain.check(&Line::parse(&first).unwrap()).unwrap();
    assert_eq!(chain.head().seq, 1);
    assert_eq!(&chain.head().hash, chain.last());
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(seq in 1_u64.., kind in 0..Kind::ALL.len(), value in ".{0,40}") {
        let members = format!("\"v\":{}", serde_json::to_string(&value).unwrap());
        let text = line(&Hash::ZERO, seq, Kind::ALL[kind], &members);
        let line = Line::parse(&text).unwrap();
        prop_assert_eq!(line.seq(), seq);
        prop_assert_eq!(line.kind(), Kind::ALL[kind]);
        prop_assert_eq!(line.hash(), line_hash(&Hash::ZERO, line.body()));
        let object: serde_json::Value = line.read().unwrap();
        prop_assert_eq!(&object["v"], &serde_json::Value::from(value));
        prop_assert_eq!(&object["seq"], &serde_json::Value::from(seq));
        prop_assert_eq!(&object["kind"], &serde_json::Value::from(Kind::ALL[kind].as_str()));
    }

    #[test]
    fn any_flipped_bit_shows(at in 0..2000_usize, bit in 0..8_u8) {
        let mut text = line(&Hash::ZERO, 4, Kind::Finished, r#""a":"some text, with commas""#);
        let at = at % text.len();
        text[at] ^= 1 << bit;
        let mut chain = Chain::new(Head { seq: 3, hash: Hash::ZERO }, Hash::ZERO);
        let holds = Line::parse(&text).is_ok_and(|line| chain.check(&line).is_ok());
        prop_assert!(!holds);
    }

    #[test]
    fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(line) = Line::parse(&bytes) {
            let _ = (line.signed(), line.body());
        }
    }
}
