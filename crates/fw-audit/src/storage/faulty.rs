//! A disk in memory that fails on command, and forgets on a power cut what was not synced.

use std::{
    collections::BTreeMap,
    io::{self, Read},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use super::{Identity, Segment, Storage};
use crate::queue::lock;

/// Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faulty {
    shared: Arc<(Mutex<Disk>, Condvar)>,
}

#[derive(Debug, Default)]
struct Disk {
    files: BTreeMap<String, File>,
    /// What a power cut would leave of the directory.
    linked: Vec<String>,
    gone: BTreeMap<String, File>,
    /// Files without a name, which somebody has open.
    lost: BTreeMap<String, File>,
    descriptors: u64,
    faults: Faults,
    tally: Tally,
}

#[derive(Clone, Debug, Default)]
struct File {
    cached: Vec<u8>,
    synced: Vec<u8>,
    /// From here on a failed sync has lost what was cached, and no later sync brings it back.
    lost: Option<usize>,
}

/// What fails. Counts go down with each failure.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    pub(crate) syncs: u32,
    pub(crate) directory_syncs: u32,
    /// How many writes, and how many bytes get through of each that fails.
    pub(crate) writes: u32,
    pub(crate) partly: usize,
    pub(crate) creates: u32,
    pub(crate) truncates: u32,
    pub(crate) removes: u32,
    /// All bytes that there is room for.
    pub(crate) space: Option<usize>,
    /// Writes wait, and syncs.
    pub(crate) hold: bool,
    pub(crate) hold_syncs: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) writes: u64,
    /// Writes that had to wait.
    pub(crate) waiting: u64,
    pub(crate) syncs: u64,
    /// Syncs on a descriptor on which one has failed: they must not happen.
    pub(crate) forbidden: u64,
}

impl Faulty {
    pub(crate) fn fail(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut lock(&self.shared.0).faults);
        self.shared.1.notify_all();
    }

    pub(crate) fn tally(&self) -> Tally {
        lock(&self.shared.0).tally.clone()
    }

    /// What is in the files now.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let disk = lock(&self.shared.0);
        let files = disk.files.iter();
        files.map(|(k, v)| (k.clone(), v.cached.clone())).collect()
    }

    /// Takes a file out of the directory. Who has it open can go on with it.
    pub(crate) fn lose(&self, name: &str) {
        let mut disk = lock(&self.shared.0);
        disk.files.remove(name).unwrap();
        disk.lost.insert(name.into(), File::default());
    }

    pub(crate) fn change(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut disk = lock(&self.shared.0);
        let file = disk.files.get_mut(name).unwrap();
        change(&mut file.cached);
        file.synced.clone_from(&file.cached);
    }

    /// The disk as a power cut now would leave it.
    pub(crate) fn after_power_cut(&self) -> Self {
        let disk = lock(&self.shared.0);
        let there = disk.linked.iter().filter_map(|name| {
            let file = disk.files.get(name).or_else(|| disk.gone.get(name))?;
            let bytes = file.synced.clone();
            Some((name.clone(), bytes))
        });
        Self::of(there.collect())
    }

    /// The disk as the end of the process now would leave it.
    pub(crate) fn after_kill(&self) -> Self {
        Self::of(self.files())
    }

    pub(crate) fn of(files: BTreeMap<String, Vec<u8>>) -> Self {
        let new = Self::default();
        {
            let mut disk = lock(&new.shared.0);
            for (name, bytes) in files {
                disk.linked.push(name.clone());
                let file = File {
                    cached: bytes.clone(),
                    synced: bytes,
                    lost: None,
                };
                disk.files.insert(name, file);
            }
        }
        new
    }
}

impl Disk {
    /// A file that somebody has open.
    fn file(&mut self, name: &str) -> io::Result<&mut File> {
        let there = self.files.get_mut(name);
        there.or(self.lost.get_mut(name)).ok_or_else(missing)
    }

    fn used(&self) -> usize {
        self.files.values().map(|file| file.cached.len()).sum()
    }

    fn open(&mut self, disk: &Faulty, name: &str) -> Box<dyn Segment> {
        self.descriptors += 1;
        Box::new(Descriptor {
            disk: disk.clone(),
            name: name.into(),
            failed: Arc::default(),
        })
    }
}

fn fails(count: &mut u32) -> bool {
    let fails = *count > 0;
    *count = count.saturating_sub(1);
    fails
}

fn broken<T>() -> io::Result<T> {
    Err(io::Error::other("input/output error"))
}

fn missing() -> io::Error {
    io::ErrorKind::NotFound.into()
}

impl Storage for Faulty {
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(lock(&self.shared.0).files.keys().cloned().collect())
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn Segment>> {
        let mut disk = lock(&self.shared.0);
        if fails(&mut disk.faults.creates) {
            return broken();
        }
        if disk.files.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        disk.files.insert(name.into(), File::default());
        Ok(disk.open(self, name))
    }

    fn append(&self, name: &str) -> io::Result<Box<dyn Segment>> {
        let mut disk = lock(&self.shared.0);
        disk.files.get(name).ok_or_else(missing)?;
        Ok(disk.open(self, name))
    }

    fn read(&self, name: &str) -> io::Result<Box<dyn Read>> {
        let disk = lock(&self.shared.0);
        let file = disk.files.get(name).ok_or_else(missing)?;
        Ok(Box::new(io::Cursor::new(file.cached.clone())))
    }

    fn truncate(&self, name: &str, len: u64) -> io::Result<()> {
        let mut disk = lock(&self.shared.0);
        if fails(&mut disk.faults.truncates) {
            return broken();
        }
        let file = disk.files.get_mut(name).ok_or_else(missing)?;
        let len = len as usize;
        assert!(len <= file.cached.len(), "files are never made longer");
        file.cached.truncate(len);
        file.lost = file.lost.filter(|lost| *lost < len);
        sync(file);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut disk = lock(&self.shared.0);
        if fails(&mut disk.faults.removes) {
            return broken();
        }
        let file = disk.files.remove(name).ok_or_else(missing)?;
        disk.gone.insert(name.into(), file);
        Ok(())
    }

    /// Only whether there is a file of that name.
    fn identity(&self, name: &str) -> io::Result<Option<Identity>> {
        let disk = lock(&self.shared.0);
        disk.files.get(name).ok_or_else(missing)?;
        Ok(Some((0, 0)))
    }

    fn sync_directory(&self) -> io::Result<()> {
        let mut disk = lock(&self.shared.0);
        if fails(&mut disk.faults.directory_syncs) {
            return broken();
        }
        disk.linked = disk.files.keys().cloned().collect();
        disk.gone.clear();
        Ok(())
    }
}

fn sync(file: &mut File) {
    file.synced.clone_from(&file.cached);
    if let Some(lost) = file.lost {
        // The system has given these up: they never got to the disk, and it will not say so again.
        file.synced[lost..].fill(0);
    }
}

#[derive(Debug)]
struct Descriptor {
    disk: Faulty,
    name: String,
    failed: Arc<AtomicBool>,
}

impl Segment for Descriptor {
    fn share(&self) -> io::Result<Box<dyn Segment>> {
        Ok(Box::new(Self {
            disk: self.disk.clone(),
            name: self.name.clone(),
            failed: self.failed.clone(),
        }))
    }

    fn identity(&self) -> io::Result<Option<Identity>> {
        Ok(Some((0, 0)))
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut disk = lock(&self.disk.shared.0);
        disk.tally.waiting += u64::from(disk.faults.hold);
        while disk.faults.hold {
            disk = self.disk.shared.1.wait(disk).unwrap();
        }
        disk.tally.writes += 1;
        let room = disk
            .faults
            .space
            .map_or(usize::MAX, |space| space.saturating_sub(disk.used()));
        let (take, error) = if fails(&mut disk.faults.writes) {
            (
                disk.faults.partly,
                Some(io::Error::other("input/output error")),
            )
        } else if bytes.len() > room {
            (room, Some(io::ErrorKind::StorageFull.into()))
        } else {
            (bytes.len(), None)
        };
        let file = disk.file(&self.name)?;
        file.cached
            .extend_from_slice(&bytes[..take.min(bytes.len())]);
        error.map_or(Ok(()), Err)
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut disk = lock(&self.disk.shared.0);
        disk.tally.syncs += 1;
        let before = disk.files.get(&self.name).map(|file| file.cached.len());
        while disk.faults.hold_syncs {
            disk = self.disk.shared.1.wait(disk).unwrap();
        }
        if self.failed.load(Relaxed) {
            disk.tally.forbidden += 1;
        }
        let fails = fails(&mut disk.faults.syncs);
        let file = disk.file(&self.name)?;
        if fails {
            self.failed.store(true, Relaxed);
            file.lost.get_or_insert(file.synced.len());
            return broken();
        }
        sync(file);
        // What was written while it went on is not safe.
        file.synced.truncate(before.unwrap_or_default());
        Ok(())
    }
}
