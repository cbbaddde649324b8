//! All ways to read a text, for any text: no panic, valid ranges, within the limits.
//!
//! The first byte chooses the settings; the rest is the text.

#![no_main]

use fw_classify::{Normal, NormalConfig, ViewConfig, views};
use libfuzzer_sys::fuzz_target;

/// The limit for decoded texts.
const MAX_BYTES: usize = 4096;

fuzz_target!(|input: &[u8]| {
    let [which, text @ ..] = input else {
        return;
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let is_set = |bit: u8| which >> bit & 1 == 0;
    let normal = NormalConfig::new().unicode(is_set(0)).homoglyphs(is_set(1));
    let max_depth = usize::from(which >> 2 & 3);
    let config = ViewConfig::new()
        .normal(normal.clone())
        .base64(is_set(4))
        .max_depth(max_depth)
        .max_bytes(MAX_BYTES);

    let once = Normal::new(text, &normal);
    let twice = Normal::new(once.as_str(), &normal);
    assert_eq!(once.as_str(), twice.as_str());
    let mut last = 0..0;
    for (at, c) in once.as_str().char_indices() {
        let range = once.original(at..at + c.len_utf8());
        assert!(
            text.get(range.clone())
                .is_some_and(|source| !source.is_empty())
        );
        assert!(last == range || last.end <= range.start);
        last = range;
    }

    let views = views(text, &config);
    assert_eq!(views[0].text(), once.as_str());
    assert!(views[0].path().is_empty());
    let decoded: usize = views.iter().skip(1).map(|view| view.text().len()).sum();
    assert!(decoded <= MAX_BYTES);
    for view in &views {
        assert!(view.path().len() <= max_depth);
        for (at, c) in view.text().char_indices() {
            assert!(text.get(view.source(at..at + c.len_utf8())).is_some());
        }
    }
});
