//! The thread that writes to the disk what was kept since it last did.

use std::{
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How long what was kept may be in memory only.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// How often old responses are looked for when nothing happens.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// What the thread does.
pub(super) trait Work: Send + 'static {
    /// Writes what was kept to the disk.
    fn sync(&self);
    /// Removes what is too old.
    fn prune(&self);
}

/// The thread. It syncs once more and ends when this is dropped.
#[derive(Debug)]
pub(super) struct Syncer {
    dirty: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

// === impl Syncer ===

impl Syncer {
    pub(super) fn start(work: impl Work) -> io::Result<Self> {
        // One note is enough: it is taken before the sync, so none is lost.
        let (dirty, notes) = sync_channel(1);
        let thread = thread::Builder::new()
            .name("responses-sync".into())
            .spawn(move || run(&notes, &work))?;
        Ok(Self {
            dirty: Some(dirty),
            thread: Some(thread),
        })
    }

    /// Something was kept or removed.
    pub(super) fn note(&self) {
        if let Some(dirty) = &self.dirty {
            // If one is there already, that will do.
            dirty.try_send(()).ok();
        }
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        self.dirty = None;
        if let Some(thread) = self.thread.take() {
            // A panic in it was reported by itself.
            thread.join().ok();
        }
    }
}

fn run(notes: &Receiver<()>, work: &impl Work) {
    loop {
        match notes.recv_timeout(PRUNE_EVERY) {
            Ok(()) => {
                // What comes within the next second is synced with it.
                let ended = wait(notes);
                work.sync();
                if ended {
                    return;
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                work.prune();
                work.sync();
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Waits for the time of the next sync. Says whether there will be no more notes.
fn wait(notes: &Receiver<()>) -> bool {
    let end = Instant::now() + SYNC_EVERY;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        match notes.recv_timeout(left) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => return false,
            Err(RecvTimeoutError::Disconnected) => return true,
        }
    }
}
