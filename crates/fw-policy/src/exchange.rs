//! One request and its reply, as the policies share it.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use fw_wire::Endpoint;
use http::Extensions;

/// One request and its reply, as the policies share it.
#[derive(Debug)]
pub struct Exchange {
    endpoint: Endpoint,
    memory: Extensions,
    findings: Findings,
}

impl Exchange {
    /// A new exchange on this endpoint.
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            memory: Extensions::new(),
            findings: Findings::default(),
        }
    }

    /// The endpoint of the request.
    pub const fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// What a policy remembers from the request for the reply, by type.
    pub const fn memory(&self) -> &Extensions {
        &self.memory
    }

    /// [`memory`](Self::memory) to write to.
    pub const fn memory_mut(&mut self) -> &mut Extensions {
        &mut self.memory
    }

    /// Where the policy that is running now reports what it found.
    pub const fn findings(&self) -> &Findings {
        &self.findings
    }
}

/// What a policy found: kinds and counts, never any text. Cheap to clone; all clones are one list.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    counts: Arc<Mutex<Vec<(Cow<'static, str>, u32)>>>,
}

impl Findings {
    /// Counts `count` more of `kind`, such as `EMAIL`.
    pub fn add(&self, kind: impl Into<Cow<'static, str>>, count: u32) {
        let kind = kind.into();
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None => counts.push((kind, count)),
        }
    }

    /// All kinds found so far, with their counts.
    pub fn to_vec(&self) -> Vec<(Cow<'static, str>, u32)> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.clone()
    }
}
