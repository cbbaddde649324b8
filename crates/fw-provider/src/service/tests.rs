use bytes::Bytes;
use http_body_util::Full;

use super::*;

fn provider(config: ProviderConfig) -> Result<Provider<Full<Bytes>>, ConfigError> {
    Provider::new(config)
}

fn refused(config: ProviderConfig) -> ConfigError {
    provider(config.id("main")).unwrap_err()
}

#[test]
fn known_providers_need_no_address() {
    for name in ["fireworks", "openai"] {
        assert!(provider(ProviderConfig::new(name)).is_ok(), "{name}");
    }
    let error = refused(ProviderConfig::new("acme"));
    assert_eq!(error.setting(), "base_url");
    assert!(error.to_string().contains("`acme`"), "{error}");
}

#[test]
fn a_wrong_setting_is_named() {
    let new = || ProviderConfig::new("fireworks").api_key("fw_pa55");
    let cases = [
        ("base_url", new().base_url("https://u:pa55@host")),
        ("api_key_header", new().api_key_header("a b")),
        ("api_key_prefix", new().api_key_prefix("\n")),
        ("api_key", new().api_key("fw_\npa55")),
        ("api_key", new().api_key("fw_pa55\u{201d}")),
        ("api_key", new().api_key(" ")),
        ("root_certificate", new().root_certificate("pa55")),
    ];
    for (setting, config) in cases {
        let error = refused(config);
        assert_eq!(error.setting(), setting);
        assert!(error.to_string().starts_with("target `main`: "), "{error}");
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!text.contains("pa55"), "{text}");
        }
    }
}

#[test]
fn the_key_is_sent_as_the_provider_wants_it() {
    let header = |config| {
        let key_header = KeyHeader::new(&config).unwrap();
        let (name, value) = key_header.with(&Secret::new("k"), "main").unwrap();
        assert!(value.is_sensitive());
        format!("{name}: {}", value.to_str().unwrap())
    };
    let new = |name| ProviderConfig::new(name);
    assert_eq!(header(new("fireworks")), "authorization: Bearer k");
    assert_eq!(header(new("acme")), "authorization: Bearer k");
    assert_eq!(header(new("anthropic")), "x-api-key: k");
    assert_eq!(
        header(new("acme").api_key_header("X-Key").api_key_prefix("Token ")),
        "x-key: Token k"
    );
    assert_eq!(header(new("acme").api_key_prefix("")), "authorization: k");
}

#[test]
fn another_key_is_another_handle_to_the_same_pools() {
    let config = ProviderConfig::new("acme")
        .base_url("https://host")
        .api_key_header("X-Key")
        .api_key_prefix("Token ")
        .api_key_from("X", |_| None);
    let first = provider(config.id("main")).unwrap();
    let second = first.with_api_key(Secret::new("fw_pa55")).unwrap();
    assert!(!first.availability().is_available());
    assert!(second.availability().is_available());
    let (name, value) = second.shared.key.as_ref().unwrap();
    assert_eq!(
        (name.as_str(), value.to_str().unwrap()),
        ("x-key", "Token fw_pa55")
    );
    assert!(value.is_sensitive());
    assert!(Arc::ptr_eq(&first.clients, &second.clients));
    assert!(Arc::ptr_eq(&first.shared.load, &second.shared.load));
    assert!(!format!("{second:?}").contains("pa55"));

    let renamed = second.with_id("other");
    assert_eq!((renamed.id(), second.id()), ("other", "main"));
    assert!(Arc::ptr_eq(&first.clients, &renamed.clients));

    let error = first.with_api_key(Secret::new("fw_\npa55")).unwrap_err();
    assert_eq!(error.setting(), "api_key");
    assert!(!error.to_string().contains("pa55"), "{error}");
}

#[test]
fn providers_can_be_shared() {
    fn assert<T: Clone + Send + Sync + fmt::Debug + 'static>() {}
    assert::<Provider<Full<Bytes>>>();
    fn moved<T: Send + 'static>() {}
    moved::<ProviderFuture>();
    moved::<ProviderBody>();
    fn unpin<T: Unpin>() {}
    unpin::<ProviderBody>();
}
