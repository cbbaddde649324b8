//! What is said about documents that are wrong: every fault, its place, and what to do.
//!
//! The texts are part of the contract. A change here is a change users see.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use fw_gateway::config::Config;

/// Everything that is said about `yaml`, errors first. The first line break of
/// `yaml` belongs to its quotation.
fn said(yaml: &str) -> Vec<String> {
    let yaml = yaml.strip_prefix('\n').unwrap_or(yaml);
    match Config::parse("f.yaml", yaml) {
        Ok(config) => config.warnings().iter().map(ToString::to_string).collect(),
        Err(errors) => errors
            .errors()
            .iter()
            .chain(errors.warnings())
            .map(ToString::to_string)
            .collect(),
    }
}

macro_rules! cases {
    ($($name:ident: $yaml:literal => [$($line:literal),* $(,)?];)*) => {$(
        #[test]
        fn $name() {
            let expected: &[&str] = &[$($line),*];
            assert_eq!(said($yaml), expected);
        }
    )*};
}

cases! {
    an_empty_file:
        r##"
"## => [
        "f.yaml:1:1: error[E013]: a configuration is a mapping, found nothing; begin with `pack:` and `policies:`",
    ];

    a_list:
        r##"
- a
"## => [
        "f.yaml:1:1: error[E013]: a configuration is a mapping, found a list; begin with `pack:` and `policies:`",
    ];

    only_required_keys:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
"## => [
    ];

    missing_sections:
        r##"
providers:
  targets:
    - {id: a, provider: fireworks}
"## => [
        "f.yaml:1:1: error[E005]: the required key `pack` is missing; `pack` is: name and version",
        "f.yaml:1:1: error[E005]: the required key `policies` is missing; `policies` is: the policy chain",
    ];

    pack_keys:
        r##"
pack:
  nme: x
  version: v1
  enabled: yes
policies:
  chian: []
"## => [
        "f.yaml:2:3: error[E002] at pack.nme: unknown key `nme`; did you mean `name`?",
        "f.yaml:2:3: error[E005] at pack: the required key `name` is missing; `name` is: name, shown at start and in events",
        "f.yaml:3:12: error[E007] at pack.version: expected a version such as `1.0.0`",
        "f.yaml:4:12: error[E004] at pack.enabled: expected true or false, found text; write `true` or `false` without quotes",
        "f.yaml:6:3: error[E002] at policies.chian: unknown key `chian`; did you mean `chain`?",
        "f.yaml:6:3: error[E005] at policies: the required key `chain` is missing; `chain` is: policy kinds in the order in which they run",
    ];

    a_version_that_is_a_number:
        r##"
pack: {name: x, version: 1.0}
policies: {chain: []}
"## => [
        "f.yaml:1:26: error[E004] at pack.version: expected text, found a number with a fraction; write a version such as `1.0.0`",
    ];

    policy_kinds:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: [prompt-injecton, audit-logger, audit-logger, 5]}
policy:
  pii-detecter: {}
  quantum-shield: {}
"## => [
        "f.yaml:2:20: error[E001] at policies.chain[0]: unknown policy kind `prompt-injecton`; did you mean `prompt-injection`?",
        "f.yaml:2:51: error[E010] at policies.chain[2]: `audit-logger` is already in the chain, at position 2; list each kind once",
        "f.yaml:2:65: error[E004] at policies.chain[3]: expected one of a few words, found a whole number; allowed are `prompt-injection`, `pii-detector`, `safety-filter`, `audit-logger`, `data-routing-policy`, `rbac`, `agent-firewall`, `dlp-filter`, `hipaa-phi-detector`, `embedding-detector`, `language-validator`, `bot-detector`, `external-moderation`, `content-extractor`, `cjis-mode`, `student-privacy`, `case-privacy`, `itar-ear-filter`, `entity-list-filter`, `dual-use-filter`, `code-sanitation`, `quality-scorer`, `citation-verifier`, `response-rewriter`, `human-oversight` and `flagged-review`",
        "f.yaml:4:3: error[E001] at policy.pii-detecter: unknown policy kind `pii-detecter`; did you mean `pii-detector`?",
        "f.yaml:5:3: error[E001] at policy.quantum-shield: unknown policy kind `quantum-shield`; remove it; `fw-gateway schema` prints the valid keys",
        "f.yaml:2:37: warning[E003] at policies.chain[1]: `audit-logger` has no block under `policy`; its defaults apply",
        "f.yaml:2:37: warning[W003] at policies.chain[1]: `audit-logger` is not the last of the chain; place it last: it records what all others decided",
    ];

    a_chain_that_is_no_list:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: prompt-injection}
"## => [
        "f.yaml:2:19: error[E004] at policies.chain: expected a list, found text; write a list: one line per item, each beginning with `- `",
    ];

    blocks_and_chain_that_do_not_match:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: [embedding-detector, audit-logger]}
policy:
  safety-filter: {mode: strict}
  embedding-detector: {foo: 1}
"## => [
        "f.yaml:2:40: warning[E003] at policies.chain[1]: `audit-logger` has no block under `policy`; its defaults apply",
        "f.yaml:4:3: warning[W001] at policy.safety-filter: `safety-filter` is configured but not in `policies.chain`, so it never runs; add it to the chain, or remove the block",
        "f.yaml:5:23: warning[W002] at policy.embedding-detector: the settings in this block are not checked; their keys are not published in full; see the documentation of the kind",
    ];

    a_store_of_responses_that_nobody_needs:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
responses_store: {path: responses.redb}
providers: {targets: [{id: a, provider: fireworks, messages: convert}, {id: b, provider: openai}]}
"## => [
        "f.yaml:3:18: warning[W003] at responses_store: every target has a Responses API of its own, so nothing is ever stored here; remove the section, or set `responses: emulate` in a target",
    ];

    messages_at_a_provider_that_has_none:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers: {targets: [{id: a, provider: openai, messages: native}, {id: b, provider: vllm, base_url: http://127.0.0.1:1, messages: native}]}
"## => [
        "f.yaml:3:59: warning[W003] at providers.targets[0].messages: OpenAI has no Messages API: it would refuse every such request; write `convert`, or leave it out",
    ];

    a_store_of_responses_and_a_target_that_are_wrong:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
responses_store: {path: responses.redb, max_bytes: 0, keep: 1}
providers: {targets: [{id: a, provider: fireworks, messages: chat, responses: emulate}]}
"## => [
        "f.yaml:3:52: error[E007] at responses_store.max_bytes: must be at least 1",
        "f.yaml:3:55: error[E002] at responses_store.keep: unknown key `keep`; valid keys are `max_bytes`, `path` and `retention_days`",
        "f.yaml:4:62: error[E006] at providers.targets[0].messages: `chat` is not allowed here; allowed are `native` and `convert`",
    ];

    policy_sections:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: [prompt-injection, pii-detector, safety-filter, audit-logger]}
policy:
  prompt-injection:
    action: blok
    attack_patterns: ['(']
    backend: openai
    detection: {attack_patterns: "x", embedding_threshold: 1.5}
    encoding: {decode_base64: "true"}
  pii-detector:
    action: mask
    redaction: {marker-format: label}
    entities: [E MAIL]
  safety-filter:
    mode: strickt
    unknwn: 1
  audit-logger:
    retention_days: 40000
    log_all_acess: true
"## => [
        "f.yaml:5:13: error[E006] at policy.prompt-injection.action: `blok` is not allowed here; did you mean `block`? Allowed are `block`, `flag` and `escalate`",
        "f.yaml:6:23: error[E007] at policy.prompt-injection.attack_patterns[0]: not a valid pattern at its character 1: unclosed group",
        "f.yaml:7:14: error[E006] at policy.prompt-injection.backend: `openai` is not allowed here; the only value is `local`",
        "f.yaml:8:34: error[E004] at policy.prompt-injection.detection.attack_patterns: expected a list, found text; write a list: one line per item, each beginning with `- `",
        "f.yaml:8:60: error[E007] at policy.prompt-injection.detection.embedding_threshold: must be between 0 and 1",
        "f.yaml:9:31: error[E004] at policy.prompt-injection.encoding.decode_base64: expected true or false, found text; write `true` or `false` without quotes",
        "f.yaml:11:13: error[E006] at policy.pii-detector.action: `mask` is not allowed here; allowed are `redact`, `block`, `flag` and `pseudonymize`",
        "f.yaml:12:17: error[E002] at policy.pii-detector.redaction.marker-format: unknown key `marker-format`; did you mean `marker_format`?",
        "f.yaml:13:16: error[E007] at policy.pii-detector.entities[0]: unknown type `E MAIL`; did you mean `EMAIL`?",
        "f.yaml:15:11: error[E006] at policy.safety-filter.mode: `strickt` is not allowed here; did you mean `strict`? Allowed are `critical_infrastructure`, `automotive`, `education`, `law_enforcement` and `strict`",
        "f.yaml:16:5: error[E002] at policy.safety-filter.unknwn: unknown key `unknwn`; valid keys are `action`, `block_if`, `built_in_terms`, `categories`, `fuzzy_matching`, `incomplete`, `max_age`, `max_distance`, `mode`, `request`, `response`, `self_harm`, `threshold` and `weights`",
        "f.yaml:18:21: error[E007] at policy.audit-logger.retention_days: must be between 1 and 36500",
        "f.yaml:19:5: error[E002] at policy.audit-logger.log_all_acess: unknown key `log_all_acess`; did you mean `log_all_access`?",
    ];

    an_audit_log_that_promises_what_it_cannot:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: [audit-logger]}
policy:
  audit-logger: {immutable: false, capture: redacted, durability: never}
"## => [
        "f.yaml:4:29: error[E012] at policy.audit-logger.immutable: the records of this log cannot be changed after they were written: each has a hash over all before it; set it to true, or leave it out",
        "f.yaml:4:45: error[E012] at policy.audit-logger.capture: text would be kept as it came: `pii-detector` is not in the chain; use `none`, or have `pii-detector` redact, with the fail mode `block`",
        "f.yaml:4:67: error[E006] at policy.audit-logger.durability: `never` is not allowed here; allowed are `batched` and `sync`",
    ];

    spellings_that_disagree:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: [prompt-injection]}
policy:
  prompt-injection:
    threshold: 0.5
    embedding_threshold: 0.6
"## => [
        "f.yaml:5:16: error[E012] at policy.prompt-injection.threshold: is not what `embedding_threshold` says; both mean the same, so leave one of them out",
    ];

    actions_that_disagree:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: [prompt-injection]}
policy:
  prompt-injection:
    action: block
    response: {action: log}
"## => [
        "f.yaml:5:13: error[E012] at policy.prompt-injection.action: is not what `response.action` says; both mean the same, so leave one of them out",
    ];

    settings_of_classifiers_that_cannot_work:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: [prompt-injection, safety-filter]}
policy:
  prompt-injection:
    threshold: 0.5
    detection: {embedding_threshold: 0.6}
    attack_patterns: [fine, 'a*']
    thresholds: {tool: 2}
    exfiltration_links: {allow_hosts: [a.example, 'https://b.example']}
  safety-filter:
    block_if: [nightfall, '...', '']
    fuzzy_matching: true
    max_distance: 0
    categories: {violence: {threshold: 0.3, action: allow}, crimes: {}}
    self_harm: {message: ' '}
    response: 5
"## => [
        "f.yaml:6:38: error[E012] at policy.prompt-injection.detection.embedding_threshold: is not what `threshold` says; both mean the same, so leave one of them out",
        "f.yaml:8:24: error[E007] at policy.prompt-injection.thresholds.tool: must be between 0 and 1",
        "f.yaml:9:51: error[E007] at policy.prompt-injection.exfiltration_links.allow_hosts[1]: write a host name such as `images.example.com`, without scheme and port",
        "f.yaml:11:34: error[E007] at policy.safety-filter.block_if[2]: must not be empty",
        "f.yaml:13:19: error[E007] at policy.safety-filter.max_distance: is 0, but `fuzzy_matching` is true; write 1 to 3, or turn fuzzy matching off",
        "f.yaml:14:61: error[E002] at policy.safety-filter.categories.crimes: unknown key `crimes`; did you mean `crime`?",
        "f.yaml:15:26: error[E007] at policy.safety-filter.self_harm.message: write a message of 1 to 4096 bytes",
        "f.yaml:16:15: error[E004] at policy.safety-filter.response: expected a mapping, found a whole number; write a mapping with `message` and `threshold`",
    ];

    patterns_and_terms_that_fit_everything_or_nothing:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: [prompt-injection, safety-filter]}
policy:
  prompt-injection:
    detection:
      attack_patterns: [fine, 'a*']
  safety-filter:
    block_if: [nightfall, ' ']
"## => [
        "f.yaml:6:31: error[E007] at policy.prompt-injection.detection.attack_patterns[1]: matches the empty text, so every request would be an attack",
        "f.yaml:8:27: error[E007] at policy.safety-filter.block_if[1]: is empty; a term has at least one word",
    ];

    an_external_service_that_cannot_be_asked:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: [external-moderation, pii-detector]}
policy:
  pii-detector: {}
  external-moderation:
    url: http://moderation.example/v1
    format: clasification
    labels: ['']
    secret_key_ref: {env: KEY, store: x}
    timeout_ms: 0
"## => [
        "f.yaml:7:13: error[E006] at policy.external-moderation.format: `clasification` is not allowed here; did you mean `classification`? Allowed are `moderation`, `classification` and `score`",
        "f.yaml:8:14: error[E007] at policy.external-moderation.labels[0]: must not be empty",
        "f.yaml:9:32: error[E002] at policy.external-moderation.secret_key_ref: unknown key (not shown, it may be a secret); valid keys are `env`",
        "f.yaml:10:17: error[E007] at policy.external-moderation.timeout_ms: must be between 1 and 60000",
        "f.yaml:2:20: warning[W003] at policies.chain[0]: `external-moderation` is asked after all other policies, about what they left; place it after them",
        "f.yaml:6:10: warning[W003] at policy.external-moderation.url: keys and text travel unencrypted over `http://`; use `https://` except on this machine",
    ];

    an_external_service_that_nobody_named:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: [external-moderation]}
"## => [
        "f.yaml:2:20: error[E005] at policies.chain[0]: `external-moderation` has to know whom to ask; write its address: `policy.external-moderation.url`",
    ];

    an_external_service_with_settings_that_do_nothing:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: [external-moderation]}
policy:
  external-moderation: {url: 'https://me@a.example', format: classification, model: m}
"## => [
        "f.yaml:4:24: error[E007] at policy.external-moderation.labels: name the labels that count, as the model calls them: [INJECTION]",
        "f.yaml:4:30: error[E007] at policy.external-moderation.url: write an address such as `https://api.openai.com/v1/moderations`, without user name and password",
        "f.yaml:4:85: error[E007] at policy.external-moderation.model: does nothing: only the format `moderation` sends it; the address says which model answers",
    ];

    target_keys:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers:
  targets:
    - id: a
      provider: fireworks
      weigth: 2
      timeout: 5
      timeout_seconds: 1.5
      stream_timeout_seconds: 0
      connect_timeout_seconds: "5"
      format: openapi
    - provider: ''
      model: 5
"## => [
        "f.yaml:7:7: error[E002] at providers.targets[0].weigth: unknown key `weigth`; did you mean `weight`?",
        "f.yaml:8:7: error[E002] at providers.targets[0].timeout: unknown key `timeout`; did you mean `timeout_seconds`?",
        "f.yaml:9:24: error[E004] at providers.targets[0].timeout_seconds: expected a whole number, found a number with a fraction",
        "f.yaml:10:31: error[E007] at providers.targets[0].stream_timeout_seconds: must be between 1 and 86400",
        "f.yaml:11:32: error[E004] at providers.targets[0].connect_timeout_seconds: expected a whole number, found text; write the number alone, without quotes or unit",
        "f.yaml:12:15: error[E006] at providers.targets[0].format: `openapi` is not allowed here; did you mean `openai`? Allowed are `openai` and `anthropic`",
        "f.yaml:13:7: error[E005] at providers.targets[1]: the required key `id` is missing; `id` is: unique name of this target",
        "f.yaml:13:17: error[E007] at providers.targets[1].provider: must not be empty",
        "f.yaml:14:14: error[E004] at providers.targets[1].model: expected text, found a whole number; put it in quotes",
    ];

    target_ids_used_twice:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers:
  targets:
    - {id: a, provider: fireworks}
    - {id: b, provider: fireworks}
    - {id: a, provider: openai}
"## => [
        "f.yaml:7:12: error[E010] at providers.targets[2].id: another target is already called `a`, on line 5; give each target its own `id`",
    ];

    no_targets:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers: {targets: []}
"## => [
        "f.yaml:3:22: error[E007] at providers.targets: the list is empty; add at least one item",
    ];

    target_details:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers:
  targets:
    - id: c
      provider: foo:image:x
      base_url: api.fireworks.ai
      pricing: {prompt: 1}
      api_key_header: "a b"
      health_probe: {interval_seconds: 5, timeout_seconds: 10}
    - id: d
      provider: fireworks
      zdr: true
      data_policy: {zero_data_retention: false}
      escalation_routing: {team_id: a, user_id: b}
"## => [
        "f.yaml:6:17: error[E007] at providers.targets[0].provider: `image` is not a kind of model; write name:kind:model with chat, completion or embedding",
        "f.yaml:7:17: error[E007] at providers.targets[0].base_url: the address must start with `https://` or `http://`",
        "f.yaml:8:16: error[E005] at providers.targets[0].pricing: the required key `completion` is missing; `completion` is: completion tokens",
        "f.yaml:9:23: error[E007] at providers.targets[0].api_key_header: not a header name; use letters, digits and `-`",
        "f.yaml:10:21: error[E007] at providers.targets[0].health_probe: `timeout_seconds` is longer than `interval_seconds`",
        "f.yaml:13:12: error[E012] at providers.targets[1].zdr: contradicts `data_policy.zero_data_retention`; keep one of them",
        "f.yaml:15:27: error[E012] at providers.targets[1].escalation_routing: the mapping has too many keys; give exactly one of `team_id` and `user_id`",
    ];

    weights:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers:
  targets:
    - {id: a, provider: fireworks, weight: -1}
    - {id: b, provider: fireworks, weight: .nan}
    - {id: c, provider: fireworks, weight: .inf}
    - {id: d, provider: fireworks, weight: heavy}
    - {id: e, provider: fireworks, weight: 1e300}
"## => [
        "f.yaml:5:44: error[E007] at providers.targets[0].weight: must be between 0 and 1000000",
        "f.yaml:6:44: error[E004] at providers.targets[1].weight: not a finite number",
        "f.yaml:7:44: error[E004] at providers.targets[2].weight: not a finite number",
        "f.yaml:8:44: error[E004] at providers.targets[3].weight: expected a number, found text; write the number alone, without quotes or unit",
        "f.yaml:9:44: error[E007] at providers.targets[4].weight: must be between 0 and 1000000",
    ];

    weights_that_are_all_zero:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers:
  strategy: weighted_round_robin
  targets:
    - {id: a, provider: fireworks, weight: 0}
    - {id: b, provider: fireworks, weight: 0.0}
"## => [
        "f.yaml:6:44: error[E012] at providers.targets[0].weight: every target has weight zero, so none would get traffic; give at least one target a weight above zero",
    ];

    weights_that_nobody_looks_at:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers:
  strategy: least_busy
  targets:
    - {id: a, provider: fireworks, weight: 1.0}
    - {id: b, provider: fireworks, weight: 2}
    - {id: c, provider: fireworks, weight: 3}
"## => [
        "f.yaml:7:44: warning[W003] at providers.targets[1].weight: the strategy `least_busy` does not look at weights; use `weighted_round_robin`, or remove it",
    ];

    weights_that_a_group_looks_at:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers: {targets: [{id: a, provider: fireworks, model: m, weight: 2}]}
model_groups: [{name: g, strategy: weighted, targets: [a]}]
"## => [
    ];

    several_keys:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers:
  targets:
    - id: a
      provider: fireworks
      keys: [{env: A}, {env: A}, {env: B, name: A}, {env: C D}, {}, {env: E, store: F}]
    - id: b
      provider: fireworks
      keys: [{env: A, weight: 0}, {env: B, weight: 0}]
    - id: c
      provider: fireworks
      secret_key_ref: {env: A}
      keys: [{env: A}, {env: B, weight: 0}]
    - id: d
      provider: fireworks
      keys: [fw_secret123, {env: A, weight: -1}, {envv: A}, {fw_secret456: }]
"## => [
        "f.yaml:7:13: error[E007] at providers.targets[0].keys: key 2: the variable is already used; name each once",
        "f.yaml:7:13: error[E007] at providers.targets[0].keys: key 3: the name is already used; give each key its own",
        "f.yaml:7:13: error[E007] at providers.targets[0].keys: key 4: names of variables and secrets have only ASCII letters, digits, `_`, `-` and `.`",
        "f.yaml:7:13: error[E007] at providers.targets[0].keys: key 5: give exactly one of `env` and `store`",
        "f.yaml:7:13: error[E007] at providers.targets[0].keys: key 6: give exactly one of `env` and `store`",
        "f.yaml:10:13: error[E007] at providers.targets[1].keys: every key has weight zero; give at least one a weight above zero",
        "f.yaml:14:13: error[E007] at providers.targets[2].keys: key 1: the variable is already used; name each once",
        "f.yaml:17:14: error[E004] at providers.targets[3].keys[0]: expected a mapping, found text; write a mapping with `env`, `name`, `store` and `weight`",
        "f.yaml:17:45: error[E007] at providers.targets[3].keys[1].weight: must be between 0 and 1000000",
        "f.yaml:17:51: error[E002] at providers.targets[3].keys[2].envv: unknown key `envv`; did you mean `env`?",
        "f.yaml:17:62: error[E002] at providers.targets[3].keys[3]: unknown key (not shown, it may be a secret); valid keys are `env`, `name`, `store` and `weight`",
    ];

    keys:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers:
  targets:
    - id: a
      provider: fireworks
      secret_key_ref: fw_secret123
    - id: b
      provider: fireworks
      secret_key_ref: {envv: X}
      api_key: 12345
    - id: c
      provider: fireworks
      secret_key_ref: {fw_secret456: }
    - id: d
      provider: fireworks
      secret_key_ref: {env: A, store: B}
    - id: e
      provider: fireworks
      secret_key_ref: {}
    - id: f
      provider: fireworks
      secret_key_ref: {env: A B}
    - id: g
      provider: fireworks
      secret_key_ref: {env: A}
      api_key: fw_secret789
"## => [
        "f.yaml:7:23: error[E004] at providers.targets[0].secret_key_ref: expected a mapping, found text; write a mapping with `env` and `store`",
        "f.yaml:10:24: error[E002] at providers.targets[1].secret_key_ref.envv: unknown key `envv`; did you mean `env`?",
        "f.yaml:11:16: error[E004] at providers.targets[1].api_key: expected text, found a whole number; put it in quotes",
        "f.yaml:14:24: error[E002] at providers.targets[2].secret_key_ref: unknown key (not shown, it may be a secret); valid keys are `env` and `store`",
        "f.yaml:17:23: error[E012] at providers.targets[3].secret_key_ref: the mapping has too many keys; give exactly one of `env` and `store`",
        "f.yaml:20:23: error[E012] at providers.targets[4].secret_key_ref: the mapping is empty; give exactly one of `env` and `store`",
        "f.yaml:23:23: error[E007] at providers.targets[5].secret_key_ref: names of variables and secrets have only ASCII letters, digits, `_`, `-` and `.`",
        "f.yaml:27:16: error[E007] at providers.targets[6].api_key: give either `api_key` or `secret_key_ref`, not both",
        "f.yaml:11:16: warning[W003] at providers.targets[1].api_key: the key stands in the file; prefer `secret_key_ref: {env: NAME}`",
        "f.yaml:27:16: warning[W003] at providers.targets[6].api_key: the key stands in the file; prefer `secret_key_ref: {env: NAME}`",
    ];

    routing_blocks:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers:
  strategy: weightd
  targets:
    - {id: a, provider: fireworks}
    - {id: b, provider: fireworks}
  ab_test:
    variants:
      - {provider_id: aa, weight: 0}
      - {provider_id: aa, weight: 0}
  mirror: {mirror_target: zzz, sample_rate: 2}
  retry: {retry_on: [429, 7xx, 200, true], max_attempts: 0, initial_backoff_ms: 5000, max_backoff_ms: 100}
  fallback: {strategy: latency, triggers: [timeot]}
  circuit_breaker: {cooldown_seconds: 5, recovery_timeout: 5}
"## => [
        "f.yaml:4:13: error[E006] at providers.strategy: `weightd` is not allowed here; did you mean `weighted`? Allowed are `single`, `ordered`, `fallback`, `round_robin`, `weighted_round_robin`, `random`, `least_busy`, `lowest_latency`, `highest_throughput`, `lowest_cost` and `adaptive`",
        "f.yaml:10:9: error[E012] at providers.ab_test.variants: every variant has weight zero, so none would get traffic; give at least one variant a weight above zero",
        "f.yaml:10:23: error[E011] at providers.ab_test.variants[0].provider_id: there is no target `aa`; did you mean `a`?",
        "f.yaml:11:23: error[E010] at providers.ab_test.variants[1].provider_id: another variant is already called `aa`, on line 10; give each variant its own `provider_id`",
        "f.yaml:11:23: error[E011] at providers.ab_test.variants[1].provider_id: there is no target `aa`; did you mean `a`?",
        "f.yaml:12:27: error[E011] at providers.mirror.mirror_target: there is no target `zzz`; defined are `a` and `b`",
        "f.yaml:12:45: error[E007] at providers.mirror.sample_rate: must be between 0 and 1",
        "f.yaml:13:27: error[E006] at providers.retry.retry_on[1]: `7xx` is not allowed here; did you mean `5xx`? Allowed are `5xx`, `timeout`, `connect` and `rate_limit`",
        "f.yaml:13:32: error[E007] at providers.retry.retry_on[2]: must be between 400 and 599",
        "f.yaml:13:37: error[E004] at providers.retry.retry_on[3]: expected one of a few words, found true or false; allowed are `5xx`, `timeout`, `connect` and `rate_limit`",
        "f.yaml:13:58: error[E007] at providers.retry.max_attempts: must be between 1 and 100",
        "f.yaml:13:81: error[E012] at providers.retry.initial_backoff_ms: longer than `max_backoff_ms`; make it shorter, or the other longer",
        "f.yaml:14:14: error[E002] at providers.fallback.strategy: unknown key `strategy`; write `providers.routing.strategy`",
        "f.yaml:14:44: error[E006] at providers.fallback.triggers[0]: `timeot` is not allowed here; did you mean `timeout`? Allowed are `rate_limit`, `timeout` and `server_error`",
        "f.yaml:15:42: error[E012] at providers.circuit_breaker.recovery_timeout: `cooldown_seconds` and `recovery_timeout` are two spellings of one key; keep `cooldown_seconds`",
    ];

    resilience_out_of_bounds:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers:
  targets: [{id: a, provider: fireworks}, {id: b, provider: fireworks}]
  hedge: {delay: 200}
  retry: {budget_percent: -1, budget_min_per_second: many}
  circuit_breaker: {error_ratio: 0, window_seconds: 0, min_requests: 0}
  ab_test: {sticky_by: "user id", variants: [{provider_id: a, weight: 1}]}
health_monitor: {interval_seconds: 5, timeout_seconds: 6}
"## => [
        "f.yaml:5:11: error[E002] at providers.hedge.delay: unknown key `delay`; did you mean `delay_ms`?",
        "f.yaml:6:27: error[E007] at providers.retry.budget_percent: must be between 0 and 1000",
        "f.yaml:6:54: error[E004] at providers.retry.budget_min_per_second: expected a number, found text; write the number alone, without quotes or unit",
        "f.yaml:7:34: error[E007] at providers.circuit_breaker.error_ratio: must be between 0.01 and 1",
        "f.yaml:7:53: error[E007] at providers.circuit_breaker.window_seconds: must be between 1 and 86400",
        "f.yaml:7:70: error[E007] at providers.circuit_breaker.min_requests: must be between 1 and 4294967295",
        "f.yaml:8:24: error[E007] at providers.ab_test.sticky_by: expected `user_id`, or the name of a header such as `x-user-id`",
        "f.yaml:9:17: error[E007] at health_monitor: `timeout_seconds` is longer than `interval_seconds`",
    ];

    blocks_that_need_a_second_target:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers:
  targets: [{id: a, provider: fireworks}]
  hedge: {delay_ms: 200}
  fallback: {}
"## => [
        "f.yaml:5:10: warning[W003] at providers.hedge: there is no second target to ask; add a target, or remove the block",
        "f.yaml:6:13: warning[W003] at providers.fallback: there is no second target to fall back to; add a target, or remove the block",
    ];

    groups_in_circles:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers: {targets: [{id: a, provider: fireworks, model: m}]}
model_groups:
  - {name: outside, targets: [a], fallback_group: one}
  - {name: one, targets: [a], fallback_group: two}
  - {name: two, targets: [a], fallback_group: three}
  - {name: three, targets: [a], fallback_group: one}
  - {name: alone, targets: [a], fallback_group: alone}
  - {name: good, targets: [a], fallback_group: last}
  - {name: last, targets: [a]}
"## => [
        "f.yaml:6:47: error[E012] at model_groups[1].fallback_group: the groups `one`, `two` and `three` fall back to each other in a circle; let the last of them fall back to none",
        "f.yaml:9:49: error[E012] at model_groups[4].fallback_group: the group `alone` falls back to itself; remove it, or name another group",
    ];

    members_of_groups:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers: {targets: [{id: a, provider: 'fireworks:chat:m'}, {id: b, provider: fireworks, model: m}, {id: c, provider: acme}]}
model_groups:
  - {name: g, targets: [{provider: firework}, {provider: fireworks, model: m}, {provider: a, model: m}]}
  - {name: h, strategy: weighted, targets: [{provider: a, weight: 0}, {provider: b, weight: 0}]}
  - {name: a, targets: [b]}
  - {name: i, targets: [c, {provider: acme}, {provider: c, model: m}]}
  - {name: j, targets: [{provider: a, weight: 2}, {provider: b}]}
"## => [
        "f.yaml:5:36: error[E011] at model_groups[0].targets[0].provider: there is no target or provider `firework`; did you mean `fireworks`?",
        "f.yaml:6:67: error[E012] at model_groups[1].targets: every member has weight zero, so none would get traffic; give at least one member a weight above zero",
        "f.yaml:8:25: error[E012] at model_groups[3].targets[0]: the target has no model of its own, so it would be asked for the group's name; give the target a `model`, or this member one",
        "f.yaml:8:28: error[E012] at model_groups[3].targets[1]: the target has no model of its own, so it would be asked for the group's name; give the target a `model`, or this member one",
        "f.yaml:7:12: warning[W003] at model_groups[2].name: `a` is also the id of a target; as a model it means this group; give them different names",
        "f.yaml:9:47: warning[W003] at model_groups[4].targets: the strategy `ordered` does not look at weights; add `strategy: weighted_round_robin` to the group, or remove them",
    ];

    two_strategies:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers:
  strategy: single
  routing: {strategy: ordered}
  targets: [{id: a, provider: fireworks}]
"## => [
        "f.yaml:4:13: warning[W003] at providers.strategy: `routing.strategy` is also given, and wins; keep one of the two",
    ];

    references:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
model_groups:
  - {name: a, targets: [main-tarjet], aliases: [b]}
  - {name: b, models: [{provider: x}], targets: [zzz], fallback_group: c}
  - {name: d}
routes:
  - {name: r, path: v1, methods: [post], upstream: main, match: glob}
consumer_groups:
  - {name: a}
  - {name: a}
  - {name: c, api_key: sekret, upstream: nowhere}
  - {name: d, api_key: sekret}
providers:
  targets: [{id: main-target, provider: fireworks}]
"## => [
        "f.yaml:4:25: error[E011] at model_groups[0].targets[0]: there is no target `main-tarjet`; did you mean `main-target`?",
        "f.yaml:5:5: error[E012] at model_groups[1]: has both `targets` and `models`; list its members under `targets`",
        "f.yaml:5:12: error[E010] at model_groups[1].name: the model name `b` is already used on line 4; give each group and alias its own name",
        "f.yaml:5:35: error[E011] at model_groups[1].models[0].provider: there is no target or provider `x`; defined are `main-target` and `fireworks`",
        "f.yaml:5:50: error[E011] at model_groups[1].targets[0]: there is no target `zzz`; defined are `main-target`",
        "f.yaml:5:72: error[E011] at model_groups[1].fallback_group: there is no model group `c`; defined are `a`, `b` and `d`",
        "f.yaml:6:5: error[E012] at model_groups[2]: has no targets; list its members under `targets`",
        "f.yaml:8:21: error[E007] at routes[0].path: expected a path that begins with `/`",
        "f.yaml:8:35: error[E007] at routes[0].methods[0]: expected an HTTP method in capitals, such as `POST`",
        "f.yaml:8:52: error[E011] at routes[0].upstream: there is no target `main`; defined are `main-target`",
        "f.yaml:8:65: error[E006] at routes[0].match: `glob` is not allowed here; allowed are `prefix` and `exact`",
        "f.yaml:11:5: error[E010] at consumer_groups[1].api_key: the group on line 10 has no key either, so both would be the default group; give each group a key of its own",
        "f.yaml:11:12: error[E010] at consumer_groups[1].name: another consumer group is already called `a`, on line 10; give each consumer group its own `name`",
        "f.yaml:12:42: error[E011] at consumer_groups[2].upstream: there is no target `nowhere`; defined are `main-target`",
        "f.yaml:13:24: error[E010] at consumer_groups[3].api_key: the group on line 12 has the same key; give each group a key of its own",
    ];

    limits_and_network:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
global_rate_limit: {max_requests: 0}
token_rate_limit: {max_tokens: 5, window_seconds: 5, scope: team}
size_limits: {max_body_bytes: 5000000000, max_response_bytes: -1}
ip_allowlist: {cidrs: [10.0.0.0/99, localhost]}
cors: {allowed_origins: ['*'], allow_credentials: true, max_age: 5, max_age_seconds: 6}
"## => [
        "f.yaml:3:20: error[E005] at global_rate_limit: the required key `window_seconds` is missing; `window_seconds` is: length of the window",
        "f.yaml:3:35: error[E007] at global_rate_limit.max_requests: must be at least 1",
        "f.yaml:4:61: error[E006] at token_rate_limit.scope: `team` is not allowed here; allowed are `global`, `ip` and `user`",
        "f.yaml:5:31: error[E007] at size_limits.max_body_bytes: must be between 1 and 1073741824",
        "f.yaml:5:63: error[E007] at size_limits.max_response_bytes: must be between 1 and 1073741824",
        "f.yaml:6:24: error[E007] at ip_allowlist.cidrs[0]: expected a network such as `10.0.0.0/8`, or an address",
        "f.yaml:6:37: error[E007] at ip_allowlist.cidrs[1]: expected a network such as `10.0.0.0/8`, or an address",
        "f.yaml:7:51: error[E012] at cors.allow_credentials: credentials cannot be allowed for every origin (`*`); list the origins, or set this to false",
        "f.yaml:7:69: error[E012] at cors.max_age_seconds: `max_age` and `max_age_seconds` are two spellings of one key; keep `max_age`",
    ];

    a_section_without_value:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
ip_allowlist:
"## => [
        "f.yaml:3:13: error[E004] at ip_allowlist: the key has no value; give it one, or remove the key",
    ];

    other_sections:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
callbacks:
  - {type: slack}
  - {host: x}
agents: {bot: {max_cost: 1}}
cache: {mode: fuzzy, ttl_seconds: soon}
history: {mode: {a: b}}
testing: {suites: [{name: x, cases: [{name: y, input: {a: .nan}}]}]}
"## => [
        "f.yaml:4:12: error[E006] at callbacks[0].type: `slack` is not allowed here; allowed are `langfuse`, `datadog`, `prometheus` and `helicone`",
        "f.yaml:5:5: error[E005] at callbacks[1]: the required key `type` is missing; `type` is: what receives",
        "f.yaml:6:16: error[E002] at agents.bot.max_cost: unknown key `max_cost`; did you mean `max_cost_usd_per_day`?",
        "f.yaml:7:15: error[E006] at cache.mode: `fuzzy` is not allowed here; allowed are `exact` and `semantic`",
        "f.yaml:7:35: error[E004] at cache.ttl_seconds: expected a whole number, found text; write the number alone, without quotes or unit",
        "f.yaml:8:17: error[E004] at history.mode: expected one of a few words, found a mapping; allowed are `raw`",
        "f.yaml:9:38: error[E005] at testing.suites[0].cases[0]: the required key `expected` is missing; `expected` is: what must come of it: `verdict` and more",
        "f.yaml:9:59: error[E004] at testing.suites[0].cases[0].input.a: not a finite number",
    ];

    keys_of_other_places_and_dialects:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
retry: {max_attempts: 3}
targets: []
strategy: single
provider_fallback: {}
rate_limits: {}
ip_alowlist: {}
totally_different: 1
"a b\tc": 1
"## => [
        "f.yaml:3:1: error[E002] at retry: unknown key `retry`; did you mean `providers.retry`?",
        "f.yaml:4:1: error[E002] at targets: unknown key `targets`; did you mean `providers.targets`?",
        "f.yaml:5:1: error[E002] at strategy: unknown key `strategy`; did you mean `providers.strategy`?",
        "f.yaml:6:1: error[E002] at provider_fallback: unknown key `provider_fallback`; write `providers.fallback`",
        "f.yaml:7:1: error[E002] at rate_limits: unknown key `rate_limits`; write `global_rate_limit`, `ip_rate_limit`, `user_rate_limit` or `token_rate_limit`",
        "f.yaml:8:1: error[E002] at ip_alowlist: unknown key `ip_alowlist`; did you mean `ip_allowlist`?",
        "f.yaml:9:1: error[E002] at totally_different: unknown key `totally_different`; remove it; `fw-gateway schema` prints the valid keys",
        "f.yaml:10:1: error[E002] at [\"a b\\tc\"]: unknown key `a b?c`; remove it; `fw-gateway schema` prints the valid keys",
    ];

    keys_written_twice:
        r##"
pack: {name: x, version: 1.0.0}
pack: {name: y, version: 1.0.0}
policies: {chain: [], chain: []}
"## => [
        "f.yaml:2:1: error[E008] at pack: the key `pack` occurs twice in one mapping; it is already set on line 1; keep one of the two",
        "f.yaml:3:23: error[E008] at policies.chain: the key `chain` occurs twice in one mapping; it is already set on line 3; keep one of the two",
    ];

    an_old_form_of_document:
        r##"
version: '1'
policies:
  - type: pii
"## => [
        "f.yaml:2:1: error[E013] at policies: `policies` as a list belongs to an old form of document that is not supported; list the kinds under `policies.chain` and their settings under `policy.<kind>`",
    ];

    a_single_policy_document:
        r##"
policy:
  name: prompt-injection
  version: 1.0.0
  enabled: true
  detection: {attack_patterns: []}
"## => [
        "f.yaml:1:1: error[E013] at policy: single-policy documents are not supported; write a pack: `pack` with name and version, `policies.chain: [prompt-injection]`, and the settings under `policy.prompt-injection`",
    ];

    an_open_bracket:
        r##"
pack: {name: x
policies: [
"## => [
        "f.yaml:2:9: error[E009]: not valid YAML: while parsing a flow mapping, did not find expected ',' or '}'",
    ];

    a_tab:
        r##"
pack:
	name: x
"## => [
        "f.yaml:2:2: error[E009]: not valid YAML: tabs disallowed within this context (block indentation)",
    ];

    an_open_quote:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers:
  targets:
    - id: d
      provider: fireworks
      api_key: "fw_secret
"## => [
        "f.yaml:8:1: error[E009]: not valid YAML: invalid indentation in multiline quoted scalar",
    ];

    a_colon_in_a_key:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers:
  targets:
    - id: d
      provider: fireworks
      api_key: fw_secret: abc
"## => [
        "f.yaml:7:25: error[E009]: not valid YAML: mapping values are not allowed in this context",
    ];

    an_alias_without_anchor:
        r##"
pack: *nope
"## => [
        "f.yaml:1:7: error[E009]: this alias has no anchor",
    ];

    a_merge_key:
        r##"
a: &a {x: 1}
b: {<<: *a}
"## => [
        "f.yaml:2:5: error[E009]: merge keys (`<<`) are not supported; write the keys out, or layer files",
    ];

    a_tag:
        r##"
pack: !custom {name: x}
"## => [
        "f.yaml:1:15: error[E009]: tags (`!...`) are not supported; put the value in quotes",
    ];

    two_documents:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
---
pack: {}
"## => [
        "f.yaml:4:1: error[E009]: the file holds more than one YAML document; keep one",
    ];

    a_key_that_is_a_list:
        r##"
? [a]
: b
"## => [
        "f.yaml:1:3: error[E009]: not valid YAML here: expected string scalar",
    ];

    a_pack_that_is_switched_off:
        r##"
pack: {name: x, version: 1.0.0, enabled: false}
policies: {chain: []}
"## => [
        "f.yaml:1:42: warning[W003] at pack.enabled: this configuration is switched off; the gateway will refuse to run it",
    ];

    a_key_in_the_file_and_an_open_connection:
        r##"
pack: {name: x, version: 1.0.0}
policies: {chain: []}
providers:
  targets:
    - id: a
      provider: fireworks
      api_key: fw_secret
      base_url: http://example.com/v1
    - id: b
      provider: fireworks
      base_url: http://127.0.0.1:8000/v1
"## => [
        "f.yaml:7:16: warning[W003] at providers.targets[0].api_key: the key stands in the file; prefer `secret_key_ref: {env: NAME}`",
        "f.yaml:8:17: warning[W003] at providers.targets[0].base_url: keys and text travel unencrypted over `http://`; use `https://` except on this machine",
    ];
}

#[test]
fn no_message_holds_a_secret() {
    let places = [
        "api_key: {}",
        "api_key: [{}]",
        "api_key: {a: {}}",
        "secret_key_ref: {}",
        "secret_key_ref: {env: {}, store: {}}",
        "secret_key_ref: {{}: }",
        "secret_key_ref: {env: [{}]}",
        "keys: {}",
        "keys: [{}]",
        "keys: [{{}: }]",
        "keys: [{env: {}, store: {}}]",
        "keys: [{env: [{}]}]",
        "api_key: '{}",
        "api_key: {}: {}",
        "api_key: !{} x",
        "api_key: *{}",
        "api_key: !!int {}",
        "base_url: https://me:{}@host/v1",
        "base_url: '{} '",
        "pricing: {}",
        "weight: {}",
        "timeout_seconds: {}",
    ];
    for place in places {
        let line = place.replace("{}", "fw_5ecr3t");
        let yaml = format!(
            "pack: {{name: x, version: 1.0.0}}\npolicies: {{chain: []}}\nproviders:\n  targets:\n    - id: a\n      \
             provider: fireworks\n      {line}\n"
        );
        let said = said(&yaml).join("\n");
        assert!(!said.contains("5ecr3t"), "{place}: {said}");
        let debug = match Config::parse("f.yaml", &yaml) {
            Ok(config) => format!("{config:?}"),
            Err(errors) => format!("{errors:?}"),
        };
        // What is not a secret's place may be shown by `Debug`.
        if line.starts_with("api_key") {
            assert!(!debug.contains("5ecr3t"), "{place}: {debug}");
        }
    }
}
