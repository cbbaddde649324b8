//! Paths of places in a document, for people.

use core::fmt;

use super::span::Span;
use super::value::Value;

/// The path of a place in a document, such as `messages[0].content[1].text`.
///
/// It costs nothing until it is displayed; then the place is searched from the root. Keys that are
/// not plain words are shown as strings in brackets, `["a b"]`; the place of a key ends in `{key}`.
/// Long keys are cut: a path is a hint for a person.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    root: Value<'a>,
    at: Span,
}

impl<'a> Path<'a> {
    pub(super) fn new(root: Value<'a>, at: Span) -> Self {
        Self { root, at }
    }
}

/// Longer keys are cut in paths.
const MAX_KEY: usize = 64;

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut value = self.root;
        let mut first = true;
        // Each turn goes one level down, and nesting is bounded.
        while value.span() != self.at {
            if value.is_object() {
                let holds = |span: Span| span.contains(self.at);
                let Some(member) = value.members().find(|member| holds(member.span().whole()))
                else {
                    break;
                };
                write_key(f, &member.key(), first)?;
                if holds(member.span().key()) {
                    return f.write_str("{key}");
                }
                if !holds(member.value().span()) {
                    break;
                }
                value = member.value();
            } else {
                let mut elements = value.elements().enumerate();
                let Some((index, element)) =
                    elements.find(|(_, element)| element.span().value().contains(self.at))
                else {
                    break;
                };
                write!(f, "[{index}]")?;
                value = element.value();
            }
            first = false;
        }
        if first { f.write_str("(root)") } else { Ok(()) }
    }
}

fn write_key(f: &mut fmt::Formatter<'_>, key: &str, first: bool) -> fmt::Result {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$');
    if !key.is_empty() && key.len() <= MAX_KEY && key.chars().all(plain) {
        return write!(f, "{}{key}", if first { "" } else { "." });
    }
    let cut: String = key.chars().take(MAX_KEY).collect();
    let dots = if cut.len() < key.len() { "…" } else { "" };
    write!(f, "[{cut:?}{dots}]")
}

impl fmt::Debug for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Path({self})")
    }
}
