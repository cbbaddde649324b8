//! A model for tests: each head knows a few words.

use fw_classify::features::{Group, Sink, extract};
use fw_classify::{Bank, Calibration, Head, Model, Parts};

/// Bits of a slot's number.
const BITS: u8 = 12;

/// Words that a head of this name takes for unsafe.
pub(crate) const fn words(head: &str) -> &'static str {
    match head.as_bytes() {
        b"harm" => "wicked scheme",
        b"toxicity" => "wretched fool",
        b"weapons" => "rusty cannon",
        _ => "unknown subject",
    }
}

struct Learn {
    weights: Vec<i8>,
    heads: usize,
    head: usize,
}

impl Sink for Learn {
    fn word(&mut self, _start: usize, _end: usize, _width: usize) {}

    fn feature(&mut self, group: Group, hash: u64) {
        self.weights[Bank::slot(BITS, group, hash) * self.heads + self.head] = 100;
    }
}

/// A model with these heads.
pub(crate) fn model(heads: &[&str]) -> Model {
    let mut learn = Learn {
        weights: vec![0; (2 << BITS) * heads.len()],
        heads: heads.len(),
        head: 0,
    };
    for (number, head) in heads.iter().enumerate() {
        learn.head = number;
        extract(words(head), &mut learn);
    }
    // Scores far from 0 and 1.
    let flat = Calibration::new(vec![(-1.0, -0.25), (1.0, 0.25)]).unwrap();
    let head = |name: &&str| Head {
        name: (*name).to_owned(),
        bias: -4.0,
        scale: 0.02,
        phrase: 0.0,
        lists: vec![(*name).to_owned()],
        calibrations: [flat.clone(), flat.clone()],
    };
    let bank = Bank::new(BITS, u8::try_from(heads.len()).unwrap(), learn.weights);
    Model::new(Parts {
        windows: None,
        word_norm: 1.0,
        pad: 0.0,
        length_cost: 0.0,
        window_cost: 0.0,
        banks: vec![bank.unwrap()],
        heads: heads.iter().map(head).collect(),
        provenance: "{}".to_owned(),
    })
    .unwrap()
}
