//! Who looked at the log: a small log of its own beside it, so that it works while the gateway holds the log.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use fw_audit::{AuditLog, LogConfig, OpenError, RecordKind, Segments, Timestamp};
use serde::Serialize;

use super::CommandError;
use crate::cli::{AuditCommand, LogArgs};
pub(super) use crate::gateway::FOLDER;

/// How long another command may hold that log.
const PATIENCE: Duration = Duration::from_secs(5);

/// An access.
#[derive(Serialize)]
struct Access<'a> {
    time: Timestamp,
    /// The name in the environment, which can be set to anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    /// The user that the process runs as.
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<u32>,
    command: &'static str,
    /// As they were given.
    arguments: &'a [String],
}

/// Records that a command is about to look at the log.
///
/// What shows records needs it; what only checks them goes on with a note.
pub(super) fn record(
    directory: &Path,
    args: &LogArgs,
    command: &AuditCommand,
    notes: &mut impl Write,
) -> Result<(), CommandError> {
    let arguments: Vec<String> = env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let access = Access {
        time: Timestamp::now(),
        user: env::var("USER").or_else(|_| env::var("LOGNAME")).ok(),
        uid: uid(),
        command: name(command),
        arguments: &arguments,
    };
    let Err(reason) = append(directory, &access) else {
        return Ok(());
    };
    let shows = !matches!(
        command,
        AuditCommand::Verify(_) | AuditCommand::Head(_) | AuditCommand::Keys(_)
    );
    if shows && !args.unrecorded {
        return Err(CommandError::log(format!(
            "this access cannot be recorded: {reason}; in a copy of the log, --unrecorded goes on without"
        )));
    }
    let _ = writeln!(notes, "note: this access is not recorded: {reason}");
    Ok(())
}

fn append(directory: &Path, access: &Access<'_>) -> Result<(), String> {
    // A folder without a log, or any other, gets none of ours.
    match Segments::list(directory) {
        Ok(segments) if segments.is_empty() => return Err("there is no log".to_owned()),
        Ok(_) => {}
        Err(error) => return Err(error.to_string()),
    }
    let began = Instant::now();
    let log = loop {
        match AuditLog::open(LogConfig::new(folder(directory)).name(FOLDER)) {
            Ok(log) => break log,
            Err(error) if OpenError::is_locked(&error) && began.elapsed() < PATIENCE => {
                thread::sleep(Duration::from_millis(20));
            }
            Err(error) => return Err(explained(&error, &folder(directory))),
        }
    };
    log.append(RecordKind::Access, access)
        .map_err(|error| error.to_string())?
        .wait_synced()
        .map_err(|error| error.to_string())?;
    drop(log);
    give_to_owner(directory).map_err(|error| error.to_string())
}

/// What is in the way, and whose it is.
fn explained(error: &OpenError, folder: &Path) -> String {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let owner = std::fs::metadata(folder).map(|folder| folder.uid()).ok();
        if let Some(owner) = owner.filter(|owner| uid().is_some_and(|uid| uid != *owner)) {
            return format!(
                "{error}; {} belongs to the user {owner}: run this as that user, or as root",
                folder.display()
            );
        }
    }
    #[cfg(not(unix))]
    let _ = folder;
    error.to_string()
}

/// What root makes in the log of another user is that user's: who reads the log as that user next has to be able
/// to record that.
fn give_to_owner(directory: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, chown};
        let owner = std::fs::metadata(directory)?;
        if uid() != Some(0) || owner.uid() == 0 {
            return Ok(());
        }
        let folder = folder(directory);
        let give = |path: &Path| chown(path, Some(owner.uid()), Some(owner.gid()));
        for entry in std::fs::read_dir(&folder)? {
            give(&entry?.path())?;
        }
        give(&folder)?;
    }
    #[cfg(not(unix))]
    let _ = directory;
    Ok(())
}

/// Where accesses to a log are recorded; those to the log of accesses in itself.
fn folder(directory: &Path) -> PathBuf {
    let is_its_own = directory.canonicalize().is_ok_and(|path| {
        let parent = path.parent().map(Segments::list);
        path.ends_with(FOLDER)
            && parent.is_some_and(|list| list.is_ok_and(|segments| !segments.is_empty()))
    });
    if is_its_own {
        directory.to_owned()
    } else {
        directory.join(FOLDER)
    }
}

fn name(command: &AuditCommand) -> &'static str {
    match command {
        AuditCommand::Verify(_) => "verify",
        AuditCommand::Head(_) => "head",
        AuditCommand::Tail(_) => "tail",
        AuditCommand::Query(_) => "query",
        AuditCommand::Export(_) => "export",
        AuditCommand::Stats(_) => "stats",
        AuditCommand::Keys(_) => "keys",
    }
}

/// The user that this process runs as, where the system tells it in a file.
fn uid() -> Option<u32> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Some(std::fs::metadata("/proc/self").ok()?.uid())
    }
    #[cfg(not(unix))]
    None
}
