//! Tries every decoder on a text, and on what comes out.

use std::rc::Rc;

use super::hints::Hints;
use super::inline::Decoded;
use super::parts::share;
use super::reads::reads;
use super::{
    Encoding, View, ViewConfig, base64, cipher, digits, entity, escape, leet, marks, markup, morse,
    percent, spaced, styled, tags,
};
use crate::normal::{clean, normalise_clean};
use crate::offsets::{Draft, Offsets};

/// How many texts are searched. What is hidden in a text is one or two.
const MAX_TEXTS: usize = 48;

/// How far from what was decoded more is searched for, in bytes. What is farther off was there before, and was searched
/// there.
const NEAR: usize = 64;

/// Decodes what is encoded in a text, as far as there is room.
type Decoder = fn(&str, usize) -> Option<Decoded>;

/// Whether a decoder may find something.
type Hinted = fn(&Hints) -> bool;

/// The decoders that find one thing each, in the order of the views, and what has to be hinted at.
const DECODERS: [(Encoding, Decoder, Hinted); 16] = [
    (Encoding::Percent, percent::decode, |_| true),
    (Encoding::HtmlEntity, entity::decode, |_| true),
    (Encoding::UnicodeEscape, escape::decode, |_| true),
    (Encoding::Base64, base64::decode, |hints| hints.base64),
    (Encoding::Hex, digits::hex, |hints| hints.hex),
    (Encoding::Binary, digits::binary, |hints| hints.binary),
    (Encoding::Decimal, digits::decimal, |hints| hints.decimal),
    (Encoding::Octal, digits::octal, |hints| hints.decimal),
    (Encoding::QuotedPrintable, percent::quoted, |_| true),
    (Encoding::Markup, markup::decode, |_| true),
    (Encoding::Concatenated, markup::joined, |_| true),
    (Encoding::Marks, marks::decode, |_| true),
    (Encoding::Spaced, spaced::decode, |hints| hints.spaced),
    (Encoding::Leet, leet::decode, |hints| hints.leet),
    (Encoding::Homoglyphs, styled::decode, |_| true),
    (Encoding::Morse, morse::decode, |hints| hints.morse),
];

/// A text that is to be searched. It is kept until the end: none is searched twice.
struct Node {
    text: String,
    /// What encodings are looked for in, if that is not the text itself.
    clean: Option<Draft>,
    /// Where it is in the original.
    offsets: Offsets,
    path: Vec<Encoding>,
}

/// The plain view, and those of all decoded texts, the less encoded ones first.
pub(super) fn explore(text: &str, config: &ViewConfig) -> Vec<View> {
    let clean = clean(text, &config.normal);
    let plain = normalise_clean(text, clean.as_ref(), &config.normal);
    let mut search = Search {
        config,
        left: config.limit(text.len()),
        views: vec![View {
            text: plain.text,
            path: Vec::new(),
            offsets: plain.offsets,
            complete: true,
        }],
        complete: true,
        nodes: Vec::new(),
    };
    if config.decode && config.max_depth > 0 {
        search.node(text, clean.as_ref(), None, &[]);
        let mut next = 0;
        while next < search.nodes.len().min(MAX_TEXTS) {
            let node = search.nodes[next].clone();
            search.node(
                &node.text,
                node.clean.as_ref(),
                Some(&node.offsets),
                &node.path,
            );
            next += 1;
        }
    }
    search.complete &= search.nodes.len() <= MAX_TEXTS;
    if let Some(plain) = search.views.first_mut() {
        plain.complete = search.complete;
    }
    search.views
}

struct Search<'a> {
    config: &'a ViewConfig,
    /// How many bytes may still be decoded.
    left: usize,
    /// Whether all that was decoded had room.
    complete: bool,
    views: Vec<View>,
    nodes: Vec<Rc<Node>>,
}

impl Search<'_> {
    /// Tries every decoder on `text`.
    fn node(
        &mut self,
        text: &str,
        clean: Option<&Draft>,
        offsets: Option<&Offsets>,
        path: &[Encoding],
    ) {
        // Half of what is left, so that there is room for what lies deeper.
        let room = self.left.div_ceil(2);
        let mut found = Vec::new();
        if let Some(decoded) = tags::decode(text, room) {
            found.push((Encoding::TagCharacters, decoded));
        }
        let tags = found.len();
        let inner = clean.map(|clean| &clean.offsets);
        let text = clean.map_or(text, |clean| &clean.text);
        let hints = Hints::of(text);
        for (encoding, decode, hinted) in DECODERS {
            let wanted = encoding != Encoding::Base64 || self.config.base64;
            if !wanted || !hinted(&hints) {
                continue;
            }
            found.extend(decode(text, room).map(|decoded| (encoding, decoded)));
        }
        found.extend(cipher::decode(text, room));

        // All together have that room: one encoding does not take that of another.
        let share = share(found.iter().map(|(_, decoded)| decoded.parts.len()), room);
        for (index, (encoding, decoded)) in found.into_iter().enumerate() {
            let inner = inner.filter(|_| index >= tags);
            self.found(encoding, decoded, share, inner, offsets, path);
        }
    }

    fn found(
        &mut self,
        encoding: Encoding,
        decoded: Decoded,
        share: usize,
        inner: Option<&Offsets>,
        offsets: Option<&Offsets>,
        path: &[Encoding],
    ) {
        let Decoded { parts, hidden } = decoded;
        let (mut draft, mut complete) = parts.joined(share.min(self.left));
        let near = draft.rewritten(NEAR);
        for inner in [inner, offsets].into_iter().flatten() {
            draft.offsets = draft.offsets.through(inner);
        }
        let path = [path, &[encoding]].concat();

        let cleaned = clean(&draft.text, &self.config.normal);
        let mut view = normalise_clean(&draft.text, cleaned.as_ref(), &self.config.normal);
        complete &= !view.shorten(self.left);
        self.complete &= complete;
        let known = self.views.iter().any(|known| known.text == view.text);
        self.left -= draft.text.len().max(view.text.len());
        if known || draft.text.is_empty() {
            return;
        }
        if hidden && reads(&view.text) {
            self.views.push(View {
                offsets: view.offsets.through(&draft.offsets),
                text: view.text,
                path: path.clone(),
                complete,
            });
        }
        if path.len() < self.config.max_depth {
            let (Draft { text, offsets }, cleaned) = match near {
                Some(near) => (draft.only(&near), None),
                None => (draft, Some(cleaned)),
            };
            if self.nodes.iter().all(|node| node.text != text) {
                let clean = cleaned.unwrap_or_else(|| clean(&text, &self.config.normal));
                self.nodes.push(Rc::new(Node {
                    text,
                    clean,
                    offsets,
                    path,
                }));
            }
        }
    }
}
