//! Text with a form: versions, patterns, networks, names.

use std::net::IpAddr;

use fw_policy_pii::EntityName;

/// Longest pattern. Matching time grows with it.
const MAX_PATTERN_BYTES: usize = 4096;

/// Checks text against a named format of the schema. `None` for a name that
/// this build does not know, so that a schema cannot silently lose a check.
pub(crate) fn check(format: &str, text: &str) -> Option<Result<(), String>> {
    Some(match format {
        "semver" => verdict(is_semver(text), "a version such as `1.0.0`"),
        "rust-regex" => pattern(text),
        "cidr" => verdict(
            is_network(text),
            "a network such as `10.0.0.0/8`, or an address",
        ),
        "header-name" => verdict(
            http::HeaderName::from_bytes(text.as_bytes()).is_ok(),
            "a header name such as `x-user-id`",
        ),
        "sticky-by" => verdict(
            http::HeaderName::from_bytes(text.strip_prefix("header:").unwrap_or(text).as_bytes())
                .is_ok(),
            "`user_id`, or the name of a header such as `x-user-id`",
        ),
        "http-method" => verdict(
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase()),
            "an HTTP method in capitals, such as `POST`",
        ),
        "url-path" => verdict(text.starts_with('/'), "a path that begins with `/`"),
        "entity" => verdict(
            (1..=64).contains(&text.len())
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')),
            "a type name such as `EMAIL`",
        ),
        "pii-entity" => EntityName::new(text)
            .map(drop)
            .map_err(|error| error.to_string()),
        _ => return None,
    })
}

fn verdict(valid: bool, expected: &str) -> Result<(), String> {
    if valid {
        Ok(())
    } else {
        Err(format!("expected {expected}"))
    }
}

/// A pattern of the `regex` crate, which matches in linear time.
fn pattern(text: &str) -> Result<(), String> {
    if text.is_empty() || text.len() > MAX_PATTERN_BYTES {
        return Err(format!(
            "a pattern must have 1 to {MAX_PATTERN_BYTES} bytes"
        ));
    }
    match regex_syntax::ParserBuilder::new()
        .nest_limit(100)
        .build()
        .parse(text)
    {
        Ok(_) => Ok(()),
        Err(regex_syntax::Error::Parse(error)) => Err(format!(
            "not a valid pattern at its character {}: {}",
            error.span().start.column,
            error.kind()
        )),
        Err(regex_syntax::Error::Translate(error)) => {
            Err(format!("not a valid pattern: {}", error.kind()))
        }
        Err(_) => Err("not a valid pattern".to_owned()),
    }
}

/// Semantic Versioning 2.0.0, items 2, 9 and 10.
fn is_semver(text: &str) -> bool {
    fn identifiers(text: &str, numeric_without_zero: bool) -> bool {
        text.split('.').all(|part| {
            let numeric = part.bytes().all(|byte| byte.is_ascii_digit());
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !(numeric_without_zero && numeric && part.len() > 1 && part.starts_with('0'))
        })
    }
    let (text, build) = text
        .split_once('+')
        .map_or((text, None), |(text, build)| (text, Some(build)));
    let (core, pre) = text
        .split_once('-')
        .map_or((text, None), |(core, pre)| (core, Some(pre)));
    let numbers: Vec<&str> = core.split('.').collect();
    numbers.len() == 3
        && core.len() <= 64
        && numbers
            .iter()
            .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
        && identifiers(core, true)
        && pre.is_none_or(|pre| identifiers(pre, true))
        && build.is_none_or(|build| identifiers(build, false))
}

fn is_network(text: &str) -> bool {
    let (address, length) = text
        .split_once('/')
        .map_or((text, None), |(address, length)| (address, Some(length)));
    let Ok(address) = address.parse::<IpAddr>() else {
        return false;
    };
    let longest = if address.is_ipv4() { 32 } else { 128 };
    length.is_none_or(|length| {
        length.bytes().all(|byte| byte.is_ascii_digit())
            && length.parse::<u8>().is_ok_and(|length| length <= longest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_follow_semver() {
        for good in [
            "1.0.0",
            "0.0.0",
            "1.2.3-alpha.1",
            "1.0.0+build.001",
            "1.0.0-x-y+z",
        ] {
            assert!(is_semver(good), "{good}");
        }
        for bad in [
            "", "1", "1.0", "1.0.0.0", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0+", "v1.0.0", "1.-1.0",
        ] {
            assert!(!is_semver(bad), "{bad}");
        }
    }

    #[test]
    fn networks_are_addresses_with_or_without_length() {
        for good in ["10.0.0.0/8", "::/0", "2001:db8::/32", "192.0.2.1"] {
            assert!(is_network(good), "{good}");
        }
        for bad in [
            "",
            "10.0.0.0/33",
            "::/129",
            "10.0.0/8",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "host",
        ] {
            assert!(!is_network(bad), "{bad}");
        }
    }

    #[test]
    fn patterns_are_those_of_the_regex_crate() {
        assert!(pattern(r"EMP-\d{6}").is_ok());
        assert!(pattern("(").is_err());
        assert!(pattern(r"(a)\1").is_err(), "no back-references");
    }
}
