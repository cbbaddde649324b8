//! The trait that a policy implements.

use fw_stream::{Channel, TextFilter};

use crate::{Exchange, Texts, Verdict};

/// Looks at what goes to a model and what comes from it, and allows, changes or blocks it.
///
/// A policy is synchronous, does no input or output, and decides the same for the same texts.
pub trait Policy: Send + Sync + 'static {
    /// What kind of policy this is, as in a configuration: `pii-detector`.
    fn kind(&self) -> &str;

    /// Looks at a whole request.
    fn request(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict;

    /// Whether this policy looks at replies at all. If no policy does, replies are not touched.
    fn has_response(&self) -> bool {
        true
    }

    /// Looks at a whole reply that is not streamed.
    fn response(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict;

    /// What is to look at a channel of a streamed reply. `None` if this policy does not care for it.
    ///
    /// What the filter finds it reports through [`Exchange::findings`], a handle of which it keeps.
    fn filter(&self, channel: &Channel, exchange: &Exchange) -> Option<Box<dyn TextFilter>>;
}
