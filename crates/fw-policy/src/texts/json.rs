//! JSON as text: decoded to be looked at, and changed so that it stays JSON.
//!
//! [`JsonText`] knows how, and does the same in streams; here it gets a whole text at once.

use std::borrow::Cow;

use fw_stream::{Edits, JsonText, Scan, TextFilter, Window, filter_text};

/// The JSON with the escapes in its strings decoded.
pub(crate) fn decode(json: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', json.as_bytes()).is_none() {
        return Cow::Borrowed(json);
    }
    let mut decoder = JsonText::new(Capture::default());
    // It changes nothing and never stops.
    let _ = filter_text(&mut decoder, json);
    Cow::Owned(decoder.into_inner().text)
}

/// The JSON with edits made that are meant for its decoded form, whose beginning they take for `offset`.
/// `None` if nothing changes.
pub(crate) fn edit(json: &str, edits: &Edits, offset: usize) -> Option<String> {
    let fixed = Fixed { edits, offset };
    filter_text(&mut JsonText::new(fixed), json).unwrap_or_default()
}

#[derive(Default)]
struct Capture {
    text: String,
}

impl TextFilter for Capture {
    fn scan(&mut self, window: &Window<'_>, _: &mut Edits) -> Scan {
        window.text().clone_into(&mut self.text);
        Scan::Settled(window.text().len())
    }
}

struct Fixed<'a> {
    edits: &'a Edits,
    offset: usize,
}

impl TextFilter for Fixed<'_> {
    fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Scan {
        let at = |place: usize| place.saturating_add(self.offset).min(window.text().len());
        for edit in self.edits {
            edits.replace(at(edit.range.start)..at(edit.range.end), edit.with.clone());
        }
        Scan::Settled(window.text().len())
    }
}

/// Where the object ends that starts at `start` of a valid JSON text.
pub(crate) fn object_end(json: &[u8], start: usize) -> usize {
    let (mut depth, mut at) = (0_usize, start);
    while let Some(&byte) = json.get(at) {
        at += 1;
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            b'"' => at = string_end(json, at),
            _ => {}
        }
    }
    at
}

/// Where the string ends whose contents start at `at`, its quote included.
fn string_end(json: &[u8], mut at: usize) -> usize {
    while let Some(rest) = json.get(at..)
        && let Some(found) = memchr::memchr2(b'"', b'\\', rest)
    {
        at += found + 1;
        if json.get(at - 1) == Some(&b'"') {
            return at;
        }
        at += 1;
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_end_where_their_brace_closes_outside_of_strings() {
        let json = br#"[{"a":{"}":"\"}{"},"b":"\\"},1]"#;
        assert_eq!(object_end(json, 1), json.len() - 3);
        assert_eq!(object_end(json, 6), 18);
    }

    #[test]
    fn json_is_decoded_and_changed_within_its_strings() {
        let json = r#"{"to":"\u0061@b.example","n":12}"#;
        let decoded = decode(json);
        assert_eq!(decoded, r#"{"to":"a@b.example","n":12}"#);
        let mut edits = Edits::new();
        edits.replace(7..18, "[\"]");
        let expected = r#"{"to":"[\"]","n":12}"#;
        assert_eq!(edit(json, &edits, 0).as_deref(), Some(expected));
        assert!(matches!(decode(r#"{"a":1}"#), Cow::Borrowed(_)));
    }
}
