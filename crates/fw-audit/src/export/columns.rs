//! The columns of a table of records.

/// A column.
pub(super) struct Column {
    pub(super) name: &'static str,
    /// Where its value is in a record.
    pub(super) pointer: &'static str,
    #[cfg_attr(
        not(feature = "parquet"),
        allow(dead_code, reason = "CSV has no types")
    )]
    pub(super) holds: Holds,
}

/// What values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    Whole,
    Real,
    Time,
}

const fn column(name: &'static str, pointer: &'static str, holds: Holds) -> Column {
    Column {
        name,
        pointer,
        holds,
    }
}

pub(super) const COLUMNS: [Column; 27] = [
    column("seq", "/seq", Holds::Whole),
    column("kind", "/kind", Holds::Text),
    column("time", "/time", Holds::Time),
    column("accepted", "/accepted", Holds::Whole),
    column("request_id", "/request_id", Holds::Text),
    column("trace_id", "/trace_id", Holds::Text),
    column("client", "/client", Holds::Text),
    column("endpoint", "/endpoint", Holds::Text),
    column("model", "/model", Holds::Text),
    column("model_served", "/model_served", Holds::Text),
    column("target", "/target", Holds::Text),
    column("verdict", "/verdict", Holds::Text),
    column("prompt_tokens", "/tokens/prompt", Holds::Whole),
    column("cached_tokens", "/tokens/cached", Holds::Whole),
    column("completion_tokens", "/tokens/completion", Holds::Whole),
    column("cost_usd", "/cost_usd", Holds::Real),
    column("ttft_ms", "/ttft_ms", Holds::Real),
    column("total_ms", "/total_ms", Holds::Real),
    column("status", "/status", Holds::Whole),
    column("end", "/end", Holds::Text),
    column("bytes", "/bytes", Holds::Whole),
    column("reply_bytes", "/reply_bytes", Holds::Whole),
    column("prompt", "/prompt", Holds::Text),
    column("reply", "/reply", Holds::Text),
    column("config_name", "/config/name", Holds::Text),
    column("config_version", "/config/version", Holds::Text),
    column("hash", "/hash", Holds::Text),
];

/// Columns after those: lists.
pub(super) const LISTS: [&str; 3] = ["policies", "attempts", "changes"];
