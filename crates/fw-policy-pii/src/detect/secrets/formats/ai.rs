//! Model providers and the tools around them.

use super::Part::{Run, Text};
use super::{Check, Format};
use crate::detect::secrets::alphabet::Alphabet as A;

pub(super) const FORMATS: &[Format] = &[
    Format::new(
        "openai-project-key",
        "sk-proj-",
        &[Run(A::URL64, 40, 200)],
        "https://platform.openai.com/docs/api-reference/authentication",
    ),
    Format::new(
        "openai-service-key",
        "sk-svcacct-",
        &[Run(A::URL64, 40, 200)],
        "https://platform.openai.com/docs/api-reference/authentication",
    ),
    Format::new(
        "openai-admin-key",
        "sk-admin-",
        &[Run(A::URL64, 40, 200)],
        "https://platform.openai.com/docs/api-reference/admin-api-keys",
    ),
    Format::new(
        "openai-key",
        "sk-None-",
        &[Run(A::URL64, 40, 200)],
        "https://platform.openai.com/docs/api-reference/authentication",
    ),
    Format::new(
        "openai-key",
        "sk-",
        &[Run(A::ALNUM, 48, 51)],
        "https://platform.openai.com/docs/api-reference/authentication",
    )
    .check(Check::Digit),
    Format::new(
        "openai-key",
        "sk-",
        &[Run(A::URL64, 40, 200)],
        "https://platform.openai.com/docs/api-reference/authentication",
    )
    .check(Check::Contains("T3BlbkFJ")),
    Format::new(
        "anthropic-key",
        "sk-ant-api03-",
        &[Run(A::URL64, 80, 120)],
        "https://docs.anthropic.com/en/api/overview#authentication",
    )
    .check(Check::Ends("AA")),
    Format::new(
        "anthropic-admin-key",
        "sk-ant-admin01-",
        &[Run(A::URL64, 80, 120)],
        "https://docs.anthropic.com/en/api/administration-api",
    )
    .check(Check::Ends("AA")),
    Format::new(
        "anthropic-oauth-token",
        "sk-ant-oat01-",
        &[Run(A::URL64, 80, 120)],
        "https://docs.anthropic.com/en/docs/claude-code/setup",
    )
    .check(Check::Ends("AA")),
    Format::new(
        "anthropic-refresh-token",
        "sk-ant-ort01-",
        &[Run(A::URL64, 80, 120)],
        "https://docs.anthropic.com/en/docs/claude-code/setup",
    )
    .check(Check::Ends("AA")),
    Format::new(
        "openrouter-key",
        "sk-or-v1-",
        &[Run(A::HEX, 64, 64)],
        "https://openrouter.ai/docs/api-reference/authentication",
    ),
    Format::new(
        "deepseek-key",
        "sk-",
        &[Run(A::HEX, 32, 32)],
        "https://api-docs.deepseek.com/",
    ),
    Format::new(
        "fireworks-key",
        "fw_",
        &[Run(A::ALNUM, 22, 24)],
        "https://docs.fireworks.ai/api-reference/introduction",
    )
    .check(Check::Random),
    Format::new(
        "hugging-face-token",
        "hf_",
        &[Run(A::ALNUM, 34, 34)],
        "https://huggingface.co/docs/hub/security-tokens",
    )
    .check(Check::MixedCase),
    Format::new(
        "hugging-face-organization-token",
        "api_org_",
        &[Run(A::LETTERS, 34, 34)],
        "https://huggingface.co/docs/hub/security-tokens",
    ),
    Format::new(
        "replicate-token",
        "r8_",
        &[Run(A::URL64, 37, 37)],
        "https://replicate.com/docs/topics/security/api-tokens",
    )
    .check(Check::Digit),
    Format::new(
        "groq-key",
        "gsk_",
        &[Run(A::ALNUM, 52, 52)],
        "https://console.groq.com/docs/quickstart",
    ),
    Format::new(
        "xai-key",
        "xai-",
        &[Run(A::ALNUM, 70, 90)],
        "https://docs.x.ai/docs/tutorial",
    ),
    Format::new(
        "perplexity-key",
        "pplx-",
        &[Run(A::ALNUM, 48, 56)],
        "https://docs.perplexity.ai/getting-started/quickstart",
    ),
    Format::new(
        "together-key",
        "tgp_v1_",
        &[Run(A::URL64, 43, 43)],
        "https://docs.together.ai/docs/quickstart",
    ),
    Format::new(
        "nvidia-key",
        "nvapi-",
        &[Run(A::URL64, 60, 70)],
        "https://docs.api.nvidia.com/nim/reference/llm-apis",
    ),
    Format::new(
        "langsmith-key",
        "lsv2_pt_",
        &[Run(A::HEX, 32, 32), Text("_"), Run(A::HEX, 10, 10)],
        "https://docs.smith.langchain.com/administration/how_to_guides/organization_management/create_account_api_key",
    ),
    Format::new(
        "langsmith-service-key",
        "lsv2_sk_",
        &[Run(A::HEX, 32, 32), Text("_"), Run(A::HEX, 10, 10)],
        "https://docs.smith.langchain.com/administration/how_to_guides/organization_management/create_account_api_key",
    ),
    Format::new(
        "langfuse-key",
        "sk-lf-",
        &[Run(A::UUID, 36, 36)],
        "https://langfuse.com/docs/api",
    ),
    Format::new(
        "elevenlabs-key",
        "sk_",
        &[Run(A::HEX, 48, 48)],
        "https://elevenlabs.io/docs/api-reference/authentication",
    ),
    Format::new(
        "pinecone-key",
        "pcsk_",
        &[Run(A::ALNUM, 5, 6), Text("_"), Run(A::ALNUM, 50, 70)],
        "https://docs.pinecone.io/guides/projects/manage-api-keys",
    ),
    Format::new(
        "cerebras-key",
        "csk-",
        &[Run(A::LOWER_ALNUM, 48, 48)],
        "https://inference-docs.cerebras.ai/quickstart",
    ),
    Format::new(
        "voyage-key",
        "pa-",
        &[Run(A::URL64, 43, 43)],
        "https://docs.voyageai.com/docs/api-key-and-installation",
    )
    .check(Check::Random),
    Format::new(
        "jina-key",
        "jina_",
        &[Run(A::URL64, 50, 70)],
        "https://jina.ai/api-dashboard/",
    ),
    Format::new(
        "tavily-key",
        "tvly-",
        &[Run(A::ALNUM, 32, 32)],
        "https://docs.tavily.com/documentation/api-reference/introduction",
    ),
    Format::new(
        "tavily-key",
        "tvly-dev-",
        &[Run(A::ALNUM, 32, 32)],
        "https://docs.tavily.com/documentation/api-reference/introduction",
    ),
    Format::new(
        "tavily-key",
        "tvly-prod-",
        &[Run(A::ALNUM, 32, 32)],
        "https://docs.tavily.com/documentation/api-reference/introduction",
    ),
    Format::new(
        "firecrawl-key",
        "fc-",
        &[Run(A::HEX, 32, 32)],
        "https://docs.firecrawl.dev/api-reference/introduction",
    ),
    Format::new(
        "anyscale-key",
        "esecret_",
        &[Run(A::LOWER_ALNUM, 26, 40)],
        "https://docs.anyscale.com/endpoints/",
    ),
    Format::new(
        "friendli-token",
        "flp_",
        &[Run(A::ALNUM, 40, 52)],
        "https://friendli.ai/docs/guides/personal_access_tokens",
    ),
    Format::new(
        "google-api-key",
        "AIza",
        &[Run(A::URL64, 35, 35)],
        "https://cloud.google.com/docs/authentication/api-keys",
    ),
    Format::new(
        "google-auth-key",
        "AQ.Ab8",
        &[Run(A::URL64, 40, 60)],
        "https://ai.google.dev/gemini-api/docs/api-key",
    ),
    Format::new(
        "amazon-bedrock-key",
        "ABSKQmVkcm9ja0FQSUtleS",
        &[Run(A::BASE64, 100, 300)],
        "https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html",
    ),
    Format::new(
        "amazon-bedrock-short-term-key",
        "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t",
        &[Run(A::BASE64, 50, 4000)],
        "https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html",
    ),
    Format::new(
        "e2b-key",
        "e2b_",
        &[Run(A::HEX, 40, 40)],
        "https://e2b.dev/docs/api-key",
    ),
    Format::new(
        "helicone-key",
        "sk-helicone-",
        &[
            Run(A::LOWER_ALNUM, 7, 7),
            Text("-"),
            Run(A::LOWER_ALNUM, 7, 7),
            Text("-"),
            Run(A::LOWER_ALNUM, 7, 7),
            Text("-"),
            Run(A::LOWER_ALNUM, 7, 7),
        ],
        "https://docs.helicone.ai/helicone-headers/helicone-auth",
    ),
];
