//! What the log does with files. A trait, so that tests can have it fail.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::PathBuf,
};

/// A directory of segments.
pub(crate) trait Storage: Send + Sync + fmt::Debug {
    /// The names in the directory.
    fn list(&self) -> io::Result<Vec<String>>;
    /// A new file, which must not be there yet.
    fn create(&self, name: &str) -> io::Result<Box<dyn Segment>>;
    /// A file, to write at its end.
    fn append(&self, name: &str) -> io::Result<Box<dyn Segment>>;
    /// A file, to read.
    fn read(&self, name: &str) -> io::Result<Box<dyn Read>>;
    /// Cuts a file off, and syncs that, by a descriptor of its own.
    fn truncate(&self, name: &str, len: u64) -> io::Result<()>;
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Which file has this name; none where that cannot be told.
    fn identity(&self, name: &str) -> io::Result<Option<Identity>>;
    /// Makes sure that files which were created or removed stay so.
    fn sync_directory(&self) -> io::Result<()>;
}

/// A file to write at the end of.
pub(crate) trait Segment: Send + fmt::Debug {
    /// The same open file, for another thread.
    fn share(&self) -> io::Result<Box<dyn Segment>>;
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;
    fn sync(&mut self) -> io::Result<()>;
    /// Which file this is; none where that cannot be told.
    fn identity(&self) -> io::Result<Option<Identity>>;
}

/// Tells files apart, whatever their names: device and number.
pub(crate) type Identity = (u64, u64);

#[cfg(unix)]
fn identity(metadata: &fs::Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
const fn identity(_: &fs::Metadata) -> Option<Identity> {
    None
}

/// The real thing.
#[derive(Debug)]
pub(crate) struct Disk {
    directory: PathBuf,
}

impl Disk {
    pub(crate) const fn new(directory: PathBuf) -> Self {
        Self { directory }
    }
}

impl Storage for Disk {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            // A name that is no text is none of ours.
            names.extend(entry?.file_name().into_string());
        }
        Ok(names)
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn Segment>> {
        let mut options = OpenOptions::new();
        options.append(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
        Ok(Box::new(options.open(self.directory.join(name))?))
    }

    fn append(&self, name: &str) -> io::Result<Box<dyn Segment>> {
        let file = OpenOptions::new()
            .append(true)
            .open(self.directory.join(name))?;
        Ok(Box::new(file))
    }

    fn read(&self, name: &str) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(File::open(self.directory.join(name))?))
    }

    fn truncate(&self, name: &str, len: u64) -> io::Result<()> {
        let file = OpenOptions::new()
            .write(true)
            .open(self.directory.join(name))?;
        file.set_len(len)?;
        file.sync_all()
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.directory.join(name))
    }

    fn identity(&self, name: &str) -> io::Result<Option<Identity>> {
        Ok(identity(&fs::metadata(self.directory.join(name))?))
    }

    fn sync_directory(&self) -> io::Result<()> {
        // Elsewhere a directory cannot be opened, and need not be synced.
        if cfg!(unix) {
            File::open(&self.directory)?.sync_all()?;
        }
        Ok(())
    }
}

impl Segment for File {
    fn share(&self) -> io::Result<Box<dyn Segment>> {
        Ok(Box::new(self.try_clone()?))
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        Write::write_all(self, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn identity(&self) -> io::Result<Option<Identity>> {
        Ok(identity(&self.metadata()?))
    }
}

/// The numbers of the first records of all segments, in order.
pub(crate) fn segments(storage: &dyn Storage) -> io::Result<Vec<u64>> {
    let mut segments: Vec<u64> = storage
        .list()?
        .iter()
        .filter_map(|name| crate::segment::first_seq(name))
        .collect();
    segments.sort_unstable();
    Ok(segments)
}

#[cfg(test)]
pub(crate) mod faulty;
