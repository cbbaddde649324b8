//! Which headers cross over, and which stay on their side.

use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONNECTION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue,
};

/// Prepares a client's headers for the provider.
///
/// What was meant for this side goes: credentials and account choices, cookies,
/// the description of this hop (RFC 9110 section 7.6.1), lengths and hosts that
/// are worked out anew, and addresses that servers in front of this one noted.
/// Everything else stays.
pub(crate) fn prepare_request(
    headers: &mut HeaderMap,
    key: Option<&(HeaderName, HeaderValue)>,
    host: Option<&HeaderValue>,
) {
    remove_named_by_connection(headers);
    // What is set anew below is overwritten there, which takes half the time.
    let overwritten = |name: &str| {
        name == ACCEPT_ENCODING
            || (host.is_some() && name == HOST)
            || key.is_some_and(|(key, _)| key == name)
    };
    remove(headers, |name| is_for_this_side(name) && !overwritten(name));
    if let Some((name, value)) = key {
        headers.insert(name, value.clone());
    }
    if let Some(host) = host {
        headers.insert(HOST, host.clone());
    }
    // Policies and accounting read the reply, so it must not be compressed.
    // Without the header a server may choose (RFC 9110 section 12.5.3).
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
}

/// Prepares a provider's headers for the client.
pub(crate) fn prepare_reply(headers: &mut HeaderMap, expose: bool) {
    remove_named_by_connection(headers);
    if expose {
        remove(headers, is_hop_by_hop);
    } else {
        remove(headers, |name| is_hop_by_hop(name) || is_internal(name));
    }
}

/// Whether the client says that it wants a stream.
pub(crate) fn accepts_stream(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .any(|value| find_ignoring_case(value.as_bytes(), b"text/event-stream"))
}

/// Whether the provider answers with one (WHATWG HTML, server-sent events).
pub(crate) fn is_stream(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| {
        value
            .as_bytes()
            .get(..17)
            .is_some_and(|it| it.eq_ignore_ascii_case(b"text/event-stream"))
    })
}

fn find_ignoring_case(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len())
        .any(|it| it.eq_ignore_ascii_case(wanted))
}

/// RFC 9110 section 7.6.1, with `trailer` (section 6.6.2) because a message is
/// not passed on with its framing, and with HTTP/2's upgrade offer.
fn is_hop_by_hop(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "keep-alive"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "http2-settings"
    ) || name.starts_with("proxy-")
}

fn is_for_this_side(name: &str) -> bool {
    is_hop_by_hop(name)
        || matches!(
            name,
            // credentials, and the accounts that belong to them
            "authorization"
                | "x-api-key"
                | "api-key"
                | "x-goog-api-key"
                | "cookie"
                // conditions about an earlier reply: a request must not provoke a 412, which is the
                // provider's word for a suspended account
                | "if-match"
                | "if-none-match"
                | "if-modified-since"
                | "if-unmodified-since"
                | "if-range"
                | "range"
                | "openai-organization"
                | "openai-project"
                // worked out anew
                | "host"
                | "content-length"
                | "accept-encoding"
                // already answered by the server that read the request
                | "expect"
                // who asked, as noted by servers in front
                | "forwarded"
                | "via"
                | "x-real-ip"
                | "true-client-ip"
        )
        || name
            .strip_prefix("x-")
            .is_some_and(is_extension_for_this_side)
        || name.starts_with("cf-")
}

/// Addresses, and the requests' hints for gateways: `x-fw-` is for this one, `x-bf-` for Bifrost, whose clients
/// send credentials there too.
fn is_extension_for_this_side(name: &str) -> bool {
    ["forwarded-", "fw-", "bf-"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// What a provider says about itself and its network, or to a browser about its
/// own origin. Limits, `retry-after` and `x-request-id` are for the client.
fn is_internal(name: &str) -> bool {
    matches!(
        name,
        "server"
            | "set-cookie"
            | "via"
            | "alt-svc"
            | "strict-transport-security"
            | "report-to"
            | "reporting-endpoints"
            | "nel"
            | "expect-ct"
    ) || [
        "fireworks-",
        "x-fireworks-",
        "x-envoy-",
        "cf-",
        "openai-",
        "access-control-",
    ]
    .iter()
    .any(|prefix| name.starts_with(prefix))
}

/// Removes the headers that `Connection` names. Almost always it names none.
fn remove_named_by_connection(headers: &mut HeaderMap) {
    if !headers.contains_key(CONNECTION) {
        return;
    }
    let mut named = Vec::new();
    for value in headers.get_all(CONNECTION) {
        for option in value.as_bytes().split(|byte| *byte == b',') {
            let option = option.trim_ascii();
            if option.eq_ignore_ascii_case(b"close") || option.eq_ignore_ascii_case(b"keep-alive") {
                continue;
            }
            if let Ok(name) = HeaderName::from_bytes(option) {
                named.push(name);
            }
        }
    }
    for name in named {
        headers.remove(name);
    }
}

/// `HeaderMap` cannot filter itself. Names are gathered in a few slots on the
/// stack and removed one by one, which moves no other header to a new map.
fn remove(headers: &mut HeaderMap, doomed: impl Fn(&str) -> bool) {
    loop {
        let mut found: [Option<HeaderName>; 8] = [const { None }; 8];
        let mut slots = found.iter_mut();
        let mut full = false;
        for name in headers.keys().filter(|name| doomed(name.as_str())) {
            match slots.next() {
                Some(slot) => *slot = Some(name.clone()),
                None => {
                    full = true;
                    break;
                }
            }
        }
        for name in found.into_iter().flatten() {
            headers.remove(name);
        }
        if !full {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, HeaderValue::from_static(value));
        }
        map
    }

    fn names(map: &HeaderMap) -> Vec<&str> {
        let mut names: Vec<_> = map.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn what_was_meant_for_this_side_stays_here() {
        let mut headers = map(&[
            ("authorization", "Bearer client"),
            ("x-api-key", "client"),
            ("api-key", "client"),
            ("x-goog-api-key", "client"),
            ("if-match", "x"),
            ("range", "bytes=0-1"),
            ("cookie", "a=1"),
            ("cookie", "b=2"),
            ("openai-organization", "org-1"),
            ("openai-project", "p"),
            ("host", "gateway.example"),
            ("content-length", "12"),
            ("transfer-encoding", "chunked"),
            ("connection", "keep-alive, X-Hop"),
            ("connection", "close"),
            ("x-hop", "1"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("trailer", "x-sum"),
            ("upgrade", "h2c"),
            ("http2-settings", "AAA"),
            ("proxy-authorization", "Basic x"),
            ("proxy-connection", "keep-alive"),
            ("expect", "100-continue"),
            ("forwarded", "for=10.0.0.1"),
            ("x-forwarded-for", "10.0.0.1"),
            ("x-real-ip", "10.0.0.1"),
            ("via", "1.1 lb"),
            ("cf-connecting-ip", "10.0.0.1"),
            ("x-fw-key", "team"),
            ("x-bf-vk", "sk-bf-1"),
            ("x-bf-whatever", "1"),
        ]);
        prepare_request(&mut headers, None, None);
        assert_eq!(names(&headers), ["accept-encoding"]);
        assert_eq!(headers[ACCEPT_ENCODING], "identity");
    }

    #[test]
    fn everything_else_of_a_request_passes() {
        let kept = [
            ("accept", "application/json"),
            ("anthropic-beta", "x"),
            ("anthropic-version", "2023-06-01"),
            ("content-type", "application/json"),
            ("traceparent", "00-1-2-01"),
            ("tracestate", "a=b"),
            ("user-agent", "OpenAI/Python 3.52"),
            ("x-fireworks-account-id", "me"),
            ("x-request-id", "r-1"),
            ("x-session-affinity", "s"),
            ("x-sim-fault", "hang"),
            ("x-stainless-lang", "python"),
        ];
        let mut headers = map(&kept);
        prepare_request(&mut headers, None, None);
        headers.remove(ACCEPT_ENCODING);
        assert_eq!(names(&headers), kept.map(|(name, _)| name));
    }

    #[test]
    fn the_key_replaces_every_value_of_its_header() {
        let key = (
            HeaderName::from_static("x-key"),
            HeaderValue::from_static("mine"),
        );
        let mut headers = map(&[
            ("x-key", "a"),
            ("x-key", "b"),
            ("connection", "x-key"),
            ("host", "gateway"),
        ]);
        let host = HeaderValue::from_static("upstream");
        prepare_request(&mut headers, Some(&key), Some(&host));
        let values: Vec<_> = headers.get_all("x-key").iter().collect();
        assert_eq!(values, ["mine"]);
        assert_eq!(headers["host"], "upstream");
    }

    #[test]
    fn a_reply_loses_what_is_internal() {
        let reply = [
            ("connection", "keep-alive, x-hop"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("x-hop", "1"),
            ("server", "istio-envoy"),
            ("set-cookie", "__cf_bm=1"),
            ("via", "1.1 google"),
            ("alt-svc", "h3"),
            ("cf-ray", "1"),
            ("strict-transport-security", "max-age=1"),
            ("access-control-allow-origin", "*"),
            ("fireworks-prompt-tokens", "27"),
            ("fireworks-backend-host", "10.0.0.1"),
            ("x-fireworks-request-id", "1"),
            ("x-envoy-upstream-service-time", "312"),
            ("openai-organization", "the-operator"),
            ("content-type", "application/json"),
            ("content-length", "2"),
            ("date", "now"),
            ("retry-after", "1"),
            ("x-ratelimit-limit-tokens-prompt", "60000"),
            ("x-ratelimit-over-limit", "yes"),
            ("x-request-id", "r-1"),
        ];
        let mut headers = map(&reply);
        prepare_reply(&mut headers, false);
        assert_eq!(
            names(&headers),
            [
                "content-length",
                "content-type",
                "date",
                "retry-after",
                "x-ratelimit-limit-tokens-prompt",
                "x-ratelimit-over-limit",
                "x-request-id",
            ]
        );

        let mut headers = map(&reply);
        prepare_reply(&mut headers, true);
        for name in ["server", "set-cookie", "fireworks-prompt-tokens", "cf-ray"] {
            assert!(headers.contains_key(name), "{name}");
        }
        for name in ["connection", "keep-alive", "transfer-encoding", "x-hop"] {
            assert!(!headers.contains_key(name), "{name}");
        }
    }

    #[test]
    fn streams_are_recognised() {
        assert!(accepts_stream(&map(&[(
            "accept",
            "application/json, Text/Event-Stream;q=0.9"
        )])));
        assert!(!accepts_stream(&map(&[("accept", "*/*")])));
        assert!(is_stream(&map(&[(
            "content-type",
            "text/event-stream; charset=utf-8"
        )])));
        assert!(!is_stream(&map(&[("content-type", "application/json")])));
        assert!(!is_stream(&map(&[])));
    }
}
