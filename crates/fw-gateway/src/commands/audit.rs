//! `fw-gateway audit`: whether the audit log is as it was written, and what is in it.

mod access;
mod head;
mod query;
mod stats;
mod table;
mod tail;
mod verify;
mod when;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::CommandError;
use crate::cli::{AuditArgs, AuditCommand, LogArgs};
use crate::config::Config;
use crate::config::policy::AuditLoggerConfig;

/// Where a command writes to.
#[derive(Debug)]
pub struct Terminal<O, N> {
    /// What was asked for.
    pub output: O,
    /// What there is to say about it.
    pub notes: N,
    /// Whether a person looks at the notes, so that progress is worth showing.
    pub progress: bool,
}

/// Runs a subcommand of `audit`.
///
/// # Errors
///
/// A configuration or an option that cannot be used; a log that cannot be read, or whose reading cannot be
/// recorded; a log that is not as it was written.
pub fn audit(
    args: &AuditArgs,
    terminal: Terminal<impl Write, impl Write + Send>,
) -> Result<(), CommandError> {
    let Terminal {
        output,
        mut notes,
        progress,
    } = terminal;
    let mut output = io::BufWriter::new(output);
    let log = match &args.command {
        AuditCommand::Verify(args) => &args.log,
        AuditCommand::Head(args) => &args.log,
        AuditCommand::Tail(args) => &args.log,
        AuditCommand::Query(args) => &args.log,
        AuditCommand::Export(args) => &args.log,
        AuditCommand::Stats(args) => &args.log,
        AuditCommand::Keys(args) => &args.log,
    };
    let directory = &directory(log)?;
    access::record(directory, log, &args.command, &mut notes)?;
    let result = match &args.command {
        AuditCommand::Verify(args) => verify::verify(args, directory, &mut output, notes, progress),
        AuditCommand::Head(_) => head::head(directory, &mut output),
        AuditCommand::Keys(_) => head::keys(directory, &mut output),
        AuditCommand::Tail(args) => tail::tail(args, directory, &mut output),
        AuditCommand::Query(args) => query::query(args, directory, &mut output),
        AuditCommand::Export(args) => query::export(args, directory, &mut output, notes),
        AuditCommand::Stats(args) => stats::stats(args, directory, &mut output),
    };
    result.and_then(|()| flushed(output.flush()))
}

/// The directory of the log.
fn directory(args: &LogArgs) -> Result<PathBuf, CommandError> {
    let directory = if let Some(directory) = &args.directory {
        directory.clone()
    } else if args.policy_config.is_empty() {
        AuditLoggerConfig::default().directory.into()
    } else {
        let config = Config::load(&args.policy_config).map_err(CommandError::configuration)?;
        config
            .policy
            .audit_logger
            .unwrap_or_default()
            .directory
            .into()
    };
    if !directory.is_dir() {
        return Err(CommandError::log(format!(
            "there is no audit log in {}: name its directory, or the configuration with --policy-config",
            directory.display()
        )));
    }
    Ok(directory)
}

/// A log that cannot be read.
fn unreadable(directory: &Path, error: &io::Error) -> CommandError {
    CommandError::log(format!(
        "cannot read the audit log in {}: {error}",
        directory.display()
    ))
}

/// A reader that has gone away (`| head`) is no reason to fail.
fn flushed(written: io::Result<()>) -> Result<(), CommandError> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CommandError::output(error)),
        _ => Ok(()),
    }
}
