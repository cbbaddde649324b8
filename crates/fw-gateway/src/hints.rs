//! Hints in a request's headers, as the clients of Bifrost send them, understood as this gateway's own.
//!
//! | header | understood as |
//! |---|---|
//! | `x-bf-session-id` | `x-session-affinity`: one session stays on one variant, one key of a target, one replica |
//! | `x-bf-api-key-id`, `x-bf-api-key` | `x-fw-key`: the label of the key to use |
//! | `x-bf-eh-NAME` | the header `NAME`, for the provider, unless it is one of those below |
//! | `x-bf-vk` | who owns the responses that are kept here; it is no key of this gateway |
//! | any other `x-bf-…` | nothing |
//!
//! A header that the client sent under its own name wins. None with the prefix is sent on: they may hold
//! credentials, such as `x-bf-vk`.
//!
//! `x-bf-eh-…` means nothing for what is not the client's to say in a roundabout way, past a proxy in front that
//! looks at the plain name: credentials (`authorization`, `cookie`, `x-api-key`, …), the message's frame and way
//! (`content-length`, `content-encoding`, `transfer-encoding`, `connection`, `host`, `proxy-…`, …), who asked
//! (`forwarded`, `x-forwarded-…`, …), and this gateway's own hints (`x-fw-…`, `x-bf-…`).

use fw_responses::Owner;
use fw_routing::KEY_HEADER;
use http::{HeaderMap, HeaderName, Request};

const PREFIX: &str = "x-bf-";

/// Before the name of a header to be sent on.
const EXTRA: &str = "x-bf-eh-";

/// A client's credential at Bifrost.
const VIRTUAL_KEY: HeaderName = HeaderName::from_static("x-bf-vk");

const SESSION_AFFINITY: HeaderName = HeaderName::from_static("x-session-affinity");

/// Replaces what is written in Bifrost's words.
pub(crate) fn understand<B>(request: &mut Request<B>) {
    // One look at each name is all that other clients pay.
    if !request.headers().keys().any(is_foreign) {
        return;
    }
    // Before others: its clients often send a made-up key where their SDK wants one.
    if let Some(key) = request.headers().get(VIRTUAL_KEY) {
        let owner = Owner::new(key);
        request.extensions_mut().insert(owner);
    }
    translate(request.headers_mut());
}

fn is_foreign(name: &HeaderName) -> bool {
    name.as_str().starts_with(PREFIX)
}

fn translate(headers: &mut HeaderMap) {
    let foreign: Vec<HeaderName> = headers
        .keys()
        .filter(|name| is_foreign(name))
        .cloned()
        .collect();
    for name in foreign {
        let Some(value) = headers.remove(&name) else {
            continue;
        };
        if let Some(own) = own_name(&name)
            && !headers.contains_key(&own)
        {
            headers.insert(own, value);
        }
    }
}

/// What the header is called here, if it means anything.
fn own_name(name: &HeaderName) -> Option<HeaderName> {
    match name.as_str() {
        "x-bf-session-id" => Some(SESSION_AFFINITY),
        "x-bf-api-key-id" | "x-bf-api-key" => Some(KEY_HEADER),
        name => {
            let extra = name.strip_prefix(EXTRA)?;
            (!is_reserved(extra)).then(|| HeaderName::from_bytes(extra.as_bytes()).ok())?
        }
    }
}

/// Whether a header is none that may come as an extra one.
fn is_reserved(name: &str) -> bool {
    let names = [
        // credentials
        "authorization",
        "api-key",
        "cookie",
        "x-api-key",
        "x-goog-api-key",
        // the message's frame, and its way (RFC 9110 sections 6 to 8)
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        // who asked
        "forwarded",
        "true-client-ip",
        "via",
        "x-real-ip",
        "x-request-id",
    ];
    let prefixes = ["proxy-", "cf-", "x-forwarded-", "x-fw-", PREFIX];
    names.contains(&name) || prefixes.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn understood(pairs: &[(&'static str, &'static str)]) -> Vec<(String, String)> {
        let mut request = Request::new(());
        for (name, value) in pairs {
            let value = HeaderValue::from_static(value);
            request.headers_mut().append(*name, value);
        }
        understand(&mut request);
        let mut pairs: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        pairs.sort();
        pairs
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = pairs
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        owned.collect()
    }

    #[test]
    fn what_has_a_meaning_here_gets_its_name_here() {
        let got = understood(&[
            ("x-bf-session-id", "s-1"),
            ("x-bf-api-key-id", "team"),
            ("x-bf-eh-x-team", "blue"),
        ]);
        let expected = [
            ("x-fw-key", "team"),
            ("x-session-affinity", "s-1"),
            ("x-team", "blue"),
        ];
        assert_eq!(got, pairs(&expected));
        assert_eq!(
            understood(&[("x-bf-api-key", "k")]),
            pairs(&[("x-fw-key", "k")])
        );
    }

    #[test]
    fn what_has_none_goes() {
        let got = understood(&[
            ("x-bf-vk", "sk-bf-1"),
            ("x-bf-session-ttl", "1h"),
            ("x-bf-dim-team", "blue"),
            ("x-bf-cache-key", "k"),
            ("x-bf-passthrough-extra-params", "true"),
            ("x-bf-eh-", "empty"),
            ("x-bf-eh-x-bf-vk", "sk-bf-2"),
            ("x-bf-", "?"),
            ("accept", "*/*"),
        ]);
        assert_eq!(got, pairs(&[("accept", "*/*")]));
    }

    #[test]
    fn a_virtual_key_tells_its_owner_s_responses_from_those_of_others() {
        let mut request = Request::new(());
        let theirs = HeaderValue::from_static("sk-bf-1");
        request.headers_mut().insert(VIRTUAL_KEY, theirs);
        understand(&mut request);
        let owner = request.extensions().get::<Owner>().copied();
        assert_eq!(owner, Some(Owner::new("sk-bf-1")));
    }

    #[test]
    fn a_header_under_its_own_name_wins() {
        let got = understood(&[
            ("x-bf-session-id", "theirs"),
            ("x-session-affinity", "ours"),
            ("x-bf-eh-accept", "theirs"),
            ("accept", "ours"),
        ]);
        assert_eq!(
            got,
            pairs(&[("accept", "ours"), ("x-session-affinity", "ours")])
        );
    }

    #[test]
    fn what_is_no_client_s_to_say_is_not_said_in_a_roundabout_way() {
        for name in [
            "authorization",
            "x-api-key",
            "api-key",
            "cookie",
            "proxy-authorization",
            "host",
            "connection",
            "content-length",
            "content-encoding",
            "content-type",
            "transfer-encoding",
            "te",
            "upgrade",
            "expect",
            "forwarded",
            "x-forwarded-for",
            "x-real-ip",
            "x-request-id",
            "x-fw-key",
            "x-fw-anything",
            "x-bf-vk",
        ] {
            let mut request = Request::new(());
            let extra = HeaderName::try_from(format!("x-bf-eh-{name}")).unwrap();
            let theirs = HeaderValue::from_static("theirs");
            request.headers_mut().insert(extra, theirs);
            understand(&mut request);
            assert!(request.headers().is_empty(), "{name}: {request:?}");
        }
    }

    proptest! {
        /// Whatever is sent, nothing foreign is left, and everything else is as it was.
        #[test]
        fn nothing_foreign_is_left(names in prop::collection::vec("(x-bf-|x-bf-eh-|x-bf-eh-x-bf-|x-)[a-z]{0,3}", 0..20)) {
            let mut request = Request::new(());
            for (place, name) in names.iter().enumerate() {
                let name = HeaderName::try_from(name.as_str()).unwrap();
                request.headers_mut().append(name, HeaderValue::from(place));
            }
            let before = request.headers().clone();
            understand(&mut request);
            let headers = request.headers();
            prop_assert!(!headers.keys().any(is_foreign));
            for name in before.keys().filter(|name| !is_foreign(name)) {
                let of = |map: &HeaderMap| map.get_all(name).iter().cloned().collect::<Vec<_>>();
                prop_assert_eq!(of(&before), of(headers));
            }
        }
    }
}
