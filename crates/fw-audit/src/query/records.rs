//! What a query finds, one by one.

use std::collections::{HashSet, VecDeque};
use std::fs::File;
use std::io;
use std::sync::Arc;

use super::window::Window;
use super::{Found, Query};
use crate::format::{Kind, Line};
use crate::index::Index;
use crate::reader::{SegmentFile, Segments};

/// How far ahead is looked to see whether wanted lines are close together.
const AHEAD: usize = 4;

/// The records that a query finds. Ends after an error.
#[derive(Debug)]
pub struct Records {
    query: Query,
    /// Those to look into, and whether they are closed.
    segments: VecDeque<(SegmentFile, bool)>,
    current: Option<Current>,
    left: usize,
    /// The `accepted` lines that are not wanted.
    finished: Option<HashSet<u64>>,
}

/// A segment that is being read.
#[derive(Debug)]
struct Current {
    name: Arc<str>,
    index: Index,
    rows: Vec<u32>,
    next: usize,
    window: Window,
}

// === impl Records ===

impl Records {
    pub(super) fn new(query: Query, segments: &Segments, finished: Option<HashSet<u64>>) -> Self {
        let last = segments.len().saturating_sub(1);
        let listed = segments.iter().enumerate();
        let mut segments: VecDeque<_> = listed
            .map(|(at, segment)| (segment.clone(), at < last))
            .collect();
        if query.newest_first {
            segments.make_contiguous().reverse();
        }
        Self {
            left: query.limit.unwrap_or(usize::MAX),
            query,
            segments,
            current: None,
            finished,
        }
    }

    pub(super) fn of_one(query: Query, segment: SegmentFile, closed: bool) -> Self {
        Self {
            left: query.limit.unwrap_or(usize::MAX),
            query,
            segments: VecDeque::from([(segment, closed)]),
            current: None,
            finished: None,
        }
    }

    fn find(&mut self) -> io::Result<Option<Found>> {
        while self.left > 0 {
            if self.current.is_none() {
                let Some((segment, closed)) = self.segments.pop_front() else {
                    break;
                };
                self.current = Some(Current::open(&self.query, &segment, closed)?);
            }
            let Some(current) = &mut self.current else {
                break;
            };
            match current.find(&self.query, self.finished.as_ref())? {
                Some(found) => {
                    self.left -= 1;
                    return Ok(Some(found));
                }
                None => self.current = None,
            }
        }
        Ok(None)
    }
}

impl Iterator for Records {
    type Item = io::Result<Found>;

    fn next(&mut self) -> Option<Self::Item> {
        let found = self.find();
        if found.is_err() {
            self.left = 0;
        }
        found.transpose()
    }
}

// === impl Current ===

impl Current {
    fn open(query: &Query, segment: &SegmentFile, closed: bool) -> io::Result<Self> {
        let index = query.index(segment, closed)?;
        let mut rows = query.filter.rows(&index);
        if query.newest_first {
            rows.reverse();
        }
        Ok(Self {
            name: segment.name().into(),
            index,
            rows,
            next: 0,
            window: Window::new(File::open(segment.path())?),
        })
    }

    fn find(
        &mut self,
        query: &Query,
        finished: Option<&HashSet<u64>>,
    ) -> io::Result<Option<Found>> {
        while let Some(row) = self.rows.get(self.next) {
            let place = |row: &u32| self.index.place(*row as usize);
            let later = self.rows.get(self.next + AHEAD).and_then(place);
            let place = place(row);
            self.next += 1;
            let damaged = || {
                let name = &self.name;
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("{name}: not the lines that the index tells: verify the log"),
                )
            };
            // The line's end is no part of it.
            let (from, to) = place.ok_or_else(damaged)?;
            let later = later.map(|(from, _)| from);
            let bytes = self
                .window
                .bytes(from, to.saturating_sub(1).max(from), later)?;
            let line = Line::parse(bytes).map_err(|_| damaged())?;
            let is_wanted = query.filter.matches(&line).map_err(|_| damaged())?;
            let is_over = finished.is_some_and(|finished| {
                line.kind() != Kind::Accepted || finished.contains(&line.seq())
            });
            if is_wanted && !is_over {
                return Ok(Some(Found::new(Arc::clone(&self.name), &line)));
            }
        }
        Ok(None)
    }
}
