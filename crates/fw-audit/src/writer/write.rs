//! How lines get into files.

use std::{io, time::Instant};

use super::{Open, Writer, members};
use crate::{
    chain::line_hash,
    format::{self, Cause, Kind, VERSION, push_end, push_signature, push_start},
    metrics::Counters,
    segment::file_name,
};

impl Writer {
    /// Writes lines up to the end of the batch, or of the file.
    pub(super) fn write(&mut self) -> io::Result<()> {
        if self.file.is_none() {
            let (cause, error) = match &self.failure {
                None => (Cause::Rotation, None),
                Some(failure) => (Cause::Failure, Some(failure.error.clone())),
            };
            self.begin_file(cause, error)?;
        }
        let sealed = self.write_lines()?;
        self.queue.wake_written();
        if sealed {
            self.sync()?;
            self.previous = self.file.take().map(|file| file.name);
            self.retention_due = Instant::now();
        }
        Ok(())
    }

    /// Writes lines to the file that there is, up to the end of the batch, or to the file's last line. Tells
    /// whether it was that.
    pub(super) fn write_lines(&mut self) -> io::Result<bool> {
        let Some(open) = &mut self.file else {
            return Ok(false);
        };
        let mut chain = self.chain;
        let (mut records, mut bytes) = (0, 0);
        let mut at = self.done;
        let mut sealed = false;
        let mut time = None;
        self.out.clear();
        while let Some((item, members)) = self.batch.item(at).filter(|_| !sealed) {
            let start = self.out.len();
            let members = match item.kind {
                Kind::Checkpoint | Kind::Seal => time.get_or_insert_with(|| {
                    let time = (self.config.clock)();
                    super::members(&format::Checkpoint { time })
                }),
                _ => members,
            };
            push_start(&mut self.out, item.seq, item.kind, members);
            if item.kind.is_signed() {
                let signature = self.key.sign(chain.last(), &self.out[start..]);
                push_signature(&mut self.out, &signature);
            }
            let hash = line_hash(chain.last(), &self.out[start..]);
            push_end(&mut self.out, &hash);
            chain.advance(item.kind, hash);
            if item.kind.is_record() && item.seq > self.counted {
                records += 1;
                bytes += members.len();
            }
            sealed = item.kind == Kind::Seal;
            at += 1;
        }
        self.unsynced_since.get_or_insert_with(Instant::now);
        open.file.write_all(&self.out)?;
        open.len += self.out.len() as u64;
        self.chain = chain;
        self.done = at;
        self.counted = self.counted.max(chain.head().seq);
        Counters::add(&self.queue.counters.bytes, self.out.len() as u64);
        self.queue.wrote(chain.head().seq, records, bytes);
        Ok(sealed)
    }

    pub(super) fn begin_file(&mut self, cause: Cause, error: Option<String>) -> io::Result<()> {
        let name = file_name(self.chain.next_seq());
        let header = format::Segment {
            time: (self.config.clock)(),
            version: VERSION,
            cause,
            error,
            previous: self.previous.clone(),
            previous_hash: *self.chain.last(),
            public_key: self.key.public_key().to_string(),
            name: self.config.name.clone(),
        };
        let mut line = Vec::new();
        push_start(
            &mut line,
            self.chain.next_seq(),
            Kind::Segment,
            &members(&header),
        );
        let hash = line_hash(self.chain.last(), &line);
        push_end(&mut line, &hash);

        let file = self.storage.create(&name)?;
        // From here on there is a file, which a failure takes back.
        let open = self.file.insert(Open {
            file,
            name,
            begun: header.time,
            len: line.len() as u64,
            synced_len: 0,
            before: self.chain,
            file_before: self.previous.clone(),
        });
        open.file.write_all(&line)?;
        open.file.sync()?;
        self.storage.sync_directory()?;
        open.synced_len = open.len;
        self.chain.advance(Kind::Segment, hash);
        self.synced = self.chain;
        Counters::add(&self.queue.counters.segments, 1);
        Counters::add(&self.queue.counters.bytes, line.len() as u64);
        Ok(())
    }
}
