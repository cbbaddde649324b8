use super::find;
use crate::detect::testing::find_after;

/// What is found in `text` after `context`.
fn secrets<'a>(context: &str, text: &'a str) -> Vec<&'a str> {
    let mut found: Vec<_> = find_after(find, context, text)
        .into_iter()
        .map(|(_, _, range, _)| &text[range])
        .collect();
    found.dedup();
    found
}

const KEY: &str = "q7Zt3Kx9Lw2Vb8Rm4Np6";
const HEX: &str = "8f3a91c07be24d56a1f09c3e7d5b8264";
const UUID: &str = "3f9c1a72-5be8-4d06-9a41-c27e80b5d913";

#[test]
fn keys_stand_after_names_that_say_so() {
    for context in [
        "api_key = \"",
        "\"apiKey\": \"",
        "X-Api-Key: ",
        "client_secret: '",
        "GH_TOKEN=",
        "secret => '",
        "<accessToken>",
        "--token ",
        "export AUTH_TOKEN=",
        "Client(api_key=\"",
        "os.environ[\"API_KEY\"] = \"",
        "<add key=\"ApiKey\" value=\"",
        "const TOKEN: &str = \"",
        "token := `",
    ] {
        assert_eq!(secrets(context, KEY), [KEY], "{context}");
        assert_eq!(secrets(context, UUID), [UUID], "{context}");
    }
}

#[test]
fn the_same_values_elsewhere_are_none() {
    for context in [
        "",
        "id = \"",
        "clientId: ",
        "commit ",
        "sha256:",
        "etag: \"",
        "csrf_token = \"",
        "next_page_token: ",
        "<UserSecretsId>",
        "file=",
        "image: ",
        "trace-id: ",
        "the ",
        "public_key = \"",
    ] {
        for value in [KEY, HEX, UUID] {
            assert_eq!(
                secrets(context, value),
                Vec::<&str>::new(),
                "{context}{value}"
            );
        }
    }
}

#[test]
fn names_and_values_may_be_one_region() {
    for (text, expected) in [
        (format!("API_KEY={KEY}"), KEY),
        (format!("https://a.example/x?api_key={KEY}&page=2"), KEY),
        (format!("--token={KEY}"), KEY),
        ("DB_PASSWORD=hunter2!".to_owned(), "hunter2!"),
        ("Password=Sommer2024".to_owned(), "Sommer2024"),
        (format!("X-Api-Key:{KEY}"), KEY),
    ] {
        assert_eq!(secrets("", &text), [expected], "{text}");
    }
}

#[test]
fn passwords_may_be_short_and_simple() {
    for (context, password) in [
        ("password = \"", "hunter2"),
        ("PGPASSWORD=", "supersecret"),
        ("passwd: ", "tr0ub4dor&3"),
        ("{\"db_pass\": \"", "s3cr3t"),
        ("My password is ", "Sommer2024"),
        ("mysql --password ", "g7-heron"),
        ("Passwort: ", "Regen#wald"),
        ("密码：", "tiger2020"),
        ("password: \"", "correct horse battery staple"),
    ] {
        assert_eq!(secrets(context, password), [password], "{context}");
    }
}

#[test]
fn what_stands_for_a_password_is_none() {
    for (context, value) in [
        ("password = \"", "changeme"),
        ("password = \"", "<your-password>"),
        ("password = ", "os.environ"),
        ("password = ", "getpass.getpass()"),
        ("password: ", "string"),
        ("password: ", "str"),
        ("password=", "password"),
        ("password = ", "user.password2"),
        ("PASSWORD=", "${DB_PASSWORD}"),
        ("PASSWORD=", "$DB_PASSWORD"),
        ("password: \"", "must be at least 8 characters"),
        ("pwd: ", "*mut"),
        ("API_KEY=", "xxxxxxxxxxxxxxxxxxxxxxxx"),
        ("API_KEY=", "your-api-key-1234567890"),
        ("token: ", "process.env.GITHUB_TOKEN_2"),
        ("password_file = \"", "/run/secrets/db1"),
        ("The password is ", "required."),
    ] {
        assert_eq!(
            secrets(context, value),
            Vec::<&str>::new(),
            "{context}{value}"
        );
    }
}

#[test]
fn credentials_of_urls_are_found() {
    for (text, expected) in [
        ("postgres://app:tr0ub4dor@db.example:5432/main", "tr0ub4dor"),
        (
            "mongodb+srv://svc:q7Zt3Kx9Lw@cluster0.example",
            "q7Zt3Kx9Lw",
        ),
        ("redis://:q7Zt3Kx9Lw@cache.example:6379/0", "q7Zt3Kx9Lw"),
        (
            "https://0badf00d:feedface@gems.example/",
            "0badf00d:feedface",
        ),
        (
            "https://q7Zt3Kx9Lw2Vb8Rm4Np6@git.example/a.git",
            "q7Zt3Kx9Lw2Vb8Rm4Np6",
        ),
    ] {
        assert_eq!(secrets("", text), [expected], "{text}");
    }
    for text in [
        "https://user:password@example.com/",
        "postgres://postgres:postgres@localhost/db",
        "https://example.com:8080/a@b",
        "http://$USER:$PASS@host/",
        "https://medium.example/@writer/title-2f9a",
    ] {
        assert_eq!(secrets("", text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn credentials_of_requests_are_found() {
    for (context, value) in [
        ("Authorization: Bearer ", HEX),
        ("-H \"Authorization: Token ", KEY),
        ("Authorization: Basic ", "YWxhZGRpbjpvcGVuc2VzYW1l"),
        ("\"Authorization\": \"Bearer ", KEY),
        ("-H 'apikey: ", UUID),
        ("curl -u ", "anna:q7Zt3Kx9"),
        ("curl --user \"", "anna:q7Zt3Kx9"),
        ("get -u ", "anna:qZtaKxwLmVbR"),
        ("Authorization: ", "sha256~q7Zt3@=-.a+/KxwL"),
    ] {
        assert_eq!(secrets(context, value), [value], "{context}");
    }
    for (context, value) in [
        ("Authorization: Bearer ", "$TOKEN"),
        ("Authorization: Basic ", "authentication"),
        ("a Bearer ", "token."),
        ("curl -u ", "user:password"),
        ("docker run -u ", "1000:1000"),
        ("curl -u \"", "$1:$2"),
    ] {
        assert_eq!(
            secrets(context, value),
            Vec::<&str>::new(),
            "{context}{value}"
        );
    }
}

#[test]
fn keys_without_a_mark_are_known_by_their_vendor() {
    for context in ["datadog = \"", "DATADOG_APP: ", "twilio.auth=", "mistral: "] {
        assert_eq!(secrets(context, HEX), [HEX], "{context}");
    }
    for context in [
        "rookTable = ",
        "sumOfThings = ",
        "datadog_commit = \"",
        "a = \"",
    ] {
        assert_eq!(secrets(context, HEX), Vec::<&str>::new(), "{context}");
    }
}

#[test]
fn other_text_is_left_alone() {
    for text in [
        "sha512-9f3Kx7QmZt2Lw8Vb4Rp6Nc1Yd5Hs0Gj==",
        "v1.24.3-rc.2+build.5114f85",
        "/usr/local/lib/python3.11/site-packages",
        "text-embedding-3-large",
        "MINIDUMP_SYSMEMINFO1_PERF",
        "getElementsByClassName2",
        "2024-05-12T08:30:00Z",
        "std::collections::HashMap::<u8,u16>::new",
    ] {
        assert_eq!(secrets("", text), Vec::<&str>::new(), "{text}");
    }
}
