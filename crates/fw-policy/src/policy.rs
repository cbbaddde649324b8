//! The trait that a policy implements.

use std::sync::Arc;

use fw_stream::{Channel, TextFilter};

use crate::{Exchange, Texts, Verdict};

/// Looks at what goes to a model and what comes from it, and allows, changes or blocks it.
///
/// A policy is synchronous, does no input or output, does not panic, and decides the same for the same
/// texts. It never puts a text that it looks at into a message, a finding or a log. See the
/// [crate documentation](crate) for one from start to end.
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
    /// Called when the first text of the channel comes. What the filter finds it reports through
    /// [`Exchange::findings`], a handle of which it keeps. It blocks with
    /// [`Scan::Stop`](fw_stream::Scan::Stop); [`Denial::into_stop`](crate::Denial::into_stop) makes one.
    fn filter(&self, channel: &Channel, exchange: &Exchange) -> Option<Box<dyn TextFilter>>;
}

impl<P: Policy + ?Sized> Policy for Box<P> {
    fn kind(&self) -> &str {
        (**self).kind()
    }

    fn request(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
        (**self).request(texts, exchange)
    }

    fn has_response(&self) -> bool {
        (**self).has_response()
    }

    fn response(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
        (**self).response(texts, exchange)
    }

    fn filter(&self, channel: &Channel, exchange: &Exchange) -> Option<Box<dyn TextFilter>> {
        (**self).filter(channel, exchange)
    }
}

impl<P: Policy + ?Sized> Policy for Arc<P> {
    fn kind(&self) -> &str {
        (**self).kind()
    }

    fn request(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
        (**self).request(texts, exchange)
    }

    fn has_response(&self) -> bool {
        (**self).has_response()
    }

    fn response(&self, texts: &mut Texts, exchange: &mut Exchange) -> Verdict {
        (**self).response(texts, exchange)
    }

    fn filter(&self, channel: &Channel, exchange: &Exchange) -> Option<Box<dyn TextFilter>> {
        (**self).filter(channel, exchange)
    }
}
