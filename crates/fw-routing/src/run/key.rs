//! Which of a target's keys an attempt uses.

use std::time::Instant;

use http::{HeaderMap, HeaderName};

use super::Run;
use crate::{caller, service::RoutedTarget};

/// The request header that names, by its label, the key to use at targets with several.
///
/// It is a wish: while that key rests or after it was refused, another is used. A target with no such key takes no
/// notice. It goes up with the request unless the target's service removes it, as `fw-provider` does.
pub const KEY_HEADER: HeaderName = HeaderName::from_static("x-fw-key");

impl Run {
    /// The key that the request names, else that of its session, else the next one.
    pub(super) fn pick_key<S>(&self, routed: &RoutedTarget<S>, now: Instant) -> Option<usize> {
        if routed.keys.len() > 1
            && let Some(parts) = &self.parts
            && let Some(key) = self.own_key(routed, &parts.headers, now)
        {
            return Some(key);
        }
        routed.keys.pick(now, &self.tried_keys)
    }

    fn own_key<S>(
        &self,
        routed: &RoutedTarget<S>,
        headers: &HeaderMap,
        now: Instant,
    ) -> Option<usize> {
        let named = || {
            let named = headers.get(KEY_HEADER)?.as_bytes();
            let mut labels = routed.services.iter().map(|(label, _)| label.as_deref());
            let key = labels.position(|label| label.map(str::as_bytes) == Some(named))?;
            let is_usable = routed.keys.is_usable(key, now, &self.tried_keys);
            is_usable.then_some(key)
        };
        let of_session = || {
            let session = caller::session_key(headers)?;
            routed.keys.pick_for(session, now, &self.tried_keys)
        };
        named().or_else(of_session)
    }
}
