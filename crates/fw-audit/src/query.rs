//! Finding records.

mod filter;
mod found;
mod records;
mod window;

use std::collections::HashSet;
use std::io;
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use self::filter::Filter;
pub use self::found::Found;
pub use self::records::Records;
use crate::format::Kind;
use crate::index::{Index, code};
use crate::reader::{SegmentFile, Segments};
use crate::time::Timestamp;

/// Which records to find, and how many.
///
/// Without anything said it finds every record, in the order of the log: [`Kind::Accepted`],
/// [`Kind::Finished`] and [`Kind::Access`], but no line of the log's own.
///
/// ```no_run
/// use fw_audit::{Finished, Kind, Query};
///
/// let query = Query::new().kind(Kind::Finished).verdict("block").since("2026-11-21T00:00:00.000000Z".parse()?);
/// for found in query.run("audit/".as_ref())? {
///     let record: Finished = found?.read()?;
///     println!("{} {:?}", record.time, record.model);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Query {
    filter: Filter,
    unfinished: bool,
    limit: Option<usize>,
    newest_first: bool,
    scan: bool,
    threads: Option<NonZero<usize>>,
}

impl Query {
    /// Every record.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Records of this kind; may be said more than once.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.filter.kinds.push(code(kind));
        self
    }

    /// Records of this time and later.
    #[must_use]
    pub fn since(mut self, time: Timestamp) -> Self {
        self.filter.since = Some(time.as_micros());
        self
    }

    /// Records before this time.
    #[must_use]
    pub fn until(mut self, time: Timestamp) -> Self {
        self.filter.until = Some(time.as_micros());
        self
    }

    /// Records with this verdict, such as `block`.
    #[must_use]
    pub fn verdict(mut self, verdict: impl Into<String>) -> Self {
        self.filter.verdict = Some(verdict.into());
        self
    }

    /// Records in which this policy did something: its outcome is neither `allow` nor `skipped`.
    #[must_use]
    pub fn policy(mut self, policy: impl Into<String>) -> Self {
        self.filter.policy = Some(policy.into());
        self
    }

    /// Records of this model, asked for or served. `gpt-oss-20b` finds
    /// `accounts/fireworks/models/gpt-oss-20b`, too.
    #[must_use]
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.filter.model = Some(model.into());
        self
    }

    /// Records of this client, as the log names it.
    #[must_use]
    pub fn client(mut self, client: impl Into<String>) -> Self {
        self.filter.client = Some(client.into());
        self
    }

    /// Records of requests that this target answered.
    #[must_use]
    pub fn target(mut self, target: impl Into<String>) -> Self {
        self.filter.target = Some(target.into());
        self
    }

    /// Records of this request.
    #[must_use]
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.filter.request = Some(id.into());
        self
    }

    /// Only [`Kind::Accepted`] records of requests that never finished: in flight, or when the process died.
    #[must_use]
    pub fn unfinished(mut self) -> Self {
        self.unfinished = true;
        self
    }

    /// No more than so many records.
    #[must_use]
    pub fn limit(mut self, records: usize) -> Self {
        self.limit = Some(records);
        self
    }

    /// Begins with the last record.
    #[must_use]
    pub fn newest_first(mut self) -> Self {
        self.newest_first = true;
        self
    }

    /// Reads the whole log, and neither reads nor writes an index.
    #[must_use]
    pub fn scan(mut self) -> Self {
        self.scan = true;
        self
    }

    /// How many threads make indexes that are missing. As many as there are processors unless said.
    #[must_use]
    pub fn threads(mut self, threads: NonZero<usize>) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Begins to look. Segments that are closed get the index that they are missing.
    ///
    /// # Errors
    ///
    /// The directory or a segment cannot be read, or a line is none: [`verify`](crate::verify()) says more.
    pub fn run(&self, directory: &Path) -> io::Result<Records> {
        let segments = Segments::list(directory)?;
        self.prepare(&segments)?;
        let finished = if self.unfinished {
            Some(self.finished(&segments)?)
        } else {
            None
        };
        Ok(Records::new(self.clone(), &segments, finished))
    }

    /// Runs `work` over what each segment holds, several at once, and gives the results in their order.
    pub(crate) fn map_segments<T: Send>(
        &self,
        directory: &Path,
        work: impl Fn(Records) -> io::Result<T> + Sync,
    ) -> io::Result<Vec<T>> {
        let segments = Segments::list(directory)?;
        let list: Vec<&SegmentFile> = segments.iter().collect();
        self.in_parallel(&list, |segment| {
            let closed = segments.last() != Some(segment);
            work(Records::of_one(self.clone(), segment.clone(), closed))
        })
    }

    fn index(&self, segment: &SegmentFile, closed: bool) -> io::Result<Index> {
        if self.scan {
            Index::build(segment)
        } else {
            Index::of(segment, closed)
        }
    }

    /// Makes the indexes that are missing, several at once.
    fn prepare(&self, segments: &Segments) -> io::Result<()> {
        let closed = segments.len().saturating_sub(1);
        let missing: Vec<&SegmentFile> = segments
            .iter()
            .take(closed)
            .filter(|segment| !self.scan && !Index::is_kept(segment))
            .collect();
        self.in_parallel(&missing, |segment| Index::of(segment, true).map(drop))
            .map(drop)
    }

    /// The numbers of all `accepted` lines whose requests have finished.
    fn finished(&self, segments: &Segments) -> io::Result<HashSet<u64>> {
        let list: Vec<&SegmentFile> = segments.iter().collect();
        let finished = self.in_parallel(&list, |segment| {
            let index = self.index(segment, segments.last() != Some(segment))?;
            let finished = index.accepted().iter().copied().filter(|seq| *seq > 0);
            Ok(finished.collect::<Vec<u64>>())
        })?;
        Ok(finished.into_iter().flatten().collect())
    }

    fn in_parallel<T: Send>(
        &self,
        segments: &[&SegmentFile],
        work: impl Fn(&SegmentFile) -> io::Result<T> + Sync,
    ) -> io::Result<Vec<T>> {
        let threads = self
            .threads
            .or_else(|| thread::available_parallelism().ok())
            .map_or(1, NonZero::get)
            .min(segments.len());
        if threads < 2 {
            return segments.iter().map(|segment| work(segment)).collect();
        }
        let next = AtomicUsize::new(0);
        let results: Vec<Mutex<Option<io::Result<T>>>> =
            segments.iter().map(|_| Mutex::new(None)).collect();
        let run = || {
            while let Some((segment, place)) = {
                let at = next.fetch_add(1, Ordering::Relaxed);
                segments.get(at).zip(results.get(at))
            } {
                let result = work(segment);
                *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
            }
        };
        thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(run);
            }
            run();
        });
        results
            .into_iter()
            .filter_map(|result| result.into_inner().unwrap_or_else(PoisonError::into_inner))
            .collect()
    }
}

#[cfg(test)]
mod tests;
