//! Syncing beside the writer: a disk takes milliseconds for it, in which records are to be written.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, TryRecvError, channel},
    },
    thread,
};

use crate::{queue::Queue, storage::Segment};

/// A thread that syncs one file at a time. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Syncer {
    jobs: Sender<Box<dyn Segment>>,
    results: Receiver<io::Result<()>>,
}

impl Syncer {
    /// Results nudge the writer.
    pub(crate) fn start(queue: Arc<Queue>) -> io::Result<Self> {
        let (jobs, todo) = channel::<Box<dyn Segment>>();
        let (done, results) = channel();
        thread::Builder::new()
            .name("audit-sync".into())
            .spawn(move || {
                for mut file in todo {
                    if done.send(file.sync()).is_err() {
                        break;
                    }
                    queue.nudge();
                }
            })?;
        Ok(Self { jobs, results })
    }

    pub(crate) fn sync(&self, file: Box<dyn Segment>) -> io::Result<()> {
        self.jobs.send(file).map_err(|_| stopped())
    }

    /// The result of the last job, if it is there.
    pub(crate) fn result(&self) -> Option<io::Result<()>> {
        match self.results.try_recv() {
            Ok(result) => Some(result),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err(stopped())),
        }
    }

    pub(crate) fn wait(&self) -> io::Result<()> {
        self.results.recv().unwrap_or_else(|_| Err(stopped()))
    }
}

fn stopped() -> io::Error {
    io::Error::other("the thread that syncs has stopped")
}
