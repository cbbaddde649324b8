//! How files are read: layers, limits, dialects, and input that is hostile.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use fw_gateway::config::{Code, Config, Finding, RetryOn, Strategy};
use fw_policy_injection::{Action, Channel, Detector, LogLevel};
use proptest::prelude::*;

const HEAD: &str = "pack: {name: x, version: 1.0.0}\npolicies: {chain: []}\n";
const TARGET: &str = "providers:\n  targets:\n    - {id: a, provider: fireworks}\n";

fn parse(yaml: &str) -> Config {
    Config::parse("f.yaml", yaml).unwrap_or_else(|errors| panic!("{errors}"))
}

fn errors(yaml: &str) -> Vec<Finding> {
    Config::parse("f.yaml", yaml).unwrap_err().errors().to_vec()
}

/// A folder of its own that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("fw-config-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn later_files_override_earlier_ones() {
    let folder = Folder::new("layers");
    let base = folder.write(
        "base.yaml",
        format!(
            "{HEAD}{TARGET}size_limits: {{max_body_bytes: 5, max_response_bytes: 7}}\n\
             ip_allowlist: {{cidrs: [10.0.0.0/8, 192.0.2.1]}}\ncors: {{enabled: true}}\n"
        ),
    );
    let site = folder.write(
        "site.yaml",
        "pack: {name: y}\nsize_limits: {max_body_bytes: 6}\nip_allowlist: {cidrs: ['::1']}\ncors: null\n",
    );
    let config = Config::load(&[base, site]).unwrap();
    assert_eq!(
        (config.pack.name.as_str(), config.pack.version.as_str()),
        ("y", "1.0.0")
    );
    assert_eq!(
        (
            config.size_limits.max_body_bytes,
            config.size_limits.max_response_bytes
        ),
        (6, 7)
    );
    let cidrs: Vec<String> = config
        .ip_allowlist
        .unwrap()
        .cidrs
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(cidrs, ["::1"], "lists replace");
    assert!(config.cors.is_none(), "null removes");
}

#[test]
fn a_fault_names_the_file_that_holds_it() {
    let folder = Folder::new("places");
    let base = folder.write(
        "base.yaml",
        format!("{HEAD}size_limits: {{max_body_bytes: 0}}\n"),
    );
    let site = folder.write(
        "site.yaml",
        "\nsize_limits: {max_response_bytes: 0}\npack: {name: y, versoin: 2}\n",
    );
    let found = Config::load(&[base.clone(), site.clone()]).unwrap_err();
    let places: Vec<(String, u32, &str)> = found
        .errors()
        .iter()
        .map(|error| (error.file.to_string(), error.line, error.path.as_str()))
        .collect();
    let (base, site) = (base.display().to_string(), site.display().to_string());
    assert_eq!(
        places,
        [
            (base, 3, "size_limits.max_body_bytes"),
            (site.clone(), 2, "size_limits.max_response_bytes"),
            (site, 3, "pack.versoin"),
        ]
    );
}

#[test]
fn null_that_removes_nothing_is_a_fault() {
    let folder = Folder::new("null");
    let base = folder.write("base.yaml", HEAD);
    let site = folder.write("site.yaml", "cors: null\n");
    assert_eq!(
        Config::load(&[base, site]).unwrap_err().errors()[0].path,
        "cors"
    );
}

#[test]
fn files_that_cannot_be_read_are_all_named() {
    let folder = Folder::new("unreadable");
    let binary = folder.write("binary.yaml", b"pack: \xff");
    let absent = folder.0.join("absent.yaml");
    let found = Config::load(&[absent, binary, folder.0.clone()]).unwrap_err();
    assert_eq!(found.errors().len(), 3);
    assert!(
        found
            .errors()
            .iter()
            .all(|error| error.code == Code::Unreadable)
    );
    assert!(
        found
            .to_string()
            .contains("absent.yaml: error[E014]: cannot be read")
    );
    assert!(found.to_string().contains("is not UTF-8 text (byte 6)"));
    assert!(
        Config::load(&[])
            .unwrap_err()
            .to_string()
            .contains("--policy-config")
    );
}

#[test]
fn the_three_dialects_of_prompt_injection_are_read() {
    let settings = |body: &str| {
        let yaml = format!(
            "pack: {{name: x, version: 1.0.0}}\npolicies: {{chain: [prompt-injection]}}\n\
             policy: {{prompt-injection: {body}}}\n"
        );
        parse(&yaml).policy.prompt_injection.unwrap()
    };
    for body in [
        "{threshold: 0.7, action: escalate, attack_patterns: [abc]}",
        "{embedding_threshold: 0.7, response: {action: escalate}, attack_patterns: [abc]}",
        "{detection: {embedding_threshold: 0.7, attack_patterns: [abc]}, response: {action: escalate}}",
    ] {
        let config = settings(body);
        assert_eq!(config.chosen_threshold(), Some(0.7), "{body}");
        assert_eq!(config.chosen_action(), Action::Escalate, "{body}");
        let detector = Detector::new(&config).unwrap();
        assert!(
            detector.scan("x abc y", Channel::User).is_attack(),
            "{body}"
        );
    }
    assert_eq!(settings("{action: log}").chosen_action(), Action::Flag);
    let config = settings("{response: {log_level: info, message: No.}}");
    assert_eq!(config.response.log_level, LogLevel::Info);
    assert_eq!(config.response.message.as_deref(), Some("No."));
}

#[test]
fn the_three_dialects_of_cors_mean_the_same() {
    let cors = |body: &str| {
        parse(&format!("{HEAD}cors: {{enabled: true, {body}}}\n"))
            .cors
            .unwrap()
    };
    let config_page = cors("allow_origins: [https://a.example], credentials: true, max_age: 60");
    let advanced_page =
        cors("allow_origins: [https://a.example], allow_credentials: true, max_age_seconds: 60");
    let tutorial = cors("allowed_origins: [https://a.example], credentials: true, max_age: 60");
    assert_eq!(config_page, advanced_page);
    assert_eq!(config_page, tutorial);
}

#[test]
fn names_of_strategies_have_all_their_spellings() {
    for (name, strategy) in [
        ("single", Strategy::Single),
        ("round-robin", Strategy::RoundRobin),
        ("weighted_round_robin", Strategy::WeightedRoundRobin),
        ("weighted", Strategy::WeightedRoundRobin),
        ("latency", Strategy::LowestLatency),
        ("cost", Strategy::LowestCost),
        ("least-busy", Strategy::LeastBusy),
    ] {
        let yaml = format!(
            "{HEAD}providers: {{strategy: {name}, targets: [{{id: a, provider: fireworks}}]}}\n"
        );
        assert_eq!(
            parse(&yaml).providers.unwrap().strategy(),
            strategy,
            "{name}"
        );
    }
    assert_eq!(
        parse(&format!("{HEAD}{TARGET}"))
            .providers
            .unwrap()
            .strategy(),
        Strategy::Ordered
    );
}

#[test]
fn lists_may_mix_numbers_and_words() {
    let yaml = format!(
        "{HEAD}providers: {{targets: [{{id: a, provider: fireworks}}], retry: {{retry_on: [429, 5xx]}}, \
         fallback: {{triggers: [rate_limit_exceeded, service_unavailable]}}}}\n"
    );
    let providers = parse(&yaml).providers.unwrap();
    assert_eq!(providers.retry.unwrap().retry_on[0], RetryOn::Status(429));
    assert!(
        providers.fallback.unwrap().enabled,
        "a block without `enabled` is on"
    );
}

#[test]
fn anchors_and_aliases_work() {
    let yaml = format!(
        "{HEAD}providers:\n  targets:\n    - id: a\n      provider: fireworks\n      secret_key_ref: &key {{env: K}}\n    \
         - id: b\n      provider: fireworks\n      secret_key_ref: *key\n"
    );
    let targets = parse(&yaml).providers.unwrap().targets;
    assert_eq!(targets[0].secret_key_ref, targets[1].secret_key_ref);
}

#[test]
fn a_configuration_that_is_off_is_refused_by_run() {
    let config = parse(&format!(
        "pack: {{name: x, version: 1.0.0, enabled: false}}\npolicies: {{chain: []}}\n{TARGET}"
    ));
    assert_eq!(config.unsupported()[0].path, "pack.enabled");
}

#[test]
fn blocks_that_are_off_are_not_refused_by_run() {
    let yaml = format!(
        "{HEAD}providers:\n  targets:\n    - {{id: a, provider: fireworks, health_probe: {{enabled: false}}}}\n  \
         fallback: {{enabled: false}}\n  circuit_breaker: {{enabled: false}}\n  retry: {{max_attempts: 1}}\n\
         ip_allowlist: {{enabled: false, cidrs: ['::1']}}\ncors: {{}}\ncache: {{}}\nroutes: []\nagents: {{}}\n"
    );
    assert_eq!(
        parse(&yaml).unsupported_by_this_build(),
        Vec::<String>::new()
    );
}

#[test]
fn secrets_in_a_store_are_recognised_and_refused_by_run() {
    let yaml = format!(
        "{HEAD}providers: {{targets: [{{id: a, provider: fireworks, secret_key_ref: {{store: prod-key}}}}]}}\n"
    );
    let config = parse(&yaml);
    assert_eq!(
        config.unsupported()[0].path,
        "providers.targets[0].secret_key_ref"
    );
}

#[test]
fn targets_that_the_client_cannot_reach_are_refused_by_run() {
    let refused = |target: &str| {
        let config = parse(&format!(
            "{HEAD}providers: {{targets: [{{id: a, {target}}}]}}\n"
        ));
        config
            .unsupported()
            .iter()
            .map(|found| found.path.clone())
            .collect::<Vec<_>>()
    };
    let path = |key: &str| vec![format!("providers.targets[0].{key}")];
    assert_eq!(refused("provider: groq"), path("provider"));
    assert_eq!(
        refused("provider: azure, base_url: 'https://a.example'"),
        path("provider")
    );
    assert_eq!(
        refused("provider: x, base_url: 'https://a.example', format: anthropic"),
        path("format")
    );
    assert_eq!(
        refused("provider: x, base_url: 'https://a.example', path_template: /x"),
        path("path_template")
    );
    assert_eq!(
        refused("provider: groq, base_url: 'https://a.example'"),
        Vec::<String>::new()
    );
}

fn quickly<T>(work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    let took = start.elapsed();
    assert!(took < Duration::from_secs(10), "took {took:?}");
    result
}

#[test]
fn deep_nesting_is_refused() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", "")] {
        let yaml = format!(
            "{HEAD}testing: {{plugins: {}{}}}\n",
            open.repeat(20_000),
            close.repeat(20_000)
        );
        let found = quickly(|| errors(&yaml));
        assert_eq!(found[0].code, Code::Syntax, "{open}");
    }
    let block: String = (0..2_000)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    assert_eq!(quickly(|| errors(&block))[0].code, Code::Syntax);
}

#[test]
fn alias_bombs_are_refused() {
    let mut yaml = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let before = format!("*a{}", level - 1);
        yaml.push_str(&format!(
            "a{level}: &a{level} [{}]\n",
            vec![before; 10].join(", ")
        ));
    }
    let found = quickly(|| errors(&yaml));
    assert_eq!(found[0].code, Code::Syntax);
    assert!(found[0].line > 1, "{}", found[0]);
}

#[test]
fn large_files_are_refused() {
    let yaml = format!("{HEAD}# {}\n", "x".repeat(1 << 20));
    assert!(
        quickly(|| errors(&yaml))[0]
            .message
            .contains("larger than 1048576 bytes")
    );
    let many = format!("{HEAD}testing: {{plugins: [{}]}}\n", "1, ".repeat(60_000));
    assert_eq!(quickly(|| errors(&many))[0].code, Code::Syntax);
}

#[test]
fn thousands_of_faults_are_reported_in_reasonable_time() {
    let keys: String = (0..2_000)
        .map(|index| format!("unknown_key_{index}: 1\n"))
        .collect();
    let found = quickly(|| errors(&format!("{HEAD}{keys}")));
    assert_eq!(found.len(), 2_000);
    let twice: String = (0..2_000)
        .map(|index| format!("  - {{id: a, provider: fireworks, x{index}: 1}}\n"))
        .collect();
    quickly(|| errors(&format!("{HEAD}providers:\n  targets:\n{twice}")));
}

/// Pieces of configurations and of YAML, so that random documents get past the
/// first line of the parser.
fn pieces() -> impl Strategy_<Value = String> {
    let words = prop::sample::select(vec![
        "pack:",
        "policies:",
        "policy:",
        "providers:",
        "targets:",
        "chain:",
        "name:",
        "version:",
        "id:",
        "provider:",
        "weight:",
        "secret_key_ref:",
        "env:",
        "cors:",
        "cache:",
        "routes:",
        "model_groups:",
        "testing:",
        "retry_on:",
        "1.0.0",
        "x",
        "fireworks",
        "true",
        "null",
        "~",
        ".nan",
        "-.inf",
        "0x1F",
        "1e999",
        "99999999999999999999",
        "-1",
        "[",
        "]",
        "{",
        "}",
        ",",
        "- ",
        ": ",
        "\n",
        "\n  ",
        "\n    ",
        "&a ",
        "*a",
        "<<: ",
        "!!str ",
        "!x ",
        "'",
        "\"",
        "|",
        ">",
        "#",
        "---\n",
        "...\n",
        "? ",
        "%YAML 1.2\n",
        "\t",
        "\u{feff}",
        "é",
        "\u{0}",
        "prompt-injection",
    ]);
    prop::collection::vec(words, 0..60).prop_map(|parts| parts.concat())
}

use proptest::strategy::Strategy as Strategy_;

/// The tour of all sections, to break in random places.
const TOUR: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../examples/full.yaml"
));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        let _ = Config::parse("f.yaml", &text);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Config::parse("f.yaml", &String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn arbitrary_yaml_never_panics(text in pieces()) {
        let _ = Config::parse("f.yaml", &text);
        let _ = Config::parse("f.yaml", &format!("{HEAD}{text}"));
    }

    /// A line of a valid file is lost, doubled, or gets another value: whatever
    /// comes of it, errors have places, and the schema and the types agree.
    #[test]
    fn a_broken_tour_is_accepted_or_refused_with_places(
        line in 0..TOUR.lines().count(),
        change in 0..6_usize,
    ) {
        let mut lines: Vec<String> = TOUR.lines().map(str::to_owned).collect();
        let key = lines[line].split_once(':').map(|(key, _)| key.to_owned());
        match (change, key) {
            (0, _) => { lines.remove(line); }
            (1, _) => { let copy = lines[line].clone(); lines.insert(line, copy); }
            (2, Some(key)) => lines[line] = format!("{key}: 7"),
            (3, Some(key)) => lines[line] = format!("{key}: [text]"),
            (4, Some(key)) => lines[line] = format!("{key}x: text"),
            (_, Some(key)) => lines[line] = format!("{key}: null"),
            (_, None) => lines[line] = "  : -".to_owned(),
        }
        if let Err(found) = Config::parse("f.yaml", &lines.join("\n")) {
            prop_assert!(!found.errors().is_empty());
            for error in found.errors() {
                prop_assert!(error.line >= 1 && error.column >= 1, "{}", error);
                prop_assert!(!error.message.contains("please report"), "{}", error);
            }
        }
    }
}
