//! Credentials in URLs: `postgres://user:password@host`.

use std::ops::Range;

use super::placeholder::{is_placeholder, is_reference};
use super::random::is_random;

/// The secret part of the user information (RFC 3986, section 3.2.1) of each URL in `text` from `start` on: the
/// password, with the user if that too is a key, or a key that stands in the user's place.
pub(super) fn credentials(text: &str, start: usize, mut found: impl FnMut(Range<usize>)) {
    let mut from = start;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("://")) {
        let first = from + at + 3;
        from = first;
        let Some(rest) = text.get(first..) else {
            return;
        };
        let authority = rest.find(['/', '?', '#']).map_or(rest, |end| &rest[..end]);
        let Some(end) = authority.rfind('@') else {
            continue;
        };
        if authority.len() == end + 1 {
            continue;
        }
        let user_info = &authority[..end];
        from = first + end;
        match user_info.split_once(':') {
            Some((user, password)) => {
                if password.len() < 3
                    || password == user
                    || is_placeholder(password)
                    || is_stand_in(password)
                {
                    continue;
                }
                let start = if is_opaque(user) {
                    first
                } else {
                    first + user.len() + 1
                };
                found(start..first + end);
            }
            None if user_info.len() >= 20 && is_random(user_info) && !is_reference(user_info) => {
                found(first..first + end);
            }
            None => {}
        }
    }
}

/// Whether a user's name is no name but half of a key pair.
fn is_opaque(user: &str) -> bool {
    user.len() >= 8 && user.bytes().all(|byte| byte.is_ascii_hexdigit()) || is_random(user)
}

fn is_stand_in(password: &str) -> bool {
    password
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        || ["port", "host"].contains(&password)
}
