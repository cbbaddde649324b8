//! Request ids for requests that come without one.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderValue, Request};
use tower_http::request_id::{MakeRequestId, RequestId};

/// Makes ids that are unique over processes and restarts: a random part drawn once at the start,
/// then a counter. They identify requests and protect nothing, so they need not be unguessable.
#[derive(Clone, Debug)]
pub(crate) struct CountedRequestId {
    process: u64,
    count: Arc<AtomicU64>,
}

impl CountedRequestId {
    pub(crate) fn new() -> Self {
        // The standard library's only source of randomness: a hasher seeded by the system.
        let process = RandomState::new().build_hasher().finish();
        Self {
            process,
            count: Arc::new(AtomicU64::new(0)),
        }
    }
}

impl MakeRequestId for CountedRequestId {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let id = format!("req_{:016x}{count:08x}", self.process);
        HeaderValue::try_from(id).ok().map(RequestId::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_within_a_process_and_between_processes() {
        let request = Request::new(());
        let mut one = CountedRequestId::new();
        let mut other = CountedRequestId::new();
        let mut ids: Vec<_> = (0..100)
            .flat_map(|_| {
                [
                    one.make_request_id(&request),
                    other.make_request_id(&request),
                ]
            })
            .map(|id| id.unwrap().header_value().clone())
            .collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 200);
    }
}
