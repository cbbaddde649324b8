//! One handle a directory.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Write},
    path::Path,
};

/// Held as long as the log is open. The system takes it back from a process that died.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// The lock, `None` if another handle has it.
pub(crate) fn lock(directory: &Path) -> io::Result<Option<Lock>> {
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(directory.join("LOCK"))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // For people who look; a disk too full to say it is no reason not to hold it.
    let _ = file
        .set_len(0)
        .and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(Some(Lock { _file: file }))
}
