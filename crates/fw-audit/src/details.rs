//! What only others know about a request.

use fw_wire::Value;
use http::{request, response};

use crate::record::Finished;

/// Puts into the record of a request what only other layers know: targets, what policies said, cost.
///
/// Each request gets a clone of the one that [`AuditLayer::details`](crate::AuditLayer::details) was given.
/// Its methods are called in their order, the last one always: also if there was no reply.
///
/// ```
/// use fw_audit::{Details, Finished};
/// use http::response;
///
/// /// The target, as a router inside says it in a header.
/// #[derive(Clone, Default)]
/// struct Target(Option<String>);
///
/// impl Details for Target {
///     fn response(&mut self, parts: &response::Parts) {
///         let target = parts.headers.get("x-fw-target");
///         self.0 = target.and_then(|target| Some(target.to_str().ok()?.to_owned()));
///     }
///
///     fn finish(&mut self, record: &mut Finished) {
///         record.target = self.0.take();
///     }
/// }
/// ```
pub trait Details: Send {
    /// A request was read and goes on. What other layers share through its extensions can be put there and
    /// kept. `body` is there if it is JSON.
    fn request(&mut self, parts: &mut request::Parts, body: Option<Value<'_>>) {
        let _ = (parts, body);
    }

    /// The reply has begun.
    fn response(&mut self, parts: &response::Parts) {
        let _ = parts;
    }

    /// The reply is over, or there will be none. Tokens, times and the status are in the record; its verdict
    /// follows from its [`policies`](Finished::policies) afterwards.
    fn finish(&mut self, record: &mut Finished) {
        let _ = record;
    }
}

/// Nobody knows more.
impl Details for () {}
