//! URLs that hold credentials: a password in the user information (RFC 3986, 3.2.1), or a parameter of the query or
//! the fragment that is named like one. Other URLs are not personal.

use crate::entity::Entity;
use crate::finding::{Finding, Findings, confidence};
use crate::region::{Region, Traits};

/// Names of parameters that carry credentials: OAuth 2.0 (RFC 6749, RFC 6750), presigned URLs of AWS, Google Cloud
/// and Azure, and names in common use.
const PARAMETERS: &[&str] = &[
    "access_token",
    "accesstoken",
    "refresh_token",
    "id_token",
    "auth_token",
    "authtoken",
    "token",
    "code_verifier",
    "client_secret",
    "api_key",
    "apikey",
    "api-key",
    "key",
    "secret",
    "password",
    "passwd",
    "pwd",
    "pass",
    "auth",
    "jwt",
    "session",
    "sessionid",
    "session_id",
    "sid",
    "sig",
    "signature",
    "x-amz-signature",
    "x-amz-credential",
    "x-amz-security-token",
    "x-goog-signature",
    "x-goog-credential",
    "awsaccesskeyid",
    "private_token",
    "otp",
    "reset_token",
    "magic_token",
    "invite_token",
];

/// A value shorter than this is no credential.
const SHORTEST: usize = 6;

/// Values that stand for one in documentation.
const PLACEHOLDERS: &[&str] = &[
    "xxx",
    "your",
    "example",
    "changeme",
    "placeholder",
    "redacted",
    "...",
    "***",
    "$",
    "%s",
    "token",
    "secret",
    "password",
    "api",
];

pub(crate) fn find(region: &Region<'_>, findings: &mut Findings) {
    if !region.traits().all(Traits::COLON | Traits::SLASH) || !findings.wants(Entity::Url) {
        return;
    }
    let body = region.body();
    let Some(slashes) = memchr::memmem::find(body.as_bytes(), b"://") else {
        return;
    };
    let start = scheme_start(&body[..slashes]);
    let url = body[start..].trim_end_matches(['.', ')', '!', ',', ':']);
    let rest = url.get(slashes + 3 - start..).unwrap_or_default();
    if start < slashes && (holds_password(rest) || holds_parameter(rest)) {
        let start = region.start() + start;
        findings.push(Finding {
            range: start..start + url.len(),
            entity: Entity::Url,
            scheme: "url-with-credentials",
            confidence: confidence::LIKELY,
            checked: false,
        });
    }
}

/// Where the scheme that ends here begins: a letter, then letters, digits, `+`, `-`, `.` (RFC 3986, 3.1).
fn scheme_start(before: &str) -> usize {
    let bytes = before.as_bytes();
    let start = bytes
        .iter()
        .rposition(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'+' | b'-' | b'.'))
        .map_or(0, |last| last + 1);
    let skipped = bytes[start..].iter().position(u8::is_ascii_alphabetic);
    start + skipped.unwrap_or(bytes.len() - start)
}

/// `user:password@host`.
fn holds_password(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority
        .rsplit_once('@')
        .and_then(|(user, _)| user.split_once(':'))
        .is_some_and(|(_, password)| !password.is_empty() && !is_placeholder(password))
}

fn holds_parameter(rest: &str) -> bool {
    let query = rest.split_once(['?', '#']).map_or("", |(_, query)| query);
    query.split(['&', '#', '?']).any(|parameter| {
        parameter.split_once('=').is_some_and(|(name, value)| {
            value.len() >= SHORTEST
                && PARAMETERS
                    .iter()
                    .any(|other| name.eq_ignore_ascii_case(other))
                && !is_placeholder(value)
                && value
                    .bytes()
                    .any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        })
    })
}

fn is_placeholder(value: &str) -> bool {
    let lower = value
        .get(..value.len().min(12))
        .unwrap_or(value)
        .to_ascii_lowercase();
    PLACEHOLDERS
        .iter()
        .any(|placeholder| lower.starts_with(placeholder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing;

    fn found(text: &str) -> Vec<&str> {
        testing::find(find, text)
            .into_iter()
            .map(|(_, _, text, _)| text)
            .collect()
    }

    #[test]
    fn credentials_in_user_information_and_parameters() {
        for text in [
            "https://mara:v0ss-w0rd@host.example/path",
            "postgres://app:hunter22@db.example:5432/app",
            "https://host.example/a?x=1&access_token=ab12cd34",
            "https://host.example/#id_token=ab12cd34&b",
            "https://host.example/a?X-Amz-Signature=0123abcd",
        ] {
            assert_eq!(found(text), [text]);
            assert_eq!(found(&format!("url=({text}).")), [text]);
        }
    }

    #[test]
    fn other_urls_are_none() {
        for text in [
            "https://host.example/",
            "https://host.example/a?page=12345678",
            "https://mara@host.example/",
            "https://host.example/a?token=",
            "https://host.example/a?token=YOUR_TOKEN1",
            "https://host.example/a?key=value-of-it",
            "https://user:password@host.example/",
            "https://host.example:8080/@mara:1",
            "://a:b@c",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_looked_at(text in "[a-z:/@?&=#.é0-9]{0,60}") {
            let _ = found(&text);
        }
    }
}
