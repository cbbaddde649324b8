//! `audit head` and `audit keys`: what to keep elsewhere.

use std::fs;
use std::io::Write;
use std::path::Path;

use fw_audit::{PublicKey, Segments};

use super::{CommandError, flushed, unreadable};

/// The number and the hash of the last line.
pub(super) fn head(directory: &Path, output: &mut impl Write) -> Result<(), CommandError> {
    let head = Segments::list(directory)
        .and_then(|segments| segments.head())
        .map_err(|error| unreadable(directory, &error))?;
    flushed(writeln!(output, "{} {}", head.seq, head.hash))
}

/// The public key, and where its private half is.
pub(super) fn keys(directory: &Path, output: &mut impl Write) -> Result<(), CommandError> {
    let path = directory.join("audit.pub");
    let shown = path.display();
    let text = fs::read_to_string(&path)
        .map_err(|error| CommandError::log(format!("cannot read {shown}: {error}")))?;
    let key: PublicKey = text
        .parse()
        .map_err(|error| CommandError::log(format!("{shown}: {error}")))?;
    let private = directory.join("audit.key");
    let place = if private.exists() {
        format!("{}, beside the log", private.display())
    } else {
        "not beside the log".to_owned()
    };
    flushed(writeln!(output, "public key:  {key}\nprivate key: {place}"))
}
