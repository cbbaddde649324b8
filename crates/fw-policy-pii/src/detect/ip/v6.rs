//! IPv6 addresses in the forms of RFC 4291, 2.2 and RFC 5952, with a zone (RFC 4007, 11). A prefix length after it
//! is no part of it.
//!
//! Not found: the unspecified and the loopback address, well-known multicast groups, and short forms that code and times have too
//! (`a::b`): a compressed address must begin with a group of four digits (all that RFC 4291 and RFC 4193 give to
//! interfaces do), end in an IPv4 address, or have five groups and more.

use std::net::Ipv6Addr;

use crate::finding::Findings;
use crate::region::Region;

/// The longest text of an address: eight groups, the last two as IPv4.
const LONGEST: usize = 45;

/// The longest name of a zone (`IFNAMSIZ` of Linux, without the end).
const LONGEST_ZONE: usize = 15;

pub(super) fn find(region: &Region<'_>, findings: &mut Findings) {
    let (text, bytes) = (region.text(), region.text().as_bytes());
    let mut at = region.start();
    while let Some(colon) = bytes.get(at..).and_then(|rest| memchr::memchr(b':', rest)) {
        let colon = at + colon;
        let start = at
            + bytes[at..colon]
                .iter()
                .rposition(|byte| !byte.is_ascii_hexdigit())
                .map_or(0, |last| last + 1);
        let len = bytes[start..]
            .iter()
            .position(|byte| !is_part(*byte))
            .unwrap_or(bytes.len() - start);
        let whole = &text[start..start + len];
        // The colon of a label: `address:2001:db8::1`.
        let label = usize::from(whole.starts_with(':') && !whole.starts_with("::"));
        let (start, len, whole) = (start + label, len - label, &whole[label..]);
        at = start + len.max(colon + 1 - start);
        let address = trimmed(whole);
        let end = start + address.len();
        if (2..=LONGEST).contains(&address.len())
            && is_free(&bytes[region.start()..start], &bytes[end..])
            && is_interface(address)
        {
            findings.push(super::finding(start..zone(bytes, end), "ipv6"));
        }
    }
}

const fn is_part(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')
}

/// Without the dot or colon that ends a sentence or a label.
fn trimmed(text: &str) -> &str {
    let text = text.trim_end_matches('.');
    match text.strip_suffix(':') {
        Some(shorter) if !shorter.ends_with(':') || shorter.ends_with("::") => {
            shorter.trim_end_matches('.')
        }
        _ => text,
    }
}

fn is_free(left: &[u8], right: &[u8]) -> bool {
    let left = match left {
        [.., before, b'-' | b'.'] => !before.is_ascii_alphanumeric(),
        [.., before, b':'] => before.is_ascii_alphabetic(),
        [.., last] => {
            !last.is_ascii_alphanumeric()
                && *last < 0x80
                && !matches!(last, b'_' | b'$' | b':' | b'@')
        }
        [] => true,
    };
    let right = match right {
        [b'-' | b'_', next, ..] => !next.is_ascii_alphanumeric(),
        [next, ..] => !next.is_ascii_alphanumeric() && *next < 0x80 && *next != b'(',
        [] => true,
    };
    left && right
}

fn is_interface(text: &str) -> bool {
    let Ok(address) = text.parse::<Ipv6Addr>() else {
        return false;
    };
    let short = text.contains("::");
    if address.is_unspecified() || address.is_loopback() || (short && address.is_multicast()) {
        return false;
    }
    // Eight groups of two digits are a hardware address.
    let mut groups = text.split(':').filter(|group| !group.is_empty());
    if !short {
        return groups.any(|group| group.len() != 2);
    }
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    let first = groups.next().map_or(0, str::len);
    has_digit
        && ((first == 4 && !text.starts_with(':')) || text.contains('.') || groups.count() >= 4)
}

/// The end of the zone that follows, or of the address if there is none.
fn zone(bytes: &[u8], end: usize) -> usize {
    let rest = bytes.get(end..).unwrap_or_default();
    let Some(name) = rest.strip_prefix(b"%") else {
        return end;
    };
    let len = name
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        .count();
    let len = name
        .get(..len)
        .unwrap_or_default()
        .iter()
        .rposition(u8::is_ascii_alphanumeric)
        .map_or(0, |last| last + 1);
    if (1..=LONGEST_ZONE).contains(&len) {
        end + 1 + len
    } else {
        end
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::detect::{ip, testing};

    fn found(text: &str) -> Vec<&str> {
        testing::find(ip::find, text)
            .into_iter()
            .map(|(_, _, text, _)| text)
            .collect()
    }

    #[test]
    fn all_forms() {
        for text in [
            "2001:db8:0:0:8:800:200c:417a",
            "2001:DB8::8:800:200C:417A",
            "2001:db8::1",
            "2001:db8::",
            "fe80::1%eth0",
            "fd12:3456::7",
            "::ffff:198.51.100.7",
            "64:ff9b::198.51.100.7",
            "1:2:3:4:5:6:7::",
        ] {
            assert_eq!(found(text), [text]);
            for (lead, tail) in [("ip=", "."), ("(", ")"), ("addr:", ":"), ("", "/64")] {
                if lead != "addr:" || !text.starts_with(':') {
                    assert!(
                        found(&format!("{lead}{text}{tail}")).contains(&text),
                        "{lead}{text}{tail}"
                    );
                }
            }
        }
    }

    #[test]
    fn code_times_and_hardware_addresses_are_none() {
        for text in [
            "::",
            "::1",
            "ff02::1",
            "a::b",
            "std::vector",
            "dead::beef",
            "de::Error",
            "b::f(1)",
            "12:34:56",
            "12:34",
            "2024-01-02T03:04:05",
            "02:00:5e:10:00:01",
            "02:00:5e:10:00:00:00:01",
            "1:2:3:4:5:6:7:8:9",
            "2001:db8::1::2",
            "x2001:db8::1",
            "2001:db8::1g",
            "0::",
            "key:abcd",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }

    proptest! {
        #[test]
        fn any_full_address(groups in proptest::collection::vec(256_u16.., 8)) {
            let groups: Vec<_> = groups.iter().map(|group| format!("{group:x}")).collect();
            let text = groups.join(":");
            prop_assert_eq!(found(&text), [text.as_str()]);
        }
    }
}
