//! Who sends a request.

use std::borrow::Cow;

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, HeaderName};

use crate::digest::Digester;

/// The longest name that is kept, in bytes.
const MAX_NAME: usize = 256;

const USER_ID: HeaderName = HeaderName::from_static("x-user-id");
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// What stands before the digest of a client.
const DIGEST: &str = "digest:";

/// Who sends a request, as far as the request tells.
#[derive(Clone, PartialEq, Eq)]
pub struct Client {
    text: String,
    secret: bool,
}

/// How a client is written into a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientIdentity {
    /// As a keyed digest: it can be told whether two requests are of one client, and not of whom.
    #[default]
    Digest,
    /// By its name. A secret is written as a digest all the same.
    Clear,
}

// === impl Client ===

impl Client {
    /// A client by a name: a user, a team, the subject of a certificate.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            text: name.into(),
            secret: false,
        }
    }

    /// A client by a secret that only it has, such as a key. It is never written as it is.
    pub fn secret(secret: impl Into<String>) -> Self {
        Self {
            text: secret.into(),
            secret: true,
        }
    }

    /// The client of a request by its headers: the name in `x-user-id`, else the key in `authorization` or
    /// `x-api-key`.
    #[must_use]
    pub fn of(parts: &Parts) -> Option<Self> {
        if let Some(name) = user(&parts.headers) {
            return Some(Self::named(name));
        }
        let key = |name: &HeaderName| parts.headers.get(name)?.to_str().ok();
        let bearer = key(&AUTHORIZATION)
            .map(|value| value.split_once(' ').map_or(value, |(_, key)| key.trim()));
        bearer.or_else(|| key(&API_KEY)).map(Self::secret)
    }

    /// As the record has it.
    pub(crate) fn written(&self, identity: ClientIdentity, digester: &Digester) -> String {
        if identity == ClientIdentity::Clear && !self.secret {
            return cut(&self.text).into_owned();
        }
        digester.client_after(DIGEST, self.text.as_bytes())
    }
}

/// No keys in logs.
impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.secret {
            "Client(secret)"
        } else {
            "Client(named)"
        })
    }
}

/// The user that a request names in its headers.
pub(crate) fn user(headers: &HeaderMap) -> Option<&str> {
    let name = headers.get(&USER_ID)?.to_str().ok()?.trim();
    (!name.is_empty()).then_some(name)
}

/// What came from outside, no longer than it may be.
pub(crate) fn cut(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(&text[..text.floor_char_boundary(MAX_NAME)])
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn client(headers: &[(&str, &str)]) -> Option<Client> {
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Client::of(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn a_name_goes_before_a_key() {
        let key = ("authorization", "Bearer fw_secret");
        assert_eq!(client(&[("x-user-id", "u"), key]), Some(Client::named("u")));
        assert_eq!(client(&[key]), Some(Client::secret("fw_secret")));
        assert_eq!(client(&[("x-api-key", "k")]), Some(Client::secret("k")));
        assert_eq!(client(&[("x-user-id", " ")]), None);
    }

    #[test]
    fn a_key_is_never_written() {
        let digester = Digester::new(b"s");
        let written = |client: Client, identity| client.written(identity, &digester);
        let secret = written(Client::secret("fw_secret"), ClientIdentity::Clear);
        assert_eq!(
            secret,
            written(Client::secret("fw_secret"), ClientIdentity::Digest)
        );
        assert!(secret.starts_with("digest:") && secret.len() == 71);
        assert_eq!(written(Client::named("u"), ClientIdentity::Clear), "u");
        assert!(written(Client::named("u"), ClientIdentity::Digest).starts_with("digest:"));
        assert_eq!(format!("{:?}", Client::secret("k")), "Client(secret)");
    }

    #[test]
    fn a_name_has_an_end() {
        let long = Client::named("é".repeat(1000));
        let written = long.written(ClientIdentity::Clear, &Digester::new(b"s"));
        assert_eq!(written, "é".repeat(128));
    }
}
