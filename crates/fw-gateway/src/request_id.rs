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
        let mut id = *b"req_0000000000000000000000000000";
        write_hex(&mut id[4..20], self.process);
        write_hex(&mut id[20..], count);
        HeaderValue::from_bytes(&id).ok().map(RequestId::new)
    }
}

/// Writes `number` in hexadecimal, as many of its last digits as there is room for. Every request
/// without an id comes through here, and the formatting machinery takes eight times as long.
fn write_hex(digits: &mut [u8], mut number: u64) {
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(number & 0xf) as usize];
        number >>= 4;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_standard_library_would() {
        for number in [0, 1, 0xdead_beef, u64::MAX] {
            let mut digits = [0; 16];
            write_hex(&mut digits, number);
            assert_eq!(std::str::from_utf8(&digits), Ok(&*format!("{number:016x}")));
        }
    }

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
