//! Credentials of HTTP requests: the `Authorization` header, and what `curl` sends in it.

use std::ops::Range;

use super::jwt::decode;
use super::names::{Kind, kind, label};
use super::placeholder::{is_placeholder, is_reference};
use super::random::{is_random, is_varied};
use super::value::is_key;

/// The credentials that begin at `start`, if an authentication scheme (RFC 9110, section 11.1) is named before.
pub(super) fn credentials(text: &str, start: usize) -> Option<Range<usize>> {
    let before = text.get(..start)?;
    let scheme_end = before.trim_end_matches(' ');
    if scheme_end.len() == before.len() {
        return None;
    }
    let word = scheme_end
        .rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .next()?;
    let scheme = SCHEMES
        .iter()
        .find(|scheme| scheme.eq_ignore_ascii_case(word))?;
    let header = scheme_end.get(..scheme_end.len() - word.len())?;
    let named = label(header).is_some_and(|label| kind(label.name) == Some(Kind::Key));
    let value = text.get(start..)?.trim_end_matches(['.', ')', ':']);
    let holds = match *scheme {
        "Basic" => named && is_pair(value),
        "Bearer" => {
            value.len() >= if named { 10 } else { 16 } && is_key(value) && !is_placeholder(value)
        }
        _ => named && value.len() >= 8 && is_random(value) && !is_placeholder(value),
    };
    holds.then_some(start..start + value.len())
}

const SCHEMES: &[&str] = &[
    "Bearer",
    "Basic",
    "Token",
    "Api-Token",
    "ApiKey",
    "Api-Key",
    "GenieKey",
    "SSWS",
    "Key",
];

/// Whether the value is `user:password` in base64 (RFC 7617).
fn is_pair(value: &str) -> bool {
    let decoded = decode(value);
    value.len() >= 8
        && decoded.contains(&b':')
        && decoded
            .iter()
            .take_while(|byte| **byte != b':')
            .all(|byte| byte.is_ascii_graphic())
}

/// `user:password` after `curl -u` or `--user`, or the password where the user stood before a quote.
/// <https://curl.se/docs/manpage.html#-u>
pub(super) fn user_option(text: &str, start: usize) -> Option<Range<usize>> {
    let before = text.get(..start)?.trim_end_matches(['"', '\'', '\\']);
    let value = text.get(start..)?;
    let (flag, user, password) = match before.strip_suffix(':') {
        Some(left) => {
            let left = left.trim_end_matches(['"', '\'', '\\']);
            let user = left.rsplit([' ', '=', '"', '\'']).next()?;
            (left.get(..left.len() - user.len())?, "", value)
        }
        None => {
            let (user, password) = value.split_once(':')?;
            (before, user, password)
        }
    };
    let flag = flag.trim_end_matches([' ', '=', '"', '\'', '\\']);
    let short = flag.ends_with(" -u");
    if !short && !flag.ends_with("--user")
        || flag.len() == before.len() && !text.get(..start)?.ends_with(['"', '\''])
    {
        return None;
    }
    let curl = flag.contains("curl") || flag.contains("http");
    let letters = password.bytes().any(|byte| byte.is_ascii_alphabetic());
    let digits = password.bytes().any(|byte| byte.is_ascii_digit());
    let holds = password.len() >= 4
        && !is_placeholder(password)
        && !is_reference(user)
        && letters
        && (digits || curl || password.len() >= 8 && is_varied(password));
    let first = if user.is_empty() {
        start + value.len() - password.len()
    } else {
        start
    };
    holds.then_some(first..start + value.len())
}
