//! The policies over a streamed reply.

use crate::{config::Config, exchange::Exchange};

/// What runs the policies over the events of a stream.
pub(crate) type PolicyTransform = fw_stream::Identity;

pub(crate) fn transform(_exchange: Exchange, _config: &Config) -> PolicyTransform {
    fw_stream::Identity
}
