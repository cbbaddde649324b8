//! A cheap look at an event's data: may it hold anything that matters at the end of a stream?
//!
//! A stream has hundreds of events that carry a few words, and one or two that carry a finish reason,
//! usage or an error. Reading every event as JSON to find those few is the largest cost of watching a
//! stream. So the data is searched for the names first, and read as JSON only where one may be there.
//!
//! # Why the search misses nothing
//!
//! Claim: if the data is valid JSON and has a member `name` with a value other than `null`, at any
//! depth, then the search reports it. (If the data is not JSON, reading it would give nothing either.)
//!
//! 1. A string in JSON writes each character either as itself or as an escape (RFC 8259, section 7).
//!    The names searched for consist of letters, `_` and `.`, which have no short escape; only `\uXXXX`
//!    can spell them. So unless the data contains `\u`, the key stands there as `"name"`, quotes
//!    included. If it does contain `\u`, everything is reported.
//! 2. All occurrences of `"name"` are looked at. Two of them cannot overlap by sharing a quote: in
//!    valid JSON no letter follows the quote that ends a string. So no occurrence hides another.
//! 3. After a key come white space, `:`, white space and the value (RFC 8259, section 4). An
//!    occurrence is passed over only if it is not followed by `:`, so that it is no key, or if `null`
//!    follows.
//!
//! The other direction does not hold and need not: text that quotes a name costs time, nothing else.
//! A test compares the outcome with and without the search.

use std::sync::LazyLock;

use fw_wire::Endpoint;
use memchr::memmem::Finder;

use crate::event::Event;

/// What the data of an event may hold. `false` is certain, `true` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Signals {
    /// A finish reason, or an event type that ends the reply.
    pub(crate) finish: bool,
    pub(crate) error: bool,
}

impl Signals {
    pub(crate) const NONE: Self = Self {
        finish: false,
        error: false,
    };

    pub(crate) const ALL: Self = Self {
        finish: true,
        error: true,
    };

    pub(crate) const fn any(self) -> bool {
        self.finish || self.error
    }

    pub(crate) fn of(endpoint: Endpoint, event: &Event) -> Self {
        let Some(data) = event.data() else {
            return Self::NONE;
        };
        // An event's name may stand in for a type that the data lacks.
        let named = match event.name() {
            None => Self::NONE,
            Some("error") => Self::ALL,
            Some(name) => Self {
                finish: is_last_type(endpoint, name),
                ..Self::NONE
            },
        };
        let found = Self::search(endpoint, data);
        Self {
            finish: named.finish || found.finish,
            error: named.error || found.error,
        }
    }

    fn search(endpoint: Endpoint, data: &[u8]) -> Self {
        if may_escape(data) {
            return Self::ALL;
        }
        let names = &*NAMES;
        match endpoint {
            Endpoint::Messages => Self {
                finish: has_value(data, &names.stop_reason)
                    || names.message_stop.find(data).is_some(),
                error: names.error.find(data).is_some(),
            },
            Endpoint::Responses => Self {
                finish: names
                    .response
                    .find_iter(data)
                    .any(|at| is_last_type(endpoint, string_at(data, at + 1))),
                error: names.error.find(data).is_some(),
            },
            _ => Self {
                finish: has_value(data, &names.finish_reason),
                error: has_value(data, &names.error),
            },
        }
    }
}

/// Whether the data may say usage. `false` is certain, `true` is not. Apart from the rest, because
/// only those who count tokens ask.
pub(crate) fn may_say_usage(data: &[u8]) -> bool {
    has_value(data, &NAMES.usage) || may_escape(data)
}

/// Whether the data has a `\u`, so that any name may be spelt with it.
fn may_escape(data: &[u8]) -> bool {
    // Most text has no backslash at all, and looking for one byte costs next to nothing.
    memchr::memchr(b'\\', data).is_some_and(|at| NAMES.escape.find(&data[at..]).is_some())
}

/// Whether an event of this type ends a reply. Chat and text completions have no types.
pub(crate) fn is_last_type(endpoint: Endpoint, ty: &str) -> bool {
    match endpoint {
        Endpoint::Messages => ty == "message_stop",
        Endpoint::Responses => matches!(
            ty,
            "response.completed" | "response.incomplete" | "response.failed"
        ),
        _ => false,
    }
}

/// The text up to the next quote.
fn string_at(data: &[u8], start: usize) -> &str {
    let rest = data.get(start..).unwrap_or_default();
    let end = memchr::memchr(b'"', rest).unwrap_or(rest.len());
    std::str::from_utf8(&rest[..end]).unwrap_or_default()
}

/// Whether `"name"` occurs as a key with a value other than `null`.
fn has_value(data: &[u8], name: &Finder<'_>) -> bool {
    // Not `find_iter`: it copies the finder, which is much of the cost of a search this short.
    let mut rest = data;
    while let Some(at) = name.find(rest) {
        rest = &rest[at + name.needle().len()..];
        if let Some((b':', value)) = skip_space(rest).split_first()
            && !skip_space(value).starts_with(b"null")
        {
            return true;
        }
    }
    false
}

fn skip_space(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = text {
        text = rest;
    }
    text
}

struct Names {
    escape: Finder<'static>,
    finish_reason: Finder<'static>,
    usage: Finder<'static>,
    error: Finder<'static>,
    stop_reason: Finder<'static>,
    message_stop: Finder<'static>,
    response: Finder<'static>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| Names {
    escape: Finder::new(br"\u"),
    finish_reason: Finder::new(br#""finish_reason""#),
    usage: Finder::new(br#""usage""#),
    error: Finder::new(br#""error""#),
    stop_reason: Finder::new(br#""stop_reason""#),
    message_stop: Finder::new(br#""message_stop""#),
    response: Finder::new(br#""response."#),
});

#[cfg(test)]
mod tests;
