//! How often the search asks for memory: never for text in which nothing is found, whole or streamed.
//!
//! A guard against slower code that needs no clock and says the same on any machine.

#![allow(clippy::unwrap_used)]

use fw_policy_pii::{Detector, PiiConfig};
use fw_stream::{Edits, Scan, TextFilter, Window};

const PROSE: &str = "The river was slow that winter, and nothing moved between the bridges. However, the station \
    stayed open: people came with bags, questions and small dogs! It was, perhaps, the best of mornings; nobody \
    (not even the guard) could remember another one like it. \"Who is there?\" she asked.\n";

const CODE: &str = "pub(crate) fn next_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Frame>> {\n    \
    let name = self.names.get(index).map(String::as_str);\n    if name.is_none() { return Poll::Ready(None) }\n}\n";

/// Allocations while `text` goes through a filter in pieces of `size` bytes.
fn allocations(text: &str, size: usize) -> u64 {
    let detector = Detector::new(&PiiConfig::default()).unwrap();
    let run = |text: &str| {
        let mut filter = detector.filter();
        let mut edits = Edits::new();
        let info = allocation_counter::measure(|| {
            let mut settled = 0_usize;
            let mut shown = 0;
            while shown < text.len() {
                let to = text.ceil_char_boundary(shown + size);
                let from = text.ceil_char_boundary(settled.saturating_sub(filter.context()));
                let window = Window::new(
                    &text[from..to],
                    settled - from,
                    shown - from,
                    to == text.len(),
                );
                if let Scan::Settled(position) = filter.scan(&window, &mut edits) {
                    settled = from + position;
                }
                shown = to;
            }
        });
        assert!(edits.is_empty(), "nothing is found");
        info.count_total
    };
    // Tables are built when they are first used.
    run(text);
    run(text)
}

#[test]
fn prose_and_code_are_searched_without_allocating() {
    for text in [PROSE, CODE] {
        let text = text.repeat(20);
        for size in [5, 64, text.len()] {
            assert_eq!(allocations(&text, size), 0, "{size} bytes at once");
        }
    }
}
