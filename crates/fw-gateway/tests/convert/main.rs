//! Configurations of other gateways, and what comes out of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod generated;

use std::path::{Path, PathBuf};

use fw_gateway::Gateway;
use fw_gateway::cli::{ConvertArgs, ConvertFrom};
use fw_gateway::commands;
use fw_gateway::config::Config;
use fw_gateway::convert::{Conversion, Source, convert};

/// Keys and passwords that stand in the samples.
const SECRETS: [&str; 8] = [
    "azure-literal-key-1",
    "sk-ant-literal",
    "gsk-literal",
    "sk-literal-openai",
    "fw_literal_key_in_the_file",
    "sk-bf-literal-virtual-key",
    "secret-password",
    "sk-ant-other",
];

fn samples(source: Source) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/convert")
        .join(source.as_str());
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.to_string_lossy().ends_with(".expected.yaml"))
        .collect();
    files.sort();
    assert!(files.len() >= 4);
    files
}

/// The sample under the name that such a file has.
fn converted(source: Source, file: &Path) -> Conversion {
    let name = match source {
        Source::Bifrost => "config.json",
        _ => "config.yaml",
    };
    convert(source, name, &std::fs::read_to_string(file).unwrap()).unwrap()
}

/// What came out of a text, which lints.
fn output(source: Source, text: &str) -> (Config, String) {
    let converted = convert(source, "config", text).unwrap();
    let config = Config::parse("out.yaml", converted.yaml()).unwrap();
    (config, converted.notes().to_owned())
}

/// With `FW_CONVERT_WRITE=1` the expected files are written anew: read their difference before it is kept.
#[test]
fn every_sample_comes_out_as_expected_and_runs() {
    for source in [Source::Bifrost, Source::Litellm] {
        for file in samples(source) {
            let yaml = converted(source, &file).yaml().to_owned();
            let expected = file.with_extension("expected.yaml");
            if std::env::var_os("FW_CONVERT_WRITE").is_some() {
                std::fs::write(&expected, &yaml).unwrap();
            }
            let expected = std::fs::read_to_string(expected).unwrap();
            assert_eq!(yaml, expected, "{}", file.display());

            let config = Config::parse("out.yaml", &yaml).unwrap();
            if config.providers.is_some() {
                assert_eq!(config.unsupported_by_this_build(), Vec::<String>::new());
                Gateway::new(&config, |_| Some("key".to_owned())).unwrap();
            }
        }
    }
}

#[test]
fn keys_that_stand_in_a_file_are_not_copied() {
    for source in [Source::Bifrost, Source::Litellm] {
        for file in samples(source) {
            let converted = converted(source, &file);
            for secret in SECRETS {
                assert!(!converted.yaml().contains(secret), "{secret}");
                assert!(!converted.notes().contains(secret), "{secret}");
            }
        }
    }
}

#[test]
fn broken_input_is_refused_with_line_and_column() {
    let error = convert(Source::Bifrost, "config.json", "{\n  \"providers\": }").unwrap_err();
    assert_eq!(
        error.to_string(),
        "config.json:2:16: not valid JSON: expected value"
    );
    let error = convert(Source::Litellm, "config.yaml", "a: 1\nb: [1\n").unwrap_err();
    assert!(error.to_string().starts_with("config.yaml:"), "{error}");
    for (source, text) in [(Source::Bifrost, "[1]"), (Source::Litellm, "- 1")] {
        let (config, notes) = output(source, text);
        assert!(config.providers.is_none());
        assert!(
            notes.contains("the file: expected a mapping, found a list"),
            "{notes}"
        );
    }
}

#[test]
fn what_would_come_out_too_large_is_refused_at_once() {
    let models: Vec<String> = (0..50_000).map(|number| format!("m{number}")).collect();
    let text = serde_json::json!({"providers": {"openai": {"keys": [{"value": "env.K", "models": models}]}}});
    let error = convert(Source::Bifrost, "config.json", &text.to_string()).unwrap_err();
    assert!(error.to_string().contains("convert it in parts"), "{error}");
}

#[test]
fn unknown_keys_are_listed_and_are_no_faults() {
    let (_, notes) = output(
        Source::Bifrost,
        r#"{"providers": {"openai": {"keys": [{"value": "env.K", "colour": 1}], "speed": 2}}, "zone": 3}"#,
    );
    for place in [
        "providers.openai.keys[0].colour",
        "providers.openai.speed",
        "zone",
    ] {
        assert!(notes.contains(place), "{place} is not in {notes}");
    }
}

#[test]
fn fallbacks_that_lead_in_a_circle_become_groups_that_do_not() {
    let entry = |name: &str| {
        format!(
            "  - {{model_name: {name}, litellm_params: {{model: openai/{name}, api_key: os.environ/K}}}}\n"
        )
    };
    let text = format!(
        "model_list:\n{}{}{}router_settings:\n  fallbacks: [{{a: [b]}}, {{b: [c]}}, {{c: [a, b]}}]\n",
        entry("a"),
        entry("b"),
        entry("c")
    );
    let (config, _) = output(Source::Litellm, &text);
    let fallback = |name: &str| {
        let group = config.model_groups.iter().find(|group| group.name == name);
        group.unwrap().fallback_group.clone()
    };
    assert_eq!(fallback("a").as_deref(), Some("a-fallback"));
    assert_eq!(fallback("a-fallback"), None);
    assert_eq!(fallback("c").as_deref(), Some("c-fallback"));
}

#[test]
fn no_target_has_the_name_of_an_alias() {
    let text = "
model_list:
  - {model_name: gpt, litellm_params: {model: openai/gpt, api_key: os.environ/K}}
router_settings: {model_group_alias: {gpt-1: gpt}}
litellm_settings: {model_alias_map: {gpt-2: gpt}}
";
    let (config, _) = output(Source::Litellm, text);
    let id = &config.providers.unwrap().targets[0].id;
    assert!(!["gpt", "gpt-1", "gpt-2"].contains(&id.as_str()), "{id}");
}

#[test]
fn a_file_of_which_no_target_comes_says_so() {
    for (source, text) in [
        (
            Source::Bifrost,
            r#"{"providers": {"bedrock": {"keys": []}}}"#,
        ),
        (Source::Litellm, "model_list: []\n"),
        (Source::Litellm, ""),
    ] {
        let (config, notes) = output(source, text);
        assert!(config.providers.is_none());
        assert!(
            notes.contains("To do before it runs:\n  - the file: no target"),
            "{notes}"
        );
    }
}

#[test]
fn anchors_that_lead_to_too_much_are_called_so() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let last = format!("*a{}, ", level - 1).repeat(8);
        text.push_str(&format!("a{level}: &a{level} [{last}]\n"));
    }
    for text in [text.as_str(), "a: &a [*a]\n", "a: *nobody\n"] {
        let error = convert(Source::Litellm, "c.yaml", text)
            .unwrap_err()
            .to_string();
        assert!(error.contains("anchors"), "{error}");
    }
}

#[test]
fn what_is_listed_can_do_nothing_to_a_terminal() {
    let name = "\u{1b}[31m\u{202e}\u{85}\u{2028}\r\nproviders: {}";
    let text = serde_json::json!({"providers": {name: {"keys": []}, "openai": {"keys": [{
        "value": "env.K", "name": name, "models": [name], "aliases": {name: "m"}, name: 1,
    }]}}, name: 1, "plugins": [{"name": name, "enabled": true}]});
    let text = text.to_string();
    for source in [Source::Bifrost, Source::Litellm] {
        let converted = convert(source, name, &text).unwrap();
        for shown in [converted.yaml(), converted.notes()] {
            let is_plain = |c: char| c == '\n' || c == ' ' || c.is_ascii_graphic();
            assert!(shown.chars().all(is_plain), "{shown:?}");
            assert!(!shown.lines().any(|line| line.starts_with("providers: {}")));
        }
    }
}

#[test]
fn without_a_rule_nothing_falls_back_to_another_provider() {
    let text = r#"{"providers": {
        "openai": {"keys": [{"value": "env.A"}], "network_config": {"max_retries": 5}},
        "mistral": {"keys": [{"value": "env.B"}], "network_config": {"max_retries": 5}}
    }}"#;
    let (config, _) = output(Source::Bifrost, text);
    let providers = config.providers.unwrap();
    assert!(!providers.fallback.unwrap().enabled);
    assert_eq!(providers.retry.unwrap().max_attempts, 6);
}

#[test]
fn the_command_writes_a_new_file_and_says_what_is_missing() {
    let folder = std::env::temp_dir().join(format!("fw-convert-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let input = folder.join("config.json");
    std::fs::write(&input, r#"{"providers": {}, "mcp": {}}"#).unwrap();
    let args = ConvertArgs {
        from: ConvertFrom::Bifrost,
        file: input,
        output: Some(folder.join("policy-config.yaml")),
    };
    let (mut printed, mut notes) = (Vec::new(), Vec::new());
    commands::convert(&args, &mut printed, &mut notes).unwrap();
    assert!(printed.is_empty());
    assert!(String::from_utf8(notes).unwrap().contains("mcp"));
    Config::load(args.output.as_slice()).unwrap();

    // What is there may have been edited since.
    let error = commands::convert(&args, Vec::new(), Vec::new()).unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("cannot write"));
    std::fs::remove_dir_all(folder).unwrap();
}
