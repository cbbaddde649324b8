//! Opening the file.

use std::{
    fs::{self, OpenOptions},
    path::Path,
};

use redb::{Builder, Database, backends::FileBackend, backends::InMemoryBackend};

use super::StoreError;

/// How much of the file is held in memory, in bytes.
const CACHE: usize = 16 * 1024 * 1024;

/// A store in a file, which is made if it is missing, for its owner's eyes only.
///
/// All of it is checked first: a file that was damaged is told of here, not at some later read.
pub(super) fn file(path: &Path) -> Result<Database, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options
        .open(path)
        .map_err(|error| StoreError::open(path, error.into()))?;
    let open = || {
        Builder::new()
            .set_cache_size(CACHE)
            .set_check_integrity_on_open(true)
            .create_with_backend(FileBackend::new(file)?)
    };
    let database = open().map_err(|error| StoreError::open(path, error))?;
    // It may have been made by something else, or copied here.
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .map_err(|error| StoreError::open(path, error.into()))?;
    Ok(database)
}

/// A store that ends with the process.
pub(super) fn memory() -> Result<Database, StoreError> {
    Builder::new()
        .set_cache_size(CACHE)
        .create_with_backend(InMemoryBackend::new())
        .map_err(|error| StoreError::io("the store in memory cannot be made", error))
}
