//! Whom to trust.
//!
//! The system's certificate authorities come first, because that is where
//! companies put their own; `SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured.
//! Where the system has none at all, as in a container with nothing but the
//! binary, Mozilla's list that is compiled in takes their place. Certificates
//! of the configuration are added to either.

use std::sync::{Arc, OnceLock};

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::config::HttpVersions;

/// TLS settings of one target. All targets without certificates of their own
/// share one list of authorities and one session cache.
pub(crate) fn client_config(
    roots: &[Vec<u8>],
    versions: HttpVersions,
) -> Result<ClientConfig, String> {
    static SHARED: OnceLock<Result<ClientConfig, String>> = OnceLock::new();

    let mut config = if roots.is_empty() {
        SHARED.get_or_init(|| build(system_roots())).clone()?
    } else {
        let mut store = RootCertStore::clone(&system_roots());
        for pem in roots {
            add(&mut store, pem)?;
        }
        build(Arc::new(store))?
    };
    // Application-Layer Protocol Negotiation, RFC 7301, in order of preference.
    config.alpn_protocols = match versions {
        HttpVersions::Auto => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        HttpVersions::Http1 => vec![b"http/1.1".to_vec()],
        HttpVersions::Http2 => vec![b"h2".to_vec()],
    };
    Ok(config)
}

/// Settings for a target without TLS: they trust nobody and cost nothing.
pub(crate) fn unused_config() -> Result<ClientConfig, String> {
    build(Arc::new(RootCertStore::empty()))
}

fn build(roots: Arc<RootCertStore>) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be used: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

fn system_roots() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();

    ROOTS
        .get_or_init(|| {
            let mut roots = RootCertStore::empty();
            let found = rustls_native_certs::load_native_certs();
            let (added, _) = roots.add_parsable_certificates(found.certs);
            if added == 0 {
                tracing::debug!(
                    "the system has no certificate authorities; using the built-in list"
                );
                roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            }
            Arc::new(roots)
        })
        .clone()
}

fn add(roots: &mut RootCertStore, pem: &[u8]) -> Result<(), String> {
    let mut found = false;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| format!("is not PEM: {error}"))?;
        roots
            .add(certificate)
            .map_err(|error| format!("holds a certificate that cannot be used: {error}"))?;
        found = true;
    }
    if found {
        Ok(())
    } else {
        Err("holds no certificate; a PEM file has `-----BEGIN CERTIFICATE-----`".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_somebody_to_trust() {
        assert!(!system_roots().is_empty());
    }

    #[test]
    fn targets_share_their_authorities() {
        client_config(&[], HttpVersions::Auto).unwrap();
        assert!(Arc::ptr_eq(&system_roots(), &system_roots()));
    }

    #[test]
    fn a_file_that_is_no_certificate_is_refused() {
        let refused = |pem: &[u8]| client_config(&[pem.to_vec()], HttpVersions::Auto).unwrap_err();
        assert!(refused(b"").contains("BEGIN CERTIFICATE"));
        assert!(refused(b"hello").contains("BEGIN CERTIFICATE"));
        assert!(
            refused(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
                .contains("cannot be used")
        );
    }
}
