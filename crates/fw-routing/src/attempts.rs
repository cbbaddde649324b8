//! The record of what was tried for one request.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::fault::Fault;

/// Every attempt made for one request, in the order in which they began.
///
/// Cheap to clone; all clones are one record. [`Router`](crate::Router) uses the one in the request's
/// extensions, or makes one, and puts it into the extensions of the response. A stream that fails after its
/// first content is noted when that happens, so the record is complete when the response's body has ended.
#[derive(Clone, Default)]
pub struct Attempts {
    list: Arc<Mutex<List>>,
}

/// Nearly always there is one, which then needs no memory of its own.
#[derive(Default)]
struct List {
    first: Option<Attempt>,
    more: Vec<Attempt>,
}

/// One attempt: a request that was sent to one target.
#[derive(Clone, Debug)]
pub struct Attempt {
    target: Arc<str>,
    key: Option<Arc<str>>,
    fault: Option<Fault>,
    duration: Option<Duration>,
}

// === impl Attempts ===

impl Attempts {
    /// An empty record.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// All attempts so far.
    #[must_use]
    pub fn to_vec(&self) -> Vec<Attempt> {
        self.lock().iter().cloned().collect()
    }

    /// How many attempts there were so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether nothing was tried so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Notes that an attempt begins, and says at which place.
    pub(crate) fn begin(&self, target: Arc<str>, key: Option<Arc<str>>) -> usize {
        self.lock().push(Attempt {
            target,
            key,
            fault: None,
            duration: None,
        })
    }

    /// Forgets the attempt at a place, the last one: it was none.
    pub(crate) fn forget(&self, place: usize) {
        self.lock().truncate(place);
    }

    /// Notes how long the attempt at a place took: to its first content, to its end if it had none.
    pub(crate) fn took(&self, place: usize, duration: Duration) {
        if let Some(attempt) = self.lock().get_mut(place) {
            attempt.duration = Some(duration);
        }
    }

    /// Notes that the attempt at a place failed.
    pub(crate) fn failed(&self, place: usize, fault: Fault) {
        if let Some(attempt) = self.lock().get_mut(place) {
            attempt.fault = Some(fault);
        }
    }

    fn lock(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.lock().iter()).finish()
    }
}

/// `a: rate_limited (429) after 12 ms; b: 210 ms`
impl fmt::Display for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, attempt) in self.lock().iter().enumerate() {
            if place > 0 {
                f.write_str("; ")?;
            }
            attempt.fmt(f)?;
        }
        Ok(())
    }
}

// === impl List ===

impl List {
    fn iter(&self) -> impl Iterator<Item = &Attempt> {
        self.first.iter().chain(&self.more)
    }

    fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.more.len()
    }

    fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Says at which place it is.
    fn push(&mut self, attempt: Attempt) -> usize {
        if self.first.is_none() {
            self.first = Some(attempt);
            return 0;
        }
        self.more.push(attempt);
        self.more.len()
    }

    fn get_mut(&mut self, place: usize) -> Option<&mut Attempt> {
        match place.checked_sub(1) {
            None => self.first.as_mut(),
            Some(place) => self.more.get_mut(place),
        }
    }

    fn truncate(&mut self, len: usize) {
        if len == 0 {
            self.first = None;
        }
        self.more.truncate(len.saturating_sub(1));
    }
}

// === impl Attempt ===

impl Attempt {
    /// The target's id.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The label of the key, where the target has several.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// What went wrong, if anything did.
    #[must_use]
    pub const fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// How long it took to the first content, or to its end where there was none. `None` for an attempt
    /// that was dropped before, because the client went away or another attempt was faster.
    #[must_use]
    pub const fn duration(&self) -> Option<Duration> {
        self.duration
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.target)?;
        if let Some(key) = &self.key {
            write!(f, " ({key})")?;
        }
        match (&self.fault, self.duration) {
            (Some(fault), Some(duration)) => {
                write!(f, ": {fault} after {} ms", duration.as_millis())
            }
            (Some(fault), None) => write!(f, ": {fault}"),
            (None, Some(duration)) => write!(f, ": {} ms", duration.as_millis()),
            (None, None) => f.write_str(": dropped"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FaultKind;

    #[test]
    fn it_reads_as_a_line() {
        let attempts = Attempts::new();
        let first = attempts.begin("a".into(), Some("K1".into()));
        attempts.took(first, Duration::from_millis(12));
        attempts.failed(first, Fault::new(FaultKind::RateLimited));
        attempts.begin("b".into(), None);
        let third = attempts.begin("c".into(), None);
        attempts.took(third, Duration::from_millis(210));
        assert_eq!(
            attempts.to_string(),
            "a (K1): rate_limited after 12 ms; b: dropped; c: 210 ms"
        );
        assert_eq!(attempts.len(), 3);
    }
}
