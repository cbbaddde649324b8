use proptest::prelude::*;

use super::*;

fn base(text: &str) -> BaseUrl {
    BaseUrl::parse(text, crate::known::known("fireworks").bare_host).unwrap()
}

fn join(text: &str, path: &str) -> String {
    let (base, path) = (base(text), path.parse().unwrap());
    let whole = base.join(&path, Form::Absolute).unwrap();
    // The other form is the same without scheme and authority.
    let origin = base.join(&path, Form::Origin).unwrap();
    assert_eq!(origin.path_and_query(), whole.path_and_query());
    assert_eq!((origin.scheme(), origin.authority()), (None, None));
    whole.to_string()
}

#[test]
fn every_surface_means_the_same_operation() {
    let surfaces = [
        "/v1",
        "/inference/v1",
        "/inference/v1/v1",
        "/openai",
        "/openai/v1",
        "/langchain",
        "/litellm/v1",
        "/v1/",
        "//v1",
        "/fireworks/inference/v1",
        "/anthropic/v1",
        "",
    ];
    for surface in surfaces {
        for operation in ["chat/completions", "models", "responses/resp_1", "rerank"] {
            let path = format!("{surface}/{operation}");
            assert_eq!(
                join("https://api.fireworks.ai/inference/v1", &path),
                format!("https://api.fireworks.ai/inference/v1/{operation}"),
                "{path}"
            );
        }
    }
}

#[test]
fn a_base_address_may_leave_out_the_version() {
    let cases = [
        // base, address of chat completions
        (
            "https://api.fireworks.ai/inference/v1",
            "https://api.fireworks.ai/inference/v1",
        ),
        (
            "https://api.fireworks.ai/inference/v1/",
            "https://api.fireworks.ai/inference/v1",
        ),
        (
            "https://api.fireworks.ai/inference",
            "https://api.fireworks.ai/inference/v1",
        ),
        (
            "https://api.fireworks.ai",
            "https://api.fireworks.ai/inference/v1",
        ),
        (
            "https://us.api.fireworks.ai/",
            "https://us.api.fireworks.ai/inference/v1",
        ),
        ("https://notfireworks.ai", "https://notfireworks.ai/v1"),
        ("https://api.openai.com", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1", "https://api.openai.com/v1"),
        (
            "https://api.groq.com/openai/v1//",
            "https://api.groq.com/openai/v1",
        ),
        ("https://host/v1beta/openai", "https://host/v1beta/openai"),
        ("https://host/api/paas/v4", "https://host/api/paas/v4"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000/v1"),
        ("http://[::1]:9000/", "http://[::1]:9000/v1"),
        (" https://host/vllm \n", "https://host/vllm/v1"),
    ];
    for (given, meant) in cases {
        assert_eq!(
            join(given, "/v1/chat/completions"),
            format!("{meant}/chat/completions"),
            "{given}"
        );
    }
}

#[test]
fn the_query_is_kept_as_it_is() {
    assert_eq!(
        join("https://host/v1", "/v1/messages?beta=true&x=%2Fv1/../y"),
        "https://host/v1/messages?beta=true&x=%2Fv1/../y"
    );
    assert_eq!(
        join("https://host/v1", "/v1/messages?"),
        "https://host/v1/messages?"
    );
}

#[test]
fn only_leading_segments_are_a_surface() {
    assert_eq!(
        join(
            "https://host/v1",
            "/v1/models/accounts/fireworks/models/openai/v1"
        ),
        "https://host/v1/models/accounts/fireworks/models/openai/v1"
    );
    assert_eq!(
        join("https://host/v1", "/v1/models/accounts%2Ffireworks%2Fx"),
        "https://host/v1/models/accounts%2Ffireworks%2Fx"
    );
}

#[test]
fn slashes_around_an_operation_do_not_matter() {
    assert_eq!(
        join("https://host/v1", "/v1//chat/completions/"),
        "https://host/v1/chat/completions"
    );
    assert_eq!(join("https://host", "/v1/"), "https://host/v1");
}

#[test]
fn a_path_cannot_leave_the_base_address() {
    let base = base("https://api.fireworks.ai/inference/v1");
    for path in [
        "/v1/../../v1/accounts/me/apiKeys",
        "/v1/responses/%2e%2e/%2E%2e/x",
        "/v1/responses/..%2f..%2fx",
        "/v1/responses/..%5c..%5Cx",
        "/v1/./models",
        "/..",
    ] {
        let error = base
            .join(&path.parse().unwrap(), Form::Absolute)
            .unwrap_err();
        assert!(error.contains("segment"), "{path}: {error}");
    }
    // Dots inside a name are not segments.
    for path in ["/v1/models/glm-5.3", "/v1/models/...", "/v1/models/%252e"] {
        assert!(
            base.join(&path.parse().unwrap(), Form::Absolute).is_ok(),
            "{path}"
        );
    }
    assert!(base.join(&"*".parse().unwrap(), Form::Absolute).is_err());
}

#[test]
fn a_base_address_with_more_than_an_address_is_refused() {
    for (text, word) in [
        ("https://user:pa55word@host/v1", "password"),
        ("https://pa55word@host/v1", "password"),
        ("https://host/v1?key=pa55word", "query"),
        ("https://host/v1#pa55word", "fragment"),
        ("pa55word.example/v1", "https://"),
        ("ftp://pa55word.example", "https://"),
        ("https://", "not an address"),
        ("pa55 word", "not an address"),
        ("https://host/../v1", "`..`"),
    ] {
        let error = BaseUrl::parse(text, None).unwrap_err();
        assert!(error.contains(word), "{text}: {error}");
        assert!(!error.contains("pa55"), "{text}: {error}");
    }
}

#[test]
fn the_host_header_leaves_out_the_default_port() {
    for (text, host) in [
        ("https://host/v1", "host"),
        ("https://host:443/v1", "host"),
        ("https://host:80/v1", "host:80"),
        ("http://host:80/v1", "host"),
        ("http://127.0.0.1:9000", "127.0.0.1:9000"),
        ("http://[::1]:9000", "[::1]:9000"),
    ] {
        assert_eq!(base(text).host(), host);
    }
}

/// RFC 3986 section 5.2.4, after decoding everything: how a careless server
/// would read a path.
fn as_a_server_may_resolve_it(path: &str) -> String {
    let mut bytes = Vec::new();
    let raw = path.as_bytes();
    let mut at = 0;
    while at < raw.len() {
        let hex = |byte: u8| (byte as char).to_digit(16).map(|it| it as u8);
        match raw.get(at..at + 3) {
            Some([b'%', high, low]) if hex(*high).is_some() && hex(*low).is_some() => {
                bytes.push(hex(*high).unwrap() * 16 + hex(*low).unwrap());
                at += 3;
            }
            _ => {
                bytes.push(raw[at]);
                at += 1;
            }
        }
    }
    let text = String::from_utf8_lossy(&bytes).replace('\\', "/");
    let mut segments: Vec<&str> = Vec::new();
    for segment in text.split('/') {
        match segment {
            "." | "" => {}
            ".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    format!("/{}", segments.join("/"))
}

proptest! {
    #[test]
    fn an_operation_arrives_the_same_from_every_surface(
        surface in "(/v1|/inference|/openai|/langchain|/litellm){0,3}",
        operation in "[a-uw-z][a-z0-9_-]{0,8}(/[a-zA-Z0-9_.-]{3,8}x){0,3}",
        base_path in "(/[a-z]{1,5}){0,2}/v1/{0,2}",
        query in proptest::option::of("[a-z0-9=&%/.+-]{0,12}"),
    ) {
        prop_assume!(!SURFACES.contains(&operation.as_str()));
        prop_assume!(!SURFACES.iter().any(|it| operation.starts_with(&format!("{it}/"))));
        let query = query.map(|it| format!("?{it}")).unwrap_or_default();
        let base_url = format!("https://host{base_path}");
        let joined = join(&base_url, &format!("{surface}/{operation}{query}"));
        prop_assert_eq!(
            joined,
            format!("https://host{}/{operation}{query}", base_path.trim_end_matches('/'))
        );
    }

    #[test]
    fn no_path_leaves_the_base_address(path in "/[v1./%2eEfF5cC\\\\x]{0,24}") {
        let base = base("https://api.fireworks.ai/inference/v1");
        let Ok(uri) = path.parse::<Uri>() else { return Ok(()) };
        if let Ok(joined) = base.join(&uri, Form::Absolute) {
            prop_assert_eq!(joined.authority().unwrap().as_str(), "api.fireworks.ai");
            let resolved = as_a_server_may_resolve_it(joined.path());
            prop_assert!(
                resolved == "/inference/v1" || resolved.starts_with("/inference/v1/"),
                "{} is {}", path, resolved
            );
        }
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,40}") {
        let _ = BaseUrl::parse(&text, Some(("fireworks.ai", "/inference/v1")));
        if let Ok(uri) = text.parse::<Uri>() {
            let _ = base("https://host").join(&uri, Form::Absolute);
        }
    }
}
