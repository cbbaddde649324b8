//! Options of `audit`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// Options of `audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// What to do with the log.
    #[command(subcommand)]
    pub command: AuditCommand,
}

/// The subcommands of `audit`. Each is itself recorded, in the folder `access` of the log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Check that the log is as it was written. Exits with 3, and says where, if it is not.
    Verify(VerifyArgs),
    /// Print the number and the hash of the last line. Keep them elsewhere, for `verify --expect-head`.
    Head(HeadArgs),
    /// Print the last records, and those that come.
    Tail(TailArgs),
    /// Find records.
    Query(QueryArgs),
    /// Write records in a format that other programs read.
    Export(ExportArgs),
    /// Print requests, verdicts, tokens and cost by day and model.
    Stats(StatsArgs),
    /// Print the key that the log is signed with.
    Keys(KeysArgs),
}

/// Which log.
#[derive(Debug, Clone, Default, Args)]
pub struct LogArgs {
    /// The directory of the log. `policy.audit-logger.directory` of the configuration unless given, and
    /// `audit/` without a configuration.
    #[arg(value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// The policy configuration that names the directory. Given more than once, later files override earlier
    /// ones.
    #[arg(long, value_name = "FILE", conflicts_with = "directory")]
    pub policy_config: Vec<PathBuf>,
    /// Go on where the access cannot be recorded, such as in a copy that is read-only.
    #[arg(long)]
    pub unrecorded: bool,
}

/// Options of `audit verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Which log.
    #[command(flatten)]
    pub log: LogArgs,
    /// A public key that was kept elsewhere. Given more than once where the key was changed. Without one the
    /// key beside the log is taken, which whoever rewrites the log can rewrite too.
    #[arg(long, value_name = "FILE")]
    pub public_key: Vec<PathBuf>,
    /// A hash that `head` printed earlier: the log must still hold its line. Nothing else shows that the end
    /// was cut off.
    #[arg(long, value_name = "HASH")]
    pub expect_head: Option<String>,
    /// The last record must be signed: so it is when the gateway has ended by itself or started again.
    #[arg(long)]
    pub signed_end: bool,
    /// Threads; as many as there are processors unless given.
    #[arg(long, value_name = "N")]
    pub threads: Option<std::num::NonZero<usize>>,
}

/// Options of `audit head`.
#[derive(Debug, Args)]
pub struct HeadArgs {
    /// Which log.
    #[command(flatten)]
    pub log: LogArgs,
}

/// Options of `audit tail`.
#[derive(Debug, Args)]
pub struct TailArgs {
    /// Which log.
    #[command(flatten)]
    pub log: LogArgs,
    /// How many records to begin with.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    pub records: usize,
    /// Go on with records that come.
    #[arg(short, long)]
    pub follow: bool,
    /// Print the lines of the log instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// Which records.
#[derive(Debug, Clone, Default, Args)]
pub struct FilterArgs {
    /// From this time on: `2026-11-21`, `2026-11-21T17:46:14Z`, or a time ago such as `30m`, `12h`, `7d`.
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Before this time.
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// With this verdict: `allow`, `redact`, `flag`, `block`, `escalate` or `error`.
    #[arg(long, value_name = "VERDICT")]
    pub verdict: Option<String>,
    /// In which this policy did something, such as `pii-detector`.
    #[arg(long, value_name = "POLICY")]
    pub policy: Option<String>,
    /// Of this model, asked for or served; its last part is enough.
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,
    /// Of this client, as the log names it.
    #[arg(long, value_name = "CLIENT")]
    pub client: Option<String>,
    /// That this target answered.
    #[arg(long, value_name = "TARGET")]
    pub target: Option<String>,
    /// Of this request.
    #[arg(long, value_name = "ID")]
    pub request_id: Option<String>,
    /// Read the whole log instead of its indexes, which whoever can write to the folder can change.
    #[arg(long)]
    pub scan: bool,
}

/// Options of `audit query`.
#[derive(Debug, Args)]
pub struct QueryArgs {
    /// Which log.
    #[command(flatten)]
    pub log: LogArgs,
    /// Which records.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Records of which kind.
    #[arg(long, value_name = "KIND", value_enum, default_value_t = RecordKinds::Finished)]
    pub kind: RecordKinds,
    /// Requests that were accepted and never finished: in flight, or when the process died.
    #[arg(long, conflicts_with = "kind")]
    pub unfinished: bool,
    /// No more than so many records.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// The last record first.
    #[arg(long)]
    pub newest_first: bool,
    /// How they look.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = QueryFormat::Table)]
    pub format: QueryFormat,
}

/// Options of `audit export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Which log.
    #[command(flatten)]
    pub log: LogArgs,
    /// Which records.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Records of which kind.
    #[arg(long, value_name = "KIND", value_enum, default_value_t = RecordKinds::All)]
    pub kind: RecordKinds,
    /// The format.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ExportFormats::Jsonl)]
    pub format: ExportFormats,
    /// A new file to write to, instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Options of `audit stats`.
#[derive(Debug, Args)]
pub struct StatsArgs {
    /// Which log.
    #[command(flatten)]
    pub log: LogArgs,
    /// Which records.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Options of `audit keys`.
#[derive(Debug, Args)]
pub struct KeysArgs {
    /// Which log.
    #[command(flatten)]
    pub log: LogArgs,
}

/// Records of which kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RecordKinds {
    /// Requests that have ended.
    Finished,
    /// Requests that were read.
    Accepted,
    /// Accesses to a log, in its folder `access`.
    Access,
    /// All of these.
    All,
}

/// How records look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum QueryFormat {
    /// One readable line a record.
    Table,
    /// The lines of the log.
    Json,
    /// Comma-separated values.
    Csv,
}

/// A format of exported records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormats {
    /// The lines of the log, byte for byte.
    Jsonl,
    /// Comma-separated values.
    Csv,
    /// Apache Parquet: the columns of CSV, with types.
    #[cfg(feature = "parquet")]
    Parquet,
}
