//! IP addresses.

mod v4;
mod v6;

use crate::entity::Entity;
use crate::finding::{Finding, Findings, confidence};
use crate::region::{Region, Traits};

pub(crate) fn find(region: &Region<'_>, findings: &mut Findings) {
    let traits = region.traits();
    if !traits.any(Traits::DOT | Traits::COLON) || !findings.wants(Entity::Ip) {
        return;
    }
    if traits.all(Traits::COLON) {
        v6::find(region, findings);
    }
    if traits.all(Traits::DOT) && traits.digits() >= 4 {
        v4::find(region, findings);
    }
}

fn finding(range: std::ops::Range<usize>, scheme: &'static str) -> Finding {
    Finding {
        range,
        entity: Entity::Ip,
        scheme,
        confidence: confidence::LIKELY,
        checked: false,
    }
}
