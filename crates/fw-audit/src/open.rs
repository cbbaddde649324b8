//! From a directory to a log that can be written.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    config::LogConfig,
    error::OpenError,
    keys::{KeySource, PublicKey, SigningKey},
    lock,
    recover::{self, Problem, recover},
    segment::file_name,
    storage::{Disk, Storage},
    writer::{Parts, Writer},
};

/// The public key, beside the log.
pub(crate) const PUBLIC_KEY: &str = "audit.pub";
/// The private key, if it was made here.
pub(crate) const PRIVATE_KEY: &str = "audit.key";

#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) writer: Writer,
    pub(crate) key: SigningKey,
    pub(crate) directory: PathBuf,
}

pub(crate) fn open(config: LogConfig) -> Result<Opened, OpenError> {
    let storage = Arc::new(Disk::new(config.directory.clone()));
    open_in(config, storage)
}

/// With segments in `storage`; keys and lock are in the configured directory.
pub(crate) fn open_in(config: LogConfig, storage: Arc<dyn Storage>) -> Result<Opened, OpenError> {
    let directory = config.directory.clone();
    make_directory(&directory).map_err(|error| failed(&directory, error))?;
    let lock = lock::lock(&directory)
        .map_err(|error| failed(&directory.join("LOCK"), error))?
        .ok_or_else(|| OpenError::locked(directory.clone()))?;
    let key = signing_key(&config.key, &directory)?;
    let public_key = key.public_key();
    let tail = recover(storage.as_ref(), &public_key).map_err(|problem| match problem {
        Problem::Damage { file, line, what } => {
            OpenError::damaged(directory.join(file), line, what)
        }
        Problem::Key(found) => OpenError::key(
            directory.clone(),
            format!(
                "the log there is signed with the key {found}, not with {public_key}; use that key, or another \
                 directory"
            ),
        ),
        Problem::Io { file, error } => failed(&directory.join(file), error),
    })?;
    keep_public_key(&directory, &public_key)?;
    repair(storage.as_ref(), &tail).map_err(|error| failed(&directory, error))?;
    let writer = Writer::begin(Parts {
        config,
        storage,
        tail,
        key: key.clone(),
        lock,
    })
    .map_err(|error| failed(&directory, error))?;
    Ok(Opened {
        writer,
        key,
        directory,
    })
}

fn failed(path: &Path, error: io::Error) -> OpenError {
    OpenError::io(format!("the audit log in {}", path.display()), error)
}

/// Removes a last line that is not whole.
fn repair(storage: &dyn Storage, tail: &recover::Tail) -> io::Result<()> {
    if let Some(name) = &tail.stillborn {
        tracing::warn!(file = %name, "the audit log's last file had no whole line, and is begun again");
        storage.remove(name)?;
        storage.sync_directory()?;
    }
    if let Some(open) = tail.open.as_ref().filter(|open| open.torn > 0) {
        let name = file_name(open.first);
        tracing::warn!(
            file = %name, bytes = open.torn,
            "the audit log's last line was not whole, and is removed"
        );
        storage.truncate(&name, open.len)?;
    }
    Ok(())
}

fn signing_key(source: &KeySource, directory: &Path) -> Result<SigningKey, OpenError> {
    match source {
        KeySource::Seed(seed) => Ok(SigningKey::from_seed(seed)),
        KeySource::File(path) => read_key(path),
        KeySource::Generate => {
            let path = directory.join(PRIVATE_KEY);
            match path.try_exists() {
                Ok(true) => read_key(&path),
                Ok(false) if directory.join(PUBLIC_KEY).exists() => Err(OpenError::key(
                    path,
                    "it is missing, but audit.pub is there: the log is signed with another key; give it, or \
                     bring this file back",
                )),
                Ok(false) => make_key(&path),
                Err(error) => Err(failed(&path, error)),
            }
        }
    }
}

fn read_key(path: &Path) -> Result<SigningKey, OpenError> {
    if is_open_to_others(path) {
        tracing::warn!(
            file = %path.display(),
            "the key of the audit log can be read by others than its owner; chmod 600 puts that right"
        );
    }
    let text = zeroize::Zeroizing::new(
        fs::read(path)
            .map_err(|error| OpenError::io(format!("the key in {}", path.display()), error))?,
    );
    SigningKey::parse(&text).ok_or_else(|| {
        OpenError::key(
            path.to_path_buf(),
            "no key; it must be the 32 bytes of an Ed25519 seed as 64 digits of 0-9 and a-f",
        )
    })
}

/// Whether others than a file's owner may do anything with it, where that is told by a mode.
fn is_open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

fn make_key(path: &Path) -> Result<SigningKey, OpenError> {
    let (key, text) = SigningKey::generate()
        .map_err(|error| OpenError::io("a new key for the audit log", io::Error::other(error)))?;
    write_whole(path, &text, 0o600).map_err(|error| failed(path, error))?;
    Ok(key)
}

/// Writes the public key beside the log, where it is not there yet.
fn keep_public_key(directory: &Path, key: &PublicKey) -> Result<(), OpenError> {
    let path = directory.join(PUBLIC_KEY);
    let text = format!("{key}\n");
    match fs::read(&path) {
        Ok(found) if found == text.as_bytes() => return Ok(()),
        Ok(found) if found.trim_ascii() == key.to_string().as_bytes() => return Ok(()),
        Ok(found) if !found.trim_ascii().is_empty() => {
            return Err(OpenError::key(
                path,
                format!("another key than that of the log, which is {key}"),
            ));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(&path, error)),
    }
    write_whole(&path, text.as_bytes(), 0o644).map_err(|error| failed(&path, error))
}

/// Under another name first: half a key would be in the way for ever.
fn write_whole(path: &Path, text: &[u8], mode: u32) -> io::Result<()> {
    let new = path.with_added_extension("new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(&new)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&new, path)
}

/// Makes the directory, and makes sure that it stays.
fn make_directory(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(directory)?;
    match directory.parent() {
        Some(parent) if cfg!(unix) && !parent.as_os_str().is_empty() => {
            File::open(parent)?.sync_all()
        }
        _ => Ok(()),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_that_others_can_use_is_warned_of() {
        let path = std::env::temp_dir().join(format!("fw-audit-mode-{}", std::process::id()));
        fs::write(&path, "key").unwrap();
        for (mode, is_warned_of) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_open_to_others(&path), is_warned_of, "{mode:o}");
        }
        fs::remove_file(&path).unwrap();
        assert!(!is_open_to_others(&path));
    }
}
