//! The command line: what can be asked for, and nothing else.

mod audit;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use self::audit::{
    AuditArgs, AuditCommand, ExportArgs, ExportFormats, FilterArgs, HeadArgs, KeysArgs, LogArgs,
    QueryArgs, QueryFormat, RecordKinds, StatsArgs, TailArgs, VerifyArgs,
};

/// The address `run` and `demo` listen on unless told otherwise. Loopback, so that a gateway without
/// client authentication is not open to a network by accident.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8080";

/// Policies, parameter conversion and routing in front of Fireworks AI.
#[derive(Debug, Parser)]
#[command(name = "fw-gateway", version, about, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve with a policy configuration.
    Run(RunArgs),
    /// Serve with an example configuration and a built-in Fireworks simulator: no key, no network.
    Demo(DemoArgs),
    /// Check a policy configuration and say what is wrong, and where.
    Lint(LintArgs),
    /// Print the JSON Schema of the policy configuration.
    Schema,
    /// Show what the PII policy would change in a text. Reads standard input, sends nothing anywhere.
    Redact(RedactArgs),
    /// Show how the prompt-injection or the safety policy judges a text. Reads standard input, sends nothing
    /// anywhere.
    Classify(ClassifyArgs),
    /// Write a policy configuration from that of another gateway, and list what has no equivalent.
    Convert(ConvertArgs),
    /// Look at the audit log.
    Audit(Box<AuditArgs>),
}

/// Options of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The address to listen on.
    #[arg(long, value_name = "ADDR", default_value = DEFAULT_LISTEN)]
    pub listen: SocketAddr,
    /// The policy configuration. Given more than once, later files override earlier ones.
    #[arg(long, value_name = "FILE", required = true)]
    pub policy_config: Vec<PathBuf>,
    /// Options of every serving command.
    #[command(flatten)]
    pub serve: ServeArgs,
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// The address to listen on.
    #[arg(long, value_name = "ADDR", default_value = DEFAULT_LISTEN)]
    pub listen: SocketAddr,
    /// Options of every serving command.
    #[command(flatten)]
    pub serve: ServeArgs,
}

/// Options shared by `run` and `demo`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// After SIGTERM or Ctrl-C, how long requests in flight may go on before they are cut, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub drain_seconds: u64,
    /// How log lines look. They go to standard error; `RUST_LOG` sets what is logged.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

impl ServeArgs {
    /// How long requests in flight may go on after a stop signal.
    pub fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One readable line an event.
    Text,
    /// One JSON object an event.
    Json,
}

/// Options of `lint`.
#[derive(Debug, Args)]
pub struct LintArgs {
    /// The policy configuration to check. Given more than once, later files override earlier ones.
    #[arg(long, value_name = "FILE", required = true)]
    pub file: Vec<PathBuf>,
    /// Print the findings as one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Options of `redact`.
#[derive(Debug, Args)]
pub struct RedactArgs {
    /// The policy configuration whose `pii-detector` is used. Given more than once, later files override
    /// earlier ones. Without one, all types but names of persons are looked for and become markers.
    #[arg(long, value_name = "FILE")]
    pub policy_config: Vec<PathBuf>,
    /// Print the text and what was found as one JSON object. Offsets are Unicode code points.
    #[arg(long, conflicts_with = "jsonl")]
    pub json: bool,
    /// Read lines `{"id","text"}` and write a line `{"id","spans","redacted"}` for each. Offsets are Unicode
    /// code points.
    #[arg(long)]
    pub jsonl: bool,
    /// When markers are highlighted.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub color: Color,
}

/// Options of `classify`.
#[derive(Debug, Args)]
pub struct ClassifyArgs {
    /// The policy whose classifier is asked.
    #[arg(long, value_name = "KIND", value_enum)]
    pub policy: ClassifyPolicy,
    /// The policy configuration whose settings of that policy are used. Given more than once, later files
    /// override earlier ones. Without one, the defaults.
    #[arg(long, value_name = "FILE")]
    pub policy_config: Vec<PathBuf>,
    /// Where the text is taken to come from.
    #[arg(long, value_name = "CHANNEL", value_enum, default_value_t = ClassifyChannel::User)]
    pub channel: ClassifyChannel,
    /// Read lines `{"id","text"}` and write a line `{"id","score","verdict"}` for each.
    #[arg(long)]
    pub jsonl: bool,
}

/// Options of `convert`.
#[derive(Debug, Args)]
pub struct ConvertArgs {
    /// Whose configuration it is.
    #[arg(long, value_name = "GATEWAY", value_enum)]
    pub from: ConvertFrom,
    /// The configuration to read: Bifrost's `config.json`, LiteLLM's `config.yaml`.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// A new file to write to, instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// The gateways whose configurations are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ConvertFrom {
    /// Bifrost.
    Bifrost,
    /// The LiteLLM proxy.
    Litellm,
}

/// The policies that have a classifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ClassifyPolicy {
    /// Attempts to take over the model's instructions.
    PromptInjection,
    /// Unsafe content.
    SafetyFilter,
}

/// Where a text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ClassifyChannel {
    /// A user.
    User,
    /// A system or developer message.
    System,
    /// A tool's result.
    Tool,
    /// A document.
    Document,
}

/// When output is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn listens_on_loopback_unless_told_otherwise() {
        let cli = Cli::try_parse_from(["fw-gateway", "run", "--policy-config", "a.yaml"]).unwrap();
        let Command::Run(run) = cli.command else {
            panic!("{cli:?}")
        };
        assert!(run.listen.ip().is_loopback());
        assert_eq!(run.listen.port(), 8080);
    }

    #[test]
    fn policy_config_repeats_in_order_and_is_required() {
        let cli = Cli::try_parse_from([
            "fw-gateway",
            "run",
            "--policy-config",
            "a.yaml",
            "--policy-config",
            "b.yaml",
        ])
        .unwrap();
        let Command::Run(run) = cli.command else {
            panic!("{cli:?}")
        };
        assert_eq!(
            run.policy_config,
            [PathBuf::from("a.yaml"), PathBuf::from("b.yaml")]
        );
        assert!(Cli::try_parse_from(["fw-gateway", "run"]).is_err());
    }
}
