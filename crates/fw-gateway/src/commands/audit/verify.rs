//! `audit verify`.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use fw_audit::{Head, Kind, Progress, Query, Verified, VerifyError, VerifyOptions};

use super::access::FOLDER;
use super::{CommandError, flushed, unreadable};
use crate::cli::VerifyArgs;
use crate::gateway::KnownAccesses;

/// The width of the progress bar, in characters.
const WIDTH: u64 = 40;

/// How many records in a row may have no signature among them. The gateway signs after 1,024; a few times as many
/// are left by one that is killed again and again.
const MAX_UNSIGNED: u64 = 4 * 1024;

/// Verifies the log, and that of the accesses to it.
pub(super) fn verify(
    args: &VerifyArgs,
    directory: &Path,
    output: &mut impl Write,
    notes: impl Write + Send,
    progress: bool,
) -> Result<(), CommandError> {
    let mut options = VerifyOptions::new()
        .signed_end(args.signed_end)
        .max_unsigned(MAX_UNSIGNED);
    if let Some(threads) = args.threads {
        options = options.threads(threads);
    }
    // The log of accesses has a key of its own, and its own head.
    let accesses = options.clone();
    for path in &args.public_key {
        let shown = path.display();
        let text = fs::read_to_string(path)
            .map_err(|error| CommandError::option(format!("cannot read {shown}: {error}")))?;
        for key in text.lines().filter(|line| !line.trim().is_empty()) {
            let key = key
                .parse()
                .map_err(|error| CommandError::option(format!("{shown}: {error}")))?;
            options = options.public_key(key);
        }
    }
    if let Some(head) = &args.expect_head {
        let head = head
            .parse()
            .map_err(|error| CommandError::option(format!("--expect-head: {error}")))?;
        options = options.expect_head(head);
    }

    let bar = Bar::new(notes, progress);
    let verified = fw_audit::verify(directory, &options, |at| bar.show(at));
    let mut notes = bar.clear();
    let verified = verified.map_err(failed)?;
    flushed(writeln!(output, "{}", line(&verified)))?;
    if verified.key_beside_log() {
        let _ = writeln!(
            notes,
            "note: checked with the key beside the log, which whoever rewrites the log can rewrite too; keep a \
             copy elsewhere and name it with --public-key"
        );
    }
    if verified.unsigned() > 0 {
        let _ = writeln!(
            notes,
            "note: the last {} records are not signed yet; a head that was kept elsewhere and --expect-head show \
             whether the end was cut off",
            verified.unsigned()
        );
    }
    if verified.torn() > 0 {
        let _ = writeln!(
            notes,
            "note: the last line is not whole ({} bytes): it is being written, or was when the process died",
            verified.torn()
        );
    }
    let folder = directory.join(FOLDER);
    let known = known_accesses(directory)?;
    if folder.is_dir() {
        let mut accesses = accesses.signed_end(false);
        if let Some(head) = known.filter(|head| head.seq > 0) {
            accesses = accesses.expect_head(head.hash);
        }
        let verified = fw_audit::verify(&folder, &accesses, |_| ())
            .map_err(|error| failed_in(FOLDER, error))?;
        flushed(writeln!(output, "{FOLDER}: {}", line(&verified)))?;
    } else if let Some(head) = known {
        return Err(CommandError::tampered(format!(
            "{FOLDER}: it is missing, but the log knows of {} lines in it",
            head.seq
        )));
    }
    Ok(())
}

/// How far the log of accesses was when the gateway started the last time.
fn known_accesses(directory: &Path) -> Result<Option<Head>, CommandError> {
    let newest = Query::new()
        .kind(Kind::Access)
        .newest_first()
        .limit(1)
        .scan();
    let found = newest
        .run(directory)
        .and_then(|mut records| records.next().transpose())
        .map_err(|error| unreadable(directory, &error))?;
    let known = found.and_then(|found| found.read::<KnownAccesses>().ok());
    Ok(known.map(|known| known.accesses))
}

fn failed(error: VerifyError) -> CommandError {
    match error.bad() {
        Some(bad) => CommandError::tampered(bad.to_string()),
        None => CommandError::log(error.to_string()),
    }
}

fn failed_in(folder: &str, error: VerifyError) -> CommandError {
    match error.bad() {
        Some(bad) => CommandError::tampered(format!("{folder}: {bad}")),
        None => CommandError::log(error.to_string()),
    }
}

/// What was found to be right.
fn line(verified: &Verified) -> String {
    let head = verified.head();
    let mut line = format!(
        "verified {} records in {} files ({} bytes), {} signatures; head {} {}",
        verified.records(),
        verified.segments(),
        verified.bytes(),
        verified.signatures(),
        head.seq,
        head.hash,
    );
    if let Some(removed) = verified.removed() {
        line += &format!("; removed by retention up to number {}", removed.seq);
    }
    if verified.dropped() > 0 {
        line += &format!(
            "; {} records were dropped when they came",
            verified.dropped()
        );
    }
    if let Some(seq) = verified.expected_head() {
        line += &format!("; the expected head is number {seq}");
    }
    line
}

/// A progress bar on one line, drawn by whoever has something new to show.
struct Bar<N> {
    drawn: Mutex<(N, Option<u64>)>,
    shown: bool,
}

impl<N: Write> Bar<N> {
    fn new(notes: N, shown: bool) -> Self {
        Self {
            drawn: Mutex::new((notes, None)),
            shown,
        }
    }

    fn show(&self, progress: Progress) {
        if !self.shown {
            return;
        }
        let percent = (progress.bytes * 100)
            .checked_div(progress.of)
            .unwrap_or(100);
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        // Threads may come late.
        if drawn.1.is_some_and(|drawn| drawn >= percent) {
            return;
        }
        drawn.1 = Some(percent);
        let full = (percent * WIDTH / 100) as usize;
        let (full, empty) = ("#".repeat(full), ".".repeat(WIDTH as usize - full));
        let written = write!(drawn.0, "\rverifying [{full}{empty}] {percent:3} %");
        let _ = written.and_then(|()| drawn.0.flush());
    }

    /// Takes the bar away.
    fn clear(self) -> N {
        let (mut notes, drawn) = self
            .drawn
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        if drawn.is_some() {
            // Back, and empty to the end of the line.
            let _ = write!(notes, "\r\u{1b}[K");
        }
        notes
    }
}
