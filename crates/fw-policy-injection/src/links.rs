//! Images and links in replies that carry data away.
//!
//! A client that shows Markdown or HTML fetches an image as soon as it is there, so the address of an image is a
//! way out for whatever the model was talked into writing there. Looked at are the addresses of Markdown images
//! and links, `![…](…)` and `[…](…)`, of reference definitions, `[…]: …`, in angle brackets, and those in HTML
//! attributes and in CSS: read as a client reads them, with entities and escapes undone. An address in plain text
//! is not: somebody has to copy it.

mod address;
mod decode;
mod opening;

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use fw_stream::{Edits, Window};
use memchr::memmem;

use self::address::{Address, Room, remote};
use self::decode::{Syntax, cleaned, decode};
use self::opening::{End, Opening, Openings};
use crate::config::LinkConfig;

/// What takes the place of an address, after its scheme and `//`. No host has a name under `invalid` (RFC 2606);
/// the slash is for what a client adds.
const REMOVED: &str = "link-removed.invalid/";

/// What takes the place of an address that does not begin with a scheme and `//` as they are.
const REMOVED_WHOLE: &str = "https://link-removed.invalid/";

/// A longer address carries data, unless it goes to a host that is trusted. As much is held back at most.
const MAX_ADDRESS: usize = 2048;

/// What stands before an address.
const SLASHES: &[u8] = b"//";

/// What is no part of an address at its end.
const END_OF_SENTENCE: [char; 6] = ['.', ',', ';', ':', '!', '?'];

/// Addresses and hosts of a request that are remembered, at most; and hosts and addresses of a reply.
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
            // A page has `&amp;` where an address has `&`.
            let whole = decode(whole, Syntax::Html);
            if let Some(address) = Address::parse(&whole) {
                if is_own {
                    self.hosts.insert(address.host.to_ascii_lowercase());
                }
                self.addresses.insert(whole);
            }
        }
    }

    /// Whether whatever an address says may be sent there.
    fn is_trusted(&self, host: &str) -> bool {
        let is_allowed = self.allowed.iter().any(|allowed| {
            let below = host.strip_suffix(allowed.as_str());
            below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
        });
        is_allowed || self.hosts.contains(host)
    }

    /// Whether the request holds exactly this address.
    fn holds(&self, text: &str) -> bool {
        self.addresses
            .contains(text.trim_end_matches(END_OF_SENTENCE))
    }
}

/// What the images of a reply have sent so far.
#[derive(Debug, Default)]
struct Sent {
    state: RandomState,
    /// By the hash of the host. Those that are one too many share a place.
    hosts: HashMap<u64, Room>,
    /// Hashes: the same image twice says nothing new.
    seen: HashSet<u64>,
}

impl Sent {
    /// Adds an address, and gives what its host got with it.
    fn add(&mut self, host: &str, text: &str, room: Room) -> Room {
        let is_new =
            self.seen.len() >= MOST_ADDRESSES || self.seen.insert(self.state.hash_one(text));
        let host = self.state.hash_one(host);
        let is_full = self.hosts.len() >= MOST_ADDRESSES && !self.hosts.contains_key(&host);
        let sum = self
            .hosts
            .entry(if is_full { 0 } else { host })
            .or_default();
        if is_new {
            *sum = sum.and(room);
        }
        *sum
    }
}

/// Follows one text as it grows.
#[derive(Debug)]
pub(crate) struct LinkScanner {
    trusted: Arc<Trusted>,
    openings: Openings,
    /// An address begins where the text is not settled.
    open: Option<Opening>,
    /// An address that was refused and is longer than can be held back goes on.
    long: Option<End>,
    sent: Sent,
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
    pub(crate) fn new(trusted: Arc<Trusted>) -> Self {
        Self {
            trusted,
            openings: Openings::default(),
            open: None,
            long: None,
            sent: Sent::default(),
        }
    }

    /// Looks at what is not settled, and writes what takes the place of refused addresses.
    pub(crate) fn scan(&mut self, window: &Window<'_>, edits: &mut Edits) -> Look {
        let text = window.text();
        let mut at = window.start();
        let mut found = 0;
        loop {
            if let Some(end) = self.long {
                let rest = text.get(at..).unwrap_or_default();
                let end = end.find(rest, rest.len()).map(|end| at + end);
                edits.replace(at..end.unwrap_or(text.len()), "");
                let Some(end) = end else {
                    let settled = text.len();
                    return Look { found, settled };
                };
                self.long = None;
                at = end;
            }
            if let Some(opening) = self.open {
                let rest = text.get(at..).unwrap_or_default();
                let length = match opening.end.find(rest, MAX_ADDRESS) {
                    Some(length) => length,
                    None if rest.len() > MAX_ADDRESS => rest.floor_char_boundary(MAX_ADDRESS),
                    None if window.is_end() => rest.len(),
                    None => return Look { found, settled: at },
                };
                self.open = None;
                let (address, after) = rest.split_at(length);
                let is_long = !after.is_empty() && opening.end.find(after, 1) != Some(0);
                if self.refuses(address, opening, is_long) {
                    found += 1;
                    let kept = prefix(address);
                    let removed = if kept > 0 { REMOVED } else { REMOVED_WHOLE };
                    edits.replace(at + kept..at + length, removed);
                    self.long = is_long.then(|| opening.end.of_long());
                    at += length;
                    continue;
                }
                // A quote that is an entity, and space before the address.
                if opening.end == End::Bare && is_quote(address) {
                    self.openings.expect(opening);
                    at += length;
                }
                // What is let alone may hold the beginning of another.
            }
            match self.openings.next(text.as_bytes(), &mut at) {
                Some(opening) => self.open = Some(opening),
                None => return Look { found, settled: at },
            }
        }
    }

    /// Whether what is written where an address belongs carries data to somebody who is not trusted.
    ///
    /// `goes_on` says that it does not end there.
    fn refuses(&mut self, text: &str, opening: Opening, goes_on: bool) -> bool {
        let decoded = decode(text, opening.syntax);
        if self.refuses_address(&cleaned(&decoded), opening.is_fetched, goes_on) {
            return true;
        }
        opening.is_list
            && addresses(&decoded)
                .any(|text| self.refuses_address(&cleaned(text), opening.is_fetched, goes_on))
    }

    fn refuses_address(&mut self, text: &str, is_fetched: bool, goes_on: bool) -> bool {
        let Some(text) = remote(text) else {
            return false;
        };
        let Some(address) = Address::parse(text) else {
            return false;
        };
        let host = address.host.to_ascii_lowercase();
        if self.trusted.is_trusted(&host) {
            return false;
        }
        if goes_on {
            return true;
        }
        if self.trusted.holds(text) {
            return false;
        }
        let max_bytes = self.trusted.max_bytes;
        if address.carries(max_bytes) {
            return true;
        }
        let room = address.room();
        is_fetched
            && (room.exceeds(max_bytes)
                || self.sent.add(&host, text, room).exceeds_together(max_bytes))
    }
}

/// How long the scheme and the slashes of an address are, if they are written as they are.
fn prefix(address: &str) -> usize {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-');
    let scheme = address.find(|c| !is_part(c)).unwrap_or(address.len());
    let rest = address.get(scheme..).unwrap_or_default();
    let slashes = match rest.strip_prefix(':') {
        Some(rest) if scheme > 0 && rest.starts_with("//") => 3,
        None if scheme == 0 && rest.starts_with("//") => 2,
        _ => return 0,
    };
    scheme + slashes
}

fn is_quote(text: &str) -> bool {
    let decoded = decode(text, Syntax::Html);
    matches!(&*decoded, "\"" | "'")
}

/// The beginnings of further addresses in a list such as that of `srcset`, or in `0;url=…`.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split_ascii_whitespace();
    words.flat_map(|word| {
        let parts = word.match_indices([',', '=']);
        let rests = parts.filter_map(move |(at, _)| word.get(at + 1..));
        std::iter::once(word).chain(rests)
    })
}

#[cfg(test)]
mod tests;
