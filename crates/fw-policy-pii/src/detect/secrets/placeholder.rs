//! Values that stand for a secret and are none.

/// Whether the value is a placeholder, a variable, a type or a word, where a secret would be.
pub(super) fn is_placeholder(value: &str) -> bool {
    let trimmed = value.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c.is_ascii());
    if trimmed.is_empty() {
        return true;
    }
    is_reference(value) || contains_any(value, MARKS) || is_common(trimmed) || is_masked(value)
}

/// Whether the value names where the secret is kept: `$TOKEN`, `%TOKEN%`, `process.env.TOKEN`, `getpass()`.
pub(super) fn is_reference(value: &str) -> bool {
    let bytes = value.as_bytes();
    let second = bytes.get(1).copied().unwrap_or_default();
    match bytes.first() {
        Some(b'$') if second.is_ascii_uppercase() || b"({_".contains(&second) => return true,
        Some(b'$') if value.len() == 2 => return true,
        Some(b'$' | b'@' | b'&') if value.get(1..).is_some_and(is_identifier) => return true,
        Some(b'%') if value.ends_with(['%', 's', 'd', 'r', ')']) => return true,
        Some(b'<' | b'{' | b'[') => return true,
        _ => {}
    }
    contains_any(value, REFERENCES) || is_call(value)
}

/// A name with a bracket after it: `get_secret(`, `config[`, `secret()`.
fn is_call(value: &str) -> bool {
    value
        .find(['(', '['])
        .and_then(|at| value.get(..at))
        .is_some_and(|name| !name.is_empty() && name.split(['.', ':', '>', '-']).all(is_identifier))
}

pub(super) fn is_identifier(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `xxxx-xxxx`, `****`, `sk-...`, `abc…`.
fn is_masked(value: &str) -> bool {
    let bytes = value.as_bytes();
    let mut run = 0;
    let mut masked = 0;
    let mut last = 0;
    for byte in bytes {
        run = if *byte == last { run + 1 } else { 1 };
        last = *byte;
        if run >= 4
            && matches!(
                byte,
                b'x' | b'X' | b'*' | b'.' | b'#' | b'?' | b'0' | b'_' | b'-'
            )
        {
            masked = masked.max(run);
        }
    }
    let few = bytes.len() >= 6 && {
        let seen = bytes
            .iter()
            .fold(0_u128, |seen, byte| seen | 1 << (byte & 127));
        seen.count_ones() <= 2
    };
    few || masked >= 4 && masked * 4 >= bytes.len() || masked >= 8
}

fn contains_any(value: &str, list: &[&str]) -> bool {
    list.iter().any(|mark| contains(value, mark))
}

/// Whether `mark`, in lower case, is in `value`, in any case.
fn contains(value: &str, mark: &str) -> bool {
    value
        .as_bytes()
        .windows(mark.len())
        .any(|window| window.eq_ignore_ascii_case(mark.as_bytes()))
}

fn is_common(value: &str) -> bool {
    let word = value.trim_end_matches(|c: char| c.is_ascii_digit());
    COMMON
        .iter()
        .any(|common| common.eq_ignore_ascii_case(value) || common.eq_ignore_ascii_case(word))
}

const MARKS: &[&str] = &[
    "changeme",
    "change_me",
    "change-me",
    "change_this",
    "changethis",
    "your_",
    "your-",
    "yourpass",
    "yourkey",
    "yourtoken",
    "yoursecret",
    "yourapi",
    "my_api",
    "my-api",
    "myapikey",
    "example",
    "placeholder",
    "redacted",
    "replace",
    "insert",
    "fill_in",
    "todo",
    "fixme",
    "dummy",
    "not-needed",
    "notneeded",
    "_here",
    "-here",
    "keyhere",
    "api_key",
    "api-key",
    "apikey",
    "access_token",
    "<",
    "...",
    "…",
    "sample",
];

const REFERENCES: &[&str] = &[
    "${",
    "$(",
    "{{",
    "%(",
    "#{",
    "process.env",
    "os.environ",
    "getenv",
    "env.",
    "env[",
    "secrets.",
    "vault:",
    "ssm:",
    "arn:aws",
    "config.",
    "settings.",
    "self.",
    "this.",
    "args.",
    "options.",
    "params.",
    "request.",
    "req.",
    "props.",
    "state.",
    "data.",
    "var.",
    "local.",
    "!ref",
    "valuefrom",
];

const COMMON: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "pwd",
    "passphrase",
    "secret",
    "secrets",
    "token",
    "key",
    "apikey",
    "none",
    "null",
    "nil",
    "undefined",
    "true",
    "false",
    "empty",
    "test",
    "testing",
    "tests",
    "user",
    "username",
    "admin",
    "root",
    "foo",
    "bar",
    "baz",
    "foobar",
    "string",
    "str",
    "text",
    "bytes",
    "hidden",
    "required",
    "optional",
    "invalid",
    "incorrect",
    "missing",
    "reset",
    "forgot",
    "confirm",
    "value",
    "default",
    "number",
    "integer",
    "boolean",
    "bool",
    "object",
    "array",
    "any",
    "type",
    "field",
    "input",
    "label",
    "name",
    "email",
    "new",
    "old",
    "current",
    "postgres",
    "mysql",
    "mypassword",
    "mysecret",
    "mytoken",
    "thepassword",
    "pw",
    "unknown",
    "unset",
    "disabled",
    "enabled",
    "yes",
    "no",
    "on",
    "off",
    "auto",
    "basic",
    "bearer",
    "oauth",
    "plaintext",
    "encrypted",
    "stdin",
    "prompt",
    "file",
    "void",
    "self",
    "this",
    "abc",
    "qwerty",
    "asdf",
    "hash",
    "random",
    "generated",
    "something",
    "anything",
    "whatever",
    "user_password",
    "username_password",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_a_secret_is_a_placeholder() {
        for value in [
            "changeme",
            "xxxxxxxx",
            "XXXX-XXXX-XXXX",
            "<your-key>",
            "${TOKEN}",
            "$TOKEN",
            "$(cat file)",
            "process.env.TOKEN",
            "os.environ[",
            "getpass.getpass()",
            "None",
            "null",
            "********",
            "your_api_key",
            "{{ token }}",
            "%s",
            "%TOKEN%",
            "00000000",
            "sk-...",
            "password",
            "password1",
            "EMPTY",
            "",
            "self.token",
            "config[",
            "$password",
            "INSERT_KEY",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
    }

    #[test]
    fn values_are_none() {
        for value in [
            "hunter2",
            "P@ssw0rd$1",
            "d2LkV78zLx!t",
            "9fJ2kQ7xZp4LmR8s",
            "$2b$12$abcdefghijk",
            "tr0ub4dor&3",
        ] {
            assert!(!is_placeholder(value), "{value}");
        }
    }
}
