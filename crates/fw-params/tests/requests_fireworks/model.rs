//! Which model goes upstream.

use fw_params::{Fireworks, ParamsLayer};
use fw_wire::Endpoint::{ChatCompletions, Completions, Embeddings};

use super::{becomes, becomes_with, refused};

#[test]
fn the_model_is_sent_without_prefix_and_in_full() {
    for (asked, sent) in [
        ("fireworks/glm-5p3", "accounts/fireworks/models/glm-5p3"),
        ("fireworks/accounts/acme/models/x", "accounts/acme/models/x"),
        (
            "fireworks:chat:glm-5p3",
            "accounts/fireworks/models/glm-5p3",
        ),
        ("glm-5p3", "accounts/fireworks/models/glm-5p3"),
        ("kimi-k3-fast", "accounts/fireworks/routers/kimi-k3-fast"),
        ("fireworks/auto", "accounts/fireworks/routers/auto"),
    ] {
        becomes(
            ChatCompletions,
            &format!(r#"{{ "model" : "{asked}", "messages":[] }}"#),
            &format!(r#"{{ "model" : "{sent}", "messages":[] }}"#),
            "set model",
        );
    }
}

#[test]
fn a_full_name_and_a_deployment_are_left_alone() {
    for name in [
        "accounts/acme/deployments/d",
        "glm-5p3#acme/d",
        "accounts/a/models/b#d",
    ] {
        let body = format!(r#"{{"model":"{name}","messages":[]}}"#);
        becomes(ChatCompletions, &body, &body, "");
    }
}

#[test]
fn embedding_models_by_hugging_face_name_are_left_alone() {
    let body = r#"{"model":"nomic-ai/nomic-embed-text-v1.5","input":"x"}"#;
    becomes(Embeddings, body, body, "");
    becomes(
        Embeddings,
        r#"{"model":"fireworks/nomic-ai/nomic-embed-text-v1.5","input":"x"}"#,
        body,
        "set model",
    );
    becomes(
        Embeddings,
        r#"{"model":"fireworks/qwen3-embedding-8b","input":"x"}"#,
        r#"{"model":"accounts/fireworks/models/qwen3-embedding-8b","input":"x"}"#,
        "set model",
    );
}

#[test]
fn a_known_name_or_none_means_the_target_s_own_model() {
    let layer = ParamsLayer::new(Fireworks)
        .model("fireworks/glm-5p3")
        .known_models(["fast", "gpt-4o", "target-1"]);
    let sent = r#"{"model":"accounts/fireworks/models/glm-5p3","prompt":"x"}"#;
    for asked in [
        "fast",
        "gpt-4o",
        "target-1",
        "fireworks/target-1",
        "fireworks:chat:fast",
        "fireworks/",
        "glm-5p3",
        "",
    ] {
        let body = format!(r#"{{"model":"{asked}","prompt":"x"}}"#);
        becomes_with(&layer, Completions, &body, sent, "set model");
    }
    becomes_with(
        &layer,
        Completions,
        r#"{"prompt":"x"}"#,
        r#"{"prompt":"x","model":"accounts/fireworks/models/glm-5p3"}"#,
        "added model",
    );
    becomes_with(
        &layer,
        Completions,
        r#"{"model":null,"prompt":"x"}"#,
        r#"{"prompt":"x","model":"accounts/fireworks/models/glm-5p3"}"#,
        "removed model; added model",
    );
    // Any other name passes, unchecked.
    becomes_with(
        &layer,
        Completions,
        r#"{"model":"other","prompt":"x"}"#,
        r#"{"model":"accounts/fireworks/models/other","prompt":"x"}"#,
        "set model",
    );
    let own = layer.unknown_models(fw_params::UnknownModels::TargetModel);
    becomes_with(
        &own,
        Completions,
        r#"{"model":"other","prompt":"x"}"#,
        sent,
        "set model",
    );
}

#[test]
fn a_model_of_another_provider_is_not_found_here() {
    let layer = ParamsLayer::new(Fireworks)
        .model("glm-5p3")
        .known_providers(["groq"]);
    for (asked, provider) in [("openai/gpt-4o", "openai"), ("groq:chat:x", "groq")] {
        let body = format!(r#"{{"model":"{asked}","messages":[]}}"#);
        let code = Some("model_not_found");
        let message = refused(&layer, ChatCompletions, &body, 404, code, Some("model"));
        assert!(
            message.contains(provider) && message.contains("fireworks"),
            "{message}"
        );
    }
    let body = r#"{"model":"anthropic/x","messages":[]}"#;
    becomes(ChatCompletions, body, body, "");
}

#[test]
fn no_model_anywhere_is_refused() {
    let layer = ParamsLayer::new(Fireworks);
    for body in [
        r#"{"messages":[]}"#,
        r#"{"model":"","messages":[]}"#,
        r#"{"model":"fireworks/"}"#,
    ] {
        let code = Some("model_required");
        refused(&layer, ChatCompletions, body, 400, code, Some("model"));
    }
}
