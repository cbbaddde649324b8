//! The upstream client of the fw gateway as a tower service: Fireworks, OpenAI and anything compatible.

mod target;

pub use target::{
    DataCollection, DataPolicy, EscalationRouting, HealthProbe, LiteralKey, MAX_SECONDS, Pricing,
    ProviderName, SecretKeyRef, TargetConfig, TargetProblem, Transport, WireFormat,
};
