//! What the collections may be used for.

/// The licence of a source; `unknown` for one that is not in the list.
#[must_use]
pub fn licence(source: &str) -> &'static str {
    match source {
        "corpus" | "own_hard_negative" | "own_sensitive_benign" | "awesome_chatgpt_prompts" => {
            "CC0-1.0"
        }
        "banking77" | "ailuminate_en" | "ailuminate_fr" => "CC-BY-4.0",
        "clinc150" => "CC-BY-3.0",
        "docs_fastchat" | "oasst_seed" | "self_instruct" | "catqa" | "dangerousqa"
        | "harmfulqa" => "Apache-2.0",
        "inthewild_jailbreak" => "MIT, bundled under Apache-2.0",
        "obfuscated" => "as the originals",
        "awesome_chatgpt_prompts_zh"
        | "bastioncorpus"
        | "cyberseceval_pi"
        | "cyberseceval_pi_multilingual"
        | "docs_axum"
        | "docs_presidio"
        | "giskard"
        | "gptfuzzer"
        | "gsm8k"
        | "hackaprompt"
        | "humaneval"
        | "self_reminder_jailbreak"
        | "spikee"
        | "advbench"
        | "cyberseceval_frr"
        | "cyberseceval_interpreter"
        | "davidson_tweets"
        | "gptfuzz_responses"
        | "harmbench" => "MIT",
        _ if source.starts_with("xquad_") => "CC-BY-SA-4.0",
        _ => "unknown",
    }
}
