//! IPv4 addresses: four numbers up to 255 (RFC 791; without leading zeros, RFC 6943, 3.1.1). A port or a prefix
//! length after it is no part of it.
//!
//! Not personal, so not found: the unspecified network 0/8, loopback 127/8, multicast, reserved and broadcast from
//! 224 on (RFC 6890), with that all net masks. Private addresses are found: they tell machines of one house apart.
//! Version and section numbers look the same: a number after a word for those, after `==` or a product's slash
//! (`Name/1.2.3.4`), or one of single digits only that nothing calls an address, is not taken.

use std::net::Ipv4Addr;

use crate::detect::digits::{Gap, Group, runs};
use crate::finding::Findings;
use crate::region::Region;

const VERSION: &[&str] = &[
    "version",
    "versions",
    "release",
    "released",
    "build",
    "revision",
    "firmware",
    "driver",
    "upgrade",
    "upgraded",
    "update",
    "updated",
    "patch",
    "section",
    "sections",
    "clause",
    "chapter",
    "paragraph",
    "article",
    "figure",
    "table",
    "oid",
    "appendix",
    "step",
    "downgrade",
    "requires",
    "package",
    "changelog",
    "assembly version",
    "file version",
    "product version",
];

/// Short for a version or a section where nothing stands between. Else a letter: "Miller v Meyer, 192.0.2.17".
const ABBREVIATED: &[&str] = &["v", "ver", "rev", "sec"];

const ADDRESS: &[&str] = &[
    "ip",
    "ips",
    "ipv 4",
    "address",
    "addr",
    "host",
    "hosts",
    "hostname",
    "server",
    "client",
    "from",
    "src",
    "dst",
    "source",
    "destination",
    "remote",
    "gateway",
    "dns",
    "nameserver",
    "resolver",
    "router",
    "subnet",
    "network",
    "peer",
    "node",
    "ping",
    "ssh",
    "curl",
    "bind",
    "listen",
    "connect",
    "connected",
    "http",
    "https",
    "proxy",
    "endpoint",
    "x forwarded for",
    "login",
    "logged in",
    "traceroute",
    "route",
    "a record",
    "адрес",
    "地址",
    "アドレス",
];

/// How far a word for a version may be, in letters and spaces.
const NEAR: usize = 16;

/// How far an abbreviation may be: a space or a full stop.
const NEXT: usize = 1;

pub(super) fn find(region: &Region<'_>, findings: &mut Findings) {
    let text = region.text();
    for run in runs(text, region.start()) {
        if run.cut || run.groups().len() < 4 {
            continue;
        }
        let groups = run.groups();
        for (first, quad) in groups.windows(4).enumerate() {
            let left = groups.get(first).map_or(Gap::First, |group| group.gap);
            let right = groups.get(first + 4).map_or(Gap::First, |group| group.gap);
            if is_quad(quad)
                && left != Gap::Dot
                && left != Gap::Slash
                && right != Gap::Dot
                && let [start, .., end] = quad
                && is_address(region, start.start, end.end, right == Gap::First)
            {
                findings.push(super::finding(start.start..end.end, "ipv4"));
            }
        }
    }
}

fn is_quad(groups: &[Group]) -> bool {
    groups.iter().all(|group| group.len() <= 3)
        && groups.iter().skip(1).all(|group| group.gap == Gap::Dot)
}

fn is_address(region: &Region<'_>, start: usize, end: usize, last: bool) -> bool {
    let text = region.text();
    let Some(address) = text
        .get(start..end)
        .and_then(|text| text.parse::<Ipv4Addr>().ok())
    else {
        return false;
    };
    let octets = address.octets();
    if matches!(octets[0], 0 | 127 | 224..) {
        return false;
    }
    let left = &text.as_bytes()[region.start()..start];
    let right = &text.as_bytes()[end..];
    if !left_is_free(left) || (last && !right_is_free(right)) {
        return false;
    }
    let words = region.words_before(start);
    let within = |list, near| words.distance(list).filter(|far| *far <= near);
    let version = within(ABBREVIATED, NEXT).or_else(|| within(VERSION, NEAR));
    let addressed = words.distance(ADDRESS);
    if version.is_some_and(|far| addressed.is_none_or(|near| far < near)) {
        return false;
    }
    // 1.2.3.4 and 2.0.0.10 are more often versions than addresses.
    let small = octets.iter().filter(|octet| **octet < 10).count() >= 3 && octets[0] < 10;
    !small
        || addressed.is_some()
        || matches!(right, [b':' | b'/', b'0'..=b'9', ..])
        || left.ends_with(b"//")
}

fn left_is_free(left: &[u8]) -> bool {
    match left {
        [.., b'=' | b'~' | b'!' | b'^', b'='] => false,
        [.., b'/', b'/'] => true,
        [.., before, b'/' | b'-' | b'.' | b'_'] => {
            !before.is_ascii_alphanumeric() && *before != b'.'
        }
        [.., b'^' | b'~' | b'$' | b'#' | b'%' | b'.'] => false,
        [.., b':', b':'] | [.., b'f', b':'] => false,
        [.., last] => !last.is_ascii_alphanumeric() && *last < 0x80,
        [] => true,
    }
}

fn right_is_free(right: &[u8]) -> bool {
    match right {
        [b'-' | b'_' | b'.', next, ..] => !next.is_ascii_alphanumeric(),
        [next, ..] => !next.is_ascii_alphanumeric() && *next < 0x80 && *next != b'%',
        [] => true,
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
    fn addresses_with_what_stands_around_them() {
        for (lead, tail) in [
            ("", ""),
            ("ip=", "."),
            ("(", ")"),
            ("http://", "/path"),
            ("https://user:word@", ":8080/"),
            ("", ":443"),
            ("", "/24"),
            ("", "-10.77.3.9"),
            ("12 ", " 34"),
        ] {
            let text = format!("{lead}198.51.100.7{tail}");
            assert_eq!(found(&text).first(), Some(&"198.51.100.7"), "{text}");
        }
        assert_eq!(found("10.1.2.30"), ["10.1.2.30"]);
        assert_eq!(found("server at 9.9.9.9"), ["9.9.9.9"]);
        assert_eq!(found("Miller v Meyer, 192.0.2.17"), ["192.0.2.17"]);
    }

    #[test]
    fn versions_and_other_numbers_are_none() {
        for text in [
            "1.2.3.4",
            "v10.20.30.40",
            "v. 10.20.30.40",
            "ver 10.20.30.40",
            "(sec. 10.20.30.40)",
            "version 10.20.30.40",
            "Build 10.20.30.40.",
            "pkg==10.20.30.40",
            "Browser/114.20.30.40",
            "10.20.30.40.50",
            "10.20.30",
            "10.20.30.400",
            "10.20.30.040",
            "10.20.30.40-beta",
            "10.20.30.40rc1",
            "1.3.6.1",
            "127.0.0.1",
            "0.0.0.0",
            "255.255.255.0",
            "224.0.0.251",
            "10.20.30.40%",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_public_address(a in 11_u8..=126, b in 10_u8.., c: u8, d: u8) {
            let text = format!("{a}.{b}.{c}.{d}");
            prop_assert_eq!(found(&text), [text.as_str()]);
            let far_too_large = format!("{a}.{b}.{c}.{}", u16::from(d) + 256);
            prop_assert!(found(&far_too_large).is_empty());
        }

        #[test]
        fn any_text_can_be_looked_at(text in "[0-9.:/ a-f-]{0,60}") {
            let _ = found(&text);
        }
    }
}
