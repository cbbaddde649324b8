//! The thread that writes to the disk what was kept since it last did.

use std::{
    fmt, io,
    sync::Arc,
    thread::{self, JoinHandle},
};

use super::{kept::Kept, waiting::Due};

/// The thread. It writes once more and ends when this is dropped.
pub(super) struct Writer {
    kept: Arc<Kept>,
    thread: Option<JoinHandle<()>>,
}

// === impl Writer ===

impl Writer {
    pub(super) fn start(kept: Arc<Kept>) -> io::Result<Self> {
        let of_thread = Arc::clone(&kept);
        let thread = thread::Builder::new()
            .name("responses-store".into())
            .spawn(move || run(&of_thread))?;
        Ok(Self {
            kept,
            thread: Some(thread),
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.kept.waiting().close();
        if let Some(thread) = self.thread.take() {
            // A panic in it was reported by itself.
            thread.join().ok();
        }
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

fn run(kept: &Kept) {
    loop {
        match kept.waiting().due() {
            Due::Write => {
                if !write(kept) {
                    kept.waiting().rest();
                }
            }
            Due::Prune => {
                if let Err(error) = kept.prune() {
                    tracing::warn!(%error, "old stored responses could not be removed");
                }
            }
            Due::End => {
                write(kept);
                return;
            }
        }
    }
}

fn write(kept: &Kept) -> bool {
    let written = kept.write_waiting();
    if let Err(error) = &written {
        tracing::warn!(%error, "stored responses could not be written to the disk");
    }
    written.is_ok()
}
