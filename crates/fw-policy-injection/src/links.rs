//! Images and links in replies that carry data away.
//!
//! A client that shows Markdown or HTML fetches an image as soon as it is there, so the address of an image is a
//! way out for whatever the model was talked into writing there. Looked at are the addresses of Markdown images
//! and links, `![…](…)` and `[…](…)`, of reference definitions, `[…]: …`, and those in HTML attributes and in
//! CSS. An address in plain text is not: somebody has to copy it.

mod address;

use std::collections::HashSet;
use std::sync::Arc;

use fw_stream::{Edits, Window};
use memchr::memmem;

use self::address::{Address, End, opening};
use crate::config::LinkConfig;

/// What takes the place of an address, after its scheme and `//`. No host has a name under `invalid` (RFC 2606);
/// the slash is for what a client adds.
const REMOVED: &str = "link-removed.invalid/";

/// A longer address carries data, unless it goes to a host that is trusted. As much is held back at most.
const MAX_ADDRESS: usize = 2048;

/// How much text before the slashes says what an address is for.
const CONTEXT: usize = 48;

/// What stands before an address.
const SLASHES: &[u8] = b"//";

/// What is no part of an address at its end.
const END_OF_SENTENCE: [char; 6] = ['.', ',', ';', ':', '!', '?'];

/// How much settled text has to be shown again.
pub(crate) const SHOWN: usize = CONTEXT + 8;

/// Addresses and hosts of a request that are remembered, at most.
const MOST_ADDRESSES: usize = 4096;

/// Where links may lead.
#[derive(Debug)]
pub(crate) struct Trusted {
    max_bytes: usize,
    /// In lower case; hosts below them are meant too.
    allowed: Vec<String>,
    /// Hosts that who wrote the request named.
    hosts: HashSet<String>,
    /// Whole addresses that the request holds, tool results too: they were fixed before the model said a word.
    addresses: HashSet<String>,
}

impl Trusted {
    pub(crate) fn new(config: &LinkConfig) -> Self {
        let allowed = config.allow_hosts.iter();
        Self {
            max_bytes: config.max_bytes,
            allowed: allowed
                .map(|host| host.trim_matches('.').to_ascii_lowercase())
                .collect(),
            hosts: HashSet::new(),
            addresses: HashSet::new(),
        }
    }

    /// Trusts the addresses of a text of the request, and, if `is_own`, all of their hosts. Text that a tool or
    /// a document brought is not the user's own: whoever planted an instruction there named a host as well.
    pub(crate) fn learn(&mut self, text: &str, is_own: bool) {
        for at in memmem::find_iter(text.as_bytes(), SLASHES).take(MOST_ADDRESSES) {
            if self.addresses.len() + self.hosts.len() >= MOST_ADDRESSES {
                return;
            }
            let rest = text.get(at + 2..).unwrap_or_default();
            let end = End::Bare
                .find(rest, MAX_ADDRESS)
                .unwrap_or(rest.len().min(MAX_ADDRESS));
            let rest = rest
                .get(..rest.floor_char_boundary(end))
                .unwrap_or_default();
            let whole = rest.trim_end_matches(END_OF_SENTENCE);
            if let Some(address) = Address::parse(whole) {
                if is_own {
                    self.hosts.insert(address.host.to_ascii_lowercase());
                }
                self.addresses.insert(whole.to_owned());
            }
        }
    }

    /// Whether an address, from after its `//` on, carries data to somebody who is not trusted.
    ///
    /// `goes_on` says that it does not end there.
    fn refuses(&self, text: &str, goes_on: bool) -> bool {
        let Some(address) = Address::parse(text) else {
            return false;
        };
        let host = address.host.to_ascii_lowercase();
        let is_allowed = self.allowed.iter().any(|allowed| {
            let below = host.strip_suffix(allowed.as_str());
            below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
        });
        !is_allowed
            && !self.hosts.contains(&host)
            && (goes_on
                || !self
                    .addresses
                    .contains(text.trim_end_matches(END_OF_SENTENCE)))
            && (goes_on || address.carries(self.max_bytes))
    }
}

/// Follows one text as it grows.
#[derive(Debug)]
pub(crate) struct LinkScanner {
    trusted: Arc<Trusted>,
    /// An address that is longer than can be held back goes on.
    long: Option<Long>,
    /// Bytes settled.
    base: usize,
    /// Addresses begin after this many bytes: what is before was looked at.
    next: usize,
}

#[derive(Clone, Copy, Debug)]
struct Long {
    end: End,
    is_refused: bool,
}

/// What came of some text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// How many addresses were refused.
    pub(crate) found: u32,
    /// Up to where the text is settled.
    pub(crate) settled: usize,
}

impl LinkScanner {
    pub(crate) const fn new(trusted: Arc<Trusted>) -> Self {
        Self {
            trusted,
            long: None,
            base: 0,
            next: 0,
        }
    }

    /// Looks at what is not settled, and writes what takes the place of refused addresses.
    pub(crate) fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Look {
        let mut found = 0;
        let settled = self.settle(window, &mut found, edits);
        self.base += settled - window.start();
        Look { found, settled }
    }

    fn settle(&mut self, window: &Window<'_>, found: &mut u32, edits: &mut Edits) -> usize {
        let (text, start) = (window.text(), window.start());
        // Both slashes may be settled already. In bytes of the window:
        let next = (self.next + start).saturating_sub(self.base);
        let mut from = next
            .max(start.saturating_sub(SLASHES.len()))
            .min(text.len());
        let mut at = start;
        loop {
            if let Some(long) = self.long {
                let rest = text.get(at..).unwrap_or_default();
                let end = long.end.find(rest, rest.len()).map(|end| at + end);
                if long.is_refused {
                    edits.replace(at..end.unwrap_or(text.len()), "");
                }
                let Some(end) = end else {
                    return text.len();
                };
                self.long = None;
                from = end;
            }
            let place = memmem::find(text.as_bytes().get(from..).unwrap_or_default(), SLASHES);
            self.next = (self.base + from).saturating_sub(start);
            let Some(place) = place else {
                return text.len();
            };
            let slashes = from + place;
            at = slashes + SLASHES.len();
            from = slashes + 1;
            let Some(end) = opening(before(text, slashes)) else {
                continue;
            };
            let rest = text.get(at..).unwrap_or_default();
            let length = match end.find(rest, MAX_ADDRESS) {
                Some(length) => length,
                None if rest.len() > MAX_ADDRESS => rest.floor_char_boundary(MAX_ADDRESS),
                None if window.is_end() => rest.len(),
                None => return at,
            };
            let (address, after) = rest.split_at(length);
            let is_long = !after.is_empty() && end.find(after, 1) != Some(0);
            // Browsers leave out line ends, so what follows one may be a part of it.
            let goes_on =
                is_long || matches!(end, End::Quote(_)) && after.starts_with(['\n', '\r']);
            let is_refused = self.trusted.refuses(address, goes_on);
            if is_refused {
                *found += 1;
                edits.replace(at..at + length, REMOVED);
            }
            if is_long {
                self.long = Some(Long {
                    end: end.of_long(),
                    is_refused,
                });
            }
            from = at + length;
            at = from;
        }
    }
}

/// The text before a place that may say what is there.
fn before(text: &str, at: usize) -> &str {
    text.get(text.ceil_char_boundary(at.saturating_sub(CONTEXT))..at)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
