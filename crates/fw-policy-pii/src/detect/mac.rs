//! Hardware addresses: EUI-48 and EUI-64 (IEEE Std 802, 8.1) as six or eight octets with hyphens or colons, or as
//! three or four groups with dots, which only a word nearby makes one. All zeros and all ones (broadcast) are none.

use super::context::mentions;
use crate::entity::Entity;
use crate::finding::{Finding, Findings, confidence};
use crate::region::{Region, Traits};

const HARDWARE: &[&str] = &[
    "mac",
    "macs",
    "mac address",
    "macaddress",
    "hwaddr",
    "hardware address",
    "ethernet",
    "ether",
    "physical address",
    "bssid",
    "arp",
    "interface",
    "vlan",
    "switch",
    "eui",
    "wifi",
    "bluetooth",
];

pub(crate) fn find(region: &Region<'_>, findings: &mut Findings) {
    let traits = region.traits();
    if region.body().len() < 14
        || !traits.any(Traits::COLON | Traits::DASH | Traits::DOT)
        || !findings.wants(Entity::Mac)
    {
        return;
    }
    let bytes = region.text().as_bytes();
    let mut at = region.start();
    while let Some(start) = bytes
        .get(at..)
        .and_then(|rest| rest.iter().position(u8::is_ascii_hexdigit))
    {
        let start = at + start;
        let len = run(bytes, start);
        at = start + len;
        let Some(text) = bytes.get(start..at).filter(|text| text.len() >= 14) else {
            continue;
        };
        let len = address(text);
        let end = start + len;
        if len == 0 || !is_free(&bytes[region.start()..start], &bytes[end..]) {
            continue;
        }
        let dotted = text[..len].contains(&b'.');
        if dotted && !mentions(&region.text()[..start], HARDWARE) {
            continue;
        }
        findings.push(Finding {
            range: start..end,
            entity: Entity::Mac,
            scheme: if len > 17 { "eui-64" } else { "eui-48" },
            confidence: if dotted {
                confidence::CONTEXT
            } else {
                confidence::LIKELY
            },
            checked: false,
        });
    }
}

/// The length of the run of digits and separators.
fn run(bytes: &[u8], start: usize) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    rest.iter()
        .position(|byte| !byte.is_ascii_hexdigit() && !matches!(byte, b':' | b'-' | b'.'))
        .unwrap_or(rest.len())
}

/// The length of the address that the run is, but for a mark at its end; 0 if it is none.
fn address(run: &[u8]) -> usize {
    let len = run
        .iter()
        .rposition(u8::is_ascii_hexdigit)
        .map_or(0, |last| last + 1);
    let text = run.get(..len).unwrap_or_default();
    let (size, separator, count) = match text {
        [_, _, b':', ..] => (2, b':', [6, 8]),
        [_, _, b'-', ..] => (2, b'-', [6, 8]),
        [_, _, _, _, b'.', ..] => (4, b'.', [3, 4]),
        _ => return 0,
    };
    let groups = || text.split(|byte| *byte == separator);
    let fits = groups().all(|group| group.len() == size && group.iter().all(u8::is_ascii_hexdigit));
    let digits = || text.iter().filter(|byte| byte.is_ascii_hexdigit());
    let empty = digits().all(|digit| *digit == b'0')
        || digits().all(|digit| digit.eq_ignore_ascii_case(&b'f'));
    if fits && !empty && count.contains(&groups().count()) {
        len
    } else {
        0
    }
}

fn is_free(left: &[u8], right: &[u8]) -> bool {
    let left = match left {
        [.., before, b':' | b'-' | b'.'] => !before.is_ascii_hexdigit() && *before != b':',
        [.., last] => !last.is_ascii_alphanumeric() && *last < 0x80 && *last != b'_',
        [] => true,
    };
    let right = match right {
        [b':' | b'-' | b'.' | b'_', next, ..] => !next.is_ascii_alphanumeric(),
        [next, ..] => !next.is_ascii_alphanumeric() && *next < 0x80,
        [] => true,
    };
    left && right
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::detect::testing;

    fn found(text: &str) -> Vec<&str> {
        testing::find(find, text)
            .into_iter()
            .map(|(_, _, text, _)| text)
            .collect()
    }

    #[test]
    fn all_notations() {
        for text in [
            "02:00:5e:10:00:01",
            "02-00-5E-10-00-01",
            "02:00:5e:10:00:00:00:01",
            "12:34:56:78:90:12",
        ] {
            for (lead, tail) in [("", ""), ("mac=", "."), ("(", ")"), ("hwaddr:", ":")] {
                assert_eq!(
                    found(&format!("{lead}{text}{tail}")),
                    [text],
                    "{lead}{text}{tail}"
                );
            }
        }
        assert_eq!(found("mac 0200.5e10.0001"), ["0200.5e10.0001"]);
    }

    #[test]
    fn what_is_not_one() {
        for text in [
            "0200.5e10.0001",
            "02:00:5e:10:00",
            "02:00:5e:10:00:01:02",
            "02:00-5e:10:00:01",
            "00:00:00:00:00:00",
            "ff:ff:ff:ff:ff:ff",
            "02:00:5e:10:00:01:02:03:04:05:06:07:08:09:0a:0b",
            "g02:00:5e:10:00:01",
            "02:00:5e:10:00:0g",
            "2024-01-02-03-04-05",
            "550e8400-e29b-41d4-a716-446655440000",
            "12:34:56",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_address(octets in proptest::collection::vec(1_u8..255, 6)) {
            let octets: Vec<_> = octets.iter().map(|octet| format!("{octet:02X}")).collect();
            for separator in [":", "-"] {
                let text = octets.join(separator);
                prop_assert_eq!(found(&text), [text.as_str()]);
                let longer = format!("{text}{separator}AB");
                prop_assert!(found(&longer).is_empty());
            }
        }

        #[test]
        fn any_text_can_be_looked_at(text in "[0-9a-g:. é-]{0,60}") {
            let _ = found(&text);
        }
    }
}
