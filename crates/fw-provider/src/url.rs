//! From a client's path to the provider's.
//!
//! Clients come from different SDKs, so the same operation arrives as
//! `/v1/chat/completions`, `/inference/v1/chat/completions`,
//! `/inference/v1/v1/chat/completions` or `/openai/chat/completions`. All of
//! them mean the operation `chat/completions`, which is put under the base
//! address of the target.

use std::borrow::Cow;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

/// Leading path segments that name a surface and are no part of an operation.
const SURFACES: [&str; 7] = [
    "v1",
    "inference",
    "openai",
    "anthropic",
    "fireworks",
    "langchain",
    "litellm",
];

/// Operations whose address is worked out once. The rest is put together per
/// request.
const FREQUENT: [&str; 6] = [
    "chat/completions",
    "completions",
    "embeddings",
    "responses",
    "messages",
    "models",
];

const EXAMPLE: &str = "write it like `https://api.fireworks.ai/inference/v1`";

/// The address under which a target's operations live.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    scheme: Scheme,
    authority: Authority,
    /// Starts with `/` and does not end with one, or is empty.
    path: String,
    frequent: [Address; FREQUENT.len()],
}

/// An operation's address as HTTP/1.1 has it in a request's first line (the path), and with scheme and authority.
#[derive(Clone, Debug)]
struct Address {
    path: Uri,
    whole: Uri,
}

/// Which form of an address is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The path only (RFC 9112 section 3.2.1).
    Origin,
    /// With scheme and authority.
    Absolute,
}

impl BaseUrl {
    /// Reads a base address. `bare_host` gives the path that a bare host of
    /// this domain means.
    ///
    /// The errors never repeat the address: it may hold credentials.
    pub(crate) fn parse(
        text: &str,
        bare_host: Option<(&str, &str)>,
    ) -> Result<Self, Cow<'static, str>> {
        let text = text.trim();
        if text.contains('#') {
            return Err("must not have a fragment".into());
        }
        if text.contains('?') {
            return Err("must not have a query".into());
        }
        let uri: Uri = text
            .parse()
            .map_err(|_| format!("is not an address; {EXAMPLE}"))?;
        let parts = uri.into_parts();
        let scheme = match parts.scheme {
            Some(scheme) if scheme == Scheme::HTTP || scheme == Scheme::HTTPS => scheme,
            _ => return Err(format!("must start with `https://` or `http://`; {EXAMPLE}").into()),
        };
        let Some(authority) = parts.authority.filter(|it| !it.host().is_empty()) else {
            return Err(format!("has no host; {EXAMPLE}").into());
        };
        if authority.as_str().contains('@') {
            return Err(
                "must not hold a user name or password; use `secret_key_ref` or `api_key`".into(),
            );
        }
        let path = parts.path_and_query.as_ref().map_or("", |it| it.path());
        if has_dot_segment(path) {
            return Err("must not have `.` or `..` in its path".into());
        }
        let path = full_path(path.trim_end_matches('/'), authority.host(), bare_host);

        let address = |operation: &str| {
            let path = format!("{path}/{operation}");
            let whole = Uri::builder()
                .scheme(scheme.clone())
                .authority(authority.clone())
                .path_and_query(path.as_str())
                .build();
            match (Uri::try_from(path), whole) {
                (Ok(path), Ok(whole)) => Ok(Address { path, whole }),
                _ => Err(Cow::from(format!(
                    "has a path that cannot be used; {EXAMPLE}"
                ))),
            }
        };
        let [a, b, c, d, e, f] = FREQUENT;
        let frequent = [
            address(a)?,
            address(b)?,
            address(c)?,
            address(d)?,
            address(e)?,
            address(f)?,
        ];
        Ok(Self {
            scheme,
            authority,
            path,
            frequent,
        })
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// An address with the scheme and authority that connections go to.
    pub(crate) fn origin(&self) -> &Uri {
        &self.frequent[0].whole
    }

    /// The value of `Host` (RFC 9110 section 7.2): the default port is left out.
    pub(crate) fn host(&self) -> String {
        let default = if self.is_tls() { 443 } else { 80 };
        match self.authority.port_u16() {
            Some(port) if port != default => format!("{}:{port}", self.authority.host()),
            _ => self.authority.host().to_owned(),
        }
    }

    /// The provider's address for what a client asked. The query is kept.
    pub(crate) fn join(&self, client: &Uri, form: Form) -> Result<Uri, &'static str> {
        let path = client.path();
        if !path.starts_with('/') {
            return Err("the path does not start with `/`");
        }
        let operation = operation(path);
        if client.query().is_none()
            && let Some(at) = FREQUENT.iter().position(|it| *it == operation)
        {
            let address = &self.frequent[at];
            return Ok(match form {
                Form::Origin => address.path.clone(),
                Form::Absolute => address.whole.clone(),
            });
        }
        // Some servers resolve dot segments, encoded ones too. The key of the
        // target must not reach anything outside of its base address.
        if has_dot_segment(operation) {
            return Err("the path has a `.` or `..` segment");
        }
        let query = client.query();
        let mut text = String::with_capacity(
            self.path.len() + operation.len() + query.map_or(0, str::len) + 2,
        );
        text.push_str(&self.path);
        if !operation.is_empty() || text.is_empty() {
            text.push('/');
        }
        text.push_str(operation);
        if let Some(query) = query {
            text.push('?');
            text.push_str(query);
        }
        let path = PathAndQuery::from_maybe_shared(bytes::Bytes::from(text))
            .map_err(|_| "the path is too long")?;
        if form == Form::Origin {
            return Ok(path.into());
        }
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path);
        Uri::from_parts(parts).map_err(|_| "the path cannot be used")
    }
}

/// Completes the path of a base address: where no segment names a version,
/// `/v1` is meant.
fn full_path(path: &str, host: &str, bare_host: Option<(&str, &str)>) -> String {
    if path.is_empty()
        && let Some((domain, meant)) = bare_host
        && (host == domain
            || host
                .strip_suffix(domain)
                .is_some_and(|rest| rest.ends_with('.')))
    {
        return meant.to_owned();
    }
    if path.split('/').any(is_version) {
        path.to_owned()
    } else {
        format!("{path}/v1")
    }
}

/// `v1`, `v4`, `v1beta`.
fn is_version(segment: &str) -> bool {
    segment
        .strip_prefix('v')
        .is_some_and(|rest| rest.starts_with(|it: char| it.is_ascii_digit()))
}

/// What is left of a client's path without its surface and outer slashes.
fn operation(path: &str) -> &str {
    let mut rest = path.trim_start_matches('/');
    while !rest.is_empty() {
        let (segment, after) = rest.split_once('/').unwrap_or((rest, ""));
        if !SURFACES.contains(&segment) {
            break;
        }
        rest = after.trim_start_matches('/');
    }
    rest.trim_end_matches('/')
}

/// Whether a path has a segment that means "here" or "up", written plainly or
/// percent-encoded.
fn has_dot_segment(path: &str) -> bool {
    if !path.contains(['.', '%']) {
        return false;
    }
    // Only the dot and the separators matter, so only they are decoded. A
    // doubly encoded one is text to this server and to the next.
    let plain = decode_dots_and_separators(path);
    plain.split(['/', '\\']).any(|it| matches!(it, "." | ".."))
}

fn decode_dots_and_separators(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        plain.push_str(&rest[..at]);
        let decoded = match rest.as_bytes().get(at + 1..at + 3) {
            Some([b'2', b'e' | b'E']) => Some('.'),
            Some([b'2', b'f' | b'F']) => Some('/'),
            Some([b'5', b'c' | b'C']) => Some('\\'),
            _ => None,
        };
        let taken = if decoded.is_some() { 3 } else { 1 };
        plain.push(decoded.unwrap_or('%'));
        rest = &rest[at + taken..];
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests;
