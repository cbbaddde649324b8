//! Changes to the data of one event, string by string.

use fw_wire::Value;

use crate::escape;

/// A range of an event's data and what takes its place.
#[derive(Clone)]
pub(crate) struct Splice {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) with: String,
}

/// Members that spell the text of the object they are in once more. Their own rewriting would have to be
/// token by token, and token ids cannot be rewritten at all.
const SPELLINGS: [&str; 5] = [
    "logprobs",
    "completion_logprobs",
    "token_ids",
    "completion_token_ids",
    "prompt_token_ids",
];

/// `data` with the changes made, and without what spells the changed text in another way.
///
/// Bytes that no change names stay as they are, also escapes that could be spelt shorter.
pub(crate) fn rewrite(data: &[u8], splices: &[Splice]) -> Vec<u8> {
    let mended;
    let root = match Value::parse(data) {
        Ok(root) => Some(root),
        Err(_) => {
            mended = escape::without_lone_surrogates(data).unwrap_or_default();
            Value::parse(&mended).ok()
        }
    };
    let mut all = splices.to_vec();
    if let Some(root) = root {
        let mut places: Vec<_> = splices.iter().map(|of| (of.start, of.end)).collect();
        places.sort_unstable();
        empty_spellings(root, &places, &mut all);
    }
    splice(data, all)
}

/// `data` with the changes made, and nothing else.
pub(crate) fn splice(data: &[u8], mut all: Vec<Splice>) -> Vec<u8> {
    // Stable: of two at one place, the first said comes first.
    all.sort_by_key(|splice| splice.start);
    let added: usize = all.iter().map(|splice| splice.with.len()).sum();
    let mut out = Vec::with_capacity(data.len() + added);
    let mut at = 0;
    for splice in &all {
        // What lies within a range that is replaced as a whole.
        if splice.start < at {
            continue;
        }
        out.extend_from_slice(data.get(at..splice.start).unwrap_or_default());
        out.extend_from_slice(splice.with.as_bytes());
        at = splice.end;
    }
    out.extend_from_slice(data.get(at..).unwrap_or_default());
    out
}

/// Empties the spellings in every object that a change is in. The places of the changes are in order.
fn empty_spellings(value: Value<'_>, places: &[(usize, usize)], out: &mut Vec<Splice>) {
    let span = value.span();
    // A change is within one value, so of those that begin later the first one tells.
    let later = places.partition_point(|place| place.0 <= span.start());
    let is_touched = places.get(later).is_some_and(|place| place.1 < span.end());
    if !is_touched {
        return;
    }
    for member in value.members() {
        let value = member.value();
        if !SPELLINGS.iter().any(|name| member.key_is(name)) {
            empty_spellings(value, places, out);
        } else if !value.is_null() {
            // The log probabilities of a Responses delta are a list, which may be empty but not null.
            let with = if value.is_array() && member.key_is("logprobs") {
                "[]"
            } else {
                "null"
            };
            out.push(Splice {
                start: value.span().start(),
                end: value.span().end(),
                with: with.to_owned(),
            });
        }
    }
    for element in value.elements() {
        empty_spellings(element.value(), places, out);
    }
}

#[cfg(test)]
mod tests;
