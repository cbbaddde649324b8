//! Names that say that what is assigned to them is a secret: `password = "`, `"api_key": "`, `--token `.

mod label;
mod words;

pub(super) use label::{Label, Operator, label};

/// What a name says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A password: chosen by people, so short and simple values count.
    Password,
    /// A key or token: made by machines, so that it looks random.
    Key,
    /// `key` without a word that says what for. Many keys open nothing.
    BareKey,
}

/// Whether the text right before an opening quote names a password or a secret, so that what follows is one
/// secret up to the closing quote, spaces included. The operator between them may be left out.
pub(crate) fn is_secret_name(before: &str) -> bool {
    let before = before.trim_end_matches('\\');
    match label(before) {
        Some(label) => {
            matches!(
                label.operator,
                Operator::Assign | Operator::Flag | Operator::Prose
            ) && kind(label.name) == Some(Kind::Password)
        }
        None => label::last_name(before).is_some_and(|name| kind(name) == Some(Kind::Password)),
    }
}

/// What the name says of its value: the last word decides, the word before it may say otherwise.
pub(super) fn kind(name: &str) -> Option<Kind> {
    let mut words = words::backwards(name).skip_while(|word| is_suffix(word));
    let last = words.next()?;
    let before = words.next().unwrap_or_default();
    if is_any(last, PASSWORDS) || ends_with_any(last, PASSWORD_ENDINGS) {
        return (!is_any(before, NOT_A_PASSWORD)).then_some(Kind::Password);
    }
    if is_any(last, &["key"]) {
        return if is_any(before, KEY_OWNERS) {
            Some(Kind::Key)
        } else {
            before.is_empty().then_some(Kind::BareKey)
        };
    }
    if ends_with_any(last, &["token"]) {
        return (!is_any(before, NOT_A_SECRET_TOKEN)).then_some(Kind::Key);
    }
    (is_any(last, KEYS) || ends_with_any(last, KEY_ENDINGS)).then_some(Kind::Key)
}

/// Whether the name says that its value is public: an id, a hash, an address.
pub(super) fn is_public(name: &str) -> bool {
    words::backwards(name)
        .next()
        .is_some_and(|word| is_any(word, PUBLIC) || ends_with_any(word, &["hash", "sum", "url"]))
}

fn is_suffix(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit()) || is_any(word, SUFFIXES)
}

fn is_any(word: &str, list: &[&str]) -> bool {
    list.iter().any(|entry| entry.eq_ignore_ascii_case(word))
}

fn ends_with_any(word: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| {
        word.len()
            .checked_sub(ending.len())
            .and_then(|at| word.get(at..))
            .is_some_and(|tail| tail.eq_ignore_ascii_case(ending))
    })
}

const PASSWORDS: &[&str] = &[
    "pass",
    "pw",
    "pwd",
    "psw",
    "passwd",
    "dbpass",
    "userpass",
    "rootpw",
    "dbpw",
    "clave",
    "senha",
    "wachtwoord",
    "parola",
    "haslo",
    "hasło",
    "пароль",
    "密码",
    "密碼",
    "口令",
    "salasana",
    "lösenord",
    "parool",
    "jelszo",
    "heslo",
];
const PASSWORD_ENDINGS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "passwort",
    "kennwort",
    "contrasena",
    "contraseña",
    "motdepasse",
    "userpwd",
    "dbpwd",
];
const NOT_A_PASSWORD: &[&str] = &[
    "forgot", "reset", "by", "first", "second", "render", "no", "min", "max", "show", "hide",
    "has", "is", "use", "invalid", "wrong", "missing",
];
const KEYS: &[&str] = &[
    "secret",
    "secrets",
    "credential",
    "credentials",
    "creds",
    "cred",
    "bearer",
    "authorization",
    "auth",
    "jwt",
    "pat",
    "sas",
];
const KEY_ENDINGS: &[&str] = &[
    "secret",
    "apikey",
    "secretkey",
    "accesskey",
    "privatekey",
    "authkey",
    "masterkey",
    "sharedkey",
    "accountkey",
    "storagekey",
    "encryptionkey",
    "signingkey",
    "sharedaccesskey",
    "sharedaccesssignature",
    "appkey",
];
const KEY_OWNERS: &[&str] = &[
    "api",
    "access",
    "secret",
    "private",
    "auth",
    "authentication",
    "authorization",
    "encryption",
    "encrypt",
    "decryption",
    "crypto",
    "signing",
    "sign",
    "signature",
    "service",
    "account",
    "client",
    "app",
    "application",
    "master",
    "subscription",
    "storage",
    "shared",
    "admin",
    "webhook",
    "hmac",
    "jwt",
    "aes",
    "session",
    "deploy",
    "license",
    "licence",
    "secure",
    "integration",
    "user",
    "root",
    "security",
    "rapidapi",
    "ingest",
    "ingestion",
    "write",
    "read",
    "server",
    "preshared",
    "psk",
    "wpa",
    "ssh",
    "cipher",
    "consumer",
    "function",
    "functions",
    "host",
    "connection",
    "token",
    "maps",
    "email",
    "mail",
    "sms",
    "bot",
    "project",
    "org",
    "personal",
    "dev",
    "prod",
    "live",
];
const NOT_A_SECRET_TOKEN: &[&str] = &[
    "csrf",
    "xsrf",
    "authenticity",
    "next",
    "page",
    "pagination",
    "continuation",
    "sync",
    "cancellation",
    "pad",
    "eos",
    "bos",
    "unk",
    "start",
    "stop",
    "max",
    "min",
    "num",
    "sep",
    "mask",
    "special",
    "design",
    "syntax",
    "first",
    "last",
    "current",
    "end",
    "per",
    "each",
    "one",
    "cls",
    "image",
    "verification",
    "antiforgery",
    "forgery",
    "skip",
    "resume",
    "cursor",
];
const SUFFIXES: &[&str] = &[
    "value",
    "val",
    "string",
    "str",
    "plain",
    "plaintext",
    "raw",
    "prod",
    "production",
    "dev",
    "development",
    "stage",
    "staging",
    "test",
    "live",
    "old",
    "new",
    "default",
    "current",
    "base64",
    "b64",
    "confirmation",
    "confirm",
    "again",
];
const PUBLIC: &[&str] = &[
    "id",
    "ids",
    "uuid",
    "guid",
    "hash",
    "sha",
    "sha1",
    "sha256",
    "md5",
    "digest",
    "checksum",
    "commit",
    "revision",
    "rev",
    "etag",
    "integrity",
    "url",
    "uri",
    "path",
    "file",
    "version",
    "build",
    "trace",
    "span",
    "name",
    "type",
    "date",
    "image",
    "tag",
    "src",
    "href",
    "index",
    "number",
    "ref",
    "branch",
    "checkpoint",
    "fingerprint",
    "size",
    "hex",
    "address",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_of_a_name_decides() {
        for name in [
            "password",
            "DB_PASSWORD",
            "PGPASSWORD",
            "userPassword",
            "smtp.pass",
            "passwd2",
            "Passwort",
            "db-pwd",
            "sshPassphrase",
            "password_test",
        ] {
            assert_eq!(kind(name), Some(Kind::Password), "{name}");
        }
        for name in [
            "api_key",
            "apiKey",
            "APIKey",
            "X-Api-Key",
            "client_secret",
            "clientsecret",
            "GH_TOKEN",
            "token4",
            "authToken",
            "AccountKey",
            "SharedAccessKey",
            "aws.secret.access.key",
            "API key",
            "credentials",
        ] {
            assert_eq!(kind(name), Some(Kind::Key), "{name}");
        }
        for name in [
            "clientId",
            "password_hash",
            "token_type",
            "max_tokens",
            "primaryKey",
            "foreign_key",
            "publicKey",
            "csrf_token",
            "next_token",
            "compass",
            "bypass",
            "monkey",
            "tokens",
            "keyboard",
            "secret_name",
            "UserSecretsId",
            "access_token_url",
            "",
        ] {
            assert_eq!(kind(name), None, "{name}");
        }
        assert_eq!(kind("key"), Some(Kind::BareKey));
    }

    #[test]
    fn quoted_passphrases_follow_a_name_and_an_operator() {
        for before in [
            "password = ",
            "\"password\": ",
            "{\"db_password\":",
            "'passphrase' => ",
            "password:=",
            "DB_PASSWORD=",
            "password",
            "{\"password\"",
            "password: str = ",
            "const PASSWORD: &str = ",
            "The password is ",
            "--password ",
            "--password=",
            "\\\"password\\\": \\",
        ] {
            assert!(is_secret_name(before), "{before}");
        }
        for before in [
            "",
            "the password of ",
            "username = ",
            "print(",
            "password_hint: ",
            "token: ",
            "type=",
            "std::password::",
            "set_password(",
        ] {
            assert!(!is_secret_name(before), "{before}");
        }
    }
}
