//! TLS with a certificate of one's own authority.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::sync::Arc;

use fw_provider::{ErrorKind, HttpVersions, Provider, ProviderConfig};
use http::{Response, StatusCode, Version};
use hyper_util::rt::TokioExecutor;
use hyper_util::server::conn::auto;
use rustls::pki_types::PrivateKeyDer;
use support::{Client, Upstream, post, raw, send, serve_connection, text, whole};
use tokio_rustls::TlsAcceptor;

/// A TLS server for `localhost`, and its certificate.
async fn tls_server(alpn: &[&str]) -> (Upstream, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = alpn.iter().map(|it| it.as_bytes().to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let upstream = raw(move |tcp| {
        let acceptor = acceptor.clone();
        async move {
            // A client that does not trust the certificate ends the handshake.
            let Ok(tls) = acceptor.accept(tcp).await else {
                return;
            };
            serve_connection(
                auto::Builder::new(TokioExecutor::new()),
                tls,
                |request| async move {
                    let version = match request.version() {
                        Version::HTTP_2 => "HTTP/2",
                        _ => "HTTP/1.1",
                    };
                    Response::new(text(version))
                },
            )
            .await;
        }
    })
    .await;
    (upstream, made.cert.pem())
}

fn config(upstream: &Upstream) -> ProviderConfig {
    upstream
        .config()
        .base_url(format!("https://localhost:{}", upstream.address.port()))
}

async fn version(config: ProviderConfig) -> String {
    let client: Client = Provider::new(config).unwrap();
    whole(send(&client, post("/v1/completions")).await.unwrap()).await
}

#[tokio::test]
async fn the_better_version_that_both_speak_is_spoken() {
    let (both, pem) = tls_server(&["h2", "http/1.1"]).await;
    let trusting = config(&both).root_certificate(pem);
    assert_eq!(version(trusting.clone()).await, "HTTP/2");
    assert_eq!(
        version(trusting.http_versions(HttpVersions::Http1)).await,
        "HTTP/1.1"
    );

    for alpn in [&["http/1.1"][..], &[]] {
        let (old, pem) = tls_server(alpn).await;
        assert_eq!(
            version(config(&old).root_certificate(pem)).await,
            "HTTP/1.1"
        );
    }
}

#[tokio::test]
async fn a_server_that_chose_http1_once_is_offered_nothing_else() {
    let (old, pem) = tls_server(&["http/1.1"]).await;
    let client: Client = Provider::new(config(&old).root_certificate(pem)).unwrap();
    for _ in 0..4 {
        let reply = send(&client, post("/v1/completions")).await.unwrap();
        assert_eq!(whole(reply).await, "HTTP/1.1");
    }
    // The first request found out over a connection of its own.
    assert_eq!(old.connections(), 2);
}

#[tokio::test]
async fn a_certificate_of_nobody_known_is_refused() {
    let (upstream, _) = tls_server(&["h2"]).await;
    let client: Client = Provider::new(config(&upstream)).unwrap();
    let error = send(&client, post("/v1/completions")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error:?}");
    assert!(error.is_connect() && error.may_retry());
    assert_eq!(error.to_api_error().status(), StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let (upstream, pem) = tls_server(&["h2"]).await;
    let config = config(&upstream)
        .base_url(format!("https://{}", upstream.address))
        .root_certificate(pem);
    let client: Client = Provider::new(config).unwrap();
    let error = send(&client, post("/v1/completions")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error:?}");
}
